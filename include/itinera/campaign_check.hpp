// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "itinera/campaign.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/limits.hpp"

namespace itinera {

class ZoneTable;

// Everything wrong with, or suspicious in, a workspace and its campaigns, at once, in the order of
// the files and lines: names, conditions and their types, weights, and the graph (unreachable
// steps, cycles without a wait, receipts of steps that cannot have run, dead branches). What has
// no error here can be published.
//
// `zones`, if given, are those that the files may name; nullptr leaves names of zones unchecked.
Diagnostics check(const Workspace& workspace, std::span<const Campaign> campaigns,
                  const Limits& limits = {}, const ZoneTable* zones = nullptr);

}  // namespace itinera
