// SPDX-License-Identifier: Apache-2.0
// Who turns out to be whom (S30): anonymous ids are linked, known contacts merged. And who is
// forgotten.
#include <algorithm>
#include <tuple>

#include "base/stable_hash.hpp"
#include "crossing/crossing.hpp"
#include "engine/process.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Counter;
using record::Decision;
using record::Reason;

// How far a journey has come, the further the greater: by how many actions it has had, then by the
// place of its step in the document; of equal ones the older is the further.
auto way_gone(const State& state, std::uint32_t journey) {
  const Journey& j = state.journeys[journey];
  std::uint32_t actions = 0;
  for (std::uint32_t at = j.actions; at != no_place; at = state.actions[at].next) ++actions;
  const std::int32_t step = j.phase == Phase::parked ? -1 : std::int32_t{j.node};
  return std::tuple(actions, step, -j.entered.ms, -std::int32_t{j.ordinal});
}

bool is_behind(const State& state, std::uint32_t a, std::uint32_t b) {
  const auto by_a = way_gone(state, a);
  const auto by_b = way_gone(state, b);
  if (by_a != by_b) return by_a < by_b;
  return state.origin_of(b).id < state.origin_of(a).id;
}

// The accounts of the messages to these contacts that nobody has taken yet.
std::vector<std::uint16_t> senders_to(const State& state, base::ByteView places) {
  std::vector<std::uint16_t> senders;
  for (const OutboxEntry& entry : state.outbox.entries) {
    if (entry.withdrawn || entry.sender == no_sender) continue;
    for (std::size_t at = 0; at < places.size(); at += 4) {
      if (base::load_le<std::uint32_t>(places.data() + at) == entry.contact) {
        senders.push_back(entry.sender);
      }
    }
  }
  return senders;
}

// Of a contact's journeys those in flight, without strands.
std::vector<std::uint32_t> in_flight(const State& state, std::uint32_t contact) {
  std::vector<std::uint32_t> journeys;
  for (std::uint32_t at = state.contacts[contact].journeys; at != no_place;
       at = state.journeys[at].next) {
    const Journey& j = state.journeys[at];
    if (!j.is_strand() && j.phase != Phase::open_goals) journeys.push_back(at);
  }
  return journeys;
}

}  // namespace

void Process::take(const Alias& alias, const Taken& taken) {
  const Who who = find(alias.contact);
  record::AliasInput input;
  input.contact = who.place;
  input.contact_id = who.id;
  input.previous = alias.previous;
  if (!begin_message(input, alias, taken)) return;
  const std::uint32_t contact = contact_of(who);
  const bool is_device = find(anonymous_contact_id(alias.previous)).place != no_place;
  if (is_device || alias.previous == alias.contact || find(alias.previous).place == no_place) {
    link(contact, alias.previous);
  } else {
    merge(contact, alias.previous);
  }
  settle_about(contact);
}

void Process::take(const Merge& merging, const Taken& taken) {
  const Who into = find(merging.into);
  const Who from = find(merging.from);
  record::MergeInput input;
  input.into = into.place;
  input.into_id = into.id;
  input.from = from.place;
  input.from_id = from.id;
  if (!begin_message(input, merging, taken)) return;
  const std::uint32_t contact = contact_of(into);
  merge(contact, merging.from);
  settle_about(contact);
}

void Process::take(const Group& group, const Taken& taken) {
  const Who who = find(group.contact);
  record::GroupInput input;
  input.contact = who.place;
  input.contact_id = who.id;
  input.account = group.account;
  if (!begin_message(input, group, taken)) return;
  const std::uint32_t contact = contact_of(who);
  const auto members = state_.members_of.find(group.account);
  const bool full =
      members != state_.members_of.end() && members->second.size() >= state_.limits.account_members;
  const bool stays = state_.account_of(contact) == group.account;
  if (full && !stays) {
    commit(record::Refused{contact, no_version, Decision::refused_account, Reason::limit,
                           group.account});
  } else if (attribute_is_newer(state_, contact, account_name, input.occurred, input.message_id)) {
    const std::vector<std::uint32_t> stay = left_behind_by(contact);
    commit(record::Grouped{contact, group.account, input.occurred, input.message_id});
    release_held(contact, true);
    for (const std::uint32_t each : stay) release_held(each, true);
  }
  settle_about(contact);
}

// Nothing of it is left in this shard but its ids.
void Process::depart(std::uint32_t contact, std::uint8_t to, const Taken& taken) {
  begin(record::DepartInput{to}, taken);
  const base::Bytes places = packed_places(places_of(state_, contact));
  commit(record::Departed{contact, places});
  end_input();
}

// One of the account has gone there, and belongs to it no longer: who was to keep to a cap with it
// is free of its messages.
void Process::account_left(std::string_view account, std::uint8_t to, const Taken& taken) {
  const auto members = state_.members_of.find(account);
  if (members == state_.members_of.end()) return;
  const std::vector<std::uint32_t> stay = members->second;
  begin(record::DepartInput{to}, taken);
  for (const std::uint32_t each : stay) release_held(each, true);
  settle();
  end_input();
}

