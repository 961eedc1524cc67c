// SPDX-License-Identifier: Apache-2.0
// Whether a state that was read from a snapshot holds together: every place, name and step that
// something refers to exists, every list can be read to its end, and no chain is a ring. What the
// engine relies on without asking, that is; whether it could have come about is not asked.
#pragma once

#include "state/state.hpp"

namespace itinera::engine {

bool is_sound(const State& state);

// The lists of contacts and journeys (tables/lists.hpp).
bool are_attributes(const State& state, base::ByteView list);
bool is_history(const State& state, base::ByteView list);
bool are_counted(const State& state, base::ByteView list);
bool is_context(const State& state, const Journey& journey, base::ByteView list);

// Whether such a step, and such a channel of it if it is a send, emits actions.
bool is_emitter(const State& state, std::uint16_t version, NodeIndex node, std::uint8_t leg);

}  // namespace itinera::engine
