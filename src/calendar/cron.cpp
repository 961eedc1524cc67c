// SPDX-License-Identifier: Apache-2.0
#include "calendar/cron.hpp"

#include <algorithm>
#include <bit>

namespace itinera::calendar {
namespace {

constexpr std::int32_t days_of_400_years = 146'097;

bool fires_on(const Cron& cron, Date date, const YearMonthDay& parts) {
  const bool by_day = (cron.month_days >> parts.day & 1u) != 0;
  const bool by_weekday = cron.weekdays.contains(weekday_of(date));
  return cron.any_month_day || cron.any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<Date> first_date(const Cron& cron, Date least) {
  const Date end{std::min(least.days + days_of_400_years, date_of(9999, 12, 31).days) + 1};
  for (Date date = least; date < end;) {
    const YearMonthDay parts = parts_of(date);
    if ((cron.months >> parts.month & 1u) == 0) {
      date = next_month(parts);
    } else if (fires_on(cron, date, parts)) {
      return date;
    } else {
      ++date.days;
    }
  }
  return std::nullopt;
}

// The first of its times of day at or after `least_ms`.
std::optional<std::int32_t> first_time(const Cron& cron, std::int32_t least_ms) {
  constexpr auto of_minute = static_cast<std::int32_t>(minute_ms);
  const std::int32_t least = (least_ms + of_minute - 1) / of_minute;
  std::int32_t from = least % 60;
  for (std::int32_t hour = least / 60; hour < 24; ++hour) {
    const std::uint64_t minutes = cron.minutes >> from << from;
    if ((cron.hours >> hour & 1u) != 0 && minutes != 0) {
      return (hour * 60 + std::countr_zero(minutes)) * of_minute;
    }
    from = 0;
  }
  return std::nullopt;
}

// The first of its wall times at or after `least`.
std::optional<LocalTime> first_wall_time(const Cron& cron, LocalTime least) {
  std::optional<Date> date = first_date(cron, least.date);
  if (!date) return std::nullopt;
  if (*date == least.date) {
    if (const auto time = first_time(cron, least.ms_of_day)) return LocalTime{*date, *time};
    date = first_date(cron, {least.date.days + 1});
  }
  const auto time = first_time(cron, 0);
  if (!date || !time) return std::nullopt;
  return LocalTime{*date, *time};
}

// While one offset holds, wall time runs evenly; whatever it skips or repeats lies between two.
std::optional<Instant> by_the_clock(const ZoneTable& zones, ZoneIndex zone, Instant from,
                                    const Cron& cron) {
  for (;;) {
    const LocalTime here = to_local(zones, zone, from);
    const auto wall = first_wall_time(cron, here);
    if (!wall) return std::nullopt;
    const std::int64_t days = std::int64_t{wall->date.days} - here.date.days;
    const Instant at = from + (days * day_ms + wall->ms_of_day - here.ms_of_day);
    const auto change = next_change(zones, zone, from);
    if (!change || at < *change) return at;
    from = *change;
  }
}

std::optional<Instant> at_times_of_day(const ZoneTable& zones, ZoneIndex zone, Instant from,
                                       const Cron& cron, std::optional<Date> after_date) {
  // As to_instant() is monotone, what comes at or after `from` has no earlier wall time than this.
  LocalTime least = to_local(zones, zone, from - 1);
  if (after_date) least = std::max(least, LocalTime{{after_date->days + 1}, 0});
  for (;;) {
    const auto wall = first_wall_time(cron, least);
    if (!wall) return std::nullopt;
    const Instant at = to_instant(zones, zone, *wall);
    if (at >= from) return at;
    least = *wall;
    ++least.ms_of_day;
  }
}

}  // namespace

bool is_daily(const Cron& cron) {
  return std::popcount(cron.minutes) <= 1 && std::popcount(cron.hours) <= 1;
}

std::int64_t least_gap_ms(const Cron& cron) {
  const auto first = first_time(cron, 0);
  if (!first) return 0;
  constexpr auto of_minute = static_cast<std::int32_t>(minute_ms);
  std::int64_t least = day_ms;
  std::int64_t last = *first;
  while (const auto next = first_time(cron, static_cast<std::int32_t>(last) + of_minute)) {
    least = std::min<std::int64_t>(least, *next - last);
    last = *next;
  }
  return std::min(least, *first + day_ms - last);
}

std::optional<Instant> next_occurrence(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                       const Cron& cron, bool inclusive,
                                       std::optional<Date> after_date) {
  t = std::clamp(t, earliest_instant, latest_instant);
  Instant from = inclusive ? t : t + 1;
  if (after_date) {
    from = std::max(from, to_instant(zones, zone, {{after_date->days + 1}, 0}));
  }
  const auto at = cron.any_hour ? by_the_clock(zones, zone, from, cron)
                                : at_times_of_day(zones, zone, from, cron, after_date);
  return at && *at <= latest_instant ? at : std::nullopt;
}

}  // namespace itinera::calendar
