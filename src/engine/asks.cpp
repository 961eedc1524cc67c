// SPDX-License-Identifier: Apache-2.0
// Calls and tasks: what the host or a person is asked for. They pass no gate; a task tells whom it
// asks what has happened in the journey so far.
#include "base/packed_value.hpp"
#include "engine/process.hpp"
#include "engine/stories.hpp"
#include "engine/tokens.hpp"

namespace itinera::engine {

using record::Reason;

// The answer is a receipt, which is heard as any wait hears one.
std::optional<NodeIndex> Process::ask(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  // In a holdout nobody is asked, and so nobody answers.
  const bool silent = node.kind == StepKind::task && is_silent(journey);
  if (silent && !node.within) return pass_silently(journey, node, at);
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

}  // namespace itinera::engine
