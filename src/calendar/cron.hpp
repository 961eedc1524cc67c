// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "calendar/civil.hpp"

namespace itinera::calendar {

// Five fields of cron as sets. A date must be in `months`; and in both `month_days` and `weekdays`
// where one of these is a bare * in the text, else in either of them.
struct Cron {
  std::uint64_t minutes = 0;     // bits 0..59
  std::uint32_t hours = 0;       // bits 0..23
  std::uint32_t month_days = 0;  // bits 1..31
  std::uint32_t months = 0;      // bits 1..12
  Weekdays weekdays = {};
  // Whether the field is a bare *. The set is then full.
  bool any_hour = false;
  bool any_month_day = false;
  bool any_weekday = false;
  friend bool operator==(const Cron&, const Cron&) = default;
};

// Whether it fires at most once a local date.
bool is_daily(const Cron& cron);

// The shortest time between two times of day at which it fires, one on the day after the other
// included; 0 if it never fires. What the clock skips or repeats may bring two closer.
std::int64_t least_gap_ms(const Cron& cron);

// The first instant strictly after `t` (`inclusive`: at or after) at which `cron` fires. Where the
// hour is a bare * that is whenever the clock on the wall shows one of its minutes: in both passes
// of an overlap, and for what lies in a gap not at all. All others name times of day, with gaps
// and overlaps as in to_instant(): the end of the gap, the earlier. `after_date`: only on later
// local dates. Empty if it never fires (30 February), which is known after the 400 years in which
// the calendar repeats, or it would be after latest_instant.
std::optional<Instant> next_occurrence(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                       const Cron& cron, bool inclusive = false,
                                       std::optional<Date> after_date = std::nullopt);

}  // namespace itinera::calendar
