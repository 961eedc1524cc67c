// SPDX-License-Identifier: Apache-2.0
// Calls and tasks: what the host or a person is asked for. They pass no gate; a task tells whom it
// asks what has happened in the journey so far. And what is tried once more after it has failed.
#include <algorithm>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "engine/process.hpp"
#include "engine/stories.hpp"
#include "engine/tokens.hpp"
#include "state/apply.hpp"
#include "state/attempts.hpp"
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

// The answer is a receipt, which is heard as any wait hears one.
std::optional<NodeIndex> Process::ask(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  // In a holdout nobody is asked, and so nobody answers.
  const bool silent = node.kind == StepKind::task && is_silent(journey);
  if (silent && !node.within) {  // the time for the answer would never run out
    const std::optional<NodeIndex> next = pass_silently(journey, node, at);
    return node.targets.empty() ? next : node.targets.back();
  }
  base::Bytes data = values_of(node, journey, at);
  if (node.kind == StepKind::task) {
    add_to_task(data, story_of(state_, journey, at), "story", journey, at);
    add_to_task(data, Value(token_of(hand_over_of(state_, journey, at))), "token", journey, at);
  }
  if (!silent) emit(journey, node, at, {}, data);
  const Instant due = node.within ? state_.after(*node.within) : record::no_deadline;
  if (due <= state_.now) return resolve(journey, node, at, record::no_case, {});
  commit(record::Waited{journey, at, Reason::none, 0, due});
  return std::nullopt;
}

// What whoever is asked must know, or go on with elsewhere.
void Process::add_to_task(base::Bytes& data, const Value& value, std::string_view name,
                          std::uint32_t journey, NodeIndex at) {
  DatumPlan datum;
  datum.name = name;
  base::pack(value, datum.literal);
  if (!fits_action(data, datum, datum.literal, journey, at)) return;
  base::Writer out(data);
  out.text(datum.name);
  out.bytes(datum.literal);
}

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
