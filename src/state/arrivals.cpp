// SPDX-License-Identifier: Apache-2.0
#include "state/arrivals.hpp"

#include <algorithm>

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

void PassedTimes::unite(std::uint32_t into, std::uint32_t from) {
  for (auto at = all_.lower_bound({from, 0}); at != all_.end() && at->first.first == from;
       at = all_.erase(at)) {
    Instant& until = all_[{into, at->first.second}];
    until = std::max(until, at->second);
  }
}

void PassedTimes::forget(std::uint32_t contact) {
  const auto first = all_.lower_bound({contact, 0});
  auto last = first;
  while (last != all_.end() && last->first.first == contact) ++last;
  all_.erase(first, last);
}

}  // namespace itinera::engine
