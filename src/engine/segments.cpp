// SPDX-License-Identifier: Apache-2.0
// Who is in which segment. A segment is asked again only where an input or a moment can have
// changed it; what its change means to journeys waits for its turn (S33).
#include "state/membership.hpp"

#include "engine/process.hpp"

namespace itinera::engine {

void Process::sort_out(std::uint32_t contact, std::span<const std::uint16_t> segments) {
  if (contact == newcomer_) {  // everything about it is new
    newcomer_ = no_place;
    segments = state_.plans.heard_segments;
  }
  for (const std::uint16_t number : segments) {
    const SegmentPlan& segment = state_.plans.segments[number];
    const bool in = is_in(contact, segment);
    if (in == state_.members.has(number, contact)) continue;
    commit(record::MembershipChanged{contact, number, static_cast<std::uint8_t>(in ? 1 : 0)});
    Cascade& cascade = cascades_.emplace_back();
    cascade.kind = in ? Cascade::Kind::came : Cascade::Kind::went;
    cascade.contact = contact;
    cascade.depth = depth_ + 1;
    cascade.name = segment.id;
    cascade.by_input = depth_ == 0;
  }
}

void Process::all_anew(std::uint32_t contact) {
  if (!state_.plans.heard_segments.empty()) newcomer_ = contact;
}

void Process::changed(std::uint32_t contact, NameId attribute) {
  const std::span<const std::uint16_t> segments = state_.plans.segments_of(attribute);
  if (!segments.empty()) sort_out(contact, segments);
  if (attribute == state_.plans.zone_name) note_zone(contact);
}

bool Process::is_in(std::uint32_t contact, const SegmentPlan& segment) {
  if (segment.condition == nullptr || !state_.is_person(contact)) return false;
  facts_.about(contact, no_place);
  return facts_.truth_of(*segment.condition) == expr::Truth::yes;
}

// What it means to the contact's journeys, and to campaigns, that it came into a segment or left.
void Process::tell_change(const Cascade& cascade) {
  const SegmentPlan* const segment = state_.plans.segment(cascade.name);
  Stimulus stimulus;
  stimulus.kind = Stimulus::Kind::segment;
  stimulus.event = cascade.name;
  stimulus.leaves = cascade.kind == Cascade::Kind::went;
  stimulus.cascades = !cascade.by_input;
  stimulus.armed_before = input_frame_;
  react(cascade.contact, stimulus);
  const std::vector<EntryRef>& entries = stimulus.leaves ? segment->leaves : segment->enters;
  std::uint16_t settled = no_version;
  for (const EntryRef& ref : entries) {
    if (ref.version == settled) continue;
    if (enter_by({cascade.contact, {}, 0}, ref)) settled = ref.version;
  }
}

// At a publication: whoever is in a segment that is heard for the first time, or that means
// something else than before, is in it silently (S34).
void Process::redefine(std::span<const SegmentPlan> before) {
  for (const std::uint16_t number : state_.plans.heard_segments) {
    const SegmentPlan& segment = state_.plans.segments[number];
    const bool same =
        number < before.size() && before[number].heard && before[number].meaning == segment.meaning;
    if (same) continue;
    record::Redefined redefined;
    redefined.segment = number;
    base::Bytes members((state_.contacts.size() + 7) / 8);
    for (std::uint32_t contact = 0; contact < state_.contacts.size(); ++contact) {
      const bool in = is_in(contact, segment);
      const bool was_in = state_.members.has(number, contact);
      if (in) members[contact / 8] |= std::byte{1} << contact % 8;
      if (in && !was_in) ++redefined.came;
      if (!in && was_in) ++redefined.went;
    }
    redefined.members = members;
    if (redefined.came + redefined.went != 0) commit(redefined);
  }
}

}  // namespace itinera::engine
