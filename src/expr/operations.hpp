// SPDX-License-Identifier: Apache-2.0
// What operators and functions compute. Operands that are errors are passed on by the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "expr/ast.hpp"
#include "expr/cell.hpp"
#include "expr/program.hpp"

namespace itinera::expr {

inline constexpr Cell no_overload = Cell::of(EvalError::no_such_overload);

// What one evaluation may still spend, and whom it may ask.
struct Machine {
  const Program* program;  // nullptr with `activation`
  Activation* activation;  // nullptr while a constant is computed
  Arena& arena;
  std::uint32_t steps_left;

  // Counts work beyond that of one instruction. Once nothing is left the evaluation ends.
  void spend(std::uint64_t steps) {
    steps_left = steps < steps_left ? steps_left - static_cast<std::uint32_t>(steps) : 0;
  }
  // Memory in the arena; ends the evaluation where there is none.
  void* allocate(std::size_t bytes) {
    void* memory = arena.allocate(bytes);
    if (memory == nullptr) steps_left = 0;
    return memory;
  }
};

// A text of the arena, or the error `budget`.
Cell copy_text(std::string_view text, Machine& machine);

Cell arithmetic(Operator op, const Cell& a, const Cell& b, Machine& machine);
Cell negated(const Cell& a);
// less, less_equal, greater, greater_equal; int and double compare by value.
Cell compared(Operator op, const Cell& a, const Cell& b);
// Of all kinds; values of different kinds are unequal, but for int and double.
bool equal(const Cell& a, const Cell& b, Machine& machine);
Cell contained(const Cell& a, const Cell& in, Machine& machine);
Cell indexed(const Cell& a, const Cell& key, Machine& machine);

// Whether a map may have such a key: bool, int, text; a double only to look up an int.
bool is_key(const Cell& key);
// The entry's value, or nullptr.
const Cell* find(const Cell& map, const Cell& key, Machine& machine);

Cell call(Function function, std::span<const Cell> arguments, Machine& machine);

// A double as CEL and JSON write it. Too small a number is zero; empty if it is too large or none.
std::optional<double> parse_real(std::string_view text);

}  // namespace itinera::expr
