// SPDX-License-Identifier: Apache-2.0
#include "state/attempts.hpp"

#include <algorithm>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "engine/process.hpp"
#include "state/apply.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Reason;

// How long after its `number`th failure what the action asked for is tried again.
std::int64_t pause_ms(const Retry& retry, std::uint32_t number, const Hash128& action) {
  constexpr std::uint32_t doublings_max = 30;
  const std::int64_t first = std::clamp<std::int64_t>(retry.after_ms, 1, Retry::after_max_ms);
  const std::int64_t pause =
      std::min(first << std::min(number, doublings_max), Retry::after_max_ms);
  const std::uint64_t drawn = base::stable_hash_of(action, std::int64_t{number} + 1).high;
  return pause - static_cast<std::int64_t>(drawn % (static_cast<std::uint64_t>(pause) / 4 + 1));
}

}  // namespace

// Of what a case of its answer, or of what became of the message, has heard. While an attempt is
// still to come, another failure of the one before changes nothing.
bool Process::retries(std::uint32_t journey, const NodePlan& node, const Stimulus& stimulus,
                      std::size_t which) {
  if (which != node.failed_case) return false;
  const NodeIndex at = state_.journeys[journey].node;
  const Attempt attempt = attempt_at(context_of(journey), at);
  if (stimulus.retry && attempt.pending) return true;
  const bool asks = node.kind == StepKind::call;
  const Instant deadline = asks ? state_.due_of(journey) : record::no_deadline;
  const Hash128& action = state_.actions[stimulus.action].id;
  const Instant next = state_.after(pause_ms(*node.retry, attempt.number, action));
  const bool stale = !asks && next > stale_after(journey, at);
  if (!stimulus.retry || attempt.number >= node.retry->times || stale) {
    commit(record::GaveUp{journey, at, attempt.older() + 1});
    return false;
  }
  if (asks) {
    note_taken(journey);
    note_used(journey, stimulus.receipt, came_of(node.cases[which], stimulus));
  }
  const Instant due = std::max(std::min(next, deadline), state_.now);
  commit(record::Retried{journey, at, attempt.number + 1, due, deadline});
  return true;
}

void Process::withdraw_attempts(std::uint32_t journey) {
  const NodeIndex node = state_.journeys[journey].node;
  const std::uint32_t whole = state_.whole(journey);
  for (std::uint32_t at = state_.journeys[whole].actions; at != no_place;
       at = state_.actions[at].next) {
    const ActionState& action = state_.actions[at];
    if (state_.is_taken(action)) return;
    if (state_.node_of(at) != node || !state_.is_offered(action)) continue;
    commit(record::Withdrawn{whole, action.id, record::Decision::withdrawn_exit, at});
  }
}

void Process::ask_again(std::uint32_t journey, const NodePlan& node) {
  const NodeIndex at = state_.journeys[journey].node;
  const Attempt attempt = attempt_at(context_of(journey), at);
  const Instant deadline = attempt.deadline;
  if (state_.halt_of(state_.journeys[journey]) != nullptr) {  // not while its campaign is paused
    return commit(record::Retried{journey, at, attempt.number, state_.now, deadline});
  }
  emit(journey, node, at, {}, values_of(node, journey, at));
  commit(record::Waited{journey, at, Reason::none, 0, deadline});
}

}  // namespace itinera::engine
