// SPDX-License-Identifier: Apache-2.0
// Short words for the tests of this room. Each stops the test where what it is given is wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/zone_table.hpp"
#include "calendar/civil.hpp"

namespace itinera::calendar {

const ZoneTable& system_zones();  // read once
ZoneIndex zone(std::string_view name);
Instant at(std::string_view timestamp);     // "2026-03-02T10:00:00Z"
LocalTime local(std::string_view text);     // "2026-03-02T10:00"
std::int32_t clock(std::string_view text);  // "10:00"

// A table with one zone, "Test", that has these changes.
ZoneTable table_of(std::vector<ZoneTransition> changes);

}  // namespace itinera::calendar
