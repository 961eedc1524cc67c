// SPDX-License-Identifier: Apache-2.0
// A tree as YAML text, in one way: two blanks a level, short lists and mappings on one line, texts
// in quotes only where some reader would take them for something else, long ones as blocks.
#pragma once

#include <string>
#include <vector>

#include "yaml/comments.hpp"
#include "yaml/tree.hpp"

namespace itinera::yaml {

// The documents with their comments, in the order of the members. Nodes that are `spread` take a
// line for each member. No node is refused.
std::string write(const std::vector<Node>& documents, const Comments& comments);

}  // namespace itinera::yaml
