// SPDX-License-Identifier: Apache-2.0
// RFC 5545, 3.3.10. A rule is worked through period by period (a day, week, month or year, as FREQ
// says): each has the dates that pass all BY... parts, and of these BYSETPOS may choose. The table
// of expanding and limiting parts in the RFC comes to the same.
#include "calendar/recurrence.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>

namespace itinera::calendar {
namespace {

using Frequency = RecurrenceRule::Frequency;

// The dates of a period, at most those of a year.
class PeriodDates {
 public:
  void clear() { size_ = 0; }
  void add(Date date) { dates_[size_++] = date; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::span<const Date> all() const { return {dates_.data(), size_}; }

  // Leaves those at the BYSETPOS `positions`, in their order.
  void choose(std::span<const int> positions) {
    const auto size = static_cast<int>(size_);
    size_ = 0;
    for (int i = 0; i < size; ++i) {
      const bool chosen = std::any_of(positions.begin(), positions.end(),
                                      [&](int at) { return at == i + 1 || at == i - size; });
      if (chosen) dates_[size_++] = dates_[static_cast<std::size_t>(i)];
    }
  }

 private:
  std::array<Date, 366> dates_;
  std::size_t size_ = 0;
};

// The first day of a month, its length, and the same of its year.
struct Place {
  Date month;
  int month_days = 0;
  Date year;
  int year_days = 0;
};

// Whether the date at `index` (from 0) of `size` days, in each of which its weekday comes every
// seventh, is the nth of that weekday.
bool is_nth(int nth, int index, int size) {
  return nth > 0 ? index / 7 + 1 == nth : (size - 1 - index) / 7 + 1 == -nth;
}

// A rule with what it leaves open taken from DTSTART.
class DateRule {
 public:
  // Refers to `rule`.
  DateRule(const RecurrenceRule& rule, Date start)
      : rule_(rule), start_(parts_of(start)), origin_(start) {
    const bool any_day = rule.month_days.empty() && rule.days.empty();
    const bool yearly = rule.frequency == Frequency::yearly;
    for (const int month : rule.months) months_ |= bit(month, 12);
    if (rule.months.empty()) {
      months_ = yearly && any_day ? bit(static_cast<int>(start_.month), 12) : ~0u;
    }
    for (const int day : rule.month_days) {
      (day > 0 ? month_days_ : last_days_) |= bit(day > 0 ? day : -day, 31);
    }
    limits_month_days_ = !rule.month_days.empty();
    if (any_day && (yearly || rule.frequency == Frequency::monthly)) {
      limits_month_days_ = true;
      month_days_ = bit(static_cast<int>(start_.day), 31);
    }
    for (const RecurrenceRule::Day day : rule.days) {
      if (day.nth == 0) weekdays_ |= 1u << day.weekday % 7;
    }
    limits_weekdays_ = !rule.days.empty();
    if (rule.frequency == Frequency::weekly && rule.days.empty()) {
      limits_weekdays_ = true;
      weekdays_ = 1u << weekday_of(start);
    }
    nth_of_year_ = yearly && rule.months.empty();
    if (rule.frequency == Frequency::weekly) {
      origin_.days -= static_cast<int>((weekday_of(start) + 7 - rule.week_start % 7) % 7);
    }
  }

  // The first day of the period that comes `number` of them after DTSTART's.
  [[nodiscard]] Date period(std::int64_t number) const {
    const auto step = static_cast<std::int32_t>(number);
    const std::int32_t month = static_cast<std::int32_t>(start_.month) - 1 + step;
    switch (rule_.frequency) {
      case Frequency::daily: return {origin_.days + step};
      case Frequency::weekly: return {origin_.days + 7 * step};
      case Frequency::monthly:
        return date_of(start_.year + month / 12, static_cast<unsigned>(month % 12) + 1, 1);
      case Frequency::yearly: break;
    }
    return date_of(start_.year + step, 1, 1);
  }

