// SPDX-License-Identifier: Apache-2.0
#include "calendar/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>

#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

Period period(std::string_view text, bool negative = false) {
  INFO(text);
  const auto parsed = parse_period(text, negative);
  if (!parsed) FAIL(parsed.error().message);
  return *parsed;
}

// The message of a call that must fail; each names the text, the trouble and an example.
template <class T>
std::string refused(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::bad_value);
  CHECK(result.error().message.find("; write ") != std::string::npos);
  CHECK(result.error().message.size() < 300);
  return result.error().message;
}

bool says(const std::string& message, std::string_view part) {
  INFO(message);
  CHECK(message.find(part) != std::string::npos);
  return message.find(part) != std::string::npos;
}

std::optional<Instant> berlin_instant(const Value& value, std::int32_t at_ms = 0) {
  return instant_of(value, system_zones(), zone("Europe/Berlin"), at_ms);
}

}  // namespace

TEST_CASE("Short durations: days and weeks are calendar days, the rest is exact",
          "[calendar][text]") {
  CHECK(period("1h30m") == Period{0, 0, 90 * minute_ms});
  CHECK(period("7d") == Period{0, 7, 0});
  CHECK(period("2w") == Period{0, 14, 0});
  CHECK(period("1w2d3h4m5s6ms") == Period{0, 9, 3 * hour_ms + 4 * minute_ms + 5 * second_ms + 6});
  CHECK(period("90m") == Period{0, 0, 90 * minute_ms});
  CHECK(period("24h") == Period{0, 0, day_ms});
  CHECK(period("0s").is_zero());
  CHECK(period("007d") == Period{0, 7, 0});
  CHECK(period("-3d", true) == Period{0, -3, 0});
}

TEST_CASE("ISO durations: the date part is calendar time, the time part exact",
          "[calendar][text]") {
  CHECK(period("P1M") == Period{1, 0, 0});
  CHECK(period("P1Y2M10D") == Period{14, 10, 0});
  CHECK(period("P1D") == Period{0, 1, 0});
  CHECK(period("PT24H") == Period{0, 0, day_ms});
  CHECK(period("P1DT12H") == Period{0, 1, 12 * hour_ms});
  CHECK(period("P2W") == Period{0, 14, 0});
  CHECK(period("PT1.5S") == Period{0, 0, 1500});
  CHECK(period("PT0,125S") == Period{0, 0, 125});
  CHECK(period("PT1.500000S") == Period{0, 0, 1500});
  CHECK(period("PT90M") == Period{0, 0, 90 * minute_ms});
  CHECK(period("-P1M", true) == Period{-1, 0, 0});
}

TEST_CASE("What is no duration is refused with the reason", "[calendar][text][hostile]") {
  says(refused(parse_period("")), "a whole number must stand before each unit");
  says(refused(parse_period("5")), "a unit must stand after each number");
  says(refused(parse_period("1.5h")), "there are no fractions");
  says(refused(parse_period("30m1h")), "largest to the smallest");
  says(refused(parse_period("1h1h")), "each once");
  says(refused(parse_period("1mo")), "P1M or P1Y");
  says(refused(parse_period("2years")), "P1M or P1Y");
  says(refused(parse_period("5min")), "w, d, h, m, s and ms");
  says(refused(parse_period("1H")), "w, d, h, m, s and ms");
  says(refused(parse_period("1h 30m")), "a whole number");
  says(refused(parse_period(" 1h")), "a whole number");
  says(refused(parse_period("-3d")), "must not be negative");
  says(refused(parse_period("--3d", true)), "a whole number");
  says(refused(parse_period("P")), "a whole number");
  says(refused(parse_period("PT")), "a whole number");
  says(refused(parse_period("P1DT")), "a whole number");
  says(refused(parse_period("P1H")), "before T the units are");
  says(refused(parse_period("PT1D")), "after T the units are");
  says(refused(parse_period("PT1HT1M")), "largest to the smallest");
  says(refused(parse_period("P1M1Y")), "largest to the smallest");
  says(refused(parse_period("P0.5D")), "only seconds may have a fraction");
  says(refused(parse_period("PT1.S")), "digits must stand after");
  says(refused(parse_period("PT0.0001S")), "milliseconds are the finest");
  says(refused(parse_period("P-1D")), "a whole number");
  says(refused(parse_period("p1d")), "a whole number");
  says(refused(parse_period("\xC2\xBDh")), "\xC2\xBDh");
}

