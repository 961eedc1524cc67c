// SPDX-License-Identifier: Apache-2.0
// The ways into a campaign, and what bounds them.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "calendar/text.hpp"
#include "itinera/time.hpp"
#include "model/checks.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

using EntryKind = Entry::Kind;

class EntryCheck {
 public:
  EntryCheck(const Subject& subject, Findings& findings) : subject_(subject), findings_(findings) {
    for (const Segment& segment : subject.workspace.segments) segments_.push_back(segment.name);
  }

  void check(const Entry& entry) {
    entry_ = &entry;
    if (!check_kind()) return;
    check_strangers();
    check_times();
    if (entry.ramp) check_ramp(*entry.ramp);
  }

 private:
  // What makes the entry one of its kind. Whether the rest of it is worth a look.
  bool check_kind() {
    const Entry& entry = *entry_;
    switch (entry.kind) {
      case EntryKind::event:
        return findings_.name(entry.at, "event", entry.event, subject_.limits.id_bytes);
      case EntryKind::host: check_host(); return true;
      case EntryKind::segment:
        if (!findings_.name(entry.at, "segment", entry.segment, subject_.limits.id_bytes)) {
          return false;
        }
        check_segment();
        break;
      case EntryKind::date:
        if (!entry.date.empty()) return true;
        findings_.missing(entry.at, "a date entry needs a date",
                          "write CEL, such as `date: contact.birthday`");
        return false;
      case EntryKind::schedule:
        if (entry.schedule.empty()) {
          findings_.missing(entry.at, "a schedule needs a recurrence",
                            "write `schedule: \"0 9 * * MON\"`");
          return false;
        }
        if (!entry.segment.empty()) check_segment();
        check_schedule();
        break;
    }
    return true;
  }

  void check_host() {
    if (by_host_) {
      findings_.warning(ErrorCode::suspicious, entry_->at, "a second `host` entry changes nothing",
                        "remove it");
    }
    by_host_ = true;
    if (!entry_->when.empty() || !entry_->key.empty()) {
      findings_.error(ErrorCode::bad_value, entry_->at, "a `host` entry takes neither when nor key",
                      "the call that starts the journey gives its key");
    }
  }

  // The recurrence, and what stands beside it to no use.
  void check_schedule() {
    const Entry& entry = *entry_;
    const auto rule = parsed(calendar::parse_recurrence(entry.schedule), "schedule");
    std::optional<calendar::Date> from;
    if (!entry.from.empty()) {
      from = parsed(calendar::parse_date(entry.from), "from");
      if (!from) return;
    }
    if (!rule) return;
    const bool cron = std::holds_alternative<calendar::Cron>(*rule);
    if (cron && entry.at_ms) {
      bad("at", "a cron line has its own times of day", "write them into it, or leave `at` out");
    }
    if (from && (cron || std::holds_alternative<calendar::Date>(*rule))) {
      bad("from", "`from` is the anchor of a rule, and a date or a cron line has none",
          "leave `from` out");
      return;
    }
    if (!findings_.may_search()) return;
    if (calendar::ever_occurs(*rule, from)) {
      if (from || comes_from_any_start(*rule)) return;
      findings_.warning(ErrorCode::suspicious, entry_->at,
                        fmt::format("by the day on which it is published {} may never come: "
                                    "INTERVAL counts from there",
                                    entry.schedule),
                        "say `from`, or use FREQ=WEEKLY or FREQ=YEARLY");
      return;
    }
    findings_.searched_in_vain();
    bad("schedule", fmt::format("{} never comes", entry.schedule),
        "name a day that some year has; the last of each month is BYMONTHDAY=-1");
  }

  // The value of `read`; where there is none, says why.
  template <class T>
  std::optional<T> parsed(const Result<T>& read, std::string_view key) {
    if (read) return *read;
    const calendar::Complaint complaint = calendar::parts_of(read.error().message);
    bad(key, std::string(complaint.problem), std::string(complaint.remedy));
    return std::nullopt;
  }

  void bad(std::string_view key, std::string message, std::string hint) {
    findings_.error(ErrorCode::bad_value, word(key), std::move(message), std::move(hint));
  }

  void check_segment() {
    findings_.use_segment(entry_->segment);
    if (!subject_.workspace_gaps.segments &&
        std::find(segments_.begin(), segments_.end(), entry_->segment) == segments_.end()) {
      findings_.unknown_name(word("segment"), "segment", entry_->segment, segments_);
    }
    if (entry_->kind == EntryKind::segment && entry_->change == Entry::Change::leaves &&
        entry_->existing == Entry::Existing::enter) {
      findings_.error(ErrorCode::bad_value, word("existing"),
                      "`existing: enter` is for those in the segment, and this entry for who "
                      "leaves it",
                      "leave `existing` out, or write `change: enters`");
    }
  }

  // A key whose default may be written, too: there if it is anything else, or was read.
  bool has(std::string_view key, bool differs) const {
    const auto is = [&](const WordPlace& word) { return word.key == key; };
    return differs || std::any_of(entry_->words.begin(), entry_->words.end(), is);
  }

