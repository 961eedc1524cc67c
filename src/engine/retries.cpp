// SPDX-License-Identifier: Apache-2.0
#include "engine/retries.hpp"

#include <algorithm>

#include "base/packed_value.hpp"
#include "engine/apply.hpp"
#include "engine/process.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Reason;

void put_attempt(State& state, std::uint32_t place, NodeIndex node, const Attempt& attempt) {
  Value::List values;
  values.emplace_back(static_cast<std::int64_t>(attempt.number));
  values.emplace_back(attempt.deadline.ms);
  values.emplace_back(static_cast<std::int64_t>(attempt.pending ? 1 : 0));
  base::Bytes packed;
  base::pack(Value(std::move(values)), packed);
  put_item(state, state.journeys[state.whole(place)], ContextTag::attempt, node, packed);
}

// How long after its `number`th failure a call is asked for again.
std::int64_t pause_ms(const Retry& retry, std::uint32_t number) {
  constexpr std::uint32_t doublings_max = 30;
  const std::int64_t first = std::clamp<std::int64_t>(retry.after_ms, 1, Retry::after_max_ms);
  return std::min(first << std::min(number, doublings_max), Retry::after_max_ms);
}

}  // namespace

Attempt attempt_at(base::ByteView context, NodeIndex node) {
  const auto item = find_context(context, ContextTag::attempt, node);
  if (!item) return {};
  base::Reader in(item->value);
  const Value unpacked = base::unpack(in);
  const Value::List& values = *unpacked.get<Value::List>();
  return {static_cast<std::uint32_t>(*values[0].get<std::int64_t>()),
          {*values[1].get<std::int64_t>()},
          *values[2].get<std::int64_t>() != 0};
}

void begin_attempt(State& state, std::uint32_t place, NodeIndex node) {
  Attempt attempt = attempt_at(state.blobs.view(state.journeys[state.whole(place)].context), node);
  if (attempt.number == 0) return;
  attempt.pending = false;
  put_attempt(state, place, node, attempt);
}

void forget_attempts(State& state, std::uint32_t place, NodeIndex node) {
  Journey& journey = state.journeys[state.whole(place)];
  if (!find_context(state.blobs.view(journey.context), ContextTag::attempt, node)) return;
  put_context(state, journey, ContextTag::attempt, node, {});
}

void apply(State& state, const record::Retried& r) {
  put_attempt(state, r.journey, r.node, {r.attempt, r.deadline, true});
  arm(state, r.journey, r.due, 0);
}

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
