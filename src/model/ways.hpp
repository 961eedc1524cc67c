// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "model/checks.hpp"

namespace itinera::model {

// A way out of a step. `waits`: who goes it has waited at least min_loop_wait, or has used up an
// input, since arriving at the step.
struct WayOut {
  NodeIndex to = end_node;
  bool waits = false;
};

// The ways out of each step of a campaign, without those to the end of the journey.
std::vector<std::vector<WayOut>> ways_out(const Subject& subject);

}  // namespace itinera::model
