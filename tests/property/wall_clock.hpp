// SPDX-License-Identifier: Apache-2.0
// Wall time by the C library: another reader of the zone data than the one under test.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "itinera/period.hpp"
#include "itinera/time.hpp"

namespace itinera::property {

struct WallTime {
  std::int64_t day = 0;  // since 1970-01-01
  std::int32_t ms_of_day = 0;
  int weekday = 0;  // 0 = Monday
  int year = 1970;
  int month = 0;  // 0 = January
};

// Whether the zone data have a zone of that name.
bool is_zone(const std::string& zone);

// What the wall shows in a zone that is_zone() knows.
WallTime wall_time(Instant t, const std::string& zone);

bool shows(const WallTime& wall, const Window& window);

}  // namespace itinera::property