  // The number of the period with `date`, which is not before DTSTART.
  [[nodiscard]] std::int64_t period_with(Date date) const {
    const YearMonthDay parts = parts_of(date);
    const std::int64_t years = parts.year - start_.year;
    switch (rule_.frequency) {
      case Frequency::daily: return date.days - origin_.days;
      case Frequency::weekly: return (date.days - origin_.days) / 7;
      case Frequency::monthly:
        return years * 12 + static_cast<int>(parts.month) - static_cast<int>(start_.month);
      case Frequency::yearly: break;
    }
    return years;
  }

  // The rule's dates in the period that comes `number` of them after DTSTART's.
  void collect(std::int64_t number, PeriodDates& out) const {
    out.clear();
    const Date end = period(number + 1);
    for (Date date = period(number); date < end;) {
      const YearMonthDay parts = parts_of(date);
      const Date month_end = next_month(parts);
      const Date stop = std::min(end, month_end);
      if ((months_ & bit(static_cast<int>(parts.month), 12)) != 0) {
        Place place;
        place.month = {date.days - static_cast<int>(parts.day) + 1};
        place.month_days = month_end.days - place.month.days;
        place.year = date_of(parts.year, 1, 1);
        place.year_days = date_of(parts.year, 12, 31).days - place.year.days + 1;
        for (; date < stop; ++date.days) {
          if (has(date, place)) out.add(date);
        }
      }
      date = stop;
    }
    if (!rule_.positions.empty()) out.choose(rule_.positions);
  }

  // Whether it can have dates at this INTERVAL: one that keeps to DTSTART's weekday, or to its
  // month and some others, may never meet what the rule names.
  [[nodiscard]] bool may_come(int interval) const {
    if (rule_.frequency == Frequency::daily && interval % 7 == 0 && limits_weekdays_) {
      return std::any_of(rule_.days.begin(), rule_.days.end(), [&](RecurrenceRule::Day day) {
        return day.weekday % 7 == weekday_of(origin_);
      });
    }
    if (rule_.frequency != Frequency::monthly) return true;
    const int step = std::gcd(interval, 12);
    for (int month = (static_cast<int>(start_.month) - 1) % step + 1; month <= 12; month += step) {
      if ((months_ & bit(month, 12)) != 0) return true;
    }
    return false;
  }

 private:
  // 0 for what is not in 1 to `most`.
  static std::uint32_t bit(int number, int most) {
    return number >= 1 && number <= most ? 1u << number : 0u;
  }

  [[nodiscard]] bool has(Date date, const Place& place) const {
    const int day = date.days - place.month.days;
    if (limits_month_days_ && (month_days_ & bit(day + 1, 31)) == 0 &&
        (last_days_ & bit(place.month_days - day, 31)) == 0) {
      return false;
    }
    if (!limits_weekdays_) return true;
    const unsigned weekday = weekday_of(date);
    if ((weekdays_ >> weekday & 1u) != 0) return true;
    const int index = nth_of_year_ ? date.days - place.year.days : day;
    const int size = nth_of_year_ ? place.year_days : place.month_days;
    return std::any_of(rule_.days.begin(), rule_.days.end(), [&](RecurrenceRule::Day wanted) {
      return wanted.weekday == weekday && wanted.nth != 0 && is_nth(wanted.nth, index, size);
    });
  }

