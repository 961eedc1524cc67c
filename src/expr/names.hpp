// SPDX-License-Identifier: Apache-2.0
// CEL's dotted names: `a.b.c` may be a variable of that name, a field of the variable `a.b`, or a
// field of a field of `a`. The longest that is declared wins.
#pragma once

#include <string>
#include <vector>

#include "expr/ast.hpp"
#include "expr/program.hpp"

namespace itinera::expr {

// What a chain of selections from a plain name writes; `text` is empty for any other node.
struct DottedName {
  std::string text;
  std::string first;      // up to the first dot: a macro's variable of that name hides all
  bool absolute = false;  // written with a dot before it: no macro's variable, no container
};
DottedName dotted_name(const Tree& tree, const Node& node);

// The variable that a name stands for, or nullptr. In the container `x.y` the name `a` is x.y.a,
// x.a or a, whichever is declared first.
const Variable* find_variable(const Declarations& declarations, const DottedName& name);

}  // namespace itinera::expr
