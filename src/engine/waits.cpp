// SPDX-License-Identifier: Apache-2.0
// The steps that wait, and how waiting ends.
#include <algorithm>

#include "base/packed_value.hpp"
#include "calendar/civil.hpp"
#include "calendar/text.hpp"
#include "engine/lists.hpp"
#include "engine/process.hpp"

namespace itinera::engine {
namespace {

using calendar::Date;
using record::Decision;
using record::Reason;

// Where a wait leads in time. `past`: the target lies before now, and `due` is that target.
struct Target {
  std::optional<Instant> due;  // empty: no date
  bool past = false;
};

// All that the resolution of one wait looks at.
struct WaitScene {
  const ZoneTable& zones;
  ZoneIndex zone = ZoneIndex::utc;
  Instant now;
  std::optional<calendar::LocalTime> last;  // when, by the wall, a loop came through last
};

Target duration_target(const Wait::For& form, const WaitScene& scene, Instant anchor) {
  const Instant due = calendar::add(scene.zones, scene.zone, anchor, form.period);
  return {due, due < scene.now};
}

Target date_target(const Wait& wait, const WaitScene& scene, const Value& value) {
  std::optional<Instant> due =
      calendar::instant_of(value, scene.zones, scene.zone, wait.at_ms.value_or(0));
  if (!due) return {};
  due = calendar::add(scene.zones, scene.zone, *due, wait.offset);
  return {due, *due < scene.now};
}

Target time_of_day_target(const Wait& wait, const Wait::TimeOfDay& form, const WaitScene& scene) {
  const bool asks_for_today =
      wait.if_past != Wait::IfPast::automatic && wait.if_past != Wait::IfPast::next;
  if (asks_for_today) {
    const Date today = calendar::to_local(scene.zones, scene.zone, scene.now).date;
    const Instant target = calendar::to_instant(scene.zones, scene.zone, {today, form.ms_of_day});
    const bool blocked = scene.last && today <= scene.last->date;
    if (form.days.contains(calendar::weekday_of(today)) && !blocked && target < scene.now) {
      return {target, true};
    }
  }
  const std::optional<Date> not_on = scene.last ? std::optional(scene.last->date) : std::nullopt;
  return {calendar::next_local_time(scene.zones, scene.zone, scene.now, form.ms_of_day, form.days,
                                    true, not_on),
          false};
}

// Where the local date, or the night, of a window ends that was open at `at`.
calendar::LocalTime end_of_slot(const Window& window, calendar::LocalTime at) {
  const Date next{at.date.days + 1};
  if (window.from_ms < window.to_ms) return {next, 0};
  return {at.ms_of_day < window.to_ms ? at.date : next, window.to_ms};
}

Target window_target(const Wait::Inside& form, const WaitScene& scene) {
  Instant from = scene.now;
  if (scene.last) {
    const calendar::LocalTime end = end_of_slot(form.window, *scene.last);
    from = std::max(from, calendar::to_instant(scene.zones, scene.zone, end));
  }
  return {calendar::next_in_window(scene.zones, scene.zone, from, form.window), false};
}

// Whether resolving it needs a zone at all.
bool is_civil(const Wait& wait) {
  const auto* duration = std::get_if<Wait::For>(&wait.form);
  return duration == nullptr || duration->period.months != 0 || duration->period.days != 0;
}

// S20: what a duration counts from.
Instant anchor_of(const State& state, const Wait& wait, const Journey& journey) {
  if (wait.anchor == Wait::Anchor::step) return state.now;
  const bool emitted = journey.actions != no_place;
  if (wait.anchor == Wait::Anchor::entry || !emitted) return journey.entered;
  return state.actions[journey.actions].emitted;
}

Target target_of(const Wait& wait, const WaitScene& scene, Instant anchor, Facts& facts,
                 const Condition* until) {
  if (const auto* duration = std::get_if<Wait::For>(&wait.form)) {
    return duration_target(*duration, scene, anchor);
  }
  if (const auto* time = std::get_if<Wait::TimeOfDay>(&wait.form)) {
    return time_of_day_target(wait, *time, scene);
  }
  if (const auto* inside = std::get_if<Wait::Inside>(&wait.form)) {
    return window_target(*inside, scene);
  }
  const expr::Cell value = facts.value_of(*until);
  return value.is_error() ? Target{} : date_target(wait, scene, expr::to_value(value));
}

// The newest action of a journey with a receipt that no wait has taken: of any step, or only of the
// newest emission of one; no_place if there is none.
std::uint32_t reported_action(const State& state, const TriggerPlan& trigger,
                              const Journey& journey) {
  const bool any = trigger.step == model::end_node;
  for (std::uint32_t at = journey.actions; at != no_place; at = state.actions[at].next) {
    const ActionState& action = state.actions[at];
    if (!any && action.node != trigger.step) continue;
    const auto open = static_cast<unsigned>(action.receipts & ~action.used);
    if ((open >> static_cast<unsigned>(trigger.receipt) & 1) != 0) return at;
    if (!any) return no_place;
  }
  return no_place;
}

bool has_used(base::ByteView context, std::uint32_t frame) {
  return find_context(context, ContextTag::used_event, frame).has_value();
}

}  // namespace

std::optional<NodeIndex> Process::wait(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  if (node.plain_ms > 0 && state_.now <= latest_instant - node.plain_ms) {
    commit(record::Waited{journey, at, Reason::none, 0, state_.now + node.plain_ms});
    return std::nullopt;
  }
  const Wait& wait = std::get<Wait>(node.step->kind);
  const Journey& j = state_.journeys[journey];
  facts_.about(j.contact, journey);
  Facts::ZoneChoice choice{ZoneIndex::utc, 0, false};
  if (is_civil(wait)) choice = facts_.zone_for(node.zone);
  if (choice.invalid) commit(record::Counted{record::Counter::invalid_zone, journey, at});

  WaitScene scene{*state_.zones, choice.zone, state_.now, std::nullopt};
  if (node.on_cycle) {
    const auto item = find_context(state_.blobs.view(j.context), ContextTag::visits, at);
    if (item && item->last_due != earliest_instant) {
      scene.last = calendar::to_local(scene.zones, scene.zone, item->last_due);
    }
  }
  const Target target = target_of(wait, scene, anchor_of(state_, wait, j), facts_, node.value);

  const bool missing =
      !target.due || *target.due > latest_instant || *target.due < earliest_instant;
  const bool exits = missing ? wait.on_missing == Wait::OnMissing::exit
                             : target.past && wait.if_past == Wait::IfPast::exit;
  const bool skips = missing ? wait.on_missing == Wait::OnMissing::skip
                             : target.past && wait.if_past == Wait::IfPast::skip;
  const Reason reason = missing ? Reason::missing_date : target.past ? Reason::past : Reason::none;
  if (exits) {
    end(journey, Decision::exited, missing ? Reason::missing_date : Reason::past_date);
    return std::nullopt;
  }
  const Instant due = missing ? state_.now : *target.due;
  commit(record::Waited{journey, at, reason, choice.from, due});
  if (due > state_.now) return std::nullopt;
  if (!skips || node.next == model::end_node) return node.next;
  commit(record::Skipped{journey, node.next, Decision::skipped_when, reason});
  return state_.plan_of(j).nodes[node.next].next;
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
  const Instant due =
      wait.within_ms ? std::min(state_.now + *wait.within_ms, latest_instant) : record::no_deadline;
  if (due <= state_.now) return resolve(journey, node, at, record::no_case, {});
  commit(record::Waited{journey, at, Reason::none, 0, due});
  return std::nullopt;
}

std::optional<NodeIndex> Process::resolve(std::uint32_t journey, const NodePlan& node, NodeIndex at,
                                          std::uint16_t which, base::ByteView taken) {
  commit(record::Resolved{journey, at, which});
  if (which == record::no_case) {
    return node.kind == StepKind::wait_for ? node.targets.back() : node.next;
  }
  const NameId as = node.cases[which].as;
  if (as != no_name && !taken.empty()) {
    const std::size_t size = state_.blobs.view(state_.journeys[journey].context).size();
    if (size + taken.size() > state_.limits.variables_bytes) {
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
  const std::uint32_t action = reported_action(state_, trigger, j);
  if (action == no_place) return false;
  if (!holds(trigger.when, journey, j.node)) return false;
  came.action = action;
  if (trigger.as == no_name) return true;
  const auto kept = find_context(state_.blobs.view(j.context),
                                 receipt_tag(static_cast<std::uint8_t>(trigger.receipt)), action);
  if (kept) came.value.assign(kept->value.begin(), kept->value.end());
  return true;
}

// Looks back through the contact's history for an event that the case takes.
bool Process::happened_before(const TriggerPlan& trigger, const WaitFor& wait,
                              std::uint32_t journey, Came& came) {
  const Journey& j = state_.journeys[journey];
  const bool whole_journey = wait.since == WaitFor::Since::journey;
  const Instant begin = whole_journey ? j.entered - 1 : state_.now - wait.since_ms;
  std::vector<EventProperty> properties;
  expr::Arena arena;
  for (base::ByteView rest = state_.blobs.view(state_.contacts[j.contact].history);
       !rest.empty();) {
    const HistoryItem item = take_event(rest);
    if (item.event != trigger.event || item.received <= begin) continue;
    if (has_used(state_.blobs.view(j.context), item.frame)) continue;
    // Of the entry's very millisecond only what came after the entry event; frames wrap around.
    const bool before_entry = static_cast<std::int32_t>(item.frame - j.entered_in) <= 0;
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
    facts_.hears(event_);
    if (!matches) continue;
    came.event_frame = item.frame;
    if (trigger.as != no_name) base::pack(Value(std::move(taken)), came.value);
    return true;
  }
  return false;
}

// S33: what a wait has taken, no wait of the journey takes again.
void Process::note_used(std::uint32_t journey, Receipt receipt, const Came& came) {
  if (came.action != no_place) {
    commit(record::ReceiptUsed{journey, came.action, static_cast<std::uint8_t>(receipt)});
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
  if (const auto next = resolve(journey, node, at, record::no_case, {})) walk(journey, *next);
}

}  // namespace itinera::engine
