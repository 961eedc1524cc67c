// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "itinera/result.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// Applies a whole journal of that shard, or one whose last frame is torn, to a new state;
// `whole_bytes`, unless null, receives the size of what was used. Errors: damaged_journal,
// unsupported_version.
Result<void> replay(State& state, std::uint8_t shard, base::ByteView journal,
                    const Timers::Live& live, std::size_t* whole_bytes);

// Lets go of the timers that nobody waits for any more, where they are the most.
void drop_dead_timers(State& state, const Timers::Live& live);

}  // namespace itinera::engine
