// SPDX-License-Identifier: Apache-2.0
#include "expr/typing.hpp"

#include <utility>

namespace itinera::expr {
namespace {

using Kind = Type::Kind;

bool is_number(Kind kind) {
  return kind == Kind::integer || kind == Kind::real || kind == Kind::uinteger;
}
bool is_time(Kind kind) { return kind == Kind::timestamp || kind == Kind::duration; }
bool is_ordered(Kind kind) {
  return is_number(kind) || is_time(kind) || kind == Kind::text || kind == Kind::bytes ||
         kind == Kind::boolean || kind == Kind::dyn;
}

bool dyn_operand_fits(Operator op, Kind other) {
  if (other == Kind::dyn || other == Kind::integer || other == Kind::uinteger) return true;
  if (op == Operator::modulo) return false;
  if (other == Kind::real) return true;
  if (op == Operator::multiply || op == Operator::divide) return false;
  if (is_time(other)) return true;
  return op == Operator::add &&
         (other == Kind::text || other == Kind::bytes || other == Kind::list);
}

std::optional<Type> time_type(Operator op, Kind a, Kind b) {
  const bool sum = op == Operator::add && (a == Kind::duration || b == Kind::duration);
  const bool difference = op == Operator::subtract && (a == Kind::timestamp || b == Kind::duration);
  if (!sum && !difference) return std::nullopt;
  return Type{a == b ? Kind::duration : Kind::timestamp, {}};
}

}  // namespace

Type list_of(Type element) { return {Kind::list, {std::move(element)}}; }

Type map_of(Type key, Type value) { return {Kind::map, {std::move(key), std::move(value)}}; }

Type parameter(const Type& type, std::size_t i) {
  return i < type.parameters.size() ? type.parameters[i] : Type{};
}

Type type_of(const Value& literal) {
  switch (literal.kind()) {
    case Value::Kind::null: return {Kind::null, {}};
    case Value::Kind::boolean: return {Kind::boolean, {}};
    case Value::Kind::integer: return {Kind::integer, {}};
    case Value::Kind::real: return {Kind::real, {}};
    case Value::Kind::text: return {Kind::text, {}};
    default: return {};
  }
}

std::optional<Type> joined(const std::optional<Type>& a, const Type& b) {
  if (!a || *a == b) return b;
  if (a->kind == Kind::list && b.kind == Kind::list) {
    return list_of(*joined(parameter(*a, 0), parameter(b, 0)));
  }
  if (a->kind == Kind::map && b.kind == Kind::map) {
    return map_of(*joined(parameter(*a, 0), parameter(b, 0)),
                  *joined(parameter(*a, 1), parameter(b, 1)));
  }
  return Type{};
}

bool assignable(const Type& a, const Type& b) {
  if (a.kind == Kind::dyn || b.kind == Kind::dyn) return true;
  if (a.kind != b.kind) return false;
  if (a.kind == Kind::list) return assignable(parameter(a, 0), parameter(b, 0));
  if (a.kind != Kind::map) return true;
  return assignable(parameter(a, 0), parameter(b, 0)) &&
         assignable(parameter(a, 1), parameter(b, 1));
}

bool comparable(const Type& a, const Type& b) {
  if (!is_ordered(a.kind) || !is_ordered(b.kind)) return false;
  if (a.kind == Kind::dyn || b.kind == Kind::dyn) return true;
  return a.kind == b.kind || (is_number(a.kind) && is_number(b.kind));
}

bool can_be_key(const Type& type) {
  return type.kind == Kind::boolean || type.kind == Kind::integer || type.kind == Kind::uinteger ||
         type.kind == Kind::text;
}

std::optional<Type> arithmetic_type(Operator op, const Type& a, const Type& b) {
  if (a.kind == Kind::dyn || b.kind == Kind::dyn) {
    const Kind other = a.kind == Kind::dyn ? b.kind : a.kind;
    return dyn_operand_fits(op, other) ? std::optional<Type>(Type{}) : std::nullopt;
  }
  if (is_number(a.kind) && a.kind == b.kind) {
    const bool refused = op == Operator::modulo && a.kind == Kind::real;
    return refused ? std::nullopt : std::optional<Type>(a);
  }
  if (is_time(a.kind) && is_time(b.kind)) return time_type(op, a.kind, b.kind);
  if (op != Operator::add || a.kind != b.kind) return std::nullopt;
  if (a.kind == Kind::text || a.kind == Kind::bytes) return a;
  return a.kind == Kind::list ? joined(a, b) : std::nullopt;
}

}  // namespace itinera::expr
