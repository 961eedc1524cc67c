// SPDX-License-Identifier: Apache-2.0
#include "state/arrivals.hpp"

#include "base/stable_hash.hpp"

namespace itinera::engine {

std::uint64_t way_of(const CampaignPlan& plan, const EntryPlan& entry) {
  const Entry& e = *entry.entry;
  return base::stable_hash_of(
             std::string_view(plan.campaign.name), static_cast<std::int64_t>(e.kind),
             std::string_view(e.date.text), std::int64_t{e.yearly}, std::int64_t{e.offset.months},
             std::int64_t{e.offset.days}, std::int64_t{e.offset.ms}, std::string_view(e.schedule),
             std::string_view(e.from), std::int64_t{entry.at_ms})
      .high;
}

void PassedTimes::put(std::uint32_t contact, std::uint64_t way, Instant until, Instant now) {
  if (until <= now) {
    all_.erase({contact, way});
    return;
  }
  all_[{contact, way}] = until;
  constexpr std::size_t few = 64;
  if (all_.size() < 2 * kept_ + few) return;
  std::erase_if(all_, [now](const auto& each) { return each.second <= now; });
  kept_ = all_.size();
}

}  // namespace itinera::engine
