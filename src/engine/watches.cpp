// SPDX-License-Identifier: Apache-2.0
// What the passing of time does to a contact: the moments are computed, and the contact is looked
// at when they come, without asking in between.
#include "state/watches.hpp"

#include <algorithm>

#include "calendar/civil.hpp"
#include "calendar/text.hpp"
#include "engine/process.hpp"

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
  return date_in(contact, ref, zone, std::max(from, passed_until(contact, ref)));
}

// The same by the clocks of a zone.
Instant Process::date_in(std::uint32_t contact, const EntryRef& ref, ZoneIndex zone, Instant from) {
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  facts_.about(contact, no_place);
  const expr::Cell cell = facts_.value_of(*entry.date);
  if (cell.is_error()) return no_deadline;
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

}  // namespace itinera::engine
