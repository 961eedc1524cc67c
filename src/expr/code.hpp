// SPDX-License-Identifier: Apache-2.0
// The flat program: instructions of a stack machine. Each instruction leaves the stack as high as
// it says; where a jump is taken, both ways meet at the same height, so that the place of every
// intermediate result is known when compiling.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "expr/ast.hpp"
#include "expr/machine.hpp"
#include "expr/pattern.hpp"
#include "expr/program.hpp"

namespace itinera::expr {

// `a` and `b` are those of the Instruction; "pops" and "pushes" are in cells.
enum class Op : std::uint8_t {
  halt,       // the result is on top
  constant,   // pushes constants[a]
  slot,       // pushes slot a
  slot_test,  // pushes has(slot a)
  history,    // pushes the answer to history call a
  local,      // pushes the cell at height a
  select,     // replaces a map by its entry of key constants[a]
  test,       // replaces a map by has(key constants[a])
  index,      // pops a key, replaces a list or map by the element
  list,       // pops a cells, pushes a list of them
  map,        // pops 2a cells, pushes a map of them
  not_,
  negate,
  arithmetic,  // pops 1; a: Operator
  equal,
  not_equal,  // pops 1
  less,
  less_equal,
  greater,
  greater_equal,  // pops 1
  in,             // pops 1
  call,           // pops b arguments, pushes the result of function a
  matches,        // replaces a text by whether patterns[a] is found in it
  // && and ||, left to right: `*_first` looks at one operand, `*_next` pops one and folds it in.
  // Both jump to a when the outcome is certain.
  and_first,
  and_next,
  or_first,
  or_next,
  branch,  // true: pops; false: pops, jumps to a; else jumps to b with an error on top
  jump,    // to a
  // Macros. The height of the range is h: the cells are range, position, element, result.
  begin,     // a: Macro; h = top; pushes three cells
  next,      // h = b; puts the next element at h + 2, or jumps to a
  fold,      // pops the body's value into the result; a: Macro, h = b
  skip,      // pops a condition; a: where to go if false, h = b
  append,    // pops a value onto the result's list, h = b
  fold_end,  // replaces the four cells from h = b by the result
};

struct Instruction {
  Op op = Op::halt;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

// What most conditions amount to: `contact.id`, `entry.arm == "email"`.
enum class Form : std::uint8_t { general, slot, slot_equals_text };

// A comparison whose sides go with the time: where the code of each begins, up to its `halt`.
struct TimedComparison {
  Operator op = Operator::less;
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

// What a Program hides.
struct Code {
  Form form = Form::general;
  std::vector<Instruction> instructions;
  std::vector<Cell> constants;  // their texts, lists and maps lie in `texts` and `built`
  std::vector<std::shared_ptr<const Pattern>> patterns;
  Arena texts{std::numeric_limits<std::uint32_t>::max()};  // bounded by the source's size
  Arena built;                                             // by Limits::condition_memory
  std::uint32_t height_max = 0;                            // cells of the stack
  std::uint32_t steps_max = 0;
  Type result_type;
  std::vector<Slot> slots;
  std::vector<HistoryCall> history_calls;
  bool reads_time = false;
  std::vector<TimedComparison> comparisons;
};

// Executes from instruction `from` until it halts.
Cell run(const Code& code, std::uint32_t from, Machine& machine);

}  // namespace itinera::expr
