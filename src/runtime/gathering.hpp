// SPDX-License-Identifier: Apache-2.0
// What all contacts share, such as the slots of a sender account, one engine counts: where a
// workspace has anything of the kind, all contacts are in its shard.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "itinera/campaign.hpp"
#include "runtime/lane.hpp"

namespace itinera::runtime {

// That shard. Never another: it is on disk by that.
inline constexpr std::uint32_t home_shard = 0;

// Whether what becomes of one contact may hang on what others have just done, whoever they are:
// sender accounts, caps on entries, ramps, brakes, and channels by the rates of all.
bool shares(const Workspace& workspace, std::span<const Campaign> campaigns);

// Whether something of the kind was ever published to these lanes. Journeys go on by what they
// began with, so that it stays so.
bool shares(const std::vector<Lane>& lanes);

// Whether such a publication is the first of that kind.
bool gathers(const std::vector<Lane>& lanes, const Workspace& workspace,
             std::span<const Campaign> campaigns);

// All contacts go home, at that time, which all lanes have come to. What both lanes of a crossing
// have written stands in their `frames`; `crossed(from)` is to take it.
void gather(std::vector<Lane>& lanes, Instant at, const std::function<void(Lane& from)>& crossed);

}  // namespace itinera::runtime
