// SPDX-License-Identifier: Apache-2.0
#include "expr/names.hpp"

#include <algorithm>

namespace itinera::expr {
namespace {

const Variable* find_exactly(const Declarations& declarations, std::string_view name) {
  const auto found = std::find_if(declarations.variables.begin(), declarations.variables.end(),
                                  [&](const Variable& variable) { return variable.name == name; });
  return found == declarations.variables.end() ? nullptr : &*found;
}

}  // namespace

DottedName dotted_name(const Tree& tree, const Node& node) {
  const Node* part = &node;
  std::string text;
  while (part->kind == NodeKind::select) {
    text.insert(0, "." + part->text);
    part = &tree.nodes[part->children[0]];
  }
  if (part->kind != NodeKind::name) return {};
  return {part->text + text, part->text, part->absolute};
}

const Variable* find_variable(const Declarations& declarations, const DottedName& name) {
  std::string_view container = name.absolute ? std::string_view() : declarations.container;
  while (!container.empty()) {
    const std::string candidate = std::string(container) + "." + name.text;
    if (const Variable* found = find_exactly(declarations, candidate)) return found;
    const std::size_t dot = container.rfind('.');
    container = container.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  return find_exactly(declarations, name.text);
}

}  // namespace itinera::expr
