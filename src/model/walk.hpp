// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "itinera/campaign.hpp"

namespace itinera::model {

// Lists of steps nested deeper than this are refused, by check() and by decode().
inline constexpr std::uint32_t nesting_max = 64;
// Cases of one `wait_for` or `branch`, variants of one `split`.
inline constexpr std::size_t cases_max = 1'000;
inline constexpr std::int64_t ramp_per_max_ms = 366LL * 86'400'000;
// Of one workspace.
inline constexpr std::size_t workspace_channels_max = 1'000;
inline constexpr std::size_t workspace_senders_max = 1'000;

// How a step of that kind awaits an answer to what it asks; nullptr where it asks nothing.
template <class AnyStep>
auto* answer_of(AnyStep& step) {
  auto* call = std::get_if<Call>(&step.kind);
  if (call != nullptr) return &call->answer;
  auto* task = std::get_if<Task>(&step.kind);
  return task != nullptr ? &task->answer : nullptr;
}

// The channels that a send may go by, in the order written.
inline std::vector<std::string_view> channels_of(const Send& send) {
  std::vector<std::string_view> channels{send.channel};
  channels.insert(channels.end(), send.alternatives.begin(), send.alternatives.end());
  return channels;
}

// The ways that a send may take in place of going on, with the keys of files, in the order of
// Node::targets.
inline std::array<std::pair<std::string_view, const Way*>, 3> ways_of(const Send& send) {
  return {{{"on_skip", &send.on_skip}, {"on_expire", &send.on_expire}, {"on_fail", &send.on_fail}}};
}

// The steps that a step of that kind names as where the journey goes on, and the keys that do.
struct Jump {
  std::string_view key;
  const std::string* step = nullptr;
};
inline std::vector<Jump> jumps_of(const Step& step) {
  std::vector<Jump> jumps;
  if (const auto* jump = std::get_if<Goto>(&step.kind)) jumps.push_back({"goto", &jump->step});
  if (const auto* send = std::get_if<Send>(&step.kind)) {
    for (const auto& [key, way] : ways_of(*send)) {
      if (way->kind == Way::Kind::go_to) jumps.push_back({key, &way->step});
    }
  }
  return jumps;
}

// Whether some contacts are in none of its variants, and go on behind it.
inline bool leaves_some_out(const Split& split) {
  return split.space.has_value() || split.coverage < 10'000;
}

// Whether a step of that kind emits an action for the host.
inline bool emits(const Step& step) {
  return std::holds_alternative<Send>(step.kind) || std::holds_alternative<Set>(step.kind) ||
         std::holds_alternative<ChangeAudience>(step.kind) ||
         std::holds_alternative<ChangeConsent>(step.kind) || answer_of(step) != nullptr;
}

// Calls `visit(list)` for each list of steps nested directly in `step`, in document order: cases
// or variants as written, then `then`, then `otherwise`. Works for const and mutable steps.
template <class AnyStep, class Visit>
void for_each_list(AnyStep& step, Visit visit) {
  if (auto* wait = std::get_if<WaitFor>(&step.kind)) {
    for (auto& wait_case : wait->cases) visit(wait_case.steps);
    visit(wait->then);
    visit(wait->otherwise);
  } else if (auto* branch = std::get_if<Branch>(&step.kind)) {
    for (auto& branch_case : branch->cases) visit(branch_case.steps);
    visit(branch->otherwise);
  } else if (auto* split = std::get_if<Split>(&step.kind)) {
    for (auto& variant : split->variants) visit(variant.steps);
  } else if (auto* parallel = std::get_if<Parallel>(&step.kind)) {
    for (auto& strand : parallel->strands) visit(strand.steps);
  } else if (auto* answer = answer_of(step)) {
    visit(answer->then);
    visit(answer->otherwise);
  }
}

// Calls `visit(step)` for every step of `steps` and those nested in them, in document order: a
// step before the steps nested in it. As deep as the steps nest.
template <class AnySteps, class Visit>
void for_each_step(AnySteps& steps, Visit visit) {
  for (auto& step : steps) {
    visit(step);
    for_each_list(step, [&](auto& list) { for_each_step(list, visit); });
  }
}

// Calls `visit(trigger)` for all that goals, exits and waits of `campaign` listen to.
template <class Visit>
void for_each_trigger(const Campaign& campaign, Visit visit) {
  for (const Goal& goal : campaign.goals) {
    if (goal.trigger) visit(*goal.trigger);
  }
  for (const ExitRule& exit : campaign.exits) visit(exit.trigger);
  for_each_step(campaign.steps, [&](const Step& step) {
    if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
      for (const WaitCase& wait_case : wait->cases) visit(wait_case.trigger);
      if (wait->reset_on) visit(*wait->reset_on);
    }
  });
}

// Whether lists of steps, empty ones too, nest beyond `levels`, `steps` being the first.
inline bool nested_deeper_than(const Steps& steps, std::uint32_t levels) {
  if (levels == 0) return true;
  bool deeper = false;
  for (const Step& step : steps) {
    for_each_list(
        step, [&](const Steps& list) { deeper = deeper || nested_deeper_than(list, levels - 1); });
  }
  return deeper;
}

}  // namespace itinera::model
