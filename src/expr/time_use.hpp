// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "expr/ast.hpp"
#include "expr/checker.hpp"

namespace itinera::expr {

// How the passing of time changes an expression, and where the moments are at which it does.
struct TimeUse {
  // Comparisons of which a side goes with the time: each has its moments, between which it stays.
  std::vector<NodeIndex> comparisons;
  // What makes the moments unknown, `now.getHours()`; empty: all of them can be computed.
  std::optional<NodeIndex> culprit;
};

// Of a checked tree, `unit` being what its checker found.
TimeUse time_use(const Tree& tree, NodeIndex root, const Unit& unit);

}  // namespace itinera::expr
