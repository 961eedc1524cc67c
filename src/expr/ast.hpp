// SPDX-License-Identifier: Apache-2.0
// The syntax tree: nodes in one vector, referred to by index. The parser makes it, the checker
// resolves names in place and notes types, the emitter turns it into a flat program.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "expr/functions.hpp"
#include "expr/pattern.hpp"
#include "expr/type.hpp"
#include "itinera/value.hpp"

namespace itinera::expr {

using NodeIndex = std::uint32_t;

enum class NodeKind : std::uint8_t {
  literal,        // value
  uint_literal,   // value: an int of the same 64 bits, since no Value is unsigned
  bytes_literal,  // text
  name,           // text
  select,         // children: operand; text: the field
  test,           // has(): as select
  index,          // children: operand, key
  call,           // children: the receiver first, if there is one; text: the function
  list,           // children: elements
  map,            // children: key and value in turn
  all_of,         // && of two or more children
  any_of,         // || of two or more children
  conditional,    // children: condition, then, else
  arithmetic,     // children from left to right, operators between them (one fewer)
  relation,       // children: left, right; operators[0]
  not_,           // children: operand
  negate,         // children: operand
  macro,          // children: range, body, and a second body of map with three arguments;
                  // text: the variable; macro: which; index: nesting, as of its locals
  // Made by the checker:
  slot,       // index of Code::slots
  slot_test,  // has() of a slot: index of Code::slots
  local,      // index: nesting of the macro that binds it, the outermost being 0
  type_name,  // text: the name of a type, as type_named() knows it
  history,    // index of Code::history_calls
  failure,    // an unknown name, where types are not checked: an error value
};

enum class Operator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in
};

enum class Macro : std::uint8_t { all, exists, exists_one, map, filter };

inline constexpr std::uint32_t no_local = std::numeric_limits<std::uint32_t>::max();

struct Node {
  NodeKind kind = NodeKind::literal;
  Macro macro = Macro::all;
  bool receiver = false;                  // of a call: the first child stands before the dot
  bool absolute = false;                  // of a name: written with a dot before it, `.name`
  bool pure = false;                      // reads no slot, history or zone (checker)
  Function function = Function::size;     // of a call (checker)
  std::uint32_t at = 0;                   // byte offset in the source
  std::uint32_t depth = 1;                // of the tree below, itself included
  std::uint32_t index = 0;                // of slot, local, history, macro (checker)
  std::uint32_t lowest_local = no_local;  // outermost macro variable used below (checker)
  std::string text;
  Value value;
  std::vector<NodeIndex> children;
  std::vector<Operator> operators;
  std::shared_ptr<const Pattern> pattern;  // of a literal that matches() takes (checker)
  Type type;                               // (checker)
};

struct Tree {
  std::vector<Node> nodes;
  NodeIndex root = 0;
};

}  // namespace itinera::expr
