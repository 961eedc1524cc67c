// SPDX-License-Identifier: Apache-2.0
// Those who come into campaigns by themselves and not one by one: in lines, and at the occurrences
// of schedules.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/zone_table.hpp"
#include "plan/plan.hpp"
#include "record/records.hpp"

namespace itinera::engine {

// Contacts that wait to enter by one entry, first come, first in, as many at a time as its ramp
// lets. Lines are few, and are kept.
struct Line {
  EntryRef ref;  // version no_version: nobody comes in by it any more
  std::deque<std::uint32_t> contacts;
  Instant due = record::no_deadline;
  Instant period = earliest_instant;  // of the ramp, when it began
  std::uint32_t let_in = 0;           // in that period
};

// The next occurrence of a schedule by the clocks of one zone.
struct Schedule {
  EntryRef ref;
  ZoneIndex zone = ZoneIndex::utc;
  Instant due = record::no_deadline;
};

// How many journeys a campaign has begun, for its caps.
struct Begun {
  std::uint64_t total = 0;
  std::uint64_t today = 0;
  Instant day_ends = earliest_instant;
};

struct Arrivals {
  std::vector<Line> lines;
  std::vector<Schedule> schedules;
  std::vector<Begun> begun;  // by family
  Instant published;         // the newest publication: recurrences without `from` count from it
};

}  // namespace itinera::engine
