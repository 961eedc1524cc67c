// SPDX-License-Identifier: Apache-2.0
// Campaigns that are paused, what stands still because of that, and what brakes know.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>

#include "itinera/input.hpp"
#include "model/graph.hpp"

namespace itinera::engine {

struct Halt {
  Instant since;
  PauseMode mode = PauseMode::queue;
  bool entries = false;  // contacts still enter
};

// A deadline that does not come before the campaign goes on.
struct FrozenDue {
  Instant due;
  Instant from;  // when it was frozen
};

// What became of an action, by the upper half of its id.
struct Outcome {
  std::uint64_t action = 0;
  bool failed = false;
  template <class V>
  void fields(V& v) {
    v(action, failed);
  }
};

// Entries may be left of journeys that are held or wait no more: whoever reads them asks for the
// phase.
struct Halts {
  std::map<std::uint16_t, Halt> paused;  // by family
  // Journeys that stand still, and sends that are held because of the pause: whether it is behind a
  // wait that fell due.
  std::map<std::uint32_t, bool> stopped;
  std::map<std::uint32_t, FrozenDue> frozen;  // by journey
  // The newest of each step of a campaign with a brake, by version and node.
  std::map<std::pair<std::uint16_t, model::NodeIndex>, std::deque<Outcome>> outcomes;
};

}  // namespace itinera::engine
