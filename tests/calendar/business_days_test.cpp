// SPDX-License-Identifier: Apache-2.0
#include "calendar/business_days.hpp"

#include <string>
#include <vector>

#include "calendar/text.hpp"
#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

// Christmas Day and the day after are a Friday and a Saturday in 2026.
const std::vector<Date>& christmas() {
  static const std::vector<Date> dates{date_of(2026, 12, 25), date_of(2026, 12, 26)};
  return dates;
}

std::string sum(std::string_view start, std::int32_t n, const WorkingDays& working) {
  const auto date = add_business_days(local(start).date, n, working);
  return date ? to_text(*date) : "never";
}

}  // namespace

TEST_CASE("Business days skip the start, weekends and holidays", "[calendar][business][S10]") {
  const WorkingDays working{.holidays = christmas()};
  CHECK(sum("2026-12-24", 1, working) == "2026-12-28");
  CHECK(sum("2026-12-23", 2, working) == "2026-12-28");
  CHECK(sum("2026-12-26", 1, working) == "2026-12-28");
  CHECK(sum("2026-12-28", -1, working) == "2026-12-24");
  CHECK(sum("2026-12-21", 5, working) == "2026-12-29");
}

TEST_CASE("No business day from here is today, or the next one", "[calendar][business]") {
  const WorkingDays working{.holidays = christmas()};
  CHECK(sum("2026-12-24", 0, working) == "2026-12-24");
  CHECK(sum("2026-12-25", 0, working) == "2026-12-28");
}

TEST_CASE("A working week of one's own", "[calendar][business]") {
  CHECK(sum("2026-03-02", 1, {.days = {.bits = 1u << 5}, .holidays = {}}) == "2026-03-07");
  CHECK(sum("2026-03-05", 2, {.days = {.bits = 0x4F}, .holidays = {}}) == "2026-03-09");
}

TEST_CASE("Where nobody works there is no answer, and soon", "[calendar][business][hostile]") {
  CHECK(sum("2026-03-02", 1, {.days = {.bits = 0}, .holidays = {}}) == "never");
  CHECK(sum("2026-03-02", 2'147'483'647, {}) == "never");
  CHECK(sum("2026-03-02", -2'147'483'647 - 1, {}) == "never");
  CHECK(sum("9999-12-31", 1, {}) == "never");
}

TEST_CASE("Two business days later at the same time on the wall", "[calendar][business][S8][S9]") {
  const auto later = [](std::string_view t, std::int32_t n, std::uint8_t bits) {
    const WorkingDays working{.days = {.bits = bits}, .holidays = {}};
    const auto found = add_business_days(system_zones(), zone("Europe/Berlin"), at(t), n, working);
    return found ? to_text(*found) : "never";
  };
  // Friday 10:00 before the change of the clock to Tuesday 10:00 after it.
  CHECK(later("2026-03-27T09:00:00Z", 2, 0x1F) == "2026-03-31T08:00:00Z");
  // Saturday in Berlin while it is Friday in UTC.
  CHECK(later("2026-06-05T22:30:00Z", 1, 0x1F) == "2026-06-07T22:30:00Z");
  // 02:30 on Sunday is in the gap.
  CHECK(later("2026-03-28T01:30:00Z", 1, 0x7F) == "2026-03-29T01:00:00Z");
  // The second 02:30 of its own date stays what it is.
  CHECK(later("2026-10-25T01:30:00Z", 0, 0x7F) == "2026-10-25T01:30:00Z");
  CHECK(later("9999-12-31T12:00:00Z", 1, 0x7F) == "never");
}

}  // namespace itinera::calendar
