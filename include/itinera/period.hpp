// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace itinera {

// A length of time as people mean it: months and days step on the local calendar, `ms` is exact.
// All three have the same sign.
struct Period {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t ms = 0;
  [[nodiscard]] bool is_zero() const { return months == 0 && days == 0 && ms == 0; }
  friend bool operator==(const Period&, const Period&) = default;
};

// Days of the week as bits, bit 0 = Monday.
struct Weekdays {
  std::uint8_t bits = 0x7F;
  [[nodiscard]] bool contains(unsigned weekday) const { return (bits >> weekday & 1u) != 0; }
  [[nodiscard]] bool empty() const { return bits == 0; }
  friend bool operator==(Weekdays, Weekdays) = default;
};

// A daily span of wall time on some days, [from, to): "Mon-Fri 09:00-17:00", "14:00-16:00". Where
// from > to it crosses midnight and its day is that of its start; from == to is refused.
struct Window {
  std::int32_t from_ms = 0;
  std::int32_t to_ms = 0;
  Weekdays days = {};
  friend bool operator==(const Window&, const Window&) = default;
};

}  // namespace itinera
