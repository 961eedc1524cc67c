// SPDX-License-Identifier: Apache-2.0
// CEL that YAML has eaten: finding it in the source, and writing it as it should have been.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "yaml/tree.hpp"

namespace itinera::yaml {

// Whether the value of `key` is CEL wherever that key stands in the format.
bool holds_condition(std::string_view key);

// `text` as a quoted YAML scalar: "'a == \"b\"'".
std::string quoted(std::string_view text);

// What the author wrote from `offset` on as one value: to the end of the line, within a flow
// mapping to the brace or to the `, key:` that ends it. Without trailing blanks.
std::string_view written_value(std::string_view source, std::size_t offset);

// "write `when: '!x'`", with what stands at `offset`.
std::string quoting_hint(std::string_view key, std::string_view source, std::size_t offset);

// A condition on the line of `error_at` that explains why the parser stopped there.
struct EatenCondition {
  std::string key;
  Mark at;  // of its value
};
std::optional<EatenCondition> eaten_condition(std::string_view source, Mark error_at);

// Where, in the line of `offset`, a comment begins that takes the closing brace or bracket of a
// mapping or list with it; nothing if none does.
std::optional<std::size_t> swallowing_comment(std::string_view source, std::size_t offset);

// The offset of the quote that closes the one at `offset`; nothing if none does.
std::optional<std::size_t> closing_quote(std::string_view source, std::size_t offset);

// The offset behind the scalar `node` in the source that it was read from.
std::size_t scalar_end(const Node& node, std::string_view source);

// Whether a plain scalar that holds CEL was cut short by a comment or a comma: what stands of it
// ends inside a string, a bracket or behind an operator.
bool is_cut_short(const Node& node, std::string_view source);

}  // namespace itinera::yaml
