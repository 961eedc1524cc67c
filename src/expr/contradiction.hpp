// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "expr/ast.hpp"
#include "expr/checker.hpp"

namespace itinera::expr {

// Warns of conditions joined by `&&` that can never hold together, as far as comparisons of one
// datum with constants decide: `contact.tier == "gold" && contact.tier == "silver"`,
// `contact.age > 65 && contact.age < 18`. Of a checked tree, `unit` being what its checker found.
void warn_of_contradictions(const Tree& tree, std::string_view source, const Unit& unit,
                            std::vector<Issue>& issues);

}  // namespace itinera::expr
