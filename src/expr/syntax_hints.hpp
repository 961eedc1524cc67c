// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "expr/lexer.hpp"

namespace itinera::expr {

// What was probably meant where `token` of `source` cannot stand.
std::string hint_for(const Token& token, std::string_view source);

}  // namespace itinera::expr
