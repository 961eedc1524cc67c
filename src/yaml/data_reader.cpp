// SPDX-License-Identifier: Apache-2.0
// `schema` and `retain` of a workspace.
#include <fmt/format.h>

#include <array>

#include "model/data_schema.hpp"
#include "yaml/campaign_reader.hpp"

namespace itinera::yaml {
namespace {

// Types as other formats call them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> other_words{
    {{"text", "string"},
     {"integer", "int"},
     {"number", "double"},
     {"float", "double"},
     {"real", "double"},
     {"boolean", "bool"},
     {"date", "string"},
     {"datetime", "timestamp"},
     {"array", "list"},
     {"object", "map"}}};

std::string hint_for_type(std::string_view text, Report& report) {
  for (const auto& [theirs, ours] : other_words) {
    if (theirs == text) return fmt::format("write `{}`", ours);
  }
  const std::vector<std::string> names = model::field_type_names();
  std::string hint = report.did_you_mean(text, names);
  if (hint.empty()) hint = fmt::format("types are {}", fmt::join(names, ", "));
  return hint;
}

// `string`, or `optional(string)` for what may be absent.
SchemaField read_field(const Member& member, Report& report) {
  SchemaField field;
  field.name = member.key;
  field.at = report.place(member.key_at);
  const std::string text = read_text(member.value, report);
  if (text.empty()) {
    report.lose();
    return field;
  }
  std::string_view type = text;
  constexpr std::string_view optional = "optional(";
  field.may_be_absent = type.starts_with(optional) && type.ends_with(')');
  if (field.may_be_absent) {
    type.remove_prefix(optional.size());
    type.remove_suffix(1);
  }
  if (const auto known = field_type_from(type)) {
    field.type = *known;
    return field;
  }
  report.error(ErrorCode::bad_value, member.value.at,
               fmt::format("there is no type `{}`", shown(type)), hint_for_type(type, report));
  return field;
}

std::vector<SchemaField> read_fields(const Node& node, Report& report) {
  std::vector<SchemaField> fields;
  for (const Member& member : node.members) fields.push_back(read_field(member, report));
  return fields;
}

void read_event(const Member& member, Schema& schema, Report& report) {
  if (member.value.is(Node::Kind::mapping)) {
    schema.events.push_back(
        {member.key, read_fields(member.value, report), report.place(member.key_at)});
    return;
  }
  report.error(ErrorCode::wrong_type, member.value.at,
               fmt::format("the properties of event '{}' must be a mapping", shown(member.key)),
               "write `order_placed: {total: double}`, or `joined: {}` where there are none");
}

}  // namespace

Schema read_schema(const Fields& workspace, Report& report) {
  Schema schema;
  const Node* const node = workspace.node("schema");
  if (node == nullptr) return schema;
  const Fields fields(*node, schema_table, report);
  if (const Node* attributes = fields.node("attributes")) {
    schema.attributes = read_fields(*attributes, report);
  }
  if (const Node* events = fields.node("events")) {
    for (const Member& member : events->members) read_event(member, schema, report);
  }
  return schema;
}

Retain read_retain(const Fields& workspace, Report& report) {
  Retain retain;
  const Node* const node = workspace.node("retain");
  if (node == nullptr) return retain;
  const Fields fields(*node, retain_table, report);
  if (const Node* events = fields.node("events")) {
    for (const Member& member : events->members) {
      const auto window_ms = read_elapsed(member.value, report);
      if (window_ms) {
        retain.events.push_back({member.key, *window_ms, report.place(member.key_at)});
      }
    }
  }
  retain.attributes = fields.names("attributes");
  return retain;
}

}  // namespace itinera::yaml