// What campaigns have begun in that shard counts here; null: what they have here counts there.
void Process::count_begun(const State* from, std::uint8_t shard, const Taken& taken) {
  const bool comes = from != nullptr;
  comes ? begin(record::ComeInput{shard}, taken) : begin(record::DepartInput{shard}, taken);
  const std::vector<Begun>& begun = comes ? from->arrivals.begun : state_.arrivals.begun;
  for (std::size_t i = 0; i < begun.size(); ++i) {
    if (begun[i].total == 0) continue;
    const std::uint64_t total = comes ? state_.arrivals.begun[i].total + begun[i].total : 0;
    commit(record::BegunCame{state_.plans.families[i].newest, total});
  }
  end_input();
}

// With what the clocks show by which its times were resolved.
void Process::come(const State& from, std::uint32_t contact, std::uint8_t shard,
                   const Taken& taken) {
  begin(record::ComeInput{shard}, taken);
  for (const auto& [name, rules] : from.zone_rules.known) {
    const auto zone = state_.zones->find(name);
    if (!zone || state_.zone_rules.knows(*zone)) continue;
    const base::Bytes shown = packed(rules);
    commit(record::ZoneKnown{name, shown});
  }
  const std::string id(from.id_of(from.contacts[contact]));
  Crossing(from, contact, state_).tell([this](const auto& r) { commit(r); });
  note_zone(find(id).place);
  settle();
  end_input();
}

// Everything ends first, as it would by itself; what is left is no journey's.
void Process::take(const Forget& forget, const Taken& taken) {
  std::uint32_t contact = find(forget.contact).place;
  const record::ForgetInput input{contact, message_key(forget)};
  begin(input, taken);
  if (repeats(input.message)) return;
  if (contact == no_place) {
    // Of who is unknown frames may tell all the same: what left no trace, what came after another
    // forgetting. Whoever erases finds them by the contact of a moment.
    contact = state_.contacts.next_place();
    commit(record::ContactCreated{contact, forget.contact});
  }
  const std::uint32_t& first = state_.contacts[contact].journeys;  // a journey, and no strand
  while (first != no_place) {
    if (state_.journeys[first].phase == Phase::open_goals) {
      commit(record::Closed{first});
    } else {
      end(first, Decision::exited, Reason::forgotten);
    }
  }
  const base::Bytes places = packed_places(places_of(state_, contact));
  const std::vector<std::uint16_t> freed = senders_to(state_, places);
  const std::vector<std::uint32_t> stay = left_behind_by(contact);
  commit(record::Forgotten{contact, places});
  for (const std::uint32_t each : stay) release_held(each, true);
  for (const std::uint16_t sender : freed) offer(sender);
  std::erase(touched_, contact);
  settle();
}

// Linking is idempotent. Of two contacts that lay claim to one device, the one has it whose link
// occurred first, then by id; what went before stays where it is.
void Process::link(std::uint32_t contact, std::string_view anonymous) {
  const std::string id = anonymous_contact_id(anonymous);
  const std::uint64_t hash = base::stable_hash(id).high;
  std::uint32_t from = place_of_id(state_, id, hash);
  const std::uint32_t linked = from == no_place ? no_place : state_.contacts[from].linked;
  if (from == contact) return;
  if (linked != no_place && linked == contact) {
    // The earlier claim counts, should somebody else lay one to it.
    if (state_.input.occurred >= state_.contacts[from].first_seen) return;
    return commit(record::Linked{contact, from, anonymous});
  }
  if (linked != no_place) {
    commit(record::Counted{Counter::relinked, no_place, model::end_node});
    const std::tuple has(state_.contacts[from].first_seen, state_.id_of(state_.contacts[linked]));
    const std::tuple claims(state_.input.occurred, state_.id_of(state_.contacts[contact]));
    if (has < claims) return;
  }
  if (!may_unite(contact, from, id)) return;
  if (from == no_place) from = contact_of({no_place, id, hash});
  unite(record::Linked{contact, from, anonymous});
}

void Process::merge(std::uint32_t contact, std::string_view other) {
  const Who who = find(other);
  if (who.place == contact || !may_unite(contact, who.place, other)) return;
  unite(record::Merged{contact, contact_of(who)});
}

