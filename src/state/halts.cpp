// SPDX-License-Identifier: Apache-2.0
// Campaigns are paused and go on, and what brakes count.
#include "state/halts.hpp"

#include <algorithm>

#include "state/apply.hpp"

namespace itinera::engine {
namespace {

constexpr std::uint32_t bit_of(Receipt receipt) { return 1u << static_cast<unsigned>(receipt); }
constexpr std::uint32_t bad_outcomes = bit_of(Receipt::failed) | bit_of(Receipt::bounced);
constexpr std::uint32_t good_outcomes =
    bit_of(Receipt::sent) | bit_of(Receipt::delivered) | bit_of(Receipt::completed);

bool waits(const Journey& journey) {
  return journey.phase == Phase::waiting || journey.phase == Phase::awaiting;
}

void put_on_ice(State& state, std::uint32_t place, Instant due) {
  state.halts.frozen.insert_or_assign(place, FrozenDue{due, state.now});
  state.journeys[place].due = record::no_deadline;
}

// One that is paused already stays as it is.
void pause(State& state, std::uint16_t family, const Halt& halt) {
  if (!state.halts.paused.emplace(family, halt).second || halt.mode != PauseMode::freeze) return;
  for (std::uint32_t place = 0; place < state.journeys.size(); ++place) {
    const Journey& j = state.journeys[place];
    if (!waits(j) || j.due == record::no_deadline || state.plan_of(j).family != family) continue;
    put_on_ice(state, place, j.due);
  }
}

std::uint16_t family_of(const State& state, std::string_view campaign) {
  const Family* const family = state.plans.family(campaign);
  return static_cast<std::uint16_t>(family - state.plans.families.data());
}

}  // namespace

bool freeze(State& state, std::uint32_t place, Instant due) {
  const Journey& j = state.journeys[place];
  const Halt* const halt = state.halt_of(j);
  if (halt == nullptr || halt->mode != PauseMode::freeze || !waits(j)) return false;
  put_on_ice(state, place, due);
  return true;
}

void forget_halt(State& state, std::uint32_t place) {
  if (!state.halts.frozen.empty()) state.halts.frozen.erase(place);
  if (!state.halts.stopped.empty()) state.halts.stopped.erase(place);
}

void note_outcome(State& state, std::uint16_t version, NodeIndex node, const Hash128& action,
                  std::uint8_t receipt, std::uint32_t before) {
  const std::optional<Brake>& brake = state.plans.versions[version]->campaign.brake;
  if (!brake) return;
  const std::uint32_t said = 1u << receipt;
  const bool failed = (said & bad_outcomes) != 0;
  if (!failed && (said & good_outcomes) == 0) return;
  std::deque<Outcome>& newest = state.halts.outcomes[{version, node}];
  const auto known = std::find_if(newest.begin(), newest.end(),
                                  [&](const Outcome& each) { return each.action == action.high; });
  if (known != newest.end()) {
    known->failed = known->failed || failed;
    return;
  }
  // One that newer outcomes have driven out, or a resumption, is news only where it fails now.
  if ((before & (failed ? bad_outcomes : bad_outcomes | good_outcomes)) != 0) return;
  newest.push_back({action.high, failed});
  while (newest.size() > std::clamp(brake->of, 1u, Brake::of_max)) newest.pop_front();
}

void apply(State& state, const record::PauseInput& input) {
  ++state.statistics.inputs;
  pause(state, family_of(state, input.campaign),
        {state.now, static_cast<PauseMode>(input.mode), input.entries != 0});
}

// What stood still is told record by record where it goes on.
void apply(State& state, const record::ResumeInput& input) {
  ++state.statistics.inputs;
  const std::uint16_t family = family_of(state, input.campaign);
  Halts& halts = state.halts;
  halts.paused.erase(family);
  const auto is_meant = [&](const auto& each) {
    const Journey& j = state.journeys[each.first];
    return j.phase == Phase::gone || state.plan_of(j).family == family;
  };
  std::erase_if(halts.stopped, is_meant);
  std::erase_if(halts.frozen, is_meant);
  std::erase_if(halts.outcomes, [&](const auto& each) {
    return state.plans.versions[each.first.first]->family == family;
  });
}

void apply(State& state, const record::Stalled& r) {
  Journey& journey = state.journeys[r.journey];
  journey.node = r.node;
  journey.due = record::no_deadline;
  set_phase(state, journey, Phase::stalled);
  state.halts.stopped.insert_or_assign(r.journey, r.fell_due != 0);
}

void apply(State& state, const record::Unstalled& r) {
  set_phase(state, state.journeys[r.journey], Phase::moving);
}

void apply(State& state, const record::Braked& r) {
  pause(state, state.plans.versions[r.version]->family, {state.now, PauseMode::queue, false});
}

}  // namespace itinera::engine
