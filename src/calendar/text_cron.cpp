// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "calendar/scanner.hpp"
#include "calendar/text.hpp"

namespace itinera::calendar {
namespace {

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> cron_day_names{"SUN", "MON", "TUE", "WED",
                                                         "THU", "FRI", "SAT"};

// What a field may hold. Its first name, if it has names, is that of `least`.
struct CronField {
  std::string_view name;
  unsigned least;
  unsigned most;
  std::span<const std::string_view> names;
};
constexpr std::array<CronField, 5> cron_fields{{{"minute", 0, 59, {}},
                                                {"hour", 0, 23, {}},
                                                {"day of the month", 1, 31, {}},
                                                {"month", 1, 12, month_names},
                                                {"weekday", 0, 7, cron_day_names}}};

std::optional<unsigned> read_value(Scanner& in, const CronField& field) {
  if (is_letter(in.peek())) {
    const auto index = index_of(in.letters(), field.names);
    return index ? std::optional(field.least + *index) : std::nullopt;
  }
  const auto number = in.number(2);
  if (!number || *number < field.least || *number > field.most) return std::nullopt;
  return static_cast<unsigned>(*number);
}

// The functions below return what is wrong, or an empty text.

std::string bad_value_of(const CronField& field) {
  return fmt::format("the {} goes from {} to {}{}", field.name, field.least, field.most,
                     field.names.empty() ? ""
                                         : fmt::format(", or by name ({}, {}, ...)", field.names[0],
                                                       field.names[1]));
}

// *, a value or a range, and a step after a * or a range.
std::string read_entry(Scanner& in, const CronField& field, std::uint64_t& bits) {
  unsigned first = field.least;
  unsigned last = field.most;
  bool many = in.take('*');
  if (!many) {
    const auto value = read_value(in, field);
    if (!value) return bad_value_of(field);
    first = last = *value;
    if (in.take('-')) {
      const auto end = read_value(in, field);
      if (!end) return bad_value_of(field);
      many = true;
      // A range to Sunday ends the week, as Sunday is 0 and 7.
      last = field.most == 7 && *end == 0 ? 7 : *end;
    }
  }
  if (last < first) {
    return fmt::format("the {} has a range that runs backwards; list it in two", field.name);
  }
  std::int64_t step = 1;
  if (in.take('/')) {
    if (!many)
      return fmt::format("a / stands after a * or a range, such as {}-{}/2", first, field.most);
    step = in.number(2).value_or(0);
    if (step == 0) return "after a / stands a number from 1 to 99";
  }
  for (std::int64_t value = first; value <= last; value += step) bits |= std::uint64_t{1} << value;
  return "";
}

std::string read_entries(Scanner& in, const CronField& field, std::uint64_t& bits) {
  do {
    if (std::string problem = read_entry(in, field, bits); !problem.empty()) return problem;
  } while (in.take(','));
  if (in.at_end()) return "";
  return fmt::format("the {} has something after its values; between them stands a ,", field.name);
}

std::string read_field(std::string_view text, const CronField& field, std::uint64_t& bits) {
  Scanner in(text);
  std::string problem = read_entries(in, field, bits);
  // Of other schedulers: 5L, 15W, 5#2.
  const bool foreign =
      text.find_first_of("?#") != std::string_view::npos ||
      (field.names.size() != month_names.size() && (text.ends_with('L') || text.ends_with('W')));
  if (problem.empty() || !foreign) return problem;
  return "L, W, # and ? are not taken: FREQ=MONTHLY;BYDAY=-1FR and its like say such things";
}

// Blanks and tabs part the fields; those beyond the array are only counted.
std::size_t split(std::string_view text, std::array<std::string_view, 5>& fields) {
  constexpr std::string_view blanks = " \t";
  std::size_t size = 0;
  for (std::size_t at = text.find_first_not_of(blanks); at < text.size(); ++size) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    if (size < fields.size()) fields[size] = text.substr(at, end - at);
    at = text.find_first_not_of(blanks, end);
  }
  return size;
}

// The shortest of *, */step and ranges that gives the set.
std::string set_text(std::uint64_t bits, unsigned least, unsigned most, bool any) {
  const auto has = [bits](unsigned value) { return (bits >> value & 1u) != 0; };
  for (unsigned step = any ? 1 : 2; step <= most / 2 + 1; ++step) {
    std::uint64_t stepped = 0;
    for (unsigned value = least; value <= most; value += step) stepped |= std::uint64_t{1} << value;
    if (bits == stepped) return step == 1 ? "*" : fmt::format("*/{}", step);
  }
  std::string out;
  for (unsigned first = least; first <= most; ++first) {
    if (!has(first)) continue;
    unsigned last = first;
    while (last < most && has(last + 1)) ++last;
    if (!out.empty()) out += ',';
    out += first == last ? fmt::format("{}", first)
                         : fmt::format("{}{}{}", first, last == first + 1 ? ',' : '-', last);
    first = last;
  }
  return out;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  const auto refuse = [text](std::string_view problem) {
    return bad_text(text, "cron line", problem, "0 9 * * MON-FRI");
  };
  std::array<std::string_view, 5> fields;
  if (const std::size_t size = split(text, fields); size != fields.size()) {
    return refuse(
        fmt::format("it has {} fields, and five are needed: minute, hour, day of the "
                    "month, month, weekday",
                    size));
  }
  std::array<std::uint64_t, 5> sets{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string problem = read_field(fields[i], cron_fields[i], sets[i]);
    if (!problem.empty()) return refuse(problem);
  }
  const auto [minutes, hours, month_days, months, weekdays] = sets;
  Cron cron;
  cron.minutes = minutes;
  cron.hours = static_cast<std::uint32_t>(hours);
  cron.month_days = static_cast<std::uint32_t>(month_days);
  cron.months = static_cast<std::uint32_t>(months);
  // Bit 0 is Monday there, Sunday here, which has 7 also.
  cron.weekdays.bits = static_cast<std::uint8_t>((weekdays >> 1 & 0x7Fu) | (weekdays & 1u) << 6);
  cron.any_hour = fields[1] == "*";
  cron.any_month_day = fields[2] == "*";
  cron.any_weekday = fields[4] == "*";
  return cron;
}

std::string to_text(const Cron& cron) {
  const auto sunday_first = static_cast<std::uint64_t>((cron.weekdays.bits & 0x3Fu) << 1 |
                                                       (cron.weekdays.bits >> 6 & 1u));
  return fmt::format("{} {} {} {} {}", set_text(cron.minutes, 0, 59, true),
                     set_text(cron.hours, 0, 23, cron.any_hour),
                     set_text(cron.month_days, 1, 31, cron.any_month_day),
                     set_text(cron.months, 1, 12, true),
                     set_text(sunday_first, 0, 6, cron.any_weekday));
}

}  // namespace itinera::calendar
