// SPDX-License-Identifier: Apache-2.0
// What must hold of folds over the journal of any script. Each returns what is wrong, in words, or
// nothing.
#pragma once

#include <cstddef>
#include <string>

#include "property/host.hpp"

namespace itinera::property {

// Counted up to a frame (at most `cuts_max` of them, evenly spread), saved, loaded, and counted to
// the end: the same, byte for byte, as counted in one go.
std::string checkpoint_equals_counting_on(const Script& script, std::size_t cuts_max);

// Counted up to a frame as it was written, and from there on as an erasing has left it, or the
// other way round: the same numbers as without one.
std::string erasing_changes_no_count(const Script& script, std::size_t cuts_max);

}  // namespace itinera::property
