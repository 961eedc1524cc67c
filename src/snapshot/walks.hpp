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

// A std::vector or std::deque; each(v, member) walks one.
template <class V, class List, class Each>
void walk_list(V& v, List& list, Each each) {
  const std::uint64_t count = v.count(list.size());
  if constexpr (V::loads) {
    for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
      v.seam();
      each(list.emplace_back());
    }
  } else {
    for (auto& member : list) {
      v.seam();
      each(member);
    }
  }
}
template <class V, class List>
void walk_list(V& v, List& list) {
  walk_list(v, list, [&v](auto& member) { v(member); });
}

// A std::map; each(key, value) walks one.
template <class V, class Map, class Each>
void walk_map(V& v, Map& map, Each each) {
  const std::uint64_t count = v.count(map.size());
  if constexpr (V::loads) {
    for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
      v.seam();
      typename Map::key_type key{};
      typename Map::mapped_type value{};
      each(key, value);
      v.must(map.emplace(std::move(key), std::move(value)).second);
    }
  } else {
    for (auto& [key, value] : map) {
      v.seam();
      each(key, value);
    }
  }
}

}  // namespace itinera::engine
