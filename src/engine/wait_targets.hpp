// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "calendar/civil.hpp"
#include "state/facts.hpp"

namespace itinera::engine {

// Where a wait leads in time. `past`: the target lies before now, and `due` is that target, or
// empty where nothing is left to come. Else an empty `due` is no date (S7).
struct Target {
  std::optional<Instant> due;
  bool past = false;
  bool of_wall_time = true;  // a time on the wall of the zone, not an instant of its own
};

// All that the resolution of one wait looks at. Borrows what it refers to.
struct WaitScene {
  const ZoneTable& zones;
  ZoneIndex zone = ZoneIndex::utc;
  Instant now;
  std::span<const calendar::Date> holidays;  // in rising order
  Instant anchor;                            // what a duration counts from (S20)
  std::optional<Instant> last_due = {};      // of the round before, in a loop
  std::optional<Instant> stood = {};  // else the deadline of a later round, where that stands
};

// What the resolution of a wait comes to. `due`: now where the journey goes on at once.
struct WaitOutcome {
  Instant due;
  record::Reason reason = record::Reason::none;
  bool exits = false;
  bool skips = false;  // the step after it too
  std::uint8_t zone_from = 0;
  bool of_wall_time = false;  // of whatever zone
};

// Whether a wait is for what a wall shows again and again.
bool recurs(const Wait& wait);
// Whether it is longer by a pause: not what is for a date, or for a time on the wall.
inline bool is_length(const Wait& wait) { return std::holds_alternative<Wait::For>(wait.form); }

// The target of a `wait`. `facts` are about its journey.
Target target_of(const NodePlan& node, const WaitScene& scene, Facts& facts);

}  // namespace itinera::engine
