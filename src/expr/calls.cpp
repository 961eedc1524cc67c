// SPDX-License-Identifier: Apache-2.0
#include "expr/calls.hpp"

#include "expr/civil_text.hpp"
#include "expr/conversions.hpp"
#include "expr/format.hpp"
#include "expr/text_functions.hpp"
#include "expr/utf8.hpp"
#include "itinera/time.hpp"

namespace itinera::expr {
namespace {

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
  if (a.kind == Cell::Kind::bytes) return Cell::of(std::int64_t{a.size});
  if (a.kind != Cell::Kind::list && a.kind != Cell::Kind::map) return no_overload;
  return Cell::of(std::int64_t{a.size});
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

Cell call(Function function, std::span<const Cell> arguments, Machine& machine) {
  const Cell& first = arguments[0];
  switch (function) {
    case Function::size: return size_of(first, machine);
    case Function::to_bool: return to_bool(first);
    case Function::to_int: return to_int(first);
    case Function::to_uint: return to_uint(first);
    case Function::to_double: return to_double(first);
    case Function::to_string: return to_string(first, machine);
    case Function::to_bytes: return to_bytes(first);
    case Function::to_timestamp: return to_timestamp(first);
    case Function::to_duration: return to_duration(first);
    case Function::to_type: return to_type(first);
    case Function::to_dyn: return first;
    case Function::days: return days(first);
    case Function::format: return format(first, arguments[1], machine);
    case Function::contains:
    case Function::starts_with:
    case Function::ends_with:
    case Function::matches:
    case Function::char_at:
    case Function::index_of:
    case Function::last_index_of:
    case Function::lower_ascii:
    case Function::upper_ascii:
    case Function::replace:
    case Function::split:
    case Function::join:
    case Function::substring:
    case Function::trim:
    case Function::reverse:
    case Function::quote: return call_text_function(function, arguments, machine);
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

}  // namespace itinera::expr
