// SPDX-License-Identifier: Apache-2.0
// Which step of one version of a campaign is which of another.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "itinera/campaign.hpp"

namespace itinera::model {

inline constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

// Both vectors of steps below are in document order, as the nodes of a Graph are.
struct PlacedStep {
  const Step* step = nullptr;    // points into the Campaign
  std::size_t parent = nowhere;  // that it is nested in
  std::size_t list = 0;          // in which of its parent's lists
  std::string list_name = {};    // "then", "variant coupon"
  std::size_t ahead = nowhere;   // the step ahead of it in that list
};

struct StepMatch {
  std::vector<PlacedStep> before = {};
  std::vector<PlacedStep> after = {};
  std::vector<std::size_t> becomes = {};  // of each of `before`; nowhere: it is gone
  std::vector<std::size_t> was = {};      // of each of `after`; nowhere: it is new
  std::vector<bool> moved = {};           // of each of `after`: it stands elsewhere
  std::vector<std::string> warnings = {};
};

// Steps are the same by id and kind. Those without an id of their own are numbered, so where there
// are not as many of a kind as there were they are told by what they do, of more than 512 by their
// number, and warned of. What stands under another id and does the same is the same, too. `moved`
// are as few as can be.
StepMatch match_steps(const Campaign& before, const Campaign& after);

// Which of `numbers`, no two of which are the same, are in the longest growing run of them.
std::vector<bool> in_growing_run(const std::vector<std::size_t>& numbers);

// "first", "after reminder", "first in then of ask"
std::string place_text(const std::vector<PlacedStep>& steps, std::size_t index);

}  // namespace itinera::model
