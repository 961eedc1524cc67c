// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "expr/cell.hpp"
#include "expr/program.hpp"

namespace itinera::expr {

inline constexpr Cell no_overload = Cell::of(EvalError::no_such_overload);

inline constexpr std::uint64_t bytes_per_step = 64;  // copied, compared or searched

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

// Room for a text of the arena, paid for; nullptr where there is none.
inline char* room_for_text(std::size_t bytes, Machine& machine) {
  machine.spend(bytes / bytes_per_step);
  return static_cast<char*>(machine.allocate(bytes));
}

// A text of the arena, or the error `budget`.
inline Cell copy_text(std::string_view text, Machine& machine) {
  char* memory = room_for_text(text.size(), machine);
  if (memory == nullptr) return Cell::of(EvalError::budget);
  std::copy(text.begin(), text.end(), memory);
  return Cell::of(std::string_view(memory, text.size()));
}

// `count` cells of the arena for the caller to fill; none where there is no room.
inline std::span<Cell> new_cells(std::size_t count, Machine& machine) {
  auto* memory = static_cast<Cell*>(machine.allocate(count * sizeof(Cell)));
  if (memory == nullptr) return {};
  std::uninitialized_default_construct_n(memory, count);
  return {memory, count};
}

template <class T>
Cell or_error(const std::optional<T>& value, EvalError error) {
  return value ? Cell::of(*value) : Cell::of(error);
}

}  // namespace itinera::expr
