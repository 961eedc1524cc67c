// SPDX-License-Identifier: Apache-2.0
#include "state/attempts.hpp"

#include "base/packed_value.hpp"
#include "state/apply.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

void put_attempt(State& state, std::uint32_t place, NodeIndex node, const Attempt& attempt) {
  Value::List values;
  values.emplace_back(static_cast<std::int64_t>(attempt.number));
  values.emplace_back(attempt.deadline.ms);
  values.emplace_back(static_cast<std::int64_t>(attempt.pending ? 1 : 0));
  base::Bytes packed;
  base::pack(Value(std::move(values)), packed);
  put_item(state, state.journeys[state.whole(place)], ContextTag::attempt, node, packed);
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

void apply(State&, const record::GaveUp&) {}

void apply(State& state, const record::Retried& r) {
  put_attempt(state, r.journey, r.node, {r.attempt, r.deadline, true});
  if (state.halt_of(state.journeys[r.journey]) != nullptr) {  // it is made when that is over
    state.halts.frozen.insert_or_assign(r.journey, FrozenDue{r.due, state.now});
    state.journeys[r.journey].due = record::no_deadline;
    return;
  }
  arm(state, r.journey, r.due, 0);
}

}  // namespace itinera::engine
