// SPDX-License-Identifier: Apache-2.0
// Ways into a campaign.
#include <fmt/format.h>

#include <limits>
#include <span>

#include "calendar/text.hpp"
#include "itinera/time.hpp"
#include "yaml/campaign_reader.hpp"

namespace itinera::yaml {
namespace {

constexpr std::uint32_t any_number = std::numeric_limits<std::uint32_t>::max();

// In the order of Entry::Kind. Beside `schedule` the segment says only whom it is for.
constexpr std::string_view entry_kinds[] = {"event", "host", "segment", "date", "schedule"};
constexpr std::string_view kinds_beside_segment[] = {"event", "host", "date", "schedule"};

// minute, hour, day, or a duration; of a ramp all of them are exact.
std::optional<std::int64_t> read_per(const Fields& fields, Report& report) {
  const std::string text = fields.text("per");
  if (text.empty()) return std::nullopt;
  if (text == "minute") return minute_ms;
  if (text == "hour") return hour_ms;
  if (text == "day") return day_ms;
  const Result<std::int64_t> length = calendar::parse_elapsed(text);
  if (length) return *length;
  report.error(ErrorCode::bad_value, fields.node("per")->at,
               fmt::format("`per` cannot be `{}`", shown(text)),
               "write minute, hour or day, or a duration such as 15m");
  return std::nullopt;
}

std::optional<Ramp> read_ramp(const Fields& entry, Report& report, WordPlaces& words) {
  const Node* const node = entry.node("ramp");
  if (node == nullptr) return std::nullopt;
  const Fields fields(*node, ramp_table, report);
  for (WordPlace& word : fields.words()) words.push_back(std::move(word));
  const auto per_ms = read_per(fields, report);
  const auto max = fields.count("max", 1, any_number);
  if (!per_ms || !max) return std::nullopt;
  return Ramp{*per_ms, *max};
}

void read_host(const Fields& fields, Report& report) {
  const Node& value = *fields.node("host");
  if (!value.is(Node::Kind::empty) && read_boolean(value, report) == false) {
    report.error(ErrorCode::bad_value, value.at, "a `host` entry cannot be switched off",
                 "leave it out");
  }
}

std::string_view kind_of_entry(const Fields& fields) {
  return fields.has("schedule") ? fields.only_one_of(kinds_beside_segment)
                                : fields.only_one_of(entry_kinds);
}

Entry::Kind entry_kind(std::string_view word) {
  if (word == "host") return Entry::Kind::host;
  if (word == "segment") return Entry::Kind::segment;
  if (word == "date") return Entry::Kind::date;
  if (word == "schedule") return Entry::Kind::schedule;
  return Entry::Kind::event;
}

}  // namespace

// What does not belong to the kind is read all the same: check() says so.
Entry read_entry(const Node& node, Report& report) {
  Entry entry;
  entry.at = report.place(node.at);
  if (node.is(Node::Kind::scalar) && node.text == "host") {
    entry.kind = Entry::Kind::host;
    return entry;
  }
  const Fields fields(node, entry_table, report);
  const std::string_view kind = kind_of_entry(fields);
  entry.kind = entry_kind(kind);
  entry.words = fields.words();
  entry.when = fields.condition("when");
  entry.key = fields.condition("key");
  if (kind == "event") entry.event = fields.literal_text("event");
  if (kind == "host") read_host(fields, report);
  if (kind == "date") entry.date = fields.condition("date");
  if (kind == "schedule") entry.schedule = fields.text("schedule");
  if (kind == "segment" || kind == "schedule") entry.segment = fields.text("segment");
  if (const auto change = fields.choice("change")) {
    entry.change = static_cast<Entry::Change>(*change);
  }
  if (const auto existing = fields.choice("existing")) {
    entry.existing = static_cast<Entry::Existing>(*existing);
  }
  entry.ramp = read_ramp(fields, report, entry.words);
  entry.yearly = fields.choice("every").has_value();
  if (const auto offset = fields.period("offset", true)) entry.offset = *offset;
  entry.at_ms = fields.time_of_day("at");
  entry.zone = fields.text("zone");
  entry.from = fields.text("from");
  if (!kind.empty()) return entry;
  if (node.is(Node::Kind::mapping) && !fields.faulty()) {
    report.error(ErrorCode::missing_key, node.at,
                 "an entry needs `event`, `segment`, `date`, `schedule` or `host`",
                 "write `- event: cart_abandoned`, or `- host`");
  }
  report.lose();
  return entry;
}

EntryCap read_entry_cap(const Fields& fields, Report& report, WordPlaces& words) {
  EntryCap cap;
  const Node* const node = fields.node("entry_cap");
  if (node == nullptr) return cap;
  const Fields bounds(*node, entry_cap_table, report);
  cap.total = bounds.count("total", 1, any_number);
  cap.day = bounds.count("day", 1, any_number);
  for (WordPlace& word : bounds.words()) words.push_back(std::move(word));
  if (!bounds.has("total") && !bounds.has("day") && !bounds.faulty()) {
    report.error(ErrorCode::missing_key, node->at, "an `entry_cap` needs `total` or `day`",
                 "write `entry_cap: {total: 10000}`, or leave it out");
  }
  return cap;
}

}  // namespace itinera::yaml
