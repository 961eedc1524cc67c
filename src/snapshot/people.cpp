// SPDX-License-Identifier: Apache-2.0
// Contacts and journeys, each at its place: records of later frames speak of them by that.
#include <algorithm>
#include <string>

#include "snapshot/sound.hpp"
#include "snapshot/walks.hpp"
#include "state/apply.hpp"
#include "state/chains.hpp"

namespace itinera::engine {
namespace {

// Whether its history is unknown; above that, how deep in a chain it joined a line at this instant;
// above that, whether it is away.
constexpr unsigned is_away = 0x80;
static_assert(chain_depth_max << 1 < is_away);

std::uint8_t flags_of(const State& state, const Contact& contact, std::uint32_t place) {
  const auto chained = state.chains.contacts.find(place);
  const unsigned depth = chained == state.chains.contacts.end() ? 0 : chained->second;
  return static_cast<std::uint8_t>((contact.history_unknown ? 1U : 0U) | depth << 1 |
                                   (contact.is_away ? is_away : 0U));
}

void save_contact(Saver& v, const State& state, std::uint32_t place) {
  const Contact& contact = state.contacts[place];
  v.bytes(base::as_bytes(state.id_of(contact)));
  v(contact.first_seen, contact.journeys, contact.linked, flags_of(state, contact, place));
  v.bytes(state.blobs.view(contact.attributes));
  v.bytes(state.blobs.view(contact.history));
  v.bytes(state.blobs.view(contact.counted));
}

void load_contact(Loader& v, State& state, std::uint32_t place) {
  const base::ByteView id = v.bytes();
  if (id.empty() || id.size() > 0xFFFF) return v.fail();
  const std::string_view text = base::as_text(id);
  Contact contact;
  contact.hash = base::stable_hash(text).high;
  const std::uint32_t known = state.contact_index.find(contact.hash, [&](std::uint32_t at) {
    return base::same_text(state.id_of(state.contacts[at]), text);
  });
  if (known != base::HashIndex::none) return v.fail();
  put_id(state, contact, text);
  std::uint8_t flags = 0;
  v(contact.first_seen, contact.journeys, contact.linked, flags);
  contact.history_unknown = (flags & 1) != 0;
  contact.is_away = (flags & is_away) != 0;
  const auto depth = static_cast<std::uint8_t>((flags & ~is_away) >> 1);
  v.must(depth <= chain_depth_max);
  if (depth != 0) state.chains.contacts[place] = depth;
  for (Blob* const blob : {&contact.attributes, &contact.history, &contact.counted}) {
    walk_blob(v, state, *blob);
  }
  state.contacts[place] = contact;
  state.contact_index.insert(contact.hash, place);
}

// Who belongs to which account stands among the attributes.
void gather_accounts(Loader& v, State& state) {
  for (std::uint32_t at = 0; at < state.contacts.size(); ++at) {
    const base::ByteView attributes = state.blobs.view(state.contacts[at].attributes);
    if (!are_attributes(state, attributes)) return v.fail();
    const std::string_view account = state.account_of(at);
    if (!account.empty()) state.members_of[std::string(account)].push_back(at);
  }
  for (auto& [account, members] : state.members_of) {
    std::sort(members.begin(), members.end(),
              [&](std::uint32_t a, std::uint32_t b) { return contact_before(state, a, b); });
  }
}

template <class V, class S, class J>
void walk_journey(V& v, S& state, J& j) {
  v(j.due, j.entered, j.contact, j.next, j.actions, j.goals, j.entered_in, j.armed_in, j.version,
    j.node, j.ordinal, j.phase, j.has_key, j.of_wall_time, j.strand, j.held_for, j.holdout, j.head);
  walk_blob(v, state, j.key);
  walk_blob(v, state, j.context);
}

}  // namespace

template <class V, class S>
void walk_people(V& v, S& state) {
  base::Pool<Contact>::walk(v, state.contacts, [&](std::uint32_t place) {
    if constexpr (V::loads) {
      load_contact(v, state, place);
    } else {
      save_contact(v, state, place);
    }
  });
  base::Pool<Journey>::walk(v, state.journeys, [&](std::uint32_t place) {
    walk_journey(v, state, state.journeys[place]);
    if constexpr (V::loads) {
      const Journey& j = state.journeys[place];
      v.must(j.phase != Phase::gone && j.phase <= Phase::open_goals);
      if (j.is_aside() && v.ok()) state.asides[j.head].insert(place);
      const bool is_chained = !j.is_strand() && (j.strand & chain_is_now) != 0;
      if (is_chained) state.chains.journeys.push_back(place);
    }
  });
  walk_map(v, state.ids, [&](auto& contact, auto& ids) {
    v(contact);
    walk_list(v, ids);
  });
  if constexpr (V::loads) {
    if (v.ok()) gather_accounts(v, state);
  }
}

template void walk_people(Saver& v, const State& state);
template void walk_people(Loader& v, State& state);

}  // namespace itinera::engine
