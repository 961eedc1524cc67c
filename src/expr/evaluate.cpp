// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>
#include <type_traits>

#include "expr/code.hpp"

namespace itinera::expr {
namespace {

using Kind = Cell::Kind;

static_assert(std::is_trivially_copyable_v<Cell> && std::is_trivially_destructible_v<Cell>);

constexpr Cell no_overload = Cell::of(EvalError::no_such_overload);
constexpr std::uint32_t inline_cells = 32;  // higher stacks lie in the arena

bool is_true(const Cell& cell) { return cell.kind == Kind::boolean && cell.boolean; }
bool is_false(const Cell& cell) { return cell.kind == Kind::boolean && !cell.boolean; }

// What a condition is that is neither true nor false.
Cell as_error(const Cell& cell) { return cell.is_error() ? cell : no_overload; }

// a && b where `decided` is false, a || b where it is true: an operand of that value decides,
// whatever the other is; else the first error is the outcome.
Cell logic(const Cell& a, const Cell& b, bool decided) {
  for (const Cell* operand : {&a, &b}) {
    if (operand->kind == Kind::boolean && operand->boolean == decided) return *operand;
  }
  for (const Cell* operand : {&a, &b}) {
    if (operand->kind != Kind::boolean) return as_error(*operand);
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
  if (operand.kind != Kind::map) return no_overload;
  return indexed(operand, key, machine);
}

Cell tested(const Cell& operand, const Cell& key, Machine& machine) {
  if (operand.is_error()) return operand;
  if (operand.kind != Kind::map) return no_overload;
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
  if (range.kind != Kind::list && range.kind != Kind::map) {
    result = as_error(range);
    range = Cell::of(std::span<const Cell>());
    return;
  }
  if (result.kind == Kind::list) {
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
  frame[2] = range.kind == Kind::list ? range.list[position] : range.map[position].key;
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
    if (value.kind != Kind::boolean) return fail(frame, value);
    if (value.boolean) ++result.integer;
    return;
  }
  const bool decided = macro == Macro::exists;
  result = logic(result, value, decided);
  if (result.kind == Kind::boolean && result.boolean == decided) stop(frame);
}

void append(Cell* frame, const Cell& value) {
  if (value.is_error()) return fail(frame, value);
  Cell& result = frame[3];
  const_cast<Cell*>(result.list)[result.size++] =
      value;  // begin() made it, nobody else sees it yet
}

Cell end(const Cell* frame) {
  const Cell& result = frame[3];
  return result.kind == Kind::integer ? Cell::of(result.integer == 1) : result;
}

// The common cases are worth not calling compared() for.
Cell ordered(Operator op, const Cell& a, const Cell& b) {
  if (a.is_error()) return a;
  if (b.is_error()) return b;
  return compared(op, a, b);
}

}  // namespace

Cell run(const Code& code, std::uint32_t from, Machine& machine) {
  // Cells are made where they are pushed: clearing the stack would cost more than most programs.
  // The first cell lies below the stack, so that `top` may point to it while the stack is empty.
  alignas(Cell) std::array<std::byte, inline_cells * sizeof(Cell)> room;
  auto* top = reinterpret_cast<Cell*>(room.data());
  if (code.height_max >= inline_cells) {
    top = static_cast<Cell*>(machine.allocate((code.height_max + 1) * sizeof(Cell)));
    if (top == nullptr) return Cell::of(EvalError::budget);
  }
  Cell* const stack = top + 1;
  const Instruction* const first = code.instructions.data();
  const Instruction* at = first + from;
  while (machine.steps_left > 0) {
    --machine.steps_left;
    const Instruction& now = *at++;
    switch (now.op) {
      case Op::halt: return *top;
      case Op::constant: *++top = code.constants[now.a]; break;
      case Op::slot:
        *++top = machine.activation->slot(*machine.program, now.a, machine.arena);
        break;
      case Op::slot_test: {
        const Cell value = machine.activation->slot(*machine.program, now.a, machine.arena);
        const bool absent = value.is_error() && value.error_code == EvalError::no_such_key;
        *++top = absent ? Cell::of(false) : value.is_error() ? value : Cell::of(true);
        break;
      }
      case Op::history:
        *++top = machine.activation->history(*machine.program, now.a, machine.arena);
        break;
      case Op::local: {
        const Cell value = stack[now.a];
        *++top = value;
        break;
      }
      case Op::select: *top = selected(*top, code.constants[now.a], machine); break;
      case Op::test: *top = tested(*top, code.constants[now.a], machine); break;
      case Op::list:
        top -= static_cast<std::ptrdiff_t>(now.a) - 1;
        *top = make_list({top, now.a}, machine);
        break;
      case Op::map:
        top -= static_cast<std::ptrdiff_t>(now.a) * 2 - 1;
        *top = make_map({top, std::size_t{now.a} * 2}, machine);
        break;
      case Op::not_:
        *top = top->kind == Kind::boolean ? Cell::of(!top->boolean) : as_error(*top);
        break;
      case Op::negate:
        if (!top->is_error()) *top = negated(*top);
        break;
      case Op::index:
      case Op::arithmetic:
      case Op::equal:
      case Op::not_equal:
      case Op::in: {
        const Cell& right = *top--;
        if (top->is_error()) break;
        if (right.is_error()) {
          *top = right;
        } else if (now.op == Op::index) {
          *top = indexed(*top, right, machine);
        } else if (now.op == Op::arithmetic) {
          *top = arithmetic(static_cast<Operator>(now.a), *top, right, machine);
        } else if (now.op == Op::in) {
          *top = contained(*top, right, machine);
        } else {
          *top = Cell::of(equal(*top, right, machine) == (now.op == Op::equal));
        }
        break;
      }
      case Op::less:
        --top;
        *top = ordered(Operator::less, *top, top[1]);
        break;
      case Op::less_equal:
        --top;
        *top = ordered(Operator::less_equal, *top, top[1]);
        break;
      case Op::greater:
        --top;
        *top = ordered(Operator::greater, *top, top[1]);
        break;
      case Op::greater_equal:
        --top;
        *top = ordered(Operator::greater_equal, *top, top[1]);
        break;
      case Op::call: {
        top -= static_cast<std::ptrdiff_t>(now.b) - 1;
        const std::span<const Cell> arguments(top, now.b);
        const Cell* error = first_error(arguments);
        *top = error != nullptr ? *error : call(static_cast<Function>(now.a), arguments, machine);
        break;
      }
      case Op::matches:
        if (top->kind == Kind::text) {
          machine.spend(top->size / 16);
          *top = Cell::of(code.patterns[now.a]->found_in(top->as_text()));
        } else {
          *top = as_error(*top);
        }
        break;
      case Op::and_first:
        if (is_false(*top)) at = first + now.a;
        break;
      case Op::or_first:
        if (is_true(*top)) at = first + now.a;
        break;
      case Op::and_next:
        --top;
        *top = logic(*top, top[1], false);
        if (is_false(*top)) at = first + now.a;
        break;
      case Op::or_next:
        --top;
        *top = logic(*top, top[1], true);
        if (is_true(*top)) at = first + now.a;
        break;
      case Op::branch:
        if (is_true(*top)) {
          --top;
        } else if (is_false(*top)) {
          --top;
          at = first + now.a;
        } else {
          *top = as_error(*top);
          at = first + now.b;
        }
        break;
      case Op::jump: at = first + now.a; break;
      case Op::begin:
        begin(top, static_cast<Macro>(now.a), machine);
        top += 3;
        break;
      case Op::next:
        if (!next(stack + now.b)) at = first + now.a;
        break;
      case Op::fold: fold(stack + now.b, static_cast<Macro>(now.a), *top--); break;
      case Op::skip:
        if (!is_true(*top)) {
          if (!is_false(*top)) fail(stack + now.b, *top);
          at = first + now.a;
        }
        --top;
        break;
      case Op::append: append(stack + now.b, *top--); break;
      case Op::fold_end:
        top = stack + now.b;
        *top = end(top);
        break;
    }
  }
  return Cell::of(EvalError::budget);
}

}  // namespace itinera::expr
