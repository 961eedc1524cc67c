// SPDX-License-Identifier: Apache-2.0
#include "calendar/text.hpp"
#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

Window window(std::string_view text) {
  INFO(text);
  const auto parsed = parse_window(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

std::string opens(std::string_view zone_name, std::string_view from, std::string_view text) {
  const auto t = next_in_window(system_zones(), zone(zone_name), at(from), window(text));
  REQUIRE(t.has_value());
  REQUIRE(inside(system_zones(), zone(zone_name), *t, window(text)));
  REQUIRE(*t >= at(from));
  return to_text(*t);
}

bool open_in_utc(std::string_view t, std::string_view text) {
  return inside(system_zones(), ZoneIndex::utc, at(t), window(text));
}

}  // namespace

TEST_CASE("A window contains its start and not its end", "[calendar][window][S14]") {
  CHECK(open_in_utc("2026-03-02T14:00:00Z", "14:00-16:00"));
  CHECK(open_in_utc("2026-03-02T15:59:59.999Z", "14:00-16:00"));
  CHECK_FALSE(open_in_utc("2026-03-02T13:59:59.999Z", "14:00-16:00"));
  CHECK_FALSE(open_in_utc("2026-03-02T16:00:00Z", "14:00-16:00"));
}

TEST_CASE("Inside a window one goes on at once, outside at its next start",
          "[calendar][window][S14]") {
  CHECK(opens("UTC", "2026-03-02T13:00:00Z", "14:00-16:00") == "2026-03-02T14:00:00Z");
  CHECK(opens("UTC", "2026-03-02T14:00:00Z", "14:00-16:00") == "2026-03-02T14:00:00Z");
  CHECK(opens("UTC", "2026-03-02T15:30:00.001Z", "14:00-16:00") == "2026-03-02T15:30:00.001Z");
  CHECK(opens("UTC", "2026-03-02T16:00:00Z", "14:00-16:00") == "2026-03-03T14:00:00Z");
}

TEST_CASE("Working hours wait for Monday", "[calendar][window][S10]") {
  CHECK(opens("UTC", "2026-03-06T17:00:00Z", "Mon-Fri 09:00-17:00") == "2026-03-09T09:00:00Z");
  CHECK(opens("UTC", "2026-03-06T16:59:59Z", "Mon-Fri 09:00-17:00") == "2026-03-06T16:59:59Z");
  CHECK(opens("UTC", "2026-03-02T17:00:00Z", "Mon 09:00-17:00") == "2026-03-09T09:00:00Z");
  // Saturday in Tokyo while it is still Friday in UTC.
  CHECK(opens("Asia/Tokyo", "2026-03-06T16:00:00Z", "Mon-Fri 01:00-17:00") ==
        "2026-03-08T16:00:00Z");
}

TEST_CASE("A window up to 24:00 lasts until its day is over", "[calendar][window][S14]") {
  CHECK(open_in_utc("2026-03-06T23:59:59.999Z", "Fri 18:00-24:00"));
  CHECK_FALSE(open_in_utc("2026-03-07T00:00:00Z", "Fri 18:00-24:00"));
  CHECK(open_in_utc("2026-03-06T00:00:00Z", "Fri 00:00-24:00"));
  CHECK_FALSE(open_in_utc("2026-03-05T23:59:59.999Z", "Fri 00:00-24:00"));
  CHECK(opens("Europe/Paris", "2026-03-07T12:00:00Z", "Mon-Fri 00:00-24:00") ==
        "2026-03-08T23:00:00Z");
}

TEST_CASE("A window across midnight belongs to the day of its start",
          "[calendar][window][S10][S14]") {
  CHECK(open_in_utc("2026-03-06T23:00:00Z", "Fri 21:00-08:00"));
  CHECK(open_in_utc("2026-03-07T07:59:59.999Z", "Fri 21:00-08:00"));
  CHECK_FALSE(open_in_utc("2026-03-07T08:00:00Z", "Fri 21:00-08:00"));
  CHECK_FALSE(open_in_utc("2026-03-06T07:00:00Z", "Fri 21:00-08:00"));
  CHECK_FALSE(open_in_utc("2026-03-07T21:00:00Z", "Fri 21:00-08:00"));
  CHECK(opens("UTC", "2026-03-07T08:00:00Z", "Fri 21:00-08:00") == "2026-03-13T21:00:00Z");
  CHECK(opens("UTC", "2026-03-07T03:00:00Z", "Fri 21:00-08:00") == "2026-03-07T03:00:00Z");
  CHECK(opens("UTC", "2026-03-09T07:00:00Z", "Sun-Mon 21:00-08:00") == "2026-03-09T07:00:00Z");
  CHECK(opens("UTC", "2026-03-08T07:00:00Z", "Sun 21:00-08:00") == "2026-03-08T21:00:00Z");
  CHECK(open_in_utc("2026-03-02T23:59:59Z", "18:00-00:00"));
  CHECK_FALSE(open_in_utc("2026-03-03T00:00:00Z", "18:00-00:00"));
}

TEST_CASE("A window whose start falls into a gap opens when the gap ends",
          "[calendar][window][S8]") {
  CHECK(opens("Europe/Berlin", "2026-03-29T00:00:00Z", "02:30-04:00") == "2026-03-29T01:00:00Z");
}

TEST_CASE("A window that lies in a gap does not open that day", "[calendar][window][S8]") {
  CHECK(opens("Europe/Berlin", "2026-03-29T00:00:00Z", "02:15-02:45") == "2026-03-30T00:15:00Z");
  CHECK(opens("Europe/Berlin", "2026-03-29T00:00:00Z", "Sun 02:15-02:45") ==
        "2026-04-05T00:15:00Z");
  CHECK(opens("Pacific/Apia", "2011-12-30T09:00:00Z", "Fri 09:00-17:00") == "2012-01-05T19:00:00Z");
}

TEST_CASE("A window in an overlap is open whenever the clock says so", "[calendar][window][S9]") {
  const char* text = "01:45-02:30";
  CHECK(opens("Europe/Berlin", "2026-10-24T23:00:00Z", text) == "2026-10-24T23:45:00Z");
  // 02:30 summer time: closed until the clock goes back to 02:00.
  CHECK(opens("Europe/Berlin", "2026-10-25T00:30:00Z", text) == "2026-10-25T01:00:00Z");
  CHECK(opens("Europe/Berlin", "2026-10-25T01:30:00Z", text) == "2026-10-26T00:45:00Z");
  CHECK(opens("Europe/Berlin", "2026-10-25T00:50:00Z", "02:30-02:45") == "2026-10-25T01:30:00Z");
}

TEST_CASE("Quiet hours across a clock change end at their wall time", "[calendar][window][S14]") {
  // What is not quiet: 08:00 to 21:00.
  CHECK(opens("Europe/Berlin", "2026-03-28T20:00:00Z", "08:00-21:00") == "2026-03-29T06:00:00Z");
  CHECK(opens("Europe/Berlin", "2026-10-24T19:00:00Z", "08:00-21:00") == "2026-10-25T07:00:00Z");
}

TEST_CASE("A window without days never opens", "[calendar][window]") {
  Window never = window("14:00-16:00");
  never.days.bits = 0;
  CHECK_FALSE(next_in_window(system_zones(), ZoneIndex::utc, {0}, never).has_value());
  CHECK_FALSE(inside(system_zones(), ZoneIndex::utc, at("2026-03-02T15:00:00Z"), never));
}

}  // namespace itinera::calendar
