// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>

#include "expr/calls.hpp"
#include "expr/code.hpp"
#include "expr/operations.hpp"
#include "expr/text_functions.hpp"

namespace itinera::expr {
namespace {

static_assert(std::is_trivially_copyable_v<Cell> && std::is_trivially_destructible_v<Cell>);

constexpr std::uint32_t inline_cells = 32;  // higher stacks lie in the arena

bool is_true(const Cell& cell) { return cell.kind == Cell::Kind::boolean && cell.boolean; }
bool is_false(const Cell& cell) { return cell.kind == Cell::Kind::boolean && !cell.boolean; }

// What a condition is that is neither true nor false.
Cell as_error(const Cell& cell) { return cell.is_error() ? cell : no_overload; }

// a && b where `decided` is false, a || b where it is true: an operand of that value decides,
// whatever the other is; else the first error is the outcome.
Cell logic(const Cell& a, const Cell& b, bool decided) {
  for (const Cell* operand : {&a, &b}) {
    if (operand->kind == Cell::Kind::boolean && operand->boolean == decided) return *operand;
  }
  for (const Cell* operand : {&a, &b}) {
    if (operand->kind != Cell::Kind::boolean) return as_error(*operand);
  }
  return Cell::of(!decided);
}

const Cell* first_error(std::span<const Cell> cells) {
  const auto found =
      std::find_if(cells.begin(), cells.end(), [](const Cell& cell) { return cell.is_error(); });
  return found == cells.end() ? nullptr : &*found;
}

Cell make_list(std::span<const Cell> cells, Machine& machine) {
  if (const Cell* error = first_error(cells)) return *error;
  auto* memory = static_cast<Cell*>(machine.allocate(cells.size_bytes()));
  if (memory == nullptr) return Cell::of(EvalError::budget);
  std::uninitialized_copy(cells.begin(), cells.end(), memory);
  return Cell::of(std::span<const Cell>(memory, cells.size()));
}

Cell make_map(std::span<const Cell> cells, Machine& machine) {
  if (const Cell* error = first_error(cells)) return *error;
  const std::size_t count = cells.size() / 2;
  auto* memory = static_cast<CellEntry*>(machine.allocate(count * sizeof(CellEntry)));
  if (memory == nullptr) return Cell::of(EvalError::budget);
  for (std::size_t i = 0; i < count; ++i) {
    const Cell& key = cells[2 * i];
    if (!is_key(key)) return no_overload;
    if (find(Cell::of(std::span<const CellEntry>(memory, i)), key, machine) != nullptr) {
      return Cell::of(EvalError::duplicate_key);
    }
    std::construct_at(memory + i, CellEntry{key, cells[2 * i + 1]});
  }
  return Cell::of(std::span<const CellEntry>(memory, count));
}

Cell selected(const Cell& operand, const Cell& key, Machine& machine) {
  if (operand.is_error()) return operand;
  if (operand.kind != Cell::Kind::map) return no_overload;
  return indexed(operand, key, machine);
}

Cell tested(const Cell& operand, const Cell& key, Machine& machine) {
  if (operand.is_error()) return operand;
  if (operand.kind != Cell::Kind::map) return no_overload;
  return Cell::of(find(operand, key, machine) != nullptr);
}

// Macros. `frame` is range, position, element, result.

// Pushes the other three cells; false if there is nothing to go over, and the result stands.
void begin(Cell* frame, Macro macro, Machine& machine) {
  Cell& range = frame[0];
  frame[1] = Cell::of(std::int64_t{0});
  frame[2] = Cell();
  Cell& result = frame[3];
  switch (macro) {
    case Macro::all: result = Cell::of(true); break;
    case Macro::exists: result = Cell::of(false); break;
    case Macro::exists_one: result = Cell::of(std::int64_t{0}); break;
    case Macro::map:
    case Macro::filter: result = Cell::of(std::span<const Cell>()); break;
  }
  if (range.kind != Cell::Kind::list && range.kind != Cell::Kind::map) {
    result = as_error(range);
    range = Cell::of(std::span<const Cell>());
    return;
  }
  if (result.kind == Cell::Kind::list) {
    // No macro's list is longer than its range, so there is room for all of it.
    auto* memory = static_cast<Cell*>(machine.allocate(range.size * sizeof(Cell)));
    if (memory == nullptr) return;
    std::uninitialized_default_construct_n(memory, range.size);
    machine.spend(range.size / 16);
    result.list = memory;
  }
}

bool next(Cell* frame) {
  const Cell& range = frame[0];
  const std::int64_t position = frame[1].integer;
  if (position >= range.size) return false;
  frame[2] = range.kind == Cell::Kind::list ? range.list[position] : range.map[position].key;
  frame[1].integer = position + 1;
  return true;
}

// No further element can change the result.
void stop(Cell* frame) { frame[1].integer = frame[0].size; }

void fail(Cell* frame, const Cell& error) {
  frame[3] = as_error(error);
  stop(frame);
}

void fold(Cell* frame, Macro macro, const Cell& value) {
  Cell& result = frame[3];
  if (macro == Macro::exists_one) {
    if (value.kind != Cell::Kind::boolean) return fail(frame, value);
    if (value.boolean) ++result.integer;
    return;
  }
  const bool decided = macro == Macro::exists;
  result = logic(result, value, decided);
  if (result.kind == Cell::Kind::boolean && result.boolean == decided) stop(frame);
}

void append(Cell* frame, const Cell& value) {
  if (value.is_error()) return fail(frame, value);
  Cell& result = frame[3];
  const_cast<Cell*>(result.list)[result.size++] =
      value;  // begin() made it, nobody else sees it yet
}

Cell end(const Cell* frame) {
  const Cell& result = frame[3];
  return result.kind == Cell::Kind::integer ? Cell::of(result.integer == 1) : result;
}

// One run: where it is and what it has.
struct Execution {
  const Code& code;
  Machine& machine;
  Cell* stack;            // height 0
  Cell* top;              // the highest cell; one below `stack` while it is empty
  const Instruction* at;  // the next one

