// SPDX-License-Identifier: Apache-2.0
// Where the steps of a campaign stand, as the judge counts them, and who is on the way there.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "itinera/campaign.hpp"
#include "record/kinds.hpp"

namespace itinera::property {

// All steps in document order: a step before those nested in it.
inline void lay_out(const Steps& steps, std::vector<const Step*>& all) {
  for (const Step& step : steps) {
    all.push_back(&step);
    if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
      for (const WaitCase& each : wait->cases) lay_out(each.steps, all);
      lay_out(wait->then, all);
      lay_out(wait->otherwise, all);
    } else if (const auto* branch = std::get_if<Branch>(&step.kind)) {
      for (const BranchCase& each : branch->cases) lay_out(each.steps, all);
      lay_out(branch->otherwise, all);
    } else if (const auto* split = std::get_if<Split>(&step.kind)) {
      for (const Variant& each : split->variants) lay_out(each.steps, all);
    } else if (const auto* parallel = std::get_if<Parallel>(&step.kind)) {
      for (const Strand& each : parallel->strands) lay_out(each.steps, all);
    } else if (const auto* call = std::get_if<Call>(&step.kind)) {
      lay_out(call->answer.then, all);
      lay_out(call->answer.otherwise, all);
    } else if (const auto* task = std::get_if<Task>(&step.kind)) {
      lay_out(task->answer.then, all);
      lay_out(task->answer.otherwise, all);
    }
  }
}

struct Version {
  Campaign campaign;
  std::vector<const Step*> steps;
};

struct Run {
  std::uint32_t contact = 0;
  std::uint16_t version = 0;
  std::uint32_t whole = 0;
  std::uint32_t head = record::no_place;  // of a strand
};

}  // namespace itinera::property
