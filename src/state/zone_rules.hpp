// SPDX-License-Identifier: Apache-2.0
// What the clocks of zones show by the data under which times on their walls were resolved, so that
// it can be told which of these times other data make another instant of (S13).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/zone_table.hpp"
#include "itinera/time.hpp"

namespace itinera::engine {

// In the order of time, no offset twice in a row. The first holds before its instant, too.
using ClockRules = std::vector<ZoneTransition>;

// Of what the clock shows from `from` on.
ClockRules clock_rules(const ZoneTable& zones, ZoneIndex zone, Instant from);
ClockRules clock_rules(const ClockRules& rules, Instant from);
std::int32_t offset_s(const ClockRules& rules, Instant t);

// As record::ZoneKnown has them. Empty: that is none.
base::Bytes packed(const ClockRules& rules);
std::optional<ClockRules> unpacked(base::ByteView rules);

class ZoneRules {
 public:
  std::string version;  // of the data: "2025b"
  std::map<std::string, ClockRules, std::less<>> known;

  // Whether a zone of the table that the engine was opened with is known.
  [[nodiscard]] bool knows(ZoneIndex zone) const {
    const auto index = static_cast<std::size_t>(zone);
    return index < is_known_.size() && is_known_[index];
  }
  void keep(const ZoneTable& zones, std::string_view name, ClockRules rules);
  // What `known` has is known, after it was loaded.
  void index(const ZoneTable& zones);

 private:
  std::vector<bool> is_known_;  // by ZoneIndex
};

}  // namespace itinera::engine
