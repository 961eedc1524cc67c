// SPDX-License-Identifier: Apache-2.0
// The steps that wait, and how waiting ends.
#include <algorithm>
#include <utility>

#include "base/packed_value.hpp"
#include "calendar/civil.hpp"
#include "engine/process.hpp"
#include "engine/wait_targets.hpp"
#include "state/attempts.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Decision;
using record::Reason;

// Whether resolving it needs a zone at all.
bool is_civil(const Wait& wait) {
  const auto* duration = std::get_if<Wait::For>(&wait.form);
  return duration == nullptr || duration->period.months != 0 || duration->period.days != 0;
}

// S20: what a duration counts from.
Instant anchor_of(const State& state, const Wait& wait, const Journey& journey, Instant arrived) {
  if (wait.anchor == Wait::Anchor::step) return arrived;
  const bool emitted = journey.actions != no_place;
  if (wait.anchor == Wait::Anchor::entry || !emitted) return journey.entered;
  return state.actions[journey.actions].emitted;
}

// The newest action of a journey with a receipt that no wait has taken: of any step, or only of the
// newest emission of one; no_place if there is none.
std::uint32_t reported_action(const State& state, const TriggerPlan& trigger,
                              std::uint32_t journey) {
  const bool any = trigger.step == model::end_node;
  for (std::uint32_t at = state.journeys[state.whole(journey)].actions; at != no_place;
       at = state.actions[at].next) {
    const ActionState& action = state.actions[at];
    if (!any && state.node_of(at) != trigger.step) continue;
    const std::uint32_t open = action.receipts & ~state.receipts_used(journey, at);
    if ((open >> trigger.receipt & 1) != 0) return at;
    if (!any) return no_place;
  }
  return no_place;
}

// Whether a wait on the way of the journey, or of the strand, has taken the event of that frame.
bool has_used(const State& state, std::uint32_t journey, std::uint32_t frame) {
  for (;; journey = state.journeys[journey].head) {
    const Journey& j = state.journeys[journey];
    if (find_context(state.blobs.view(j.context), ContextTag::used_event, frame)) return true;
    if (!j.is_strand()) return false;
  }
}

// When a wait for a time on the wall is due. Of those that stand still a single date alone has such
// an instant: what recurs is looked up when its campaign goes on, and a length is longer by the
// pause.
Instant wall_due(const State& state, std::uint32_t journey) {
  const Journey& j = state.journeys[journey];
  if (j.due != record::no_deadline) return j.due;
  const auto frozen = state.halts.frozen.find(journey);
  const auto* const wait = std::get_if<Wait>(&state.plan_of(j).nodes[j.node].step->kind);
  const bool is_date = wait != nullptr && !recurs(*wait) && !is_length(*wait);
  return is_date && frozen != state.halts.frozen.end() ? frozen->second.due : record::no_deadline;
}

}  // namespace

WaitOutcome Process::outcome_of(std::uint32_t journey, const NodePlan& node, NodeIndex at,
                                std::optional<Instant> arrived) {
  const Wait& wait = std::get<Wait>(node.step->kind);
  const Journey& j = state_.journeys[journey];
  facts_.about(j.contact, journey);
  Facts::ZoneChoice choice{ZoneIndex::utc, 0, false};
  if (is_civil(wait)) choice = facts_.zone_for(node.zone);
  if (choice.invalid) commit(record::Counted{record::Counter::invalid_zone, journey, at});

  WaitScene scene{*state_.zones, choice.zone, state_.now, state_.plans.holidays,
                  anchor_of(state_, wait, state_.journeys[state_.whole(journey)],
                            arrived.value_or(state_.now))};
  // Of a wait that stands already, the round before is forgotten: what is known is for when this
  // one was, and that may be nothing to keep to where it is the first.
  if (const auto item = find_context(context_of(journey), ContextTag::visits, at);
      node.on_cycle && item && item->last_due != earliest_instant) {
    if (j.phase == Phase::moving) {
      scene.last_due = item->last_due;
    } else if (item->visits > 1) {
      scene.stood = item->last_due;
    }
  }
  const Target target = target_of(node, scene, facts_);
  WaitOutcome outcome = outcome_at(wait, target);
  outcome.zone_from = choice.from;
  outcome.of_wall_time = is_civil(wait) && target.of_wall_time;
  if (outcome.of_wall_time) keep_rules(choice.zone);
  if (choice.from != 0 && target.of_wall_time) {
    outcome.zone_from = static_cast<std::uint8_t>(choice.from | record::Waited::of_wall_time);
  }
  return outcome;
}

