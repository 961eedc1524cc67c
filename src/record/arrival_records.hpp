// SPDX-License-Identifier: Apache-2.0
// What is recorded of entries that time brings: lines behind a ramp, schedules, caps of a day. Part
// of records.hpp, as are its rules.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/time.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

// Contacts wait in line for an entry: they come in as its ramp lets them. `line` counts the lines
// that were ever begun, from 0.
struct Queued {
  static constexpr RecordKind kind = RecordKind::queued;
  std::uint32_t line = 0;
  std::uint16_t version = 0;
  std::uint8_t entry = 0;
  Instant due;              // when the line moves next
  base::ByteView contacts;  // a u32 each
  template <class V>
  void fields(V& v) {
    v(line, version, entry, due, contacts);
  }
};

// The first `count` of a line have their turn, the newest of `let_in` in the ramp's period.
struct Released {
  static constexpr RecordKind kind = RecordKind::released;
  std::uint32_t line = 0;
  std::uint32_t count = 0;
  std::uint32_t let_in = 0;
  Instant period;  // when it began
  Instant due;     // when the line moves next; no_deadline: it is empty
  template <class V>
  void fields(V& v) {
    v(line, count, let_in, period, due);
  }
};

// A publication took the place of the version that a line led to.
struct Requeued {
  static constexpr RecordKind kind = RecordKind::requeued;
  std::uint32_t line = 0;
  std::uint16_t version = 0;  // 0xFFFF: it has no such entry any more, and nobody comes in
  std::uint8_t entry = 0;
  template <class V>
  void fields(V& v) {
    v(line, version, entry);
  }
};

// The next occurrence of a schedule by the clocks of one zone.
struct Scheduled {
  static constexpr RecordKind kind = RecordKind::scheduled;
  std::uint32_t schedule = 0;  // its place; all are begun anew at a publication
  std::uint16_t version = 0;
  std::uint8_t entry = 0;
  std::string_view zone;
  Instant due;  // no_deadline: none
  template <class V>
  void fields(V& v) {
    v(schedule, version, entry, zone, due);
  }
};

// From now until `ends` is the day that a campaign's cap of entries counts by.
struct CapDay {
  static constexpr RecordKind kind = RecordKind::cap_day;
  std::uint16_t version = 0;
  Instant ends;
  template <class V>
  void fields(V& v) {
    v(version, ends);
  }
};

}  // namespace itinera::record
