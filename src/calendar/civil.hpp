// SPDX-License-Identifier: Apache-2.0
// Civil dates, wall times and calendar arithmetic, in a zone of a ZoneTable.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "base/zone_table.hpp"
#include "itinera/period.hpp"
#include "itinera/time.hpp"

namespace itinera::calendar {

using itinera::Period;
using itinera::Weekdays;
using itinera::Window;

// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
struct Date {
  std::int32_t days = 0;
  friend auto operator<=>(Date, Date) = default;
};

// Years 0 to 10000 (another becomes the nearest of these), months 1 to 12; the last day of the
// month if `day` is later.
Date date_of(int year, unsigned month, unsigned day);
struct YearMonthDay {
  int year = 1970;
  unsigned month = 1;  // 1..12
  unsigned day = 1;    // 1..31
};
YearMonthDay parts_of(Date date);
Date next_month(const YearMonthDay& date);  // the first day of the month after
unsigned weekday_of(Date date);             // 0 = Monday .. 6 = Sunday

// A wall time: no zone, no instant.
struct LocalTime {
  Date date;
  std::int32_t ms_of_day = 0;  // 0 .. 86,399,999
  friend auto operator<=>(LocalTime, LocalTime) = default;
};

LocalTime to_local(const ZoneTable& zones, ZoneIndex zone, Instant t);

// How a wall time meets the clock: once, never (a gap) or twice (an overlap).
struct Resolved {
  enum class Kind : std::uint8_t { normal, gap, overlap };
  Kind kind = Kind::normal;
  Instant earlier;  // in a gap: the instant at which the gap ends (S8)
  Instant later;    // differs from `earlier` in an overlap only
};
Resolved resolve(const ZoneTable& zones, ZoneIndex zone, LocalTime local);

// The instant of a wall time: the end of the gap (S8), the earlier of two (S9).
Instant to_instant(const ZoneTable& zones, ZoneIndex zone, LocalTime local);

// The first change of the zone's offset after `t`, which then holds from that instant on. Empty if
// there is none.
std::optional<Instant> next_change(const ZoneTable& zones, ZoneIndex zone, Instant t);

// `t` plus `period`: months (the month's last day where the day is missing, S11) and days on the
// wall clock, then the milliseconds exactly. In a gap the wall time shifts forward by the gap's
// length; in an overlap the offset in force at `t` is kept (java.time's ZonedDateTime.plus). Ends
// at earliest_instant and latest_instant.
Instant add(const ZoneTable& zones, ZoneIndex zone, Instant t, const Period& period);

// The first instant strictly after `t` (`inclusive`: at or after) whose wall time is `ms_of_day`
// on one of `days`; gaps and overlaps as in to_instant(), at most one a local date. `after_date`:
// only on later local dates than this one. Empty if `days` is empty, or it would be after
// latest_instant.
std::optional<Instant> next_local_time(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                       std::int32_t ms_of_day, Weekdays days,
                                       bool inclusive = false,
                                       std::optional<Date> after_date = std::nullopt);

// The earliest instant at or after `t` inside `window`, which is open whenever the clock on the
// wall shows a time in it: twice in an overlap, not at all where it lies in a gap. Empty if its
// days are empty, or it would be after latest_instant.
std::optional<Instant> next_in_window(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                      const Window& window);
bool inside(const ZoneTable& zones, ZoneIndex zone, Instant t, const Window& window);

}  // namespace itinera::calendar
