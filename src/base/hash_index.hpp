// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace itinera::base {

// Finds places by a 64-bit hash: open addressing, linear probing, no tombstones. It keeps the
// hash's upper 32 bits beside each place, so that a stranger is turned away and a table grows
// without touching what it points to. Cut into segments that grow one by one: no long pause, no
// doubled peak of memory.
class HashIndex {
 public:
  static constexpr std::uint32_t none = 0xFFFF'FFFF;

  // The first place under `hash` for which `is_it(place)`; none if there is none.
  template <class Is>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, Is is_it) const {
    const Segment& segment = segments_[segment_of(hash)];
    if (segment.slots.empty()) return none;
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t i = segment.home(tag);; i = segment.after(i)) {
      const Slot& slot = segment.slots[i];
      if (slot.place == none) return none;
      if (slot.tag == tag && is_it(slot.place)) return slot.place;
    }
  }
  void insert(std::uint64_t hash, std::uint32_t place);
  void erase(std::uint64_t hash, std::uint32_t place);
  // Calls visit(part) for the part of each hash that is kept, and for what stands in its stead
  // where there is none.
  template <class Visit>
  void for_each_part(Visit visit) const {
    for (const Segment& segment : segments_) {
      for (const Slot& slot : segment.slots) visit(slot.tag);
    }
  }
  void prefetch(std::uint64_t hash) const {
    const Segment& segment = segments_[segment_of(hash)];
    if (!segment.slots.empty()) __builtin_prefetch(&segment.slots[segment.home(tag_of(hash))]);
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t place = none;
  };
  struct Segment {
    std::vector<Slot> slots;  // a power of two, or empty
    std::uint32_t used = 0;
    std::uint8_t shift = 32;
    [[nodiscard]] std::size_t home(std::uint32_t tag) const { return tag >> shift; }
    [[nodiscard]] std::size_t after(std::size_t i) const { return (i + 1) & (slots.size() - 1); }
    void put(Slot slot);
    void grow();
  };
  static constexpr std::uint32_t segment_bits = 8;
  static std::size_t segment_of(std::uint64_t hash) { return hash >> (64 - segment_bits); }
  static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> (32 - segment_bits));
  }
  std::array<Segment, 1u << segment_bits> segments_;
};

}  // namespace itinera::base
