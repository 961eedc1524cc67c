// SPDX-License-Identifier: Apache-2.0
#include "state/apply.hpp"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include "base/stable_hash.hpp"
#include "model/model_codec.hpp"
#include "state/attempts.hpp"
#include "state/chains.hpp"
#include "state/digest_lists.hpp"
#include "state/governance.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

void put_context(State& state, Journey& journey, ContextTag tag, NameId name,
                 const base::Bytes& item) {
  base::Bytes context;
  base::Writer out(context);
  bool replaced = false;
  for (base::ByteView rest = state.blobs.view(journey.context); !rest.empty();) {
    const ContextItem old = take_context(rest);
    const bool same = old.tag == tag && old.name == name;
    out.bytes(same ? base::ByteView(item) : old.whole);
    replaced = replaced || same;
  }
  if (!replaced) out.bytes(item);
  journey.context = state.blobs.replace(journey.context, context);
}

void put_item(State& state, Journey& journey, ContextTag tag, NameId name, base::ByteView value) {
  base::Bytes item;
  base::Writer out(item);
  out.number(tag);
  out.number(name);
  out.bytes(value);
  put_context(state, journey, tag, name, item);
}

void put_visits(State& state, Journey& journey, NodeIndex node, std::uint32_t visits,
                Instant last_due) {
  base::Bytes item;
  base::Writer out(item);
  out.number(ContextTag::visits);
  out.number(node);
  out.number(visits);
  out.number(last_due.ms);
  put_context(state, journey, ContextTag::visits, node, item);
}

void arm(State& state, std::uint32_t place, Instant due, std::uint8_t zone_from) {
  state.journeys[place].due = due;
  state.journeys[place].of_wall_time = (zone_from & record::Waited::of_wall_time) != 0;
  if (due == record::no_deadline) {
    state.halts.frozen.erase(place);
    return;
  }
  if (!state.halts.paused.empty() && freeze(state, place, due)) return;
  state.timers.arm(place, due, state.now);
}

namespace {

// What a loop must know of its wait's last round.
void put_due(State& state, std::uint32_t place, NodeIndex at, Instant due) {
  Journey& journey = state.journeys[state.whole(place)];
  const auto item = find_context(state.blobs.view(journey.context), ContextTag::visits, at);
  put_visits(state, journey, at, item ? item->visits : 1, due);
}

}  // namespace

// S4. Ids older than the window are forgotten first, so that the window is what the input met.
void note_message(State& state, const record::MessageKey& message) {
  Dedupe& dedupe = state.dedupe;
  const auto forget_oldest = [&] {
    dedupe.index.erase(dedupe.window.front().id.high, dedupe.first);
    dedupe.window.pop_front();
    ++dedupe.first;
  };
  const std::int64_t window_ms = state.plans.workspace.dedupe_ms;
  while (!dedupe.window.empty() && dedupe.window.front().at <= state.now - window_ms) {
    forget_oldest();
  }
  state.message_is_new = !message.present() || dedupe.find(message.id) == nullptr;
  if (!message.present() || !state.message_is_new) return;
  if (dedupe.window.size() >= state.limits.dedupe_ids) {
    forget_oldest();
    ++state.statistics.dedupe_dropped;
  }
  const auto number = static_cast<std::uint32_t>(dedupe.first + dedupe.window.size());
  dedupe.window.push_back({message.id, message.content, state.now});
  dedupe.index.insert(message.id.high, number);
}

void take_input(State& state, const record::MessageKey& message) {
  note_message(state, message);
  ++state.statistics.inputs;
}

void index_actions(State& state) {
  if (state.reports_come) return;
  state.reports_come = true;
  for (std::uint32_t at = 0; at < state.actions.size(); ++at) {
    const ActionState& action = state.actions[at];
    if (action.id != Hash128{} && state.is_taken(action)) {
      state.action_index.insert(action.id.high, at);
    }
  }
}

void set_phase(State& state, Journey& journey, Phase phase) {
  if (journey.phase == Phase::moving) --state.moving;
  if (journey.phase == Phase::held && journey.held_for == Journey::HeldFor::presence)
    --state.absent;
  if (phase == Phase::moving) ++state.moving;
  journey.phase = phase;
}

void move_time(State& state, Instant t) {
  if (t <= state.now) return;
  state.short_runs.clear();
  state.forgotten_runs.clear();
  end_chains(state);
  state.now = t;
}

