// SPDX-License-Identifier: Apache-2.0
#include "expr/operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/civil_value.hpp"
#include "expr/civil_text.hpp"
#include "expr/pattern.hpp"
#include "expr/utf8.hpp"

namespace itinera::expr {
namespace {

constexpr std::uint64_t bytes_per_step = 64;  // copied, compared or searched

template <class T>
Cell or_error(const std::optional<T>& value, EvalError error) {
  return value ? Cell::of(*value) : Cell::of(error);
}

Cell integer_arithmetic(Operator op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case Operator::add: overflow = __builtin_add_overflow(a, b, &result); break;
    case Operator::subtract: overflow = __builtin_sub_overflow(a, b, &result); break;
    case Operator::multiply: overflow = __builtin_mul_overflow(a, b, &result); break;
    case Operator::divide:
    case Operator::modulo:
      if (b == 0) return Cell::of(EvalError::divide_by_zero);
      overflow = a == std::numeric_limits<std::int64_t>::min() && b == -1;
      if (!overflow) result = op == Operator::divide ? a / b : a % b;
      break;
    default: return no_overload;
  }
  return overflow ? Cell::of(EvalError::overflow) : Cell::of(result);
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
  if (a.kind == Cell::Kind::text) {
    const std::size_t bytes = std::size_t{a.size} + b.size;
    machine.spend(bytes / bytes_per_step);
    auto* memory = static_cast<char*>(machine.allocate(bytes));
    if (memory == nullptr) return Cell::of(EvalError::budget);
    std::copy_n(a.text, a.size, memory);
    std::copy_n(b.text, b.size, memory + a.size);
    return Cell::of(std::string_view(memory, bytes));
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

bool is_number(const Cell& cell) {
  return cell.kind == Cell::Kind::integer || cell.kind == Cell::Kind::real;
}

double as_real(const Cell& cell) {
  return cell.kind == Cell::Kind::real ? cell.real : static_cast<double>(cell.integer);
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

bool maps_equal(const Cell& a, const Cell& b, Machine& machine) {
  if (a.size != b.size) return false;
  for (const CellEntry& entry : a.as_map()) {
    const Cell* other = find(b, entry.key, machine);
    if (other == nullptr || !equal(entry.value, *other, machine)) return false;
  }
  return true;
}

std::optional<bool> bool_of(std::string_view text) {
  for (const std::string_view word : {"1", "t", "true", "TRUE", "True"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"0", "f", "false", "FALSE", "False"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

Cell to_int(const Cell& a) {
  constexpr double two_to_63 = 9223372036854775808.0;
  switch (a.kind) {
    case Cell::Kind::integer: return a;
    case Cell::Kind::timestamp: return Cell::of(a.integer);
    case Cell::Kind::real:
      if (!(a.real > -two_to_63 && a.real < two_to_63)) return Cell::of(EvalError::overflow);
      return Cell::of(static_cast<std::int64_t>(a.real));
    case Cell::Kind::text: {
      std::string_view digits = a.as_text();
      if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
      std::int64_t value = 0;
      const char* last = digits.data() + digits.size();
      const auto [end, error] = std::from_chars(digits.data(), last, value);
      if (error != std::errc{} || end != last) return Cell::of(EvalError::bad_conversion);
      return Cell::of(value);
    }
    default: return no_overload;
  }
}

Cell to_double(const Cell& a) {
  if (is_number(a)) return Cell::of(as_real(a));
  if (a.kind != Cell::Kind::text) return no_overload;
  return or_error(parse_real(a.as_text()), EvalError::bad_conversion);
}

std::string real_text(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", v);
}

Cell to_string(const Cell& a, Machine& machine) {
  switch (a.kind) {
    case Cell::Kind::text: return a;
    case Cell::Kind::boolean: return Cell::of(std::string_view(a.boolean ? "true" : "false"));
    case Cell::Kind::integer: return copy_text(fmt::format("{}", a.integer), machine);
    case Cell::Kind::real: return copy_text(real_text(a.real), machine);
    case Cell::Kind::timestamp: return copy_text(base::text_of(a.as_timestamp()), machine);
    case Cell::Kind::duration: return copy_text(base::text_of(a.as_duration()), machine);
    default: return no_overload;
  }
}

Cell to_timestamp(const Cell& a) {
  switch (a.kind) {
    case Cell::Kind::timestamp: return a;
    case Cell::Kind::integer:
      return or_error(make_timestamp(a.integer, 0), EvalError::bad_conversion);
    case Cell::Kind::text: return or_error(timestamp_of(a.as_text()), EvalError::bad_conversion);
    default: return no_overload;
  }
}

Cell to_duration(const Cell& a) {
  if (a.kind == Cell::Kind::duration) return a;
  if (a.kind != Cell::Kind::text) return no_overload;
  return or_error(time_span_of(a.as_text()), EvalError::bad_conversion);
}

Cell days(const Cell& a) {
  if (a.kind != Cell::Kind::integer) return no_overload;
  std::int64_t seconds = 0;
  if (__builtin_mul_overflow(a.integer, day_ms / second_ms, &seconds)) {
    return Cell::of(EvalError::overflow);
  }
  return or_error(make_time_span(seconds, 0), EvalError::overflow);
}

Cell size_of(const Cell& a, Machine& machine) {
  if (a.kind == Cell::Kind::text) {
    machine.spend(a.size / bytes_per_step);
    return Cell::of(utf8_length(a.as_text()));
  }
  if (a.kind != Cell::Kind::list && a.kind != Cell::Kind::map) return no_overload;
  return Cell::of(std::int64_t{a.size});
}

Cell matches(std::string_view text, std::string_view pattern, Machine& machine) {
  // Compiling costs far more than running; the factor is rough.
  constexpr std::uint64_t steps_per_pattern_byte = 16;
  machine.spend(text.size() / bytes_per_step + pattern.size() * steps_per_pattern_byte);
  if (machine.steps_left == 0) return Cell::of(EvalError::budget);
  const std::unique_ptr<const Pattern> compiled = Pattern::compile(pattern);
  if (compiled == nullptr) return Cell::of(EvalError::bad_pattern);
  return Cell::of(compiled->found_in(text));
}

Cell text_test(Function function, std::span<const Cell> arguments, Machine& machine) {
  if (arguments[0].kind != Cell::Kind::text || arguments[1].kind != Cell::Kind::text)
    return no_overload;
  const std::string_view text = arguments[0].as_text();
  const std::string_view other = arguments[1].as_text();
  machine.spend(text.size() / bytes_per_step);
  switch (function) {
    case Function::contains: return Cell::of(text.find(other) != std::string_view::npos);
    case Function::starts_with: return Cell::of(text.starts_with(other));
    case Function::ends_with: return Cell::of(text.ends_with(other));
    default: return matches(text, other, machine);
  }
}

Cell time_part(Function function, std::span<const Cell> arguments, Machine& machine) {
  const Cell& time = arguments[0];
  if (arguments.size() == 1) {
    if (time.kind == Cell::Kind::timestamp) {
      return or_error(part_of(function, time.as_timestamp(), "+00:00", utc_only()),
                      EvalError::bad_conversion);
    }
    if (time.kind == Cell::Kind::duration && function >= Function::get_hours) {
      return Cell::of(part_of(function, time.as_duration()));
    }
    return no_overload;
  }
  if (time.kind != Cell::Kind::timestamp || arguments[1].kind != Cell::Kind::text)
    return no_overload;
  return or_error(
      part_of(function, time.as_timestamp(), arguments[1].as_text(), machine.activation->zones()),
      EvalError::bad_conversion);
}

}  // namespace

Cell copy_text(std::string_view text, Machine& machine) {
  auto* memory = static_cast<char*>(machine.allocate(text.size()));
  if (memory == nullptr) return Cell::of(EvalError::budget);
  std::copy(text.begin(), text.end(), memory);
  return Cell::of(std::string_view(memory, text.size()));
}

Cell arithmetic(Operator op, const Cell& a, const Cell& b, Machine& machine) {
  if (a.kind == Cell::Kind::integer && b.kind == Cell::Kind::integer) {
    return integer_arithmetic(op, a.integer, b.integer);
  }
  if (a.kind == Cell::Kind::real && b.kind == Cell::Kind::real)
    return real_arithmetic(op, a.real, b.real);
  if (is_time(a) && is_time(b)) return time_arithmetic(op, a, b);
  const bool joins = a.kind == b.kind && (a.kind == Cell::Kind::text || a.kind == Cell::Kind::list);
  if (op == Operator::add && joins) return joined(a, b, machine);
  return no_overload;
}

Cell negated(const Cell& a) {
  if (a.kind == Cell::Kind::integer) return integer_arithmetic(Operator::subtract, 0, a.integer);
  if (a.kind == Cell::Kind::real) return Cell::of(-a.real);
  return no_overload;
}

Cell compared(Operator op, const Cell& a, const Cell& b) {
  if (a.kind == b.kind) {
    switch (a.kind) {
      case Cell::Kind::integer: return Cell::of(holds(op, a.integer, b.integer));
      case Cell::Kind::real: return Cell::of(holds(op, a.real, b.real));
      case Cell::Kind::text: return Cell::of(holds(op, a.as_text(), b.as_text()));
      case Cell::Kind::boolean: return Cell::of(holds(op, a.boolean, b.boolean));
      case Cell::Kind::timestamp: return Cell::of(holds(op, a.as_timestamp(), b.as_timestamp()));
      case Cell::Kind::duration: return Cell::of(holds(op, a.as_duration(), b.as_duration()));
      default: return no_overload;
    }
  }
  if (is_number(a) && is_number(b)) return Cell::of(holds(op, as_real(a), as_real(b)));
  return no_overload;
}

bool equal(const Cell& a, const Cell& b, Machine& machine) {
  if (a.kind != b.kind) return is_number(a) && is_number(b) && as_real(a) == as_real(b);
  switch (a.kind) {
    case Cell::Kind::null: return true;
    case Cell::Kind::boolean: return a.boolean == b.boolean;
    case Cell::Kind::integer: return a.integer == b.integer;
    case Cell::Kind::real: return a.real == b.real;
    case Cell::Kind::text: return a.as_text() == b.as_text();
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
  if (key.kind == Cell::Kind::real && key.real == std::trunc(key.real)) index = to_int(key);
  if (index.kind != Cell::Kind::integer || index.integer < 0 || index.integer >= a.size) {
    return Cell::of(EvalError::bad_index);
  }
  return a.list[index.integer];
}

bool is_key(const Cell& key) {
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

Cell call(Function function, std::span<const Cell> arguments, Machine& machine) {
  switch (function) {
    case Function::size: return size_of(arguments[0], machine);
    case Function::contains:
    case Function::starts_with:
    case Function::ends_with:
    case Function::matches: return text_test(function, arguments, machine);
    case Function::to_int: return to_int(arguments[0]);
    case Function::to_double: return to_double(arguments[0]);
    case Function::to_string: return to_string(arguments[0], machine);
    case Function::to_bool:
      if (arguments[0].kind == Cell::Kind::boolean) return arguments[0];
      if (arguments[0].kind != Cell::Kind::text) return no_overload;
      return or_error(bool_of(arguments[0].as_text()), EvalError::bad_conversion);
    case Function::to_timestamp: return to_timestamp(arguments[0]);
    case Function::to_duration: return to_duration(arguments[0]);
    case Function::to_dyn: return arguments[0];
    case Function::days: return days(arguments[0]);
    case Function::get_full_year:
    case Function::get_month:
    case Function::get_date:
    case Function::get_day_of_month:
    case Function::get_day_of_week:
    case Function::get_day_of_year:
    case Function::get_hours:
    case Function::get_minutes:
    case Function::get_seconds:
    case Function::get_milliseconds: return time_part(function, arguments, machine);
  }
  return no_overload;
}

std::optional<double> parse_real(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0.0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error == std::errc::result_out_of_range && end == last) {
    const std::size_t exponent = text.find_first_of("eE");
    const bool small = exponent != std::string_view::npos
                           ? text.substr(exponent + 1).starts_with('-')
                           : text.find_first_of("123456789") > text.find('.');
    if (small) return text.starts_with('-') ? -0.0 : 0.0;
    return std::nullopt;
  }
  if (error != std::errc{} || end != last) return std::nullopt;
  return value;
}

}  // namespace itinera::expr
