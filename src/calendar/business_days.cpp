// SPDX-License-Identifier: Apache-2.0
#include "calendar/business_days.hpp"

#include <algorithm>

namespace itinera::calendar {

bool WorkingDays::contains(Date date) const {
  return days.contains(weekday_of(date)) &&
         !std::binary_search(holidays.begin(), holidays.end(), date);
}

std::optional<Date> add_business_days(Date start, std::int32_t n, const WorkingDays& working) {
  if (working.days.empty()) return std::nullopt;
  const Date first = date_of(1, 1, 1);
  const Date last = date_of(9999, 12, 31);
  const std::int32_t step = n < 0 ? -1 : 1;
  if (n == 0 && working.contains(start)) return start;
  std::int64_t left = n == 0 ? 1 : std::int64_t{n} * step;
  for (Date date{start.days + step}; date >= first && date <= last; date.days += step) {
    if (working.contains(date) && --left == 0) return date;
  }
  return std::nullopt;
}

std::optional<Instant> add_business_days(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                         std::int32_t n, const WorkingDays& working) {
  const LocalTime here = to_local(zones, zone, t);
  const auto date = add_business_days(here.date, n, working);
  if (!date) return std::nullopt;
  if (*date == here.date) return t;
  const Instant at = to_instant(zones, zone, {*date, here.ms_of_day});
  return at <= latest_instant ? std::optional(at) : std::nullopt;
}

}  // namespace itinera::calendar
