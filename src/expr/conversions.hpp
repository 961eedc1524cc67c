// SPDX-License-Identifier: Apache-2.0
// int(x), string(x) and their kin: from one kind of value to another. Operands that are errors are
// passed on by the caller.
#pragma once

#include <optional>
#include <string_view>

#include "expr/cell.hpp"
#include "expr/machine.hpp"

namespace itinera::expr {

Cell to_bool(const Cell& a);
Cell to_int(const Cell& a);
Cell to_uint(const Cell& a);
Cell to_double(const Cell& a);
Cell to_bytes(const Cell& a);
Cell to_string(const Cell& a, Machine& machine);
Cell to_timestamp(const Cell& a);
Cell to_duration(const Cell& a);

// The type of a value, itself a value: type(1) is `int`.
Cell to_type(const Cell& a);

// The type that a name such as `int` or `google.protobuf.Duration` stands for.
std::optional<Cell> type_named(std::string_view name);

inline bool is_number(const Cell& cell) {
  return cell.kind == Cell::Kind::integer || cell.kind == Cell::Kind::real ||
         cell.kind == Cell::Kind::uinteger;
}

// A number as the nearest double.
inline double as_real(const Cell& number) {
  switch (number.kind) {
    case Cell::Kind::integer: return static_cast<double>(number.integer);
    case Cell::Kind::uinteger: return static_cast<double>(number.uinteger);
    default: return number.real;
  }
}

// A double as CEL and JSON write it. Too small a number is zero; empty if it is too large or none.
std::optional<double> parse_real(std::string_view text);

}  // namespace itinera::expr
