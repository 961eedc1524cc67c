// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "expr/cell.hpp"
#include "expr/functions.hpp"
#include "expr/machine.hpp"

namespace itinera::expr {

// What a named function gives. No argument is an error, and some overload takes so many.
Cell call(Function function, std::span<const Cell> arguments, Machine& machine);

}  // namespace itinera::expr
