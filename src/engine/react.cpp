// SPDX-License-Identifier: Apache-2.0
// What an input means to the journeys of its contact: goals, exits, waits (S33, S28, S29).
#include <algorithm>

#include "base/packed_value.hpp"
#include "engine/process.hpp"
#include "state/attempts.hpp"

namespace itinera::engine {

using record::Decision;
using record::Reason;

namespace {

// Whether the time for a call's answer has run out while its next attempt stands still. A pause
// that freezes makes that time longer; by any other it goes on.
bool is_late_in_pause(const State& state, std::uint32_t journey) {
  const Journey& j = state.journeys[journey];
  const Halt* const halt = state.halt_of(j);
  if (halt == nullptr || halt->mode == PauseMode::freeze) return false;
  const base::ByteView context = state.blobs.view(state.journeys[state.whole(journey)].context);
  const Attempt attempt = attempt_at(context, j.node);
  return attempt.pending && state.now >= attempt.deadline;
}

}  // namespace

void Process::react(std::uint32_t contact, const Stimulus& stimulus, std::uint32_t but) {
  touch(contact);
  if (state_.absent != 0) meet(contact);
  std::uint32_t first = state_.contacts[contact].journeys;
  if (first == no_place) return;
  // The list changes while journeys end; each is looked at once, in S33's order.
  std::vector<Listener>& journeys = reacting_;
  journeys.clear();
  for (; first != no_place; first = state_.journeys[first].next) {
    const bool hears = stimulus.kind != Stimulus::Kind::profile ||
                       state_.plan_of(state_.journeys[first]).hears_any_condition;
    if (hears && state_.whole(first) != but) journeys.push_back(listener(first));
  }
  for (const Listener& each : journeys) {
    const std::uint32_t journey = each.journey;
    const Journey& j = state_.journeys[journey];
    if (j.is_strand() || j.phase == Phase::gone) continue;
    hear_goals(journey, stimulus);
    hear_exits(journey, stimulus);
  }
  for (const Listener& each : journeys) {
    const std::uint32_t journey = each.journey;
    const Journey& j = state_.journeys[journey];
    if (listener(journey) != each) continue;
    if (j.phase == Phase::waiting && state_.plan_of(j).follows) {
      follow(journey);
    } else {
      hear_wait(journey, stimulus);
    }
  }
}

// A receipt is its journey's alone; each of its strands may wait for it.
void Process::hear_receipt(std::uint32_t journey, const Stimulus& stimulus) {
  const Journey& j = state_.journeys[journey];
  hear_goals(journey, stimulus);
  if (j.phase != Phase::gone) hear_exits(journey, stimulus);
  if (j.phase == Phase::gone) return;
  if (j.phase != Phase::forked) return hear_wait(journey, stimulus);
  reacting_.clear();
  for (std::uint32_t at = state_.next_strand(journey, journey); at != no_place;
       at = state_.next_strand(at, journey)) {
    reacting_.push_back(listener(at));
  }
  for (const Listener& strand : reacting_) {
    if (listener(strand.journey) == strand) hear_wait(strand.journey, stimulus);
  }
}

// What one of an account does or is reported of, goals and exits of the others may hear, in S0's
// order; of a receipt also those of its own journeys that it is not of.
void Process::tell_account(std::uint32_t contact, const Stimulus& stimulus, std::uint32_t but) {
  if (!state_.plans.hears_account) return;
  const bool by_event = stimulus.kind == Stimulus::Kind::event;
  Stimulus told = stimulus;
  told.teller = contact;
  for (const std::uint32_t each : state_.colleagues_of(contact)) {
    if (by_event && each == contact) continue;
    reacting_.clear();
    for (std::uint32_t at = state_.contacts[each].journeys; at != no_place;
         at = state_.journeys[at].next) {
      const bool hears = state_.plan_of(state_.journeys[at]).hears_account;
      if (hears && !state_.journeys[at].is_strand() && at != but) reacting_.push_back(listener(at));
    }
    if (!reacting_.empty()) touch(each);
    for (const Listener& journey : reacting_) {
      if (state_.journeys[journey.journey].phase == Phase::gone) continue;
      hear_goals(journey.journey, told);
      hear_exits(journey.journey, told);
    }
  }
}

void Process::hear_goals(std::uint32_t journey, const Stimulus& stimulus) {
  const CampaignPlan& plan = state_.plan_of(state_.journeys[journey]);
  for (std::size_t i = 0; i < plan.goals.size(); ++i) {
    const Journey& j = state_.journeys[journey];
    const GoalPlan& goal = plan.goals[i];
    const bool live = j.phase != Phase::open_goals;
    if (!goal.trigger || (j.goals >> i & 1) != 0) continue;
    if (goal.within_ms ? state_.now - j.entered >= *goal.within_ms : !live) continue;
    if (!heard(*goal.trigger, stimulus, journey)) continue;
    if (is_own(stimulus, journey)) note_taken(journey);
    convert(journey, static_cast<std::uint16_t>(i), goal.value);
    if (live && goal.exits) {
      end(journey, Decision::exited, Reason::goal);
      if (state_.journeys[journey].phase == Phase::gone) return;
    }
  }
  // Nothing left to wait for: an ended journey closes with its last goal.
  const Journey& j = state_.journeys[journey];
  if (j.phase != Phase::open_goals) return;
  for (std::size_t i = 0; i < plan.goals.size(); ++i) {
    const GoalPlan& goal = plan.goals[i];
    const bool open = goal.trigger && goal.within_ms && (j.goals >> i & 1) == 0 &&
                      state_.now - j.entered < *goal.within_ms;
    if (open) return;
  }
  commit(record::Closed{journey});
}

void Process::hear_exits(std::uint32_t journey, const Stimulus& stimulus) {
  const Journey& j = state_.journeys[journey];
  if (j.phase == Phase::gone || j.phase == Phase::open_goals) return;
  for (const TriggerPlan& exit : state_.plan_of(j).exits) {
    if (!heard(exit, stimulus, journey)) continue;
    if (is_own(stimulus, journey)) note_taken(journey);
    return end(journey, Decision::exited, Reason::exit);
  }
}

// Whether it stands at a wait that may take what has come (S1, S2). What holds back the next
// message of a send is no end of the wait for what becomes of those before it.
bool Process::listens(std::uint32_t journey, const Stimulus& stimulus) const {
  const Journey& j = state_.journeys[journey];
  const bool goes_on = state_.sends_on(journey);
  if (j.phase != Phase::awaiting && !goes_on) return false;
  // Before the next attempt of a call stands its deadline, which is not the answer's.
  const bool is_over = !goes_on && state_.now >= j.due &&
                       !attempt_at(context_of(journey), j.node).goes_on(state_.now);
  if (is_over || is_late_in_pause(state_, journey)) return false;
  if (stimulus.cascades) return true;
  if (j.armed_in == state_.frame) return false;
  const std::uint32_t limit = stimulus.armed_before.value_or(j.armed_in + 1);
  return static_cast<std::int32_t>(j.armed_in - limit) < 0;
}

void Process::hear_wait(std::uint32_t journey, const Stimulus& stimulus) {
  if (!listens(journey, stimulus)) return;
  const Journey& j = state_.journeys[journey];
  const NodeIndex at = j.node;
  const NodePlan& node = state_.plan_of(j).nodes[at];
  if (node.reset && heard(*node.reset, stimulus, journey)) {
    reset(journey, node);
    // What holds takes no input: the cases are tested too.
    if (node.reset->kind != Trigger::Kind::condition) {
      note_taken(journey);
      return note_used(journey, node.reset->receipt, came_of(*node.reset, stimulus));
    }
  }
  for (std::size_t i = 0; i < node.cases.size(); ++i) {
    if (!heard(node.cases[i], stimulus, journey)) continue;
    if (node.retry != nullptr && retries(journey, node, stimulus, i)) return;
    if (node.kind == StepKind::send) return confirm(journey, at, static_cast<std::uint16_t>(i));
    note_taken(journey);
    if (node.kind == StepKind::call) withdraw_attempts(journey);
    Came came = came_of(node.cases[i], stimulus);
    if (node.cases[i].as != no_name && node.cases[i].kind != Trigger::Kind::condition) {
      pack_event(came.value);
    }
    note_used(journey, node.cases[i].receipt, came);
    if (const auto next = resolve(journey, node, at, static_cast<std::uint16_t>(i), came.value)) {
      walk(journey, *next);
    }
    return;
  }
}

// Which receipt or event it is that the trigger has heard.
Came Process::came_of(const TriggerPlan& trigger, const Stimulus& stimulus) const {
  Came came;
  if (trigger.kind == Trigger::Kind::receipt) came.action = stimulus.action;
  if (trigger.kind == Trigger::Kind::event) came.event_frame = state_.frame;
  return came;
}

// The properties of the input at hand, as a map.
void Process::pack_event(base::Bytes& out) const {
  Value::Map properties;
  for (const EventProperty& property : event_) {
    properties.push_back({Value(property.name), expr::to_value(property.value)});
  }
  base::pack(Value(std::move(properties)), out);
}

// Whether the receipt at hand is of an action that the trigger speaks of: the newest of its step,
// or one of its attempts or channels before.
bool Process::is_receipt_of(const TriggerPlan& trigger, const Stimulus& stimulus,
                            std::uint32_t journey) const {
  if (stimulus.kind != Stimulus::Kind::receipt || trigger.receipt != stimulus.receipt) return false;
  if (trigger.of_account) return true;
  const std::uint32_t whole = state_.whole(journey);
  const ActionState& action = state_.actions[stimulus.action];
  if (action.journey != whole) return false;
  if (trigger.step == model::end_node) return true;
  if (state_.node_of(stimulus.action) != trigger.step) return false;
  std::uint32_t older =
      trigger.any_attempt ? attempt_at(context_of(whole), trigger.step).older() : 0;
  if (trigger.any_leg) older = state_.legs_before(journey, trigger.step);
  std::uint32_t newest = state_.journeys[whole].actions;
  while (newest != stimulus.action && (state_.node_of(newest) != trigger.step || older-- > 0)) {
    newest = state_.actions[newest].next;
  }
  return newest == stimulus.action;
}

bool Process::heard(const TriggerPlan& trigger, const Stimulus& stimulus, std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  if (stimulus.teller != no_place && !trigger.of_account) return false;
  switch (trigger.kind) {
    case Trigger::Kind::event:
      if (stimulus.kind != Stimulus::Kind::event || trigger.event != stimulus.event) return false;
      break;
    case Trigger::Kind::receipt:
      if (!is_receipt_of(trigger, stimulus, journey)) return false;
      break;
    case Trigger::Kind::segment:
      if (stimulus.kind != Stimulus::Kind::segment || trigger.segment != stimulus.event ||
          trigger.leaves != stimulus.leaves) {
        return false;
      }
      break;
    case Trigger::Kind::condition:
      facts_.about(j.contact, journey);
      if (facts_.truth_of(*trigger.condition) != expr::Truth::yes) return false;
      break;
  }
  return holds(trigger.when, journey, j.node);
}

void Process::convert(std::uint32_t journey, std::uint16_t goal, const Condition* value) {
  base::Bytes packed;
  if (value != nullptr) {
    facts_.about(state_.journeys[journey].contact, journey);
    packed_value_of(*value, journey, model::end_node, packed);
  }
  commit(record::Converted{journey, goal, packed});
}

void Process::note_taken(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  taken_.push_back({state_.plan_of(j).family, j.has_key, std::string(state_.key_of(j))});
}

}  // namespace itinera::engine
