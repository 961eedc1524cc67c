// SPDX-License-Identifier: Apache-2.0
// The only file that knows Boost.Date_Time: its Gregorian calendar, without its checked year type
// (1400 to 9999), which would throw on the years that CEL allows.
#include "calendar/civil.hpp"

#include <algorithm>
#include <boost/date_time/gregorian_calendar.hpp>
#include <boost/date_time/year_month_day.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace itinera::calendar {
namespace {

using Gregorian = boost::date_time::gregorian_calendar_base<
    boost::date_time::year_month_day_base<int, unsigned, unsigned>, std::uint32_t>;

// Julian day number of 1970-01-01.
constexpr std::int64_t epoch_julian_day = 2'440'588;

// Local dates reach one day beyond earliest_instant and latest_instant.
constexpr int first_year = 0;
constexpr int last_year = 10'000;
constexpr std::int32_t first_day = -719'528;  // 0000-01-01
constexpr std::int32_t last_day = 2'933'262;  // 10000-12-31

// More than any offset from UTC was or will be (Manila had -15:56, Kiritimati has +14).
constexpr std::int64_t widest_offset_ms = 27 * hour_ms;

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

Date clamped(std::int64_t days) {
  return {static_cast<std::int32_t>(std::clamp<std::int64_t>(days, first_day, last_day))};
}

// A wall time as if it were UTC, and back.
std::int64_t wall_ms(LocalTime local) {
  return std::int64_t{local.date.days} * day_ms + local.ms_of_day;
}
LocalTime from_wall_ms(std::int64_t wall) {
  const std::int64_t days = floor_div(wall, day_ms);
  return {{static_cast<std::int32_t>(days)}, static_cast<std::int32_t>(wall - days * day_ms)};
}

Instant in_range(Instant t) { return std::clamp(t, earliest_instant, latest_instant); }

// The index of the offset in force at `t`.
std::size_t segment_at(std::span<const ZoneTransition> all, Instant t) {
  const auto next = std::upper_bound(
      all.begin(), all.end(), t, [](Instant at, const ZoneTransition& x) { return at < x.from; });
  return next == all.begin() ? 0 : static_cast<std::size_t>(next - all.begin()) - 1;
}

Instant add_months_and_days(const ZoneTable& zones, ZoneIndex zone, Instant t,
                            const Period& period) {
  const std::int64_t offset_ms = std::int64_t{zones.offset_s(zone, t)} * second_ms;
  const LocalTime start = from_wall_ms(t.ms + offset_ms);
  Date date = start.date;
  if (period.months != 0) {
    const YearMonthDay parts = parts_of(date);
    const std::int64_t months =
        std::int64_t{parts.year} * 12 + static_cast<std::int64_t>(parts.month) - 1 + period.months;
    const std::int64_t year = floor_div(months, 12);
    date =
        date_of(static_cast<int>(year), static_cast<unsigned>(months - year * 12) + 1, parts.day);
  }
  const LocalTime target{clamped(std::int64_t{date.days} + period.days), start.ms_of_day};
  const Resolved resolved = resolve(zones, zone, target);
  switch (resolved.kind) {
    case Resolved::Kind::normal: break;
    case Resolved::Kind::gap:
      // The offset before the gap carries the wall time past it by the gap's length.
      return {wall_ms(target) -
              std::int64_t{zones.offset_s(zone, resolved.earlier - 1)} * second_ms};
    case Resolved::Kind::overlap:
      if (resolved.later.ms == wall_ms(target) - offset_ms) return resolved.later;
  }
  return resolved.earlier;
}

// The earliest wall time at or after `wall` inside `window`, whose days are not empty.
std::int64_t next_wall_in_window(std::int64_t wall, const Window& window) {
  const std::int64_t today = floor_div(wall, day_ms);
  // From yesterday, whose window may cross midnight, to this weekday next week.
  for (std::int64_t day = today - 1; day <= today + 7; ++day) {
    if (!window.days.contains(weekday_of({static_cast<std::int32_t>(day)}))) continue;
    const std::int64_t from = day * day_ms + window.from_ms;
    const std::int64_t to = (window.from_ms < window.to_ms ? day : day + 1) * day_ms + window.to_ms;
    if (wall < to) return std::max(wall, from);
  }
  return wall;
}

}  // namespace

Date date_of(int year, unsigned month, unsigned day) {
  year = std::clamp(year, first_year, last_year);
  day = std::min<unsigned>(day, Gregorian::end_of_month_day(year, month));
  return clamped(std::int64_t{Gregorian::day_number({year, month, day})} - epoch_julian_day);
}

