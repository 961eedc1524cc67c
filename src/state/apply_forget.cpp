// SPDX-License-Identifier: Apache-2.0
// A contact of whom nothing is to be known any more: every byte of it goes, and what pointed to it.
#include <algorithm>
#include <cstring>
#include <vector>

#include "state/apply.hpp"

namespace itinera::engine {
namespace {

void wipe(std::byte* begin, std::size_t size) { std::fill_n(begin, size, std::byte{0}); }

// What was not taken yet is not to be sent; its place in the row stays, since those behind it are
// counted by theirs.
void empty_outbox(State& state, std::uint32_t place) {
  for (OutboxEntry& entry : state.outbox.entries) {
    if (entry.contact != place) continue;
    if (!entry.withdrawn) {
      give_back(state, entry);
      ++state.outbox.withdrawn;
      ++state.statistics.actions_withdrawn;
      --state.statistics.actions_waiting;
    }
    wipe_content(state.outbox, entry);
    entry = OutboxEntry{};
    entry.withdrawn = true;
    entry.contact = no_place;
  }
  Outbox& handed = state.handed;
  for (OutboxEntry& entry : handed.entries) {
    if (entry.contact != place) continue;
    wipe_content(handed, entry);
    entry = OutboxEntry{};
    entry.withdrawn = true;
  }
  std::erase_if(handed.entries, [](const OutboxEntry& entry) { return entry.withdrawn; });
}

void forget_runs(State& state, std::uint32_t place) {
  state.short_runs.take_all(place, [&](const ShortRun& run) {
    state.forgotten_runs.add({state.contacts[place].hash, run.family, run.ordinal});
  });
}

void forget_arrivals(State& state, std::uint32_t place) {
  for (Line& line : state.arrivals.lines) std::erase(line.contacts, place);
  state.arrivals.passed.forget(place);
  state.chains.contacts.erase(place);
  for (std::size_t i = 0; i < state.plans.segments.size(); ++i) {
    const auto segment = static_cast<std::uint16_t>(i);
    if (state.members.has(segment, place)) state.members.set(segment, place, false);
  }
  if (place < state.watches.size()) state.watches.set(place, Watch{});
}

void forget_messages(State& state, std::uint32_t place) {
  if (!state.contacts[place].was_written_to) return;
  state.contacts[place].was_written_to = false;
  state.sent.forget(place);
  forget_open(state, place);
}

void forget_place(State& state, std::uint32_t place) {
  Contact& contact = state.contacts[place];
  leave_account(state, place);
  empty_outbox(state, place);
  forget_runs(state, place);
  forget_tables(state, place);
  state.contact_index.erase(contact.hash, place);
  for (const Blob blob : {contact.attributes, contact.history, contact.counted}) {
    state.blobs.release(blob);
  }
  if (contact.id_size > Contact::id_inline) {
    Blob id = 0;
    std::memcpy(&id, contact.id.data(), sizeof id);
    state.blobs.release(id);
  }
  if (!contact.is_away) --state.statistics.contacts;
  contact = Contact{};
  state.contacts.release(place);
}

// What a brake has counted stays. Whose it was is kept as long as something can be reported of it:
// of actions that nobody knows any more nothing can.
void forget_outcomes(State& state) {
  const auto knows = [&state](std::uint64_t high) {
    const auto is_it = [&](std::uint32_t at) { return state.actions[at].id.high == high; };
    return state.action_index.find(high, is_it) != no_place || state.sent.knows(high);
  };
  for (auto& [step, outcomes] : state.halts.outcomes) {
    for (Outcome& each : outcomes) {
      if (!knows(each.action)) each.action = 0;
    }
  }
}

}  // namespace

// The bytes of an action: key, address, data.
void wipe_content(Outbox& outbox, const OutboxEntry& entry) {
  wipe(outbox.bytes.data() + entry.address_at,
       std::size_t{entry.key_size} + entry.address_size + entry.data_size);
}

void forget_tables(State& state, std::uint32_t place) {
  state.short_runs.take_all(place, [](const ShortRun&) {});
  forget_arrivals(state, place);
  forget_messages(state, place);
  state.rates.take_all(place, [](std::uint64_t, const Rate&) {});
  state.handles.forget(place);
  state.variants.take_all(place, [](std::uint64_t, const KeptVariant&) {});
  state.last_runs.take_all(place, [](std::uint64_t, const LastRun&) {});
}

void apply(State& state, const record::Forgotten& r) {
  state.ids.erase(r.contact);
  for (std::size_t at = 0; at < r.places.size(); at += 4) {
    forget_place(state, base::load_le<std::uint32_t>(r.places.data() + at));
  }
  forget_outcomes(state);
  state.room.clear();
  for (base::ByteBuffer* const each : {&state.room, &state.outbox.bytes, &state.handed.bytes}) {
    each->wipe_behind();
  }
}

}  // namespace itinera::engine
