// SPDX-License-Identifier: Apache-2.0
// The policy of a workspace and the accounts that send: rules that name nothing there is, and rules
// by which nothing could ever be sent.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "itinera/time.hpp"
#include "model/checks.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

bool is_time_of_day(std::int32_t ms) { return ms >= 0 && ms < day_ms; }

bool has_times(const Window& window) {
  return is_time_of_day(window.from_ms) && (is_time_of_day(window.to_ms) || window.to_ms == day_ms);
}

bool has_days(const Window& window) { return !window.days.empty() && window.days.bits <= 0x7F; }

class PolicyCheck {
 public:
  PolicyCheck(const Workspace& workspace, const WorkspaceGaps& gaps,
              std::span<const Campaign> campaigns, bool campaigns_known, const Limits& limits,
              const ZoneTable* zones, Findings& findings)
      : workspace_(workspace),
        gaps_(gaps),
        campaigns_known_(campaigns_known),
        limits_(limits),
        zones_(zones),
        findings_(findings) {
    for (const Channel& channel : workspace.channels) channels_.push_back(channel.name);
    std::set<std::string_view> names;
    for (const Campaign& campaign : campaigns) names.insert(campaign.name);
    campaigns_.assign(names.begin(), names.end());
  }

  void check() {
    const Policy& policy = workspace_.policy;
    for (const QuietHours& quiet : at_most(policy.quiet_hours, quiet_hours_max, "quiet hours")) {
      check_quiet(quiet);
    }
    for (const FrequencyCap& cap : at_most(policy.caps, caps_max, "caps")) check_cap(cap);
    check_holdout(policy.holdout, place_of(workspace_.words, "percent", workspace_.at), findings_);
    check_groups();
    if (!gaps_.policy && !gaps_.channels) check_open_hours();
  }

 private:
  using Span = std::pair<std::int64_t, std::int64_t>;  // of a week from Monday: from, to

  template <class Rule>
  std::span<const Rule> at_most(const std::vector<Rule>& rules, std::size_t max,
                                std::string_view what) {
    if (rules.size() <= max) return rules;
    findings_.error(
        ErrorCode::too_large, rules[max].at,
        fmt::format("a policy has {} rules of {}, more than {}", rules.size(), what, max),
        "one rule may name several channels, topics and campaigns");
    return std::span(rules).first(max);
  }

  void check_about(const MessageFilter& about, const SourceLocation& at) {
    if (!gaps_.channels) check_names(at, "channel", about.channels, channels_);
    if (!gaps_.topics && !workspace_.topics.empty()) {
      check_names(at, "topic", about.topics, workspace_.topics);
    }
    if (campaigns_known_) check_names(at, "campaign", about.campaigns, campaigns_);
  }

