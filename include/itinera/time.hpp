// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace itinera {

// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored. The only notion of
// time inside the engine; a wall time is a separate type (calendar) and never converts silently.
struct Instant {
  std::int64_t ms = 0;

  friend auto operator<=>(Instant, Instant) = default;
  friend Instant operator+(Instant t, std::int64_t elapsed_ms) { return {t.ms + elapsed_ms}; }
  friend Instant operator-(Instant t, std::int64_t elapsed_ms) { return {t.ms - elapsed_ms}; }
  friend std::int64_t operator-(Instant a, Instant b) { return a.ms - b.ms; }
};

// The range an input may carry: years 1 to 9999, as CEL has it.
inline constexpr Instant earliest_instant{-62'135'596'800'000};
inline constexpr Instant latest_instant{253'402'300'799'999};

inline constexpr std::int64_t second_ms = 1'000;
inline constexpr std::int64_t minute_ms = 60 * second_ms;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;
inline constexpr std::int64_t day_ms = 24 * hour_ms;

// "2026-03-02T10:00:00Z", with ".123" only where the milliseconds are not zero.
std::string to_text(Instant t);

}  // namespace itinera
