// SPDX-License-Identifier: Apache-2.0
// One due instant: all its timers in S0's order, then all the sends that they make ready. A small
// one is one frame; a large one transition frames, then gate frames.
#include <algorithm>
#include <bit>
#include <numeric>

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

using record::Decision;

}  // namespace

// Takes from due_ what are no journeys: contacts to be looked at, in S0's order, into looks_;
// schedules and lines into lines_. What was armed for `t` and is due at another time now is left
// out: an engine that was loaded would not know of it, and must divide the instant alike.
void Process::sort_due(Instant t, const Timers::Live& live) {
  looks_.clear();
  lines_.clear();
  std::erase_if(due_, [&](std::uint32_t timer) {
    if (is_journey(timer)) return false;
    if (!live.live(timer, t)) return true;
    if (is_line(timer)) lines_.push_back(timer);
    if (!is_line(timer)) looks_.push_back(timer & timer_mask);
    return true;
  });
  std::sort(looks_.begin(), looks_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return contact_before(state_, a, b); });
  looks_.erase(std::unique(looks_.begin(), looks_.end()), looks_.end());
}

void Process::run_instant(Instant t, const Timers::Live& live, bool resumed) {
  // What has become due at the gates, such as turns at accounts, comes once all have passed these.
  const bool at_gates = resumed && state_.input.kind == record::InputKind::gates;
  due_.clear();
  if (!at_gates) state_.timers.take(t, due_);
  if (due_.size() == 1 && is_journey(due_.front()) && !resumed) {  // as almost always
    fire_batch(t, {}, due_, live, false);
    end_part(state_.ready.empty());
    return pass_in_parts(t);
  }
  sort_due(t, live);
  std::vector<ReadySend>& order = due_order_;
  put_in_order(state_, t, due_, order);
  bool large = resumed || !lines_.empty() || looks_.size() + order.size() > instant_chunk;
  const auto is_due = [&](const ReadySend& each) { return live.live(each.journey, t); };
  const auto is_awaited = [&](std::uint32_t contact) {
    return state_.watches.of(contact).due == t;
  };
  // What a frame's cascades have ended is no part of the next: a restart would not see it either.
  auto look = std::find_if(looks_.begin(), looks_.end(), is_awaited);
  auto next = std::find_if(order.begin(), order.end(), is_due);
  while (look != looks_.end() || next != order.end()) {
    looking_.clear();
    batch_.clear();
    for (; look != looks_.end() && looking_.size() < instant_chunk; ++look) {
      if (is_awaited(*look)) looking_.push_back(*look);
    }
    for (; next != order.end() && looking_.size() + batch_.size() < instant_chunk; ++next) {
      if (is_due(*next)) batch_.push_back(next->journey);
    }
    const std::size_t fired = fire_batch(t, looking_, batch_, live, large);
    large = large || fired < looking_.size() + batch_.size();
    if (fired < looking_.size()) look = std::find(looks_.begin(), look, looking_[fired]);
    const std::size_t fired_journeys = fired - std::min(fired, looking_.size());
    if (fired_journeys < batch_.size()) {
      next = std::find_if(order.begin(), next, [&](const ReadySend& each) {
        return each.journey == batch_[fired_journeys];
      });
    }
    look = std::find_if(look, looks_.end(), is_awaited);
    next = std::find_if(next, order.end(), is_due);
    const bool done = look == looks_.end() && next == order.end() && lines_.empty();
    end_part(done && state_.ready.empty());
  }
  if (!lines_.empty()) run_arrivals(t);
  pass_in_parts(t);
}

// The sends that an instant's frames so far have left to others.
void Process::pass_in_parts(Instant t) {
  while (!state_.ready.empty()) {
    begin(record::GatesInput{0}, {t, 0});
    const auto passed = static_cast<std::uint32_t>(pass_gates(instant_chunk, instant_part_bytes));
    frame_.rewrite(record::GatesInput{passed});
    end_part(state_.ready.empty());
  }
  state_.instant_unfinished = false;
}

// The schedules and lines of an instant, after its timers: who comes in by time alone comes last.
void Process::run_arrivals(Instant t) {
  const Arrivals& arrivals = state_.arrivals;
  const auto is_due = [t](const auto& each) { return each.due == t; };
  const auto line_due = [&] {
    return std::find_if(arrivals.lines.begin(), arrivals.lines.end(), is_due);
  };
  if (std::any_of(arrivals.schedules.begin(), arrivals.schedules.end(), is_due)) {
    begin(record::TimersInput{0}, {t, 0});
    for (std::uint32_t i = 0; i < arrivals.schedules.size(); ++i) {
      if (is_due(arrivals.schedules[i])) occur(i);
    }
    end_part(line_due() == arrivals.lines.end() && !accounts_due(t) && state_.ready.empty());
  }
  while (line_due() != arrivals.lines.end()) {
    begin(record::TimersInput{0}, {t, 0});
    move_line(static_cast<std::uint32_t>(line_due() - arrivals.lines.begin()));
    run_cascades();
    end_part(line_due() == arrivals.lines.end() && !accounts_due(t) && state_.ready.empty());
  }
  run_accounts(t);
}

bool Process::accounts_due(Instant t) const {
  const std::vector<Account>& accounts = state_.accounts.all;
  return std::any_of(accounts.begin(), accounts.end(),
                     [t](const Account& account) { return account.due == t; });
}

// The accounts at which somebody may have a turn now.
void Process::run_accounts(Instant t) {
  if (!accounts_due(t)) return;
  begin(record::TimersInput{0}, {t, 0});
  for (std::size_t i = 0; i < state_.accounts.all.size(); ++i) {
    if (state_.accounts.all[i].due == t) serve(static_cast<std::uint16_t>(i));
  }
  end_part(state_.ready.empty());
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
    settle(instant_part_bytes);
  }
  return done;
}

// Ends a frame; unless it is the instant's last, another follows.
void Process::end_part(bool last) {
  if (!last) frame_.add_flag(record::instant_continues);
  end_frame();
}

void Process::hand_over(std::uint32_t count) {
  const bool refused = state_.outbox.refused_since;
  begin(record::TakenInput{count}, {state_.now, 0});
  const bool again = recall_again();
  if (refused) recall();
  if (again) {
    std::erase_if(state_.handed.entries, [](const OutboxEntry& entry) { return entry.withdrawn; });
  }
  end_frame();
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
