// SPDX-License-Identifier: Apache-2.0
// Actions that were taken and of which nothing was reported: kept, so that they can be offered
// again under the same id (S32).
#include <algorithm>
#include <vector>

#include "state/apply.hpp"

namespace itinera::engine {
namespace {

void erase_open(State& state, std::uint32_t place) {
  OpenActions& open = state.open;
  if (open[place].offered) --state.statistics.actions_waiting;
  state.blobs.release(open[place].content);
  open.erase(place);
  state.statistics.actions_open = open.size();
}

// Those that were offered again leave before the others.
void hand_over_again(State& state) {
  OpenActions& open = state.open;
  Outbox& handed = state.handed;
  std::vector<OutboxEntry> again;
  again.reserve(open.offered());
  for (std::uint32_t at = open.first_offered(); at != OpenAction::none; at = open.after(at)) {
    const OpenAction& action = open[at];
    OutboxEntry& entry = again.emplace_back();
    entry.id = action.id;
    entry.at = action.at;
    entry.address_at = handed.bytes.size();
    entry.contact = action.contact;
    entry.iteration = action.iteration;
    entry.attempt = action.attempt;
    entry.key_size = action.key_size;
    entry.address_size = action.address_size;
    entry.data_size = action.data_size;
    entry.version = action.version;
    entry.node = action.node;
    entry.leg = action.leg;
    entry.sender = action.sender;
    entry.has_key = action.has_key;
    entry.maybe_executed = true;
    handed.bytes.append(state.blobs.view(action.content));
    open.take(at, state.takes);
  }
  handed.entries.insert(handed.entries.begin(), again.begin(), again.end());
}

void keep(State& state, const OutboxEntry& entry) {
  OpenActions& open = state.open;
  if (!make_room_for_open(state, entry.id)) return;
  OpenAction action;
  action.id = entry.id;
  action.at = entry.at;
  action.take = state.takes;
  action.content = state.blobs.add(state.handed.bytes.view().subspan(
      entry.address_at, std::size_t{entry.key_size} + entry.address_size + entry.data_size));
  action.contact = entry.contact;
  state.contacts[entry.contact].was_written_to = true;
  action.iteration = entry.iteration;
  action.attempt = entry.attempt;
  action.key_size = entry.key_size;
  action.address_size = entry.address_size;
  action.data_size = entry.data_size;
  action.version = entry.version;
  action.node = entry.node;
  action.sender = entry.sender;
  action.leg = entry.leg;
  action.has_key = entry.has_key;
  open.add(action);
}

// Whether one of its steps has ended the journey.
bool ends_itself(const State& state, std::uint32_t journey) {
  for (std::uint32_t at = journey; at != no_place; at = state.next_strand(at, journey)) {
    if (state.journeys[at].phase == Phase::moving) return true;
  }
  return false;
}

}  // namespace

bool make_room_for_open(State& state, const Hash128& id) {
  OpenActions& open = state.open;
  const std::uint32_t same = open.find(id);  // a journey that goes on elsewhere keeps its ids
  if (same != OpenAction::none) erase_open(state, same);
  if (state.limits.open_actions == 0) return false;
  if (open.size() >= state.limits.open_actions) {
    erase_open(state, open.first());
    ++state.statistics.open_dropped;
  }
  return true;
}

void keep_taken(State& state) {
  ++state.takes;
  if (!state.open.keeps()) return;
  const std::size_t again = state.open.offered();
  if (again > 0) hand_over_again(state);
  for (std::size_t i = again; i < state.handed.entries.size(); ++i) {
    keep(state, state.handed.entries[i]);
  }
  state.statistics.actions_open = state.open.size();
}

void close_open(State& state, const Hash128& id) {
  const std::uint32_t place = state.open.find(id);
  if (place != OpenAction::none) erase_open(state, place);
}

void forget_open(State& state, std::uint32_t contact) {
  for (const std::uint32_t at : state.open.to({&contact, 1})) erase_open(state, at);
}

// As of what was not taken yet: a journey that ends by its own steps keeps what it sent, and what a
// `set` or a `consent` has changed is changed.
void note_unwanted(State& state, const record::Ended& r) {
  if (state.open.size() == 0 || r.decision != record::Decision::exited) return;
  if (ends_itself(state, r.journey)) return;
  const Journey& journey = state.journeys[r.journey];
  for (std::uint32_t at = journey.actions; at != no_place; at = state.actions[at].next) {
    const std::uint32_t place = state.open.find(state.actions[at].id);
    if (place == OpenAction::none) continue;
    const StepKind kind = state.step_of(at).kind;
    if (kind == StepKind::set || kind == StepKind::consent) continue;
    state.open[place].unwanted = static_cast<std::uint8_t>(r.reason);
  }
}

void apply(State& state, const record::ReofferInput& input) {
  ++state.statistics.inputs;
  index_actions(state);
  OpenActions& open = state.open;
  open.keep(true);
  const std::size_t before = open.offered();
  if (input.actions.empty()) {
    const std::uint32_t offered = open.first_offered();
    for (std::uint32_t at = open.first(); at != offered;) {
      const std::uint32_t next = open.after(at);
      open.offer(at);
      at = next;
    }
  }
  for (base::Reader in(input.actions); !in.at_end();) {
    Hash128 id;
    id.high = in.number<std::uint64_t>();
    id.low = in.number<std::uint64_t>();
    const std::uint32_t place = open.find(id);
    if (place != OpenAction::none) open.offer(place);
  }
  state.statistics.actions_waiting += open.offered() - before;
  state.statistics.actions_reoffered += open.offered() - before;
}

void apply(State& state, const record::AcknowledgeInput& input) {
  ++state.statistics.inputs;
  OpenActions& open = state.open;
  if (input.keep == 0) open.keep(false);
  for (std::uint32_t at = open.first(); at != OpenAction::none;) {
    std::uint32_t next = open.after(at);
    if (open[at].take <= input.takes || !open.keeps()) {
      erase_open(state, at);
    } else if (!open[at].offered) {  // later ones, and then those that are offered again
      next = open.first_offered();
    }
    at = next;
  }
}

void apply(State& state, const record::UnknownOutcome& r) {
  if (r.entry != no_place) state.handed.entries[r.entry].withdrawn = true;
  close_open(state, r.id);
  ++state.statistics.outcomes_unknown;
}

}  // namespace itinera::engine
