// SPDX-License-Identifier: Apache-2.0
// The comments of a file, which no YAML parser hands out: found in the text, and given to the keys
// and list items that they stand before or beside.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/tree.hpp"

namespace itinera::yaml {

// What stands around one key or item.
struct Trivia {
  std::vector<std::string> before;  // comments on lines of their own; "" is a blank line
  std::string beside;               // a comment behind it
  bool apart = false;               // a blank line stands before all of it
  [[nodiscard]] bool comments() const { return !before.empty() || !beside.empty(); }
};

struct Comments {
  // By the offset at which the key, or the item's value, begins.
  std::map<std::size_t, Trivia> of_member;
  std::map<std::size_t, Trivia> of_item;
  std::vector<std::vector<std::string>> at_end;  // of each document, behind its last line

  [[nodiscard]] const Trivia* of(const Member& member) const;
  [[nodiscard]] const Trivia* of(const Node& item) const;
  // Whether a comment stands on or in something of `node`.
  [[nodiscard]] bool within(const Node& node) const;
};

// Of the documents of `source`, as parse() gave them. Each comment has one place.
Comments comments_of(const std::vector<Node>& documents, std::string_view source);

// The texts of all comments, in their order.
std::vector<std::string> comment_texts(const std::vector<Node>& documents, std::string_view source);

}  // namespace itinera::yaml
