// SPDX-License-Identifier: Apache-2.0
#include "itinera/time.hpp"

#include <fmt/format.h>

#include <chrono>

namespace itinera {

std::string to_text(Instant t) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds{t.ms}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (clock.subseconds().count() != 0) text += fmt::format(".{:03}", clock.subseconds().count());
  return text + "Z";
}

}  // namespace itinera