// What the wait says of a target that is past, or missing (S6, S7).
WaitOutcome Process::outcome_at(const Wait& wait, const Target& target) const {
  const bool ended = target.past && !target.due;
  const bool missing =
      !ended && (!target.due || *target.due > latest_instant || *target.due < earliest_instant);
  const bool has_next =
      wait.if_past == Wait::IfPast::automatic || wait.if_past == Wait::IfPast::next;
  WaitOutcome outcome;
  outcome.due = missing || ended ? state_.now : *target.due;
  if (missing) {
    outcome.exits = wait.on_missing == Wait::OnMissing::exit;
    outcome.skips = wait.on_missing == Wait::OnMissing::skip;
    outcome.reason = Reason::missing_date;
  } else if (target.past) {
    outcome.exits = wait.if_past == Wait::IfPast::exit || (ended && has_next);
    outcome.skips = wait.if_past == Wait::IfPast::skip;
    outcome.reason = outcome.exits ? Reason::past_date : Reason::past;
  }
  return outcome;
}

std::optional<NodeIndex> Process::wait(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  if (node.plain_ms > 0 && state_.now <= latest_instant - node.plain_ms) {
    commit(record::Waited{journey, at, Reason::none, 0, state_.now + node.plain_ms});
    return std::nullopt;
  }
  const WaitOutcome outcome = outcome_of(journey, node, at);
  if (outcome.exits) {
    end(journey, Decision::exited, outcome.reason);
    return std::nullopt;
  }
  commit(record::Waited{journey, at, outcome.reason, outcome.zone_from, outcome.due});
  if (outcome.due > state_.now) return std::nullopt;
  return leave_wait(journey, node, outcome);
}

// Where a journey goes on that need not wait.
std::optional<NodeIndex> Process::leave_wait(std::uint32_t journey, const NodePlan& node,
                                             const WaitOutcome& outcome) {
  const bool skips = outcome.skips && node.next != model::end_node;
  const bool of_strand = state_.journeys[journey].is_strand();
  if (!skips || (of_strand && ends_strand(journey, node.next))) return node.next;
  commit(record::Skipped{journey, node.next, Decision::skipped_when, outcome.reason});
  return state_.plan_of(state_.journeys[journey]).nodes[node.next].next;
}

// A send with a time of day stays until the wall shows it.
std::optional<NodeIndex> Process::send(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  if (node.send->at_ms) {
    facts_.about(state_.journeys[journey].contact, journey);
    const Facts::ZoneChoice choice = facts_.zone_for({});
    if (choice.invalid) commit(record::Counted{record::Counter::invalid_zone, journey, at});
    const auto due = calendar::next_local_time(*state_.zones, choice.zone, state_.now,
                                               *node.send->at_ms, {}, true);
    if (due && *due > stale_after(journey, at)) {
      skip_send(journey, at, Decision::expired, Reason::none);
      return std::nullopt;
    }
    if (due && *due > state_.now) {
      keep_rules(choice.zone);
      const auto from = static_cast<std::uint8_t>(choice.from | record::Waited::of_wall_time);
      commit(record::Waited{journey, at, Reason::none, from, *due});
      return std::nullopt;
    }
  }
  commit(record::Ready{journey, at});
  return std::nullopt;
}

// S13: something about the contact has come, by which the date that the journey follows may have
// moved.
void Process::follow(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  const NodeIndex at = j.node;
  const NodePlan& node = state_.plan_of(j).nodes[at];
  if (!node.follows || state_.now >= j.due || j.due == record::no_deadline) return;
  const WaitOutcome outcome = outcome_of(journey, node, at);
  if (outcome.exits || outcome.due != j.due) wait_for_date(journey, outcome, Decision::followed);
}

// The date that the journey follows is another one, or none: judged as on arrival.
void Process::wait_for_date(std::uint32_t journey, const WaitOutcome& outcome, Decision decision) {
  if (outcome.exits) return end(journey, Decision::exited, outcome.reason);
  const Journey& j = state_.journeys[journey];
  const NodeIndex at = j.node;
  const NodePlan& node = state_.plan_of(j).nodes[at];
  const Instant due = std::max(outcome.due, state_.now);
  commit(record::Rearmed{journey, at, decision, outcome.zone_from, due});
  if (due > state_.now) return;
  commit(record::Resolved{journey, at, record::no_case});
  if (const auto next = leave_wait(journey, node, outcome)) walk(journey, *next);
}

// The full `within` of a wait_for counts from now.
void Process::reset(std::uint32_t journey, const NodePlan& node) {
  const NodeIndex at = state_.journeys[journey].node;
  const std::int64_t within_ms = *std::get<WaitFor>(node.step->kind).within_ms;
  const Instant due = state_.after(within_ms);
  commit(record::Rearmed{journey, at, Decision::reset, 0, due});
}

