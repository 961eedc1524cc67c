// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "expr/ast.hpp"
#include "expr/program.hpp"

namespace itinera::expr {

// The syntax tree of `source`, macros recognised. Empty on an error: one issue is then added,
// since what follows a first slip of syntax is noise.
std::optional<Tree> parse(std::string_view source, const Limits& limits,
                          std::vector<Issue>& issues);

// The greatest nesting that the recursion of parser, checker and emitter can bear, whatever
// Limits::condition_depth says.
inline constexpr std::uint32_t depth_max = 250;

}  // namespace itinera::expr
