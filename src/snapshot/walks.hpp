// SPDX-License-Identifier: Apache-2.0
// The parts of a snapshot, in the order in which they stand there. V is Saver and S const State, or
// V is Loader and S State. A part that is loaded may refer to those before it, and what it says of
// them is within their bounds; whether all holds together is looked at in the end (sound.hpp).
#pragma once

#include "snapshot/archive.hpp"
#include "state/state.hpp"

namespace itinera::engine {

template <class V, class S>
void walk_campaigns(V& v, S& state);
template <class V, class S>
void walk_engine(V& v, S& state);
template <class V, class S>
void walk_people(V& v, S& state);
template <class V, class S>
void walk_messages(V& v, S& state);
template <class V, class S>
void walk_tables(V& v, S& state);
template <class V, class S>
void walk_arrivals(V& v, S& state);
template <class V, class S>
void walk_accounts(V& v, S& state);
template <class V, class S>
void walk_halts(V& v, S& state);

// A byte string among the Blobs.
template <class V, class S, class B>
void walk_blob(V& v, S& state, B& blob) {
  if constexpr (V::loads) {
    blob = state.blobs.add(v.bytes());
  } else {
    v.bytes(state.blobs.view(blob));
  }
}

}  // namespace itinera::engine
