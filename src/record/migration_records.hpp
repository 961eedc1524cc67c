// SPDX-License-Identifier: Apache-2.0
// What is recorded of journeys that move to another version of their campaign, or to another step.
// Part of records.hpp, as are its rules.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

// What the steps of a version have become in another of the same campaign. Holds for the Migrated
// records behind it in the frame.
struct Remapped {
  static constexpr RecordKind kind = RecordKind::remapped;
  std::uint16_t from = 0;
  std::uint16_t to = 0;
  base::ByteView nodes;  // for each step of `from` a u16: the step that it is there; 0xFFFF: none
  template <class V>
  void fields(V& v) {
    v(from, to, nodes);
  }
};

// A journey moves, and its strands and its sends aside with it.
struct Migrated {
  static constexpr RecordKind kind = RecordKind::migrated;
  // It stays as it is, at that step; it comes to that step, and its strands, if it has any, are
  // gone; a send aside will never go out.
  static constexpr std::uint8_t stays = 0;
  static constexpr std::uint8_t comes = 1;
  static constexpr std::uint8_t ends = 2;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;  // 0xFFFF: before the first step
  std::uint8_t how = stays;
  // Node (2) and how (1) of each strand in the order of the contact's list, then of each send
  // aside in the order of places.
  static constexpr std::size_t part_size = 3;
  base::ByteView parts;
  template <class V>
  void fields(V& v) {
    v(journey, node, how, parts);
  }
};

}  // namespace itinera::record
