// SPDX-License-Identifier: Apache-2.0
#include "insight/memory.hpp"

#include <algorithm>
#include <utility>

#include "model/model_codec.hpp"
#include "record/kinds.hpp"

namespace itinera::insight {

Result<void> Memory::publish(base::ByteView model) {
  Result<model::Model> read = model::decode(model);
  if (!read) return read.error();
  if (!receipts_.add(read->workspace)) {
    return Error{ErrorCode::damaged_journal, "a publication with more receipts than there may be"};
  }
  for (Segment& segment : read->workspace.segments) {
    const bool known =
        std::find(segments_.begin(), segments_.end(), segment.name) != segments_.end();
    if (!known) segments_.push_back(std::move(segment.name));
  }
  for (Sender& sender : read->workspace.senders) {
    const bool known = std::find(senders_.begin(), senders_.end(), sender.name) != senders_.end();
    if (!known) senders_.push_back(std::move(sender.name));
  }
  for (Campaign& campaign : read->campaigns) {
    if (published_.contains({campaign.name, campaign.version})) continue;
    const Campaign& kept = definitions_.emplace_back(std::move(campaign)).campaign;
    published_.emplace(kept.name, kept.version);
  }
  return {};
}

bool Memory::add_contact(std::uint32_t place, std::string_view id) {
  if (place > contacts_.size() || id.empty()) return false;
  if (place == contacts_.size()) contacts_.emplace_back();
  Contact& contact = contacts_[place];
  if (!contact.id.empty()) return false;
  contact.id = id;
  contact.person = add_person(place, std::nullopt);
  return true;
}

std::uint32_t Memory::add_person(std::uint32_t place, std::optional<std::uint32_t> became) {
  const auto person = static_cast<std::uint32_t>(people_.size());
  people_.push_back({place, became.value_or(person)});
  return person;
}

bool Memory::forget(std::uint32_t place) {
  if (contact(place) == nullptr) return false;
  forgotten_.push_back(place);
  return true;
}

bool Memory::add_journey(std::uint32_t place, Journey journey) {
  if (place > journeys_.size()) return false;
  if (place == journeys_.size()) {
    journeys_.push_back(std::move(journey));
    return true;
  }
  if (journeys_[place].key) retired_.push_back(std::move(journeys_[place].key));
  journeys_[place] = std::move(journey);
  return true;
}

bool Memory::depart(std::uint32_t place) {
  if (contact(place) == nullptr || contacts_[place].gone) return false;
  contacts_[place].gone = true;
  return true;
}

bool Memory::has_gone(std::uint32_t place) const {
  return place < contacts_.size() && contacts_[place].gone;
}

// Whose place it was is not asked of the ids: what stands for one may have been erased meanwhile.
// Nothing is left here of what it was before it went, so it is somebody new.
bool Memory::come(const record::ContactCame& came, const Memory& from) {
  const std::uint32_t place = came.contact;
  if (!from.has_gone(came.from) || place > contacts_.size() || came.id.empty()) return false;
  if (contact(place) != nullptr && !has_gone(place)) return false;
  if (place == contacts_.size()) contacts_.emplace_back();
  contacts_[place] = {std::string(came.id), add_person(place, std::nullopt), false};
  if (came.person == place) return true;
  if (contact(came.person) == nullptr || has_gone(came.person)) return false;
  const std::uint32_t to = place_of(contacts_[came.person].person);
  return to != record::no_place && link(place, to).has_value();
}

const std::string* Memory::contact(std::uint32_t place) const {
  const bool known = place < contacts_.size() && !contacts_[place].id.empty();
  return known ? &contacts_[place].id : nullptr;
}

std::optional<Memory::Link> Memory::link(std::uint32_t place, std::uint32_t to) {
  const std::uint32_t into = contacts_[to].person;
  if (place == to || last_of(into) != into) return std::nullopt;
  std::uint32_t& own = contacts_[place].person;
  const std::uint32_t last = last_of(own);
  if (last == into) return Link::again;
  if (last == own) {
    if (auto theirs = outbox_of_.extract(own)) {
      std::list<std::uint64_t>& all = outbox_of_[into];
      all.splice(all.end(), theirs.mapped());
    }
    people_[own].became = into;
    return Link::first;
  }
  own = add_person(place, into);
  return Link::moved;
}

// The way there is shortened, so that a long chain is gone through once.
std::uint32_t Memory::last_of(std::uint32_t person) {
  std::uint32_t last = person;
  while (people_[last].became != last) last = people_[last].became;
  while (person != last) person = std::exchange(people_[person].became, last);
  return last;
}

std::uint32_t Memory::place_of(std::uint32_t person) {
  const std::uint32_t last = last_of(person);
  const std::uint32_t place = people_[last].place;
  return contacts_[place].person == last ? place : record::no_place;
}

const std::string* Memory::segment(std::size_t number) const {
  return number < segments_.size() ? &segments_[number] : nullptr;
}

const std::string* Memory::sender(std::size_t number) const {
  return number < senders_.size() ? &senders_[number] : nullptr;
}

const Journey* Memory::journey(std::uint32_t place) const {
  return place < journeys_.size() ? &journeys_[place] : nullptr;
}

const Definition* Memory::definition(std::size_t place) const {
  return place < definitions_.size() ? &definitions_[place] : nullptr;
}

void Memory::choose(std::uint32_t journey, std::uint16_t node, std::uint8_t leg) {
  journeys_[journey].chosen_at = node;
  journeys_[journey].leg = leg;
}

bool Memory::note_emitted(std::uint32_t action, const Emission& emission) {
  if (action > emissions_.size()) return false;
  if (action == emissions_.size()) emissions_.emplace_back();
  emissions_[action] = emission;
  return true;
}

bool Memory::migrate(std::uint32_t journey) {
  if (journey >= journeys_.size() || journeys_[journey].whole != Happening::no_journey)
    return false;
  Journey& moved = journeys_[journey];
  if (moved.definition != remapped_.first || remapped_.second >= definitions_.size()) return false;
  moved.definition = remapped_.second;
  moved.chosen_at = Happening::no_node;
  return true;
}

void Memory::emit(Waiting waiting) {
  const std::uint64_t order = emitted_++;
  if (waiting.place != record::no_place) emissions_[waiting.place].order = order;
  std::list<std::uint64_t>& all = outbox_of_[last_of(waiting.person)];
  waiting.beside = all.insert(all.end(), order);
  outbox_.emplace(order, waiting);
}

void Memory::leave_outbox(const Waiting& waiting) {
  const auto all = outbox_of_.find(last_of(waiting.person));
  all->second.erase(waiting.beside);
  if (all->second.empty()) outbox_of_.erase(all);
}

std::optional<Waiting> Memory::withdraw(std::uint32_t place) {
  if (place >= emissions_.size()) return {};
  const auto node = outbox_.extract(emissions_[place].order);
  if (!node || node.mapped().place != place) return {};
  leave_outbox(node.mapped());
  return node.mapped();
}

std::vector<Waiting> Memory::withdraw_all(std::uint32_t contact) {
  std::vector<Waiting> all;
  const auto theirs = outbox_of_.extract(contacts_[contact].person);
  if (!theirs) return all;
  for (const std::uint64_t order : theirs.mapped()) all.push_back(outbox_.extract(order).mapped());
  return all;
}

void Memory::take(std::uint32_t count) {
  taken_.clear();
  taken_from_.clear();
  for (; count > 0 && !outbox_.empty(); --count) {
    const auto oldest = outbox_.extract(outbox_.begin());
    leave_outbox(oldest.mapped());
    taken_.emplace(oldest.mapped().id, oldest.mapped());
  }
}

std::optional<Waiting> Memory::recall(Hash128 id, std::uint32_t contact, std::uint16_t definition,
                                      std::uint16_t node) {
  if (!taken_.contains(id)) {
    if (taken_from_.empty()) {
      for (const auto& [own, each] : taken_) {
        taken_from_.emplace(std::tuple(last_of(each.person), each.definition, each.node), own);
      }
    }
    const std::tuple origin(last_of(contacts_[contact].person), definition, node);
    if (const auto found = taken_from_.extract(origin)) id = found.mapped();
  }
  const auto taken = taken_.extract(id);
  return taken ? std::optional(taken.mapped()) : std::nullopt;
}

}  // namespace itinera::insight
