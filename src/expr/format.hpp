// SPDX-License-Identifier: Apache-2.0
// "%s bought %d".format([contact.name, n]). A clause is % and a letter:
//   s  any value, as string() writes it; lists as [a, b], maps as {key: value}, sorted by key
//   d  an int or uint            f e  a number, .N decimals before the letter (6 if not said)
//   b  int, uint, bool: binary   o    int, uint: octal
//   x X  int, uint, or the bytes of a string or bytes: hexadecimal
// %% is the sign itself. NaN and the infinities are written as such by d, f and e.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "expr/cell.hpp"
#include "expr/machine.hpp"
#include "expr/type.hpp"

namespace itinera::expr {

// The text, or bad_format.
Cell format(const Cell& pattern, const Cell& values, Machine& machine);

// What is wrong with a literal pattern, whose values have these types, where they are known.
std::optional<std::string> format_problem(std::string_view pattern,
                                          std::optional<std::span<const Type::Kind>> values);

}  // namespace itinera::expr
