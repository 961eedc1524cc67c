// SPDX-License-Identifier: Apache-2.0
#include "expr/operations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

#include "expr/civil_text.hpp"
#include "expr/conversions.hpp"

namespace itinera::expr {
namespace {

Cell cell_of(std::int64_t v) { return Cell::of(v); }
Cell cell_of(std::uint64_t v) { return Cell::of_uinteger(v); }

// Of two ints or two uints.
template <class T>
Cell integer_arithmetic(Operator op, T a, T b) {
  T result = 0;
  bool overflow = false;
  switch (op) {
    case Operator::add: overflow = __builtin_add_overflow(a, b, &result); break;
    case Operator::subtract: overflow = __builtin_sub_overflow(a, b, &result); break;
    case Operator::multiply: overflow = __builtin_mul_overflow(a, b, &result); break;
    case Operator::divide:
    case Operator::modulo:
      if (b == 0) return Cell::of(EvalError::divide_by_zero);
      if constexpr (std::is_signed_v<T>) {
        overflow = a == std::numeric_limits<T>::min() && b == -1;
      }
      if (!overflow) result = op == Operator::divide ? a / b : a % b;
      break;
    default: return no_overload;
  }
  return overflow ? Cell::of(EvalError::overflow) : cell_of(result);
}

Cell real_arithmetic(Operator op, double a, double b) {
  switch (op) {
    case Operator::add: return Cell::of(a + b);
    case Operator::subtract: return Cell::of(a - b);
    case Operator::multiply: return Cell::of(a * b);
    case Operator::divide: return Cell::of(a / b);
    default: return no_overload;
  }
}

Cell time_arithmetic(Operator op, const Cell& a, const Cell& b) {
  if (op != Operator::add && op != Operator::subtract) return no_overload;
  const bool minus = op == Operator::subtract;
  if (b.kind == Cell::Kind::timestamp && a.kind == Cell::Kind::duration && minus)
    return no_overload;
  if (b.kind == Cell::Kind::timestamp && a.kind == Cell::Kind::timestamp && !minus)
    return no_overload;
  const std::int64_t sign = minus ? -1 : 1;
  // Neither sum can overflow: both operands lie within the years 1 to 9999 or so.
  const std::int64_t seconds = a.integer + sign * b.integer;
  const std::int64_t nanos = static_cast<std::int32_t>(a.size) +
                             sign * static_cast<std::int64_t>(static_cast<std::int32_t>(b.size));
  if (a.kind == b.kind) return or_error(make_time_span(seconds, nanos), EvalError::overflow);
  return or_error(make_timestamp(seconds, nanos), EvalError::overflow);
}

Cell joined(const Cell& a, const Cell& b, Machine& machine) {
  if (a.kind != Cell::Kind::list) {
    const std::size_t bytes = std::size_t{a.size} + b.size;
    char* memory = room_for_text(bytes, machine);
    if (memory == nullptr) return Cell::of(EvalError::budget);
    std::copy_n(a.text, a.size, memory);
    std::copy_n(b.text, b.size, memory + a.size);
    const std::string_view text(memory, bytes);
    return a.kind == Cell::Kind::text ? Cell::of(text) : Cell::of_bytes(text);
  }
  const std::size_t count = std::size_t{a.size} + b.size;
  machine.spend(count);
  auto* memory = static_cast<Cell*>(machine.allocate(count * sizeof(Cell)));
  if (memory == nullptr) return Cell::of(EvalError::budget);
  std::uninitialized_copy_n(a.list, a.size, memory);
  std::uninitialized_copy_n(b.list, b.size, memory + a.size);
  return Cell::of(std::span<const Cell>(memory, count));
}

bool is_time(const Cell& cell) {
  return cell.kind == Cell::Kind::timestamp || cell.kind == Cell::Kind::duration;
}

// -1, 0 or 1 for an int and a uint.
int order_of(const Cell& a, const Cell& b) {
  if (a.kind == Cell::Kind::uinteger) return -order_of(b, a);
  if (std::cmp_less(a.integer, b.uinteger)) return -1;
  return std::cmp_equal(a.integer, b.uinteger) ? 0 : 1;
}

// Whether two numbers of different kinds compare as doubles; else they are an int and a uint.
bool as_reals(const Cell& a, const Cell& b) {
  return a.kind == Cell::Kind::real || b.kind == Cell::Kind::real;
}

bool numbers_equal(const Cell& a, const Cell& b) {
  return as_reals(a, b) ? as_real(a) == as_real(b) : order_of(a, b) == 0;
}

template <class T>
bool holds(Operator op, const T& a, const T& b) {
  switch (op) {
    case Operator::less: return a < b;
    case Operator::less_equal: return a <= b;
    case Operator::greater: return a > b;
    default: return a >= b;
  }
}

// Pays for looking at two texts to the end of the shorter one; false where nothing is left.
bool affords_texts(const Cell& a, const Cell& b, Machine& machine) {
  const std::uint32_t bytes = std::min(a.size, b.size);
  if (bytes < bytes_per_step) return true;
  machine.spend(bytes / bytes_per_step);
  return machine.steps_left > 0;
}

bool maps_equal(const Cell& a, const Cell& b, Machine& machine) {
  if (a.size != b.size) return false;
  for (const CellEntry& entry : a.as_map()) {
    const Cell* other = find(b, entry.key, machine);
    if (other == nullptr || !equal(entry.value, *other, machine)) return false;
  }
  return true;
}

}  // namespace

Cell arithmetic(Operator op, const Cell& a, const Cell& b, Machine& machine) {
  if (a.kind == Cell::Kind::integer && b.kind == Cell::Kind::integer) {
    return integer_arithmetic(op, a.integer, b.integer);
  }
  if (a.kind == Cell::Kind::real && b.kind == Cell::Kind::real)
    return real_arithmetic(op, a.real, b.real);
  if (is_time(a) && is_time(b)) return time_arithmetic(op, a, b);
  if (a.kind == Cell::Kind::uinteger && b.kind == Cell::Kind::uinteger) {
    return integer_arithmetic(op, a.uinteger, b.uinteger);
  }
  const bool joins =
      a.kind == b.kind &&
      (a.kind == Cell::Kind::text || a.kind == Cell::Kind::list || a.kind == Cell::Kind::bytes);
  if (op == Operator::add && joins) return joined(a, b, machine);
  return no_overload;
}

Cell negated(const Cell& a) {
  if (a.kind == Cell::Kind::integer)
    return integer_arithmetic(Operator::subtract, std::int64_t{0}, a.integer);
  if (a.kind == Cell::Kind::real) return Cell::of(-a.real);
  return no_overload;
}

Cell compared(Operator op, const Cell& a, const Cell& b, Machine& machine) {
  if (a.kind == b.kind) {
    switch (a.kind) {
      case Cell::Kind::integer: return Cell::of(holds(op, a.integer, b.integer));
      case Cell::Kind::real: return Cell::of(holds(op, a.real, b.real));
      case Cell::Kind::uinteger: return Cell::of(holds(op, a.uinteger, b.uinteger));
      case Cell::Kind::bytes:
      case Cell::Kind::text:
        if (!affords_texts(a, b, machine)) return Cell::of(EvalError::budget);
        return Cell::of(holds(op, a.as_text(), b.as_text()));
      case Cell::Kind::boolean: return Cell::of(holds(op, a.boolean, b.boolean));
      case Cell::Kind::timestamp: return Cell::of(holds(op, a.as_timestamp(), b.as_timestamp()));
      case Cell::Kind::duration: return Cell::of(holds(op, a.as_duration(), b.as_duration()));
      default: return no_overload;
    }
  }
  if (!is_number(a) || !is_number(b)) return no_overload;
  return Cell::of(as_reals(a, b) ? holds(op, as_real(a), as_real(b))
                                 : holds(op, order_of(a, b), 0));
}

bool equal(const Cell& a, const Cell& b, Machine& machine) {
  if (a.kind != b.kind) return is_number(a) && is_number(b) && numbers_equal(a, b);
  switch (a.kind) {
    case Cell::Kind::null: return true;
    case Cell::Kind::boolean: return a.boolean == b.boolean;
    case Cell::Kind::integer: return a.integer == b.integer;
    case Cell::Kind::real: return a.real == b.real;
    case Cell::Kind::uinteger: return a.uinteger == b.uinteger;
    case Cell::Kind::bytes:
    case Cell::Kind::type:
    case Cell::Kind::text:
      return a.size == b.size && affords_texts(a, b, machine) && a.as_text() == b.as_text();
    case Cell::Kind::timestamp:
    case Cell::Kind::duration: return a.integer == b.integer && a.size == b.size;
    case Cell::Kind::list:
      machine.spend(a.size);
      return machine.steps_left > 0 && a.size == b.size &&
             std::equal(a.list, a.list + a.size, b.list,
                        [&](const Cell& x, const Cell& y) { return equal(x, y, machine); });
    case Cell::Kind::map: return maps_equal(a, b, machine);
    case Cell::Kind::error: break;
  }
  return false;
}

Cell contained(const Cell& a, const Cell& in, Machine& machine) {
  if (in.kind == Cell::Kind::map) return Cell::of(find(in, a, machine) != nullptr);
  if (in.kind != Cell::Kind::list) return no_overload;
  machine.spend(in.size);
  const std::span<const Cell> all = in.as_list();
  return Cell::of(machine.steps_left > 0 && std::any_of(all.begin(), all.end(), [&](const Cell& x) {
                    return equal(a, x, machine);
                  }));
}

Cell indexed(const Cell& a, const Cell& key, Machine& machine) {
  if (a.kind == Cell::Kind::map) {
    const Cell* value = find(a, key, machine);
    return value != nullptr ? *value : Cell::of(EvalError::no_such_key);
  }
  if (a.kind != Cell::Kind::list) return no_overload;
  Cell index = key;
  const bool integral = key.kind == Cell::Kind::real && key.real == std::trunc(key.real);
  if (integral || key.kind == Cell::Kind::uinteger) index = to_int(key);
  if (index.kind != Cell::Kind::integer || index.integer < 0 || index.integer >= a.size) {
    return Cell::of(EvalError::bad_index);
  }
  return a.list[index.integer];
}

bool is_key(const Cell& key) {
  if (key.kind == Cell::Kind::uinteger) return std::in_range<std::int64_t>(key.uinteger);
  return key.kind == Cell::Kind::boolean || key.kind == Cell::Kind::integer ||
         key.kind == Cell::Kind::text;
}

const Cell* find(const Cell& map, const Cell& key, Machine& machine) {
  machine.spend(map.size);
  if (machine.steps_left == 0) return nullptr;
  for (const CellEntry& entry : map.as_map()) {
    if (equal(entry.key, key, machine)) return &entry.value;
  }
  return nullptr;
}

}  // namespace itinera::expr
