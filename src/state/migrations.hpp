// SPDX-License-Identifier: Apache-2.0
// Journeys that move to another version of their campaign, or to another step of it.
#pragma once

#include <cstdint>
#include <vector>

#include "model/graph.hpp"
#include "plan/plan.hpp"

namespace itinera::engine {

struct Migrations {
  // What was sent stays what it was: of an action whose journey has moved since, the version that
  // it went out by, and where its step stands now; end_node: nowhere.
  struct Origin {
    std::uint16_t version = no_version;  // no_version: the journey's
    NodeIndex node = model::end_node;
  };
  std::vector<Origin> actions;  // by place, as far as any has moved
  bool any = false;             // some journey has moved

  // What the steps of a version are in another, for the frame at hand.
  std::uint32_t frame = 0;
  std::uint16_t from = no_version;
  std::uint16_t to = no_version;
  std::vector<NodeIndex> nodes;  // by step of `from`; end_node: none
  [[nodiscard]] NodeIndex node_of(NodeIndex old) const {
    return old < nodes.size() ? nodes[old] : model::end_node;
  }
};

}  // namespace itinera::engine
