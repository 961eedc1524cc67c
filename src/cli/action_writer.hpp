// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "itinera/action.hpp"

namespace itinera::cli {

// Appends the action as one line of JSON, with its newline.
void append_json_line(std::string& out, const Action& action);

}  // namespace itinera::cli