// What the contact's journeys wait for on the wall, in the zones that hold now; but for dates that
// are followed, which are looked up anew by all that is known then.
std::vector<WallTime> Process::wall_times_of(std::uint32_t contact) {
  std::vector<WallTime> found;
  for (std::uint32_t at = state_.contacts[contact].journeys; at != no_place;
       at = state_.journeys[at].next) {
    const Journey& j = state_.journeys[at];
    if (j.phase != Phase::waiting || !j.of_wall_time) continue;
    // A migration may have kept its deadline: the zone that its step names by now does not move.
    const NodePlan& node = state_.plan_of(j).nodes[j.node];
    if (node.zone || node.follows) continue;
    const Instant due = wall_due(state_, at);
    if (state_.now >= due || due == record::no_deadline) continue;
    facts_.about(contact, at);
    const ZoneIndex zone = facts_.zone_for({}).zone;
    found.push_back({listener(at), calendar::to_local(*state_.zones, zone, due), zone});
  }
  return found;
}

// Before the contact's zone may change: of what the input has changed before, the first counts.
void Process::keep_wall_times(std::uint32_t contact) {
  for (const WallTime& each : wall_times_of(contact)) {
    const auto is_it = [&](const WallTime& known) { return known.at == each.at; };
    if (std::none_of(moving_.begin(), moving_.end(), is_it)) moving_.push_back(each);
  }
}

// S13: all that the input says of its contacts is known. A zone that was theirs for a moment only
// has moved nothing.
void Process::settle_zones() {
  if (moving_.empty()) return;
  for (const WallTime& each : std::exchange(moving_, {})) {
    const Journey& j = state_.journeys[each.at.journey];
    if (j.phase != Phase::waiting || listener(each.at.journey) != each.at) continue;
    facts_.about(j.contact, each.at.journey);
    if (facts_.zone_for({}).zone != each.zone) rezone(each);
  }
}

// The same wall time in the zone that holds now; of a window that has passed there, the next.
void Process::rezone(const WallTime& wall) {
  const std::uint32_t journey = wall.at.journey;
  const Journey& j = state_.journeys[journey];
  facts_.about(j.contact, journey);
  const NodePlan& node = state_.plan_of(j).nodes[j.node];
  const Facts::ZoneChoice choice = facts_.zone_for(node.zone);
  Instant due = std::max(calendar::to_instant(*state_.zones, choice.zone, wall.local), state_.now);
  const auto* const wait = std::get_if<Wait>(&node.step->kind);
  if (wait != nullptr && std::holds_alternative<Wait::Inside>(wait->form)) {
    const Window& window = std::get<Wait::Inside>(wait->form).window;
    due = calendar::next_in_window(*state_.zones, choice.zone, due, window).value_or(due);
  }
  if (due == wall_due(state_, journey) || due > latest_instant) return;
  keep_rules(choice.zone);
  // A zone that the step names is nobody's.
  const auto from = static_cast<std::uint8_t>(choice.from | record::Waited::of_wall_time);
  commit(record::Rearmed{journey, j.node, Decision::resolved_zone,
                         j.of_wall_time ? from : std::uint8_t{0}, due});
}

std::optional<NodeIndex> Process::wait_for(std::uint32_t journey, const NodePlan& node,
                                           NodeIndex at) {
  const WaitFor& wait = std::get<WaitFor>(node.step->kind);
  Came came;
  for (std::size_t i = 0; i < node.cases.size(); ++i) {
    if (!came_before(node.cases[i], wait, journey, came)) continue;
    note_used(journey, node.cases[i].receipt, came);
    return resolve(journey, node, at, static_cast<std::uint16_t>(i), came.value);
  }
  const Instant due = wait.within_ms ? state_.after(*wait.within_ms) : record::no_deadline;
  if (due <= state_.now) return resolve(journey, node, at, record::no_case, {});
  commit(record::Waited{journey, at, Reason::none, 0, due});
  return std::nullopt;
}

std::optional<NodeIndex> Process::resolve(std::uint32_t journey, const NodePlan& node, NodeIndex at,
                                          std::uint16_t which, base::ByteView taken) {
  commit(record::Resolved{journey, at, which});
  if (which == record::no_case) {
    return node.targets.empty() ? node.next : node.targets.back();
  }
  const NameId as = node.cases[which].as;
  if (as != no_name && !taken.empty()) {
    if (!state_.has_room(journey, taken)) {
      end(journey, Decision::exited, Reason::variables_limit);
      return std::nullopt;
    }
    commit(record::VariableSet{journey, state_.plans.names.text(as), taken});
  }
  return node.targets[which];
}

