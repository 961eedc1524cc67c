// SPDX-License-Identifier: Apache-2.0
// Calls and tasks: what the host or a person is asked for. They pass no gate; a task tells whom it
// asks what has happened in the journey so far.
#include <algorithm>

#include "base/civil_value.hpp"
#include "base/packed_value.hpp"
#include "engine/process.hpp"
#include "tables/lists.hpp"

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
  for (std::size_t i = 0; i < state.plans.receipts.size(); ++i) {
    if ((state.actions[action].receipts >> i & 1) == 0) continue;
    const auto receipt = static_cast<std::uint8_t>(i);
    const auto kept = find_context(state.blobs.view(journey.context), receipt_tag(receipt), action);
    const bool brought = kept && !kept->value.empty();
    add(receipts, state.plans.receipts.name(receipt),
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

using record::Reason;

// The answer is a receipt, which is heard as any wait hears one.
std::optional<NodeIndex> Process::ask(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  // In a holdout nobody is asked, and so nobody answers.
  const bool silent = node.kind == StepKind::task && is_silent(journey);
  if (silent && !node.within) return pass_silently(journey, node, at);
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
  if (!silent) emit(journey, node, at, {}, data);
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

  std::vector<std::uint32_t> actions;
  for (std::uint32_t each = j.actions; each != no_place && actions.size() < chapters_max;
       each = state_.actions[each].next) {
    actions.push_back(each);
  }
  std::reverse(actions.begin(), actions.end());  // now the oldest first
  for (const std::uint32_t each : actions) {
    const ActionState& action = state_.actions[each];
    Value::Map chapter = action_of(*plan.nodes[action.node].step);
    add(chapter, "at", Value(base::timestamp_at(action.emitted)));
    add(chapter, "receipts", Value(receipts_of(state_, j, each)));
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
