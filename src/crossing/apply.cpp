// SPDX-License-Identifier: Apache-2.0
// A contact that has come is what it was elsewhere; of one that has gone only its ids are left.
#include "state/apply.hpp"

#include <algorithm>
#include <utility>

#include "base/stable_hash.hpp"
#include "crossing/crossing.hpp"
#include "state/chains.hpp"
#include "state/watches.hpp"

namespace itinera::engine {
namespace {

using record::RowCame;

NumberOf added_to(State& state) {
  return [&state](std::string_view name) { return state.plans.names.add(name); };
}

void free_actions(State& state, const Journey& journey) {
  for (std::uint32_t at = journey.actions; at != no_place;) {
    const std::uint32_t older = state.actions[at].next;
    if (state.reports_come && state.is_taken(state.actions[at])) {
      state.action_index.erase(state.actions[at].id.high, at);
    }
    state.actions[at] = {};
    state.actions.release(at);
    at = older;
  }
}

bool is_in_flight(const Journey& journey) {
  return !journey.is_strand() && journey.phase != Phase::open_goals;
}

void free_one(State& state, std::uint32_t place) {
  Journey& journey = state.journeys[place];
  if (is_in_flight(journey)) --state.statistics.journeys_in_flight;
  leave_line(state, place);
  if (journey.phase == Phase::ready) leave_queue(state, place);
  set_phase(state, journey, Phase::gone);
  forget_halt(state, place);
  free_actions(state, journey);
  if (!journey.is_strand()) state.blobs.release(journey.key);
  state.blobs.release(journey.context);
  journey = Journey{};
  state.journeys.release(place);
}

// Strands first: whose key it is their journeys know.
void free_journeys(State& state, std::uint32_t contact) {
  std::vector<std::uint32_t> heads;
  std::vector<std::uint32_t> strands;
  for (std::uint32_t at = std::exchange(state.contacts[contact].journeys, no_place); at != no_place;
       at = state.journeys[at].next) {
    (state.journeys[at].is_strand() ? strands : heads).push_back(at);
  }
  for (const std::uint32_t head : heads) {
    const auto asides = state.asides.extract(head);
    if (asides) strands.insert(strands.end(), asides.mapped().begin(), asides.mapped().end());
  }
  for (const std::uint32_t strand : strands) free_one(state, strand);
  for (const std::uint32_t head : heads) free_one(state, head);
}

// It goes on in the outbox of the other engine.
void leave_outbox(State& state, std::uint32_t place) {
  Outbox& outbox = state.outbox;
  for (OutboxEntry& entry : outbox.entries) {
    if (entry.contact != place) continue;
    if (!entry.withdrawn) {
      ++outbox.withdrawn;
      --state.statistics.actions_waiting;
    }
    wipe_content(outbox, entry);
    entry = OutboxEntry{};
    entry.withdrawn = true;
    entry.contact = no_place;
  }
}

void leave(State& state, std::uint32_t place) {
  Contact& contact = state.contacts[place];
  leave_account(state, place);
  leave_outbox(state, place);
  forget_tables(state, place);
  for (Blob* const blob : {&contact.attributes, &contact.history, &contact.counted}) {
    state.blobs.release(std::exchange(*blob, 0));
  }
  contact.linked = no_place;  // for whom it stands is told anew when they come again
  contact.is_away = true;
  contact.history_unknown = false;
  --state.statistics.contacts;
}

// All who wait there have come at this instant, so that they stand in S0's order.
void join_line(State& state, std::uint32_t contact, const EntryRef& ref, Instant due) {
  std::vector<Line>& lines = state.arrivals.lines;
  const std::uint32_t number = line_of(lines, ref);
  if (number == lines.size()) lines.emplace_back().ref = ref;
  Line& line = lines[number];
  const auto before = [&state](std::uint32_t a, std::uint32_t b) {
    return contact_before(state, a, b);
  };
  const auto place = std::ranges::lower_bound(line.contacts, contact, before);
  line.contacts.insert(place, contact);
  if (line.due <= due) return;
  line.due = due;
  state.timers.arm(line_mark | number, due, state.now);
}

// What an action that waits to be taken and one that was taken have in common.
template <class Action, class Came>
void put_action(Action& action, const Came& r) {
  action.id = r.id;
  action.at = r.at;
  action.contact = r.contact;
  action.iteration = r.iteration;
  action.attempt = r.attempt;
  action.key_size = static_cast<std::uint32_t>(r.key.size());
  action.address_size = static_cast<std::uint32_t>(r.address.size());
  action.data_size = static_cast<std::uint32_t>(r.data.size());
  action.version = r.version;
  action.node = r.node;
  action.leg = r.leg;
  action.has_key = r.has_key != 0;
}

}  // namespace

void apply(State&, const record::DepartInput&) {}

// What is still open of the contact counts as taken by then.
void apply(State& state, const record::ComeInput&) { ++state.takes; }

void apply(State& state, const record::Departed& r) {
  const std::vector<std::uint32_t> places = places_of(state, r.contact);
  free_journeys(state, r.contact);
  state.ids.erase(r.contact);
  for (const std::uint32_t place : places) leave(state, place);
}

void apply(State& state, const record::ContactCame& r) {
  const std::uint64_t hash = base::stable_hash(r.id).high;
  if (r.contact == state.contacts.next_place()) {
    Contact fresh;
    fresh.hash = hash;
    put_id(state, fresh, r.id);
    state.contact_index.insert(hash, state.contacts.add(fresh));
  }
  Contact& contact = state.contacts[r.contact];
  contact.is_away = false;
  contact.first_seen = r.first_seen;
  contact.history_unknown = r.history_unknown != 0;
  contact.attributes = state.blobs.add(*attributes_here(r.attributes, added_to(state)));
  contact.history = state.blobs.add(*history_here(state, r.history, added_to(state)));
  contact.counted = state.blobs.add(r.counted);
  if (r.person != r.contact) {
    contact.linked = r.person;
    state.ids[r.person].push_back(r.contact);
  }
  if (r.depth != 0) state.chains.contacts[r.contact] = r.depth;
  if (r.watched != record::no_deadline || r.looked != Watch{}.looked) {
    state.watches.set(r.contact, Watch{r.watched, r.looked});
  }
  if (r.watched != record::no_deadline) {
    state.timers.arm(watch_mark | r.contact, r.watched, state.now);
  }
  join_account(state, r.contact);
  ++state.statistics.contacts;
}

void apply(State& state, const RowCame& r) {
  switch (r.table) {
    case RowCame::Table::rate: {
      state.rates.of(r.contact, r.key.high) = {static_cast<std::uint32_t>(r.a),
                                               static_cast<std::uint32_t>(r.b)};
      return;
    }
    case RowCame::Table::handle: return state.handles.put(r.contact, r.key, {r.a});
    case RowCame::Table::run: return state.last_runs.put(r.contact, r.key.high, {{r.a}, {r.b}});
    case RowCame::Table::variant:
      return state.variants.put(r.contact, r.key.high, {static_cast<std::uint64_t>(r.a), {r.b}});
    case RowCame::Table::short_run:
      return state.short_runs.add(
          {r.contact, static_cast<std::uint16_t>(r.key.high), static_cast<std::uint16_t>(r.a)});
    case RowCame::Table::passed:
      return state.arrivals.passed.put(r.contact, r.key.high, {r.a}, state.now);
    case RowCame::Table::segment:
      return state.members.set(static_cast<std::uint16_t>(r.key.high), r.contact, true);
    case RowCame::Table::line:
      return join_line(
          state, r.contact,
          {static_cast<std::uint16_t>(r.key.high), static_cast<std::uint8_t>(r.key.low)}, {r.a});
  }
}

void apply(State& state, const record::JourneyCame& r) {
  using record::JourneyCame;
  Journey journey;
  journey.due = r.due;
  journey.entered = r.entered;
  journey.contact = r.contact;
  journey.goals = r.goals;
  journey.entered_in = state.frame - r.entered_ago;
  journey.armed_in = state.frame - r.armed_ago;
  journey.version = r.version;
  journey.node = r.node;
  journey.ordinal = r.ordinal;
  journey.has_key = (r.flags & JourneyCame::has_key) != 0;
  journey.of_wall_time = (r.flags & JourneyCame::of_wall_time) != 0;
  journey.strand = r.strand;
  journey.held_for = static_cast<Journey::HeldFor>(r.held_for);
  journey.holdout = (r.flags & JourneyCame::holdout) != 0;
  journey.head = r.head;
  set_phase(state, journey, static_cast<Phase>(r.phase));
  const bool absent =
      journey.phase == Phase::held && journey.held_for == Journey::HeldFor::presence;
  if (absent) ++state.absent;
  journey.key = journey.is_strand() ? state.journeys[state.whole(r.head)].key
                                    : state.blobs.add(base::as_bytes(r.key));
  const std::uint32_t place = state.journeys.add(journey);
  if (journey.is_aside()) {
    state.asides[r.head].insert(place);
  } else {
    // They come in their order.
    std::uint32_t* link = &state.contacts[r.contact].journeys;
    while (*link != no_place) link = &state.journeys[*link].next;
    *link = place;
  }
  if (!journey.is_strand() && (journey.strand & chain_is_now) != 0) {
    state.chains.journeys.push_back(place);
  }
  state.migrations.any = state.migrations.any || (r.flags & JourneyCame::migrated) != 0;
  if ((r.flags & JourneyCame::stopped) != 0) {
    state.halts.stopped[place] = (r.flags & JourneyCame::fell_due) != 0;
  }
  if ((r.flags & JourneyCame::frozen) != 0) {
    state.halts.frozen[place] = {r.frozen_due, r.frozen_from};
  }
  if (r.due != record::no_deadline) state.timers.arm(place, r.due, state.now);
  if (is_in_flight(journey)) ++state.statistics.journeys_in_flight;
}

void apply(State& state, const record::ActionCame& r) {
  Journey& journey = state.journeys[r.journey];
  ActionState action;
  action.id = r.id;
  action.emitted = r.emitted;
  action.journey = r.journey;
  action.next = journey.actions;
  action.sequence = state.outbox.first_sequence - 1;  // before all that wait
  action.node = r.node;
  action.leg = r.leg;
  action.freed_slot = r.freed_slot != 0;
  action.receipts = r.receipts;
  action.used = r.used;
  action.address = r.address;
  journey.actions = state.actions.add(action);
  note_sender(state, r.action, no_sender);
  std::vector<Migrations::Origin>& moved = state.migrations.actions;
  const bool has_moved = r.version != no_version;
  if (has_moved && r.action >= moved.size()) moved.resize(std::size_t{r.action} + 1);
  if (r.action < moved.size()) moved[r.action] = {r.version, r.now_node};
  if (state.reports_come) state.action_index.insert(r.id.high, r.action);
}

void apply(State& state, const record::ContextCame& r) {
  Journey& journey = state.journeys[r.journey];
  journey.context = state.blobs.add(*context_here(state, r.progress, r.content, added_to(state)));
}

void apply(State& state, const record::OutCame& r) {
  Outbox& outbox = state.outbox;
  outbox.refused_since = true;  // there, perhaps
  OutboxEntry entry;
  put_action(entry, r);
  entry.address_at = outbox.bytes.size();
  entry.action = r.action;
  for (const base::ByteView part : {base::as_bytes(r.key), base::as_bytes(r.address), r.data}) {
    outbox.bytes.append(part);
  }
  outbox.entries.push_back(entry);
  const std::uint32_t sequence = state.next_sequence++;
  if (r.action != no_place) {
    if (state.reports_come) state.action_index.erase(r.id.high, r.action);
    state.actions[r.action].sequence = sequence;
  }
  ++state.statistics.actions_waiting;
}

void apply(State& state, const record::OpenCame& r) {
  if (!make_room_for_open(state, r.id)) return;
  OpenAction action;
  put_action(action, r);
  action.take = state.takes;
  base::ByteBuffer& content = state.room;
  content.clear();
  for (const base::ByteView part : {base::as_bytes(r.key), base::as_bytes(r.address), r.data}) {
    content.append(part);
  }
  action.content = state.blobs.add(content.view());
  action.unwanted = r.unwanted;
  if (r.offered != 0) {
    state.open.add(action);
    state.open.offer(state.open.find(r.id));
    ++state.statistics.actions_waiting;
  } else {
    state.open.come(action);
  }
  state.statistics.actions_open = state.open.size();
  state.contacts[r.contact].was_written_to = true;
}

void apply(State& state, const record::BegunCame& r) {
  state.arrivals.begun[state.plans.versions[r.version]->family].total = r.total;
}

void apply(State& state, const record::SentCame& r) {
  state.sent.insert({r.id, r.emitted, r.closed, r.address, r.contact, r.receipts, r.version, r.node,
                     no_sender, r.leg, r.freed_slot != 0});
  state.contacts[r.contact].was_written_to = true;
}

}  // namespace itinera::engine
