// SPDX-License-Identifier: Apache-2.0
#include "calendar/civil.hpp"

#include <limits>

#include "calendar/text.hpp"
#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t least = std::numeric_limits<std::int32_t>::min();

std::string berlin_plus(std::string_view start, const Period& period) {
  const Instant result = add(system_zones(), zone("Europe/Berlin"), at(start), period);
  return to_text(to_local(system_zones(), zone("Europe/Berlin"), result));
}

std::string next_in_berlin(std::string_view from, std::string_view time, Weekdays days = {},
                           bool inclusive = false, std::optional<Date> after = std::nullopt) {
  const auto result = next_local_time(system_zones(), zone("Europe/Berlin"), at(from), clock(time),
                                      days, inclusive, after);
  REQUIRE(result.has_value());
  return to_text(*result);
}

}  // namespace

TEST_CASE("Dates are days of the Gregorian calendar, from year 0 to 10000", "[calendar][date]") {
  CHECK(date_of(1970, 1, 1).days == 0);
  CHECK(date_of(2000, 2, 29).days == 11016);
  CHECK(date_of(1969, 12, 31).days == -1);
  CHECK(date_of(1, 1, 1).days == earliest_instant.ms / day_ms);
  CHECK(to_text(date_of(9999, 12, 31)) == "9999-12-31");
  CHECK(to_text(Date{date_of(9999, 12, 31).days + 1}) == "10000-01-01");
  CHECK(to_text(Date{date_of(1, 1, 1).days - 1}) == "0000-12-31");
}

TEST_CASE("A day that a month lacks is its last", "[calendar][date][S11]") {
  CHECK(to_text(date_of(2026, 2, 31)) == "2026-02-28");
  CHECK(to_text(date_of(2028, 2, 31)) == "2028-02-29");
  CHECK(to_text(date_of(1900, 2, 29)) == "1900-02-28");
  CHECK(to_text(date_of(2000, 2, 30)) == "2000-02-29");
  CHECK(to_text(date_of(2026, 4, 31)) == "2026-04-30");
}

TEST_CASE("Weekdays count from Monday, before 1970 too", "[calendar][date]") {
  CHECK(weekday_of(date_of(1970, 1, 1)) == 3);
  CHECK(weekday_of(date_of(1969, 12, 28)) == 6);
  CHECK(weekday_of(date_of(2026, 3, 2)) == 0);
  CHECK(weekday_of(date_of(2000, 2, 29)) == 1);
}

TEST_CASE("Every day of four centuries is found again from its parts", "[calendar][date]") {
  YearMonthDay before = parts_of({date_of(1899, 12, 31)});
  for (std::int32_t day = date_of(1900, 1, 1).days; day <= date_of(2300, 12, 31).days; ++day) {
    const YearMonthDay parts = parts_of({day});
    const bool next_day =
        parts.year == before.year && parts.month == before.month && parts.day == before.day + 1;
    const bool next_month = parts.day == 1 && parts.month == before.month % 12 + 1 &&
                            parts.year == before.year + (before.month == 12 ? 1 : 0);
    REQUIRE((next_day || next_month));
    REQUIRE(date_of(parts.year, parts.month, parts.day).days == day);
    before = parts;
  }
}

TEST_CASE("A wall time in a gap is the instant at which the gap ends", "[calendar][S8]") {
  const Instant end = at("2026-03-29T01:00:00Z");
  for (const char* text : {"2026-03-29T02:00", "2026-03-29T02:30", "2026-03-29T02:59:59.999"}) {
    const Resolved resolved = resolve(system_zones(), zone("Europe/Berlin"), local(text));
    CHECK(resolved.kind == Resolved::Kind::gap);
    CHECK(resolved.earlier == end);
  }
  CHECK(to_instant(system_zones(), zone("Europe/Berlin"), local("2026-03-29T01:59:59.999")) ==
        end - 1);
  CHECK(resolve(system_zones(), zone("Europe/Berlin"), local("2026-03-29T03:00")).kind ==
        Resolved::Kind::normal);
}

