// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "calendar/civil.hpp"

namespace itinera::calendar {

// Which local dates are worked on (S10): those on `days` that are not among `holidays`.
struct WorkingDays {
  Weekdays days = {.bits = 0x1F};  // Monday to Friday
  std::span<const Date> holidays;  // in rising order; must outlive this
  [[nodiscard]] bool contains(Date date) const;
};

// The nth working date after `start`, which is not counted; before it where `n` is negative. 0:
// `start` if it is one, else the next. Empty if there is none in the years 1 to 9999.
std::optional<Date> add_business_days(Date start, std::int32_t n, const WorkingDays& working);

// The same wall time as at `t`, on the nth working date after the local date of `t`; gaps and
// overlaps as in to_instant(). `t` itself where that is its own date.
std::optional<Instant> add_business_days(const ZoneTable& zones, ZoneIndex zone, Instant t,
                                         std::int32_t n, const WorkingDays& working);

}  // namespace itinera::calendar
