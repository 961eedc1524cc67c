// SPDX-License-Identifier: Apache-2.0
// What stands behind the keys whose values are lists or mappings: which tables. The readers walk
// the format by themselves; what else is made of it (the formatter, a schema for editors) walks by
// this. A test holds that every such key has its row.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "yaml/tables.hpp"
#include "yaml/tree.hpp"

namespace itinera::yaml {

enum class Holds : std::uint8_t {
  free,          // whatever the author wants
  one,           // a mapping by `of`
  list_of,       // a list of them
  one_or_list,   // either
  map_of,        // a mapping of names to them
  conditions,    // a mapping of names to CEL
  steps,         // a list of steps
  lines,         // a list of lines of a test
  expectations,  // a list of what a line expects
};

struct Shape {
  std::string_view key;
  Holds holds = Holds::free;
  const Table* of = nullptr;
  const Table* in =
      nullptr;            // only in this table; nullptr: wherever the key takes more than a text
  bool or_text = false;   // a text stands for the mapping, or the item
  bool or_texts = false;  // a list of texts, too
  bool or_count = false;  // a number stands for the mapping
};

// nullptr: a scalar, a list of texts, or data.
const Shape* shape_of(const Table& table, const Field& field);

// The tables of mappings told by a key: steps, lines, expectations.
std::span<const Table> tables_of(Holds holds);

// The table of a mapping that is an element of `shape`; nullptr: none that is known.
const Table* table_of(const Node& node, const Shape& shape);

// The table of a document by its first keys; nullptr: it is none of this format. A document
// `tests: [...]` has tests_table.
const Table* table_of_document(const Node& node);
extern const Table tests_table;

}  // namespace itinera::yaml
