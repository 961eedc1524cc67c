// SPDX-License-Identifier: Apache-2.0
// The functions on texts. Positions count characters (code points) from 0. What is part of a text
// refers to it and is not copied.
#pragma once

#include <span>

#include "expr/cell.hpp"
#include "expr/functions.hpp"
#include "expr/machine.hpp"

namespace itinera::expr {

// `function` is one of those from contains to quote; no argument is an error.
Cell call_text_function(Function function, std::span<const Cell> arguments, Machine& machine);

}  // namespace itinera::expr
