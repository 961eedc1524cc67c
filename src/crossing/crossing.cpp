// SPDX-License-Identifier: Apache-2.0
#include "crossing/crossing.hpp"

#include <algorithm>

#include "state/chains.hpp"

namespace itinera::engine {

using record::RowCame;

std::vector<std::uint32_t> places_of(const State& state, std::uint32_t contact) {
  std::vector<std::uint32_t> places{contact};
  if (const auto ids = state.ids.find(contact); ids != state.ids.end()) {
    places.insert(places.end(), ids->second.begin(), ids->second.end());
  }
  return places;
}

base::Bytes packed_places(const std::vector<std::uint32_t>& places) {
  base::Bytes packed;
  base::Writer out(packed);
  for (const std::uint32_t place : places) out.number(place);
  return packed;
}

std::uint32_t place_of_id(const State& state, std::string_view id, std::uint64_t hash) {
  const std::uint32_t place = state.contact_index.find(hash, [&](std::uint32_t at) {
    return state.contacts[at].hash == hash && state.id_of(state.contacts[at]) == id;
  });
  return place == base::HashIndex::none ? no_place : place;
}

std::uint32_t place_to_come(const State& state, std::string_view id, std::uint64_t hash) {
  const std::uint32_t known = place_of_id(state, id, hash);
  if (known == no_place) return state.contacts.next_place();
  return state.contacts[known].is_away ? known : no_place;
}

bool Crossing::was_written_to() const {
  return std::any_of(places_.begin(), places_.end(),
                     [this](std::uint32_t at) { return from_.contacts[at].was_written_to; });
}

std::vector<std::uint32_t> Crossing::journeys() const {
  std::vector<std::uint32_t> all;
  std::vector<std::uint32_t> heads;
  for (std::uint32_t at = from_.contacts[places_.front()].journeys; at != no_place;
       at = from_.journeys[at].next) {
    all.push_back(at);
    if (!from_.journeys[at].is_strand()) heads.push_back(at);
  }
  for (const std::uint32_t head : heads) {
    const std::set<std::uint32_t>& asides = from_.asides_of(head);
    all.insert(all.end(), asides.begin(), asides.end());
  }
  return all;
}

std::vector<std::uint32_t> Crossing::actions_of(std::uint32_t journey) const {
  std::vector<std::uint32_t> actions;
  for (std::uint32_t at = from_.journeys[journey].actions; at != no_place;
       at = from_.actions[at].next) {
    actions.push_back(at);
  }
  std::reverse(actions.begin(), actions.end());
  return actions;
}

std::vector<RowCame> Crossing::rows() const {
  using Table = RowCame::Table;
  std::vector<RowCame> rows;
  for (const std::uint32_t place : places_) {
    const auto add = [&](Table table, Hash128 key, std::int64_t a, std::int64_t b) {
      rows.push_back({contacts_.at(place), table, key, a, b});
    };
    from_.rates.for_each_of(place, [&](std::uint64_t channel, const Rate& rate) {
      add(Table::rate, {channel, 0}, rate.sent, rate.engaged);
    });
    from_.handles.for_each_of(place, [&](const Hash128& handle, Instant since) {
      add(Table::handle, handle, since.ms, 0);
    });
    from_.last_runs.for_each_of(place, [&](std::uint64_t run, const LastRun& last) {
      add(Table::run, {run, 0}, last.entered.ms, last.ended.ms);
    });
    from_.variants.for_each_of(place, [&](std::uint64_t split, const KeptVariant& kept) {
      add(Table::variant, {split, 0}, static_cast<std::int64_t>(kept.name), kept.assigned.ms);
    });
    from_.short_runs.for_each([&](const ShortRun& run) {
      if (run.contact == place) add(Table::short_run, {run.family, 0}, run.ordinal, 0);
    });
    from_.arrivals.passed.for_each_of(place, [&](std::uint64_t way, Instant until) {
      add(Table::passed, {way, 0}, until.ms, 0);
    });
    for (const std::uint16_t segment : from_.plans.heard_segments) {
      if (from_.members.has(segment, place)) add(Table::segment, {segment, 0}, 0, 0);
    }
    for (const Line& line : from_.arrivals.lines) {
      const bool leads_in = line.ref.version != no_version;
      if (leads_in &&
          std::find(line.contacts.begin(), line.contacts.end(), place) != line.contacts.end()) {
        add(Table::line, {line.ref.version, line.ref.entry}, line.due.ms, 0);
      }
    }
  }
  return rows;
}

Whereabouts Crossing::whereabouts() const {
  return {[this](std::uint32_t action) { return actions_.at(action); },
          [this](std::uint32_t contact) {
            const auto found = contacts_.find(contact);
            return found == contacts_.end() ? contacts_.at(places_.front()) : found->second;
          }};
}

record::ContactCame Crossing::contact(std::uint32_t place, base::ByteView attributes,
                                      base::ByteView history) {
  const Contact& it = from_.contacts[place];
  const std::string_view id = from_.id_of(it);
  const std::uint32_t here = place_to_come(to_, id, it.hash);
  contacts_[place] = here;
  const Watch watch = from_.watches.of(place);
  const auto chained = from_.chains.contacts.find(place);
  const std::uint8_t depth = chained == from_.chains.contacts.end() ? 0 : chained->second;
  return {here,
          place,
          contacts_.at(places_.front()),
          id,
          it.first_seen,
          it.history_unknown,
          depth,
          attributes,
          history,
          list(it.counted),
          watch.due,
          watch.looked};
}

record::JourneyCame Crossing::journey(std::uint32_t place) {
  using record::JourneyCame;
  const Journey& j = from_.journeys[place];
  const std::uint32_t here = to_.journeys.next_place();
  journeys_[place] = here;
  JourneyCame came;
  came.journey = here;
  came.from = place;
  came.contact = contacts_.at(places_.front());
  if (j.is_strand()) came.head = journeys_.at(j.head);
  came.version = j.version;
  came.node = j.node;
  came.ordinal = j.ordinal;
  came.phase = static_cast<std::uint8_t>(j.phase);
  came.strand = j.strand;
  came.held_for = static_cast<std::uint8_t>(j.held_for);
  came.goals = j.goals;
  came.entered_ago = from_.frame - j.entered_in;
  came.armed_ago = from_.frame - j.armed_in;
  came.entered = j.entered;
  came.due = j.due;
  came.key = from_.key_of(j);
  const auto flag = [&came](bool is, std::uint8_t bit) {
    if (is) came.flags = static_cast<std::uint8_t>(came.flags | bit);
  };
  flag(j.has_key, JourneyCame::has_key);
  flag(j.of_wall_time, JourneyCame::of_wall_time);
  flag(j.holdout, JourneyCame::holdout);
  flag(from_.migrations.any, JourneyCame::migrated);
  if (const auto stopped = from_.halts.stopped.find(place); stopped != from_.halts.stopped.end()) {
    flag(true, JourneyCame::stopped);
    flag(stopped->second, JourneyCame::fell_due);
  }
  if (const auto frozen = from_.halts.frozen.find(place); frozen != from_.halts.frozen.end()) {
    flag(true, JourneyCame::frozen);
    came.frozen_due = frozen->second.due;
    came.frozen_from = frozen->second.from;
  }
  return came;
}

record::ActionCame Crossing::action(std::uint32_t place) {
  const ActionState& it = from_.actions[place];
  const std::uint32_t here = to_.actions.next_place();
  actions_[place] = here;
  const std::vector<Migrations::Origin>& moved = from_.migrations.actions;
  const Migrations::Origin origin = place < moved.size() ? moved[place] : Migrations::Origin{};
  return {here,           journeys_.at(it.journey),
          it.id,          it.emitted,
          it.node,        it.leg,
          it.freed_slot,  it.receipts,
          it.used,        it.address,
          origin.version, origin.node};
}

namespace {

// The parts of an action's content.
template <class R, class A>
void put_content(R& came, const A& action, base::ByteView content) {
  came.key = base::as_text(content.first(action.key_size));
  came.address = base::as_text(content.subspan(action.key_size, action.address_size));
  came.data = content.subspan(std::size_t{action.key_size} + action.address_size, action.data_size);
}

}  // namespace

record::OutCame Crossing::waiting(const OutboxEntry& entry) const {
  record::OutCame came;
  came.contact = contacts_.at(entry.contact);
  const auto action = actions_.find(entry.action);
  const bool has_state = action != actions_.end() && from_.actions[entry.action].id == entry.id;
  if (has_state) came.action = action->second;
  came.id = entry.id;
  came.at = entry.at;
  came.iteration = entry.iteration;
  came.attempt = entry.attempt;
  came.version = entry.version;
  came.node = entry.node;
  came.leg = entry.leg;
  came.has_key = entry.has_key;
  put_content(came, entry, from_.outbox.bytes.view().subspan(entry.address_at));
  return came;
}

record::OpenCame Crossing::open(const OpenAction& action) const {
  record::OpenCame came;
  came.contact = contacts_.at(action.contact);
  came.id = action.id;
  came.at = action.at;
  came.iteration = action.iteration;
  came.attempt = action.attempt;
  came.version = action.version;
  came.node = action.node;
  came.leg = action.leg;
  came.unwanted = action.unwanted;
  came.has_key = action.has_key;
  came.offered = action.offered;
  put_content(came, action, list(action.content));
  return came;
}

record::SentCame Crossing::sent(const SentMessage& message) const {
  return {contacts_.at(message.contact),
          message.id,
          message.emitted,
          message.closed,
          message.address,
          message.receipts,
          message.version,
          message.node,
          message.leg,
          message.freed_slot};
}

}  // namespace itinera::engine
