// SPDX-License-Identifier: Apache-2.0
// YAML text as a small tree: what the format uses of YAML and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/limits.hpp"
#include "yaml/report.hpp"

namespace itinera::yaml {

struct Member;

// `refused` stands where something was reported already: readers pass over it without a word.
struct Node {
  enum class Kind : std::uint8_t { empty, scalar, sequence, mapping, refused };
  enum class Style : std::uint8_t { plain, quoted, block };

  Kind kind = Kind::empty;
  Style style = Style::plain;   // of a scalar
  std::string text;             // of a scalar; "null" and "~" are plain scalars like others
  Mark at;                      // of an empty value: its key
  std::vector<Node> items;      // of a sequence
  std::vector<Member> members;  // of a mapping; keys are distinct
  bool torn = false;            // of a mapping: a member that holds more than a scalar was refused
  bool spread = false;          // for writers: a line for each member

  [[nodiscard]] bool is(Kind k) const { return kind == k; }
  [[nodiscard]] bool is_plain() const { return kind == Kind::scalar && style == Style::plain; }
  [[nodiscard]] const Node* find(std::string_view key) const;  // the value, or nullptr
};

struct Member {
  std::string key;
  Mark key_at;
  Node value;
};

// A file's text as it is read: editors on Windows begin it with a mark.
std::string_view without_byte_order_mark(std::string_view text);

// The documents of a file that are not empty, in order. Reports what is not YAML, and YAML that the
// format does not use: tags, anchors, aliases, keys that are no scalars, duplicate keys, nesting
// deeper than Limits::yaml_depth. Where CEL was probably meant the code is condition_quoting. After
// a syntax error the documents before it are returned.
std::vector<Node> parse(const Limits& limits, Report& report);

}  // namespace itinera::yaml
