// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "calendar/scanner.hpp"
#include "calendar/text.hpp"

namespace itinera::calendar {
namespace {

// What an ISO 8601 date with or without time and offset says.
struct Parts {
  Date date;
  bool has_time = false;
  std::int32_t second_of_day = 0;
  std::int32_t nanos = 0;
  std::optional<std::int32_t> offset_s;

  [[nodiscard]] std::int64_t utc_seconds() const {
    return std::int64_t{date.days} * (day_ms / second_ms) + second_of_day - offset_s.value_or(0);
  }
  [[nodiscard]] LocalTime local() const {
    return {date, second_of_day * static_cast<std::int32_t>(second_ms) + nanos / 1'000'000};
  }
};

// The functions below return what is wrong, or nullptr.

const char* scan_date(Scanner& in, Date& out) {
  const auto year = in.digits(4);
  if (!year || !in.take('-')) return "it must begin with a date, year-month-day";
  const auto month = in.digits(2);
  if (!month || !in.take('-')) return "the month must have two digits, and a - after it";
  const auto day = in.digits(2);
  if (!day) return "the day must have two digits";
  if (*year == 0) return "years go from 0001 to 9999";
  if (*month < 1 || *month > 12) return "months go from 01 to 12";
  out = date_of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
  // date_of() draws a day that is missing back into its month.
  if (*day < 1 || parts_of(out).day != static_cast<unsigned>(*day)) {
    return "that month has no such day";
  }
  return nullptr;
}

// hh:mm, with seconds and their fraction if they stand there. Digits after the ninth are cut off.
const char* scan_time(Scanner& in, std::int32_t& second_of_day, std::int32_t& nanos) {
  const auto hour = in.digits(2);
  if (!hour || !in.take(':')) return "the hour must have two digits, and a : after it";
  const auto minute = in.digits(2);
  if (!minute) return "the minute must have two digits";
  std::optional<std::int32_t> second = 0;
  if (in.take(':')) second = in.digits(2);
  if (!second) return "the second must have two digits";
  if (*hour == 24) return "the day ends at 23:59, the next begins at 00:00";
  if (*hour > 23) return "hours go from 00 to 23";
  if (*minute > 59) return "minutes go from 00 to 59";
  if (*second > 59) return "seconds go from 00 to 59";
  second_of_day = (*hour * 60 + *minute) * 60 + *second;
  nanos = 0;
  if (in.peek() != '.' && in.peek() != ',') return nullptr;
  in.skip();
  if (!is_digit(in.peek())) return "digits must stand after the decimal sign";
  for (std::int32_t size = 100'000'000; is_digit(in.peek()); size /= 10) {
    nanos += (in.peek() - '0') * size;
    in.skip();
  }
  return nullptr;
}

// Z, +01:00, +0100 or +01; nothing leaves `out` empty.
const char* scan_offset(Scanner& in, std::optional<std::int32_t>& out) {
  if (in.at_end()) return nullptr;
  if (in.take('Z') || in.take('z')) {
    out = 0;
    return nullptr;
  }
  constexpr const char* problem = "after the time only Z or an offset such as +01:00 may stand";
  const bool west = in.take('-');
  if (!west && !in.take('+')) return problem;
  const std::size_t before = in.rest().size();
  const auto number = in.number(4);
  if (!number) return problem;
  const std::size_t digits = before - in.rest().size();
  auto hours = static_cast<std::int32_t>(*number);
  std::optional<std::int32_t> minutes = 0;
  if (digits == 4) {
    minutes = hours % 100;
    hours /= 100;
  } else if (digits != 2) {
    return problem;
  } else if (in.take(':')) {
    minutes = in.digits(2);
  }
  if (!minutes || *minutes > 59 || hours > 23) return problem;
  out = (west ? -1 : 1) * (hours * 60 + *minutes) * 60;
  return nullptr;
}

const char* scan(std::string_view text, Parts& out) {
  Scanner in(text);
  if (const char* problem = scan_date(in, out.date)) return problem;
  if (in.at_end()) return nullptr;
  if (!in.take('T') && !in.take('t') && !in.take(' ')) {
    return "after the date only T and a time of day may stand";
  }
  out.has_time = true;
  if (const char* problem = scan_time(in, out.second_of_day, out.nanos)) return problem;
  if (const char* problem = scan_offset(in, out.offset_s)) return problem;
  return in.at_end() ? nullptr : "something stands after its end";
}

std::optional<Instant> in_range(std::int64_t ms) {
  const Instant t{ms};
  if (t < earliest_instant || t > latest_instant) return std::nullopt;
  return t;
}

// The milliseconds of `seconds`, less than a second off the range at most.
std::optional<Instant> instant_at(std::int64_t seconds, std::int32_t nanos) {
  if (seconds < earliest_instant.ms / second_ms || seconds > latest_instant.ms / second_ms) {
    return std::nullopt;
  }
  return in_range(seconds * second_ms + nanos / 1'000'000);
}

// Below this a number counts seconds (to the year 5138), from it on milliseconds (from 1973).
constexpr std::int64_t least_ms_number = 100'000'000'000;

std::optional<Instant> instant_of_number(std::int64_t number) {
  if (number > -least_ms_number && number < least_ms_number) return in_range(number * second_ms);
  return in_range(number);
}

std::optional<Instant> instant_of_number(double number) {
  constexpr auto limit = static_cast<double>(least_ms_number);
  const double ms = std::fabs(number) < limit ? number * 1'000.0 : number;
  // Also refuses NaN; within it the conversion is exact.
  if (!(std::fabs(ms) < 1e15)) return std::nullopt;
  return in_range(static_cast<std::int64_t>(std::round(ms)));
}

std::optional<Instant> instant_of_text(std::string_view text, const ZoneTable& zones,
                                       ZoneIndex zone, std::int32_t at_ms) {
  Parts parts;
  if (scan(text, parts) != nullptr) return std::nullopt;
  if (parts.offset_s) return instant_at(parts.utc_seconds(), parts.nanos);
  LocalTime local = parts.local();
  if (!parts.has_time) local.ms_of_day = at_ms;
  return in_range(to_instant(zones, zone, local).ms);
}

}  // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
  constexpr std::string_view example = "2026-03-02T10:00:00+01:00 or 2026-03-02T09:00:00Z";
  const auto refuse = [&](const char* problem) {
    return bad_text(text, "timestamp", problem, example);
  };
  Parts parts;
  if (const char* problem = scan(text, parts)) return refuse(problem);
  if (!parts.has_time) return refuse("the time of day is missing");
  if (!parts.offset_s) return refuse("the offset from UTC is missing");
  const Timestamp timestamp{parts.utc_seconds(), parts.nanos};
  if (!instant_at(timestamp.seconds, 0)) return refuse("in UTC the year is not in 1 to 9999");
  return timestamp;
}

