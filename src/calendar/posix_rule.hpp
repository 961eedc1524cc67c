// SPDX-License-Identifier: Apache-2.0
// The rule for the future at the end of a compiled zone file (RFC 9636, 3.3), in POSIX's notation:
// "CET-1CEST,M3.5.0,M10.5.0/3". Parsed here and not by Boost, which reads the sign of the offset
// the other way round and takes any bare word for UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/zone_table.hpp"

namespace itinera::calendar {

struct PosixRule {
  // One of the two changes of a year: a day, and a wall time on it that may leave the day.
  struct Change {
    enum class Kind : std::uint8_t { julian, day_of_year, weekday_of_month };
    Kind kind = Kind::weekday_of_month;
    unsigned day = 0;                // julian: 1..365, 29 February not counted; day_of_year: 0..365
    unsigned month = 0;              // weekday_of_month: 1..12
    unsigned week = 0;               // 1..5, 5 being the last
    unsigned weekday = 0;            // 0 = Sunday
    std::int32_t second = 2 * 3600;  // -167 h .. 167 h after the day's midnight
  };
  std::int32_t standard_offset_s = 0;  // east positive
  std::int32_t summer_offset_s = 0;
  std::optional<Change> summer_begins;  // both or neither
  std::optional<Change> summer_ends;
};

// Empty where `text` is not of that form.
std::optional<PosixRule> parse_posix_rule(std::string_view text);

// Appends the rule's changes after `after` and before the year `end_year`, in order of time. Those
// that change nothing, given the last of `transitions`, are left out.
void extend_by_rule(const PosixRule& rule, Instant after, int end_year,
                    std::vector<ZoneTransition>& transitions);

}  // namespace itinera::calendar
