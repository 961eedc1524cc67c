// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "calendar/scanner.hpp"
#include "calendar/text.hpp"

namespace itinera::calendar {
namespace {

// Longer than any two instants are apart, and far from any overflow.
constexpr std::int64_t months_max = 120'000;
constexpr std::int64_t days_max = 3'652'500;
constexpr std::int64_t ms_max = days_max * day_ms;

constexpr const char* too_long = "it is longer than 10,000 years";
constexpr const char* needs_number = "a whole number must stand before each unit";
constexpr const char* wrong_order = "units go from the largest to the smallest, each once";

// What a unit counts, and how many of that one is.
struct Unit {
  enum class Part : std::uint8_t { months, days, ms };
  std::string_view name;
  Part part;
  std::int64_t size;
};
using Part = Unit::Part;

constexpr std::array<Unit, 6> short_units{{{"w", Part::days, 7},
                                           {"d", Part::days, 1},
                                           {"h", Part::ms, hour_ms},
                                           {"m", Part::ms, minute_ms},
                                           {"s", Part::ms, second_ms},
                                           {"ms", Part::ms, 1}}};
constexpr std::array<Unit, 4> iso_date_units{
    {{"Y", Part::months, 12}, {"M", Part::months, 1}, {"W", Part::days, 7}, {"D", Part::days, 1}}};
constexpr std::array<Unit, 3> iso_time_units{
    {{"H", Part::ms, hour_ms}, {"M", Part::ms, minute_ms}, {"S", Part::ms, second_ms}}};

struct Total {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t ms = 0;

  // False where it grows too long.
  bool add(Part part, std::int64_t amount, std::int64_t size) {
    switch (part) {
      case Part::months: return add_to(months, months_max, amount, size);
      case Part::days: return add_to(days, days_max, amount, size);
      case Part::ms: return add_to(ms, ms_max, amount, size);
    }
    return false;
  }