  void check_names(const SourceLocation& at, std::string_view kind,
                   const std::vector<std::string>& names, const std::vector<std::string>& known) {
    for (const std::string& name : names) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        findings_.unknown_name(at, kind, name, known);
      }
    }
  }

  void bad(const SourceLocation& at, std::string message, std::string hint) {
    findings_.error(ErrorCode::bad_value, at, std::move(message), std::move(hint));
  }

  void check_quiet(const QuietHours& quiet) {
    check_about(quiet.about, quiet.at);
    check_zone(quiet.at, quiet.zone, zones_, findings_);
    if (!has_times(quiet.window)) {
      bad(quiet.at, "a time of day of quiet hours lies outside the day", "write it as \"21:00\"");
    } else if (quiet.window.from_ms == quiet.window.to_ms) {
      bad(quiet.at, "quiet hours that end when they begin are none, or the whole day",
          "write `from: \"00:00\"`, `to: \"24:00\"` for the whole day");
    }
    if (!has_days(quiet.window)) bad(quiet.at, "quiet hours on no day", "write `days: Mon-Sun`");
  }

  void check_cap(const FrequencyCap& cap) {
    check_about(cap.about, cap.at);
    if (cap.max > FrequencyCap::max_max) {
      bad(cap.at, fmt::format("a cap of {}, more than {}", cap.max, FrequencyCap::max_max),
          "leave the rule out");
    }
    if (cap.max == 0) {
      findings_.warning(ErrorCode::suspicious, cap.at,
                        "a cap of 0: nothing that it is about would ever be sent",
                        "write `max: 1`, or take the messages out of their campaigns");
    }
    if (cap.per == FrequencyCap::Per::rolling && cap.per_ms <= 0) {
      bad(cap.at, "`per` of a cap must be positive", "write `per: 7d`, or day, week or month");
    }
  }

  void check_groups() {
    std::set<std::string_view> names;
    for (const ExclusiveGroup& group : workspace_.policy.exclusive) {
      if (!findings_.name(group.at, "group", group.name, limits_.id_bytes)) continue;
      if (!names.insert(group.name).second) {
        findings_.error(ErrorCode::duplicate_name, group.at,
                        fmt::format("exclusive group '{}' is there twice", group.name),
                        "keep one of them");
      }
    }
  }

  // Rules of one wall that are about all messages of a channel must leave it some time.
  void check_open_hours() {
    const auto& rules = workspace_.policy.quiet_hours;
    const auto count = std::min(rules.size(), quiet_hours_max);
    std::set<std::string_view> walls;
    for (std::size_t i = 0; i < count; ++i) walls.insert(rules[i].zone);
    for (const std::string_view wall : walls) {
      for (const std::string& channel : channels_) {
        std::vector<Span> spans;
        const QuietHours* last = nullptr;
        for (const QuietHours& rule : std::span(rules).first(count)) {
          if (rule.zone != wall || !is_about_all_of(rule.about, channel)) continue;
          add_spans(rule.window, spans);
          last = &rule;
        }
        if (last == nullptr || !cover_week(std::move(spans))) continue;
        bad(last->at,
            fmt::format("quiet hours leave no moment of the week: nothing could ever be sent by {}",
                        channel),
            "leave some hours of some day");
        return;
      }
    }
  }

  static bool is_about_all_of(const MessageFilter& about, const std::string& channel) {
    const bool named =
        std::find(about.channels.begin(), about.channels.end(), channel) != about.channels.end();
    return (about.channels.empty() || named) && about.topics.empty() && about.campaigns.empty();
  }

  static constexpr std::int64_t week_ms = 7 * day_ms;

  static void add_spans(const Window& window, std::vector<Span>& spans) {
    if (!has_times(window)) return;  // that is reported
    for (unsigned day = 0; day < 7; ++day) {
      if (!window.days.contains(day)) continue;
      const std::int64_t from = day * day_ms + window.from_ms;
      const bool overnight = window.from_ms > window.to_ms;
      const std::int64_t to = (day + (overnight ? 1 : 0)) * day_ms + window.to_ms;
      spans.emplace_back(from, std::min(to, week_ms));
      if (to > week_ms) spans.emplace_back(0, to - week_ms);
    }
  }

  static bool cover_week(std::vector<Span> spans) {
    std::sort(spans.begin(), spans.end());
    std::int64_t covered = 0;
    for (const auto& [from, to] : spans) {
      if (from > covered) return false;
      covered = std::max(covered, to);
    }
    return covered >= week_ms;
  }

  const Workspace& workspace_;
  const WorkspaceGaps& gaps_;
  bool campaigns_known_;
  const Limits& limits_;
  const ZoneTable* zones_;
  Findings& findings_;
  std::vector<std::string> channels_;
  std::vector<std::string> campaigns_;
};

class SenderCheck {
 public:
  SenderCheck(const Sender& sender, const Limits& limits, Findings& findings)
      : sender_(sender), limits_(limits), findings_(findings) {}

  void check() {
    check_quotas();
    check_hours();
    check_rate();
    check_warm_up();
    check_pace();
  }

 private:
  void bad(std::string_view message, std::string hint) {
    findings_.error(ErrorCode::bad_value, sender_.at,
                    fmt::format("sender '{}': {}", sender_.name, message), std::move(hint));
  }
  void odd(std::string_view message, std::string hint) {
    findings_.warning(ErrorCode::suspicious, sender_.at,
                      fmt::format("sender '{}': {}", sender_.name, message), std::move(hint));
  }

  void check_quotas() {
    std::set<std::string_view> operations;
    for (const Quota& quota : sender_.quotas) {
      const std::string of =
          quota.operation.empty() ? "of all" : fmt::format("of '{}'", quota.operation);
      const bool named = quota.operation.empty() ||
                         findings_.name(sender_.at, "operation", quota.operation, limits_.id_bytes);
      if (!named) continue;
      if (!operations.insert(quota.operation).second) {
        findings_.error(ErrorCode::duplicate_name, sender_.at,
                        fmt::format("sender '{}' has two quotas {}", sender_.name, of),
                        "keep one of them");
      }
      if (quota.max > Quota::max_max) {
        bad(fmt::format("a quota {} of {}, more than {}", of, quota.max, Quota::max_max),
            "leave it out");
      } else if (quota.max == 0) {
        odd(fmt::format("a quota {} of 0: what counts to it waits for ever", of),
            "write how many a day, such as 20, or leave the quota out");
      }
    }
  }

  void check_hours() {
    if (!sender_.hours) return;
    const Window& hours = *sender_.hours;
    const std::string_view example = "write `hours: \"Mon-Fri 09:00-17:00\"`";
    if (!has_times(hours)) {
      bad("a time of day of its hours lies outside the day", std::string(example));
    } else if (hours.from_ms == hours.to_ms) {
      bad("hours that end when they begin are none, or the whole day", std::string(example));
    }
    if (!has_days(hours)) bad("hours on no day", std::string(example));
  }