void begin_frame(State& state, record::InputKind kind, Instant at, std::uint8_t flags) {
  ++state.frame;
  move_time(state, at);
  state.instant_unfinished = (flags & record::instant_continues) != 0;
  state.at_gates = state.instant_unfinished && kind != record::InputKind::timers;
  state.input = {};
  state.input.kind = kind;
  state.input.at = at;
}

void apply(State& state, const record::OpenedInput& input) {
  state.zone_rules.version = input.zone_data;
}

void apply(State& state, const record::ZoneDataInput& input) {
  take_input(state, {});
  state.zone_rules.version = input.version;
}

void apply(State& state, const record::ZoneKnown& r) {
  state.zone_rules.keep(*state.zones, r.name, *unpacked(r.rules));
}

void take_event(State& state, const record::EventInput& input, NameId name) {
  take_input(state, input.message);
  ++state.statistics.events;
  state.input.occurred = input.occurred;
  state.input.event = name;
  state.input.properties = input.properties;
}

void apply(State& state, const record::EventInput& input) {
  take_event(state, input, state.plans.names.find(input.name));
}

void apply(State& state, const record::IdentifyInput& input) {
  take_input(state, input.message);
  state.input.occurred = input.occurred;
}

void apply(State& state, const record::AliasInput& input) {
  take_input(state, input.message);
  state.input.occurred = input.occurred;
}

void apply(State& state, const record::MergeInput& input) {
  take_input(state, input.message);
  state.input.occurred = input.occurred;
}

void apply(State& state, const record::GroupInput& input) {
  take_input(state, input.message);
  state.input.occurred = input.occurred;
}

void apply(State& state, const record::ForgetInput& input) { take_input(state, input.message); }

void apply(State& state, const record::ReportInput& input) {
  take_input(state, input.message);
  state.input.occurred = input.occurred;
  state.input.hard = (input.flags & record::ReportInput::hard) != 0;
  index_actions(state);
  close_open(state, input.action);
}

void apply(State& state, const record::EnterInput& input) {
  take_input(state, input.message);
  state.input.occurred = state.now;
  state.input.properties = input.properties;
}

void apply(State& state, const record::StopInput&) { take_input(state, {}); }

void apply(State& state, const record::MoveInput& input) { take_input(state, input.message); }

void apply(State& state, const record::SuppressInput& input) { take_input(state, input.message); }

void apply(State& state, const record::HeardInput&) { index_actions(state); }

// From here on the host knows the ids and may report of them. They join the index all at once,
// because each is a leap in memory that can be begun ahead.
void apply(State& state, const record::TakenInput& input) {
  constexpr std::size_t ahead = 8;
  const std::vector<OutboxEntry>& entries = state.outbox.entries;
  for (std::size_t i = 0; state.reports_come && i < entries.size(); ++i) {
    if (i + ahead < entries.size()) state.action_index.prefetch(entries[i + ahead].id.high);
    const OutboxEntry& entry = entries[i];
    if (entry.action == no_place) continue;
    if (state.actions[entry.action].id == entry.id) {
      state.action_index.insert(entry.id.high, entry.action);
    }
  }
  std::swap(state.outbox, state.handed);
  if (state.handed.withdrawn != 0) {
    std::erase_if(state.handed.entries, [](const OutboxEntry& entry) { return entry.withdrawn; });
  }
  Outbox& outbox = state.outbox;
  outbox.first_sequence = state.handed.first_sequence + input.count;
  outbox.entries.clear();
  outbox.bytes.clear();
  outbox.withdrawn = 0;
  outbox.refused_since = false;
  state.statistics.actions_waiting = 0;
  keep_taken(state);
}

void apply(State& state, const record::TimersInput& input) {
  state.closed = std::max(state.closed, state.now);
  state.statistics.timers_fired += input.count;
}

// What closes the instant are its timers: an input's own frames do not.
void apply(State&, const record::GatesInput&) {}

