// SPDX-License-Identifier: Apache-2.0
// How journeys and their strands begin and end.
#include <algorithm>
#include <tuple>
#include <utility>

#include "state/apply.hpp"
#include "state/attempts.hpp"
#include "state/chains.hpp"
#include "state/digest_lists.hpp"
#include "state/views.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

// Whether `a` stands before `b` in S33's order of one contact's journeys.
bool runs_before(const State& state, std::uint32_t place_a, std::uint32_t place_b) {
  const Journey& a = state.journeys[place_a];
  const Journey& b = state.journeys[place_b];
  if (a.entered != b.entered) return a.entered < b.entered;
  const std::string_view name_a = state.plan_of(a).campaign.name;
  const std::string_view name_b = state.plan_of(b).campaign.name;
  const std::tuple in_a(name_a, a.has_key, state.key_of(a), a.ordinal);
  const std::tuple in_b(name_b, b.has_key, state.key_of(b), b.ordinal);
  if (in_a != in_b) return in_a < in_b;
  return state.origin_of(place_a).id < state.origin_of(place_b).id;
}

// A journey and its strands, `last` being the last of these.
void link_to_contact(State& state, std::uint32_t place, std::uint32_t last) {
  std::uint32_t* link = &state.contacts[state.journeys[place].contact].journeys;
  while (*link != no_place && !runs_before(state, place, state.whole(*link))) {
    link = &state.journeys[*link].next;
  }
  state.journeys[last].next = *link;
  *link = place;
}

// Behind its head, and the strands before it: as they are written.
void link_strand(State& state, std::uint32_t place) {
  const std::uint32_t head = state.journeys[place].head;
  std::uint32_t last = head;
  for (std::uint32_t at = head; at != no_place; at = state.next_strand(at, head)) last = at;
  state.journeys[place].next = std::exchange(state.journeys[last].next, place);
}

// `link` leads to it, or to one before it.
void unlink(State& state, std::uint32_t place, std::uint32_t* link) {
  while (*link != place) link = &state.journeys[*link].next;
  *link = state.journeys[place].next;
}

void free_strand(State& state, std::uint32_t place) {
  Journey& strand = state.journeys[place];
  leave_line(state, place);
  if (strand.phase == Phase::ready) leave_queue(state, place);
  if (strand.phase == Phase::forked) free_strands(state, place);
  set_phase(state, strand, Phase::gone);
  forget_halt(state, place);
  // What is left behind is none of a later visit's.
  if (state.plan_of(strand).nodes[strand.node].retry != nullptr) {
    forget_attempts(state, place, strand.node);
  }
  unlink(state, place, &state.journeys[strand.head].next);
  state.blobs.release(strand.context);
  strand = Journey{};
  state.journeys.release(place);
}

// What the waits of a strand have taken, the waits behind the parallel do not take again.
void hand_over_used(State& state, std::uint32_t place) {
  const std::uint32_t head = state.journeys[place].head;
  const base::ByteView context = state.blobs.view(state.journeys[place].context);
  const base::Bytes items(context.begin(), context.end());
  for (base::ByteView rest(items); !rest.empty();) {
    const ContextItem item = take_context(rest);
    if (item.tag == ContextTag::used_receipt)
      note_receipt_used(state, head, item.name, item.visits);
    if (item.tag == ContextTag::used_event) note_event_used(state, head, item.name);
    if (item.tag == ContextTag::gathered) note_digest(state, head);
  }
}

// What is reported of a send must be heeded for longer, where it bears on other messages. A host
// that never reports pays for no more than it asks for.
void keep_sent(State& state, const Journey& journey, std::uint32_t place) {
  const ActionState& action = state.actions[place];
  const std::optional<SendPlan>& send = state.step_of(place).send;
  const bool heeded = state.reports_come || state.plans.hears_account;
  if (!send || !(send->leg(action.leg).heeds_late || heeded)) return;
  state.contacts[journey.contact].was_written_to = true;
  state.sent.add(
      {action.id, action.emitted, state.now, action.address, journey.contact, action.receipts,
       state.version_of(place), action.node, state.sender_of(place), action.leg, action.freed_slot},
      state.now - state.limits.late_receipts_ms, state.limits.late_receipts);
}

