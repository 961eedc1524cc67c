// SPDX-License-Identifier: Apache-2.0
// What has happened in a journey, as data (docs/campaign-yaml.md).
#pragma once

#include "itinera/value.hpp"
#include "state/state.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

// A list of maps, in the order of time: how the journey began, its chapters, and that it stands at
// `at`, where a task tells it. `journey` may be a strand.
Value story_of(const State& state, std::uint32_t journey, NodeIndex at);

// Its actions, with what was reported of them; those first that were told where another system had
// it. The newest hundred.
Value::List chapters_of(const State& state, std::uint32_t journey);

// The properties of the entry, or the variables of a journey.
Value::Map named_values(const State& state, const Journey& journey, ContextTag tag);

}  // namespace itinera::engine
