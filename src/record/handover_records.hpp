// SPDX-License-Identifier: Apache-2.0
// What is recorded of tasks that go to somebody else, and of journeys that another system has
// begun. Part of records.hpp, as are its rules.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/time.hpp"
#include "record/inputs.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

// A task that a journey stands at goes to somebody else.
struct Reassigned {
  static constexpr RecordKind kind = RecordKind::reassigned;
  std::uint32_t journey = 0;  // or the strand
  std::uint32_t action = 0;
  std::uint16_t node = 0;
  Instant due;  // the new deadline; no_deadline: that stays
  std::string_view to;
  std::string_view by;
  std::string_view note;
  template <class V>
  void fields(V& v) {
    v(journey, action, node, due, to, by, note);
  }
};

// A journey that has just entered is one that another system began, and goes on at that step.
struct TakenOver {
  static constexpr RecordKind kind = RecordKind::taken_over;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  Instant entered;          // there
  std::uint32_t goals = 0;  // reached there, a bit each
  base::ByteView visits;  // of steps on a way back: node (2), visits (4), due of the last wait (8)
  base::ByteView before;  // packed list of maps: what was told there; empty: nothing
  Instant due;            // of one that must wait for its turn: when its wait is over; no_deadline
  MessageKey token;       // what the token is known by from now on; none: the input has an id
  static constexpr std::size_t visit_size = 14;
  template <class V>
  void fields(V& v) {
    v(journey, node, entered, goals, visits, before, due, token);
  }
};

}  // namespace itinera::record
