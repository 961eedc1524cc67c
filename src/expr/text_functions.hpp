// SPDX-License-Identifier: Apache-2.0
// The functions on texts. Positions count characters (code points) from 0. What is part of a text
// refers to it and is not copied.
#pragma once

#include <span>
#include <string_view>

#include "expr/cell.hpp"
#include "expr/functions.hpp"
#include "expr/machine.hpp"
#include "expr/pattern.hpp"

namespace itinera::expr {

// `function` is one of those from contains to quote; no argument is an error.
Cell call_text_function(Function function, std::span<const Cell> arguments, Machine& machine);

// Whether the pattern is found in `text`, or the error `budget` if that might take too long.
Cell search(const Pattern& pattern, std::string_view text, Machine& machine);

}  // namespace itinera::expr
