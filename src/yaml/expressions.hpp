// SPDX-License-Identifier: Apache-2.0
// The CEL of a scalar, and where each piece of it stands.
#pragma once

#include <cstddef>

#include "itinera/trigger.hpp"
#include "yaml/tree.hpp"

namespace itinera::yaml {

// What stands behind the first `skip` characters of the scalar, blanks trimmed. `report` notes
// where its pieces are, if it was written over several lines.
Expression expression_of(const Node& node, std::size_t skip, Report& report);

}  // namespace itinera::yaml
