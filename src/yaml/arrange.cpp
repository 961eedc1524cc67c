// SPDX-License-Identifier: Apache-2.0
#include "yaml/arrange.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace itinera::yaml {
namespace {

void arrange_value(Node& node, const Shape& shape, bool in_document);

bool is_mapping(const Node& node) { return node.is(Node::Kind::mapping); }

bool is_list_of_mappings(const Node& node) {
  return std::any_of(node.items.begin(), node.items.end(), is_mapping);
}

bool holds_mappings(const Node& node) {
  return std::any_of(node.members.begin(), node.members.end(),
                     [](const Member& member) { return is_mapping(member.value); });
}

// Of a line of a test: when, then what, and what must come of it last.
bool is_line(const Table& table) {
  const std::span<const Table> lines = line_tables();
  return &table == &line_table || (&table >= lines.data() && &table < lines.data() + lines.size());
}

std::size_t rank_in_line(const Member& member, const Table& table) {
  constexpr std::string_view first[] = {"at", "after"};
  constexpr std::string_view last[] = {"expect", "error"};
  const auto place = [&](auto begin, auto end) { return std::find(begin, end, member.key); };
  const std::size_t count = table.fields.size();
  if (place(std::begin(first), std::end(first)) != std::end(first)) return 0;
  if (member.key == table.kind) return 1;
  if (place(std::begin(last), std::end(last)) != std::end(last)) return 2 + count;
  const Field* const field = table.find(member.key);
  return field == nullptr ? 3 + count : 2 + static_cast<std::size_t>(field - table.fields.data());
}

// Where a key stands among those of its mapping.
std::size_t rank_of(const Member& member, const Table& table, bool kind_first) {
  if (is_line(table)) return rank_in_line(member, table);
  const std::size_t count = table.fields.size();
  const Field* const field = table.find(member.key);
  if (field == nullptr) return 3 * count;
  const auto place = static_cast<std::size_t>(field - table.fields.data());
  const Shape* const shape = shape_of(table, *field);
  if (shape != nullptr && shape->holds == Holds::steps && member.key != table.kind) {
    return 2 * count + place;
  }
  return kind_first && member.key == table.kind ? 0 : place + 1;
}

void arrange_members(Node& node, const Table& table, bool is_document) {
  const Node* const told = table.kind.empty() ? nullptr : node.find(table.kind);
  // Behind a list that fills many lines nobody would find the step's name.
  const bool kind_first = told != nullptr && !is_list_of_mappings(*told);
  std::stable_sort(node.members.begin(), node.members.end(), [&](const Member& a, const Member& b) {
    return rank_of(a, table, kind_first) < rank_of(b, table, kind_first);
  });
  for (Member& member : node.members) {
    const Field* const field = table.find(member.key);
    const Shape* const shape = field == nullptr ? nullptr : shape_of(table, *field);
    if (shape != nullptr) arrange_value(member.value, *shape, is_document);
  }
}

void arrange_value(Node& node, const Shape& shape, bool in_document) {
  if (shape.holds == Holds::map_of || shape.holds == Holds::conditions) {
    for (Member& member : node.members) {
      if (shape.of != nullptr && is_mapping(member.value)) {
        arrange_members(member.value, *shape.of, false);
      }
    }
    node.spread = shape.holds == Holds::conditions || holds_mappings(node);
    return;
  }
  const bool each_apart =
      shape.holds == Holds::steps || shape.holds == Holds::lines || shape.of == &test_table;
  if (is_mapping(node)) {
    if (const Table* const table = table_of(node, shape)) arrange_members(node, *table, false);
  }
  for (Node& item : node.items) {
    if (const Table* const table = table_of(item, shape)) arrange_members(item, *table, false);
    if (is_mapping(item)) item.spread = each_apart;
  }
  const bool many = node.items.size() > 1 && shape.holds != Holds::expectations;
  node.spread = node.spread || (is_list_of_mappings(node) && (many || each_apart || in_document));
}

}  // namespace

void arrange(Node& node, const Table& table) {
  if (!is_mapping(node)) return;
  arrange_members(node, table, true);
  node.spread = true;
}

}  // namespace itinera::yaml
