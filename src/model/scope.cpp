// SPDX-License-Identifier: Apache-2.0
#include "model/scope.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "model/data_schema.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

constexpr std::string_view journey_prefix = "journey.";

expr::Variable variable(std::string_view name, expr::Type::Kind type) {
  expr::Variable result;
  result.name = name;
  result.type.kind = type;
  return result;
}

expr::Variable record(std::string_view name, std::vector<std::string> fields = {}) {
  expr::Variable result = variable(name, expr::Type::Kind::dyn);
  result.record = true;
  result.fields = std::move(fields);
  return result;
}

}  // namespace

namespace {

bool too_many(const Schema& schema, const Limits& limits) {
  const auto is_long = [&](const std::vector<SchemaField>& fields) {
    return fields.size() > limits.properties;
  };
  return (schema.attributes && is_long(*schema.attributes)) ||
         std::any_of(schema.events.begin(), schema.events.end(),
                     [&](const EventSchema& event) { return is_long(event.properties); });
}

// The fields of a record by name, each once; where they have several types, dyn.
class FieldsByName {
 public:
  void add(std::string name, expr::Type type) {
    const auto [at, is_new] = fields_.try_emplace(std::move(name), type);
    if (!is_new && at->second != type) at->second = {};
  }
  void add(const std::vector<SchemaField>& fields) {
    for (const SchemaField& field : fields) add(field.name, type_of(field.type));
  }
  // A record without any is taken away: an empty list would be one of any fields.
  void give_to(expr::Declarations& declared, std::string_view record) const {
    const auto is_it = [&](const expr::Variable& each) { return each.name == record; };
    const auto variable = std::find_if(declared.variables.begin(), declared.variables.end(), is_it);
    if (variable == declared.variables.end()) return;
    if (fields_.empty()) {
      declared.variables.erase(variable);
      return;
    }
    variable->fields.clear();
    variable->field_types.clear();
    for (const auto& [name, type] : fields_) {
      variable->fields.push_back(name);
      variable->field_types.push_back(type);
    }
  }

 private:
  std::map<std::string, expr::Type> fields_;
};

}  // namespace

Vocabulary::Vocabulary(const Workspace& workspace, const WorkspaceGaps& gaps,
                       const Limits& limits) {
  if (!gaps.segments && workspace.segments.size() <= limits.segments) {
    segments = &workspace.segments;
  }
  if (!gaps.channels) channels = &workspace.channels;
  if (!gaps.schema && !too_many(workspace.schema, limits)) schema = &workspace.schema;
}

void Vocabulary::narrow(expr::Declarations& declared, const Campaign& campaign) const {
  if (segments != nullptr && declared.segments) {
    declared.segment_names.clear();
    for (const Segment& segment : *segments) declared.segment_names.push_back(segment.name);
  }
  if (channels != nullptr && declared.channels) {
    declared.channel_names.clear();
    for (const Channel& channel : *channels) declared.channel_names.push_back(channel.name);
  }
  if (schema == nullptr) return;
  if (schema->attributes) {
    FieldsByName attributes;
    attributes.add("id", type_of({FieldType::Kind::string}));
    attributes.add("zone", type_of({FieldType::Kind::string}));
    attributes.add(std::string(last_channel), type_of({FieldType::Kind::string}));
    attributes.add(*schema->attributes);
    attributes.give_to(declared, "contact");
  }
  FieldsByName properties;
  bool any_event = false;
  for (const Entry& entry : campaign.entries) {
    const bool by_call = entry.kind == Entry::Kind::host;
    const EventSchema* const event =
        entry.kind == Entry::Kind::event ? find_event(*schema, entry.event) : nullptr;
    if (by_call || (entry.kind == Entry::Kind::event && event == nullptr)) return;
    if (event != nullptr) properties.add(event->properties);
    any_event = any_event || event != nullptr;
  }
  if (any_event) properties.give_to(declared, "entry");
}

void Vocabulary::narrow_event(expr::Declarations& declared, std::string_view event) const {
  const EventSchema* const listed = schema == nullptr ? nullptr : find_event(*schema, event);
  if (listed == nullptr) return;
  FieldsByName properties;
  properties.add(listed->properties);
  properties.give_to(declared, "event");
}

std::vector<std::string> journey_variables(const Campaign& campaign) {
  std::vector<std::string> names;
  for_each_step(campaign.steps, [&](const Step& step) {
    if (const auto* set = std::get_if<Set>(&step.kind)) {
      for (const Datum& datum : set->values) {
        if (datum.name.starts_with(journey_prefix)) {
          names.push_back(datum.name.substr(journey_prefix.size()));
        }
      }
    } else if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
      for (const WaitCase& wait_case : wait->cases) {
        if (!wait_case.as.empty()) names.push_back(wait_case.as);
      }
    } else if (const auto* answer = answer_of(step)) {
      if (!answer->as.empty()) names.push_back(answer->as);
    } else if (const auto* digest = std::get_if<Digest>(&step.kind)) {
      if (!digest->as.empty()) names.push_back(digest->as);
    }
  });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

expr::Declarations declarations(const Campaign& campaign, Scope scope, bool variables_known) {
  expr::Declarations result;
  result.variables.push_back(record("contact"));
  result.variables.push_back(variable("now", expr::Type::Kind::timestamp));
  result.history = scope != Scope::address;
  result.segments = result.history;
  result.channels = result.history;
  if (scope == Scope::entry || scope == Scope::receiving) {
    result.variables.push_back(record("event"));
  }
  if (scope == Scope::step || scope == Scope::receiving) {
    result.outcomes = true;
    result.variables.push_back(record("entry"));
    if (!variables_known) {
      result.variables.push_back(record("journey"));
      return result;
    }
    expr::Variable journey = record("journey", journey_variables(campaign));
    const auto at = std::lower_bound(journey.fields.begin(), journey.fields.end(), "key");
    const auto key = static_cast<std::size_t>(at - journey.fields.begin());
    if (at == journey.fields.end() || *at != "key") journey.fields.insert(at, "key");
    journey.field_types.resize(journey.fields.size());
    journey.field_types[key].kind = expr::Type::Kind::text;
    result.variables.push_back(std::move(journey));
  }
  return result;
}

}  // namespace itinera::model
