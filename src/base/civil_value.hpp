// SPDX-License-Identifier: Apache-2.0
// Timestamps and durations as values: how far they reach, and their texts.
#pragma once

#include <cstdint>
#include <string>

#include "itinera/time.hpp"
#include "itinera/value.hpp"

namespace itinera::base {

inline constexpr std::int32_t nanos_max = 999'999'999;
inline constexpr std::int64_t earliest_second = earliest_instant.ms / 1'000;
inline constexpr std::int64_t latest_second = (latest_instant.ms - 999) / 1'000;

// A duration is shorter than the whole range of timestamps.
inline constexpr std::int64_t duration_seconds_max = latest_second - earliest_second - 1;

inline Timestamp timestamp_at(Instant t) {
  const std::int64_t seconds = t.ms >= 0 ? t.ms / 1000 : (t.ms - 999) / 1000;
  return {seconds, static_cast<std::int32_t>((t.ms - seconds * 1000) * 1'000'000)};
}

// A host or a journal may hold any numbers. Each of the two becomes the nearest that is allowed,
// so that nothing computed from them overflows.
Timestamp nearest_allowed(const Timestamp& t);
TimeSpan nearest_allowed(const TimeSpan& d);

// "2026-03-02T10:00:00.5Z": RFC 3339, with as many digits as the nanoseconds need.
std::string text_of(const Timestamp& t);

// "3.5s"
std::string text_of(const TimeSpan& d);

}  // namespace itinera::base
