// SPDX-License-Identifier: Apache-2.0
#include "model/data_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace itinera {
namespace {

// Indexed by FieldType::Kind.
constexpr std::array<std::string_view, 9> type_words{
    "string", "int", "double", "bool", "timestamp", "duration", "list", "map", "dyn"};

std::optional<FieldType::Kind> kind_from(std::string_view word) {
  const auto at = std::find(type_words.begin(), type_words.end(), word);
  if (at == type_words.end()) return std::nullopt;
  return static_cast<FieldType::Kind>(at - type_words.begin());
}

bool is_simple(FieldType::Kind kind) {
  return kind != FieldType::Kind::list && kind != FieldType::Kind::map;
}

}  // namespace

std::string to_text(const FieldType& type) {
  const std::string_view word = type_words[static_cast<std::size_t>(type.kind)];
  if (type.kind != FieldType::Kind::list || type.element == FieldType::Kind::dyn) {
    return std::string(word);
  }
  return fmt::format("{}({})", word, type_words[static_cast<std::size_t>(type.element)]);
}

std::optional<FieldType> field_type_from(std::string_view text) {
  if (const auto kind = kind_from(text)) return FieldType{*kind, FieldType::Kind::dyn};
  constexpr std::string_view list = "list(";
  if (!text.starts_with(list) || !text.ends_with(')')) return std::nullopt;
  const auto element = kind_from(text.substr(list.size(), text.size() - list.size() - 1));
  if (!element || !is_simple(*element)) return std::nullopt;
  return FieldType{FieldType::Kind::list, *element};
}

namespace model {
namespace {

using TypeKind = expr::Type::Kind;

expr::Type simple_type(FieldType::Kind kind) {
  constexpr std::array<TypeKind, 9> kinds{
      TypeKind::text,     TypeKind::integer, TypeKind::real, TypeKind::boolean, TypeKind::timestamp,
      TypeKind::duration, TypeKind::list,    TypeKind::map,  TypeKind::dyn};
  return {kinds[static_cast<std::size_t>(kind)], {}};
}

}  // namespace

std::vector<std::string> field_type_names() {
  std::vector<std::string> names(type_words.begin(), type_words.end());
  names.emplace_back("list(string)");
  names.emplace_back("list(int)");
  return names;
}

expr::Type type_of(const FieldType& type) {
  expr::Type result = simple_type(type.kind);
  if (type.kind == FieldType::Kind::list) result.parameters = {simple_type(type.element)};
  if (type.kind == FieldType::Kind::map) {
    result.parameters = {simple_type(FieldType::Kind::string), simple_type(FieldType::Kind::dyn)};
  }
  return result;
}

bool fits(const expr::Type& given, const FieldType& type) {
  const expr::Type wanted = type_of(type);
  if (given.kind == TypeKind::dyn || given.kind == TypeKind::null || wanted.kind == TypeKind::dyn) {
    return true;
  }
  if (given.kind == TypeKind::integer && wanted.kind == TypeKind::real) return true;
  return given.kind == wanted.kind;
}

bool fits(const Value& given, const FieldType& type) {
  switch (given.kind()) {
    case Value::Kind::null: return true;
    case Value::Kind::boolean: return fits(expr::Type{TypeKind::boolean, {}}, type);
    case Value::Kind::integer: return fits(expr::Type{TypeKind::integer, {}}, type);
    case Value::Kind::real: return fits(expr::Type{TypeKind::real, {}}, type);
    case Value::Kind::text: return fits(expr::Type{TypeKind::text, {}}, type);
    case Value::Kind::timestamp: return fits(expr::Type{TypeKind::timestamp, {}}, type);
    case Value::Kind::duration: return fits(expr::Type{TypeKind::duration, {}}, type);
    case Value::Kind::map: return fits(expr::Type{TypeKind::map, {}}, type);
    case Value::Kind::list: break;
  }
  if (!fits(expr::Type{TypeKind::list, {}}, type)) return false;
  const auto& items = *given.get<Value::List>();
  const FieldType element{type.element, FieldType::Kind::dyn};
  return type.kind == FieldType::Kind::dyn ||
         std::all_of(items.begin(), items.end(),
                     [&](const Value& item) { return fits(item, element); });
}

const EventSchema* find_event(const Schema& schema, std::string_view name) {
  const auto at = std::find_if(schema.events.begin(), schema.events.end(),
                               [&](const EventSchema& event) { return event.name == name; });
  return at == schema.events.end() ? nullptr : &*at;
}

const SchemaField* find_field(std::span<const SchemaField> fields, std::string_view name) {
  const auto at = std::find_if(fields.begin(), fields.end(),
                               [&](const SchemaField& field) { return field.name == name; });
  return at == fields.end() ? nullptr : &*at;
}

std::vector<std::string> names_of(std::span<const SchemaField> fields) {
  std::vector<std::string> names;
  for (const SchemaField& field : fields) names.push_back(field.name);
  return names;
}

bool is_given(std::string_view attribute) {
  return attribute == "id" || attribute == "zone" || attribute == last_channel;
}

}  // namespace model
}  // namespace itinera
