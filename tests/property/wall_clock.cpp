// SPDX-License-Identifier: Apache-2.0
#include "property/wall_clock.hpp"

#include <cstdlib>
#include <filesystem>

namespace itinera::property {

bool is_zone(const std::string& zone) {
  const bool plain = !zone.empty() && zone.front() != '/' && zone.find("..") == std::string::npos;
  return plain && std::filesystem::is_regular_file("/usr/share/zoneinfo/" + zone);
}

WallTime wall_time(Instant t, const std::string& zone) {
  static std::string current;
  if (current != zone) {
    ::setenv("TZ", (":" + zone).c_str(), 1);
    ::tzset();
    current = zone;
  }
  const std::int64_t ms = ((t.ms % 1000) + 1000) % 1000;
  const auto seconds = static_cast<std::time_t>((t.ms - ms) / 1000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::tm date{};
  date.tm_year = parts.tm_year;
  date.tm_mon = parts.tm_mon;
  date.tm_mday = parts.tm_mday;
  WallTime wall;
  wall.day = static_cast<std::int64_t>(::timegm(&date)) / 86'400;
  const int second_of_day = (parts.tm_hour * 60 + parts.tm_min) * 60 + parts.tm_sec;
  wall.ms_of_day = second_of_day * 1000 + static_cast<std::int32_t>(ms);
  wall.weekday = (parts.tm_wday + 6) % 7;
  wall.year = parts.tm_year + 1900;
  wall.month = parts.tm_mon;
  return wall;
}

bool shows(const WallTime& wall, const Window& window) {
  const auto on = [&](int weekday) { return window.days.contains(static_cast<unsigned>(weekday)); };
  if (window.from_ms < window.to_ms) {
    return on(wall.weekday) && wall.ms_of_day >= window.from_ms && wall.ms_of_day < window.to_ms;
  }
  const bool evening = wall.ms_of_day >= window.from_ms && on(wall.weekday);
  const bool morning = wall.ms_of_day < window.to_ms && on((wall.weekday + 6) % 7);
  return evening || morning;
}

}  // namespace itinera::property
