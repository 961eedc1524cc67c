// SPDX-License-Identifier: Apache-2.0
#include "calendar/posix_rule.hpp"

#include <string>
#include <vector>

#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

// "<instant> <offset>" of each change of 2050, with a blank between two.
std::string changes_of_2050(std::string_view text) {
  const auto rule = parse_posix_rule(text);
  REQUIRE(rule.has_value());
  std::vector<ZoneTransition> changes;
  extend_by_rule(*rule, at("2050-01-01T00:00:00Z"), 2051, changes);
  std::string out;
  for (const ZoneTransition& change : changes) {
    out += to_text(change.from) + ' ' + std::to_string(change.offset_s) + ' ';
  }
  return out;
}

}  // namespace

TEST_CASE("A rule for the future has the sign of POSIX: west is positive", "[calendar][zones]") {
  const auto new_york = parse_posix_rule("EST5EDT,M3.2.0,M11.1.0");
  REQUIRE(new_york.has_value());
  CHECK(new_york->standard_offset_s == -5 * 3600);
  CHECK(new_york->summer_offset_s == -4 * 3600);
  CHECK(parse_posix_rule("<+0545>-5:45")->standard_offset_s == 5 * 3600 + 45 * 60);
  CHECK(parse_posix_rule("<-0930>9:30")->standard_offset_s == -(9 * 3600 + 30 * 60));
  CHECK_FALSE(parse_posix_rule("UTC0")->summer_begins.has_value());
}

TEST_CASE("A rule gives the two changes of a year", "[calendar][zones]") {
  CHECK(changes_of_2050("CET-1CEST,M3.5.0,M10.5.0/3") ==
        "2050-03-27T01:00:00Z 7200 2050-10-30T01:00:00Z 3600 ");
  // The southern summer spans the new year.
  CHECK(changes_of_2050("AEST-10AEDT,M10.1.0,M4.1.0/3") ==
        "2050-04-02T16:00:00Z 36000 2050-10-01T16:00:00Z 39600 ");
  // Half an hour.
  CHECK(changes_of_2050("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0") ==
        "2050-04-02T15:00:00Z 37800 2050-10-01T15:30:00Z 39600 ");
  // Dublin's winter time is the exception.
  CHECK(changes_of_2050("IST-1GMT0,M10.5.0,M3.5.0/1") ==
        "2050-03-27T01:00:00Z 3600 2050-10-30T01:00:00Z 0 ");
  // Times outside the day: Gaza, and Nuuk.
  CHECK(changes_of_2050("EET-2EEST,M3.4.4/50,M10.4.4/50") ==
        "2050-03-26T00:00:00Z 10800 2050-10-28T23:00:00Z 7200 ");
  CHECK(changes_of_2050("<-02>2<-01>,M3.5.0/-1,M10.5.0/0") ==
        "2050-03-27T01:00:00Z -3600 2050-10-30T01:00:00Z -7200 ");
}

TEST_CASE("Days of the year count with and without 29 February", "[calendar][zones]") {
  const auto first_change = [](std::string_view text, int year) {
    std::vector<ZoneTransition> changes;
    extend_by_rule(*parse_posix_rule(text), Instant{date_of(year, 1, 1).days * day_ms}, year + 1,
                   changes);
    REQUIRE(!changes.empty());
    return to_text(changes.front().from);
  };
  CHECK(first_change("AAA0BBB,J60/0,J300", 2051) == "2051-03-01T00:00:00Z");
  CHECK(first_change("AAA0BBB,J60/0,J300", 2052) == "2052-03-01T00:00:00Z");
  CHECK(first_change("AAA0BBB,J59/0,J300", 2052) == "2052-02-28T00:00:00Z");
  CHECK(first_change("AAA0BBB,59/0,300", 2051) == "2051-03-01T00:00:00Z");
  CHECK(first_change("AAA0BBB,59/0,300", 2052) == "2052-02-29T00:00:00Z");
}

TEST_CASE("Summer time all year round is one offset", "[calendar][zones]") {
  std::vector<ZoneTransition> changes{{earliest_instant, -5 * 3600}};
  extend_by_rule(*parse_posix_rule("EST5EDT,0/0,J365/25"), at("2050-06-01T00:00:00Z"), 2060,
                 changes);
  for (std::size_t i = 1; i < changes.size(); ++i) CHECK(changes[i].offset_s == -4 * 3600);
  CHECK(changes.size() <= 2);
}

TEST_CASE("What is no rule is refused", "[calendar][zones][hostile]") {
  for (const char* text : {"",
                           "garbage",
                           "A1",
                           "CET",
                           "CET-",
                           "CET-1CEST",
                           "CET-1CEST,",
                           "CET-1CEST,M3.5.0",
                           "CET-1CEST,M3.5.0,",
                           "CET-1CEST,M13.5.0,M10.5.0",
                           "CET-1CEST,M3.6.0,M10.5.0",
                           "CET-1CEST,M3.5.7,M10.5.0",
                           "CET-1CEST,M3.5.0,M10.5.0/168",
                           "CET-1CEST,M3.5.0,M10.5.0/3x",
                           "<CET-1",
                           "<>-1",
                           "CET-1:60",
                           "CET-99999999999999999999",
                           "CET-1CEST,J0,J365",
                           "CET-1CEST,J366,J1",
                           "CET-1CEST,366,1",
                           "CET-1 "}) {
    INFO(text);
    CHECK_FALSE(parse_posix_rule(text).has_value());
  }
}

}  // namespace itinera::calendar
