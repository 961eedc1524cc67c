// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <string_view>

#include "expr/ast.hpp"
#include "expr/reporter.hpp"

namespace itinera::expr {

Type list_of(Type element);
Type map_of(Type key, Type value);

// The element of a list (0), the key (0) or value (1) of a map; dyn where it is not said.
Type parameter(const Type& type, std::size_t i);

Type type_of(const Value& literal);

// The type that holds both: `a` if they are equal (or there is no `a` yet), else dyn.
std::optional<Type> joined(const std::optional<Type>& a, const Type& b);

// Whether a value of one may stand for the other. dyn fits everything.
bool assignable(const Type& a, const Type& b);

// Whether < and its kin fit: equal ordered types, numbers of any kind, dyn with what is ordered.
bool comparable(const Type& a, const Type& b);

bool can_be_key(const Type& type);

// The type of `a op b`, or empty if they do not fit.
std::optional<Type> arithmetic_type(Operator op, const Type& a, const Type& b);

// The type of an operator, list or map whose children have their types; what does not fit is
// reported, and dyn.
Type type_of_operation(const Tree& tree, const Node& node, Reporter& report);

// Reports the node unless it is a bool or dyn. `where` names what needs it.
void expect_bool(const Tree& tree, NodeIndex index, std::string_view where, Reporter& report);

}  // namespace itinera::expr
