// SPDX-License-Identifier: Apache-2.0
// Recurrences: rules of RFC 5545, cron lines, and single dates. Their texts are in text.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "calendar/civil.hpp"
#include "calendar/cron.hpp"

namespace itinera::calendar {

// A rule of RFC 5545 (3.3.10) about dates: FREQ, INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY,
// BYDAY, BYSETPOS, WKST. Lists are in rising order, without repeats. Numbers outside their bounds
// are passed over.
struct RecurrenceRule {
  enum class Frequency : std::uint8_t { daily, weekly, monthly, yearly };
  // The nth such weekday of the month, or of the year (FREQ=YEARLY without BYMONTH), from its end
  // where n is negative; each of them where n is 0.
  struct Day {
    int nth = 0;           // -53..53
    unsigned weekday = 0;  // 0 = Monday .. 6 = Sunday
    friend auto operator<=>(Day, Day) = default;
  };
  Frequency frequency = Frequency::daily;
  std::int32_t interval = 1;  // 1..10,000
  std::int32_t count = 0;     // at most 10,000 dates; 0: no such end
  // The last wall time, and the last instant, that may occur.
  std::optional<LocalTime> until_local = std::nullopt;
  std::optional<Instant> until = std::nullopt;
  std::vector<int> months = {};      // 1..12
  std::vector<int> month_days = {};  // 1..31, or -1 (the last) .. -31
  std::vector<Day> days = {};
  // Of the dates that a day, week, month or year has: the nth, from their end where n is negative.
  std::vector<int> positions = {};  // 1..366 or -1..-366
  unsigned week_start = 0;          // 0 = Monday
  friend bool operator==(const RecurrenceRule&, const RecurrenceRule&) = default;
};

// The first instant strictly after `t` (`inclusive`: at or after) at which `rule` occurs, one a
// date, gaps and overlaps as in to_instant(). `start` is DTSTART: no date before its date counts;
// INTERVAL and COUNT are counted from it; what the rule leaves open (the weekday, day and month)
// it has from it; its time of day is that of all. `start` itself occurs only where the rule says
// so, which RFC 5545 leaves undefined. A day that a month lacks is left out, not moved (S11: the
// rule keeps its anchor day); the last one is BYMONTHDAY=-1. `after_date`: only on later dates.
//
// Empty if the rule has ended or never occurs, which is known after as many periods as the
// calendar takes to repeat (400 years); or it would be after latest_instant. With COUNT the work
// grows with the time since `start`, without it does not.
std::optional<Instant> next_occurrence(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                       const RecurrenceRule& rule, LocalTime start,
                                       bool inclusive = false,
                                       std::optional<Date> after_date = std::nullopt);

// What an author may write where something recurs; a Date occurs once, at `start`'s time of day.
// For a cron line `start` counts for nothing.
using Recurrence = std::variant<RecurrenceRule, Cron, Date>;
std::optional<Instant> next_occurrence(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                       const Recurrence& recurrence, LocalTime start,
                                       bool inclusive = false,
                                       std::optional<Date> after_date = std::nullopt);

// Whether there comes an end to it, if only by its text: COUNT, UNTIL, a single date.
bool ends(const Recurrence& recurrence);

// Whether it occurs at all, whatever the zone; without `from` whether it can from some start.
bool ever_occurs(const Recurrence& recurrence, std::optional<Date> from);

}  // namespace itinera::calendar
