// SPDX-License-Identifier: Apache-2.0
// What folds have counted and remember, as bytes and back. What is loaded is within its bounds, as
// if frames had been read: bytes that were made up are refused, however their checksum.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "insight/census.hpp"
#include "insight/headcount.hpp"
#include "insight/memory.hpp"
#include "insight/words.hpp"
#include "model/model_codec.hpp"
#include "snapshot/archive.hpp"

namespace itinera::insight {
namespace {

// By which of a send's channels, or none of them.
constexpr std::uint8_t no_leg = 0xFF;

std::uint8_t leg_of(const Definition& definition, std::uint16_t node, std::string_view channel) {
  const auto* const send = std::get_if<Send>(&definition.graph.nodes[node].step->kind);
  if (send == nullptr) return no_leg;
  for (std::uint8_t leg = 0; leg <= send->alternatives.size() && leg < no_leg; ++leg) {
    if (channel_of(*send, leg) == channel) return leg;
  }
  return no_leg;
}

std::string_view channel_at(const Definition& definition, std::uint16_t node, std::uint8_t leg) {
  const auto* const send = std::get_if<Send>(&definition.graph.nodes[node].step->kind);
  return send == nullptr ? std::string_view{} : channel_of(*send, leg);
}

// Of an Emission or a Waiting: where it came from.
template <class V, class Definitions, class Origin>
void walk_origin(V& v, const Definitions& definitions, Origin& origin) {
  v(origin.definition, origin.node);
  std::uint8_t leg = no_leg;
  if constexpr (V::loads) {
    v(leg);
    v.must(origin.definition < definitions.size() &&
           origin.node < definitions[origin.definition].graph.nodes.size());
    if (!v.ok()) return;
    origin.channel = channel_at(definitions[origin.definition], origin.node, leg);
  } else {
    leg = leg_of(definitions[origin.definition], origin.node, origin.channel);
    v(leg);
  }
}

// The names that channels have declared, by their numbers.
template <class V, class Numbers>
void walk_receipts(V& v, Numbers& receipts) {
  constexpr auto first = static_cast<std::size_t>(Receipt::declared);
  const std::uint64_t declared = v.count(receipts.size() - first);
  if constexpr (V::loads) {
    v.must(declared <= model::ReceiptNumbers::most);
    Workspace workspace;
    Channel& channel = workspace.channels.emplace_back();
    for (std::uint64_t i = 0; i < declared && v.ok(); ++i) v(channel.receipts.emplace_back());
    v.must(receipts.add(workspace) && receipts.size() == first + declared);
  } else {
    for (std::size_t number = first; number < receipts.size(); ++number) {
      v.bytes(base::as_bytes(receipts.name(static_cast<std::uint8_t>(number))));
    }
  }
}

template <class V>
void walk_definition(V& v, const Definition& definition) {
  base::Bytes bytes;
  model::encode({}, {&definition.campaign, 1}, bytes);
  v.bytes(bytes);
}

// What it says is hashed anew, since a later version of us writes it otherwise.
template <class V, class Version>
void walk_campaign(V& v, Version& version) {
  if constexpr (V::loads) {
    const base::ByteView bytes = v.bytes();
    version.model.assign(bytes.begin(), bytes.end());
    const Result<model::Model> read = model::decode(version.model);
    v.must(read && read->campaigns.size() == 1);
    if (!v.ok()) return;
    version.name = read->campaigns.front().name;
    version.number = read->campaigns.front().version;
    version.content = content_of(read->campaigns.front());
  } else {
    v.bytes(version.model);
  }
}

// Whether the way on from each comes to an end.
template <class People>
bool ends_everywhere(const People& people) {
  enum class Seen : std::uint8_t { no, on_the_way, ends };
  std::vector<Seen> seen(people.size(), Seen::no);
  for (std::size_t begin = 0; begin < people.size(); ++begin) {
    std::size_t at = begin;
    while (seen[at] == Seen::no && people[at].became != at) {
      seen[at] = Seen::on_the_way;
      at = people[at].became;
    }
    if (seen[at] == Seen::on_the_way) return false;
    seen[at] = Seen::ends;
    for (at = begin; seen[at] == Seen::on_the_way; at = people[at].became) seen[at] = Seen::ends;
  }
  return true;
}

}  // namespace

template <class V, class Self>
void Headcount::walk(V& v, Self& self) {
  v(self.contacts_, self.anonymous_);
  engine::walk_list(v, self.people_);
}

void Headcount::save(engine::Saver& v) const { walk(v, *this); }
void Headcount::load(engine::Loader& v) { walk(v, *this); }

template <class V, class Self>
void Census::walk(V& v, Self& self) {
  v(self.workspace_);
  const auto walk_people = [&v](auto& shard) {
    if constexpr (V::loads) {
      shard.people.load(v);
    } else {
      shard.people.save(v);
    }
  };
  walk_people(self.shards_.front());
  engine::walk_list(v, self.versions_, [&v](auto& version) {
    v(version.in_flight, version.current);
    walk_campaign(v, version);
  });
  engine::walk_list(v, self.shards_.front().journeys);
  for (std::size_t at = 1; at < self.shards_.size(); ++at) {
    walk_people(self.shards_[at]);
    engine::walk_list(v, self.shards_[at].journeys);
  }
}

void Census::save(engine::Saver& v) const { walk(v, *this); }

void Census::load(engine::Loader& v, std::uint8_t shards) {
  shards_.resize(shards);
  walk(v, *this);
  for (const Version& version : versions_) {
    v.must(version_of_.try_emplace({version.name, version.number}, version_of_.size()).second);
  }
  for (const Shard& shard : shards_) {
    v.must(std::ranges::all_of(
        shard.journeys, [this](std::uint16_t version) { return version < versions_.size(); }));
  }
}

template <class V, class Self>
void Memory::walk(V& v, Self& self) {
  walk_receipts(v, self.receipts_);
  engine::walk_list(v, self.segments_);
  engine::walk_list(v, self.senders_);
  const std::uint64_t definitions = v.count(self.definitions_.size());
  for (std::uint64_t i = 0; i < definitions && v.ok(); ++i) {
    v.seam();
    if constexpr (V::loads) {
      Result<model::Model> read = model::decode(v.bytes());
      v.must(read && read->campaigns.size() == 1);
      if (!v.ok()) return;
      const Campaign& kept =
          self.definitions_.emplace_back(std::move(read->campaigns.front())).campaign;
      v.must(self.published_.emplace(kept.name, kept.version).second);
    } else {
      walk_definition(v, self.definitions_[i]);
    }
  }
  engine::walk_list(v, self.contacts_, [&v](auto& contact) {
    // At its place is somebody, nobody, or one who has gone to another shard.
    enum class Is : std::uint8_t { here, nobody, gone };
    Is is = contact.id.empty() ? Is::nobody : contact.gone ? Is::gone : Is::here;
    v(contact.person, is);
    v.must(is <= Is::gone);
    if constexpr (V::loads) {
      contact.id = is == Is::nobody ? "" : "?";
      contact.gone = is == Is::gone;
    }
  });
  engine::walk_list(v, self.people_, [&v](auto& person) { v(person.place, person.became); });
  engine::walk_list(v, self.journeys_, [&v](auto& journey) {
    v(journey.person, journey.definition, journey.has_key, journey.leg, journey.chosen_at,
      journey.whole);
  });
  v(self.remapped_.first, self.remapped_.second);
  engine::walk_list(v, self.emissions_,
                    [&](auto& emission) { walk_origin(v, self.definitions_, emission); });
  if constexpr (V::loads) v.must(self.is_sound());
}

// What is asked for without a look whether it exists.
bool Memory::is_sound() const {
  const auto is_person = [this](std::uint32_t person) { return person < people_.size(); };
  return std::ranges::all_of(contacts_,
                             [&](const Contact& each) { return is_person(each.person); }) &&
         std::ranges::all_of(people_,
                             [&](const Person& each) {
                               return each.place < contacts_.size() && is_person(each.became);
                             }) &&
         ends_everywhere(people_) && std::ranges::all_of(journeys_, [&](const Journey& each) {
           return is_person(each.person) && each.definition < definitions_.size() &&
                  (each.whole == Happening::no_journey || each.whole < journeys_.size());
         });
}

namespace {

template <class V, class Definitions, class Action>
void walk_waiting(V& v, const Definitions& definitions, Action& action) {
  v(action.id, action.place, action.journey, action.person, action.iteration, action.emitted);
  walk_origin(v, definitions, action);
}

}  // namespace

// In the order in which they were emitted; those that were taken are of interest within a frame.
void Memory::save(engine::Saver& v) const {
  walk(v, *this);
  v.count(outbox_.size());
  for (const auto& [order, action] : outbox_) {
    v.seam();
    walk_waiting(v, definitions_, action);
    v(action.place != record::no_place && emissions_[action.place].order == order);
  }
}

void Memory::load(engine::Loader& v) {
  walk(v, *this);
  const std::uint64_t waiting = v.count(0);
  for (std::uint64_t i = 0; i < waiting && v.ok(); ++i) {
    v.seam();
    Waiting action;
    bool is_newest = false;  // at its place
    walk_waiting(v, definitions_, action);
    v(is_newest);
    const bool of_none =
        action.journey == Happening::no_journey && action.place == record::no_place && !is_newest;
    const bool of_journey = action.journey < journeys_.size() && action.place < emissions_.size();
    v.must((of_none || of_journey) && action.person < people_.size());
    if (!v.ok()) return;
    const std::uint64_t newest = of_none ? 0 : emissions_[action.place].order;
    emit(action);
    if (of_journey && !is_newest) emissions_[action.place].order = newest;
  }
}

}  // namespace itinera::insight
