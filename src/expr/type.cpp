// SPDX-License-Identifier: Apache-2.0
#include "expr/type.hpp"

#include <array>
#include <string_view>

namespace itinera::expr {
namespace {

constexpr std::array<std::string_view, 13> names{
    "dyn",      "null", "bool", "int",  "double", "string", "timestamp",
    "duration", "list", "map",  "uint", "bytes",  "type"};

void append(std::string& out, const Type& type) {
  out += names[static_cast<std::size_t>(type.kind)];
  if (type.kind != Type::Kind::list && type.kind != Type::Kind::map) return;
  const std::size_t count = type.kind == Type::Kind::list ? 1 : 2;
  out += '(';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ", ";
    append(out, i < type.parameters.size() ? type.parameters[i] : Type{});
  }
  out += ')';
}

}  // namespace

std::string to_text(const Type& type) {
  std::string out;
  append(out, type);
  return out;
}

}  // namespace itinera::expr
