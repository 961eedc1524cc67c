// SPDX-License-Identifier: Apache-2.0
#include "cli/run_summary.hpp"

#include <fmt/format.h>

#include "support/catch.hpp"

using namespace itinera;
using cli::summary_text;
using cli::Tally;

TEST_CASE("summary: nothing but what happened is told", "[cli][summary]") {
  Tally tally{.lines = 3, .inputs = 1, .advances = 1, .bad_lines = 1, .seconds = 2.0};
  Statistics counts;
  counts.duplicates = 12;  // of the journal, and none of this run
  counts.journeys_entered = 1'234;
  CHECK(summary_text(tally, counts, {}) ==
        "lines     3: 1 input, 1 advance, 1 bad, 0 refused\n"
        "contacts  0, and 0 anonymous\n"
        "journeys  1,234 entered, 0 ended, 0 in flight\n"
        "actions   0 emitted, 0 withdrawn, 0 waiting\n"
        "time      2.00 s, 0 inputs/s\n");
}

TEST_CASE("summary: every counter above zero is told in words", "[cli][summary]") {
  Tally tally;
  tally.duplicates = 2;
  tally.events = {{"go", true}, {"goo", false}, {"\x1B[2J", false}};
  Statistics counts;
  counts.events_unheard = 3;
  counts.reports_unmatched = 1;
  counts.conditions_unknown = 2;
  counts.data_missing = 1;
  counts.invalid_zones = 1;
  counts.occurred_clamped = 1;
  counts.relinked = 1;
  counts.history_dropped = 1;
  counts.dedupe_dropped = 1'000;
  counts.asides_full = 1;
  const std::string text = summary_text(tally, counts, {});
  CHECK_THAT(text, Catch::StartsWith("lines     0: 0 inputs, 0 bad, 0 refused, 2 duplicates\n"));
  CHECK_THAT(text,
             Catch::Contains(
                 "noticed   3 events that no campaign listens to: \"\\u001b[2J\", \"goo\"\n"
                 "          1 report of an action that never was, or whose journey is over "
                 "[unmatched_receipt]\n"
                 "          2 conditions were neither true nor false, because what they ask for is "
                 "missing [unknown_condition]\n"));
  for (const char* name : {"missing_datum", "invalid_zone", "occurred_clamped", "relinked",
                           "history_dropped", "dedupe_dropped", "asides_full"}) {
    CHECK_THAT(text, Catch::Contains(fmt::format("[{}]\n", name)));
  }
  CHECK_THAT(text, Catch::Contains("1,000 message ids were forgotten"));
}

TEST_CASE("summary: of many names of events some are told", "[cli][summary]") {
  Tally tally;
  for (int i = 0; i < 25; ++i) tally.events["e" + std::to_string(i)] = false;
  Statistics counts;
  counts.events_unheard = 25;
  CHECK_THAT(summary_text(tally, counts, {}), Catch::Contains("\"e17\" and 15 more\n"));
}
