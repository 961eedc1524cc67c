// SPDX-License-Identifier: Apache-2.0
// What hosts are told of where journeys stand. Reads the state, and writes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/stable_hash.hpp"
#include "itinera/result.hpp"
#include "itinera/views.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// By the id of the contact that entered, whoever that has become since.
inline Hash128 journey_id_of(const State& state, std::uint32_t journey) {
  const Journey& j = state.journeys[journey];
  const State::Origin origin = state.origin_of(journey);
  if (origin.is_journey) return *hash_from_text(origin.id);
  return base::stable_hash_of(base::ByteView(state.plan_of(j).id_head), origin.id,
                              std::int64_t{j.has_key}, state.key_of(j), j.entered.ms,
                              std::int64_t{j.ordinal});
}

// As the calls of Engine.
Result<std::vector<JourneyView>> journeys_of(const State& state, std::string_view contact);
std::vector<StepOccupancy> occupancy(const State& state);
StuckReport stuck(const State& state, std::int64_t older_than_ms, std::size_t max);

// The journey of that place, with the one standing that is there; with none where it stands
// nowhere.
JourneyView view_at(const State& state, std::uint32_t place);

}  // namespace itinera::engine
