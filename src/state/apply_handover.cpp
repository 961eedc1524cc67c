// SPDX-License-Identifier: Apache-2.0
// What goes from hand to hand: tasks to somebody else, journeys from another system.
#include <algorithm>
#include <vector>

#include "base/civil_value.hpp"
#include "base/packed_value.hpp"
#include "state/apply.hpp"
#include "state/digest_lists.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

void put_wait_end(State& state, Journey& journey, Instant due) {
  base::Bytes packed;
  base::pack(Value(due.ms), packed);
  put_item(state, journey, ContextTag::wait_ends, no_name, packed);
}

constexpr std::size_t reassignments_max = 20;  // kept of a task: the newest

// Whether a journey that goes on at `at` may have been at a digest before. How often it has been at
// one on a way back, it brings along; else what leads to `at` has been passed, or passed by.
bool may_have_gathered(const State& state, const Journey& journey, NodeIndex at) {
  const std::vector<NodePlan>& nodes = state.plan_of(journey).nodes;
  const base::ByteView context = state.blobs.view(journey.context);
  std::vector<bool> leads(nodes.size(), false);
  leads[at] = true;
  for (bool more = true; more;) {
    more = false;
    for (NodeIndex i = 0; i < nodes.size(); ++i) {
      const auto is_one = [&](NodeIndex to) { return to < nodes.size() && leads[to]; };
      const bool goes = is_one(nodes[i].next) ||
                        std::any_of(nodes[i].targets.begin(), nodes[i].targets.end(), is_one);
      if (leads[i] || !goes) continue;
      leads[i] = more = true;
    }
  }
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    if (nodes[i].kind != StepKind::digest) continue;
    const bool been = nodes[i].on_cycle ? find_context(context, ContextTag::visits, i).has_value()
                                        : i != at && leads[i];
    if (been) return true;
  }
  return false;
}

}  // namespace

Instant wait_ends(base::ByteView context) {
  const auto item = find_context(context, ContextTag::wait_ends, no_name);
  if (!item) return record::no_deadline;
  base::Reader in(item->value);
  return Instant{*base::unpack(in).get<std::int64_t>()};
}

void apply(State& state, const record::ReassignInput& input) {
  take_input(state, input.message);
  index_actions(state);
}

void apply(State& state, const record::TakeOverInput& input) {
  take_input(state, input.message);
  state.input.occurred = state.now;
  state.input.properties = input.properties;
}

// In at most half of the room for variables, as what receipts bring.
void apply(State& state, const record::Reassigned& r) {
  Journey& whole = state.journeys[state.whole(r.journey)];
  Value::List all;
  std::size_t others = state.blobs.view(whole.context).size();
  if (const auto kept =
          find_context(state.blobs.view(whole.context), ContextTag::reassigned, r.action)) {
    base::Reader in(kept->value);
    all = std::get<Value::List>(base::unpack(in).data);
    others -= kept->whole.size();
  }
  Value::Map newest;
  for (const auto& [name, text] : {std::pair("to", r.to), {"by", r.by}, {"note", r.note}}) {
    if (!text.empty()) newest.push_back({Value(std::string_view(name)), Value(text)});
  }
  newest.push_back({Value("at"), Value(base::timestamp_at(state.now))});
  all.emplace_back(std::move(newest));
  if (all.size() > reassignments_max) all.erase(all.begin());
  base::Bytes packed;
  const std::size_t room = state.limits.variables_bytes / 2;
  for (;; all.erase(all.begin())) {
    packed.clear();
    base::pack(Value(all), packed);
    if (all.empty() || others + packed.size() <= room) break;
  }
  put_item(state, whole, ContextTag::reassigned, r.action, packed);
  if (r.due != record::no_deadline) arm(state, r.journey, r.due, 0);
}

void apply(State& state, const record::TakenOver& r) {
  Journey& journey = state.journeys[r.journey];
  journey.node = r.node;
  journey.goals = r.goals;
  enter_before(state, r.journey, r.entered);
  base::Reader in(r.visits);
  while (in.left() >= record::TakenOver::visit_size) {
    const auto node = in.number<NodeIndex>();
    const auto visits = in.number<std::uint32_t>();
    put_visits(state, journey, node, visits, Instant{in.number<std::int64_t>()});
  }
  if (state.plan_of(journey).gathers && may_have_gathered(state, journey, r.node)) {
    note_digest(state, r.journey);
  }
  if (!r.before.empty()) put_item(state, journey, ContextTag::told_before, no_name, r.before);
  if (r.due != record::no_deadline) put_wait_end(state, journey, r.due);
  note_message(state, r.token);
}

}  // namespace itinera::engine
