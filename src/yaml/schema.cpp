// SPDX-License-Identifier: Apache-2.0
// The format as a JSON Schema (draft 7, which editors read), made from the tables that the readers
// read by.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "itinera/value.hpp"
#include "itinera/yaml.hpp"
#include "yaml/shapes.hpp"

namespace itinera {
namespace yaml {
namespace {

using List = Value::List;
using Map = Value::Map;

void set_key(Map& map, std::string_view key, Value value) {
  map.push_back({Value(key), std::move(value)});
}

Map typed(std::string_view type, std::string_view description = {}) {
  Map map;
  set_key(map, "type", Value(type));
  if (!description.empty()) set_key(map, "description", Value(description));
  return map;
}

// What the readers take for a text: numbers and booleans as they are written, too.
Map text_schema(std::string_view description = {}, bool or_nothing = false) {
  List types;
  for (const char* type : {"string", "number", "boolean"}) types.emplace_back(type);
  if (or_nothing) types.emplace_back("null");
  Map map;
  set_key(map, "type", Value(std::move(types)));
  if (!description.empty()) set_key(map, "description", Value(description));
  return map;
}

Map patterned(std::string_view pattern, std::string_view description) {
  Map map = typed("string", description);
  set_key(map, "pattern", Value(pattern));
  return map;
}

Map list_of(Value items) {
  Map map = typed("array");
  set_key(map, "items", std::move(items));
  return map;
}

Map any_of(List choices) {
  Map map;
  set_key(map, "anyOf", Value(std::move(choices)));
  return map;
}

Map map_of(Value values) {
  Map map = typed("object");
  set_key(map, "additionalProperties", std::move(values));
  return map;
}

constexpr std::string_view duration_pattern = "^-?(P[0-9YMWDTHS.]+|([0-9]+(ms|s|m|h|d|w))+)$";

// Of what stands in one value.
Map scalar_schema(const Field& field) {
  switch (field.expects) {
    case Expects::text: {
      Map map = text_schema();
      set_key(map, "minLength", Value(1));
      return map;
    }
    case Expects::text_or_empty: return text_schema();
    case Expects::condition: return text_schema("CEL, such as contact.tier == \"gold\"");
    case Expects::boolean: return typed("boolean");
    case Expects::count: {
      Map map = typed("integer");
      set_key(map, "minimum", Value(0));
      return map;
    }
    case Expects::counts: return list_of(scalar_schema({.key = {}, .expects = Expects::count}));
    case Expects::number: {
      Map map = typed("number");
      set_key(map, "minimum", Value(0));
      return map;
    }
    case Expects::elapsed: return patterned(duration_pattern, "A duration: 1h30m; 1d is 24 hours");
    case Expects::period:
      return patterned(duration_pattern, "A duration: 1h30m; 1d is a day of the calendar");
    case Expects::percent: return patterned("^[0-9]+(\\.[0-9]{1,2})?%$", "A percentage: 2.5%");
    case Expects::time_of_day:
      return patterned("^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$", "A time of day: \"09:00\"");
    case Expects::weekdays: {
      List choices;
      choices.emplace_back(typed("string", "Weekdays: Mon-Fri"));
      choices.emplace_back(list_of(typed("string")));
      return any_of(std::move(choices));
    }
    case Expects::window:
      return patterned("[0-9]{2}:[0-9]{2}.*-[0-9]{2}:[0-9]{2}", "Hours: \"14:00-16:00\"");
    case Expects::instant: return typed("string", "An instant: 2026-03-02T10:00:00+01:00");
    case Expects::choice: {
      List words;
      for (const std::string_view word : field.choices) words.emplace_back(word);
      Map map;
      set_key(map, "enum", Value(std::move(words)));
      return map;
    }
    case Expects::data: return typed("object", "Names with literals, or with CEL behind `=`");
    case Expects::literals: return typed("object", "Names with literals");
    case Expects::names: return list_of(text_schema());
    case Expects::some_names: {
      List choices;
      choices.emplace_back(text_schema());
      choices.emplace_back(list_of(text_schema()));
      return any_of(std::move(choices));
    }
    case Expects::list: return typed("array");
    case Expects::mapping: return typed("object");
    case Expects::any: break;
  }
  return {};
}

class SchemaMaker {
 public:
  Value reference(const Table& table) {
    const std::string& name = define(table);
    Map map;
    set_key(map, "$ref", Value("#/definitions/" + name));
    return Value(std::move(map));
  }

