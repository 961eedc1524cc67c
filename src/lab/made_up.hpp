// SPDX-License-Identifier: Apache-2.0
// What the contacts of a made-up world have.
#pragma once

#include <string>

#include "base/draws.hpp"
#include "itinera/value.hpp"

namespace itinera::lab {

// The properties with what is to be drawn (itinera/simulation.hpp), `{n}` in texts as `number`;
// those that are absent this time are left out.
Properties drawn(const Properties& properties, const std::string& number, base::Draws& draws);

}  // namespace itinera::lab
