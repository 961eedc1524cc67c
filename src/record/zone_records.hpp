// SPDX-License-Identifier: Apache-2.0
// What is recorded of the zone data that times on the wall were resolved by. Part of records.hpp,
// as are its rules.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

// What the clocks of a zone show from the frame's instant on, by the zone data that hold then. Told
// when a zone first matters, and again when other data say something else.
struct ZoneKnown {
  static constexpr RecordKind kind = RecordKind::zone_known;
  std::string_view name;
  // Of each offset, in order: from when on it holds, an i64, and seconds east of UTC, an i32.
  static constexpr std::size_t rule_size = 12;
  static constexpr std::size_t rules_max = 4'096;
  base::ByteView rules;
  template <class V>
  void fields(V& v) {
    v(name, rules);
  }
};

}  // namespace itinera::record