 private:
  static bool add_to(std::int64_t& total, std::int64_t most, std::int64_t amount,
                     std::int64_t size) {
    if (amount > (most - total) / size) return false;
    total += amount * size;
    return true;
  }
};

// The number ahead, or why there is none.
const char* take_amount(Scanner& in, std::int64_t& amount) {
  if (!is_digit(in.peek())) return needs_number;
  const auto number = in.number(15);
  if (!number) return too_long;
  amount = *number;
  return nullptr;
}

// The functions below return what is wrong, or nullptr.

const char* scan_short(Scanner& in, Total& total) {
  std::size_t next = 0;  // the first unit that may still come
  do {
    std::int64_t amount = 0;
    if (const char* problem = take_amount(in, amount)) return problem;
    if (in.peek() == '.' || in.peek() == ',') {
      return "there are no fractions, take a smaller unit";
    }
    const std::string_view name = in.letters();
    std::size_t unit = 0;
    while (unit < short_units.size() && short_units[unit].name != name) ++unit;
    if (unit == short_units.size()) {
      if (name.empty()) return "a unit must stand after each number: w, d, h, m, s or ms";
      const bool months = name.substr(0, 2) == "mo" || name == "M";
      if (months || name.front() == 'y' || name.front() == 'Y') {
        return "months and years are written in ISO form, P1M or P1Y";
      }
      return "the units are w, d, h, m, s and ms";
    }
    if (unit < next) return wrong_order;
    if (!total.add(short_units[unit].part, amount, short_units[unit].size)) return too_long;
    next = unit + 1;
  } while (!in.at_end());
  return nullptr;
}

// The digits after a decimal sign, as milliseconds.
const char* scan_fraction(Scanner& in, Total& total) {
  if (!is_digit(in.peek())) return "digits must stand after the decimal sign";
  for (std::int64_t size = 100; is_digit(in.peek()); size /= 10) {
    const int digit = in.peek() - '0';
    if (size == 0 && digit != 0) return "milliseconds are the finest";
    if (!total.add(Part::ms, digit, size == 0 ? 1 : size)) return too_long;
    in.skip();
  }
  return in.peek() == 'S' ? nullptr : "only seconds may have a fraction";
}

template <std::size_t N>
const char* scan_iso_units(Scanner& in, const std::array<Unit, N>& units, Total& total) {
  std::size_t next = 0;
  do {
    std::int64_t amount = 0;
    if (const char* problem = take_amount(in, amount)) return problem;
    if (in.take('.') || in.take(',')) {
      if (const char* problem = scan_fraction(in, total)) return problem;
    }
    std::size_t unit = 0;
    while (unit < N && units[unit].name.front() != in.peek()) ++unit;
    if (unit == N) {
      return N == iso_time_units.size() ? "after T the units are H, M and S"
                                        : "before T the units are Y, M, W and D";
    }
    if (unit < next) return wrong_order;
    if (!total.add(units[unit].part, amount, units[unit].size)) return too_long;
    in.skip();
    next = unit + 1;
  } while (!in.at_end() && in.peek() != 'T');
  return nullptr;
}

const char* scan_iso(Scanner& in, Total& total) {
  if (in.at_end()) return needs_number;
  if (in.peek() != 'T') {
    if (const char* problem = scan_iso_units(in, iso_date_units, total)) return problem;
  }
  if (!in.take('T')) return nullptr;
  if (const char* problem = scan_iso_units(in, iso_time_units, total)) return problem;
  return in.at_end() ? nullptr : wrong_order;
}

Error no_duration(std::string_view text, std::string_view problem) {
  return bad_text(text, "duration", problem, "1h30m, 7d, P1M or PT24H");
}

void append_unit(std::string& out, std::uint64_t amount, std::string_view unit) {
  if (amount != 0) fmt::format_to(std::back_inserter(out), "{}{}", amount, unit);
}

constexpr std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

}  // namespace

Result<Period> parse_period(std::string_view text, bool negative) {
  Scanner in(text);
  const bool minus = in.take('-');
  if (minus && !negative) return no_duration(text, "it must not be negative");
  Total total;
  const char* problem = in.take('P') ? scan_iso(in, total) : scan_short(in, total);
  if (problem != nullptr) return no_duration(text, problem);
  const int sign = minus ? -1 : 1;
  return Period{sign * static_cast<std::int32_t>(total.months),
                sign * static_cast<std::int32_t>(total.days), sign * total.ms};
}

Result<std::int64_t> parse_elapsed(std::string_view text) {
  const Result<Period> period = parse_period(text);
  if (!period) return period.error();
  if (period->months != 0) {
    return bad_text(text, "exact length of time", "months and years differ in length",
                    "30d, 24h or PT36H");
  }
  return period->days * day_ms + period->ms;
}

std::string to_text(const Period& period) {
  if (period.is_zero()) return "0s";
  const std::uint64_t months = magnitude(period.months);
  const std::uint64_t ms = magnitude(period.ms);
  const std::uint64_t hours = ms / hour_ms;
  const std::uint64_t minutes = ms % hour_ms / minute_ms;
  const std::uint64_t seconds = ms % minute_ms / second_ms;
  const std::uint64_t rest_ms = ms % second_ms;
  std::string out;
  if (period.months < 0 || period.days < 0 || period.ms < 0) out += '-';
  if (months == 0) {
    append_unit(out, magnitude(period.days), "d");
    append_unit(out, hours, "h");
    append_unit(out, minutes, "m");
    append_unit(out, seconds, "s");
    append_unit(out, rest_ms, "ms");
    return out;
  }
  out += 'P';
  append_unit(out, months / 12, "Y");
  append_unit(out, months % 12, "M");
  append_unit(out, magnitude(period.days), "D");
  if (ms == 0) return out;
  out += 'T';
  append_unit(out, hours, "H");
  append_unit(out, minutes, "M");
  if (rest_ms != 0) {
    fmt::format_to(std::back_inserter(out), "{}.{:03}S", seconds, rest_ms);
  } else {
    append_unit(out, seconds, "S");
  }
  return out;
}

}  // namespace itinera::calendar
