// SPDX-License-Identifier: Apache-2.0
// What happens after an input or an instant's timers: cascades run, and ready sends pass the gate
// one by one, in S0's order, each followed by what its emission sets off.
#include "base/packed_value.hpp"
#include "engine/process.hpp"

namespace itinera::engine {

using record::Decision;
using record::Reason;

void Process::pass_all() {
  run_cascades();
  while (pass_gates(instant_chunk) != 0) {
  }
}

std::size_t Process::pass_gates(std::size_t count) {
  const auto before = [this](const ReadySend& a, const ReadySend& b) {
    return send_before(state_, a, b);
  };
  std::size_t passed = 0;
  for (; passed < count && !state_.ready.empty(); ++passed) {
    if (const ReadySend* next = state_.ready.ahead(8)) {
      __builtin_prefetch(&state_.journeys[next->journey]);
    }
    if (const ReadySend* next = state_.ready.ahead(4)) {
      const Journey& j = state_.journeys[next->journey];
      __builtin_prefetch(&state_.contacts[j.contact]);
      state_.blobs.prefetch(j.context);
    }
    gate(state_.ready.front(before).journey);
    run_cascades();
  }
  return passed;
}

// Decides over one send. The gates of design.md 4 stand here in order; each that says no gives the
// reason.
void Process::gate(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  const NodeIndex at = j.node;
  const NodePlan& node = state_.plan_of(j).nodes[at];
  if (!holds(node.when, journey, at)) {
    commit(record::Skipped{journey, at, Decision::skipped_when, Reason::none});
    return walk(journey, node.next);
  }
  facts_.about(j.contact, journey);
  expr::Cell address;
  if (node.channel < state_.plans.channels.size()) {
    address = facts_.value_of(*state_.plans.channels[node.channel].address);
  }
  if (address.kind != expr::Cell::Kind::text || address.size == 0) {
    commit(record::Skipped{journey, at, Decision::no_address, Reason::none});
    return walk(journey, node.next);
  }
  if (node.data.empty()) {
    emit(journey, node, at, address.as_text(), {});
    return walk(journey, node.next);
  }
  const std::string kept_address(address.as_text());  // the data's evaluation reuses its memory
  const base::Bytes data = values_of(node, journey, at);
  emit(journey, node, at, kept_address, data);
  walk(journey, node.next);
}

}  // namespace itinera::engine
