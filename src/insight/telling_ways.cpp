// SPDX-License-Identifier: Apache-2.0
// The records of journeys that part and join, and of those that move to another version: as
// telling.cpp.
#include <memory>
#include <string>
#include <utility>

#include "insight/story_state.hpp"

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

bool Story::State::tell(const record::Joined& r) {
  return add_step(name_of(r.decision), r.journey, r.node);
}

}  // namespace itinera