  void check_rate() {
    if (sender_.rate == 0 && sender_.rate_per_ms == 0) return;
    if (sender_.rate == 0 || sender_.rate > Sender::rate_max) {
      bad(fmt::format("a rate of {} messages", sender_.rate),
          fmt::format("a rate goes from 1 to {}, such as `rate: 1/m`", Sender::rate_max));
    }
    if (sender_.rate_per_ms <= 0 || sender_.rate_per_ms > day_ms) {
      bad("a rate is of some time, and of a day at most", "write `rate: 1/m`");
    }
  }

  void check_warm_up() {
    const std::vector<std::uint32_t>& days = sender_.warm_up;
    if (days.size() > Sender::warm_up_max) {
      findings_.error(ErrorCode::too_large, sender_.at,
                      fmt::format("sender '{}' warms up for {} days, more than {}", sender_.name,
                                  days.size(), Sender::warm_up_max),
                      "leave out the last ones: then the quota alone holds");
    }
    if (std::find(days.begin(), days.end(), 0u) != days.end()) {
      bad("a day of its warm-up with 0: no day on which it sends would ever be the next",
          "leave it out: days on which nothing is sent do not count");
    }
    if (std::any_of(days.begin(), days.end(), [](auto max) { return max > Quota::max_max; })) {
      bad(fmt::format("a day of its warm-up with more than {}", Quota::max_max), "leave it out");
    }
  }

  void check_pace() {
    if (sender_.pace_from_ms < 0 || sender_.pace_from_ms > sender_.pace_to_ms) {
      bad("a pace goes from the shortest gap to the longest", "write `pace: 40s..180s`");
    } else if (sender_.pace_to_ms > day_ms) {
      bad("a pace of more than a day", "write `pace: 40s..180s`; a quota is for days");
    }
  }

  const Sender& sender_;
  const Limits& limits_;
  Findings& findings_;
};

}  // namespace

void check_senders(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
                   const ZoneTable* zones, Findings& findings) {
  std::vector<std::string> channels;
  for (const Channel& channel : workspace.channels) channels.push_back(channel.name);
  if (workspace.senders.size() > workspace_senders_max) {
    findings.error(ErrorCode::too_large, workspace.senders[workspace_senders_max].at,
                   fmt::format("there are {} senders, more than {}", workspace.senders.size(),
                               workspace_senders_max),
                   "divide the workspace");
  }
  std::set<std::string_view> names;
  for (const Sender& sender : workspace.senders) {
    if (!findings.name(sender.at, "sender", sender.name, limits.id_bytes)) continue;
    if (!names.insert(sender.name).second) {
      findings.error(ErrorCode::duplicate_name, sender.at,
                     fmt::format("sender '{}' is declared twice", sender.name),
                     "rename one of them");
    }
    if (sender.channel.empty()) {
      findings.missing(sender.at, fmt::format("sender '{}' has no channel", sender.name),
                       "say what it sends by, such as `channel: linkedin`");
    } else if (!gaps.channels &&
               std::find(channels.begin(), channels.end(), sender.channel) == channels.end()) {
      findings.unknown_name(sender.at, "channel", sender.channel, channels);
    }
    check_zone(sender.at, sender.zone, zones, findings);
    SenderCheck(sender, limits, findings).check();
  }
}

void check_brake(const Campaign& campaign, Findings& findings) {
  if (!campaign.brake) return;
  constexpr std::uint32_t all = 10'000;
  const SourceLocation at = place_of(campaign.words, "brake", campaign.at);
  if (campaign.brake->of < 1 || campaign.brake->of > Brake::of_max) {
    findings.error(ErrorCode::bad_value, at,
                   fmt::format("a brake looks at 1 to {} outcomes", Brake::of_max),
                   "write `brake: {failed: 10%, of: 100, then: pause}`");
  }
  if (campaign.brake->failed >= all) {
    findings.error(ErrorCode::bad_value, at, "more than 100% never fail: this brake never acts",
                   "write `brake: {failed: 10%, of: 100, then: pause}`");
  }
}

void check_holdout(const Holdout& holdout, const SourceLocation& at, Findings& findings) {
  constexpr std::uint32_t all = 10'000;
  if (holdout.share <= all) return;
  findings.error(ErrorCode::bad_value, at, "a holdout of more than 100%",
                 "write the share that gets nothing, such as 5%");
}

void check_policy(const Workspace& workspace, const WorkspaceGaps& gaps,
                  std::span<const Campaign> campaigns, bool campaigns_known, const Limits& limits,
                  const ZoneTable* zones, Findings& findings) {
  PolicyCheck(workspace, gaps, campaigns, campaigns_known, limits, zones, findings).check();
}

}  // namespace itinera::model
