// SPDX-License-Identifier: Apache-2.0
// The whole state as bytes, and back. What can be found out from the rest is not written: indexes,
// the calendar of deadlines, compiled campaigns.
#pragma once

#include "itinera/snapshot.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// Between two frames. What is free is not written: nothing of a contact that is forgotten.
Result<void> save(const State& state, SnapshotWriter& to);

// Into a new state, which is of no use after an error: damaged_journal, unsupported_version, that
// of the reader. What passes holds together (sound.hpp).
Result<void> load(State& state, SnapshotReader& from);

}  // namespace itinera::engine