// Whether what a case waits for is there already when the journey arrives (S2): a receipt since
// its action was emitted, a condition that holds, an event where `since` looks back.
bool Process::came_before(const TriggerPlan& trigger, const WaitFor& wait, std::uint32_t journey,
                          Came& came) {
  const Journey& j = state_.journeys[journey];
  facts_.about(j.contact, journey);
  switch (trigger.kind) {
    case Trigger::Kind::condition:
      return facts_.truth_of(*trigger.condition) == expr::Truth::yes &&
             holds(trigger.when, journey, j.node);
    case Trigger::Kind::receipt: return reported_before(trigger, journey, came);
    case Trigger::Kind::segment: return false;
    case Trigger::Kind::event: break;
  }
  return wait.since != WaitFor::Since::arrival && happened_before(trigger, wait, journey, came);
}

bool Process::reported_before(const TriggerPlan& trigger, std::uint32_t journey, Came& came) {
  const Journey& j = state_.journeys[journey];
  const std::uint32_t action = reported_action(state_, trigger, journey);
  if (action == no_place) return false;
  if (!holds(trigger.when, journey, j.node)) return false;
  came.action = action;
  if (trigger.as == no_name) return true;
  const auto kept = find_context(context_of(journey), receipt_tag(trigger.receipt), action);
  if (kept) came.value.assign(kept->value.begin(), kept->value.end());
  return true;
}

// Looks back through the contact's history for an event that the case takes.
bool Process::happened_before(const TriggerPlan& trigger, const WaitFor& wait,
                              std::uint32_t journey, Came& came) {
  const Journey& j = state_.journeys[journey];
  const bool whole_journey = wait.since == WaitFor::Since::journey;
  const Instant begin = whole_journey ? j.entered - 1 : state_.now - wait.since_ms;
  const std::span<const EventProperty> heard = facts_.event();
  std::vector<EventProperty> properties;
  expr::Arena arena;
  for (base::ByteView rest = state_.blobs.view(state_.contacts[j.contact].history);
       !rest.empty();) {
    const HistoryItem item = take_event(rest);
    if (item.event != trigger.event || item.received <= begin) continue;
    if (has_used(state_, journey, item.frame)) continue;
    // What it entered by is not for its waits (S33).
    if (item.received == j.entered && item.frame == j.entered_in) continue;
    // Of the entry's very millisecond only what came after the entry event; frames wrap around.
    const bool before_entry = static_cast<std::int32_t>(item.frame - j.entered_in) < 0;
    if (whole_journey && item.received == j.entered && before_entry) continue;
    properties.clear();
    Value::Map taken;
    for (base::ByteView each = item.properties; !each.empty();) {
      const PropertyItem property = take_property(each);
      properties.push_back({state_.plans.names.find(property.name), property.name,
                            expr::view_of_packed(property.value, arena)});
      taken.push_back({Value(property.name), expr::to_value(properties.back().value)});
    }
    facts_.hears(properties);
    const bool matches = holds(trigger.when, journey, j.node);
    facts_.hears(heard);
    if (!matches) continue;
    came.event_frame = item.frame;
    if (trigger.as != no_name) base::pack(Value(std::move(taken)), came.value);
    return true;
  }
  return false;
}

// S33: what a wait has taken, no wait of the journey takes again.
void Process::note_used(std::uint32_t journey, std::uint8_t receipt, const Came& came) {
  if (came.action != no_place) {
    commit(record::ReceiptUsed{journey, came.action, receipt});
  }
  if (came.event_frame && state_.plan_of(state_.journeys[journey]).looks_back) {
    commit(record::EventUsed{journey, *came.event_frame});
  }
}

// A deadline has come.
void Process::fire(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  if (j.phase == Phase::open_goals) return commit(record::Closed{journey});
  const NodeIndex at = j.node;
  const NodePlan& node = state_.plan_of(j).nodes[at];
  if (node.kind == StepKind::send) {
    const bool again = node.retry != nullptr && attempt_at(context_of(journey), at).pending;
    if (j.phase == Phase::awaiting && !again) return confirm(journey, at, record::no_case);
    return commit(record::Ready{journey, at});
  }
  if (node.kind == StepKind::call && attempt_at(context_of(journey), at).goes_on(state_.now)) {
    return ask_again(journey, node);
  }
  if (const auto next = resolve(journey, node, at, record::no_case, {})) {
    fell_due_ = node.kind == StepKind::wait;
    walk(journey, *next);
  }
}

}  // namespace itinera::engine