Result<Instant> parse_instant(std::string_view text) {
  const Result<Timestamp> timestamp = parse_timestamp(text);
  if (!timestamp) return timestamp.error();
  return Instant{timestamp->seconds * second_ms + timestamp->nanos / 1'000'000};
}

Result<LocalText> parse_local(std::string_view text) {
  constexpr std::string_view example = "2026-03-02 or 2026-03-02T10:00";
  Parts parts;
  if (const char* problem = scan(text, parts)) {
    return bad_text(text, "date or local time", problem, example);
  }
  if (parts.offset_s) {
    return bad_text(text, "date or local time", "it must have no offset from UTC", example);
  }
  return LocalText{parts.local(), !parts.has_time};
}

Result<Date> parse_date(std::string_view text) {
  const Result<LocalText> local = parse_local(text);
  if (local && local->date_only) return local->local.date;
  const std::string problem = local ? "it must have no time of day" : std::string();
  if (!local) return local.error();
  return bad_text(text, "date", problem, "2026-03-02");
}

Complaint parts_of(std::string_view message) {
  constexpr std::string_view advice = "; write ";
  const std::size_t at = message.find(advice);
  if (at == std::string_view::npos) return {message, {}};
  return {message.substr(0, at), message.substr(at + 2)};
}

Result<std::int32_t> parse_time_of_day(std::string_view text) {
  Scanner in(text);
  Parts parts;
  const char* problem = scan_time(in, parts.second_of_day, parts.nanos);
  if (problem == nullptr && !in.at_end()) problem = "something stands after its end";
  if (problem != nullptr) return bad_text(text, "time of day", problem, "09:00 or 21:30:15");
  return parts.local().ms_of_day;
}

std::string to_text(Date date) {
  const YearMonthDay parts = parts_of(date);
  return fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
}

std::string to_text(LocalTime local) {
  std::string out = to_text(local.date) + 'T' + time_of_day_text(local.ms_of_day);
  if (local.ms_of_day % minute_ms == 0) out += ":00";
  return out;
}

std::string time_of_day_text(std::int32_t ms_of_day) {
  const std::int64_t ms = ms_of_day;
  std::string out = fmt::format("{:02}:{:02}", ms / hour_ms, ms % hour_ms / minute_ms);
  if (ms % minute_ms == 0) return out;
  fmt::format_to(std::back_inserter(out), ":{:02}", ms % minute_ms / second_ms);
  if (ms % second_ms != 0) fmt::format_to(std::back_inserter(out), ".{:03}", ms % second_ms);
  return out;
}

std::optional<Instant> instant_of(const Value& value, const ZoneTable& zones, ZoneIndex zone,
                                  std::int32_t at_ms) {
  if (const auto* timestamp = value.get<Timestamp>()) {
    return instant_at(timestamp->seconds, timestamp->nanos);
  }
  if (const auto* text = value.get<std::string>()) {
    return instant_of_text(*text, zones, zone, at_ms);
  }
  if (const auto* integer = value.get<std::int64_t>()) return instant_of_number(*integer);
  if (const auto* real = value.get<double>()) return instant_of_number(*real);
  return std::nullopt;
}

}  // namespace itinera::calendar
