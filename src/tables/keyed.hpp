// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/hash_index.hpp"
#include "base/pool.hpp"
#include "itinera/ids.hpp"

namespace itinera::engine {

// A table of T by a 128-bit key.
template <class T>
class Keyed {
 public:
  [[nodiscard]] bool empty() const { return entries_.size() == 0; }
  [[nodiscard]] const T* find(const Hash128& key) const {
    const std::uint32_t place =
        index_.find(key.high, [&](std::uint32_t at) { return entries_[at].key == key; });
    return place == base::HashIndex::none ? nullptr : &entries_[place].value;
  }
  void put(const Hash128& key, const T& value) {
    const std::uint32_t place =
        index_.find(key.high, [&](std::uint32_t at) { return entries_[at].key == key; });
    if (place != base::HashIndex::none) {
      entries_[place].value = value;
    } else {
      index_.insert(key.high, entries_.add({key, value}));
    }
  }
  // For snapshots.
  template <class V, class Self>
  static void walk(V& v, Self& table) {
    base::Pool<Entry>::walk(v, table.entries_, [&](std::uint32_t place) {
      auto& entry = table.entries_[place];
      v(entry.key, entry.value);
      if constexpr (V::loads) table.index_.insert(entry.key.high, place);
    });
  }

 private:
  struct Entry {
    Hash128 key;
    T value{};
  };
  base::Pool<Entry> entries_;
  base::HashIndex index_;
};

}  // namespace itinera::engine