TEST_CASE("Durations beyond the calendar are refused, whatever their digits",
          "[calendar][text][hostile]") {
  says(refused(parse_period("4000000d")), "10,000 years");
  says(refused(parse_period("P10001Y")), "10,000 years");
  says(refused(parse_period("999999999999999w")), "10,000 years");
  says(refused(parse_period("9223372036854775808ms")), "10,000 years");
  says(refused(parse_period(fmt::format("{:9<100000}s", ""))), "10,000 years");
  says(refused(parse_period(fmt::format("P{:1<100000}", ""))), "10,000 years");
  says(refused(parse_period(fmt::format("PT1.{:0<100000}1S", ""))), "milliseconds");
  says(refused(parse_elapsed("87660001h")), "10,000 years");
  CHECK(period("P10000Y").months == 120'000);
  CHECK(period(fmt::format("PT1.{:0<100000}S", "")).ms == 1000);
}

TEST_CASE("A long or wild text is quoted in part and escaped", "[calendar][text][hostile]") {
  std::string long_text;
  for (int i = 0; i < 1000; ++i) long_text += "\xC3\xA9";
  const std::string message = refused(parse_period(long_text));
  CHECK(message.size() < 200);
  says(message, "\xC3\xA9\"... is no duration");
  says(refused(parse_time_of_day("\n\"")), R"("\n\"" is no time of day)");
  refused(parse_timestamp(std::string_view("\0\0", 2)));
  refused(parse_period(std::string(100, '\x80')));
}

TEST_CASE("Elapsed lengths take a day as 24 hours and refuse months", "[calendar][text]") {
  CHECK(*parse_elapsed("1d") == day_ms);
  CHECK(*parse_elapsed("1w1h") == 7 * day_ms + hour_ms);
  CHECK(*parse_elapsed("P1D") == day_ms);
  CHECK(*parse_elapsed("PT36H") == 36 * hour_ms);
  says(refused(parse_elapsed("P1M")), "months and years differ in length");
  says(refused(parse_elapsed("-1d")), "must not be negative");
}

TEST_CASE("Timestamps are RFC 3339, with what ISO 8601 allows beside", "[calendar][text]") {
  CHECK(to_text(at("2026-03-02T10:00:00+01:00")) == "2026-03-02T09:00:00Z");
  CHECK(to_text(at("2026-03-02t10:00:00z")) == "2026-03-02T10:00:00Z");
  CHECK(to_text(at("2026-03-02 10:00:00Z")) == "2026-03-02T10:00:00Z");
  CHECK(to_text(at("2026-03-02T10:00-0530")) == "2026-03-02T15:30:00Z");
  CHECK(to_text(at("2026-03-02T10:00+05")) == "2026-03-02T05:00:00Z");
  CHECK(to_text(at("2026-03-02T10:00:00.123456789Z")) == "2026-03-02T10:00:00.123Z");
  CHECK(*parse_timestamp("1970-01-01T00:00:01.123456789999Z") == Timestamp{1, 123'456'789});
  CHECK(*parse_timestamp("1969-12-31T23:59:59.5Z") == Timestamp{-1, 500'000'000});
  CHECK(at("1969-12-31T23:59:59.999999Z").ms == -1);
  CHECK(at("0001-01-01T00:00:00Z") == earliest_instant);
  CHECK(at("9999-12-31T23:59:59.999Z") == latest_instant);
  CHECK(at("2024-02-29T00:00:00Z") - at("2024-02-28T00:00:00Z") == day_ms);
}

TEST_CASE("What is no timestamp is refused with the reason", "[calendar][text][hostile]") {
  says(refused(parse_instant("2026-03-02")), "the time of day is missing");
  says(refused(parse_instant("2026-03-02T10:00:00")), "the offset from UTC is missing");
  says(refused(parse_instant("2026-02-29T10:00:00Z")), "no such day");
  says(refused(parse_instant("2026-04-31T10:00:00Z")), "no such day");
  says(refused(parse_instant("2026-04-00T10:00:00Z")), "no such day");
  says(refused(parse_instant("2026-13-01T10:00:00Z")), "months go from 01 to 12");
  says(refused(parse_instant("0000-01-01T10:00:00Z")), "years go from 0001 to 9999");
  says(refused(parse_instant("2026-3-02T10:00:00Z")), "month must have two digits");
  says(refused(parse_instant("2026-03-2T10:00:00Z")), "day must have two digits");
  says(refused(parse_instant("20260302T100000Z")), "begin with a date");
  says(refused(parse_instant("2026-03-02T25:00:00Z")), "hours go from 00 to 23");
  says(refused(parse_instant("2026-03-02T24:00:00Z")), "the day ends at 23:59");
  says(refused(parse_instant("2026-03-02T10:60:00Z")), "minutes go from");
  says(refused(parse_instant("2026-03-02T10:00:60Z")), "seconds go from");
  says(refused(parse_instant("2026-03-02T10:00:00.Z")), "decimal sign");
  says(refused(parse_instant("2026-03-02T10:00:00+25:00")), "an offset such as");
  says(refused(parse_instant("2026-03-02T10:00:00+01:60")), "an offset such as");
  says(refused(parse_instant("2026-03-02T10:00:00+1")), "an offset such as");
  says(refused(parse_instant("2026-03-02T10:00:00+123")), "an offset such as");
  says(refused(parse_instant("2026-03-02T10:00:00+01:00x")), "after its end");
  says(refused(parse_instant("2026-03-02T10:00:00Europe/Berlin")), "an offset such as");
  says(refused(parse_instant("2026-03-02x10:00:00Z")), "only T and a time");
  says(refused(parse_instant("9999-12-31T23:59:59-01:00")), "the year is not in 1 to 9999");
  says(refused(parse_instant("0001-01-01T00:00:00+01:00")), "the year is not in 1 to 9999");
  says(refused(parse_instant("2026-03-02T10:00:00\xE2\x88\x92"
                             "01:00")),
       "an offset such as");
  says(refused(parse_instant("tomorrow")), "begin with a date");
  says(refused(parse_instant("+12026-03-02T10:00:00Z")), "begin with a date");
}

TEST_CASE("Local texts are dates or wall times without offset", "[calendar][text]") {
  CHECK(parse_local("2026-03-02")->date_only);
  CHECK(parse_local("2026-03-02")->local == LocalTime{date_of(2026, 3, 2), 0});
  CHECK_FALSE(parse_local("2026-03-02T00:00")->date_only);
  CHECK(parse_local("2026-03-02T10:00:15")->local.ms_of_day == 10 * hour_ms + 15 * second_ms);
  says(refused(parse_local("2026-03-02T10:00Z")), "must have no offset");
  says(refused(parse_local("2026-02-30")), "no such day");
  says(refused(parse_local("02.03.2026")), "begin with a date");
}

TEST_CASE("Times of day have two digits each", "[calendar][text]") {
  CHECK(clock("09:00") == 9 * hour_ms);
  CHECK(clock("21:30:15") == 21 * hour_ms + 30 * minute_ms + 15 * second_ms);
  CHECK(clock("00:00") == 0);
  CHECK(clock("23:59:59.999") == day_ms - 1);
  says(refused(parse_time_of_day("9:00")), "two digits");
  says(refused(parse_time_of_day("24:00")), "the next begins at 00:00");
  says(refused(parse_time_of_day("09:00am")), "after its end");
  says(refused(parse_time_of_day("09.00")), "a : after it");
  says(refused(parse_time_of_day("540")), "two digits");
  says(refused(parse_time_of_day("")), "two digits");
}

TEST_CASE("Weekdays are lists and ranges of English names", "[calendar][text]") {
  CHECK(parse_weekdays("Mon-Fri")->bits == 0x1F);
  CHECK(parse_weekdays("wed,FRI")->bits == 0x14);
  CHECK(parse_weekdays("Sat-Mon")->bits == 0x61);
  CHECK(parse_weekdays("Mon - Wed , Sun")->bits == 0x47);
  CHECK(parse_weekdays("Sun-Sat")->bits == 0x7F);
  CHECK(parse_weekdays("Tue")->bits == 0x02);
  says(refused(parse_weekdays("Monday")), "the days are Mon");
  says(refused(parse_weekdays("")), "the days are Mon");
  says(refused(parse_weekdays("Mon,")), "the days are Mon");
  says(refused(parse_weekdays("Mon-")), "the days are Mon");
  says(refused(parse_weekdays("Mon-Tue-Wed")), "only - or ,");
  says(refused(parse_weekdays("Mon\xE2\x80\x93"
                              "Fri")),
       "only - or ,");
  says(refused(parse_weekdays("Mon Fri")), "only - or ,");
}

TEST_CASE("Weekdays are written in the shortest way", "[calendar][text]") {
  for (const char* text :
       {"Mon-Fri", "Wed,Fri", "Sat-Mon", "Sat,Sun", "Tue", "Wed,Sat-Mon", "Sun,Mon"}) {
    CHECK(to_text(*parse_weekdays(text)) == text);
  }
  CHECK(to_text(Weekdays{}).empty());
  CHECK(to_text(Weekdays{0}) == "none");
}

TEST_CASE("Windows are two times of day, on all days or some", "[calendar][text][S14]") {
  CHECK(*parse_window("14:00-16:00") == Window{14 * hour_ms, 16 * hour_ms, Weekdays{}});
  CHECK(*parse_window("Mon-Fri 09:00 - 17:00") ==
        Window{9 * hour_ms, 17 * hour_ms, Weekdays{0x1F}});
  CHECK(parse_window("Sat,Sun 21:00-08:00")->days.bits == 0x60);
  says(refused(parse_window("09:00-09:00")), "begins and ends at the same time");
  says(refused(parse_window("09:00")), "two times of day");
  CHECK(*parse_window("09:00-24:00") == Window{9 * hour_ms, 24 * hour_ms, Weekdays{}});
  CHECK(to_text(*parse_window("Mon-Fri 00:00-24:00")) == "Mon-Fri 00:00-24:00");
  says(refused(parse_window("24:00-06:00")), "only its end goes up to 24:00");
  says(refused(parse_window("00:00-24:01")), "up to 24:00");
  says(refused(parse_window("9-17")), "two digits");
  says(refused(parse_window("Mon-Fri")), "two times of day");
  says(refused(parse_window("Mo-Fr 09:00-17:00")), "the days are Mon");
  says(refused(parse_window("")), "two times of day");
  says(refused(parse_window("09:00-17:00 Mon-Fri")), "two digits");
}

TEST_CASE("Periods are written in the short form, with months in ISO's", "[calendar][text]") {
  CHECK(to_text(Period{0, 7, 0}) == "7d");
  CHECK(to_text(Period{0, 1, 90 * minute_ms + 5}) == "1d1h30m5ms");
  CHECK(to_text(Period{0, 0, day_ms}) == "24h");
  CHECK(to_text(Period{}) == "0s");
  CHECK(to_text(Period{0, -3, 0}) == "-3d");
  CHECK(to_text(Period{14, 10, 0}) == "P1Y2M10D");
  CHECK(to_text(Period{-1, 0, -1500}) == "-P1MT1.500S");
  CHECK(to_text(Period{12, 0, hour_ms + 5 * second_ms}) == "P1YT1H5S");
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  CHECK(to_text(Period{0, 0, least}) == "-2562047788015h12m55s808ms");
}

TEST_CASE("Wall times and dates are written as ISO 8601", "[calendar][text]") {
  CHECK(to_text(local("2026-03-02T10:00")) == "2026-03-02T10:00:00");
  CHECK(to_text(local("2026-03-02T10:00:05.25")) == "2026-03-02T10:00:05.250");
  CHECK(to_text(date_of(33, 4, 3)) == "0033-04-03");
  CHECK(time_of_day_text(9 * hour_ms) == "09:00");
  CHECK(time_of_day_text(clock("21:30:15")) == "21:30:15");
  CHECK(time_of_day_text(clock("00:00:00.007")) == "00:00:00.007");
}

TEST_CASE("A date may come as timestamp, text or number", "[calendar][text][S7]") {
  const Instant noon = at("2026-03-02T12:00:00Z");
  CHECK(berlin_instant(Timestamp{noon.ms / 1000, 999'999}) == noon);
  CHECK(berlin_instant(Timestamp{-1, 999'000'000}) == Instant{-1});
  CHECK(berlin_instant("2026-03-02T12:00:00Z") == noon);
  CHECK(berlin_instant("2026-03-02T13:00") == noon);
  CHECK(berlin_instant("2026-03-02") == at("2026-03-01T23:00:00Z"));
  CHECK(berlin_instant("2026-03-02", 9 * hour_ms) == at("2026-03-02T08:00:00Z"));
  CHECK(berlin_instant("2026-03-02T13:00", 9 * hour_ms) == noon);
  CHECK(berlin_instant(noon.ms / 1000) == noon);
  CHECK(berlin_instant(noon.ms) == noon);
  CHECK(berlin_instant(static_cast<double>(noon.ms) / 1000) == noon);
  CHECK(berlin_instant(static_cast<double>(noon.ms) + 0.25) == noon);
  CHECK(berlin_instant(1.5) == Instant{1500});
  CHECK(berlin_instant(-1) == Instant{-1000});
  CHECK(berlin_instant(std::int64_t{99'999'999'999}) == Instant{99'999'999'999'000});
  CHECK(berlin_instant(std::int64_t{100'000'000'000}) == Instant{100'000'000'000});
}

TEST_CASE("A date's wall time in a gap or overlap follows the clock's rules",
          "[calendar][text][S8][S9]") {
  CHECK(berlin_instant("2026-03-29T02:30") == at("2026-03-29T01:00:00Z"));
  CHECK(berlin_instant("2026-03-29", clock("02:30")) == at("2026-03-29T01:00:00Z"));
  CHECK(berlin_instant("2026-10-25T02:30") == at("2026-10-25T00:30:00Z"));
}

TEST_CASE("What is no date gives none", "[calendar][text][S7][hostile]") {
  constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max();
  for (const Value& value :
       {Value(), Value(true), Value(""), Value("soon"), Value("2026-02-30"), Value("1772452800"),
        Value(far), Value(-far - 1), Value(std::nan("")), Value(HUGE_VAL), Value(-HUGE_VAL),
        Value(1e300), Value(1e15), Value(Timestamp{far, 999'999'999}), Value(Timestamp{-far, 0}),
        Value(TimeSpan{1, 0}), Value(Value::List{}), Value(Value::Map{}),
        Value("2026-03-02T10:00:00+99:99")}) {
    INFO("kind " << static_cast<int>(value.kind()));
    CHECK_FALSE(berlin_instant(value).has_value());
  }
  // The first local day begins before the first instant.
  CHECK_FALSE(berlin_instant("0001-01-01").has_value());
}

}  // namespace itinera::calendar
