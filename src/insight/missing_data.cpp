// SPDX-License-Identifier: Apache-2.0
#include "insight/missing_data.hpp"

#include <algorithm>
#include <variant>

#include "base/packed_value.hpp"

namespace itinera::insight {
namespace {

constexpr std::string_view variable_prefix = "journey.";
constexpr std::size_t data_max = 256;  // of a step; with more of them none is named

std::span<const Datum> data_of(const Step& step) {
  if (const auto* send = std::get_if<Send>(&step.kind)) return send->data;
  if (const auto* set = std::get_if<Set>(&step.kind)) return set->values;
  if (const auto* call = std::get_if<Call>(&step.kind)) return call->data;
  if (const auto* task = std::get_if<Task>(&step.kind)) return task->data;
  return {};
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void MissingData::begin_frame() {
  cut();
  variables_.clear();
  set_before_ = 0;
  goal_noted_ = SIZE_MAX;
}

void MissingData::note(std::uint32_t journey, std::uint16_t node, const Step& step) {
  if (journey != journey_ || node != node_) end_step();
  journey_ = journey;
  node_ = node;
  data_ = data_of(step);
  complete_ = std::holds_alternative<Set>(step.kind);
  noted_.push_back(happenings_.size() - 1);
  set_before_ = variables_.size();
}

void MissingData::variable_set(std::uint32_t journey, std::string_view name) {
  if (journey != set_by_) {
    end_step();
    variables_.clear();
    set_before_ = 0;
  }
  set_by_ = journey;
  variables_.push_back(name);
}

bool MissingData::emitted(std::uint32_t journey, std::uint16_t node, base::ByteView data) {
  if (!noted_.empty() && journey == journey_ && node == node_) {
    base::Reader in(data);
    while (in.ok() && !in.at_end()) {
      attributes_.push_back(in.text());
      base::skip_packed(in);
    }
    if (!in.ok()) return false;
    complete_ = true;
  }
  end_step();
  variables_.clear();
  set_before_ = 0;
  return true;
}

bool MissingData::has_value(const Datum& datum) const {
  const std::string_view name = datum.name;
  if (!name.starts_with(variable_prefix)) return contains(attributes_, name);
  return set_by_ == journey_ && contains(variables_, name.substr(variable_prefix.size()));
}

// Variables of the step before may be taken for the step's own. Then fewer are missing than were
// noted, and no name is given; a wrong one never is.
void MissingData::end_step() {
  if (complete_ && !noted_.empty() && data_.size() <= data_max) {
    std::vector<std::string_view> missing;
    for (const Datum& datum : data_) {
      if (!has_value(datum)) missing.push_back(datum.name);
    }
    for (std::size_t i = 0; missing.size() == noted_.size() && i < missing.size(); ++i) {
      happenings_[noted_[i]].name = missing[i];
    }
  }
  cut();
}

// What was set behind the newest note may be the next step's; what was set before it is not.
void MissingData::cut() {
  noted_.clear();
  attributes_.clear();
  complete_ = false;
  journey_ = Happening::no_journey;
  node_ = Happening::no_node;
  variables_.erase(variables_.begin(),
                   variables_.begin() + static_cast<std::ptrdiff_t>(set_before_));
  set_before_ = 0;
}

void MissingData::converted(std::string_view goal) {
  if (goal_noted_ < happenings_.size()) happenings_[goal_noted_].goal = goal;
  goal_noted_ = SIZE_MAX;
}

}  // namespace itinera::insight
