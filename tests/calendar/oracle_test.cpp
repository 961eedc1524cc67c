// SPDX-License-Identifier: Apache-2.0
// Every row of tests/calendar/oracles.
#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/text.hpp"
#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

using Row = std::vector<std::string>;

std::vector<Row> rows_of(const std::string& name, std::size_t columns) {
  std::ifstream file(fmt::format("{}/tests/calendar/oracles/{}", ITINERA_SOURCE_DIR, name));
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    Row row(1);
    for (const char c : line) {
      if (c == ',') {
        row.emplace_back();
      } else {
        row.back() += c;
      }
    }
    REQUIRE(row.size() == columns);
    rows.push_back(std::move(row));
  }
  REQUIRE(!rows.empty());
  rows.erase(rows.begin());
  return rows;
}

int number(std::string_view text) {
  int value = 0;
  REQUIRE(std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{});
  return value;
}

// The rows write a wall time as briefly as they can.
std::string brief(LocalTime time) {
  std::string text = to_text(time);
  if (text.substr(16) == ":00") text.resize(16);
  return text;
}

bool same_wall_time(const std::string& expected, LocalTime time) {
  return expected == brief(time) || expected == to_text(time);
}

}  // namespace

TEST_CASE("All 5,558 wall times meet the clock as Java, the C library and Python say",
          "[calendar][oracle][S8][S9]") {
  const std::vector<Row> rows = rows_of("local_resolve.csv", 6);
  std::size_t gaps = 0;
  std::size_t overlaps = 0;
  for (const Row& row : rows) {
    INFO(row[0] << ' ' << row[1]);
    const ZoneIndex where = zone(row[0]);
    const LocalTime wall = local(row[1]);
    const Resolved resolved = resolve(system_zones(), where, wall);
    REQUIRE(to_instant(system_zones(), where, wall) == resolved.earlier);
    if (row[2] == "gap") {
      ++gaps;
      REQUIRE(resolved.kind == Resolved::Kind::gap);
      REQUIRE(resolved.later == resolved.earlier);
      // The clock jumps over the wall time at that instant.
      REQUIRE(to_local(system_zones(), where, resolved.earlier - 1) < wall);
      REQUIRE(to_local(system_zones(), where, resolved.earlier) > wall);
      // The same wall time two days before, where the clock shows it, plus two calendar days.
      const Resolved before =
          resolve(system_zones(), where, {{wall.date.days - 2}, wall.ms_of_day});
      REQUIRE(before.kind == Resolved::Kind::normal);
      const Instant shifted = add(system_zones(), where, before.earlier, {0, 2, 0});
      REQUIRE(to_text(shifted) == row[5]);
    } else {
      if (row[2] == "overlap") ++overlaps;
      REQUIRE(resolved.kind ==
              (row[2] == "overlap" ? Resolved::Kind::overlap : Resolved::Kind::normal));
      REQUIRE(to_text(resolved.earlier) == row[3]);
      REQUIRE(to_text(resolved.later) == row[4]);
    }
  }
  CHECK(rows.size() == 5558);
  CHECK(gaps > 1000);
  CHECK(overlaps > 1000);
}

TEST_CASE("All 350 instants have their wall time, offset, weekday and day of the year",
          "[calendar][oracle][S10]") {
  const std::vector<Row> rows = rows_of("instant_to_local.csv", 6);
  for (const Row& row : rows) {
    INFO(row[0] << ' ' << row[1]);
    const ZoneIndex where = zone(row[0]);
    const LocalTime wall = to_local(system_zones(), where, at(row[1]));
    REQUIRE(same_wall_time(row[2], wall));
    REQUIRE(system_zones().offset_s(where, at(row[1])) == number(row[3]));
    REQUIRE(static_cast<int>(weekday_of(wall.date)) + 1 == number(row[4]));
    const Date new_year = date_of(parts_of(wall.date).year, 1, 1);
    REQUIRE(wall.date.days - new_year.days + 1 == number(row[5]));
  }
  CHECK(rows.size() == 350);
}

TEST_CASE("All 611 periods lead where java.time leads", "[calendar][oracle][S9][S11]") {
  const std::vector<Row> rows = rows_of("calendar_add.csv", 6);
  for (const Row& row : rows) {
    INFO(row[0] << ' ' << row[1] << ' ' << row[3]);
    const ZoneIndex where = zone(row[0]);
    REQUIRE(same_wall_time(row[2], to_local(system_zones(), where, at(row[1]))));
    const auto period = parse_period(row[3], true);
    REQUIRE(period.has_value());
    const Instant result = add(system_zones(), where, at(row[1]), *period);
    REQUIRE(to_text(result) == row[4]);
    REQUIRE(same_wall_time(row[5], to_local(system_zones(), where, result)));
  }
  CHECK(rows.size() == 611);
}

TEST_CASE("All 611 times of day come when they should", "[calendar][oracle][S8][S9][S10]") {
  const std::vector<Row> rows = rows_of("next_local_time.csv", 6);
  for (const Row& row : rows) {
    INFO(row[0] << ' ' << row[1] << ' ' << row[2] << " on " << row[3]);
    const Weekdays days{static_cast<std::uint8_t>(number(row[3]))};
    const auto result =
        next_local_time(system_zones(), zone(row[0]), at(row[1]), clock(row[2]), days);
    REQUIRE(result.has_value());
    REQUIRE(to_text(*result) == row[4]);
    REQUIRE(same_wall_time(row[5], to_local(system_zones(), zone(row[0]), *result)));
  }
  CHECK(rows.size() == 611);
}

TEST_CASE("All 1,039 clock changes are known, and no others", "[calendar][oracle]") {
  const std::vector<Row> rows = rows_of("transitions.csv", 5);
  std::vector<std::string> zones;
  for (const Row& row : rows) {
    INFO(row[0] << ' ' << row[1]);
    if (zones.empty() || zones.back() != row[0]) zones.push_back(row[0]);
    const Instant change = at(row[1]);
    REQUIRE(system_zones().offset_s(zone(row[0]), change - 1) == number(row[2]));
    REQUIRE(system_zones().offset_s(zone(row[0]), change) == number(row[3]));
    REQUIRE((number(row[3]) > number(row[2])) == (row[4] == "gap"));
  }
  CHECK(rows.size() == 1039);
  std::size_t known = 0;
  for (const std::string& name : zones) {
    for (const ZoneTransition& change : system_zones().transitions(zone(name))) {
      known +=
          change.from >= at("1980-01-01T00:00:00Z") && change.from < at("2035-01-01T00:00:00Z");
    }
  }
  CHECK(known == rows.size());
}

}  // namespace itinera::calendar
