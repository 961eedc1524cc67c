// SPDX-License-Identifier: Apache-2.0
#include "runtime/publishing.hpp"

#include <algorithm>

#include "runtime/gathering.hpp"

namespace itinera::runtime {

Result<std::optional<Instant>> publication_time(const std::vector<Lane>& lanes,
                                                const Workspace& workspace,
                                                std::span<const Campaign> campaigns,
                                                Instant received,
                                                std::span<const Migration> migrations) {
  // Whoever has it takes it once more for nothing; a crash may have kept some from it.
  const bool stands = std::ranges::all_of(
      lanes, [&](const Lane& lane) { return lane.is_published(workspace, campaigns); });
  if (migrations.empty() && stands) return std::optional<Instant>();
  if (Result<void> may = lanes.front().may_publish(workspace, campaigns, received); !may) {
    return may.error();
  }
  // Of whom an instant has forgotten only their shard knows how often they entered in it (S29).
  const bool moves = gathers(lanes, workspace, campaigns);
  const auto is_over = [&](const Lane& lane) {
    return received <= lane.closed() ||
           (moves && received <= lane.engine.now() && lane.has_forgotten_now());
  };
  for (const Lane& lane : lanes) received = std::max(received, lane.engine.now());
  for (const Lane& lane : lanes) {
    if (!is_over(lane)) continue;
    received = std::min(std::max(received, lane.closed()), latest_instant - 1) + 1;
  }
  return std::optional(received);
}

}  // namespace itinera::runtime
