// SPDX-License-Identifier: Apache-2.0
#include "property/random_migration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "itinera/campaign_check.hpp"
#include "itinera/time.hpp"
#include "model/walk.hpp"

namespace itinera::property {
namespace {

// The later version is the earlier one with a step more, waits that say something else, and perhaps
// a step less.
Campaign with_edits(Choices& choices, const Campaign& earlier) {
  Campaign later = earlier;
  later.version = earlier.version + 1;
  model::for_each_step(later.steps, [&](Step& step) {
    auto* const wait = std::get_if<Wait>(&step.kind);
    auto* const wait_for = std::get_if<WaitFor>(&step.kind);
    if (wait != nullptr && choices.chance(1, 2)) wait->form = Wait::For{{0, 1, hour_ms}};
    if (wait_for != nullptr && wait_for->within_ms && choices.chance(1, 2)) {
      wait_for->within_ms = 5 * hour_ms;
    }
  });
  Step extra;
  extra.id = later.version == 2 ? "extra" : fmt::format("extra{}", later.version);
  extra.kind = Wait{Wait::For{{0, 0, 3 * hour_ms}}};
  const std::uint32_t at = choices.below(static_cast<std::uint32_t>(later.steps.size() + 1));
  later.steps.insert(later.steps.begin() + at, std::move(extra));
  return later;
}

// Without its first step, where nothing speaks of that.
void lose_a_step(const Workspace& workspace, Campaign& campaign) {
  Campaign shorter = campaign;
  shorter.steps.erase(shorter.steps.begin());
  const std::vector<Diagnostic> found = check(workspace, {&shorter, 1});
  const bool is_sound = std::none_of(found.begin(), found.end(), [](const Diagnostic& each) {
    return each.severity == Severity::error;
  });
  if (is_sound) campaign = std::move(shorter);
}

std::vector<std::string> step_ids(const Campaign& campaign) {
  std::vector<std::string> ids;
  model::for_each_step(campaign.steps, [&](const Step& step) { ids.push_back(step.id); });
  return ids;
}

}  // namespace

Campaign edited(Choices& choices, const Workspace& workspace, const Campaign& earlier) {
  Campaign later = with_edits(choices, earlier);
  if (choices.chance(1, 2)) lose_a_step(workspace, later);
  return later;
}

Migration random_migration(Choices& choices, const Campaign& from, const Campaign& to) {
  static constexpr WaitChange waits[] = {WaitChange::keep, WaitChange::recompute,
                                         WaitChange::release};
  static constexpr Migration::Rest rests[] = {Migration::Rest::exit, Migration::Rest::pin,
                                              Migration::Rest::refuse};
  Migration made{from.name, choices.one_of(waits), {}, choices.one_of(rests)};
  const std::vector<std::string> targets = step_ids(to);
  for (const std::string& step : step_ids(from)) {
    if (!choices.chance(1, 3)) continue;
    using Kind = StepAnswer::Kind;
    const Kind kind = choices.chance(1, 5)   ? Kind::exit
                      : choices.chance(1, 5) ? Kind::pin
                                             : Kind::to;
    made.steps.push_back({step, kind, kind == Kind::to ? choices.one_of(std::span(targets)) : ""});
  }
  return made;
}

}  // namespace itinera::property
