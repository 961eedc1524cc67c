// SPDX-License-Identifier: Apache-2.0
// The named functions of a condition: one table that checker, emitter and documents read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "expr/type.hpp"

namespace itinera::expr {

// What is executed. Overloads of one name share it and are told apart by their operands.
enum class Function : std::uint8_t {
  size,
  contains,
  starts_with,
  ends_with,
  matches,
  char_at,
  index_of,
  last_index_of,
  lower_ascii,
  upper_ascii,
  replace,
  split,
  join,
  substring,
  trim,
  reverse,
  quote,
  format,
  to_int,
  to_uint,
  to_double,
  to_string,
  to_bytes,
  to_bool,
  to_type,
  to_timestamp,
  to_duration,
  to_dyn,
  days,
  // Parts of time stand last: with an argument they ask for a zone.
  get_full_year,
  get_month,
  get_date,
  get_day_of_month,
  get_day_of_week,
  get_day_of_year,
  get_hours,
  get_minutes,
  get_seconds,
  get_milliseconds,
};

// How an overload is written: size(x), x.size().
enum class CallForm : std::uint8_t { global, receiver };

// One signature. The first argument of the receiver form stands before the dot. A list or map
// argument takes any elements; dyn takes everything.
struct Overload {
  std::string_view name;
  CallForm form;
  std::uint8_t arity;
  std::array<Type::Kind, 4> arguments;
  Type::Kind result;
  Function function;
  std::string_view summary;              // one sentence for the reference page
  Type::Kind element = Type::Kind::dyn;  // of a list that is the argument or the result
};

// All overloads; those of one name stand together.
std::span<const Overload> overloads();

// The history functions, in the order of HistoryCall::Function.
std::span<const std::string_view> history_functions();

// What a call means, whose arguments have static kinds.
struct OverloadChoice {
  Function function = Function::size;    // also where nothing fits
  bool arity_fits = false;               // some overload has this form and number of arguments
  std::optional<Type::Kind> result;      // empty if no overload fits; dyn if several that differ do
  Type::Kind element = Type::Kind::dyn;  // of the list that is the argument or the result
};

// `name` must be that of an overload.
OverloadChoice choose_overload(std::string_view name, CallForm form,
                               std::span<const Type::Kind> arguments);

// "For example <string>.contains(<string>).", for a hint.
std::string usage_of(std::string_view name);

}  // namespace itinera::expr
