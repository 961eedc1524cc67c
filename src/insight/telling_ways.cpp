// SPDX-License-Identifier: Apache-2.0
// The records of journeys that part and join, and of those that move to another version or another
// shard: as telling.cpp.
#include <memory>
#include <string>
#include <utility>

#include "insight/story_state.hpp"
#include "insight/words.hpp"

namespace itinera {

using insight::Journey;

// A strand or a send aside has a place of its own, and is part of the journey.
bool Story::State::add_strand(std::uint32_t place, std::uint32_t head_place) {
  const Journey* const head = memory.journey(head_place);
  if (head == nullptr) return false;
  Journey strand{.person = head->person,
                 .definition = head->definition,
                 .has_key = head->has_key,
                 .leg = head->leg,
                 .chosen_at = head->chosen_at,
                 .whole = head->whole != Happening::no_journey ? head->whole : head_place,
                 .key = nullptr};
  if (head->key) strand.key = std::make_unique<const std::string>(*head->key);
  return memory.add_journey(place, std::move(strand));
}

bool Story::State::tell(const record::SetAside& r) {
  return add_strand(r.journey, r.head) &&
         add_step(name_of(record::Decision::set_aside), r.head, r.node);
}

bool Story::State::tell(const record::Lingered& r) {
  return add_journey(name_of(record::Decision::lingers), r.journey);
}

bool Story::State::tell(const record::Forked& r) {
  if (!add_strand(r.journey, r.head)) return false;
  return add_choice(name_of(record::Decision::forked), record::Reason::none, record::Reason::none,
                    r.journey, r.node, r.number);
}

bool Story::State::tell(const record::Remapped& r) {
  if (memory.definition(r.from) == nullptr || memory.definition(r.to) == nullptr) return false;
  memory.remap(r.from, r.to);
  return true;
}

bool Story::State::tell(const record::Migrated& r) {
  if (!memory.migrate(r.journey)) return false;
  const bool at_step = r.node != Happening::no_node;
  const std::string_view what = name_of(record::Decision::migrated);
  return at_step ? add_step(what, r.journey, r.node) : add_journey(what, r.journey);
}

bool Story::State::tell(const record::JourneyCame& r) {
  const Journey* const was = origin == nullptr ? nullptr : origin->memory.journey(r.from);
  if (was == nullptr || memory.definition(r.version) == nullptr) return false;
  if (memory.contact(r.contact) == nullptr) return false;
  if (r.head != record::no_place) {
    if (!add_strand(r.journey, r.head)) return false;
  } else {
    Journey journey{.person = memory.person_at(r.contact),
                    .definition = r.version,
                    .has_key = (r.flags & record::JourneyCame::has_key) != 0,
                    .key = nullptr};
    if (!r.key.empty()) journey.key = std::make_unique<const std::string>(r.key);
    if (!memory.add_journey(r.journey, std::move(journey))) return false;
    came.push_back({r.from, r.journey});
  }
  memory.choose(r.journey, was->chosen_at, was->leg);
  return true;
}

bool Story::State::tell(const record::ActionCame& r) {
  constexpr std::uint16_t of_journey = 0xFFFF;
  const Journey* const journey = memory.journey(r.journey);
  if (origin == nullptr || journey == nullptr) return false;
  const std::uint16_t version = r.version == of_journey ? journey->definition : r.version;
  const insight::Definition* const known = memory.definition(version);
  if (known == nullptr || r.node >= known->graph.nodes.size()) return false;
  std::string_view channel;
  if (const auto* send = std::get_if<Send>(&known->graph.nodes[r.node].step->kind)) {
    channel = insight::channel_of(*send, r.leg);
    if (channel.empty()) return false;
  }
  came_for[r.action] = r.journey;
  return memory.note_emitted(r.action, {version, r.node, channel});
}

bool Story::State::tell(const record::OutCame& r) {
  const insight::Definition* const known = memory.definition(r.version);
  if (origin == nullptr || known == nullptr || r.node >= known->graph.nodes.size()) return false;
  if (memory.contact(r.contact) == nullptr) return false;
  insight::Waiting waiting{.id = r.id,
                           .place = r.action,
                           .journey = Happening::no_journey,
                           .person = memory.person_at(r.contact),
                           .definition = r.version,
                           .node = r.node,
                           .iteration = r.iteration,
                           .emitted = r.at,
                           .channel = {}};
  if (const auto* send = std::get_if<Send>(&known->graph.nodes[r.node].step->kind)) {
    waiting.channel = insight::channel_of(*send, r.leg);
    if (waiting.channel.empty()) return false;
  }
  if (r.action != record::no_place) {
    const auto journey = came_for.find(r.action);
    if (journey == came_for.end()) return false;
    waiting.journey = journey->second;
  }
  memory.emit(waiting);
  return true;
}

bool Story::State::tell(const record::Joined& r) {
  return add_step(name_of(r.decision), r.journey, r.node);
}

}  // namespace itinera
