// SPDX-License-Identifier: Apache-2.0
// What one run of a workload yields, whoever ran it, and how runs are set side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "workload.hpp"

namespace itinera::bench {

// One run of cart-recovery, from the first event to the last action taken.
struct CartRun {
  Totals totals;
  double seconds = 0;
  std::uint64_t peak_journeys = 0;  // in flight at once
  double bytes_per_journey = 0;     // at that peak
  double bytes_per_contact = 0;     // 0: the runner keeps none
  bool ok = false;                  // the totals agree and nothing was left in flight
};

// One run of broadcast-fanout, by its three phases.
struct FanoutRun {
  Totals totals;
  double enter_seconds = 0;
  double first_wait_seconds = 0;
  double second_wait_seconds = 0;
  bool ok = false;
  [[nodiscard]] double seconds() const {
    return enter_seconds + first_wait_seconds + second_wait_seconds;
  }
};

// The median run by its seconds; `ok` only if each run was. The range is that of all runs.
template <class Run>
struct Median {
  Run run;
  double fastest = 0;
  double slowest = 0;
};

// Runs `run` `repetitions` (at least one) times.
Median<CartRun> repeat_cart(int repetitions, const std::function<CartRun()>& run);
Median<FanoutRun> repeat_fanout(int repetitions, const std::function<FanoutRun()>& run);

double ns_per_input(const CartRecovery& workload, const CartRun& run);

// One row each on standard output; a void row says BAD.
void print_cart(std::string_view who, const CartRecovery& workload, const Median<CartRun>& result);
void print_fanout(std::string_view who, const BroadcastFanout& workload,
                  const Median<FanoutRun>& result);

}  // namespace itinera::bench