TEST_CASE("A whole day that an island skipped is a gap", "[calendar][S8]") {
  const Resolved resolved =
      resolve(system_zones(), zone("Pacific/Apia"), local("2011-12-30T09:00"));
  CHECK(resolved.kind == Resolved::Kind::gap);
  CHECK(to_text(resolved.earlier) == "2011-12-30T10:00:00Z");
  CHECK(to_text(to_local(system_zones(), zone("Pacific/Apia"), resolved.earlier)) ==
        "2011-12-31T00:00:00");
}

TEST_CASE("A wall time that occurs twice is the earlier instant", "[calendar][S9]") {
  const Resolved resolved =
      resolve(system_zones(), zone("Europe/Berlin"), local("2026-10-25T02:30"));
  CHECK(resolved.kind == Resolved::Kind::overlap);
  CHECK(to_text(resolved.earlier) == "2026-10-25T00:30:00Z");
  CHECK(to_text(resolved.later) == "2026-10-25T01:30:00Z");
  CHECK(to_instant(system_zones(), zone("Europe/Berlin"), local("2026-10-25T02:30")) ==
        resolved.earlier);
}

TEST_CASE("A table whose offsets make no sense gives an instant all the same", "[calendar]") {
  const ZoneTable zones = table_of({{earliest_instant, 0}, {{0}, 900'000}, {{1000}, -900'000}});
  const ZoneIndex where = *zones.find("Test");
  for (std::int64_t s = -2'000'000; s <= 2'000'000; s += 10'000) {
    const LocalTime wall = to_local(zones, where, {s * second_ms});
    const Instant t = to_instant(zones, where, wall);
    CHECK(t >= earliest_instant);
  }
}

TEST_CASE("A calendar day is 23 or 25 hours long when the clock changes", "[calendar][S9]") {
  CHECK(berlin_plus("2026-03-28T12:00:00+01:00", {0, 1, 0}) == "2026-03-29T12:00:00");
  CHECK(berlin_plus("2026-03-28T12:00:00+01:00", {0, 0, day_ms}) == "2026-03-29T13:00:00");
  CHECK(berlin_plus("2026-10-24T12:00:00+02:00", {0, 1, 0}) == "2026-10-25T12:00:00");
  CHECK(berlin_plus("2026-10-24T12:00:00+02:00", {0, 0, day_ms}) == "2026-10-25T11:00:00");
}

TEST_CASE("A period into a gap shifts forward by the gap's length", "[calendar][S8]") {
  CHECK(berlin_plus("2026-03-28T02:30:00+01:00", {0, 1, 0}) == "2026-03-29T03:30:00");
  CHECK(berlin_plus("2026-03-30T02:30:00+02:00", {0, -1, 0}) == "2026-03-29T03:30:00");
  CHECK(berlin_plus("2026-03-28T02:30:00+01:00", {0, 1, hour_ms}) == "2026-03-29T04:30:00");
}

TEST_CASE("A period into an overlap keeps the offset it came with", "[calendar][S9]") {
  const auto plus_day = [](std::string_view start, std::int32_t days) {
    return to_text(add(system_zones(), zone("Europe/Berlin"), at(start), {0, days, 0}));
  };
  CHECK(plus_day("2026-10-24T02:30:00+02:00", 1) == "2026-10-25T00:30:00Z");
  CHECK(plus_day("2026-10-26T02:30:00+01:00", -1) == "2026-10-25T01:30:00Z");
}

