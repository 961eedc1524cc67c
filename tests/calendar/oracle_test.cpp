// SPDX-License-Identifier: Apache-2.0
// Every row of tests/calendar/oracles, and of those oracles that are not ours to ship.
#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/business_days.hpp"
#include "calendar/text.hpp"
#include "calendar/zones.hpp"
#include "support/catch.hpp"
#include "support/shared_data.hpp"

namespace itinera::calendar {
namespace {

using Row = std::vector<std::string>;

Row split(std::string_view text, char sign) {
  Row row(1);
  for (const char c : text) {
    if (c == sign) {
      row.emplace_back();
    } else {
      row.back() += c;
    }
  }
  return row;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  REQUIRE(!lines.empty());
  return lines;
}

std::string own(const std::string& name) {
  return fmt::format("{}/tests/calendar/oracles/{}", ITINERA_SOURCE_DIR, name);
}

// Without the line of headings.
std::vector<Row> rows_in(const std::string& path, std::size_t columns) {
  std::vector<Row> rows;
  for (const std::string& line : lines_of(path)) {
    rows.push_back(split(line, ','));
    REQUIRE(rows.back().size() == columns);
  }
  rows.erase(rows.begin());
  return rows;
}

std::vector<Row> rows_of(const std::string& name, std::size_t columns) {
  return rows_in(own(name), columns);
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

// The texts between quotation marks, none of which has one in it.
Row quoted(const std::string& line) {
  const Row parts = split(line, '"');
  Row texts;
  for (std::size_t i = 1; i < parts.size(); i += 2) texts.push_back(parts[i]);
  return texts;
}

// "2026-03-02T10:00:00" of "20260302T100000" and "20260302T100000Z".
std::string extended(std::string text) {
  REQUIRE(text.size() >= 15);
  text.resize(15);
  for (const std::size_t at : {13u, 11u}) text.insert(at, ":");
  for (const std::size_t at : {6u, 4u}) text.insert(at, "-");
  return text;
}

// A block of libical's file: lines of NAME:value.
using Block = std::map<std::string, std::string>;

std::vector<Block> blocks_in(const std::string& path) {
  std::vector<Block> blocks(1);
  for (const std::string& line : lines_of(path)) {
    if (line.empty()) {
      blocks.emplace_back();
    } else if (const std::size_t colon = line.find(':'); colon < line.find(' ')) {
      blocks.back()[line.substr(0, colon)] = line.substr(colon + 1);
    }
  }
  std::erase_if(blocks, [](const Block& block) { return !block.contains("RRULE"); });
  return blocks;
}

// The part of a rule that is beyond the subset.
std::string part_left_out(const std::string& rule) {
  for (const char* part : {"FREQ=HOURLY", "FREQ=MINUTELY", "BYHOUR", "BYYEARDAY", "BYWEEKNO"}) {
    if (rule.find(part) != std::string::npos) return part;
  }
  return "";
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

TEST_CASE("All 445 cron lines fire as two implementations agree", "[calendar][oracle][S10]") {
  const std::vector<std::string> lines = lines_of(own("cron_next.jsonl"));
  std::size_t instants = 0;
  for (const std::string& line : lines) {
    INFO(line);
    const Row texts = quoted(line);
    REQUIRE(texts.size() > 8);
    const auto cron = parse_cron(texts[1]);
    REQUIRE(cron.has_value());
    Instant t = at(texts[5]);
    for (std::size_t i = 7; i < texts.size(); ++i, ++instants) {
      const auto next = next_occurrence(system_zones(), zone(texts[3]), t, *cron);
      REQUIRE(next.has_value());
      REQUIRE(to_text(*next) == texts[i]);
      t = *next;
    }
  }
  CHECK(lines.size() == 445);
  CHECK(instants == 6 * 445);
}

TEST_CASE("Of libical's 70 rules all in the subset occur as there, the others are refused by name",
          "[calendar][oracle][S11]") {
  const auto path = test::shared_data("data/time-oracles/libical_rrule_expansions.txt");
  if (!path) return;
  const std::vector<Block> blocks = blocks_in(*path);
  std::size_t expanded = 0;
  std::size_t refused = 0;
  for (const Block& block : blocks) {
    const std::string& text = block.at("RRULE");
    INFO(text);
    const auto rule = parse_recurrence_rule(text);
    if (const std::string part = part_left_out(text); !part.empty()) {
      ++refused;
      REQUIRE_FALSE(rule.has_value());
      REQUIRE(rule.error().message.find(part + " is not taken: ") != std::string::npos);
      continue;
    }
    ++expanded;
    if (!rule) FAIL(rule.error().message);
    const LocalTime start = local(extended(block.at("DTSTART")));
    const bool later = block.contains("START-AT");
    const std::string from = extended(block.at(later ? "START-AT" : "DTSTART"));
    std::string instances;
    auto next = next_occurrence(system_zones(), ZoneIndex::utc, at(from + 'Z'), *rule, start, true);
    for (; next; next = next_occurrence(system_zones(), ZoneIndex::utc, *next, *rule, start)) {
      instances += to_text(*next) + ',';
    }
    std::string expected;
    for (const std::string& instance : split(block.at("INSTANCES"), ',')) {
      expected += extended(instance) + "Z,";
    }
    REQUIRE(instances == expected);
  }
  CHECK(expanded == 52);
  CHECK(refused == 18);
}

TEST_CASE("All 480 sums of business days come out, among the holidays of eight countries",
          "[calendar][oracle][S10]") {
  const auto sums = test::shared_data("data/time-oracles/business_day_add.csv");
  const auto days_off = test::shared_data("data/time-oracles/holidays.csv");
  if (!sums || !days_off) return;
  std::map<std::string, std::vector<Date>> holidays;
  std::size_t holidays_size = 0;
  const std::vector<std::string> lines = lines_of(*days_off);
  for (std::size_t i = 1; i < lines.size(); ++i, ++holidays_size) {
    // calendar, date and a name, which may have commas in it.
    const Row row = split(lines[i], ',');
    holidays[row.at(0)].push_back(local(row.at(1)).date);
  }
  const std::vector<Row> rows = rows_in(*sums, 4);
  for (const Row& row : rows) {
    INFO(row[0] << ' ' << row[1] << ' ' << row[2]);
    const WorkingDays working{.holidays = holidays.at(row[0])};
    const auto date = add_business_days(local(row[1]).date, number(row[2]), working);
    REQUIRE(date.has_value());
    REQUIRE(to_text(*date) == row[3]);
  }
  CHECK(rows.size() == 480);
  CHECK(holidays_size == 536);
}

}  // namespace itinera::calendar