YearMonthDay parts_of(Date date) {
  const auto parts = Gregorian::from_julian_day_number(
      static_cast<std::uint32_t>(clamped(date.days).days + epoch_julian_day));
  return {parts.year, parts.month, parts.day};
}

Date next_month(const YearMonthDay& date) {
  return date.month == 12 ? date_of(date.year + 1, 1, 1) : date_of(date.year, date.month + 1, 1);
}

unsigned weekday_of(Date date) {
  // 1970-01-01 was a Thursday.
  const std::int64_t days = std::int64_t{date.days} + 3;
  return static_cast<unsigned>(days - floor_div(days, 7) * 7);
}

LocalTime to_local(const ZoneTable& zones, ZoneIndex zone, Instant t) {
  t = in_range(t);
  return from_wall_ms(t.ms + std::int64_t{zones.offset_s(zone, t)} * second_ms);
}

Resolved resolve(const ZoneTable& zones, ZoneIndex zone, LocalTime local) {
  const std::int64_t wall = wall_ms(local);
  const std::span<const ZoneTransition> all = zones.transitions(zone);
  const std::size_t first = segment_at(all, {wall - widest_offset_ms});
  const std::size_t end = segment_at(all, {wall + widest_offset_ms}) + 1;

  Resolved result;
  bool found = false;
  bool was_over = false;  // by the offset before, the wall time comes after that offset's end
  for (std::size_t i = first; i < end; ++i) {
    const Instant at{wall - std::int64_t{all[i].offset_s} * second_ms};
    const bool begun = i == 0 || at >= all[i].from;
    const bool over = i + 1 < all.size() && at >= all[i + 1].from;
    if (begun && !over) {
      if (!found) result.earlier = at;
      result.kind = found ? Resolved::Kind::overlap : Resolved::Kind::normal;
      result.later = at;
      found = true;
    } else if (!begun && was_over && !found) {
      result = {Resolved::Kind::gap, all[i].from, all[i].from};
    }
    was_over = over;
  }
  return result;
}

Instant to_instant(const ZoneTable& zones, ZoneIndex zone, LocalTime local) {
  return resolve(zones, zone, local).earlier;
}

std::optional<Instant> next_change(const ZoneTable& zones, ZoneIndex zone, Instant t) {
  const std::span<const ZoneTransition> all = zones.transitions(zone);
  const std::size_t next = segment_at(all, t) + 1;
  return next < all.size() ? std::optional(all[next].from) : std::nullopt;
}

Instant add(const ZoneTable& zones, ZoneIndex zone, Instant t, const Period& period) {
  t = in_range(t);
  if (period.months != 0 || period.days != 0) {
    t = in_range(add_months_and_days(zones, zone, t, period));
  }
  return {t.ms + std::clamp(period.ms, earliest_instant - t, latest_instant - t)};
}

std::optional<Instant> next_local_time(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                       std::int32_t ms_of_day, Weekdays days, bool inclusive,
                                       std::optional<Date> after_date) {
  t = in_range(t);
  // Yesterday's time may lie in a gap that ends today.
  std::int64_t first = std::int64_t{to_local(zones, zone, t).date.days} - 1;
  if (after_date) first = std::max(first, std::int64_t{after_date->days} + 1);
  // Every weekday comes within nine days: two may be past, seven follow.
  for (std::int64_t day = first; day <= first + 9; ++day) {
    const Date date = clamped(day);
    if (!days.contains(weekday_of(date))) continue;
    const Instant at = to_instant(zones, zone, {date, ms_of_day});
    if (at > latest_instant) break;
    if (at > t || (inclusive && at == t)) return at;
  }
  return std::nullopt;
}

std::optional<Instant> next_in_window(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                      const Window& window) {
  if (window.days.empty()) return std::nullopt;
  t = in_range(t);
  const std::span<const ZoneTransition> all = zones.transitions(zone);
  // While one offset holds, wall time runs evenly; whatever it skips or repeats lies between two.
  for (std::size_t i = segment_at(all, t);; ++i) {
    const std::int64_t offset_ms = std::int64_t{all[i].offset_s} * second_ms;
    const Instant at{next_wall_in_window(t.ms + offset_ms, window) - offset_ms};
    if (i + 1 == all.size() || at < all[i + 1].from) {
      return at > latest_instant ? std::nullopt : std::optional(at);
    }
    t = all[i + 1].from;
  }
}

bool inside(const ZoneTable& zones, ZoneIndex zone, Instant t, const Window& window) {
  t = in_range(t);
  const std::int64_t wall = t.ms + std::int64_t{zones.offset_s(zone, t)} * second_ms;
  return !window.days.empty() && next_wall_in_window(wall, window) == wall;
}

}  // namespace itinera::calendar