TEST_CASE("A month later than its last day is the next month's last", "[calendar][S11]") {
  CHECK(berlin_plus("2026-01-31T09:00:00+01:00", {1, 0, 0}) == "2026-02-28T09:00:00");
  CHECK(berlin_plus("2028-02-29T09:00:00+01:00", {12, 0, 0}) == "2029-02-28T09:00:00");
  CHECK(berlin_plus("2026-01-31T09:00:00+01:00", {1, 1, 0}) == "2026-03-01T09:00:00");
  CHECK(berlin_plus("2026-03-31T09:00:00+02:00", {-1, 0, 0}) == "2026-02-28T09:00:00");
  CHECK(berlin_plus("2026-01-15T09:00:00+01:00", {-13, 0, 0}) == "2024-12-15T09:00:00");
}

TEST_CASE("The longest period ends at the last instant there is", "[calendar][hostile]") {
  constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max();
  const Instant now = at("2026-03-02T10:00:00Z");
  const ZoneIndex where = zone("Europe/Berlin");
  CHECK(add(system_zones(), where, now, {most, 0, 0}) == latest_instant);
  CHECK(add(system_zones(), where, now, {0, most, 0}) == latest_instant);
  CHECK(add(system_zones(), where, now, {0, 0, far}) == latest_instant);
  CHECK(add(system_zones(), where, now, {most, most, far}) == latest_instant);
  CHECK(add(system_zones(), where, now, {least, least, -far - 1}) == earliest_instant);
  CHECK(add(system_zones(), where, {far}, {0, 1, 1}) == latest_instant);
  CHECK(add(system_zones(), where, {-far - 1}, {0, -1, -1}) == earliest_instant);
  CHECK(to_text(to_local(system_zones(), where, {far})) == "10000-01-01T00:59:59.999");
  CHECK(next_local_time(system_zones(), where, {far}, 0, {}, false, Date{most}) == std::nullopt);
}

TEST_CASE("The next time of day is strictly later, unless now will do", "[calendar][next]") {
  CHECK(next_in_berlin("2026-03-02T08:00:00Z", "09:00") == "2026-03-03T08:00:00Z");
  CHECK(next_in_berlin("2026-03-02T08:00:00Z", "09:00", {}, true) == "2026-03-02T08:00:00Z");
  CHECK(next_in_berlin("2026-03-02T07:59:59.999Z", "09:00") == "2026-03-02T08:00:00Z");
  CHECK(next_in_berlin("2026-03-02T08:00:00.001Z", "09:00", {}, true) == "2026-03-03T08:00:00Z");
}

TEST_CASE("A time of day comes on an allowed day of the local calendar", "[calendar][next][S10]") {
  const Weekdays monday{0x01};
  // Sunday 23:30 in UTC is Monday 00:30 in Berlin.
  CHECK(next_in_berlin("2026-03-01T23:30:00Z", "00:45", monday) == "2026-03-01T23:45:00Z");
  CHECK(next_in_berlin("2026-03-02T23:30:00Z", "00:45", monday) == "2026-03-08T23:45:00Z");
  CHECK(next_in_berlin("2026-03-02T08:00:00Z", "09:00", monday) == "2026-03-09T08:00:00Z");
  CHECK_FALSE(next_local_time(system_zones(), zone("Europe/Berlin"), at("2026-03-02T08:00:00Z"), 0,
                              Weekdays{0})
                  .has_value());
}

TEST_CASE("A time of day in a gap comes when the gap ends, then again the next day",
          "[calendar][next][S8]") {
  CHECK(next_in_berlin("2026-03-28T12:00:00Z", "02:30") == "2026-03-29T01:00:00Z");
  CHECK(next_in_berlin("2026-03-29T01:00:00Z", "02:30") == "2026-03-30T00:30:00Z");
  CHECK(next_in_berlin("2026-03-29T01:00:00Z", "02:30", {}, true) == "2026-03-29T01:00:00Z");
}

