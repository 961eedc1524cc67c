// SPDX-License-Identifier: Apache-2.0
#include "expr/operation_types.hpp"

#include <utility>

#include <fmt/format.h>

#include <array>
#include <optional>

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

namespace {

std::string_view symbol_of(Operator op) {
  constexpr std::array<std::string_view, 12> symbols{
      "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"};
  return symbols[static_cast<std::size_t>(op)];
}

Type map_type(const Tree& tree, const Node& node, Reporter& report) {
  std::optional<Type> key;
  std::optional<Type> value;
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    const Node& key_node = tree.nodes[node.children[i]];
    if (key_node.type.kind != Kind::dyn && !can_be_key(key_node.type)) {
      report.wrong_type(key_node.at,
                        fmt::format("{} cannot be the key of a map", to_text(key_node.type)),
                        "keys are bool, int, uint or string");
    }
    key = joined(key, key_node.type);
    value = joined(value, tree.nodes[node.children[i + 1]].type);
  }
  return map_of(key.value_or(Type{}), value.value_or(Type{}));
}

Type conditional_type(const Tree& tree, const Node& node, Reporter& report) {
  expect_bool(tree, node.children[0], "? :", report);
  const Type& then = tree.nodes[node.children[1]].type;
  const Type& otherwise = tree.nodes[node.children[2]].type;
  if (!assignable(then, otherwise)) {
    report.wrong_type(
        node.at,
        fmt::format("the two values after ? differ: {} and {}", to_text(then), to_text(otherwise)),
        "give both the same type, or wrap one in `dyn()`");
    return {};
  }
  return *joined(then, otherwise);
}

constexpr std::string_view conversion =
    "convert one side: `string(x)`, `int(x)`, `double(x)`, `timestamp(x)` or `duration(x)`";

Type arithmetic_chain_type(const Tree& tree, const Node& node, Reporter& report) {
  Type left = tree.nodes[node.children[0]].type;
  for (std::size_t i = 0; i < node.operators.size(); ++i) {
    const Type& right = tree.nodes[node.children[i + 1]].type;
    const std::optional<Type> result = arithmetic_type(node.operators[i], left, right);
    if (!result) {
      const bool mixed = comparable(left, right) && left.kind != right.kind;
      report.wrong_type(
          node.at,
          fmt::format("{} does not fit {} and {}", symbol_of(node.operators[i]), to_text(left),
                      to_text(right)),
          std::string(mixed ? "CEL does not calculate with numbers of two types at once: write "
                              "`double(x)`, or `2.0` for `2`"
                            : conversion));
      return {};
    }
    left = *result;
  }
  return left;
}

Type relation_type(const Tree& tree, const Node& node, Reporter& report) {
  const Type& left = tree.nodes[node.children[0]].type;
  const Type& right = tree.nodes[node.children[1]].type;
  const Operator op = node.operators[0];
  bool fits = false;
  std::string hint{conversion};
  if (op == Operator::in) {
    hint = "write a list or a map behind `in`";
    fits = right.kind == Kind::dyn || ((right.kind == Kind::list || right.kind == Kind::map) &&
                                       assignable(left, parameter(right, 0)));
    if (right.kind == Kind::text) hint = "write `text.contains(\"part\")` for a part of a text";
  } else if (op == Operator::equal || op == Operator::not_equal) {
    fits = assignable(left, right) || comparable(left, right);
    if (left.kind == Kind::null || right.kind == Kind::null) {
      hint = "ask `has(...)` whether something is there";
    }
  } else {
    fits = comparable(left, right);
  }
  if (!fits) {
    report.wrong_type(
        node.at,
        fmt::format("{} does not fit {} and {}", symbol_of(op), to_text(left), to_text(right)),
        hint);
  }
  return {Kind::boolean, {}};
}

}  // namespace

Type type_of_operation(const Tree& tree, const Node& node, Reporter& report) {
  switch (node.kind) {
    case NodeKind::list: {
      std::optional<Type> element;
      for (const NodeIndex child : node.children) element = joined(element, tree.nodes[child].type);
      return list_of(element.value_or(Type{}));
    }
    case NodeKind::map: return map_type(tree, node, report);
    case NodeKind::all_of:
    case NodeKind::any_of:
    case NodeKind::not_:
      for (const NodeIndex child : node.children) {
        expect_bool(tree, child,
                    node.kind == NodeKind::all_of   ? "&&"
                    : node.kind == NodeKind::any_of ? "||"
                                                    : "!",
                    report);
      }
      return {Kind::boolean, {}};
    case NodeKind::conditional: return conditional_type(tree, node, report);
    case NodeKind::arithmetic: return arithmetic_chain_type(tree, node, report);
    case NodeKind::relation: return relation_type(tree, node, report);
    case NodeKind::negate: {
      const Type& operand = tree.nodes[node.children[0]].type;
      if (operand.kind == Kind::integer || operand.kind == Kind::real) return operand;
      if (operand.kind != Kind::dyn) {
        report.wrong_type(node.at, fmt::format("- does not fit {}", to_text(operand)));
      }
      return {};
    }
    default: return {};
  }
}

void expect_bool(const Tree& tree, NodeIndex index, std::string_view where, Reporter& report) {
  const Node& node = tree.nodes[index];
  if (node.type.kind != Kind::boolean && node.type.kind != Kind::dyn) {
    report.wrong_type(node.at, fmt::format("{} needs a bool, not {}", where, to_text(node.type)));
  }
}

}  // namespace itinera::expr
