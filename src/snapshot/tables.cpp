// SPDX-License-Identifier: Apache-2.0
// What is known beside contacts and journeys.
#include "snapshot/walks.hpp"
#include "state/apply.hpp"

namespace itinera::engine {
namespace {

template <class V, class L>
void walk_line(V& v, L& line) {
  v(line.ref.version, line.ref.entry, line.due, line.period, line.let_in);
  walk_list(v, line.contacts);
}

// Zones by their names: numbers differ between zone data.
template <class V, class S, class T>
void walk_schedule(V& v, S& state, T& schedule) {
  v(schedule.ref.version, schedule.ref.entry, schedule.due);
  if constexpr (V::loads) {
    schedule.zone = state.zones->find(base::as_text(v.bytes())).value_or(ZoneIndex::utc);
  } else {
    v.bytes(base::as_bytes(state.zones->name(schedule.zone)));
  }
}

template <class V, class A>
void walk_account(V& v, A& account) {
  v(account.day_began, account.day_ends, account.sent, account.days, account.sent_ever,
    account.paced_until, account.rested_until, account.turns, account.due);
  walk_map(v, account.by_operation, [&](auto& operation, auto& sent) { v(operation, sent); });
  walk_list(v, account.recent);
}

}  // namespace

template <class V, class S>
void walk_tables(V& v, S& state) {
  const std::uint32_t contacts = state.contacts.size();
  Watches::walk(v, state.watches, contacts);
  Membership::walk(v, state.members, contacts);
  Dedupe::walk(v, state.dedupe);
  FewByContact<Rate>::walk(v, state.rates, contacts);
  Keyed<CommonRate>::walk(v, state.common_rates);
  Keyed<record::Reason>::walk(v, state.suppressed);
  Handles::walk(v, state.handles, contacts);
  ByContact<LastRun>::walk(v, state.last_runs, contacts);
  ByContact<KeptVariant>::walk(v, state.variants, contacts);
}

template <class V, class S>
void walk_arrivals(V& v, S& state) {
  walk_list(v, state.arrivals.lines, [&](auto& line) { walk_line(v, line); });
  walk_list(v, state.arrivals.schedules, [&](auto& each) { walk_schedule(v, state, each); });
  PassedTimes::walk(v, state.arrivals.passed);
  walk_list(v, state.arrivals.begun);
  v(state.arrivals.published);
}

template <class V, class S>
void walk_accounts(V& v, S& state) {
  walk_list(v, state.accounts.all, [&](auto& account) { walk_account(v, account); });
  v(state.accounts.came);
  walk_map(v, state.accounts.places, [&](auto& journey, auto& place) {
    v(journey, place.sender, place.operation, place.waiter, place.called);
    bool in_line = false;
    if constexpr (V::loads) {
      v(in_line);
      if (place.sender >= state.accounts.all.size()) return v.fail();
      if (in_line) state.accounts.all[place.sender].line_up(place.operation, place.waiter);
    } else {
      in_line = state.accounts.all[place.sender].has_in_line(place.operation, place.waiter);
      v(in_line);
    }
  });
}

template <class V, class S>
void walk_halts(V& v, S& state) {
  auto& halts = state.halts;
  walk_map(v, halts.paused,
           [&](auto& family, auto& halt) { v(family, halt.since, halt.mode, halt.entries); });
  walk_map(v, halts.stopped, [&](auto& journey, auto& fell_due) { v(journey, fell_due); });
  walk_map(v, halts.frozen,
           [&](auto& journey, auto& frozen) { v(journey, frozen.due, frozen.from); });
  walk_map(v, halts.outcomes, [&](auto& at, auto& outcomes) {
    v(at.first, at.second);
    walk_list(v, outcomes);
  });
}

template void walk_tables(Saver& v, const State& state);
template void walk_tables(Loader& v, State& state);
template void walk_arrivals(Saver& v, const State& state);
template void walk_arrivals(Loader& v, State& state);
template void walk_accounts(Saver& v, const State& state);
template void walk_accounts(Loader& v, State& state);
template void walk_halts(Saver& v, const State& state);
template void walk_halts(Loader& v, State& state);

}  // namespace itinera::engine
