// SPDX-License-Identifier: Apache-2.0
// Those who come into campaigns by themselves: by segments with a ramp, by schedules, and who was
// there when a campaign was published.
#include "state/arrivals.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "base/stable_hash.hpp"
#include "calendar/recurrence.hpp"
#include "engine/process.hpp"
#include "state/chains.hpp"
#include "state/watches.hpp"

namespace itinera::engine {
namespace {

using record::no_deadline;

// Contacts that one record holds, of which a record has room for more than three million.
constexpr std::size_t contacts_per_record = 1u << 20;

// When the ramp lets in again; no_deadline: not in the years there are.
Instant next_period(Instant period, const Ramp& ramp) {
  return ramp.per_ms <= latest_instant - period ? period + ramp.per_ms : no_deadline;
}

bool same_way(const EntryPlan& a, const EntryPlan& b) {
  return a.kind == b.kind && a.segment == b.segment && a.entry->change == b.entry->change &&
         a.entry->schedule == b.entry->schedule && a.entry->from == b.entry->from;
}

// Of the entries by which people come in the same way, the one that means the same people; of
// several the one with the same key, then the one at the same place, then the first. Where none
// does, one that asks for something new: never one that means others who came by the old ones.
std::optional<std::uint8_t> heir_of(const std::vector<EntryPlan>& entries,
                                    const std::vector<EntryPlan>& olds, std::uint8_t place) {
  const EntryPlan& old = olds[place];
  std::optional<std::uint8_t> heir;
  int most = -1;
  for (std::uint8_t i = 0; i < entries.size(); ++i) {
    const auto means = [&](const EntryPlan& each) {
      return same_way(entries[i], each) && entries[i].entry->when.text == each.entry->when.text;
    };
    if (!same_way(entries[i], old)) continue;
    const bool same_when = means(old);
    if (!same_when && std::any_of(olds.begin(), olds.end(), means)) continue;
    const bool same_key = entries[i].entry->key.text == old.entry->key.text;
    const int likeness = (same_when ? 4 : 0) + (same_key ? 2 : 0) + (i == place ? 1 : 0);
    if (likeness > most) heir = i;
    most = std::max(most, likeness);
  }
  return heir;
}

}  // namespace

// `contacts` in S0's order: by the hash of the id, then the id.
void Process::queue_up(const EntryRef& ref, std::vector<std::uint32_t>& contacts) {
  std::sort(contacts.begin(), contacts.end(),
            [this](std::uint32_t a, std::uint32_t b) { return contact_before(state_, a, b); });
  const bool goes_on =
      depth_ != 0 && moves_next(line_of(state_.arrivals.lines, ref), ref) == state_.now;
  for (std::size_t i = 0; goes_on && i < contacts.size(); ++i) {
    if (depth_ <= line_depth_of(state_, contacts[i])) continue;
    commit(record::Chained{no_place, contacts[i], told_depth(depth_)});
  }
  for (std::size_t from = 0; from < contacts.size(); from += contacts_per_record) {
    const std::size_t count = std::min(contacts_per_record, contacts.size() - from);
    const std::uint32_t line = line_of(state_.arrivals.lines, ref);
    base::Bytes places;
    base::Writer out(places);
    for (std::size_t i = 0; i < count; ++i) out.number(contacts[from + i]);
    commit(record::Queued{line, ref.version, ref.entry, moves_next(line, ref), places});
  }
}

// When a line that somebody joins moves next.
Instant Process::moves_next(std::uint32_t line, const EntryRef& ref) const {
  if (line == state_.arrivals.lines.size()) return state_.now;
  const Line& waiting = state_.arrivals.lines[line];
  if (waiting.due != no_deadline) return waiting.due;
  const auto& ramp = state_.plans.versions[ref.version]->entries[ref.entry].entry->ramp;
  const bool full = ramp && waiting.let_in >= ramp->max;
  return full ? std::max(state_.now, next_period(waiting.period, *ramp)) : state_.now;
}

// Lets in who has a turn now, one frame's worth.
void Process::move_line(std::uint32_t number) {
  const Line& line = state_.arrivals.lines[number];
  record::Released released;
  released.line = number;
  released.period = line.period;
  released.let_in = line.let_in;
  const std::size_t waiting = line.contacts.size();
  std::size_t turns = waiting;
  const bool is_open = line.ref.version != no_version;
  const Ramp* ramp = nullptr;
  if (is_open) {
    const Entry& entry = *state_.plans.versions[line.ref.version]->entries[line.ref.entry].entry;
    if (entry.ramp) ramp = &*entry.ramp;
  }
  if (ramp != nullptr) {
    if (state_.now - line.period >= ramp->per_ms) {
      released.period = state_.now;
      released.let_in = 0;
    }
    turns = std::min<std::size_t>(turns, ramp->max - std::min(ramp->max, released.let_in));
  }
  released.count = static_cast<std::uint32_t>(std::min(turns, instant_chunk));
  if (is_open) {  // how many there is room for is known only then
    batch_.assign(line.contacts.begin(), line.contacts.begin() + released.count);
    const EntryRef ref = line.ref;
    released.count = 0;
    for (; released.count < batch_.size() && !is_part_full(); ++released.count) {
      depth_ = line_depth_of(state_, batch_[released.count]);
      let_in(batch_[released.count], ref);
    }
    depth_ = 0;
  }
  released.let_in += released.count;
  released.due = no_deadline;
  if (released.count < turns) {
    released.due = state_.now;
  } else if (released.count < waiting) {
    released.due = next_period(released.period, *ramp);
  }
  commit(released);
}

// Who left the segment while waiting in line does not come in.
void Process::let_in(std::uint32_t contact, const EntryRef& ref) {
  touch(contact);
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  if (entry.kind == Entry::Kind::segment) {
    const SegmentPlan* const segment = state_.plans.segment(entry.segment);
    const bool enters = entry.entry->change == Entry::Change::enters;
    if (segment == nullptr || is_in(contact, *segment) != enters) return;
  }
  admit_by({contact, {}, 0}, ref);
}

// A schedule has its occurrence in a zone: who is in the segment now gets into line.
void Process::occur(std::uint32_t number) {
  const Schedule schedule = state_.arrivals.schedules[number];
  const CampaignPlan& plan = *state_.plans.versions[schedule.ref.version];
  const EntryPlan& entry = plan.entries[schedule.ref.entry];
  commit(record::Scheduled{number, schedule.ref.version, schedule.ref.entry,
                           state_.zones->name(schedule.zone),
                           occurs_next(schedule.ref, schedule.zone, state_.now + 1)});
  std::vector<std::uint32_t> contacts;
  const std::uint64_t way = way_of(plan, entry);
  const auto meet = [&](std::uint32_t contact) {
    if (!state_.is_person(contact)) return;
    if (state_.arrivals.passed.until(contact, way) > state_.now) return;
    facts_.about(contact, no_place);
    if (facts_.zone_for(entry.zone, &plan).zone == schedule.zone) contacts.push_back(contact);
  };
  if (entry.segment == no_name) {
    for (std::uint32_t at = 0; at < state_.contacts.size(); ++at) meet(at);
  } else if (const SegmentPlan* const segment = state_.plans.segment(entry.segment)) {
    state_.members.for_each(static_cast<std::uint16_t>(segment - state_.plans.segments.data()),
                            meet);
  }
  if (!contacts.empty()) queue_up(schedule.ref, contacts);
}

Instant Process::occurs_next(const EntryRef& ref, ZoneIndex zone, Instant from) const {
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  const calendar::Date published = calendar::to_local(*state_.zones, zone, entry.since).date;
  const calendar::LocalTime start{entry.from.value_or(published), entry.at_ms};
  return calendar::next_occurrence(*state_.zones, zone, from, entry.recurrence, start, true)
      .value_or(no_deadline);
}

// Schedules follow the clocks of every zone that some contact has.
void Process::schedule_in(const EntryRef& ref, ZoneIndex zone) {
  const std::vector<Schedule>& schedules = state_.arrivals.schedules;
  const bool known = std::any_of(schedules.begin(), schedules.end(), [&](const Schedule& each) {
    return each.ref.version == ref.version && each.ref.entry == ref.entry && each.zone == zone;
  });
  if (known) return;
  const auto number = static_cast<std::uint32_t>(schedules.size());
  keep_rules(zone);
  commit(record::Scheduled{number, ref.version, ref.entry, state_.zones->name(zone),
                           occurs_next(ref, zone, state_.now)});
}

void Process::note_zone(std::uint32_t contact) {
  for (const EntryRef& ref : state_.plans.schedules) {
    const CampaignPlan& plan = *state_.plans.versions[ref.version];
    facts_.about(contact, no_place);
    schedule_in(ref, facts_.zone_for(plan.entries[ref.entry].zone, &plan).zone);
  }
}

std::optional<ZoneIndex> Process::own_zone(std::uint32_t contact) {
  facts_.about(contact, no_place);
  const Facts::ZoneChoice choice = facts_.zone_for({});
  return choice.from == 1 ? std::optional(choice.zone) : std::nullopt;
}

// What it means to the entries is looked at when all that the input says of the contact is known.
void Process::note_move(std::uint32_t contact, std::optional<ZoneIndex> own) {
  if (state_.plans.schedules.empty() && state_.plans.dates.empty()) return;
  if (own_zone(contact) == own) return;
  const auto is_known = [contact](const Cascade& each) {
    return each.kind == Cascade::Kind::moved && each.contact == contact;
  };
  if (std::any_of(cascades_.begin(), cascades_.end(), is_known)) return;
  Cascade& cascade = cascades_.emplace_back();
  cascade.kind = Cascade::Kind::moved;
  cascade.contact = contact;
  cascade.depth = depth_;
  cascade.zone = own;
}

// S13: each occurrence of an entry comes once to a contact that moves, and none is lost.
void Process::settle_move(const Cascade& cascade) {
  const std::uint32_t contact = cascade.contact;
  if (!state_.is_person(contact)) return;
  changed(contact, state_.plans.zone_name);
  for (const auto* const entries : {&state_.plans.schedules, &state_.plans.dates}) {
    for (const EntryRef& ref : *entries) {
      const CampaignPlan& plan = *state_.plans.versions[ref.version];
      if (plan.entries[ref.entry].zone) continue;
      facts_.about(no_place, no_place);
      const ZoneIndex was = cascade.zone.value_or(facts_.zone_for({}, &plan).zone);
      facts_.about(contact, no_place);
      const ZoneIndex is = facts_.zone_for({}, &plan).zone;
      if (was != is) move_clock(contact, ref, was, is);
    }
  }
}

// Where the new clock has passed what the old one was still to show, the contact enters now; what
// the new one shows a second time is passed over. Both only of what it was there for.
void Process::move_clock(std::uint32_t contact, const EntryRef& ref, ZoneIndex was, ZoneIndex is) {
  const ZoneTable& zones = *state_.zones;
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  const bool is_date = entry.kind == Entry::Kind::date;
  const Instant over = passed_until(contact, ref);
  const Coming before = comes_next(contact, ref, was, over);
  const Coming after = comes_next(contact, ref, is, earliest_instant);
  const Instant since = state_.contacts[contact].first_seen;
  // An instant may be another date in another zone: it is the same coming all the same.
  constexpr std::int32_t days_apart = 2;
  const bool both = before.due != no_deadline && after.due != no_deadline;
  const bool same =
      is_date && both && std::abs(before.latest.date.days - after.latest.date.days) <= days_apart;
  const bool passed = is_date || before.earliest <= calendar::to_local(zones, is, state_.now);
  const bool missed = !same && passed && before.latest < after.earliest;
  if (missed && since <= calendar::to_instant(zones, is, before.latest)) catch_up(contact, ref);

  // All before it has come. Beyond today nothing has, by the old clock.
  calendar::LocalTime open = before.earliest;
  if (!is_date) {
    open = std::min(open, {{calendar::to_local(zones, was, state_.now).date.days + 1}, 0});
    if (over > state_.now) open = std::max(open, calendar::to_local(zones, was, over));
  }
  const bool again =
      !same && after.latest < open && since <= calendar::to_instant(zones, was, after.latest);
  Instant until = state_.now;
  if (again) {
    until = after.due + 1;
    if (!is_date) until = std::max(until, calendar::to_instant(zones, is, open));
    until = std::min(until, latest_instant);
  }
  if (again || over > state_.now)
    commit(record::PassedOver{contact, ref.version, ref.entry, until});
}

// `over`: what comes before is passed over.
Coming Process::comes_next(std::uint32_t contact, const EntryRef& ref, ZoneIndex zone,
                           Instant over) {
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  const std::vector<Schedule>& schedules = state_.arrivals.schedules;
  Coming next;
  if (entry.kind == Entry::Kind::date) {
    next.due = date_in(contact, ref, zone, std::max(dates_from(contact), over));
  } else {
    const auto known = std::find_if(schedules.begin(), schedules.end(), [&](const Schedule& each) {
      return each.ref.version == ref.version && each.ref.entry == ref.entry && each.zone == zone;
    });
    next.due = known != schedules.end() ? known->due : occurs_next(ref, zone, state_.now);
    if (next.due < over) next.due = occurs_next(ref, zone, over);
  }
  if (next.due == no_deadline) {
    next.earliest = next.latest = {{std::numeric_limits<std::int32_t>::max()}, 0};
    return next;
  }
  next.latest = calendar::to_local(*state_.zones, zone, next.due);
  next.earliest = calendar::to_local(*state_.zones, zone, next.due - 1);
  if (++next.earliest.ms_of_day == day_ms) next.earliest = {{next.earliest.date.days + 1}, 0};
  next.earliest = std::min(next.earliest, next.latest);
  return next;
}

// As at its occurrence: a schedule lets in who is in its segment.
void Process::catch_up(std::uint32_t contact, const EntryRef& ref) {
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  if (entry.segment != no_name) {
    const SegmentPlan* const segment = state_.plans.segment(entry.segment);
    if (segment == nullptr || !is_in(contact, *segment)) return;
  }
  std::vector<std::uint32_t> one{contact};
  queue_up(ref, one);
}

Instant Process::passed_until(std::uint32_t contact, const EntryRef& ref) const {
  const PassedTimes& over = state_.arrivals.passed;
  if (over.empty()) return earliest_instant;
  const CampaignPlan& plan = *state_.plans.versions[ref.version];
  return over.until(contact, way_of(plan, plan.entries[ref.entry]));
}

// To the newest version of the campaign, if that has the same entry.
void Process::requeue(std::uint32_t number) {
  const EntryRef ref = state_.arrivals.lines[number].ref;
  const CampaignPlan& old = *state_.plans.versions[ref.version];
  const std::uint16_t current = state_.plans.families[old.family].current;
  if (current == ref.version) return;
  record::Requeued requeued{number, no_version, 0};
  if (current != no_version) {
    const std::vector<EntryPlan>& entries = state_.plans.versions[current]->entries;
    const auto heir = heir_of(entries, old.entries, ref.entry);
    if (heir) requeued = {number, current, *heir};
  }
  commit(requeued);
}

// Lines lead to the newest version that has the same entry; schedules begin anew; who is in a
// segment already comes in where the campaign says so.
void Process::welcome(std::uint16_t versions_before) {
  const std::vector<Line>& lines = state_.arrivals.lines;
  for (std::uint32_t number = 0; number < lines.size(); ++number) {
    if (lines[number].ref.version != no_version) requeue(number);
  }
  for (const EntryRef& ref : state_.plans.schedules) {
    const CampaignPlan& plan = *state_.plans.versions[ref.version];
    facts_.about(no_place, no_place);
    schedule_in(ref, facts_.zone_for(plan.entries[ref.entry].zone, &plan).zone);
  }
  if (!state_.plans.schedules.empty()) {
    for (std::uint32_t at = 0; at < state_.contacts.size(); ++at) {
      if (state_.is_person(at)) note_zone(at);
    }
  }
  for (std::size_t number = 0; number < state_.plans.segments.size(); ++number) {
    for (const EntryRef& ref : state_.plans.segments[number].enters) {
      if (ref.version >= versions_before) invite(static_cast<std::uint16_t>(number), ref);
    }
  }
}

// Those who were in the segment before the entry was there (S34).
void Process::invite(std::uint16_t segment, const EntryRef& ref) {
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  if (entry.entry->existing == Entry::Existing::ignore) return;
  std::vector<std::uint32_t> contacts;
  state_.members.for_each(segment, [&](std::uint32_t contact) {
    if (state_.is_person(contact)) contacts.push_back(contact);
  });
  if (!contacts.empty()) queue_up(ref, contacts);
}

// Whether the campaign may begin no more journeys, or none today.
bool Process::is_capped(const CampaignPlan& plan) {
  const EntryCap& cap = plan.campaign.entry_cap;
  if (!cap.total && !cap.day) return false;
  const Begun& begun = state_.arrivals.begun[plan.family];
  if (cap.total && begun.total >= *cap.total) return true;
  if (!cap.day) return false;
  if (state_.now >= begun.day_ends) {
    facts_.about(no_place, no_place);
    const ZoneIndex zone = facts_.zone_for({}, &plan).zone;
    const calendar::Date today = calendar::to_local(*state_.zones, zone, state_.now).date;
    const Instant ends = calendar::to_instant(*state_.zones, zone, {{today.days + 1}, 0});
    commit(record::CapDay{plan.version, ends});
  }
  return begun.today >= *cap.day;
}

}  // namespace itinera::engine
