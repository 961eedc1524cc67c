// SPDX-License-Identifier: Apache-2.0
// What operators compute. Operands that are errors are passed on by the caller.
#pragma once

#include "expr/ast.hpp"
#include "expr/cell.hpp"
#include "expr/machine.hpp"

namespace itinera::expr {

Cell arithmetic(Operator op, const Cell& a, const Cell& b, Machine& machine);
Cell negated(const Cell& a);
// less, less_equal, greater, greater_equal; numbers of all kinds compare by value. Long texts cost
// steps, here and below.
Cell compared(Operator op, const Cell& a, const Cell& b, Machine& machine);
// Of all kinds; values of different kinds are unequal, but for numbers.
bool equal(const Cell& a, const Cell& b, Machine& machine);
Cell contained(const Cell& a, const Cell& in, Machine& machine);
Cell indexed(const Cell& a, const Cell& key, Machine& machine);

// Whether a map may have such a key: bool, int, text, and a uint that fits into an int, so that
// keys stay distinct as Values; a double only to look one up.
bool is_key(const Cell& key);
// The entry's value, or nullptr.
const Cell* find(const Cell& map, const Cell& key, Machine& machine);

}  // namespace itinera::expr
