// SPDX-License-Identifier: Apache-2.0
#include "model/scope.hpp"

#include <algorithm>
#include <string_view>

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
  if (scope == Scope::entry || scope == Scope::receiving) {
    result.variables.push_back(record("event"));
  }
  if (scope == Scope::step || scope == Scope::receiving) {
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
