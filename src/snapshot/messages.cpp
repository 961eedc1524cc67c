// SPDX-License-Identifier: Apache-2.0
// Actions, those that wait to be taken, and what is kept of others.
#include "snapshot/walks.hpp"
#include "state/apply.hpp"

namespace itinera::engine {
namespace {

template <class V, class A>
void walk_action(V& v, A& a) {
  v(a.id, a.emitted, a.journey, a.next, a.node, a.leg, a.freed_slot, a.receipts, a.used, a.address);
}

template <class V, class E>
void walk_entry(V& v, E& e) {
  v(e.id, e.at, e.action, e.contact, e.iteration, e.attempt, e.key_size, e.address_size,
    e.data_size, e.version, e.node, e.leg, e.sender, e.has_key, e.withdrawn, e.maybe_executed);
}

std::size_t content_size(const OutboxEntry& entry) {
  return std::size_t{entry.key_size} + entry.address_size + entry.data_size;
}

template <class V, class S>
void walk_outbox(V& v, S& state) {
  auto& outbox = state.outbox;
  v(outbox.refused_since);
  walk_list(v, outbox.entries, [&](auto& entry) {
    walk_entry(v, entry);
    if constexpr (V::loads) {
      const base::ByteView content = v.bytes();
      v.must(content.size() == content_size(entry));
      entry.address_at = outbox.bytes.size();
      outbox.bytes.append(content);
      if (entry.withdrawn) ++outbox.withdrawn;
    } else {
      v.bytes(outbox.bytes.view().subspan(entry.address_at, content_size(entry)));
    }
  });
}

// Numbers say which action of the outbox one is; all others have been taken.
void number_actions(State& state) {
  Outbox& outbox = state.outbox;
  const auto waiting = static_cast<std::uint32_t>(outbox.entries.size());
  outbox.first_sequence = state.next_sequence - waiting;
  for (std::uint32_t at = 0; at < state.actions.size(); ++at) {
    state.actions[at].sequence = outbox.first_sequence - 1;
  }
  for (std::uint32_t i = 0; i < waiting; ++i) {
    const OutboxEntry& entry = outbox.entries[i];
    if (entry.action >= state.actions.size()) continue;
    ActionState& action = state.actions[entry.action];
    if (action.id == entry.id) action.sequence = outbox.first_sequence + i;
  }
}

// Places that make no sense are found later.
void note_written_to(State& state) {
  const auto note = [&state](std::uint32_t contact) {
    if (contact < state.contacts.size()) state.contacts[contact].was_written_to = true;
  };
  for (const SentMessage& each : state.sent.all()) note(each.contact);
  for (std::uint32_t at = state.open.first(); at != OpenAction::none; at = state.open.after(at)) {
    note(state.open[at].contact);
  }
}

template <class V, class Origins>
void walk_origin(V& v, Origins& origins, std::uint32_t place) {
  Migrations::Origin origin = place < origins.size() ? origins[place] : Migrations::Origin{};
  v(origin.version, origin.node);
  if constexpr (V::loads) {
    if (place >= origins.size()) origins.resize(std::size_t{place} + 1);
    origins[place] = origin;
  }
}

}  // namespace

template <class V, class S>
void walk_messages(V& v, S& state) {
  v(state.migrations.any);
  base::Pool<ActionState>::walk(v, state.actions, [&](std::uint32_t place) {
    walk_action(v, state.actions[place]);
    std::uint16_t sender = state.sender_of(place);
    v(sender);
    if constexpr (V::loads) note_sender(state, place, sender);
    if (state.migrations.any) walk_origin(v, state.migrations.actions, place);
  });
  walk_outbox(v, state);
  SentMessages::walk(v, state.sent);
  OpenActions::walk(v, state.open, [&](auto& action) { walk_blob(v, state, action.content); });
  ShortRuns::walk(v, state.short_runs);
  ForgottenRuns::walk(v, state.forgotten_runs);
  if constexpr (V::loads) {
    number_actions(state);
    if (v.ok()) note_written_to(state);
    if (std::exchange(state.reports_come, false) && v.ok()) index_actions(state);
  }
}

template void walk_messages(Saver& v, const State& state);
template void walk_messages(Loader& v, State& state);

}  // namespace itinera::engine
