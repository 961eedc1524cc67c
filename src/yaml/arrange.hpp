// SPDX-License-Identifier: Apache-2.0
// The order in which a file of this format is written.
#pragma once

#include "yaml/shapes.hpp"
#include "yaml/tree.hpp"

namespace itinera::yaml {

// Sorts the members of `node`, a mapping by `table`, and of all that stands in it: as in the
// table, what tells a step first, lists of steps last, keys of no table behind as they were
// written. Marks what is to be spread over lines.
void arrange(Node& node, const Table& table);

}  // namespace itinera::yaml