  const RecurrenceRule& rule_;
  YearMonthDay start_;
  Date origin_;  // the first day of DTSTART's period, where that is a day or a week
  std::uint32_t months_ = 0;
  std::uint32_t month_days_ = 0;
  std::uint32_t last_days_ = 0;  // from the month's end
  std::uint32_t weekdays_ = 0;   // bit 0 = Monday
  bool limits_month_days_ = false;
  bool limits_weekdays_ = false;
  bool nth_of_year_ = false;
};

// So many days, weeks, months and years are 400 years, after which the calendar repeats, weekdays
// included.
constexpr std::array<int, 4> periods_in_400_years{146'097, 20'871, 4'800, 400};

// After so many periods in a row, at this INTERVAL, all places in the 400 years have come that ever
// do: where none of them has a date, none ever will.
int periods_till_repeat(Frequency frequency, int interval) {
  const int all = periods_in_400_years[static_cast<std::size_t>(frequency)];
  return all / std::gcd(all, interval);
}

// The first date of the rule at or after `least`. Empty if there is none up to the year 9999.
std::optional<Date> first_date(const RecurrenceRule& rule, Date start, Date least) {
  start = std::max(start, date_of(1, 1, 1));
  least = std::max(start, least);
  const Date last = date_of(9999, 12, 31);
  const DateRule dates(rule, start);
  const int interval = std::clamp(rule.interval, 1, 10'000);
  if (!dates.may_come(interval)) return std::nullopt;
  const int empty_max = periods_till_repeat(rule.frequency, interval);
  // Who must count begins at the beginning.
  std::int64_t number = rule.count > 0 ? 0 : dates.period_with(least) / interval * interval;
  int left = rule.count > 0 ? rule.count : std::numeric_limits<int>::max();
  int empty = 0;
  PeriodDates found;
  for (; empty < empty_max && dates.period(number) <= last; number += interval) {
    dates.collect(number, found);
    empty = found.empty() ? empty + 1 : 0;
    for (const Date date : found.all()) {
      if (date < start) continue;
      if (date >= least) return date;
      if (--left == 0) return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Instant> next_occurrence(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                       const RecurrenceRule& rule, LocalTime start, bool inclusive,
                                       std::optional<Date> after_date) {
  t = std::clamp(t, earliest_instant, latest_instant);
  // What comes at or after `from` has a wall time after the one just before it (to_instant() is
  // monotone), and so no earlier date.
  const Instant from = inclusive ? t : t + 1;
  Date least = to_local(zones, zone, from - 1).date;
  if (after_date) least = std::max(least, Date{after_date->days + 1});
  for (;;) {
    const std::optional<Date> date = first_date(rule, start.date, least);
    if (!date) return std::nullopt;
    const LocalTime wall{*date, start.ms_of_day};
    if (rule.until_local && wall > *rule.until_local) return std::nullopt;
    const Instant at = to_instant(zones, zone, wall);
    if (at > latest_instant || (rule.until && at > *rule.until)) return std::nullopt;
    if (at >= from) return at;
    least = {date->days + 1};
  }
}

std::optional<Instant> next_occurrence(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                       const Recurrence& recurrence, LocalTime start,
                                       bool inclusive, std::optional<Date> after_date) {
  if (const auto* rule = std::get_if<RecurrenceRule>(&recurrence)) {
    return next_occurrence(zones, zone, t, *rule, start, inclusive, after_date);
  }
  if (const auto* cron = std::get_if<Cron>(&recurrence)) {
    return next_occurrence(zones, zone, t, *cron, inclusive, after_date);
  }
  const Date date = std::get<Date>(recurrence);
  const Instant at = to_instant(zones, zone, {date, start.ms_of_day});
  const bool in_time = inclusive ? at >= t : at > t;
  if (!in_time || at > latest_instant || (after_date && date <= *after_date)) return std::nullopt;
  return at;
}

bool ends(const Recurrence& recurrence) {
  const auto* const rule = std::get_if<RecurrenceRule>(&recurrence);
  if (rule == nullptr) return std::holds_alternative<Date>(recurrence);
  return rule->count > 0 || rule->until_local.has_value() || rule->until.has_value();
}

bool ever_occurs(const Recurrence& recurrence, std::optional<Date> from) {
  static const ZoneTable utc_only;
  const Instant begin = earliest_instant;
  const auto* const rule = std::get_if<RecurrenceRule>(&recurrence);
  if (rule == nullptr)
    return next_occurrence(utc_only, ZoneIndex::utc, begin, recurrence, {}, true).has_value();
  if (from) {
    return next_occurrence(utc_only, ZoneIndex::utc, begin, *rule, {*from, 0}, true).has_value();
  }
  // Some year is long enough, some start the first of what INTERVAL chooses, and every month has a
  // first day.
  RecurrenceRule from_anywhere = *rule;
  from_anywhere.interval = 1;
  from_anywhere.until_local.reset();
  from_anywhere.until.reset();
  const LocalTime start{date_of(2000, 1, 1), 0};
  return next_occurrence(utc_only, ZoneIndex::utc, begin, from_anywhere, start, true).has_value();
}

}  // namespace itinera::calendar
