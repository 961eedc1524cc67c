// SPDX-License-Identifier: Apache-2.0
#include "calendar/cron.hpp"

#include <rapidcheck.h>

#include <string>

#include "calendar/text.hpp"
#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

Cron cron(std::string_view text) {
  INFO(text);
  const auto parsed = parse_cron(text);
  if (!parsed) FAIL(parsed.error().message);
  return *parsed;
}

std::string fires(std::string_view text, std::string_view t, int size = 1,
                  std::string_view where = "UTC") {
  std::string out;
  Instant from = at(t);
  for (int i = 0; i < size; ++i) {
    const auto next = next_occurrence(system_zones(), zone(where), from, cron(text));
    out += out.empty() ? "" : " ";
    if (!next) return out + "never";
    REQUIRE(*next > from);
    out += to_text(*next);
    from = *next;
  }
  return out;
}

bool refuses(std::string_view text, std::string_view part) {
  INFO(text);
  const auto parsed = parse_cron(text);
  REQUIRE_FALSE(parsed.has_value());
  INFO(parsed.error().message);
  CHECK(parsed.error().code == ErrorCode::bad_value);
  CHECK(parsed.error().message.size() < 300);
  CHECK(parsed.error().message.find(part) != std::string::npos);
  return parsed.error().message.find("; write 0 9 * * MON-FRI") != std::string::npos;
}

}  // namespace

TEST_CASE("Cron lines: lists, ranges, steps, names, two Sundays", "[calendar][cron]") {
  CHECK(cron("0 9 * * MON,WED") == cron("0  9\t* * 3,1"));
  CHECK(cron("0 9 * jan-mar *") == cron("0 9 * 1,2,3 *"));
  CHECK(cron("0 9 * * 0") == cron("0 9 * * 7"));
  CHECK(cron("0 9 * * fri-sun") == cron("0 9 * * 5-7"));
  CHECK(cron("*/15 * * * *") == cron("0,15,30,45 * * * *"));
  CHECK(cron("10-50/20 * * * *") == cron("10,30,50 * * * *"));
  CHECK(to_text(cron("*/15 9-17 1,15 */2 mon-fri")) == "*/15 9-17 1,15 */2 1-5");
  CHECK(to_text(cron("5 0-23 1-31 * 0,6")) == "5 0-23 1-31 * 0,6");
}

TEST_CASE("Both day fields: either is enough, unless one is a bare *", "[calendar][cron][S10]") {
  CHECK(fires("0 0 13 * FRI", "2026-03-01T00:00:00Z", 3) ==
        "2026-03-06T00:00:00Z 2026-03-13T00:00:00Z 2026-03-20T00:00:00Z");
  CHECK(fires("0 0 13 * *", "2026-03-14T00:00:00Z") == "2026-04-13T00:00:00Z");
  CHECK(fires("0 0 */2 * MON", "2026-03-01T00:00:00Z", 3) ==
        "2026-03-02T00:00:00Z 2026-03-03T00:00:00Z 2026-03-05T00:00:00Z");
  CHECK(fires("0 0 1-31 * MON", "2026-03-03T00:00:00Z") == "2026-03-04T00:00:00Z");
}

