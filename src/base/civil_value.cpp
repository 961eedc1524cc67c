// SPDX-License-Identifier: Apache-2.0
#include "base/civil_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace itinera::base {
namespace {

// ".5", or nothing.
std::string fraction_text(std::int32_t nanos) {
  if (nanos == 0) return {};
  std::string digits = fmt::format(".{:09}", std::abs(nanos));
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

}  // namespace

Timestamp nearest_allowed(const Timestamp& t) {
  return {std::clamp(t.seconds, earliest_second, latest_second), std::clamp(t.nanos, 0, nanos_max)};
}

TimeSpan nearest_allowed(const TimeSpan& d) {
  return {std::clamp(d.seconds, -duration_seconds_max, duration_seconds_max),
          std::clamp(d.nanos, -nanos_max, nanos_max)};
}

std::string text_of(const Timestamp& t) {
  const Timestamp allowed = nearest_allowed(t);
  std::string text = to_text(Instant{allowed.seconds * 1'000});
  text.pop_back();
  return text + fraction_text(allowed.nanos) + "Z";
}

std::string text_of(const TimeSpan& d) {
  const TimeSpan allowed = nearest_allowed(d);
  const bool negative = allowed.seconds < 0 || allowed.nanos < 0;
  return fmt::format("{}{}{}s", negative ? "-" : "", std::abs(allowed.seconds),
                     fraction_text(allowed.nanos));
}

}  // namespace itinera::base
