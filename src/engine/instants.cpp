// SPDX-License-Identifier: Apache-2.0
// One due instant: all its timers in S0's order, then all the sends that they make ready. A small
// one is one frame; a large one transition frames, then gate frames.
#include <algorithm>

#include "engine/process.hpp"

namespace itinera::engine {
namespace {

// A journey that fell due, with the first parts of its place in S0's order at hand.
std::vector<ReadySend> in_order(const State& state, const std::vector<std::uint32_t>& journeys) {
  std::vector<ReadySend> order;
  order.reserve(journeys.size());
  for (const std::uint32_t journey : journeys) order.push_back(state.ready_key(journey));
  std::sort(order.begin(), order.end(), [&](const ReadySend& a, const ReadySend& b) {
    return send_before(state, a, b);
  });
  // A place that was freed and taken again may have been armed twice for one instant.
  const auto same = [](const ReadySend& a, const ReadySend& b) { return a.journey == b.journey; };
  order.erase(std::unique(order.begin(), order.end(), same), order.end());
  return order;
}

}  // namespace

void Process::run_instant(Instant t, const Timers::Live& live, bool resumed) {
  due_.clear();
  state_.timers.take(t, live, due_);
  const std::vector<ReadySend> order = in_order(state_, due_);
  const bool large = resumed || order.size() > instant_chunk;
  for (std::size_t from = 0; from < order.size(); from += instant_chunk) {
    const std::size_t to = std::min(from + instant_chunk, order.size());
    begin(record::TimersInput{static_cast<std::uint32_t>(to - from)}, {t, 0});
    for (std::size_t i = from; i < to; ++i) {
      if (live.live(order[i].journey, t)) fire(order[i].journey);
    }
    if (large) {
      run_cascades();
    } else {
      settle();
    }
    if (to < order.size() || !state_.ready.empty()) end_unfinished();
    else frame_.end();
  }
  while (!state_.ready.empty()) {
    begin(record::GatesInput{0}, {t, 0});
    const auto passed = static_cast<std::uint32_t>(pass_gates(instant_chunk));
    frame_.rewrite(record::GatesInput{passed});
    if (!state_.ready.empty()) end_unfinished();
    else frame_.end();
  }
  state_.instant_unfinished = false;
}

void Process::end_unfinished() {
  frame_.add_flag(record::instant_continues);
  frame_.end();
}

void Process::hand_over(std::uint32_t count) {
  begin(record::TakenInput{count}, {state_.now, 0});
  frame_.end();
}

}  // namespace itinera::engine
