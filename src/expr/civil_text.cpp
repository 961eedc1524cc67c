// SPDX-License-Identifier: Apache-2.0
#include "expr/civil_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

#include "base/civil_value.hpp"

namespace itinera::expr {
namespace {

using base::duration_seconds_max;
using base::earliest_second;
using base::latest_second;

constexpr std::int64_t nanos_per_second = 1'000'000'000;

// Reads a text from left to right. Once something does not fit, ok() stays false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool accept(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool accept(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  void expect(char c) {
    if (!accept(c)) ok_ = false;
  }
  // A number of exactly `digits` digits.
  int fixed(std::size_t digits) {
    if (digit_count() < digits) {
      ok_ = false;
      return 0;
    }
    int value = 0;
    std::from_chars(text_.data(), text_.data() + digits, value);
    text_.remove_prefix(digits);
    return value;
  }
  // A number of one or more digits; not ok() without one, or if it does not fit.
  std::int64_t integer() {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + digit_count(), value);
    if (error != std::errc{}) ok_ = false;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return value;
  }
  // One to nine digits after a point, as nanoseconds of one unit.
  std::int64_t fraction() {
    const std::size_t digits = digit_count();
    if (digits == 0 || digits > 9) {
      ok_ = false;
      return 0;
    }
    std::int64_t value = integer();
    for (std::size_t i = digits; i < 9; ++i) value *= 10;
    return value;
  }
  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t digit_count() const {
    const std::size_t end = text_.find_first_not_of("0123456789");
    return end == std::string_view::npos ? text_.size() : end;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

// "+02:00", "-09:30", "02:00"; in seconds.
std::optional<std::int32_t> offset_of(std::string_view text) {
  Scanner in(text);
  const bool west = in.accept('-');
  if (!west) in.accept('+');
  const int hours = in.fixed(2);
  in.expect(':');
  const int minutes = in.fixed(2);
  if (!in.ok() || !in.at_end() || hours > 23 || minutes > 59) return std::nullopt;
  return (west ? -60 : 60) * (hours * 60 + minutes);
}

struct DurationUnit {
  std::string_view name;
  std::int64_t per_second;  // how many make a second, or 1
  std::int64_t seconds;     // how many seconds one has, or 0 below a second
};

// Longer names before their prefixes.
constexpr std::array<DurationUnit, 7> duration_units{{{"h", 1, 3600},
                                                      {"ms", 1'000, 0},
                                                      {"m", 1, 60},
                                                      {"us", 1'000'000, 0},
                                                      {"\xC2\xB5s", 1'000'000, 0},
                                                      {"ns", nanos_per_second, 0},
                                                      {"s", 1, 1}}};

struct WindowUnit {
  std::string_view name;
  std::int64_t ms;
};

constexpr std::array<WindowUnit, 6> short_units{{{"w", 7 * day_ms},
                                                 {"d", day_ms},
                                                 {"h", hour_ms},
                                                 {"ms", 1},
                                                 {"m", minute_ms},
                                                 {"s", second_ms}}};
constexpr std::array<WindowUnit, 2> iso_date_units{{{"W", 7 * day_ms}, {"D", day_ms}}};
constexpr std::array<WindowUnit, 3> iso_time_units{
    {{"H", hour_ms}, {"M", minute_ms}, {"S", second_ms}}};

// Numbers with units, each unit smaller than the one before, added to `ms`. Stops at the first
// character that is no digit; false if anything does not fit.
template <std::size_t N>
bool add_units(Scanner& in, const std::array<WindowUnit, N>& units, std::int64_t& ms) {
  std::int64_t previous = std::numeric_limits<std::int64_t>::max();
  while (in.digit_count() > 0) {
    const std::int64_t count = in.integer();
    if (!in.ok()) return false;
    const WindowUnit* found = nullptr;
    for (const WindowUnit& unit : units) {
      if (found == nullptr && in.accept(unit.name)) found = &unit;
    }
    std::int64_t part = 0;
    if (found == nullptr || found->ms >= previous ||
        __builtin_mul_overflow(count, found->ms, &part) || __builtin_add_overflow(ms, part, &ms)) {
      return false;
    }
    previous = found->ms;
  }
  return true;
}

// `sum` and one number with its unit, "1.5h".
std::optional<TimeSpan> plus_quantity(Scanner& in, const TimeSpan& sum) {
  const bool whole_given = in.digit_count() > 0;
  const std::int64_t whole = whole_given ? in.integer() : 0;
  const bool fraction_given = in.accept('.');
  const std::int64_t fraction = fraction_given ? in.fraction() : 0;
  const DurationUnit* found = nullptr;
  for (const DurationUnit& unit : duration_units) {
    if (found == nullptr && in.accept(unit.name)) found = &unit;
  }
  if (found == nullptr || !in.ok() || (!whole_given && !fraction_given)) return std::nullopt;
  std::int64_t seconds = 0;
  if (__builtin_mul_overflow(whole / found->per_second, std::max<std::int64_t>(found->seconds, 1),
                             &seconds) ||
      __builtin_add_overflow(sum.seconds, seconds, &seconds)) {
    return std::nullopt;
  }
  std::int64_t nanos = sum.nanos;
  nanos += whole % found->per_second * (nanos_per_second / found->per_second);
  nanos += found->seconds > 0 ? fraction * found->seconds : fraction / found->per_second;
  return make_time_span(seconds, nanos);
}

}  // namespace

std::optional<Timestamp> make_timestamp(std::int64_t seconds, std::int64_t nanos) {
  std::int64_t carry = nanos / nanos_per_second;
  nanos %= nanos_per_second;
  if (nanos < 0) {
    nanos += nanos_per_second;
    --carry;
  }
  if (__builtin_add_overflow(seconds, carry, &seconds) || seconds < earliest_second ||
      seconds > latest_second) {
    return std::nullopt;
  }
  return Timestamp{seconds, static_cast<std::int32_t>(nanos)};
}

std::optional<TimeSpan> make_time_span(std::int64_t seconds, std::int64_t nanos) {
  if (__builtin_add_overflow(seconds, nanos / nanos_per_second, &seconds)) return std::nullopt;
  nanos %= nanos_per_second;
  if (seconds > 0 && nanos < 0) {
    --seconds;
    nanos += nanos_per_second;
  } else if (seconds < 0 && nanos > 0) {
    ++seconds;
    nanos -= nanos_per_second;
  }
  if (seconds < -duration_seconds_max || seconds > duration_seconds_max) return std::nullopt;
  return TimeSpan{seconds, static_cast<std::int32_t>(nanos)};
}

std::optional<Timestamp> timestamp_of(std::string_view text) {
  Scanner in(text);
  const int year = in.fixed(4);
  in.expect('-');
  const int month = in.fixed(2);
  in.expect('-');
  const int day = in.fixed(2);
  in.expect('T');
  const int hour = in.fixed(2);
  in.expect(':');
  const int minute = in.fixed(2);
  in.expect(':');
  const int second = in.fixed(2);
  const std::int64_t nanos = in.accept('.') ? in.fraction() : 0;
  std::int32_t offset = 0;
  if (!in.accept('Z')) {
    const bool west = in.accept('-');
    if (!west) in.expect('+');
    const int hours = in.fixed(2);
    in.expect(':');
    const int minutes = in.fixed(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = (west ? -60 : 60) * (hours * 60 + minutes);
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!in.ok() || !in.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return make_timestamp(days * 86'400 + hour * 3'600 + minute * 60 + second - offset, nanos);
}

std::optional<TimeSpan> time_span_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return TimeSpan{};
  Scanner in(text);
  TimeSpan sum;
  do {
    const std::optional<TimeSpan> next = plus_quantity(in, sum);
    if (!next) return std::nullopt;
    sum = *next;
  } while (!in.at_end());
  return negative ? make_time_span(-sum.seconds, -sum.nanos) : sum;
}

std::optional<std::int64_t> window_ms_of(std::string_view text) {
  Scanner in(text);
  std::int64_t ms = 0;
  if (in.accept('P')) {
    if (!add_units(in, iso_date_units, ms)) return std::nullopt;
    if (in.accept('T') && (in.digit_count() == 0 || !add_units(in, iso_time_units, ms))) {
      return std::nullopt;
    }
  } else if (!add_units(in, short_units, ms)) {
    return std::nullopt;
  }
  if (!in.at_end() || ms <= 0) return std::nullopt;
  return ms;
}

const ZoneTable& utc_only() {
  static const ZoneTable table;
  return table;
}

std::optional<std::int64_t> part_of(Function part, const Timestamp& t, std::string_view zone,
                                    const ZoneTable& zones) {
  std::optional<std::int32_t> offset = offset_of(zone);
  if (!offset) {
    const std::optional<ZoneIndex> index = zones.find(zone);
    if (!index) return std::nullopt;
    offset = zones.offset_s(*index, Instant{t.seconds * 1'000 + t.nanos / 1'000'000});
  }
  const std::chrono::sys_seconds local{std::chrono::seconds{t.seconds + *offset}};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::int64_t second = (local - day).count();
  switch (part) {
    case Function::get_full_year: return static_cast<int>(date.year());
    case Function::get_month: return static_cast<unsigned>(date.month()) - 1;
    case Function::get_date: return static_cast<unsigned>(date.day());
    case Function::get_day_of_month: return static_cast<unsigned>(date.day()) - 1;
    case Function::get_day_of_week: return std::chrono::weekday{day}.c_encoding();
    case Function::get_day_of_year:
      return (day - std::chrono::sys_days{date.year() / std::chrono::January / 1}).count();
    case Function::get_hours: return second / 3'600;
    case Function::get_minutes: return second / 60 % 60;
    case Function::get_seconds: return second % 60;
    case Function::get_milliseconds: return t.nanos / 1'000'000;
    default: return std::nullopt;
  }
}

std::int64_t part_of(Function part, const TimeSpan& d) {
  switch (part) {
    case Function::get_hours: return d.seconds / 3'600;
    case Function::get_minutes: return d.seconds / 60;
    case Function::get_milliseconds: return d.nanos / 1'000'000;
    default: return d.seconds;
  }
}

}  // namespace itinera::expr
