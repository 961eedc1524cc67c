// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/time.hpp"

namespace itinera {

// Index of a zone in its table. 0 is always UTC.
enum class ZoneIndex : std::uint16_t { utc = 0 };

// From `from` on, local time is UTC plus `offset_s` seconds (east positive).
struct ZoneTransition {
  Instant from;
  std::int32_t offset_s = 0;
};

// All zones with all their offset changes, as plain data: the core is given one and asks nobody
// else. Immutable once built; safe to share between threads. calendar/ builds it from the system.
class ZoneTable {
 public:
  struct Zone {
    std::string name;
    // Sorted by `from`; the first holds from the beginning of time.
    std::vector<ZoneTransition> transitions;
  };

  // A table with UTC only.
  ZoneTable();
  // `zones` in any order, names distinct; UTC is added in front if it is missing. `version` names
  // the data ("2025b").
  ZoneTable(std::string version, std::vector<Zone> zones);

  [[nodiscard]] const std::string& version() const { return version_; }
  [[nodiscard]] std::size_t size() const { return zones_.size(); }

  // By IANA name ("Europe/Warsaw"), exact; links are names too. Empty if unknown.
  [[nodiscard]] std::optional<ZoneIndex> find(std::string_view name) const;
  [[nodiscard]] const std::string& name(ZoneIndex zone) const;

  // Offset from UTC in seconds at that instant.
  [[nodiscard]] std::int32_t offset_s(ZoneIndex zone, Instant t) const;
  [[nodiscard]] std::span<const ZoneTransition> transitions(ZoneIndex zone) const;

 private:
  std::string version_;
  std::vector<Zone> zones_;             // by index
  std::vector<std::uint16_t> by_name_;  // sorted by name
};

}  // namespace itinera
