// SPDX-License-Identifier: Apache-2.0
#include "base/hash_index.hpp"

#include "base/check.hpp"

namespace itinera::base {

void HashIndex::Segment::put(Slot slot) {
  std::size_t i = home(slot.tag);
  while (slots[i].place != none) i = after(i);
  slots[i] = slot;
}

void HashIndex::Segment::grow() {
  std::vector<Slot> old(slots.empty() ? 16 : slots.size() * 2);
  old.swap(slots);
  shift = slots.size() == 16 ? 28 : static_cast<std::uint8_t>(shift - 1);
  for (const Slot& slot : old) {
    if (slot.place != none) put(slot);
  }
}

void HashIndex::insert(std::uint64_t hash, std::uint32_t place) {
  Segment& segment = segments_[segment_of(hash)];
  if (segment.slots.empty() || segment.used >= segment.slots.size() / 8 * 7) segment.grow();
  segment.put({tag_of(hash), place});
  ++segment.used;
}

void HashIndex::erase(std::uint64_t hash, std::uint32_t place) {
  Segment& segment = segments_[segment_of(hash)];
  ITINERA_CHECK(!segment.slots.empty());
  const std::uint32_t tag = tag_of(hash);
  std::size_t hole = segment.home(tag);
  while (segment.slots[hole].place != place || segment.slots[hole].tag != tag) {
    ITINERA_CHECK(segment.slots[hole].place != none);
    hole = segment.after(hole);
  }
  // Backward shift: a later slot may move into the hole unless its home lies behind the hole.
  const std::size_t mask = segment.slots.size() - 1;
  for (std::size_t i = segment.after(hole); segment.slots[i].place != none; i = segment.after(i)) {
    const std::size_t home = segment.home(segment.slots[i].tag);
    if (((i - home) & mask) >= ((i - hole) & mask)) {
      segment.slots[hole] = segment.slots[i];
      hole = i;
    }
  }
  segment.slots[hole] = {};
  --segment.used;
}

}  // namespace itinera::base
