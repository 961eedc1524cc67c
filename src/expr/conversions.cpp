// SPDX-License-Identifier: Apache-2.0
#include "expr/conversions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/civil_value.hpp"
#include "expr/civil_text.hpp"
#include "expr/utf8.hpp"

namespace itinera::expr {
namespace {

struct TypeName {
  Cell::Kind kind;
  std::string_view name;
};

constexpr std::array<TypeName, 12> type_names{{
    {Cell::Kind::null, "null_type"},
    {Cell::Kind::boolean, "bool"},
    {Cell::Kind::integer, "int"},
    {Cell::Kind::uinteger, "uint"},
    {Cell::Kind::real, "double"},
    {Cell::Kind::text, "string"},
    {Cell::Kind::bytes, "bytes"},
    {Cell::Kind::timestamp, "google.protobuf.Timestamp"},
    {Cell::Kind::duration, "google.protobuf.Duration"},
    {Cell::Kind::list, "list"},
    {Cell::Kind::map, "map"},
    {Cell::Kind::type, "type"},
}};

std::optional<bool> bool_of(std::string_view text) {
  for (const std::string_view word : {"1", "t", "true", "TRUE", "True"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"0", "f", "false", "FALSE", "False"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

std::string_view without_plus(std::string_view number) {
  if (number.starts_with('+') && !number.starts_with("+-")) number.remove_prefix(1);
  return number;
}

template <class T>
std::optional<T> parse_integer(std::string_view text) {
  const std::string_view digits = without_plus(text);
  T value = 0;
  const char* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, value);
  if (error != std::errc{} || end != last) return std::nullopt;
  return value;
}

std::string real_text(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", v);
}

}  // namespace

Cell to_bool(const Cell& a) {
  if (a.kind == Cell::Kind::boolean) return a;
  if (a.kind != Cell::Kind::text) return no_overload;
  return or_error(bool_of(a.as_text()), EvalError::bad_conversion);
}

Cell to_int(const Cell& a) {
  constexpr double two_to_63 = 9223372036854775808.0;
  switch (a.kind) {
    case Cell::Kind::integer: return a;
    case Cell::Kind::timestamp: return Cell::of(a.integer);
    case Cell::Kind::uinteger:
      if (!std::in_range<std::int64_t>(a.uinteger)) return Cell::of(EvalError::overflow);
      return Cell::of(static_cast<std::int64_t>(a.uinteger));
    case Cell::Kind::real:
      if (!(a.real > -two_to_63 && a.real < two_to_63)) return Cell::of(EvalError::overflow);
      return Cell::of(static_cast<std::int64_t>(a.real));
    case Cell::Kind::text:
      return or_error(parse_integer<std::int64_t>(a.as_text()), EvalError::bad_conversion);
    default: return no_overload;
  }
}

Cell to_uint(const Cell& a) {
  constexpr double two_to_64 = 18446744073709551616.0;
  switch (a.kind) {
    case Cell::Kind::uinteger: return a;
    case Cell::Kind::integer:
      if (a.integer < 0) return Cell::of(EvalError::overflow);
      return Cell::of_uinteger(static_cast<std::uint64_t>(a.integer));
    case Cell::Kind::real:
      if (!(a.real >= 0.0 && a.real < two_to_64)) return Cell::of(EvalError::overflow);
      return Cell::of_uinteger(static_cast<std::uint64_t>(a.real));
    case Cell::Kind::text: {
      const auto value = parse_integer<std::uint64_t>(a.as_text());
      return value ? Cell::of_uinteger(*value) : Cell::of(EvalError::bad_conversion);
    }
    default: return no_overload;
  }
}

Cell to_double(const Cell& a) {
  if (is_number(a)) return Cell::of(as_real(a));
  if (a.kind != Cell::Kind::text) return no_overload;
  return or_error(parse_real(a.as_text()), EvalError::bad_conversion);
}

Cell to_bytes(const Cell& a) {
  if (a.kind != Cell::Kind::text && a.kind != Cell::Kind::bytes) return no_overload;
  return Cell::of_bytes(a.as_text());
}

Cell to_string(const Cell& a, Machine& machine) {
  switch (a.kind) {
    case Cell::Kind::text: return a;
    case Cell::Kind::boolean: return Cell::of(std::string_view(a.boolean ? "true" : "false"));
    case Cell::Kind::integer: return copy_text(fmt::format("{}", a.integer), machine);
    case Cell::Kind::uinteger: return copy_text(fmt::format("{}", a.uinteger), machine);
    case Cell::Kind::real: return copy_text(real_text(a.real), machine);
    case Cell::Kind::timestamp: return copy_text(base::text_of(a.as_timestamp()), machine);
    case Cell::Kind::duration: return copy_text(base::text_of(a.as_duration()), machine);
    case Cell::Kind::bytes:
      machine.spend(a.size / bytes_per_step);
      if (invalid_utf8_at(a.as_text())) return Cell::of(EvalError::bad_conversion);
      return Cell::of(a.as_text());
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

Cell to_type(const Cell& a) {
  const auto* found = std::find_if(type_names.begin(), type_names.end(),
                                   [&](const TypeName& entry) { return entry.kind == a.kind; });
  return found == type_names.end() ? no_overload : Cell::of_type(found->name);
}

std::optional<Cell> type_named(std::string_view name) {
  for (const TypeName& entry : type_names) {
    if (entry.name == name) return Cell::of_type(entry.name);
  }
  return std::nullopt;
}

std::optional<double> parse_real(std::string_view text) {
  text = without_plus(text);
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
