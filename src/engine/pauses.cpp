// SPDX-License-Identifier: Apache-2.0
// Campaigns that are paused, by the host or by their own brake, and what goes on when they do
// (S31).
#include <algorithm>

#include "calendar/business_days.hpp"
#include "calendar/civil.hpp"
#include "engine/process.hpp"
#include "engine/wait_targets.hpp"
#include "state/attempts.hpp"

namespace itinera::engine {

using record::Decision;
using record::Reason;

void Process::take(const Pause& pause, const Taken& taken) {
  record::PauseInput input;
  input.campaign = pause.campaign;
  input.mode = static_cast<std::uint8_t>(pause.mode);
  input.entries = pause.entries ? 1 : 0;
  begin(input, taken);
}

void Process::take(const Resume& resume, const Taken& taken) {
  const Family* const family = state_.plans.family(resume.campaign);
  const auto number = static_cast<std::uint16_t>(family - state_.plans.families.data());
  const auto halt = state_.halts.paused.find(number);
  std::vector<Standing> standing;
  const PauseMode mode = halt == state_.halts.paused.end() ? PauseMode::queue : halt->second.mode;
  if (halt != state_.halts.paused.end()) standing = standing_in(number);
  record::ResumeInput input;
  input.campaign = resume.campaign;
  begin(input, taken);
  for (const Standing& each : standing) {
    if (listener(each.at.journey) == each.at) go_on(each, mode);
  }
  settle();
}

// All that stands still because of a pause, in S0's order.
std::vector<Standing> Process::standing_in(std::uint16_t family) const {
  std::vector<Standing> all;
  const auto stands = [&](std::uint32_t place, auto is_it) {
    const Journey& j = state_.journeys[place];
    return j.phase != Phase::gone && state_.plan_of(j).family == family && is_it(j);
  };
  for (const auto& [place, fell_due] : state_.halts.stopped) {
    const bool still = stands(place, [](const Journey& j) {
      return j.phase == Phase::stalled ||
             (j.phase == Phase::held && j.held_for == Journey::HeldFor::resume);
    });
    if (still) all.push_back({listener(place), fell_due, {}});
  }
  for (const auto& [place, frozen] : state_.halts.frozen) {
    const bool still = stands(place, [](const Journey& j) {
      return (j.phase == Phase::waiting || j.phase == Phase::awaiting) &&
             j.due == record::no_deadline;
    });
    if (still) all.push_back({listener(place), false, frozen});
  }
  std::sort(all.begin(), all.end(), [this](const Standing& a, const Standing& b) {
    return send_before(state_, state_.ready_key(a.at.journey), state_.ready_key(b.at.journey));
  });
  return all;
}

void Process::go_on(const Standing& standing, PauseMode mode) {
  const std::uint32_t journey = standing.at.journey;
  const Journey& j = state_.journeys[journey];
  const NodeIndex at = j.node;
  if (standing.frozen) return thaw(journey, *standing.frozen, mode);
  if (j.phase == Phase::held) return commit(record::Ready{journey, at});
  commit(record::Unstalled{journey});
  if (mode != PauseMode::drop || !standing.fell_due) return walk(journey, at);
  commit(record::Skipped{journey, at, Decision::skipped_when, Reason::paused});
  walk(journey, state_.plan_of(j).nodes[at].next);
}

// A deadline that has stood still comes again.
void Process::thaw(std::uint32_t journey, const FrozenDue& frozen, PauseMode mode) {
  const Journey& j = state_.journeys[journey];
  const NodePlan& node = state_.plan_of(j).nodes[j.node];
  facts_.about(j.contact, journey);
  Instant due = frozen.due;
  std::uint8_t zone_from = 0;
  if (j.of_wall_time) {
    zone_from =
        static_cast<std::uint8_t>(facts_.zone_for(node.zone).from | record::Waited::of_wall_time);
  }
  const bool before_send = node.send && j.phase == Phase::waiting;
  const auto* const wait = std::get_if<Wait>(&node.step->kind);
  // What was over when it was frozen, or was released since, is due now.
  const bool stood_still = mode == PauseMode::freeze && frozen.due > frozen.from;
  if (stood_still && before_send) {
    const ZoneIndex zone = facts_.zone_for({}).zone;
    keep_rules(zone);
    due = calendar::next_local_time(*state_.zones, zone, state_.now, *node.send->at_ms, {}, true)
              .value_or(due);
  } else if (stood_still && wait != nullptr && recurs(*wait)) {
    const WaitOutcome outcome = outcome_of(journey, node, j.node);
    if (outcome.exits) return end(journey, Decision::exited, outcome.reason);
    due = outcome.due;
    zone_from = outcome.zone_from;
  } else if (stood_still && node.follows) {
    const WaitOutcome outcome = outcome_of(journey, node, j.node);
    const bool same = outcome.due == due && outcome.reason != Reason::missing_date;
    if (!same) return wait_for_date(journey, outcome, Decision::resumed);
  } else if (stood_still && (wait == nullptr || is_length(*wait))) {
    due = state_.after(frozen.due - frozen.from);
  } else if (stood_still && std::holds_alternative<Wait::BusinessDays>(wait->form)) {
    const ZoneIndex zone = facts_.zone_for(node.zone).zone;
    keep_rules(zone);
    due = after_working(*wait, zone, frozen);
  }
  due = std::clamp(due, state_.now, latest_instant);
  // Behind another attempt stands the deadline of the answer, which is later by as much.
  const Attempt attempt =
      node.retry != nullptr ? attempt_at(context_of(journey), j.node) : Attempt{};
  const bool moves = attempt.pending && attempt.deadline != record::no_deadline;
  if (mode == PauseMode::freeze && moves) {
    const Instant deadline = state_.after(attempt.deadline - frozen.from);
    return commit(record::Retried{journey, j.node, attempt.number, due, deadline});
  }
  commit(record::Rearmed{journey, j.node, Decision::resumed, zone_from, due});
}

// As many working dates from now as were left when the wait was frozen, at its time on the wall.
Instant Process::after_working(const Wait& wait, ZoneIndex zone, const FrozenDue& frozen) const {
  const auto& form = std::get<Wait::BusinessDays>(wait.form);
  const calendar::WorkingDays working{form.days, state_.plans.holidays};
  const ZoneTable& zones = *state_.zones;
  const calendar::LocalTime due = calendar::to_local(zones, zone, frozen.due);
  const calendar::Date frozen_on = calendar::to_local(zones, zone, frozen.from).date;
  const calendar::Date today = calendar::to_local(zones, zone, state_.now).date;
  std::int32_t left = 0;
  for (calendar::Date date = frozen_on; date < due.date;) {
    if (working.contains(date = {date.days + 1})) ++left;
  }
  const auto on = [&](std::int32_t days) {
    const auto date = calendar::add_business_days(today, days, working);
    return date ? calendar::to_instant(zones, zone, {*date, due.ms_of_day}) : frozen.due;
  };
  const Instant first = on(left);
  return first < state_.now ? on(left + 1) : first;
}

// Whether a journey on its way to `at` stands still there. `fell_due`: behind a wait whose time
// came.
bool Process::stalls(std::uint32_t journey, NodeIndex at, bool fell_due) {
  if (state_.halt_of(state_.journeys[journey]) == nullptr) return false;
  commit(record::Stalled{journey, at, static_cast<std::uint8_t>(fell_due ? 1 : 0)});
  return true;
}

// The message stays before its gates until the campaign goes on, or it has gone stale.
void Process::await_resume(std::uint32_t journey, NodeIndex at) {
  const Instant stale = stale_after(journey, at);
  if (state_.now >= stale) return skip_send(journey, at, Decision::expired, Reason::paused);
  commit(record::Held{journey, at, Decision::held_paused, stale});
}

// Whether too many of a step's newest outcomes have failed, now that one more is known.
void Process::brake(std::uint16_t version, NodeIndex node) {
  const CampaignPlan& plan = *state_.plans.versions[version];
  const std::optional<Brake>& brake = plan.campaign.brake;
  if (!brake || state_.halts.paused.contains(plan.family)) return;
  const auto newest = state_.halts.outcomes.find({version, node});
  if (newest == state_.halts.outcomes.end()) return;
  constexpr std::uint64_t all = 10'000;
  const auto failed = static_cast<std::uint32_t>(
      std::count_if(newest->second.begin(), newest->second.end(),
                    [](const Outcome& outcome) { return outcome.failed; }));
  if (failed * all <= std::uint64_t{brake->failed} * brake->of) return;
  commit(record::Braked{version, node, failed, static_cast<std::uint32_t>(newest->second.size())});
}

}  // namespace itinera::engine
