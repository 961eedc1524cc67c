// SPDX-License-Identifier: Apache-2.0
#include "engine/stories.hpp"

#include <algorithm>
#include <utility>

#include "base/civil_value.hpp"
#include "base/packed_value.hpp"
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

// To whom a task went, and what was said then; nothing if it stayed where it was.
void add_reassignments(Value::Map& map, const State& state, const Journey& journey,
                       std::uint32_t action) {
  const auto kept = find_context(state.blobs.view(journey.context), ContextTag::reassigned, action);
  if (kept) add(map, "reassigned", value_at(kept->value));
}

// What kind of action it is, and its words.
Value::Map action_of(const NodePlan& node, std::uint8_t leg) {
  const Step& step = *node.step;
  Value::Map map;
  add(map, "what", Value(kind_name(step)));
  add(map, "step", Value(step.id));
  if (const auto* send = std::get_if<Send>(&step.kind)) {
    add_text(map, "channel", node.send->leg(leg).name);  // by which of them it went
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

Value::Map named_values(const State& state, const Journey& journey, ContextTag tag) {
  Value::Map values;
  for (base::ByteView rest = state.blobs.view(journey.context); !rest.empty();) {
    const ContextItem item = take_context(rest);
    if (item.tag == tag) add(values, state.plans.names.text(item.name), value_at(item.value));
  }
  return values;
}

Value::List chapters_of(const State& state, std::uint32_t journey) {
  const Journey& j = state.journeys[state.whole(journey)];
  Value::List chapters;
  const auto before = find_context(state.blobs.view(j.context), ContextTag::told_before, no_name);
  if (before) chapters = std::get<Value::List>(value_at(before->value).data);

  std::vector<std::uint32_t> actions;
  for (std::uint32_t each = j.actions; each != no_place && actions.size() < chapters_max;
       each = state.actions[each].next) {
    actions.push_back(each);
  }
  std::reverse(actions.begin(), actions.end());  // now the oldest first
  for (const std::uint32_t each : actions) {
    const ActionState& action = state.actions[each];
    Value::Map chapter = action_of(state.step_of(each), action.leg);
    add(chapter, "at", Value(base::timestamp_at(action.emitted)));
    add(chapter, "receipts", Value(receipts_of(state, j, each)));
    add_reassignments(chapter, state, j, each);
    chapters.emplace_back(std::move(chapter));
  }
  if (chapters.size() > chapters_max) {
    chapters.erase(chapters.begin(), chapters.end() - chapters_max);
  }
  return chapters;
}

Value story_of(const State& state, std::uint32_t journey, NodeIndex at) {
  const Journey& j = state.journeys[state.whole(journey)];
  Value::List story;
  Value::Map& begun = std::get<Value::Map>(story.emplace_back(Value::Map{}).data);
  add(begun, "what", Value("entered"));
  add(begun, "at", Value(base::timestamp_at(j.entered)));
  if (j.has_key) add(begun, "key", Value(state.key_of(j)));
  add(begun, "entry", Value(named_values(state, j, ContextTag::entry)));
  for (Value& chapter : chapters_of(state, journey)) story.push_back(std::move(chapter));
  Value::Map& now = std::get<Value::Map>(story.emplace_back(Value::Map{}).data);
  add(now, "what", Value("now"));
  add(now, "step", Value(state.plan_of(j).nodes[at].step->id));
  add(now, "at", Value(base::timestamp_at(state.now)));
  add(now, "variables", Value(named_values(state, j, ContextTag::variable)));
  return Value(std::move(story));
}

}  // namespace itinera::engine
