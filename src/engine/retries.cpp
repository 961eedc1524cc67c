// SPDX-License-Identifier: Apache-2.0
#include "state/attempts.hpp"

#include <algorithm>

#include "base/packed_value.hpp"
#include "engine/process.hpp"
#include "state/apply.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Reason;

// How long after its `number`th failure a call is asked for again.
std::int64_t pause_ms(const Retry& retry, std::uint32_t number) {
  constexpr std::uint32_t doublings_max = 30;
  const std::int64_t first = std::clamp<std::int64_t>(retry.after_ms, 1, Retry::after_max_ms);
  return std::min(first << std::min(number, doublings_max), Retry::after_max_ms);
}

}  // namespace

// Of what a case of its answer has heard. While an attempt is still to come, another failure of the
// one before changes nothing.
bool Process::retries(std::uint32_t journey, const NodePlan& node, const Stimulus& stimulus,
                      std::size_t which) {
  const Retry& retry = std::get<Call>(node.step->kind).retry;
  const NodeIndex at = state_.journeys[journey].node;
  const Attempt attempt = attempt_at(context_of(journey), at);
  const bool may_go_well = which == 1 && stimulus.retry;
  if (may_go_well && attempt.pending) return true;
  if (!may_go_well || attempt.number >= retry.times) return false;
  note_taken(journey);
  note_used(journey, stimulus.receipt, came_of(node.cases[which], stimulus));
  const Instant deadline = attempt.number > 0 ? attempt.deadline : state_.journeys[journey].due;
  const Instant next = std::min(state_.after(pause_ms(retry, attempt.number)), deadline);
  commit(record::Retried{journey, at, attempt.number + 1, std::max(next, state_.now), deadline});
  return true;
}

void Process::withdraw_attempts(std::uint32_t journey) {
  const NodeIndex node = state_.journeys[journey].node;
  const std::uint32_t whole = state_.whole(journey);
  for (std::uint32_t at = state_.journeys[whole].actions; at != no_place;
       at = state_.actions[at].next) {
    const ActionState& action = state_.actions[at];
    if (state_.is_taken(action)) return;
    if (action.node != node || !state_.is_offered(action)) continue;
    commit(record::Withdrawn{whole, action.id, record::Decision::withdrawn_exit, at});
  }
}

void Process::ask_again(std::uint32_t journey, const NodePlan& node) {
  const NodeIndex at = state_.journeys[journey].node;
  const Instant deadline = attempt_at(context_of(journey), at).deadline;
  emit(journey, node, at, {}, values_of(node, journey, at));
  commit(record::Waited{journey, at, Reason::none, 0, deadline});
}

}  // namespace itinera::engine
