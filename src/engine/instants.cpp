// SPDX-License-Identifier: Apache-2.0
// One due instant: all its timers in S0's order, then all the sends that they make ready. A small
// one is one frame; a large one transition frames, then gate frames.
#include <algorithm>
#include <bit>
#include <numeric>
#include <tuple>

#include "engine/process.hpp"

namespace itinera::engine {
namespace {

// Sorts by contact hash. Hashes are spread evenly, so that their upper bits put nearly all of a
// large number of keys in place; what shares these bits is sorted by `before`.
template <class Before>
void sort_by_hash(std::vector<ReadySend>& keys, Before before) {
  const auto bits = static_cast<unsigned>(std::bit_width(keys.size())) - 1;
  const auto part_of = [&](const ReadySend& key) { return key.contact_hash >> (64 - bits); };
  std::vector<std::uint32_t> ends((std::size_t{1} << bits) + 1);
  for (const ReadySend& key : keys) ++ends[part_of(key) + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<ReadySend> sorted(keys.size());
  for (const ReadySend& key : keys) sorted[ends[part_of(key)]++] = key;
  const auto at = [&](std::uint32_t i) { return sorted.begin() + static_cast<std::ptrdiff_t>(i); };
  std::uint32_t begin = 0;
  for (const std::uint32_t end : ends) {
    if (end - begin > 1) std::sort(at(begin), at(end), before);
    begin = end;
  }
  keys.swap(sorted);
}

// The journeys that are due at `t`, each once, in S0's order.
void put_in_order(const State& state, Instant t, const std::vector<std::uint32_t>& journeys,
                  std::vector<ReadySend>& order) {
  constexpr std::size_t ahead = 16;
  order.clear();
  for (std::size_t i = 0; i < journeys.size(); ++i) {
    if (i + ahead < journeys.size()) __builtin_prefetch(&state.journeys[journeys[i + ahead]]);
    if (i + ahead / 2 < journeys.size()) {
      const Journey& soon = state.journeys[journeys[i + ahead / 2]];
      if (soon.contact != no_place) __builtin_prefetch(&state.contacts[soon.contact]);
    }
    if (state.journeys[journeys[i]].due == t) order.push_back(state.ready_key(journeys[i]));
  }
  const auto before = [&](const ReadySend& a, const ReadySend& b) {
    return send_before(state, a, b);
  };
  // They come in order where an earlier instant of this kind has put them in order.
  if (!std::is_sorted(order.begin(), order.end(), before)) {
    const auto other_rank = [&](const ReadySend& key) { return key.rank != order.front().rank; };
    const bool one_rank = std::none_of(order.begin(), order.end(), other_rank);
    if (one_rank && order.size() > instant_chunk) {
      sort_by_hash(order, before);
    } else {
      std::sort(order.begin(), order.end(), before);
    }
  }
  // A place that was freed and taken again may have been armed twice for one instant.
  const auto same = [](const ReadySend& a, const ReadySend& b) { return a.journey == b.journey; };
  order.erase(std::unique(order.begin(), order.end(), same), order.end());
}

// Puts `fresh`, which is in order, among what is left of `waiting` behind the first `done`.
template <class Each, class IsGone, class Before>
void put_among(std::vector<Each>& waiting, std::size_t& done, std::vector<Each>& fresh,
               IsGone is_gone, Before before) {
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(done));
  done = 0;
  std::erase_if(waiting, is_gone);
  if (waiting.empty()) return waiting.swap(fresh);
  const auto middle = static_cast<std::ptrdiff_t>(waiting.size());
  waiting.insert(waiting.end(), fresh.begin(), fresh.end());
  std::inplace_merge(waiting.begin(), waiting.begin() + middle, waiting.end(), before);
}

using record::Decision;

}  // namespace

// What is due at `t`, and then the sends that are ready: those may be all that is left of it.
void Process::run_instant(Instant t, const Timers::Live& live, bool resumed) {
  if (!resumed || !state_.at_gates) run_due(t, live, resumed);
  pass_in_parts(t);
}

// Of an instant that comes to more than a frame, whatever is due then, by what the state says after
// each frame, comes before the gates: an engine that was restored there knows no more. What becomes
// due at the gates, such as turns at accounts, comes once all have passed these.
void Process::run_due(Instant t, const Timers::Live& live, bool resumed) {
  coming_.clear();
  state_.timers.take(t, due_);
  bool large = resumed;
  bool is_left = true;
  if (due_.size() == 1 && is_journey(due_.front()) && !resumed) {  // as almost always
    fire_batch(t, {}, due_, live, false);
    if (state_.ready.empty()) return end_part(true);
    large = true;
    is_left = end_due(t, live);
  } else {
    const bool arrives = join_due(t, live);
    large = large || arrives || coming_.looks.size() + coming_.journeys.size() > instant_chunk;
    is_left = has_due(t, live) || arrivals_due(t);
  }
  while (is_left) {
    if (!has_due(t, live)) {
      run_arrivals(t);
    } else if (fire_part(t, live, large) && !large && state_.ready.empty()) {
      return end_part(true);
    }
    large = true;
    is_left = end_due(t, live);
  }
}

// Ends a frame of what is due. Whether more of it is left, perhaps because of this very frame.
bool Process::end_due(Instant t, const Timers::Live& live) {
  watch_touched();
  due_.clear();
  if (state_.timers.next_until(t, live)) state_.timers.take(t, due_);
  if (!due_.empty()) join_due(t, live);
  const bool is_left = has_due(t, live) || arrivals_due(t);
  end_part(!is_left && state_.ready.empty());
  return is_left;
}

// Puts among what is coming what due_ has of it, each in S0's order and once: contacts to be looked
// at and journeys. Whether there are schedules, lines or accounts, too. What was armed for `t` and
// is due at another time now is left out: an engine that was loaded would not know of it, and must
// divide the instant alike.
bool Process::join_due(Instant t, const Timers::Live& live) {
  bool arrives = false;
  std::vector<std::uint32_t>& looks = coming_.new_looks;
  looks.clear();
  std::erase_if(due_, [&](std::uint32_t timer) {
    if (is_journey(timer)) return false;
    if (!live.live(timer, t)) return true;
    arrives = arrives || is_line(timer);
    if (!is_line(timer)) looks.push_back(timer & timer_mask);
    return true;
  });
  const auto looked_before = [this](std::uint32_t a, std::uint32_t b) {
    return contact_before(state_, a, b);
  };
  std::sort(looks.begin(), looks.end(), looked_before);
  looks.erase(std::unique(looks.begin(), looks.end()), looks.end());
  if (!looks.empty()) {
    const auto is_gone = [&](std::uint32_t contact) {
      return state_.watches.of(contact).due != t ||
             std::binary_search(looks.begin(), looks.end(), contact, looked_before);
    };
    put_among(coming_.looks, coming_.looked, looks, is_gone, looked_before);
  }
  if (due_.empty()) return arrives;
  put_in_order(state_, t, due_, coming_.new_journeys);
  if (!coming_.journeys.empty()) std::sort(due_.begin(), due_.end());
  // Whatever stands at its place by now is among the new ones.
  const auto is_gone = [&](const ReadySend& each) {
    return !live.live(each.journey, t) ||
           std::binary_search(due_.begin(), due_.end(), each.journey);
  };
  const auto before = [this](const ReadySend& a, const ReadySend& b) {
    return send_before(state_, a, b);
  };
  put_among(coming_.journeys, coming_.fired, coming_.new_journeys, is_gone, before);
  return arrives;
}

// Whether contacts or journeys are left. What a frame's cascades have ended is no part of the next:
// a restart would not see it either.
bool Process::has_due(Instant t, const Timers::Live& live) {
  const auto is_awaited = [&] { return state_.watches.of(coming_.looks[coming_.looked]).due == t; };
  while (coming_.looked < coming_.looks.size() && !is_awaited()) ++coming_.looked;
  const auto is_due = [&] { return live.live(coming_.journeys[coming_.fired].journey, t); };
  while (coming_.fired < coming_.journeys.size() && !is_due()) ++coming_.fired;
  return coming_.looked < coming_.looks.size() || coming_.fired < coming_.journeys.size();
}

// One frame's worth of them. Whether it had room for that.
bool Process::fire_part(Instant t, const Timers::Live& live, bool large) {
  const std::vector<std::uint32_t>& looks = coming_.looks;
  const std::vector<ReadySend>& journeys = coming_.journeys;
  looking_.clear();
  batch_.clear();
  std::size_t look = coming_.looked;
  for (; look < looks.size() && looking_.size() < instant_chunk; ++look) {
    if (state_.watches.of(looks[look]).due == t) looking_.push_back(looks[look]);
  }
  std::size_t next = coming_.fired;
  for (; next < journeys.size() && looking_.size() + batch_.size() < instant_chunk; ++next) {
    if (live.live(journeys[next].journey, t)) batch_.push_back(journeys[next].journey);
  }
  const std::size_t fired = fire_batch(t, looking_, batch_, live, large);
  if (fired < looking_.size()) {
    look = coming_.looked;
    while (looks[look] != looking_[fired]) ++look;
  }
  const std::size_t fired_journeys = fired - std::min(fired, looking_.size());
  if (fired_journeys < batch_.size()) {
    next = coming_.fired;
    while (journeys[next].journey != batch_[fired_journeys]) ++next;
  }
  coming_.looked = look;
  coming_.fired = next;
  return fired == looking_.size() + batch_.size();
}

// The sends that an input's frame, or an instant's, have left to others.
void Process::pass_in_parts(Instant t) {
  while (!state_.ready.empty()) {
    begin(record::GatesInput{0}, {t, 0});
    const auto passed = static_cast<std::uint32_t>(pass_gates(instant_chunk, instant_part_bytes));
    frame_.rewrite(record::GatesInput{passed});
    end_part(state_.ready.empty());
  }
  state_.instant_unfinished = false;
}

bool Process::arrivals_due(Instant t) const {
  const auto any_due = [t](const auto& all) {
    return std::any_of(all.begin(), all.end(), [t](const auto& each) { return each.due == t; });
  };
  const Arrivals& arrivals = state_.arrivals;
  return any_due(arrivals.schedules) || any_due(arrivals.lines) || any_due(state_.accounts.all);
}

// Of those the first in S0's order, whichever came to be first.
std::optional<std::uint32_t> Process::first_line_due(Instant t) const {
  const std::vector<Line>& lines = state_.arrivals.lines;
  const auto order = [this](const EntryRef& ref) {
    const bool leads_in = ref.version != no_version;
    const std::uint32_t rank = leads_in ? state_.plans.versions[ref.version]->rank : 0;
    return std::tuple(rank, ref.version, ref.entry);
  };
  std::optional<std::uint32_t> first;
  for (std::uint32_t at = 0; at < lines.size(); ++at) {
    if (lines[at].due != t) continue;
    if (!first || order(lines[at].ref) < order(lines[*first].ref)) first = at;
  }
  return first;
}

// One frame of what comes after an instant's timers: its schedules, then a line, as long as one is
// due, for who comes in by time alone comes last; then the accounts at which somebody may have a
// turn now.
void Process::run_arrivals(Instant t) {
  const auto is_due = [t](const auto& each) { return each.due == t; };
  begin(record::TimersInput{0}, {t, 0});
  const std::vector<Schedule>& schedules = state_.arrivals.schedules;
  if (std::any_of(schedules.begin(), schedules.end(), is_due)) {
    for (std::uint32_t i = 0; i < schedules.size(); ++i) {
      if (is_due(schedules[i])) occur(i);
    }
    return;
  }
  if (const auto line = first_line_due(t)) {
    move_line(*line);
    return run_cascades();
  }
  for (std::size_t i = 0; i < state_.accounts.all.size(); ++i) {
    if (is_due(state_.accounts.all[i])) serve(static_cast<std::uint16_t>(i));
  }
}

// One frame of an instant's timers: first what the time has changed for contacts, then journeys.
// How many of both it had room for.
std::size_t Process::fire_batch(Instant t, std::span<const std::uint32_t> contacts,
                                std::span<const std::uint32_t> journeys, const Timers::Live& live,
                                bool large) {
  begin(record::TimersInput{static_cast<std::uint32_t>(journeys.size())}, {t, 0});
  std::size_t looked = 0;
  for (; looked < contacts.size() && !is_part_full(); ++looked) look(contacts[looked]);
  std::size_t i = 0;
  for (; i < journeys.size() && !is_part_full(); ++i) {
    if (i + 8 < journeys.size()) live.prefetch(journeys[i + 8]);
    if (i + 4 < journeys.size()) live.prefetch_deeply(journeys[i + 4]);
    // A look before it may have ended it, or another strand of the same journey.
    if (live.live(journeys[i], t)) fire(journeys[i]);
  }
  if (i < journeys.size()) {  // the others have not fired
    frame_.rewrite(record::TimersInput{static_cast<std::uint32_t>(i)});
    state_.statistics.timers_fired -= journeys.size() - i;
  }
  const std::size_t done = looked + i;
  if (large || done < contacts.size() + journeys.size()) {
    run_cascades();
  } else {
    settle();
  }
  return done;
}

// Ends a frame; unless it is the instant's last, another follows.
void Process::end_part(bool last) {
  if (!last) frame_.add_flag(record::instant_continues);
  end_frame();
}

// Ends an input's frame. Sends that it had no room for pass their gates in frames of their own.
void Process::end_input() {
  end_part(state_.ready.empty());
  pass_in_parts(state_.now);
}

void Process::hand_over(std::uint32_t count) {
  const bool refused = state_.outbox.refused_since;
  begin(record::TakenInput{count}, {state_.now, 0});
  const bool again = recall_again();
  if (refused) recall();
  if (again) {
    std::erase_if(state_.handed.entries, [](const OutboxEntry& entry) { return entry.withdrawn; });
  }
  end_input();
}

// S19: what somebody has refused since it was emitted is not handed over.
void Process::recall() {
  std::vector<OutboxEntry>& entries = state_.handed.entries;
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    const OutboxEntry& entry = entries[i];
    const NodePlan& node = state_.plans.versions[entry.version]->nodes[entry.node];
    if (!node.send || entry.maybe_executed) continue;
    const LegPlan& leg = node.send->leg(entry.leg);
    if (leg.channel >= state_.plans.channels.size()) continue;
    const std::uint32_t contact = state_.find_linked(entry.contact);
    const std::string_view address = base::as_text(
        state_.handed.bytes.view().subspan(entry.address_at + entry.key_size, entry.address_size));
    const auto objection =
        objection_to(state_, contact, *node.send, leg, address_hash(leg.name, address));
    if (!objection) continue;
    commit(record::Recalled{i, entry.id, contact, entry.version, entry.node,
                            Decision::withdrawn_consent, objection->reason});
    release_slot(contact);
    if (entry.sender != no_sender) serve(entry.sender);
  }
  std::erase_if(entries, [](const OutboxEntry& entry) { return entry.withdrawn; });
  settle();
}

}  // namespace itinera::engine
