// SPDX-License-Identifier: Apache-2.0
#include "base/zone_table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/check.hpp"

namespace itinera {

ZoneTable::ZoneTable() : ZoneTable("", {}) {}

ZoneTable::ZoneTable(std::string version, std::vector<Zone> zones)
    : version_(std::move(version)), zones_(std::move(zones)) {
  std::sort(zones_.begin(), zones_.end(),
            [](const Zone& a, const Zone& b) { return a.name < b.name; });
  auto utc = std::find_if(zones_.begin(), zones_.end(),
                          [](const Zone& zone) { return zone.name == "UTC"; });
  if (utc == zones_.end()) {
    zones_.insert(zones_.begin(), Zone{"UTC", {{earliest_instant, 0}}});
  } else {
    std::rotate(zones_.begin(), utc, utc + 1);
  }
  ITINERA_CHECK(zones_.size() <= 0xFFFF);
  for (const Zone& zone : zones_) ITINERA_CHECK(!zone.transitions.empty());
  by_name_.resize(zones_.size());
  std::iota(by_name_.begin(), by_name_.end(), std::uint16_t{0});
  std::sort(by_name_.begin(), by_name_.end(),
            [this](std::uint16_t a, std::uint16_t b) { return zones_[a].name < zones_[b].name; });
}

std::optional<ZoneIndex> ZoneTable::find(std::string_view name) const {
  const auto at = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [this](std::uint16_t zone, std::string_view wanted) { return zones_[zone].name < wanted; });
  if (at == by_name_.end() || zones_[*at].name != name) return std::nullopt;
  return static_cast<ZoneIndex>(*at);
}

const std::string& ZoneTable::name(ZoneIndex zone) const {
  return zones_[static_cast<std::size_t>(zone)].name;
}

std::int32_t ZoneTable::offset_s(ZoneIndex zone, Instant t) const {
  const std::vector<ZoneTransition>& all = zones_[static_cast<std::size_t>(zone)].transitions;
  auto next = std::upper_bound(all.begin(), all.end(), t,
                               [](Instant at, const ZoneTransition& x) { return at < x.from; });
  return next == all.begin() ? all.front().offset_s : std::prev(next)->offset_s;
}

std::span<const ZoneTransition> ZoneTable::transitions(ZoneIndex zone) const {
  return zones_[static_cast<std::size_t>(zone)].transitions;
}

}  // namespace itinera
