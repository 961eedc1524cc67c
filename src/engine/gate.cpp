// SPDX-License-Identifier: Apache-2.0
// What happens after an input or an instant's timers: cascades run, and ready sends pass the gate
// one by one, in S0's order, each followed by what its emission sets off. Calls and tasks pass
// none; a task tells whom it asks what has happened in the journey so far.
#include <algorithm>

#include "base/civil_value.hpp"
#include "base/packed_value.hpp"
#include "engine/lists.hpp"
#include "engine/process.hpp"

namespace itinera::engine {
namespace {

constexpr std::size_t chapters_max = 100;  // of a story: the newest actions

void add(Value::Map& map, std::string_view name, Value value) {
  map.push_back({Value(name), std::move(value)});
}
void add_text(Value::Map& map, std::string_view name, std::string_view text) {
  if (!text.empty()) add(map, name, Value(text));
}

Value value_at(base::ByteView packed) {
  base::Reader in(packed);
  return base::unpack(in);
}

// The properties of the entry, or the variables of a journey.
Value::Map named_values(const State& state, const Journey& journey, ContextTag tag) {
  Value::Map values;
  for (base::ByteView rest = state.blobs.view(journey.context); !rest.empty();) {
    const ContextItem item = take_context(rest);
    if (item.tag == tag) add(values, state.plans.names.text(item.name), value_at(item.value));
  }
  return values;
}

// What was reported of an action, each with what it brought.
Value::Map receipts_of(const State& state, const Journey& journey, std::uint32_t action) {
  Value::Map receipts;
  for (std::uint8_t i = 0; i < state.plans.receipts.size(); ++i) {
    if ((state.actions[action].receipts >> i & 1) == 0) continue;
    const auto kept = find_context(state.blobs.view(journey.context), receipt_tag(i), action);
    const bool brought = kept && !kept->value.empty();
    add(receipts, state.plans.receipts.name(i),
        brought ? value_at(kept->value) : Value(Value::Map{}));
  }
  return receipts;
}

// What kind of action it is, and its words.
Value::Map action_of(const Step& step) {
  Value::Map map;
  add(map, "what", Value(kind_name(step)));
  add(map, "step", Value(step.id));
  if (const auto* send = std::get_if<Send>(&step.kind)) {
    add_text(map, "channel", send->channel);
    add_text(map, "template", send->template_name);
  } else if (const auto* call = std::get_if<Call>(&step.kind)) {
    add_text(map, "name", call->name);
  } else if (const auto* task = std::get_if<Task>(&step.kind)) {
    add_text(map, "name", task->ask);
    add_text(map, "team", task->team);
  } else if (const auto* consent = std::get_if<ChangeConsent>(&step.kind)) {
    const bool granted = consent->state == ChangeConsent::State::granted;
    add_text(map, "channel", consent->channel);
    add_text(map, "topic", consent->topic);
    add_text(map, "state", granted ? "granted" : "denied");
  } else if (const auto* audience = std::get_if<ChangeAudience>(&step.kind)) {
    const bool removes = audience->change == ChangeAudience::Change::remove;
    add_text(map, removes ? "remove" : "add", audience->list);
  }
  return map;
}

}  // namespace

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

// The answer is a receipt, which is heard as any wait hears one.
std::optional<NodeIndex> Process::ask(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  base::Bytes data = values_of(node, journey, at);
  if (node.kind == StepKind::task) {
    DatumPlan story;
    story.name = "story";
    base::pack(story_of(journey, at), story.literal);
    if (fits_action(data, story, story.literal, journey, at)) {
      base::Writer out(data);
      out.text(story.name);
      out.bytes(story.literal);
    }
  }
  emit(journey, node, at, {}, data);
  const Instant due = node.within ? state_.after(*node.within) : record::no_deadline;
  if (due <= state_.now) return resolve(journey, node, at, record::no_case, {});
  commit(record::Waited{journey, at, Reason::none, 0, due});
  return std::nullopt;
}

// A list of maps, in the order of time: how the journey began, its actions with what was reported
// of them, and where it stands (docs/campaign-yaml.md).
Value Process::story_of(std::uint32_t journey, NodeIndex at) const {
  const Journey& j = state_.journeys[state_.whole(journey)];
  const CampaignPlan& plan = state_.plan_of(j);
  Value::List story;
  Value::Map& begun = std::get<Value::Map>(story.emplace_back(Value::Map{}).data);
  add(begun, "what", Value("entered"));
  add(begun, "at", Value(base::timestamp_at(j.entered)));
  if (j.has_key) add(begun, "key", Value(state_.key_of(j)));
  add(begun, "entry", Value(named_values(state_, j, ContextTag::entry)));

  std::vector<std::uint32_t> actions;  // newest first
  for (std::uint32_t each = j.actions; each != no_place && actions.size() < chapters_max;
       each = state_.actions[each].next) {
    actions.push_back(each);
  }
  for (auto each = actions.rbegin(); each != actions.rend(); ++each) {
    const ActionState& action = state_.actions[*each];
    Value::Map chapter = action_of(*plan.nodes[action.node].step);
    add(chapter, "at", Value(base::timestamp_at(action.emitted)));
    add(chapter, "receipts", Value(receipts_of(state_, j, *each)));
    story.emplace_back(std::move(chapter));
  }
  Value::Map& now = std::get<Value::Map>(story.emplace_back(Value::Map{}).data);
  add(now, "what", Value("now"));
  add(now, "step", Value(plan.nodes[at].step->id));
  add(now, "at", Value(base::timestamp_at(state_.now)));
  add(now, "variables", Value(named_values(state_, j, ContextTag::variable)));
  return Value(std::move(story));
}

}  // namespace itinera::engine
