// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/scanner.hpp"
#include "calendar/text.hpp"

namespace itinera::calendar {
namespace {

constexpr std::size_t list_max = 64;
constexpr std::int32_t interval_max = 10'000;
constexpr std::int32_t count_max = 10'000;
constexpr auto last_ms_of_day = static_cast<std::int32_t>(day_ms - 1);

constexpr std::array<std::string_view, 4> frequency_names{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
constexpr std::array<std::string_view, 3> finer_frequency_names{"HOURLY", "MINUTELY", "SECONDLY"};
constexpr std::array<std::string_view, 7> rule_day_names{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

enum class RulePart { freq, interval, count, until, months, month_days, days, positions, wkst };
constexpr std::array<std::string_view, 9> part_names{
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"};
constexpr std::string_view name_of(RulePart part) {
  return part_names[static_cast<std::size_t>(part)];
}

// Parts of RFC 5545 and RFC 7529 that are refused, and what to do instead.
struct RefusedPart {
  std::string_view name;
  std::string_view remedy;
};
constexpr std::string_view time_stands_beside = "the time of day stands beside the rule, in `at`";
constexpr std::array<RefusedPart, 7> refused_parts{{
    {"BYHOUR", time_stands_beside},
    {"BYMINUTE", time_stands_beside},
    {"BYSECOND", time_stands_beside},
    {"BYYEARDAY", "name the days by BYMONTH and BYMONTHDAY"},
    {"BYWEEKNO", "name the weeks by BYMONTH and BYDAY, or by INTERVAL"},
    {"RSCALE", "the calendar is the Gregorian one"},
    {"SKIP", "a day that a month lacks is left out, and the last one is BYMONTHDAY=-1"},
}};

// The functions below return what is wrong, or an empty text.

// Hands each entry of a list to `read`, which takes it from the scanner.
template <class Read>
std::string read_list(std::string_view name, std::string_view value, Read read) {
  Scanner in(value);
  std::size_t size = 0;
  do {
    if (++size > list_max) return fmt::format("{} has more than {} entries", name, list_max);
    if (std::string problem = read(in); !problem.empty()) return problem;
  } while (in.take(','));
  return in.at_end() ? "" : fmt::format("in {} only a , may stand between two entries", name);
}

// Puts a list into rising order, without repeats.
template <class T>
void tidy(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// -1, or +1 where a + or nothing stands there.
int read_sign(Scanner& in) {
  if (in.take('-')) return -1;
  in.take('+');
  return 1;
}

std::string read_numbers(RulePart part, std::string_view value, int most, bool from_the_end,
                         std::vector<int>& out) {
  const std::string_view name = name_of(part);
  std::string problem = read_list(name, value, [&](Scanner& in) -> std::string {
    const int sign = read_sign(in);
    const auto number = in.number(3);
    if (!number || *number < 1 || *number > most || (sign < 0 && !from_the_end)) {
      return fmt::format("{} takes numbers from 1 to {}{}", name, most,
                         from_the_end ? fmt::format(", or -1 (the last) to -{}", most) : "");
    }
    out.push_back(sign * static_cast<int>(*number));
    return "";
  });
  tidy(out);
  return problem;
}

std::string read_days(std::string_view value, std::vector<RecurrenceRule::Day>& out) {
  std::string problem = read_list("BYDAY", value, [&](Scanner& in) -> std::string {
    const int sign = read_sign(in);
    const std::int64_t nth = is_digit(in.peek()) ? in.number(2).value_or(0) : -1;
    if (nth == 0 || nth > 53) return "the number before a day in BYDAY goes from 1 to 53";
    if (nth < 0 && sign < 0) return "a - in BYDAY stands before a number, such as -1FR";
    const auto weekday = index_of(in.letters(), rule_day_names);
    if (!weekday) return "the days in BYDAY are MO, TU, WE, TH, FR, SA and SU";
    out.push_back({nth < 0 ? 0 : sign * static_cast<int>(nth), *weekday});
    return "";
  });
  tidy(out);
  return problem;
}

std::string read_bounded(RulePart part, std::string_view value, std::int32_t most,
                         std::int32_t& out) {
  Scanner in(value);
  const auto number = in.number(9);
  if (!number || !in.at_end() || *number < 1 || *number > most) {
    return fmt::format("{} is a number from 1 to {}", name_of(part), most);
  }
  out = static_cast<std::int32_t>(*number);
  return "";
}

// 20261231, 20261231T180000 or 20261231T180000Z; a date is meant to its end.
std::string read_until(std::string_view value, RecurrenceRule& rule) {
  // As parse_local() and parse_instant() have it: 2026-12-31T18:00:00Z.
  std::string extended;
  for (std::size_t i = 0; i < value.size() && i < 16; ++i) {
    if (!is_digit(value[i]) && i != 8 && i != 15) return "the digits of UNTIL stand without signs";
    if (i == 4 || i == 6) extended += '-';
    if (i == 11 || i == 13) extended += ':';
    extended += value[i];
  }
  constexpr const char* problem =
      "UNTIL is a date such as 20261231, or with a time 20261231T180000, in UTC with a Z";
  if (value.size() == 16) {
    const auto instant = parse_instant(extended);
    if (!instant) return problem;
    rule.until = *instant;
    return "";
  }
  const auto local = parse_local(extended);
  if (!local || (value.size() != 8 && value.size() != 15)) return problem;
  rule.until_local = local->local;
  if (local->date_only) rule.until_local->ms_of_day = last_ms_of_day;
  return "";
}

std::string read_frequency(std::string_view value, RecurrenceRule& rule) {
  if (const auto frequency = index_of(value, frequency_names)) {
    rule.frequency = static_cast<RecurrenceRule::Frequency>(*frequency);
    return "";
  }
  if (const auto finer = index_of(value, finer_frequency_names)) {
    return fmt::format("FREQ={} is not taken: times within a day need a cron line such as {}",
                       finer_frequency_names[*finer], *finer == 0 ? "0 */3 * * *" : "*/15 * * * *");
  }
  return "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY";
}

std::string read_part(RulePart part, std::string_view value, RecurrenceRule& rule) {
  switch (part) {
    case RulePart::freq: return read_frequency(value, rule);
    case RulePart::interval: return read_bounded(part, value, interval_max, rule.interval);
    case RulePart::count: return read_bounded(part, value, count_max, rule.count);
    case RulePart::until: return read_until(value, rule);
    case RulePart::months: return read_numbers(part, value, 12, false, rule.months);
    case RulePart::month_days: return read_numbers(part, value, 31, true, rule.month_days);
    case RulePart::days: return read_days(value, rule.days);
    case RulePart::positions: return read_numbers(part, value, 366, true, rule.positions);
    case RulePart::wkst: break;
  }
  const auto weekday = index_of(value, rule_day_names);
  if (!weekday) return "WKST is MO, TU, WE, TH, FR, SA or SU";
  rule.week_start = *weekday;
  return "";
}

// NAME=value, whose names before it are in `seen`.
std::string read_named_part(std::string_view part, unsigned& seen, RecurrenceRule& rule) {
  const std::size_t sign = part.find('=');
  if (sign == std::string_view::npos) return "each part is a name, a = and a value, ; between them";
  const std::string_view name = part.substr(0, sign);
  const auto known = index_of(name, part_names);
  if (!known) {
    for (const RefusedPart& refused : refused_parts) {
      if (index_of(name, std::span(&refused.name, 1))) {
        return fmt::format("{} is not taken: {}", refused.name, refused.remedy);
      }
    }
    return fmt::format("its parts are {}", fmt::join(part_names, ", "));
  }
  if ((seen >> *known & 1u) != 0) return fmt::format("{} stands there twice", part_names[*known]);
  seen |= 1u << *known;
  return read_part(static_cast<RulePart>(*known), part.substr(sign + 1), rule);
}

// What RFC 5545 rules out of parts that are right each for itself.
std::string contradiction(const RecurrenceRule& rule, unsigned seen) {
  const auto has = [seen](RulePart part) {
    return (seen >> static_cast<unsigned>(part) & 1u) != 0;
  };
  if (!has(RulePart::freq)) return "FREQ is missing";
  if (has(RulePart::count) && has(RulePart::until))
    return "it ends by COUNT or by UNTIL, not by both";
  if (has(RulePart::month_days) && rule.frequency == RecurrenceRule::Frequency::weekly) {
    return "BYMONTHDAY does not go with FREQ=WEEKLY";
  }
  const bool numbered = std::any_of(rule.days.begin(), rule.days.end(),
                                    [](RecurrenceRule::Day day) { return day.nth != 0; });
  if (numbered && (rule.frequency == RecurrenceRule::Frequency::daily ||
                   rule.frequency == RecurrenceRule::Frequency::weekly)) {
    return "a number before a day in BYDAY needs FREQ=MONTHLY or FREQ=YEARLY";
  }
  if (has(RulePart::positions) && !has(RulePart::months) && !has(RulePart::month_days) &&
      !has(RulePart::days)) {
    return "BYSETPOS chooses among the dates of another BY part";
  }
  return "";
}

void append_part(std::string& out, RulePart part, std::string_view value) {
  if (!out.empty()) out += ';';
  out += name_of(part);
  out += '=';
  out += value;
}
void append_numbers(std::string& out, RulePart part, std::span<const int> numbers) {
  if (!numbers.empty()) append_part(out, part, fmt::format("{}", fmt::join(numbers, ",")));
}

// "20261231T180000Z" of "2026-12-31T18:00:00Z".
std::string basic_form(std::string text) {
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace

Result<RecurrenceRule> parse_recurrence_rule(std::string_view text) {
  RecurrenceRule rule;
  unsigned seen = 0;
  std::string problem;
  std::string_view rest = text;
  while (!rest.empty() && problem.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    problem = read_named_part(rest.substr(0, end), seen, rule);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (problem.empty()) problem = contradiction(rule, seen);
  if (!problem.empty()) {
    return bad_text(text, "recurrence", problem,
                    "FREQ=WEEKLY;BYDAY=MO,WE or FREQ=MONTHLY;BYDAY=-1FR");
  }
  return rule;
}

Result<Recurrence> parse_recurrence(std::string_view text) {
  if (text.find('=') != std::string_view::npos) {
    Result<RecurrenceRule> rule = parse_recurrence_rule(text);
    if (!rule) return rule.error();
    return Recurrence(*std::move(rule));
  }
  // A year and a - begin no cron line.
  if (Scanner in(text); in.digits(4) && in.peek() == '-') {
    const Result<LocalText> local = parse_local(text);
    if (!local) return local.error();
    if (!local->date_only) {
      return bad_text(text, "recurrence", "the time of day stands beside the date, in `at`",
                      "2026-03-02");
    }
    return Recurrence(local->local.date);
  }
  const Result<Cron> cron = parse_cron(text);
  if (!cron) return cron.error();
  return Recurrence(*cron);
}

std::string to_text(const RecurrenceRule& rule) {
  std::string out;
  append_part(out, RulePart::freq, frequency_names[static_cast<std::size_t>(rule.frequency)]);
  if (rule.interval != 1) append_part(out, RulePart::interval, fmt::format("{}", rule.interval));
  if (rule.count != 0) append_part(out, RulePart::count, fmt::format("{}", rule.count));
  if (rule.until_local) {
    const bool date_only = rule.until_local->ms_of_day == last_ms_of_day;
    append_part(
        out, RulePart::until,
        basic_form(date_only ? to_text(rule.until_local->date) : to_text(*rule.until_local)));
  }
  if (rule.until) append_part(out, RulePart::until, basic_form(to_text(*rule.until)));
  append_numbers(out, RulePart::months, rule.months);
  append_numbers(out, RulePart::month_days, rule.month_days);
  if (!rule.days.empty()) {
    std::string days_text;
    for (const RecurrenceRule::Day day : rule.days) {
      if (!days_text.empty()) days_text += ',';
      if (day.nth != 0) fmt::format_to(std::back_inserter(days_text), "{}", day.nth);
      days_text += rule_day_names[day.weekday % 7];
    }
    append_part(out, RulePart::days, days_text);
  }
  append_numbers(out, RulePart::positions, rule.positions);
  if (rule.week_start != 0) append_part(out, RulePart::wkst, rule_day_names[rule.week_start % 7]);
  return out;
}

std::string to_text(const Recurrence& recurrence) {
  return std::visit([](const auto& kind) { return to_text(kind); }, recurrence);
}

}  // namespace itinera::calendar
