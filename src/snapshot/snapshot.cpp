// SPDX-License-Identifier: Apache-2.0
#include "snapshot/snapshot.hpp"

#include <algorithm>
#include <set>

#include "itinera/version.hpp"
#include "model/model_codec.hpp"
#include "snapshot/sound.hpp"
#include "snapshot/walks.hpp"
#include "state/apply.hpp"

namespace itinera::engine {
namespace {

template <class V, class B>
void walk_bytes(V& v, B& bytes) {
  if constexpr (V::loads) {
    const base::ByteView read = v.bytes();
    bytes.assign(read.begin(), read.end());
  } else {
    v.bytes(bytes);
  }
}

template <class V, class Name, class Rules>
void walk_rules(V& v, Name& name, Rules& rules) {
  if constexpr (V::loads) {
    name = base::as_text(v.bytes());
    const std::optional<ClockRules> read = unpacked(v.bytes());
    v.must(read.has_value());
    if (read) rules = *read;
  } else {
    v.bytes(base::as_bytes(name));
    v.bytes(packed(rules));
  }
}

template <class V, class List, class Number>
void walk_publications(V& v, List& publications, Number& newest) {
  walk_list(v, publications, [&](auto& each) {
    v(each.at);
    walk_bytes(v, each.workspace);
    walk_bytes(v, each.campaigns);
    walk_list(v, each.versions);
  });
  v(newest);
}

// Campaigns are given by the place that their version has: one that is not there yet is the next
// new one.
void install_again(Loader& v, State& state, const Publication& publication) {
  const Result<model::Model> workspace = model::decode(publication.workspace);
  Result<model::Model> fresh = model::decode(publication.campaigns);
  if (!workspace || !fresh) return v.fail();
  const std::vector<std::uint16_t>& versions = publication.versions;
  if (std::set(versions.begin(), versions.end()).size() != versions.size()) return v.fail();
  std::vector<Campaign> campaigns;
  std::size_t taken = 0;
  for (const std::uint16_t version : versions) {
    if (version < state.plans.versions.size()) {
      campaigns.push_back(state.plans.versions[version]->campaign);
    } else if (taken < fresh->campaigns.size()) {
      campaigns.push_back(std::move(fresh->campaigns[taken++]));
    } else {
      return v.fail();
    }
  }
  v.must(taken == fresh->campaigns.size() &&
         install(state.plans, workspace->workspace, std::move(campaigns), publication.at,
                 *state.zones, state.limits)
             .has_value());
}

// What was published, and which of it counts; what versions keep because of what counted before.
void load_publications(Loader& v, State& state) {
  std::vector<Publication> publications;
  std::uint32_t newest = 0;
  walk_publications(v, publications, newest);
  if (!v.ok() || (newest >= publications.size() && !publications.empty())) return v.fail();
  for (const Publication& each : publications) {
    if (v.ok()) install_again(v, state, each);
  }
  if (!v.ok() || state.plans.publications.size() != publications.size()) return v.fail();
  const bool came_again = newest + 1 < publications.size();
  if (came_again) {
    Publication again = publications[newest];
    again.campaigns.clear();
    model::encode({}, {}, again.campaigns);
    install_again(v, state, again);
  }
  for (const auto& version : state.plans.versions) v(version->keeps_ended);
}

// All timers there are: of what is due.
void arm_again(Loader& v, State& state) {
  const auto arm = [&](std::uint32_t timer, Instant due) {
    if (due == record::no_deadline) return;
    if (due < state.now || due > latest_instant) return v.fail();
    state.timers.arm(timer, due, state.now);
  };
  for (std::uint32_t at = 0; at < state.journeys.size(); ++at) {
    if (state.journeys[at].phase != Phase::gone) arm(at, state.journeys[at].due);
  }
  for (std::uint32_t at = 0; at < state.watches.size(); ++at) {
    arm(watch_mark | at, state.watches.of(at).due);
  }
  const auto arm_all = [&](std::uint32_t mark, const auto& list) {
    for (std::uint32_t at = 0; at < list.size(); ++at) arm(mark | at, list[at].due);
  };
  arm_all(line_mark, state.arrivals.lines);
  arm_all(schedule_mark, state.arrivals.schedules);
  arm_all(account_mark, state.accounts.all);
}

// A strand has its journey's key, and not one of its own.
void share_keys(State& state) {
  for (std::uint32_t at = 0; at < state.journeys.size(); ++at) {
    Journey& j = state.journeys[at];
    if (j.phase == Phase::gone || !j.is_strand()) continue;
    state.blobs.release(j.key);
    j.key = state.journeys[state.whole(at)].key;
  }
}

void count_again(State& state) {
  state.statistics.actions_waiting =
      state.outbox.entries.size() - state.outbox.withdrawn + state.open.offered();
  state.statistics.actions_open = state.open.size();
  state.journeys.for_each([&](const Journey& j) {
    if (j.phase == Phase::held && j.held_for == Journey::HeldFor::presence) ++state.absent;
  });
}

// Sends that are ready, where an instant is not finished: in their order, however they came.
std::vector<std::uint32_t> ready_in(const State& state) {
  std::vector<std::uint32_t> ready;
  state.ready.for_each([&](const ReadySend& send) { ready.push_back(send.journey); });
  std::sort(ready.begin(), ready.end(), [&](std::uint32_t a, std::uint32_t b) {
    return send_before(state, state.ready_key(a), state.ready_key(b));
  });
  return ready;
}

void get_ready(Loader& v, State& state, const std::vector<std::uint32_t>& ready) {
  for (const std::uint32_t journey : ready) {
    if (journey >= state.journeys.size() || state.journeys[journey].phase != Phase::ready) {
      return v.fail();
    }
    state.ready.push(state.ready_key(journey), [&](const ReadySend& a, const ReadySend& b) {
      return send_before(state, a, b);
    });
  }
}

template <class V, class S>
void walk_all(V& v, S& state) {
  walk_campaigns(v, state);
  walk_engine(v, state);
  walk_people(v, state);
  walk_messages(v, state);
  walk_tables(v, state);
  walk_arrivals(v, state);
  walk_accounts(v, state);
  walk_halts(v, state);
}

// All there is of a snapshot's fields in Statistics.
template <class V, class T>
void walk_statistics(V& v, T& s) {
  static_assert(sizeof(Statistics) == 27 * sizeof(std::uint64_t));
  v(s.inputs, s.events, s.events_unheard, s.duplicates, s.contacts, s.journeys_entered,
    s.journeys_in_flight, s.journeys_ended, s.timers_fired, s.actions_emitted, s.actions_withdrawn,
    s.actions_waiting, s.conditions_unknown, s.reports_unmatched, s.reports_late, s.sends_held,
    s.occurred_clamped, s.invalid_zones, s.relinked, s.history_dropped, s.dedupe_dropped,
    s.data_missing, s.asides_full, s.actions_open, s.actions_reoffered, s.outcomes_unknown,
    s.open_dropped);
}

}  // namespace

// Names first, so that each has the number that lists know it by.
template <class V, class S>
void walk_campaigns(V& v, S& state) {
  std::string library(version_text);
  std::string zones = state.zones->version();
  v(library, zones);  // for whoever reads the bytes: nothing depends on them
  const std::uint64_t names = v.count(state.plans.names.size());
  for (std::uint64_t i = 0; i < names && v.ok(); ++i) {
    v.seam();
    if constexpr (V::loads) {
      v.must(state.plans.names.add(base::as_text(v.bytes())) == i);
    } else {
      v.bytes(base::as_bytes(state.plans.names.text(static_cast<NameId>(i))));
    }
  }
  if constexpr (V::loads) {
    if (v.ok()) load_publications(v, state);
  } else {
    walk_publications(v, state.plans.publications, state.plans.newest_publication);
    for (const auto& version : state.plans.versions) v(version->keeps_ended);
  }
}

template <class V, class S>
void walk_engine(V& v, S& state) {
  std::uint8_t unfinished = state.at_gates ? 2 : state.instant_unfinished ? 1 : 0;
  v(state.now, state.closed, state.frame, unfinished, state.next_sequence, state.reports_come,
    state.published, state.chosen_leg, state.passed_legs, state.takes);
  v.must(unfinished <= 2);
  if constexpr (V::loads) {
    state.instant_unfinished = unfinished != 0;
    state.at_gates = unfinished == 2;
  }
  walk_statistics(v, state.statistics);
  v(state.zone_rules.version);
  walk_map(v, state.zone_rules.known,
           [&v](auto& name, auto& rules) { walk_rules(v, name, rules); });
  if constexpr (V::loads) state.zone_rules.index(*state.zones);
}

Result<void> save(const State& state, SnapshotWriter& to) {
  Saver v(to);
  walk_all(v, state);
  const std::vector<std::uint32_t> ready = ready_in(state);
  walk_list(v, ready);
  return v.finish();
}

Result<void> load(State& state, SnapshotReader& from) {
  Loader v(from);
  walk_all(v, state);
  std::vector<std::uint32_t> ready;
  walk_list(v, ready);
  if (v.ok()) v.must(is_sound(state));
  if (v.ok()) share_keys(state);
  if (v.ok()) get_ready(v, state, ready);
  if (v.ok()) arm_again(v, state);
  if (v.ok()) count_again(state);
  return v.finish();
}

}  // namespace itinera::engine
