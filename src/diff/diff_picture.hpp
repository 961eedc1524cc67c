// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "itinera/campaign.hpp"

namespace itinera::model {

// Two versions of a campaign laid over each other, as to_dot() (model/picture.hpp) draws one: what
// is new green, what is gone red and dashed, what has changed amber with what it was and is, each
// with a sign (+ - ~) in its label; all else is white.
std::string to_dot(const Campaign& before, const Campaign& after);

}  // namespace itinera::model
