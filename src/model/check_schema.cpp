// SPDX-License-Identifier: Apache-2.0
// What a workspace says of its data, and what it keeps of them.
#include <fmt/format.h>

#include <set>

#include "model/checks.hpp"
#include "model/schema.hpp"

namespace itinera::model {
namespace {

class SchemaCheck {
 public:
  SchemaCheck(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
              Findings& findings)
      : workspace_(workspace), gaps_(gaps), limits_(limits), findings_(findings) {}

  void check_schema() {
    const Schema& schema = workspace_.schema;
    if (schema.attributes) {
      check_fields("attribute", *schema.attributes);
      for (const SchemaField& field : *schema.attributes) check_given(field);
    }
    std::set<std::string_view> names;
    for (const EventSchema& event : schema.events) {
      if (!findings_.name(event.at, "event", event.name, limits_.id_bytes)) continue;
      once(names, event.at, "event", event.name);
      check_fields("property", event.properties);
    }
  }

  void check_retain() {
    std::set<std::string_view> events;
    for (const Retain::Event& event : workspace_.retain.events) {
      if (!findings_.name(event.at, "event", event.name, limits_.id_bytes)) continue;
      once(events, event.at, "event", event.name);
      if (event.window_ms > 0) continue;
      findings_.error(ErrorCode::bad_value, event.at,
                      fmt::format("event '{}' is kept for no time", event.name),
                      "write how far back it is kept, such as 365d, or leave it out");
    }
    const SourceLocation at = place_of(workspace_.words, "retain", workspace_.at);
    std::set<std::string_view> attributes;
    for (const std::string& attribute : workspace_.retain.attributes) {
      if (!findings_.name(at, "attribute", attribute, limits_.id_bytes)) continue;
      once(attributes, at, "attribute", attribute);
      const auto& known = workspace_.schema.attributes;
      if (gaps_.schema || !known || is_given(attribute)) continue;
      if (find_field(*known, attribute) == nullptr) {
        findings_.unknown_name(at, "attribute", attribute, names_of(*known));
      }
    }
  }

 private:
  void check_fields(std::string_view kind, const std::vector<SchemaField>& fields) {
    if (fields.size() > limits_.properties) {
      findings_.error(ErrorCode::too_large, fields[limits_.properties].at,
                      fmt::format("{} of one list in the schema, more than {}", fields.size(),
                                  limits_.properties),
                      "leave out what no condition asks for, or raise Limits::properties");
      return;
    }
    std::set<std::string_view> names;
    for (const SchemaField& field : fields) {
      if (findings_.name(field.at, kind, field.name, limits_.id_bytes)) {
        once(names, field.at, kind, field.name);
      }
    }
  }

  // `id` and `zone` are texts, and always there.
  void check_given(const SchemaField& field) {
    if (!is_given(field.name)) return;
    if (field.type.kind == FieldType::Kind::string && !field.may_be_absent) return;
    findings_.error(ErrorCode::bad_value, field.at,
                    fmt::format("`{}` is a string that every contact has", field.name),
                    "leave it out");
  }

  void once(std::set<std::string_view>& names, const SourceLocation& at, std::string_view kind,
            std::string_view name) {
    if (names.insert(name).second) return;
    findings_.error(ErrorCode::duplicate_name, at,
                    fmt::format("{} '{}' is there twice", kind, name), "keep one of them");
  }

  const Workspace& workspace_;
  const WorkspaceGaps& gaps_;
  const Limits& limits_;
  Findings& findings_;
};

}  // namespace

void check_schema(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
                  Findings& findings) {
  SchemaCheck check(workspace, gaps, limits, findings);
  check.check_schema();
  check.check_retain();
}

}  // namespace itinera::model