TEST_CASE("Times of day in a gap fire when it ends, in an overlap once",
          "[calendar][cron][S8][S9]") {
  CHECK(fires("30 2 * * *", "2026-03-28T12:00:00Z", 2, "Europe/Berlin") ==
        "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  CHECK(fires("0,30 2,3 * * *", "2026-03-28T12:00:00Z", 3, "Europe/Berlin") ==
        "2026-03-29T01:00:00Z 2026-03-29T01:30:00Z 2026-03-30T00:00:00Z");
  CHECK(fires("30 2 * * *", "2026-10-24T12:00:00Z", 2, "Europe/Berlin") ==
        "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
  CHECK(next_occurrence(system_zones(), zone("Europe/Berlin"), at("2026-03-29T01:00:00Z"),
                        cron("30 2 * * *"), true) == at("2026-03-29T01:00:00Z"));
}

TEST_CASE("Every hour is every hour, whatever the clock does", "[calendar][cron][S8][S9]") {
  CHECK(fires("30 * * * *", "2026-10-24T23:45:00Z", 3, "Europe/Berlin") ==
        "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T02:30:00Z");
  CHECK(fires("30 * * * *", "2026-03-29T00:15:00Z", 3, "Europe/Berlin") ==
        "2026-03-29T00:30:00Z 2026-03-29T01:30:00Z 2026-03-29T02:30:00Z");
  CHECK(fires("*/30 * 25 10 *", "2026-10-25T00:30:00Z", 3, "Europe/Berlin") ==
        "2026-10-25T01:00:00Z 2026-10-25T01:30:00Z 2026-10-25T02:00:00Z");
  // Half an hour forward and back.
  CHECK(fires("15 * * * *", "2026-10-03T14:00:00Z", 3, "Australia/Lord_Howe") ==
        "2026-10-03T14:45:00Z 2026-10-03T16:15:00Z 2026-10-03T17:15:00Z");
}

TEST_CASE("At or after, and not again on the same date", "[calendar][cron]") {
  const Instant nine = at("2026-03-02T09:00:00Z");
  const auto next = [&](bool inclusive, std::optional<Date> after) {
    const auto found = next_occurrence(system_zones(), ZoneIndex::utc, nine, cron("0 9,10 * * *"),
                                       inclusive, after);
    return to_text(found.value());
  };
  CHECK(next(true, std::nullopt) == "2026-03-02T09:00:00Z");
  CHECK(next(false, std::nullopt) == "2026-03-02T10:00:00Z");
  CHECK(next(true, local("2026-03-02").date) == "2026-03-03T09:00:00Z");
  // In Nuuk 23:30 of the 28th is missing: midnight.
  const Instant midnight = at("2026-03-29T01:00:00Z");
  const auto after_the_gap = [&](std::optional<Date> after) {
    const auto found = next_occurrence(system_zones(), zone("America/Nuuk"), midnight,
                                       cron("30 23 * * *"), true, after);
    return to_text(found.value());
  };
  CHECK(after_the_gap(std::nullopt) == "2026-03-29T01:00:00Z");
  CHECK(after_the_gap(local("2026-03-28").date) == "2026-03-30T00:30:00Z");
}

TEST_CASE("30 February never comes, 29 February seldom", "[calendar][cron][hostile]") {
  CHECK(fires("0 0 30 2 *", "2026-03-01T00:00:00Z") == "never");
  CHECK(fires("* * 31 2,4,6,9,11 *", "2026-03-01T00:00:00Z", 1, "Europe/Berlin") == "never");
  CHECK(fires("0 0 29 2 *", "2096-03-01T00:00:00Z") == "2104-02-29T00:00:00Z");
  CHECK(fires("0 0 * * *", "9999-12-30T12:00:00Z", 2) == "9999-12-31T00:00:00Z never");
  CHECK_FALSE(next_occurrence(system_zones(), ZoneIndex::utc, {0}, Cron{}).has_value());
}

TEST_CASE("Wrong cron lines say what is wrong", "[calendar][cron][text]") {
  CHECK(refuses("", "it has 0 fields"));
  CHECK(refuses("@daily", "it has 1 fields, and five are needed"));
  CHECK(refuses("0 0 9 * * *", "it has 6 fields"));
  CHECK(refuses("60 9 * * *", "the minute goes from 0 to 59"));
  CHECK(refuses("0 24 * * *", "the hour goes from 0 to 23"));
  CHECK(refuses("0 9 0 * *", "the day of the month goes from 1 to 31"));
  CHECK(refuses("0 9 * 13 *", "the month goes from 1 to 12, or by name (JAN, FEB, ...)"));
  CHECK(refuses("0 9 * * 8", "the weekday goes from 0 to 7, or by name (SUN, MON, ...)"));
  CHECK(refuses("0 9 * * monday", "the weekday goes from"));
  CHECK(refuses("0 9 * * FRI-MON", "runs backwards"));
  CHECK(refuses("5/15 * * * *", "a / stands after a * or a range, such as 5-59/2"));
  CHECK(refuses("*/0 * * * *", "after a / stands a number"));
  CHECK(refuses("1, * * * *", "the minute goes from"));
  CHECK(refuses("1x * * * *", "the minute has something after its values"));
  for (const char* text : {"0 9 L * *", "0 9 15W * *", "0 9 * * 5#2", "0 9 ? * 1", "0 9 * * 5L"}) {
    CHECK(refuses(text, "L, W, # and ? are not taken"));
  }
}

TEST_CASE("A cron line fires first at the minute that a naive search finds, and reads back",
          "[calendar][property][cron]") {
  CHECK(rc::check("cron", [] {
    const auto field = [](unsigned least, unsigned most, bool any) -> std::string {
      if (any) return "*";
      const auto a = *rc::gen::inRange(least, most + 1);
      const auto b = *rc::gen::inRange(a, most + 1);
      const auto kind = *rc::gen::inRange(0, 3);
      const std::string from = std::to_string(a);
      if (kind == 0) return from;
      return from + '-' + std::to_string(b) + (kind == 1 ? "" : "/3");
    };
    const bool any_hour = *rc::gen::arbitrary<bool>();
    const bool any_day = *rc::gen::arbitrary<bool>();
    const bool any_weekday = *rc::gen::arbitrary<bool>();
    const Cron made = cron(field(0, 59, false) + ' ' + field(0, 23, any_hour) + ' ' +
                           field(1, 31, any_day) + " * " + field(0, 6, any_weekday));
    RC_ASSERT(parse_cron(to_text(made)).value() == made);

    const auto minutes = *rc::gen::inRange<std::int64_t>(0, 60 * 365 * 24 * 60);
    const Instant t{minutes * minute_ms + *rc::gen::inRange<std::int64_t>(0, minute_ms)};
    const auto next = next_occurrence(system_zones(), ZoneIndex::utc, t, made);
    const Instant end = t + 3 * day_ms;
    for (std::int64_t minute = minutes + 1;; ++minute) {
      const Instant now{minute * minute_ms};
      if (now >= end) {
        RC_ASSERT(!next || *next >= end);
        return;
      }
      const LocalTime wall = to_local(system_zones(), ZoneIndex::utc, now);
      const bool by_day = (made.month_days >> parts_of(wall.date).day & 1u) != 0;
      const bool by_weekday = made.weekdays.contains(weekday_of(wall.date));
      const bool day = any_day || any_weekday ? by_day && by_weekday : by_day || by_weekday;
      const std::int64_t of_day = wall.ms_of_day / minute_ms;
      if (day && (made.hours >> of_day / 60 & 1u) != 0 && (made.minutes >> of_day % 60 & 1u) != 0) {
        RC_ASSERT(next == now);
        return;
      }
    }
  }));
}

}  // namespace itinera::calendar