  // In the order of their names, whatever it was that led to them.
  Value definitions() {
    Map map;
    for (auto& [name, schema] : definitions_) set_key(map, name, std::move(schema));
    return Value(std::move(map));
  }

 private:
  // "case of a wait_for" of "a case of a `wait_for`", with a word for what is told by a kind.
  static std::string name_of(const Table& table) {
    std::string name;
    const auto is_in = [&](std::span<const Table> tables) {
      return &table >= tables.data() && &table < tables.data() + tables.size();
    };
    if (is_in(step_tables())) name = "step-";
    if (is_in(line_tables())) name = "line-";
    std::string_view rest = table.name;
    for (const std::string_view article : {"a ", "an "}) {
      if (rest.starts_with(article)) rest.remove_prefix(article.size());
    }
    for (const char c : rest) {
      if (c != '`') name += c == ' ' ? '-' : c;
    }
    return name;
  }

  const std::string& define(const Table& table) {
    const auto [at, fresh] = names_.emplace(&table, name_of(table));
    if (!fresh) return at->second;
    std::string& name = at->second;
    while (definitions_.contains(name)) name += "-form";
    definitions_.emplace(name, Value());  // lists of steps hold steps
    Map properties;
    List required;
    for (const Field& field : table.fields) {
      if (!field.later.empty() || !field.elsewhere.empty()) continue;
      set_key(properties, field.key, schema_of(table, field));
      if (field.required) required.emplace_back(field.key);
    }
    Map map = typed("object");
    set_key(map, "properties", Value(std::move(properties)));
    if (!required.empty()) set_key(map, "required", Value(std::move(required)));
    // Whatever else stands on a contact is an attribute, and in a quota an operation.
    if (&table == &quota_table) {
      set_key(map, "additionalProperties", scalar_schema({.key = {}, .expects = Expects::count}));
    } else if (&table != &contact_table) {
      set_key(map, "additionalProperties", Value(false));
    }
    const bool takes_trigger = table.find("opened") != nullptr;
    definitions_[name] =
        takes_trigger ? Value(with_declared_receipt(table, std::move(map))) : Value(std::move(map));
    return name;
  }

  // In place of a trigger that every channel has, a receipt that one declares may stand.
  static Map with_declared_receipt(const Table& table, Map closed) {
    List others;
    for (const Field& field : table.fields) {
      const bool is_trigger = field.key == "event" || field.key == "condition" ||
                              field.key == "segment" || field.key == "account" ||
                              receipt_from(field.key).has_value();
      if (!is_trigger) continue;
      List keys;
      keys.emplace_back(field.key);
      Map other;
      set_key(other, "required", Value(std::move(keys)));
      others.emplace_back(std::move(other));
    }
    Map open = closed;
    for (MapEntry& entry : open) {
      if (entry.key == Value("additionalProperties")) entry.value = Value(text_schema());
    }
    set_key(open, "not", Value(any_of(std::move(others))));
    List choices;
    choices.emplace_back(std::move(closed));
    choices.emplace_back(std::move(open));
    return any_of(std::move(choices));
  }

  Value schema_of(const Table& table, const Field& field) {
    const Shape* const shape = shape_of(table, field);
    return shape == nullptr ? Value(scalar_schema(field)) : schema_of(*shape);
  }

  // One of the elements.
  Value element(const Shape& shape) {
    List choices;
    for (const Table& table : tables_of(shape.holds)) {
      if (table.later.empty()) choices.push_back(reference(table));
    }
    if (shape.holds == Holds::lines) choices.push_back(reference(line_table));
    if (shape.of != nullptr) choices.push_back(reference(*shape.of));
    if (shape.or_text) choices.emplace_back(text_schema());
    if (shape.or_count) choices.emplace_back(scalar_schema({.key = {}, .expects = Expects::count}));
    return choices.size() == 1 ? std::move(choices.front()) : Value(any_of(std::move(choices)));
  }