// Who has the same handle is the same person. Returns the one of both who is left.
std::uint32_t Process::verify(std::uint32_t contact, const Handle& handle) {
  const Handles::Owner owner = state_.handles.find(handle_hash(handle.kind, handle.value));
  if (owner.contact == contact) {
    if (state_.input.occurred < owner.since) {
      commit(record::Verified{contact, handle.kind, handle.value});
    }
    return contact;
  }
  if (owner.contact == no_place) {
    if (state_.handles.count(contact) < state_.limits.identities) {
      commit(record::Verified{contact, handle.kind, handle.value});
    } else {
      refuse_link(contact, handle.value);
    }
    return contact;
  }
  const auto claim = [&](std::uint32_t who, Instant since) {
    const Instant earliest = state_.handles.earliest(who, since);
    return std::tuple(earliest, state_.id_of(state_.contacts[who]));
  };
  const bool has_it = claim(owner.contact, owner.since) < claim(contact, state_.input.occurred);
  const std::uint32_t into = has_it ? owner.contact : contact;
  const std::uint32_t from = has_it ? contact : owner.contact;
  if (!may_unite(into, from, state_.id_of(state_.contacts[from]))) return contact;
  unite(record::Merged{into, from});
  commit(record::Verified{into, handle.kind, handle.value});
  return into;
}

// Neither loses anything where they stay apart.
bool Process::may_unite(std::uint32_t contact, std::uint32_t from, std::string_view id) {
  std::size_t ids = state_.ids_of(contact) + 1;
  std::size_t handles = 0;
  std::size_t journeys = 0;
  if (from != no_place) {
    ids += state_.ids_of(from);
    handles = state_.handles.count(contact) + state_.handles.count(from);
    const std::size_t moved = in_flight(state_, from).size();
    if (moved != 0) journeys = moved + in_flight(state_, contact).size();
  }
  if (std::max(ids, handles) <= state_.limits.identities &&
      journeys <= state_.limits.journeys_per_contact) {
    return true;
  }
  refuse_link(contact, id);
  return false;
}

void Process::refuse_link(std::uint32_t contact, std::string_view id) {
  commit(record::Refused{contact, no_version, Decision::refused_link, Reason::limit, id});
}

// What waits by the clock of either waits by that of both; what both do is done once.
template <class Record>
void Process::unite(const Record& r) {
  keep_wall_times(r.contact);
  keep_wall_times(r.from);
  const std::vector<std::uint32_t> own = in_flight(state_, r.contact);
  const std::vector<std::uint32_t> came = in_flight(state_, r.from);
  const bool was_there = state_.contacts[r.contact].first_seen < state_.now;
  const std::optional<ZoneIndex> zone = own_zone(r.contact);
  std::vector<std::uint32_t> stay = left_behind_by(r.contact);
  for (const std::uint32_t each : left_behind_by(r.from)) stay.push_back(each);
  share_segments(r.contact, r.from);
  commit(r);
  end_doubles(own, came);
  release_held(r.contact, false);
  for (const std::uint32_t each : stay) release_held(each, true);
  if (was_there) note_move(r.contact, zone);
  all_anew(r.contact);
  note_zone(r.contact);
}

// Both are where either was, until that is asked anew: then only what differs is told, and the
// order of merges is nothing.
void Process::share_segments(std::uint32_t contact, std::uint32_t from) {
  for (const std::uint16_t segment : state_.plans.heard_segments) {
    if (!state_.members.has(segment, from) || state_.members.has(segment, contact)) continue;
    commit(record::MembershipChanged{contact, segment, 1});
  }
}

void Process::end_doubles(const std::vector<std::uint32_t>& own,
                          const std::vector<std::uint32_t>& came) {
  const auto runs = [&](std::uint32_t journey) {
    const Phase phase = state_.journeys[journey].phase;
    return phase != Phase::gone && phase != Phase::open_goals;
  };
  for (const std::uint32_t one : own) {
    for (const std::uint32_t other : came) {
      if (!runs(one) || !runs(other)) continue;
      const std::optional<std::uint32_t> less = lesser_of(one, other);
      if (less) end(*less, Decision::exited, Reason::merged);
    }
  }
}

// Of two journeys that one contact may not have at once, the one that ends.
std::optional<std::uint32_t> Process::lesser_of(std::uint32_t one, std::uint32_t other) const {
  const Journey& a = state_.journeys[one];
  const Journey& b = state_.journeys[other];
  const CampaignPlan& plan_a = state_.plan_of(a);
  const CampaignPlan& plan_b = state_.plan_of(b);
  const std::uint32_t behind = is_behind(state_, one, other) ? one : other;
  if (plan_a.family == plan_b.family) {
    const CampaignPlan& newest =
        *state_.plans.versions[state_.plans.families[plan_a.family].newest];
    const bool same = a.has_key == b.has_key && state_.key_of(a) == state_.key_of(b);
    if (same && newest.campaign.while_running != WhileRunning::another) return behind;
  }
  if (plan_a.group == no_name || !runs_in(one, plan_a.group) || !runs_in(other, plan_a.group)) {
    return std::nullopt;
  }
  const std::uint32_t priority_a = plan_a.campaign.priority;
  const std::uint32_t priority_b = plan_b.campaign.priority;
  if (priority_a == priority_b) return behind;
  return priority_a < priority_b ? one : other;
}

}  // namespace itinera::engine
