// SPDX-License-Identifier: Apache-2.0
#include "calendar/zones.hpp"

#include <utility>

#include "calendar/system_zones.hpp"
#include "calendar/text.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {

const ZoneTable& system_zones() {
  static const auto zones = load_system_zones();
  REQUIRE(zones.has_value());
  return **zones;
}

ZoneIndex zone(std::string_view name) {
  INFO(name);
  const auto index = system_zones().find(name);
  REQUIRE(index.has_value());
  return *index;
}

Instant at(std::string_view timestamp) {
  INFO(timestamp);
  const auto t = parse_instant(timestamp);
  REQUIRE(t.has_value());
  return *t;
}

LocalTime local(std::string_view text) {
  INFO(text);
  const auto parsed = parse_local(text);
  REQUIRE(parsed.has_value());
  return parsed->local;
}

std::int32_t clock(std::string_view text) {
  INFO(text);
  const auto ms = parse_time_of_day(text);
  REQUIRE(ms.has_value());
  return *ms;
}

ZoneTable table_of(std::vector<ZoneTransition> changes) {
  return ZoneTable("test", {{"Test", std::move(changes)}});
}

}  // namespace itinera::calendar