void free_journey(State& state, std::uint32_t place) {
  Journey& journey = state.journeys[place];
  set_phase(state, journey, Phase::gone);
  forget_halt(state, place);
  unlink(state, place, &state.contacts[journey.contact].journeys);
  if (journey.entered == state.now) {
    state.short_runs.add(
        {state.origin_of(place).contact, state.plan_of(journey).family, journey.ordinal});
  }
  for (std::uint32_t at = journey.actions; at != no_place;) {
    const std::uint32_t older = state.actions[at].next;
    keep_sent(state, journey, at);
    if (state.reports_come && state.is_taken(state.actions[at])) {
      state.action_index.erase(state.actions[at].id.high, at);
    }
    state.actions[at] = {};
    state.actions.release(at);
    at = older;
  }
  state.blobs.release(journey.key);
  state.blobs.release(journey.context);
  journey = Journey{};
  state.journeys.release(place);
}

}  // namespace

// A parallel is over, and so are its strands.
void dissolve(State& state, std::uint32_t head) {
  while (state.has_strands(head)) {
    const std::uint32_t strand = state.journeys[head].next;
    if (state.journeys[strand].phase == Phase::forked) dissolve(state, strand);
    hand_over_used(state, strand);
    free_strand(state, strand);
  }
}

// As deep as they nest.
void free_strands(State& state, std::uint32_t head) {
  while (state.has_strands(head)) free_strand(state, state.journeys[head].next);
}

Journey strand_of(const Journey& head, std::uint32_t head_place, NodeIndex node) {
  Journey strand;
  strand.entered = head.entered;
  strand.contact = head.contact;
  strand.key = head.key;
  strand.entered_in = head.entered_in;
  strand.version = head.version;
  strand.node = node;
  strand.ordinal = head.ordinal;
  strand.has_key = head.has_key;
  strand.head = head_place;
  return strand;
}

void apply(State& state, const record::Entered& r) {
  const CampaignPlan& plan = *state.plans.versions[r.version];
  Journey journey;
  journey.entered = state.now;
  journey.contact = r.contact;
  journey.version = r.version;
  journey.ordinal = r.ordinal;
  journey.entered_in = state.frame;
  set_phase(state, journey, Phase::moving);
  journey.has_key = (r.flags & record::Entered::has_key) != 0;
  journey.holdout = (r.flags & record::Entered::holdout) != 0;
  journey.strand = static_cast<std::uint8_t>(r.flags >> chain_shift);
  journey.key = state.blobs.add(base::as_bytes(r.key));
  if (!plan.entry_properties.empty() || plan.gathers) {
    base::ByteBuffer& context = state.room;
    context.clear();
    for (base::ByteView rest = state.input.properties; !rest.empty();) {
      const PropertyItem property = take_property(rest);
      const NameId name = state.plans.names.find(property.name);
      if (!std::binary_search(plan.entry_properties.begin(), plan.entry_properties.end(), name)) {
        continue;
      }
      context.append(ContextTag::entry);
      context.append(name);
      context.append(property.value);
    }
    keep_entry(state, plan, r, context);
    journey.context = state.blobs.add(context.view());
  }
  const std::uint32_t place = state.journeys.add(journey);
  link_to_contact(state, place, place);
  Begun& begun = state.arrivals.begun[plan.family];
  ++begun.total;
  ++begun.today;
  ++state.statistics.journeys_entered;
  ++state.statistics.journeys_in_flight;
}

void enter_before(State& state, std::uint32_t place, Instant entered) {
  Journey& journey = state.journeys[place];
  unlink(state, place, &state.contacts[journey.contact].journeys);
  journey.entered = entered;
  link_to_contact(state, place, place);
}

namespace {

void put_origin(State& state, std::uint32_t journey, const Value& value) {
  base::Bytes origin;
  base::pack(value, origin);
  put_item(state, state.journeys[journey], ContextTag::origin, no_name, origin);
}

// Puts those of `from` among those of `to`, in its order, each after rename(head).
template <class Rename>
void link_anew(State& state, std::uint32_t from, std::uint32_t to, Rename rename) {
  std::uint32_t at = std::exchange(state.contacts[from].journeys, no_place);
  while (at != no_place) {
    const std::uint32_t head = at;
    rename(head);
    std::uint32_t last = head;
    state.journeys[head].contact = to;
    for (at = state.next_strand(head, head); at != no_place; at = state.next_strand(at, head)) {
      state.journeys[at].contact = to;
      last = at;
    }
    for (const std::uint32_t aside : state.asides_of(head)) state.journeys[aside].contact = to;
    at = state.journeys[last].next;
    link_to_contact(state, head, last);
  }
}

}  // namespace