  Value schema_of(const Shape& shape) {
    switch (shape.holds) {
      case Holds::free: return free(shape);
      case Holds::one: return element(shape);
      case Holds::map_of: return Value(map_of(element(shape)));
      case Holds::conditions:
        return Value(map_of(text_schema("CEL, such as contact.tier == \"gold\"")));
      case Holds::one_or_list: {
        List choices;
        choices.push_back(element(shape));
        choices.emplace_back(list_of(element(shape)));
        return Value(any_of(std::move(choices)));
      }
      case Holds::list_of:
      case Holds::steps:
      case Holds::lines:
      case Holds::expectations: break;
    }
    return Value(list_of(element(shape)));
  }

  static Value free(const Shape& shape) {
    if (!shape.or_text) return Value(typed("object"));
    if (!shape.or_texts) return Value(text_schema({}, true));
    List choices;
    choices.emplace_back(text_schema());
    choices.emplace_back(list_of(text_schema()));
    return Value(any_of(std::move(choices)));
  }

  std::map<const Table*, std::string> names_;  // asked only, never walked through
  std::map<std::string, Value> definitions_;
};

// JSON for people: a line for each member, lists of plain values on one.
void append_lines(std::string& out, const Value& value, std::size_t indent) {
  const auto line = [&](std::size_t blanks) { out += '\n' + std::string(blanks, ' '); };
  if (const auto* map = value.get<Map>(); map != nullptr && !map->empty()) {
    const char* separator = "{";
    for (const MapEntry& entry : *map) {
      out += std::exchange(separator, ",");
      line(indent + 2);
      out += to_json(entry.key) + ": ";
      append_lines(out, entry.value, indent + 2);
    }
    line(indent);
    out += '}';
    return;
  }
  const auto* const list = value.get<List>();
  const bool plain =
      list == nullptr || std::none_of(list->begin(), list->end(), [](const Value& v) {
        return v.kind() == Value::Kind::map || v.kind() == Value::Kind::list;
      });
  if (plain) {
    out += to_json(value);
    return;
  }
  const char* separator = "[";
  for (const Value& item : *list) {
    out += std::exchange(separator, ",");
    line(indent + 2);
    append_lines(out, item, indent + 2);
  }
  line(indent);
  out += ']';
}

// A document is what its first key says.
Value by_first_key(SchemaMaker& maker) {
  // From the one that is asked for last to the first.
  const std::pair<const char*, const Table*> kinds[] = {{"test", &test_table},
                                                        {"tests", &tests_table},
                                                        {"simulation", &simulation_table},
                                                        {"workspace", &workspace_table}};
  Value schema = maker.reference(campaign_table);
  for (const auto& [key, table] : kinds) {
    List keys;
    keys.emplace_back(key);
    Map has_key;
    set_key(has_key, "required", Value(std::move(keys)));
    Map choice;
    set_key(choice, "if", Value(std::move(has_key)));
    set_key(choice, "then", maker.reference(*table));
    set_key(choice, "else", std::move(schema));
    schema = Value(std::move(choice));
  }
  return schema;
}

}  // namespace
}  // namespace yaml

std::string json_schema() {
  yaml::SchemaMaker maker;
  Value::Map schema;
  yaml::set_key(schema, "$schema", Value("http://json-schema.org/draft-07/schema#"));
  yaml::set_key(schema, "title", Value("Files of Itinera: workspaces, campaigns and their tests"));
  const Value documents = yaml::by_first_key(maker);
  for (const MapEntry& entry : *documents.get<Value::Map>()) schema.push_back(entry);
  yaml::set_key(schema, "definitions", maker.definitions());
  std::string text;
  yaml::append_lines(text, Value(std::move(schema)), 0);
  return text + '\n';
}

}  // namespace itinera
