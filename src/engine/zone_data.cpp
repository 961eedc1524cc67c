// SPDX-License-Identifier: Apache-2.0
// Other zone data than those under which the journal was written: what waits for a time on a wall
// keeps that time, and waits for another instant (S13).
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/process.hpp"
#include "engine/wait_targets.hpp"

namespace itinera::engine {

// What the clock shows by which a time was resolved, so that other data can be compared.
void Process::keep_rules(ZoneIndex zone) {
  if (zone == ZoneIndex::utc || state_.zone_rules.knows(zone)) return;
  const base::Bytes rules = packed(clock_rules(*state_.zones, zone, state_.now));
  commit(record::ZoneKnown{state_.zones->name(zone), rules});
}

void Process::adopt_zone_data(const Taken& taken) {
  std::map<ZoneIndex, ClockRules> changed;
  for (const auto& [name, rules] : state_.zone_rules.known) {
    const auto zone = state_.zones->find(name);
    if (!zone) continue;
    const auto same = [](const ZoneTransition& a, const ZoneTransition& b) {
      return a.from == b.from && a.offset_s == b.offset_s;
    };
    const ClockRules now = clock_rules(*state_.zones, *zone, taken.at);
    if (!std::ranges::equal(clock_rules(rules, taken.at), now, same)) changed.emplace(*zone, rules);
  }
  begin(record::ZoneDataInput{state_.zones->version()}, taken);
  for (const auto& [zone, rules] : changed) {
    const base::Bytes now = packed(clock_rules(*state_.zones, zone, state_.now));
    commit(record::ZoneKnown{state_.zones->name(zone), now});
  }
  if (!changed.empty()) {
    reschedule(changed);
    for (std::uint32_t contact = 0; contact < state_.contacts.size(); ++contact) {
      if (state_.contacts[contact].journeys == no_place) continue;
      for (const WallTime& each : wall_times_of(contact, changed)) rezone(each);
      release_held(contact, false);
    }
    if (state_.plans.has_moments) commit(record::WatchedAll{});
  }
  settle();
  end_input();
}

// The contact's waits for times on walls whose clocks go otherwise now, and what these show there.
std::vector<WallTime> Process::wall_times_of(std::uint32_t contact, const ChangedClocks& changed) {
  std::vector<WallTime> found;
  for (std::uint32_t at = state_.contacts[contact].journeys; at != no_place;
       at = state_.journeys[at].next) {
    const Journey& j = state_.journeys[at];
    if (j.phase != Phase::waiting || state_.now >= j.due || j.due == record::no_deadline) continue;
    const NodePlan& node = state_.plan_of(j).nodes[j.node];
    facts_.about(contact, at);
    const auto clock = changed.find(facts_.zone_for(node.zone).zone);
    if (clock == changed.end()) continue;
    // Of a zone that the step itself names, nothing is noted where the wait begins.
    const bool is_own = node.zone && outcome_of(at, node, j.node).of_wall_time;
    if (!j.of_wall_time && !is_own) continue;
    const Instant shown = j.due + std::int64_t{offset_s(clock->second, j.due)} * second_ms;
    found.push_back(
        {listener(at), calendar::to_local(*state_.zones, ZoneIndex::utc, shown), clock->first});
  }
  return found;
}

// Occurrences keep their time on the wall, too.
void Process::reschedule(const ChangedClocks& changed) {
  for (std::uint32_t at = 0; at < state_.arrivals.schedules.size(); ++at) {
    const Schedule schedule = state_.arrivals.schedules[at];
    const auto clock = changed.find(schedule.zone);
    if (clock == changed.end() || schedule.due == record::no_deadline) continue;
    const Instant shown =
        schedule.due + std::int64_t{offset_s(clock->second, schedule.due)} * second_ms;
    const calendar::LocalTime local = calendar::to_local(*state_.zones, ZoneIndex::utc, shown);
    const Instant due = std::clamp(calendar::to_instant(*state_.zones, schedule.zone, local),
                                   state_.now, latest_instant);
    if (due == schedule.due) continue;
    commit(record::Scheduled{at, schedule.ref.version, schedule.ref.entry,
                             state_.zones->name(schedule.zone), due});
  }
}

}  // namespace itinera::engine
