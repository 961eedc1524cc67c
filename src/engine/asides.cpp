// SPDX-License-Identifier: Apache-2.0
// Sends that are held and step aside, so that their journeys go on without them.
#include "engine/process.hpp"

namespace itinera::engine {

using record::Decision;
using record::Reason;

// What is held at that send: the journey, or the send alone, which leaves the journey moving.
std::uint32_t Process::held_at(std::uint32_t journey, NodeIndex at) {
  const Journey& j = state_.journeys[journey];
  const auto& send = std::get<Send>(state_.plan_of(j).nodes[at].step->kind);
  if (send.while_held != Send::WhileHeld::aside || j.is_aside() || send.retry.times > 0) {
    return journey;
  }
  if (state_.asides_of(state_.whole(journey)).size() >= state_.limits.messages_aside) {
    commit(record::Counted{record::Counter::asides_full, journey, at});
    return journey;
  }
  const std::uint32_t aside = state_.journeys.next_place();
  commit(record::SetAside{aside, journey, at});
  return aside;
}

// It has gone out, or never will; a journey that has nothing else left ends with it.
void Process::end_aside(std::uint32_t aside) {
  const std::uint32_t journey = state_.journeys[aside].head;
  commit(record::AsideDone{aside});
  const Journey& j = state_.journeys[journey];
  if (j.phase == Phase::lingering && state_.asides_of(journey).empty()) finish(journey, j.node);
}

// A journey, or a strand of one, has come to the end, or to the exit step `at`.
void Process::finish(std::uint32_t journey, NodeIndex at) {
  const std::uint32_t whole = state_.whole(journey);
  if (state_.asides_of(whole).empty()) {
    const bool written = at != model::end_node;
    return end(journey, Decision::finished, written ? Reason::written : Reason::none, at);
  }
  const std::vector<std::uint16_t> serving = turns_of(whole);
  commit(record::Lingered{whole, at});
  for (const std::uint16_t sender : serving) serve(sender);
}

}  // namespace itinera::engine
