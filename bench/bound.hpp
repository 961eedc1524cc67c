// SPDX-License-Identifier: Apache-2.0
// The speed of light: both workloads written by hand for this one purpose, one core, in memory,
// with nothing that a product needs beyond their rules. Records lie in a flat hash table, timers in
// a calendar of buckets. Everything that a real engine reports is a ratio to this.
#pragma once

#include "report.hpp"
#include "workload.hpp"

namespace itinera::bench {

CartRun run_bound(const CartRecovery& workload);
FanoutRun run_bound(const BroadcastFanout& workload);

}  // namespace itinera::bench
