// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "itinera/result.hpp"

namespace itinera::cli {

// Has graphviz draw; no shell in between. Error: io_failed (it is not there, or has failed).
Result<std::string> draw_svg(std::string_view dot);

}  // namespace itinera::cli
