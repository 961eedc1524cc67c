// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "itinera/campaign.hpp"

namespace itinera::model {

// A step's place in Graph::nodes; `end` is the end of the journey.
using NodeIndex = std::uint16_t;
inline constexpr NodeIndex end_node = 0xFFFF;
inline constexpr std::size_t nodes_max = 0xFFFF;

// One step of the flat graph. `targets` are the ways out besides `next`, in order of writing:
//   wait_for   one per case, then `otherwise` (where `within` is given, or it has steps)
//   branch     one per case, then `otherwise`
//   split      one per variant
//   call, task `then`, `otherwise`, and `otherwise` once more where `within` is given
//   goto       the one step it leads to
//   send       one for each of on_skip, on_expire, on_fail, in this order, that names a step
//   parallel   one per strand
// A way whose list of steps is empty leads where that list would rejoin.
struct Node {
  const Step* step = nullptr;  // points into the Campaign, which must outlive the graph
  NodeIndex next = end_node;   // after the step, or when it is skipped
  std::vector<NodeIndex> targets;
  // The innermost parallel around it, and in which of its strands it stands; end_node: in none. Who
  // leaves a strand for the parallel's `next` has come to the strand's end.
  NodeIndex parallel = end_node;
  std::uint16_t strand = 0;
};

// A campaign as a directed graph: nodes in document order (a step before the steps nested in it),
// node 0 is the first. Every nested list rejoins after its parent; a wait_for's `then` follows each
// of its cases.
struct Graph {
  std::vector<Node> nodes;
  // Where a wait leads that skips the step behind it. At the end of a strand there is none.
  [[nodiscard]] NodeIndex behind_next(const Node& node) const;
  [[nodiscard]] NodeIndex find(std::string_view step_id) const;  // end_node if there is none
};

// Flattens `campaign`, as deep as its steps nest. A goto to nowhere leads to end_node, and steps
// beyond nodes_max are cut off; check() reports both.
Graph flatten(const Campaign& campaign);

// Gives every step without an id its id, "<kind>-<n>": the n-th step of its kind in document order,
// named ones counted too, so that naming one step moves no other.
void name_steps(Campaign& campaign);

}  // namespace itinera::model
