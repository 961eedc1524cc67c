// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "expr/ast.hpp"
#include "expr/reporter.hpp"

namespace itinera::expr {

// The type of an operator, list or map whose children have their types; what does not fit is
// reported, and dyn.
Type type_of_operation(const Tree& tree, const Node& node, Reporter& report);

// Reports the node unless it is a bool or dyn. `where` names what needs it.
void expect_bool(const Tree& tree, NodeIndex index, std::string_view where, Reporter& report);

}  // namespace itinera::expr
