// SPDX-License-Identifier: Apache-2.0
#include "runtime/gathering.hpp"

#include <algorithm>
#include <string>
#include <variant>

#include "model/walk.hpp"

namespace itinera::runtime {
namespace {

bool is_shared(const Campaign& campaign) {
  const auto has_ramp = [](const Entry& entry) { return entry.ramp.has_value(); };
  if (campaign.brake || campaign.entry_cap.total || campaign.entry_cap.day ||
      std::ranges::any_of(campaign.entries, has_ramp)) {
    return true;
  }
  bool by_rates = false;
  model::for_each_step(campaign.steps, [&by_rates](const Step& step) {
    const auto* const send = std::get_if<Send>(&step.kind);
    by_rates = by_rates || (send != nullptr && send->prefer == Send::Prefer::engaged);
  });
  return by_rates;
}

}  // namespace

bool shares(const Workspace& workspace, std::span<const Campaign> campaigns) {
  return !workspace.senders.empty() || std::ranges::any_of(campaigns, is_shared);
}

bool shares(const std::vector<Lane>& lanes) {
  return lanes.front().has_senders() || lanes.front().has_campaign(is_shared);
}

bool gathers(const std::vector<Lane>& lanes, const Workspace& workspace,
             std::span<const Campaign> campaigns) {
  return shares(workspace, campaigns) && !shares(lanes);
}

void gather(std::vector<Lane>& lanes, Instant at, const std::function<void(Lane& from)>& crossed) {
  Lane& home = lanes[home_shard];
  for (Lane& lane : lanes) {
    if (&lane == &home) continue;
    for (const std::string& id : lane.people()) {
      lane.cross(id, home, at);
      crossed(lane);
    }
    lane.give_counts(home, at);
    crossed(lane);
  }
}

}  // namespace itinera::runtime
