// SPDX-License-Identifier: Apache-2.0
// What a workspace says of the data that its host sends. Conditions are checked against it; what
// comes in is not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/diagnostic.hpp"

namespace itinera {

// The type of an attribute or a property, by CEL's name of it: "string", "int", "double", "bool",
// "timestamp", "duration", "list", "list(string)", "map", "dyn".
//
// Enumerators are on disk by number (docs/durability.md, The model): never reorder or remove one;
// add at the end.
struct FieldType {
  enum class Kind : std::uint8_t {
    string,
    integer,
    real,
    boolean,
    timestamp,
    duration,
    list,
    map,
    dyn  // any of them
  };
  Kind kind = Kind::string;
  Kind element = Kind::dyn;  // of a list; neither a list nor a map
  friend bool operator==(const FieldType&, const FieldType&) = default;
};
std::string to_text(const FieldType& type);
std::optional<FieldType> field_type_from(std::string_view text);

// An attribute of contacts, or a property of an event.
struct SchemaField {
  std::string name = {};
  FieldType type = {};
  bool may_be_absent = false;  // "optional(string)"
  SourceLocation at = {};
};

struct EventSchema {
  std::string name = {};
  std::vector<SchemaField> properties = {};  // all it has
  SourceLocation at = {};
};

struct Schema {
  // All that there are beside `id` and `zone`, which every contact has. Empty: any.
  std::optional<std::vector<SchemaField>> attributes = {};
  std::vector<EventSchema> events = {};  // others have any properties
};

// What is kept ahead of need, though nothing that is loaded asks for it.
struct Retain {
  struct Event {
    std::string name = {};
    std::int64_t window_ms = 0;
    SourceLocation at = {};
  };
  std::vector<Event> events = {};  // with all their properties
  std::vector<std::string> attributes = {};
};

}  // namespace itinera