  // Fields of another kind of entry.
  void check_strangers() {
    const Entry& entry = *entry_;
    const bool segment = entry.kind == EntryKind::segment;
    const bool date = entry.kind == EntryKind::date;
    const bool schedule = entry.kind == EntryKind::schedule;
    constexpr std::string_view leave_out = "leave it out";
    if (!segment) {
      stranger("change", entry.change != Entry::Change::enters, "`segment`", leave_out);
      stranger("existing", entry.existing != Entry::Existing::ignore, "`segment`", leave_out);
    }
    if (!segment && !schedule) {
      stranger("ramp", entry.ramp.has_value(), "`segment` or `schedule`",
               "leave it out, or bound who enters by an `entry_cap`");
    }
    if (!date) {
      stranger("every", entry.yearly, "`date`",
               schedule ? "the schedule says how often" : leave_out);
      stranger("offset", !entry.offset.is_zero(), "`date`", "begin with a `wait` of that length");
    }
    if (!schedule) stranger("from", !entry.from.empty(), "`schedule`", leave_out);
    if (!date && !schedule) {
      stranger("at", entry.at_ms.has_value(), "`date` or `schedule`",
               "begin with a `wait` for the time, such as `wait: {time: \"09:00\"}`");
      stranger("zone", !entry.zone.empty(), "`date` or `schedule`", "the campaign has a `zone`");
    }
  }

  void stranger(std::string_view key, bool differs, std::string_view kinds,
                std::string_view remedy) {
    if (!has(key, differs)) return;
    findings_.error(ErrorCode::bad_value, word(key),
                    fmt::format("`{}` stands only beside {}", key, kinds), std::string(remedy));
  }

  void check_times() {
    if (entry_->kind != EntryKind::date && entry_->kind != EntryKind::schedule) return;
    check_zone(word("zone"), entry_->zone, subject_.zones, findings_);
    if (entry_->at_ms && (*entry_->at_ms < 0 || *entry_->at_ms >= day_ms)) {
      findings_.error(ErrorCode::bad_value, word("at"), "a time of day lies outside the day",
                      "write it as \"09:00\"");
    }
  }

  void check_ramp(const Ramp& ramp) {
    if (ramp.per_ms < 1) {
      findings_.error(ErrorCode::bad_value, word("per"), "`per` of a ramp must be positive",
                      "write `ramp: {per: hour, max: 500}`");
    } else if (ramp.per_ms > ramp_per_max_ms) {
      bad("per", "`per` of a ramp goes up to 366 days", "let fewer in at a time, and more often");
    }
    if (ramp.max < 1) {
      findings_.error(ErrorCode::bad_value, word("max"), "a ramp that lets nobody in",
                      "write `ramp: {per: hour, max: 500}`, or leave the entry out");
    }
  }

  SourceLocation word(std::string_view key) const {
    return place_of(entry_->words, key, entry_->at);
  }

  const Subject& subject_;
  Findings& findings_;
  std::vector<std::string> segments_;
  const Entry* entry_ = nullptr;
  bool by_host_ = false;
};

void check_entry_cap(const Campaign& campaign, Findings& findings) {
  const EntryCap& cap = campaign.entry_cap;
  const auto word = [&](std::string_view key) {
    return place_of(campaign.words, key, place_of(campaign.words, "entry_cap", campaign.at));
  };
  if (cap.total == 0U || cap.day == 0U) {
    findings.error(ErrorCode::bad_value, word(cap.total == 0U ? "total" : "day"),
                   "an entry cap of 0 lets nobody in", "write at least 1, or leave it out");
  } else if (cap.total && cap.day && *cap.day > *cap.total) {
    findings.warning(ErrorCode::suspicious, word("day"),
                     fmt::format("`day: {}` changes nothing: `total` is {}", *cap.day, *cap.total),
                     "leave `day` out, or make it less");
  }
}

}  // namespace

void check_entries(const Subject& subject, Findings& findings) {
  const Campaign& campaign = subject.campaign;
  if (campaign.entries.empty() && !subject.gaps.head) {
    findings.error(ErrorCode::missing_key, campaign.at,
                   fmt::format("campaign '{}' has no entry: nobody can come in", campaign.name),
                   "add one, such as `entry: [{event: cart_abandoned}]`");
  }
  if (campaign.entries.size() > entries_max) {
    findings.error(ErrorCode::too_large, campaign.entries[entries_max].at,
                   fmt::format("campaign '{}' has {} entries, more than {}", campaign.name,
                               campaign.entries.size(), entries_max),
                   "put conditions of one event together in one `when`");
  }
  EntryCheck check(subject, findings);
  for (const Entry& entry : campaign.entries) check.check(entry);
  check_entry_cap(campaign, findings);
  if (campaign.reentry.kind == Reentry::Kind::after && campaign.reentry.after_ms <= 0) {
    findings.error(ErrorCode::bad_value, place_of(campaign.words, "reentry", campaign.at),
                   "`reentry: after` needs a positive duration",
                   "write `reentry: after 7d`, or `always`");
  }
}

}  // namespace itinera::model
