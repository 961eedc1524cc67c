// SPDX-License-Identifier: Apache-2.0
#include "cli/run_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/progress.hpp"
#include "itinera/value.hpp"

namespace itinera::cli {
namespace {

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(count), count == 1 ? one : many);
}

std::string lines_text(const Tally& tally) {
  std::string text = fmt::format("lines     {}: {}", grouped(tally.lines),
                                 counted(tally.inputs, "input", "inputs"));
  if (tally.advances > 0) text += ", " + counted(tally.advances, "advance", "advances");
  text += fmt::format(", {} bad, {} refused", grouped(tally.bad_lines), grouped(tally.refused));
  for (const auto& [kind, count] : tally.ignored) {
    text += fmt::format(", {} ignored ({})", grouped(count), kind);
  }
  if (tally.passed_over > 0) text += fmt::format(", {} passed over", grouped(tally.passed_over));
  if (tally.duplicates > 0) text += ", " + counted(tally.duplicates, "duplicate", "duplicates");
  return text + '\n';
}

// "goo", "ordr" and 7 more
std::string unheard_names(const Tally& tally) {
  constexpr std::size_t names_max = 10;
  std::string text;
  std::size_t count = 0;
  for (const auto& [name, heard] : tally.events) {
    if (heard || ++count > names_max) continue;
    text += text.empty() ? " " : ", ";
    append_json_text(text, name);
  }
  if (count > names_max) text += fmt::format(" and {} more", count - names_max);
  return text;
}

// A counter in words. Those with a name are records of the journal too (docs/reasons.md).
struct Counter {
  std::uint64_t Statistics::* count;
  std::string_view one;
  std::string_view many;
  std::string_view name;
};
constexpr std::array counters{
    Counter{&Statistics::reports_unmatched,
            "report of an action that never was, or whose journey is over",
            "reports of actions that never were, or whose journeys are over", "unmatched_receipt"},
    Counter{&Statistics::conditions_unknown,
            "condition was neither true nor false, because what it asks for is missing",
            "conditions were neither true nor false, because what they ask for is missing",
            "unknown_condition"},
    Counter{&Statistics::data_missing, "value is missing in a message or a `set`",
            "values are missing in messages or a `set`", "missing_datum"},
    Counter{&Statistics::invalid_zones, "wait for a contact whose zone is no time zone",
            "waits for contacts whose zone is no time zone", "invalid_zone"},
    Counter{&Statistics::occurred_clamped, "input said that it happened in the future",
            "inputs said that they happened in the future", "occurred_clamped"},
    Counter{&Statistics::relinked, "anonymous id moved from one contact to another",
            "anonymous ids moved from one contact to another", "relinked"},
    Counter{&Statistics::history_dropped, "old event was forgotten early, for want of room",
            "old events were forgotten early, for want of room", "history_dropped"},
    Counter{&Statistics::dedupe_dropped, "message id was forgotten early, for want of room",
            "message ids were forgotten early, for want of room", "dedupe_dropped"},
    Counter{&Statistics::asides_full, "held message did not step aside, behind too many that have",
            "held messages did not step aside, behind too many that have", "asides_full"},
};

std::string noticed_text(const Tally& tally, const Statistics& counts) {
  std::string text;
  const auto add = [&text](std::string_view line) {
    text += fmt::format("{:<10}{}\n", text.empty() ? "noticed" : "", line);
  };
  if (counts.events_unheard > 0) {
    const std::string names = unheard_names(tally);
    add(counted(counts.events_unheard, "event that no campaign listens to",
                "events that no campaign listens to") +
        (names.empty() ? "" : ":") + names);
  }
  for (const Counter& counter : counters) {
    const std::uint64_t count = counts.*counter.count;
    if (count == 0) continue;
    add(fmt::format("{} [{}]", counted(count, counter.one, counter.many), counter.name));
  }
  return text;
}

}  // namespace

std::string summary_text(const Tally& tally, const Statistics& counts,
                         const insight::Census& census) {
  std::string text = lines_text(tally);
  text += fmt::format("contacts  {}, and {} anonymous\n", grouped(census.contacts()),
                      grouped(census.anonymous()));
  text += fmt::format("journeys  {} entered, {} ended, {} in flight\n",
                      grouped(counts.journeys_entered), grouped(counts.journeys_ended),
                      grouped(counts.journeys_in_flight));
  text += fmt::format("actions   {} emitted, {} withdrawn, {} waiting\n",
                      grouped(counts.actions_emitted), grouped(counts.actions_withdrawn),
                      grouped(counts.actions_waiting));
  text += noticed_text(tally, counts);
  const double rate = tally.seconds > 0.0 ? static_cast<double>(tally.inputs) / tally.seconds : 0.0;
  return text + fmt::format("time      {:.2f} s, {} inputs/s\n", tally.seconds,
                            grouped(static_cast<std::uint64_t>(rate)));
}

}  // namespace itinera::cli
