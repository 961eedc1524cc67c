// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/hash_index.hpp"
#include "base/pool.hpp"

namespace itinera::engine {

// A table of T by contact and a hash of 64 bits. What one contact has can be walked, and goes with
// it: to another contact, or away without a trace. Nobody pays who has nothing in it.
template <class T>
class ByContact {
 public:
  // Null if there is none. Valid until the next call that is not const.
  [[nodiscard]] const T* find(std::uint32_t contact, std::uint64_t key) const {
    const std::uint32_t place = place_of(contact, key);
    return place == none ? nullptr : &entries_[place].value;
  }
  void put(std::uint32_t contact, std::uint64_t key, const T& value) {
    const std::uint32_t place = place_of(contact, key);
    if (place != none) {
      entries_[place].value = value;
      return;
    }
    if (contact >= first_.size()) first_.resize(std::size_t{contact} + 1, none);
    const std::uint32_t fresh = entries_.add(Entry{key, contact, first_[contact], value});
    first_[contact] = fresh;
    index_.insert(hash_of(contact, key), fresh);
  }
  // Everything that `contact` has, taken from it; visit(key, value), the newest first.
  template <class Visit>
  void take_all(std::uint32_t contact, Visit visit) {
    if (contact >= first_.size()) return;
    for (std::uint32_t at = first_[contact]; at != none;) {
      const Entry entry = entries_[at];
      index_.erase(hash_of(contact, entry.key), at);
      entries_[at] = Entry{};
      entries_.release(at);
      visit(entry.key, entry.value);
      at = entry.next;
    }
    first_[contact] = none;
  }

  // Calls visit(object) for all that lies here, or has lain.
  template <class Visit>
  void for_each_part(Visit visit) const {
    entries_.for_each(visit);
    index_.for_each_part(visit);
  }

 private:
  static constexpr std::uint32_t none = base::HashIndex::none;
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t contact = none;
    std::uint32_t next = none;  // of the same contact
    T value{};
  };
  // Places of contacts are small numbers in a row; the product spreads them over all bits.
  static std::uint64_t hash_of(std::uint32_t contact, std::uint64_t key) {
    constexpr std::uint64_t golden_ratio = 0x9E37'79B9'7F4A'7C15;
    return (key ^ contact) * golden_ratio;
  }
  [[nodiscard]] std::uint32_t place_of(std::uint32_t contact, std::uint64_t key) const {
    return index_.find(hash_of(contact, key), [&](std::uint32_t at) {
      return entries_[at].contact == contact && entries_[at].key == key;
    });
  }

  base::Pool<Entry> entries_;
  base::HashIndex index_;
  std::vector<std::uint32_t> first_;  // by contact
};

}  // namespace itinera::engine