TEST_CASE("A time of day in a gap at midnight belongs to the day it was meant for",
          "[calendar][next][S8]") {
  // The clock went from 23:30 on 1 June to 00:30 on 2 June.
  const ZoneTable zones = table_of({{earliest_instant, 0}, {at("2026-06-01T23:30:00Z"), 3600}});
  const ZoneIndex where = *zones.find("Test");
  const Weekdays monday{0x01};
  CHECK(next_local_time(zones, where, at("2026-06-01T12:00:00Z"), clock("23:45"), monday) ==
        at("2026-06-01T23:30:00Z"));
  CHECK(next_local_time(zones, where, at("2026-06-01T23:30:00Z"), clock("23:45"), monday, true) ==
        at("2026-06-01T23:30:00Z"));
}

TEST_CASE("A daily time comes once on the day that has it twice", "[calendar][next][S9]") {
  CHECK(next_in_berlin("2026-10-24T12:00:00Z", "02:30") == "2026-10-25T00:30:00Z");
  CHECK(next_in_berlin("2026-10-25T00:30:00Z", "02:30") == "2026-10-26T01:30:00Z");
  // Already within the second pass: the first one was today's.
  CHECK(next_in_berlin("2026-10-25T01:10:00Z", "02:30") == "2026-10-26T01:30:00Z");
}

TEST_CASE("A time of day past in the first pass over midnight waits for its next day",
          "[calendar][next][S9][S10]") {
  // The clock went from 00:30 on Monday 1 June back to 23:30 on Sunday.
  const ZoneTable zones = table_of({{earliest_instant, 3600}, {at("2026-05-31T23:30:00Z"), 0}});
  const ZoneIndex where = *zones.find("Test");
  const Weekdays monday{0x01};
  CHECK(next_local_time(zones, where, at("2026-05-31T23:05:00Z"), clock("00:10"), monday) ==
        at("2026-05-31T23:10:00Z"));
  CHECK(next_local_time(zones, where, at("2026-05-31T23:40:00Z"), clock("00:10"), monday) ==
        at("2026-06-08T00:10:00Z"));
}

TEST_CASE("A daily loop can ask for a later date than its last", "[calendar][next][S9]") {
  const Date today = date_of(2026, 3, 2);
  CHECK(next_in_berlin("2026-03-02T07:00:00Z", "09:00", {}, false, today) ==
        "2026-03-03T08:00:00Z");
  CHECK(next_in_berlin("2026-03-02T07:00:00Z", "09:00", {}, false, Date{today.days - 1}) ==
        "2026-03-02T08:00:00Z");
  CHECK(next_in_berlin("2026-03-02T07:00:00Z", "09:00", Weekdays{0x02}, false,
                       date_of(2026, 3, 10)) == "2026-03-17T08:00:00Z");
}

TEST_CASE("The worked example of docs/time.md", "[calendar][docs]") {
  const ZoneTable& zones = system_zones();
  const ZoneIndex berlin = zone("Europe/Berlin");
  const Instant noon = at("2026-03-28T12:00:00+01:00");
  CHECK(add(zones, berlin, noon, {0, 1, 0}) - noon == 23 * hour_ms);
  const Instant autumn_noon = at("2026-10-24T12:00:00+02:00");
  CHECK(add(zones, berlin, autumn_noon, {0, 1, 0}) - autumn_noon == 25 * hour_ms);

  const Instant entry = at("2026-03-27T18:00:00+01:00");
  const Instant hello = add(zones, berlin, entry, {0, 1, 0});
  CHECK(hello == at("2026-03-28T17:00:00Z"));
  const auto night = next_local_time(zones, berlin, hello, clock("02:30"), Weekdays{}, true);
  REQUIRE(night == at("2026-03-29T01:00:00Z"));
  CHECK(next_in_window(zones, berlin, *night, *parse_window("Mon-Fri 09:00-17:00")) ==
        at("2026-03-30T07:00:00Z"));
  CHECK(add(zones, berlin, entry, {0, 2, 0}) - entry == 47 * hour_ms);
}

}  // namespace itinera::calendar
