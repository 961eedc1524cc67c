// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace itinera {

// Plain counts since the engine began; after a restore, since the journal began. Cheap to read.
struct Statistics {
  std::uint64_t inputs = 0;  // taken, duplicates included
  std::uint64_t events = 0;
  std::uint64_t events_unheard = 0;  // of a type that nothing loaded names; not journaled
  std::uint64_t duplicates = 0;
  std::uint64_t contacts = 0;  // that exist
  std::uint64_t journeys_entered = 0;
  std::uint64_t journeys_in_flight = 0;
  std::uint64_t journeys_ended = 0;
  std::uint64_t timers_fired = 0;
  std::uint64_t actions_emitted = 0;
  std::uint64_t actions_withdrawn = 0;
  std::uint64_t actions_waiting = 0;  // emitted, or offered again, and not yet taken
  std::uint64_t conditions_unknown = 0;
  std::uint64_t reports_unmatched = 0;  // of an action whose journey is gone, or that never was
  std::uint64_t reports_late = 0;       // of a send whose journey is closed, and heeded
  std::uint64_t sends_held = 0;         // by quiet hours or caps, each time that they were
  std::uint64_t occurred_clamped = 0;
  std::uint64_t invalid_zones = 0;
  std::uint64_t relinked = 0;
  std::uint64_t history_dropped = 0;
  std::uint64_t dedupe_dropped = 0;
  std::uint64_t data_missing = 0;
  std::uint64_t actions_open = 0;  // taken, kept, and nothing was reported of them
  std::uint64_t actions_reoffered = 0;
  std::uint64_t outcomes_unknown = 0;  // of these, those that nobody may want any more
  std::uint64_t open_dropped = 0;      // not kept any longer, for want of room
  std::uint64_t asides_full = 0;  // sends that stayed because so many of their journey are aside
};

}  // namespace itinera