  void jump(std::uint32_t to) { at = code.instructions.data() + to; }
};

void load(Execution& run, const Instruction& now) {
  Machine& machine = run.machine;
  switch (now.op) {
    case Op::slot_test: {
      const Cell value = machine.activation->slot(*machine.program, now.a, machine.arena);
      const bool absent = value.is_error() && value.error_code == EvalError::no_such_key;
      *++run.top = value.is_error() && !absent ? value : Cell::of(!absent);
      return;
    }
    case Op::history:
      *++run.top = machine.activation->history(*machine.program, now.a, machine.arena);
      return;
    case Op::local: {
      const Cell value = run.stack[now.a];
      *++run.top = value;
      return;
    }
    case Op::select: *run.top = selected(*run.top, run.code.constants[now.a], machine); return;
    case Op::test: *run.top = tested(*run.top, run.code.constants[now.a], machine); return;
    case Op::list:
      run.top -= static_cast<std::ptrdiff_t>(now.a) - 1;
      *run.top = make_list({run.top, now.a}, machine);
      return;
    default:
      run.top -= static_cast<std::ptrdiff_t>(now.a) * 2 - 1;
      *run.top = make_map({run.top, std::size_t{now.a} * 2}, machine);
      return;
  }
}

// Operators of two operands, either of which may be an error.
Cell binary(const Instruction& now, const Cell& left, const Cell& right, Machine& machine) {
  if (left.is_error()) return left;
  if (right.is_error()) return right;
  switch (now.op) {
    case Op::index: return indexed(left, right, machine);
    case Op::arithmetic: return arithmetic(static_cast<Operator>(now.a), left, right, machine);
    case Op::equal: return Cell::of(equal(left, right, machine));
    case Op::not_equal: return Cell::of(!equal(left, right, machine));
    case Op::less: return compared(Operator::less, left, right, machine);
    case Op::less_equal: return compared(Operator::less_equal, left, right, machine);
    case Op::greater: return compared(Operator::greater, left, right, machine);
    case Op::greater_equal: return compared(Operator::greater_equal, left, right, machine);
    default: return contained(left, right, machine);
  }
}

void call_function(Execution& run, const Instruction& now) {
  Cell& top = *(run.top -= static_cast<std::ptrdiff_t>(now.b) - 1);
  const std::span<const Cell> arguments(&top, now.b);
  const Cell* error = first_error(arguments);
  top = error != nullptr ? *error : call(static_cast<Function>(now.a), arguments, run.machine);
}

void match(Execution& run, const Instruction& now) {
  Cell& top = *run.top;
  if (top.kind != Cell::Kind::text) {
    top = as_error(top);
    return;
  }
  top = search(*run.code.patterns[now.a], top.as_text(), run.machine);
}

// &&, || and ?:, which may jump.
void decide(Execution& run, const Instruction& now) {
  switch (now.op) {
    case Op::and_next:
    case Op::or_next:
      --run.top;
      *run.top = logic(*run.top, run.top[1], now.op == Op::or_next);
      [[fallthrough]];
    case Op::and_first:
    case Op::or_first: {
      const bool decided = now.op == Op::or_first || now.op == Op::or_next;
      if (decided ? is_true(*run.top) : is_false(*run.top)) run.jump(now.a);
      return;
    }
    case Op::branch:
      if (run.top->kind != Cell::Kind::boolean) {
        *run.top = as_error(*run.top);
        return run.jump(now.b);
      }
      if (!(run.top--)->boolean) run.jump(now.a);
      return;
    default: run.jump(now.a);
  }
}

void loop(Execution& run, const Instruction& now) {
  Cell* frame = run.stack + now.b;
  switch (now.op) {
    case Op::begin:
      begin(run.top, static_cast<Macro>(now.a), run.machine);
      run.top += 3;
      return;
    case Op::next:
      if (!next(frame)) run.jump(now.a);
      return;
    case Op::fold: fold(frame, static_cast<Macro>(now.a), *run.top--); return;
    case Op::append: append(frame, *run.top--); return;
    case Op::skip: {
      const Cell& condition = *run.top--;
      if (is_true(condition)) return;
      if (!is_false(condition)) fail(frame, condition);
      return run.jump(now.a);
    }
    default: run.top = frame; *run.top = end(frame);
  }
}

Cell execute(Execution& run) {
  Machine& machine = run.machine;
  while (machine.steps_left > 0) {
    --machine.steps_left;
    const Instruction& now = *run.at++;
    switch (now.op) {
      case Op::halt: return *run.top;
      case Op::constant: *++run.top = run.code.constants[now.a]; break;
      case Op::slot:
        *++run.top = machine.activation->slot(*machine.program, now.a, machine.arena);
        break;
      case Op::slot_test:
      case Op::history:
      case Op::local:
      case Op::select:
      case Op::test:
      case Op::list:
      case Op::map: load(run, now); break;
      case Op::not_:
        *run.top =
            run.top->kind == Cell::Kind::boolean ? Cell::of(!run.top->boolean) : as_error(*run.top);
        break;
      case Op::negate: *run.top = run.top->is_error() ? *run.top : negated(*run.top); break;
      case Op::index:
      case Op::arithmetic:
      case Op::equal:
      case Op::not_equal:
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
      case Op::in:
        --run.top;
        *run.top = binary(now, run.top[0], run.top[1], machine);
        break;
      case Op::call: call_function(run, now); break;
      case Op::matches: match(run, now); break;
      case Op::and_first:
      case Op::and_next:
      case Op::or_first:
      case Op::or_next:
      case Op::branch:
      case Op::jump: decide(run, now); break;
      case Op::begin:
      case Op::next:
      case Op::fold:
      case Op::skip:
      case Op::append:
      case Op::fold_end: loop(run, now); break;
    }
  }
  return Cell::of(EvalError::budget);
}

}  // namespace

Cell run(const Code& code, std::uint32_t from, Machine& machine) {
  // Cells are made where they are pushed: clearing the stack would cost more than most programs.
  // The first cell lies below the stack, so that `top` may point to it while the stack is empty.
  alignas(Cell) std::array<std::byte, inline_cells * sizeof(Cell)> room;  // NOLINT(*-member-init)
  auto* below = reinterpret_cast<Cell*>(room.data());
  if (code.height_max >= inline_cells) {
    below = static_cast<Cell*>(machine.allocate((code.height_max + 1) * sizeof(Cell)));
    if (below == nullptr) return Cell::of(EvalError::budget);
  }
  Execution execution{code, machine, below + 1, below, code.instructions.data() + from};
  return execute(execution);
}

}  // namespace itinera::expr
