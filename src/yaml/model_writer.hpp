// SPDX-License-Identifier: Apache-2.0
// The model as a tree: one line a field, in the words of tables.cpp. What has its default is left
// out. Whatever order they are added in, arrange() sorts them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calendar/text.hpp"
#include "itinera/step.hpp"
#include "yaml/tree.hpp"

namespace itinera::yaml {

Node text_node(std::string text);   // in quotes where it needs them
Node plain_node(std::string text);  // a number, true, false or null
Node data_node(const std::vector<Datum>& data);
std::string elapsed_text(std::int64_t ms);  // of 24-hour days

// A mapping that grows by the fields that say something.
class Mapping {
 public:
  Mapping() { node_.kind = Node::Kind::mapping; }
  Node take() { return std::move(node_); }
  [[nodiscard]] bool empty() const { return node_.members.empty(); }

  void node(std::string_view key, Node value) {
    node_.members.push_back({std::string(key), {}, std::move(value)});
  }
  void must(std::string_view key, const std::string& text) { node(key, text_node(text)); }
  void text(std::string_view key, const std::string& text) {
    if (!text.empty()) must(key, text);
  }
  void cel(std::string_view key, const Expression& expression) { text(key, expression.text); }
  template <class Number>
  void number(std::string_view key, const std::optional<Number>& count) {
    if (count) node(key, plain_node(fmt::format("{}", *count)));
  }
  void flag(std::string_view key, bool set) {
    if (set) node(key, plain_node("true"));
  }
  void elapsed(std::string_view key, const std::optional<std::int64_t>& ms) {
    if (ms) must(key, elapsed_text(*ms));
  }
  void period(std::string_view key, const Period& period) {
    if (!period.is_zero()) must(key, calendar::to_text(period));
  }
  void time(std::string_view key, const std::optional<std::int32_t>& ms_of_day) {
    if (ms_of_day) must(key, calendar::time_of_day_text(*ms_of_day));
  }
  void days(std::string_view key, Weekdays days) { text(key, calendar::to_text(days)); }
  // The word of an enumerator; the default has none.
  template <class Enum>
  void word(std::string_view key, Enum value, std::span<const std::string_view> words) {
    const auto index = static_cast<std::size_t>(value);
    if (index < words.size()) text(key, std::string(words[index]));
  }
  void data(std::string_view key, const std::vector<Datum>& data) {
    if (!data.empty()) node(key, data_node(data));
  }
  void names(std::string_view key, const std::vector<std::string>& names) {
    if (names.empty()) return;
    Node list;
    list.kind = Node::Kind::sequence;
    for (const std::string& name : names) list.items.push_back(text_node(name));
    node(key, std::move(list));
  }
  template <class List, class Make>
  void list(std::string_view key, const List& items, Make make) {
    if (items.empty()) return;
    Node list;
    list.kind = Node::Kind::sequence;
    for (const auto& item : items) list.items.push_back(make(item));
    node(key, std::move(list));
  }
  void steps(std::string_view key, const Steps& steps);

 private:
  Node node_;
};

// What the trigger listens to, among the keys of a case, a goal or an exit.
void put(Mapping& out, const Trigger& trigger);

Node step_node(const Step& step);

}  // namespace itinera::yaml