void move_journeys(State& state, std::uint32_t from, std::uint32_t to) {
  link_anew(state, from, to, [&](std::uint32_t journey) {
    const base::ByteView context = state.blobs.view(state.journeys[journey].context);
    if (find_context(context, ContextTag::origin, no_name)) return;
    put_origin(state, journey, Value(std::int64_t{from}));
  });
}

void leave_journeys(State& state, std::uint32_t contact, std::uint32_t device) {
  link_anew(state, contact, contact, [&](std::uint32_t journey) {
    if (state.origin_of(journey).contact != device) return;
    put_origin(state, journey, Value(to_text(journey_id_of(state, journey))));
  });
}

void apply(State& state, const record::Chained& r) {
  if (r.journey == no_place) {
    state.chains.contacts[r.contact] = r.depth;
    return;
  }
  state.journeys[r.journey].strand = chain_is_now | r.depth;
  state.chains.journeys.push_back(r.journey);
}

void apply(State& state, const record::Parked& r) {
  const bool waits = r.decision == record::Decision::held_exclusive;
  Journey& journey = state.journeys[r.journey];
  set_phase(state, journey, waits ? Phase::parked : Phase::moving);
  if (!waits && wait_ends(state.blobs.view(journey.context)) != record::no_deadline) {
    put_context(state, journey, ContextTag::wait_ends, no_name, {});
  }
}

void apply(State& state, const record::Forked& r) {
  Journey& head = state.journeys[r.head];
  head.node = r.node;
  head.due = record::no_deadline;
  set_phase(state, head, Phase::forked);

  Journey strand = strand_of(head, r.head, r.node);
  strand.strand = r.number;
  set_phase(state, strand, Phase::moving);
  link_strand(state, state.journeys.add(strand));
}

void apply(State& state, const record::Joined& r) {
  Journey& strand = state.journeys[r.journey];
  leave_line(state, r.journey);
  if (strand.phase == Phase::ready) leave_queue(state, r.journey);
  if (strand.phase == Phase::forked) dissolve(state, r.journey);
  strand.due = record::no_deadline;
  set_phase(state, strand, Phase::done);
}

void apply(State& state, const record::Resolved& r) {
  Journey& journey = state.journeys[r.journey];
  if (journey.phase == Phase::forked) dissolve(state, r.journey);
  leave_line(state, r.journey);
  if (journey.phase == Phase::ready) leave_queue(state, r.journey);
  journey.node = r.node;
  journey.due = record::no_deadline;
  set_phase(state, journey, Phase::moving);
  if (state.plan_of(journey).nodes[r.node].kind == StepKind::call) {
    forget_attempts(state, r.journey, r.node);
  }
  forget_send(state, r.journey, r.node);
}

void apply(State& state, const record::Ended& r) {
  Journey& journey = state.journeys[r.journey];
  note_unwanted(state, r);
  leave_line(state, r.journey);
  if (journey.phase == Phase::ready) leave_queue(state, r.journey);
  if (journey.phase == Phase::forked) free_strands(state, r.journey);
  free_asides(state, r.journey);
  const CampaignPlan& plan = state.plan_of(journey);
  if (plan.keeps_ended) {
    const std::uint64_t run = run_key(plan.family, journey.has_key, state.key_of(journey));
    const LastRun* const before = state.last_runs.find(journey.contact, run);
    // Of several at once the one that ends last need not be the one that entered last.
    const Instant entered =
        before == nullptr ? journey.entered : std::max(before->entered, journey.entered);
    state.last_runs.put(journey.contact, run, {entered, state.now});
  }
  ++state.statistics.journeys_ended;
  --state.statistics.journeys_in_flight;
  if (r.open_until <= state.now) {
    free_journey(state, r.journey);
    return;
  }
  set_phase(state, journey, Phase::open_goals);
  journey.due = r.open_until;
  state.timers.arm(r.journey, r.open_until, state.now);
}

void apply(State& state, const record::Closed& r) { free_journey(state, r.journey); }

}  // namespace itinera::engine