Result<void> apply(State& state, const record::PublishInput& input) {
  Result<model::Model> model = model::decode(input.model);
  if (!model) return model.error();
  Result<void> done = install(state.plans, model->workspace, std::move(model->campaigns), state.now,
                              *state.zones, state.limits);
  if (!done) return done;
  // Whoever was there before is not new to what the publication asks for from this instant on.
  for (std::uint32_t at = 0; at < state.contacts.size(); ++at) {
    Contact& contact = state.contacts[at];
    if (!state.is_person(at)) continue;
    contact.first_seen = std::min(contact.first_seen, state.now - 1);
  }
  state.accounts.all.resize(state.plans.senders.size());
  // S19: a channel may ask for a consent by now that what was emitted never had.
  if (!state.outbox.entries.empty()) state.outbox.refused_since = true;
  state.arrivals.published = state.now;
  state.arrivals.schedules.clear();
  state.arrivals.begun.resize(state.plans.families.size());
  ++state.statistics.inputs;
  state.published = base::stable_hash(base::as_text(input.model));
  return {};
}

void apply(State&, const record::Refused&) {}

void apply(State& state, const record::Visited& r) {
  Journey& journey = state.journeys[state.whole(r.journey)];
  const auto item = find_context(state.blobs.view(journey.context), ContextTag::visits, r.node);
  put_visits(state, journey, r.node, item ? item->visits + 1 : 1,
             item ? item->last_due : earliest_instant);
}

void apply(State& state, const record::Waited& r) {
  Journey& journey = state.journeys[r.journey];
  const NodePlan& node = state.plan_of(journey).nodes[r.node];
  journey.node = r.node;
  journey.armed_in = state.frame;
  if (node.on_cycle && node.kind == StepKind::wait) put_due(state, r.journey, r.node, r.due);
  if (node.kind == StepKind::digest) begin_digest(state, r.journey, r.node);
  if (node.kind == StepKind::call) begin_attempt(state, r.journey, r.node);
  if (r.due <= state.now) return;
  const bool before_send = node.send && (r.zone_from & record::Waited::of_wall_time) != 0;
  if (before_send) note_arrival(state, r.journey, r.node);
  const bool waits = node.cases.empty() || before_send;
  set_phase(state, journey, waits ? Phase::waiting : Phase::awaiting);
  arm(state, r.journey, r.due, r.zone_from);
}

void apply(State& state, const record::Rearmed& r) {
  const NodePlan& node = state.plan_of(state.journeys[r.journey]).nodes[r.node];
  if (node.on_cycle && node.kind == StepKind::wait) put_due(state, r.journey, r.node, r.due);
  arm(state, r.journey, r.due, r.zone_from);
}

void apply(State&, const record::Branched&) {}

void apply(State& state, const record::Assigned& r) {
  const Journey& journey = state.journeys[r.journey];
  const CampaignPlan& plan = state.plan_of(journey);
  const Step& step = *plan.nodes[r.node].step;
  const std::string& variant = std::get<Split>(step.kind).variants[r.variant].name;
  const std::uint64_t key = variant_key(plan.family, step.id);
  const std::uint64_t name = base::stable_hash(variant).high;
  const KeptVariant* const kept = state.variants.find(journey.contact, key);
  if (kept != nullptr && kept->name == name) return;
  state.variants.put(journey.contact, key, {name, state.now});
}

void apply(State& state, const record::VariableSet& r) {
  const NameId name = state.plans.names.add(r.name);
  put_item(state, state.journeys[state.whole(r.journey)], ContextTag::variable, name, r.value);
}

void apply(State& state, const record::Converted& r) {
  state.journeys[state.whole(r.journey)].goals |= 1u << r.goal;
}

void apply(State&, const record::SetOff&) {}

void apply(State& state, const record::Caused& r) {
  ++state.frame;  // as if it were an input of its own
  state.input.occurred = state.now;
  state.input.event = r.event.empty() ? no_name : state.plans.names.find(r.event);
  state.input.properties = r.properties;
}

void apply(State& state, const record::Duplicate&) { ++state.statistics.duplicates; }

void apply(State& state, const record::Counted& r) {
  Statistics& s = state.statistics;
  switch (r.counter) {
    case record::Counter::unknown_condition: ++s.conditions_unknown; break;
    case record::Counter::occurred_clamped: ++s.occurred_clamped; break;
    case record::Counter::invalid_zone: ++s.invalid_zones; break;
    case record::Counter::relinked: ++s.relinked; break;
    case record::Counter::history_dropped: ++s.history_dropped; break;
    case record::Counter::dedupe_dropped: ++s.dedupe_dropped; break;
    case record::Counter::missing_datum: ++s.data_missing; break;
    case record::Counter::unmatched_receipt: ++s.reports_unmatched; break;
    case record::Counter::asides_full: ++s.asides_full; break;
  }
}

}  // namespace itinera::engine
