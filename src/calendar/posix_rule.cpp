// SPDX-License-Identifier: Apache-2.0
#include "calendar/posix_rule.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "calendar/civil.hpp"
#include "calendar/scanner.hpp"

namespace itinera::calendar {
namespace {

using Change = PosixRule::Change;

bool take_name(Scanner& in) {
  if (in.take('<')) {
    std::size_t size = 0;
    while (!in.at_end() && in.peek() != '>') {
      in.skip();
      ++size;
    }
    return in.take('>') && size >= 3;
  }
  std::size_t size = 0;
  while (is_letter(in.peek())) {
    in.skip();
    ++size;
  }
  return size >= 3;
}

// [+-]hh[:mm[:ss]] as seconds.
std::optional<std::int32_t> take_time(Scanner& in) {
  const bool negative = in.take('-');
  if (!negative) in.take('+');
  const auto hours = in.number(3);
  if (!hours || *hours > 167) return std::nullopt;
  std::int64_t seconds = *hours * 3600;
  for (const int unit : {60, 1}) {
    if (!in.take(':')) break;
    const auto part = in.number(2);
    if (!part || *part > 59) return std::nullopt;
    seconds += *part * unit;
  }
  return static_cast<std::int32_t>(negative ? -seconds : seconds);
}

std::optional<unsigned> take_between(Scanner& in, unsigned low, unsigned high) {
  const auto number = in.number(3);
  if (!number || *number < low || *number > high) return std::nullopt;
  return static_cast<unsigned>(*number);
}

std::optional<Change> take_change(Scanner& in) {
  Change change;
  if (in.take('M')) {
    const auto month = take_between(in, 1, 12);
    if (!month || !in.take('.')) return std::nullopt;
    const auto week = take_between(in, 1, 5);
    if (!week || !in.take('.')) return std::nullopt;
    const auto weekday = take_between(in, 0, 6);
    if (!weekday) return std::nullopt;
    change.month = *month;
    change.week = *week;
    change.weekday = *weekday;
  } else {
    const bool julian = in.take('J');
    const auto day = julian ? take_between(in, 1, 365) : take_between(in, 0, 365);
    if (!day) return std::nullopt;
    change.kind = julian ? Change::Kind::julian : Change::Kind::day_of_year;
    change.day = *day;
  }
  if (in.take('/')) {
    const auto second = take_time(in);
    if (!second) return std::nullopt;
    change.second = *second;
  }
  return change;
}

Date day_in(int year, const Change& change) {
  const Date new_year = date_of(year, 1, 1);
  switch (change.kind) {
    case Change::Kind::day_of_year: return {new_year.days + static_cast<std::int32_t>(change.day)};
    case Change::Kind::julian: {
      const bool leap = parts_of(date_of(year, 2, 29)).day == 29;
      return {new_year.days + static_cast<std::int32_t>(change.day) - 1 +
              (leap && change.day >= 60 ? 1 : 0)};
    }
    case Change::Kind::weekday_of_month: break;
  }
  const Date first = date_of(year, change.month, 1);
  const Date last = date_of(year, change.month, 31);
  // `weekday` counts from Sunday, weekday_of() from Monday.
  const auto days_until = static_cast<std::int32_t>((change.weekday + 13 - weekday_of(first)) % 7);
  std::int32_t day = first.days + days_until + 7 * (static_cast<std::int32_t>(change.week) - 1);
  if (day > last.days) day -= 7;
  return {day};
}

Instant instant_in(int year, const Change& change, std::int32_t offset_before_s) {
  return {std::int64_t{day_in(year, change).days} * day_ms +
          (std::int64_t{change.second} - offset_before_s) * second_ms};
}

}  // namespace

std::optional<PosixRule> parse_posix_rule(std::string_view text) {
  Scanner in(text);
  PosixRule rule;
  if (!take_name(in)) return std::nullopt;
  const auto west_s = take_time(in);
  if (!west_s) return std::nullopt;
  rule.standard_offset_s = -*west_s;
  if (in.at_end()) return rule;

  if (!take_name(in)) return std::nullopt;
  rule.summer_offset_s = rule.standard_offset_s + 3600;
  if (in.peek() != ',') {
    const auto summer_west_s = take_time(in);
    if (!summer_west_s) return std::nullopt;
    rule.summer_offset_s = -*summer_west_s;
  }
  if (!in.take(',')) return std::nullopt;
  rule.summer_begins = take_change(in);
  if (!rule.summer_begins || !in.take(',')) return std::nullopt;
  rule.summer_ends = take_change(in);
  if (!rule.summer_ends || !in.at_end()) return std::nullopt;
  return rule;
}

void extend_by_rule(const PosixRule& rule, Instant after, int end_year,
                    std::vector<ZoneTransition>& transitions) {
  if (!rule.summer_begins) return;
  const Instant end{date_of(end_year, 1, 1).days * day_ms};
  const auto append = [&](ZoneTransition change) {
    if (change.from <= after || change.from >= end) return;
    // Where summer time lasts all year, one change ends it and another begins it at one instant.
    if (!transitions.empty() && transitions.back().from == change.from) transitions.pop_back();
    if (transitions.empty() || transitions.back().offset_s != change.offset_s) {
      transitions.push_back(change);
    }
  };
  const Instant sound = std::clamp(after, earliest_instant, latest_instant);
  const int first_year = parts_of({static_cast<std::int32_t>(sound.ms / day_ms)}).year - 1;
  for (int year = first_year; year <= end_year; ++year) {
    std::array<ZoneTransition, 2> changes{
        ZoneTransition{instant_in(year, *rule.summer_begins, rule.standard_offset_s),
                       rule.summer_offset_s},
        ZoneTransition{instant_in(year, *rule.summer_ends, rule.summer_offset_s),
                       rule.standard_offset_s}};
    if (changes[1].from < changes[0].from) std::swap(changes[0], changes[1]);
    append(changes[0]);
    append(changes[1]);
  }
}

}  // namespace itinera::calendar
