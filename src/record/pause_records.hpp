// SPDX-License-Identifier: Apache-2.0
// What is recorded of campaigns that are paused. Part of records.hpp, as are its rules.
#pragma once

#include <cstdint>

#include "itinera/time.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

// The journey stands still before a step, because its campaign is paused.
struct Stalled {
  static constexpr RecordKind kind = RecordKind::stalled;
  std::uint32_t journey = 0;
  std::uint16_t node = 0xFFFF;
  std::uint8_t fell_due = 0;  // 1: behind a wait whose time came
  template <class V>
  void fields(V& v) {
    v(journey, node, fell_due);
  }
};

// It goes on.
struct Unstalled {
  static constexpr RecordKind kind = RecordKind::unstalled;
  std::uint32_t journey = 0;
  template <class V>
  void fields(V& v) {
    v(journey);
  }
};

// Too many of a step's newest outcomes have failed: the campaign pauses itself.
struct Braked {
  static constexpr RecordKind kind = RecordKind::braked;
  std::uint16_t version = 0;
  std::uint16_t node = 0;
  std::uint32_t failed = 0;
  std::uint32_t of = 0;  // so many outcomes
  template <class V>
  void fields(V& v) {
    v(version, node, failed, of);
  }
};

}  // namespace itinera::record
