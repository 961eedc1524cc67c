// SPDX-License-Identifier: Apache-2.0
// What the passing of time does to a contact: the moments are computed, and the contact is looked
// at when they come, without asking in between. And who is in which segment, which is asked again
// only where an input or a moment can have changed it; what its change means to journeys waits for
// its turn (S33).
#include "state/watches.hpp"

#include <algorithm>

#include "calendar/civil.hpp"
#include "calendar/text.hpp"
#include "engine/process.hpp"
#include "state/membership.hpp"

namespace itinera::engine {
namespace {

using record::no_deadline;

// The date `date` moved by a number of years, from the 29 February to the 28th where there is none.
calendar::Date in_year(const calendar::YearMonthDay& date, int year) {
  return calendar::date_of(year, date.month, date.day);
}

}  // namespace

// The first coming of the date at or after `from` for this contact.
Instant Process::next_date(std::uint32_t contact, const EntryRef& ref, Instant from) {
  const CampaignPlan& plan = *state_.plans.versions[ref.version];
  facts_.about(contact, no_place);
  const ZoneIndex zone = facts_.zone_for(plan.entries[ref.entry].zone, &plan).zone;
  keep_rules(zone);
  return date_in(contact, ref, zone, std::max(from, passed_until(contact, ref)));
}

// The same by the clocks of a zone.
Instant Process::date_in(std::uint32_t contact, const EntryRef& ref, ZoneIndex zone, Instant from) {
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  facts_.about(contact, no_place);
  const expr::Cell cell = facts_.value_of(*entry.date);
  if (!may_be_date(cell)) return no_deadline;
  const Value value = expr::to_value(cell);
  const ZoneTable& zones = *state_.zones;
  const auto moment = calendar::instant_of(value, zones, zone, 0);
  if (!moment) return no_deadline;
  const calendar::Date date = calendar::to_local(zones, zone, *moment).date;
  const auto comes = [&](calendar::Date on) {
    const Period& offset = entry.entry->offset;
    const Instant day = calendar::to_instant(zones, zone, {on, 0});
    const calendar::Date moved =
        calendar::to_local(zones, zone, calendar::add(zones, zone, day, offset)).date;
    return calendar::to_instant(zones, zone, {moved, entry.at_ms});
  };
  if (!entry.entry->yearly) {
    const Instant t = comes(date);
    return t >= from ? t : no_deadline;
  }
  const calendar::YearMonthDay parts = calendar::parts_of(date);
  const int year = calendar::parts_of(calendar::to_local(zones, zone, from).date).year;
  for (int each = std::max(year - 2, parts.year); each <= year + 3; ++each) {
    const Instant t = comes(in_year(parts, each));
    if (t >= from) return t;
  }
  return no_deadline;
}

Instant Process::next_moment_of(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  const CampaignPlan& plan = state_.plan_of(j);
  if (!plan.has_moments) return no_deadline;
  facts_.about(j.contact, journey);
  Instant next = no_deadline;
  const auto ask = [&](const TriggerPlan& trigger) {
    if (trigger.kind != Trigger::Kind::condition) return;
    next = std::min(next, facts_.next_moment(*trigger.condition));
    if (trigger.when != nullptr) next = std::min(next, facts_.next_moment(*trigger.when));
  };
  for (std::size_t i = 0; i < plan.goals.size() && !j.is_strand(); ++i) {
    if (plan.goals[i].trigger && (j.goals >> i & 1) == 0) ask(*plan.goals[i].trigger);
  }
  if (j.phase == Phase::open_goals) return next;
  if (!j.is_strand()) std::for_each(plan.exits.begin(), plan.exits.end(), ask);
  if (j.phase == Phase::awaiting) {
    const NodePlan& node = plan.nodes[j.node];
    std::for_each(node.cases.begin(), node.cases.end(), ask);
    if (node.reset) ask(*node.reset);
  }
  return next;
}

void Process::touch(std::uint32_t contact) {
  if (state_.plans.has_moments && (touched_.empty() || touched_.back() != contact)) {
    touched_.push_back(contact);
  }
}

// Before the frame ends: whoever was touched is watched for what may come next.
void Process::watch_touched() {
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (const std::uint32_t contact : touched_) {
    if (!state_.is_person(contact)) continue;  // since this input: nobody would find its journeys
    const Watch watch = state_.watches.of(contact);
    Instant next = no_deadline;
    facts_.about(contact, no_place);
    for (const std::uint16_t segment : state_.plans.heard_in_time) {
      next = std::min(next, facts_.next_moment(*state_.plans.segments[segment].condition));
    }
    for (const EntryRef& date : state_.plans.dates) {
      next = std::min(next, next_date(contact, date, dates_from(contact)));
    }
    for (std::uint32_t at = state_.contacts[contact].journeys; at != no_place;
         at = state_.journeys[at].next) {
      next = std::min(next, next_moment_of(at));
    }
    if (next > latest_instant) next = no_deadline;
    // A moment that has been armed and comes now is still to be looked at.
    if (watch.due <= state_.now && watch.looked < watch.due) continue;
    if (next != watch.due) commit(record::Watched{contact, next});
  }
  touched_.clear();
}

// A moment of the contact has come.
void Process::look(std::uint32_t contact) {
  commit(record::Watched{contact, no_deadline});
  touch(contact);
  sort_out(contact, state_.plans.heard_in_time);
  react(contact, {});
  for (const EntryRef& date : state_.plans.dates) {
    if (next_date(contact, date, state_.now) == state_.now) enter_by({contact, {}, 0}, date);
  }
}

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
