// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/packed_value.hpp"
#include "calendar/text.hpp"
#include "model/walk.hpp"

namespace itinera::engine {
namespace {

using model::Scope;

bool is_within(const std::vector<NameId>& part, const std::vector<NameId>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

bool covers(const HistoryNeed& wide, const HistoryNeed& narrow) {
  if (wide.event != narrow.event || (wide.newest_only && !narrow.newest_only)) return false;
  if (!wide.all_properties &&
      (narrow.all_properties || !is_within(narrow.properties, wide.properties))) {
    return false;
  }
  return !wide.window_ms || (narrow.window_ms && *wide.window_ms >= *narrow.window_ms);
}

using Ways = std::vector<std::vector<NodeIndex>>;

// Where each step can lead. A goto or an exit goes on only where its `when` may be false.
Ways ways_out(const std::vector<NodePlan>& nodes) {
  Ways ways(nodes.size());
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    const NodePlan& node = nodes[at];
    ways[at] = node.targets;
    const bool leaves = node.kind == StepKind::go_to || node.kind == StepKind::exit;
    if (!leaves || node.when != nullptr) ways[at].push_back(node.next);
    std::erase_if(ways[at], [&](NodeIndex to) { return to >= nodes.size(); });
  }
  return ways;
}

Ways reversed(const Ways& ways) {
  Ways back(ways.size());
  for (std::size_t at = 0; at < ways.size(); ++at) {
    for (const NodeIndex to : ways[at]) back[to].push_back(static_cast<NodeIndex>(at));
  }
  return back;
}

// All steps that `ways` lead to from `from`, itself included.
std::vector<bool> reach(const Ways& ways, NodeIndex from) {
  std::vector<bool> seen(ways.size());
  std::vector<NodeIndex> open{from};
  seen[from] = true;
  while (!open.empty()) {
    const NodeIndex at = open.back();
    open.pop_back();
    for (const NodeIndex to : ways[at]) {
      if (!seen[to]) open.push_back(to);
      seen[to] = true;
    }
  }
  return seen;
}

// Marks the steps that can be reached again from themselves: those on a way from where a goto, or
// what becomes of a send, leads to that step itself.
void mark_cycles(std::vector<NodePlan>& nodes) {
  const Ways ways = ways_out(nodes);
  const Ways back = reversed(ways);
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    if (nodes[at].kind != StepKind::go_to && nodes[at].kind != StepKind::send) continue;
    for (const NodeIndex target : nodes[at].targets) {
      if (target >= nodes.size()) continue;
      nodes[target].leads_in = true;
      const std::vector<bool> after = reach(ways, target);
      const std::vector<bool> before = reach(back, static_cast<NodeIndex>(at));
      for (std::size_t i = 0; i < nodes.size() && after[at]; ++i) {
        if (after[i] && before[i]) nodes[i].on_cycle = true;
      }
    }
  }
}

// Whether time alone may change a condition that its goals, exits or waits listen to.
bool goes_with_time(const CampaignPlan& plan) {
  bool goes = false;
  for_each_trigger(plan, [&](const TriggerPlan& trigger) {
    if (trigger.kind != Trigger::Kind::condition || trigger.condition == nullptr) return;
    const bool when_goes = trigger.when != nullptr && trigger.when->has_moments;
    goes = goes || trigger.condition->has_moments || when_goes;
  });
  return goes;
}

// What the campaign must know because of this step, if it is a wait_for.
void note_waits(CampaignPlan& plan, const NodePlan& node) {
  const auto* wait = std::get_if<WaitFor>(&node.step->kind);
  if (wait == nullptr) return;
  plan.looks_back = plan.looks_back || wait->since != WaitFor::Since::arrival;
  for (const TriggerPlan& each : node.cases) {
    if (each.kind == Trigger::Kind::receipt && each.as != no_name) {
      plan.keeps_receipts |= 1u << each.receipt;
    }
  }
}

}  // namespace

Error too_many_receipts() {
  return {ErrorCode::invalid_argument,
          fmt::format("the channels of all publications declare more than {} receipts",
                      model::ReceiptNumbers::most)};
}

Result<void> PlanCompiler::workspace(const Workspace& workspace) {
  const Campaign none;
  for (const Channel& channel : workspace.channels) {
    if (channel.address.empty()) fail(fmt::format("channel {} has no address", channel.name));
    const Condition* const address =
        condition(channel.address, model::declarations(none, Scope::address), channel_conditions_);
    channels_.push_back({channel.name, channel_key(channel.name), address, channel.consent,
                         channel.cost, channel.devices, false,
                         channel.delivery == Channel::Delivery::pull});
  }
  segments(workspace);
  for (const std::string& text : workspace.holidays) {
    if (const Result<calendar::Date> date = calendar::parse_date(text)) {
      holidays_.push_back(*date);
    } else {
      fail(date.error().message);
    }
  }
  std::sort(holidays_.begin(), holidays_.end());
  if (workspace.policy.quiet_hours.size() > quiet_hours_max ||
      workspace.policy.caps.size() > caps_max) {
    fail(fmt::format("a policy has at most {} quiet hours and {} caps", quiet_hours_max, caps_max));
  }
  if (workspace.channels.size() >= no_version) fail("too many channels");
  if (!failure_.empty()) return Error{ErrorCode::invalid_argument, failure_};
  if (!has_numbers_for(plans_, workspace)) return too_many_names();
  if (!receipts_.add(workspace)) return too_many_receipts();
  retain(workspace.retain);
  return {};
}

void PlanCompiler::keep(const Workspace& workspace) {
  plans_.workspace = workspace;
  plans_.zone = zones_.find(workspace.zone);
  plans_.receipts = std::move(receipts_);
  plans_.needs = std::move(needs_);
  plans_.holidays = std::move(holidays_);
  plans_.channels = std::move(channels_);  // all of them are resolved anew
  plans_.channel_conditions = std::move(channel_conditions_);
  plans_.segments = std::move(segments_);
  plans_.segment_conditions = std::move(segment_conditions_);
}

GoalPlan PlanCompiler::goal(const Goal& source, const model::Graph& graph) {
  GoalPlan made;
  if (source.trigger) made.trigger = trigger(*source.trigger, source.when, graph);
  const bool hears_event = source.trigger && source.trigger->kind == Trigger::Kind::event;
  made.value = condition(source.value, hears_event ? Scope::receiving : Scope::step);
  made.within_ms = source.within_ms;
  made.exits = source.exits;
  return made;
}

Result<std::unique_ptr<CampaignPlan>> PlanCompiler::campaign(Campaign source) {
  auto plan = std::make_unique<CampaignPlan>();
  plan_ = plan.get();
  plan->campaign = std::move(source);
  const Campaign& campaign = plan->campaign;
  if (campaign.goals.size() > goals_max || campaign.entries.size() > entries_max) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("campaign {} has more than {} goals or {} entries", campaign.name,
                             goals_max, entries_max)};
  }
  plan->zone = zones_.find(campaign.zone);
  plan->keeps_ended = campaign.reentry.kind != Reentry::Kind::always;
  const model::Graph graph = model::flatten(campaign);
  graph_ = &graph;
  for (const Entry& entry : campaign.entries) {
    if (entry.kind == Entry::Kind::host && !plan->host_entry) {
      plan->host_entry = static_cast<std::uint8_t>(plan->entries.size());
    }
    plan->entries.push_back(this->entry(entry));
  }
  for (const Goal& each : campaign.goals) plan->goals.push_back(goal(each, graph));
  for (const ExitRule& exit : campaign.exits) {
    plan->exits.push_back(trigger(exit.trigger, exit.when, graph));
  }
  for_each_trigger(*plan, [&](const TriggerPlan& each) {
    plan->hears_account = plan->hears_account || each.of_account;
  });
  for (const model::Node& at : graph.nodes) plan->nodes.push_back(node(at, graph));
  mark_cycles(plan->nodes);

  const auto is_condition = [](const TriggerPlan& t) { return t.kind == Trigger::Kind::condition; };
  plan->hears_conditions =
      std::any_of(plan->exits.begin(), plan->exits.end(), is_condition) ||
      std::any_of(plan->goals.begin(), plan->goals.end(), [&](const GoalPlan& goal) {
        return goal.trigger && is_condition(*goal.trigger);
      });
  plan->hears_any_condition = plan->hears_conditions || plan->follows ||
                              std::any_of(plan->nodes.begin(), plan->nodes.end(),
                                          [](const NodePlan& n) { return n.hears_conditions; });
  plan->has_moments = goes_with_time(*plan);
  for (const NodePlan& node : plan->nodes) note_waits(*plan, node);
  for (const auto& made : plan->conditions) {
    for (const Binding& binding : made->slots) {
      if (binding.source == Binding::Source::entry) plan->entry_properties.push_back(binding.name);
    }
  }
  std::sort(plan->entry_properties.begin(), plan->entry_properties.end());
  plan->entry_properties.erase(
      std::unique(plan->entry_properties.begin(), plan->entry_properties.end()),
      plan->entry_properties.end());
  if (!failure_.empty()) return Error{ErrorCode::invalid_argument, failure_};
  return plan;
}

EntryPlan PlanCompiler::entry(const Entry& source) {
  EntryPlan made;
  made.kind = source.kind;
  made.entry = &source;
  const bool by_event = source.kind == Entry::Kind::event;
  if (by_event) made.event = plans_.names.add(source.event);
  if (!source.segment.empty()) made.segment = plans_.names.add(source.segment);
  made.when = condition(source.when, by_event ? Scope::entry : Scope::contact);
  made.key = condition(source.key, by_event ? Scope::entry : Scope::contact);
  if (!source.zone.empty()) made.zone = zones_.find(source.zone);
  if (source.ramp && (source.ramp->max == 0 || source.ramp->per_ms < 1 ||
                      source.ramp->per_ms > model::ramp_per_max_ms)) {
    fail("a ramp lets at least one in, in a year at most");
  }
  constexpr std::int32_t nine_ms = 9 * 3'600'000;
  made.at_ms = source.at_ms.value_or(nine_ms);
  if (source.kind == Entry::Kind::date) made.date = required(source.date, Scope::contact);
  if (source.kind == Entry::Kind::schedule) {
    Result<calendar::Recurrence> recurrence = calendar::parse_recurrence(source.schedule);
    if (recurrence) made.recurrence = std::move(*recurrence);
    if (!recurrence) fail(recurrence.error().message);
    const auto from = calendar::parse_local(source.from);
    if (from) made.from = from->local.date;
    made.since = at_;
  }
  return made;
}

// Those of earlier workspaces keep their numbers.
void PlanCompiler::segments(const Workspace& workspace) {
  segments_ = plans_.segments;
  for (SegmentPlan& segment : segments_) segment.condition = nullptr;
  for (const Segment& source : workspace.segments) {
    const NameId id = plans_.names.add(source.name);
    auto at = std::find_if(segments_.begin(), segments_.end(),
                           [&](const SegmentPlan& each) { return each.id == id; });
    if (at == segments_.end()) {
      at = segments_.emplace(at);
      at->name = source.name;
      at->id = id;
    }
    if (source.condition.empty()) fail(fmt::format("segment {} has no condition", source.name));
    at->condition =
        condition(source.condition, model::declarations({}, Scope::contact), segment_conditions_);
  }
}

const Condition* PlanCompiler::condition(const Expression& source, Scope scope) {
  if (source.empty()) return nullptr;
  return condition(source, model::declarations(plan_->campaign, scope), plan_->conditions);
}

const Condition* PlanCompiler::condition(const Expression& source,
                                         const expr::Declarations& declarations, Owner& owner) {
  if (source.empty()) return nullptr;
  expr::Program::Compiled compiled = expr::Program::compile(source.text, declarations, limits_);
  if (!compiled.program) {
    fail(fmt::format("condition `{}`: {}", source.text, compiled.issues.front().message));
    return nullptr;
  }
  owner.push_back(std::make_unique<Condition>(Condition{std::move(*compiled.program), {}, {}}));
  bind(*owner.back());
  return owner.back().get();
}

const Condition* PlanCompiler::required(const Expression& source, Scope scope) {
  if (source.empty()) fail("a condition is missing");
  return condition(source, scope);
}

void PlanCompiler::fail(std::string_view what) {
  if (failure_.empty()) failure_ = what;
}

void PlanCompiler::bind(Condition& condition) {
  condition.has_moments = condition.program.reads_time();
  for (const expr::Slot& slot : condition.program.slots()) {
    condition.slots.push_back(bind(slot));
    if (slot.variable == expr::segment_slot) condition.has_moments = true;
  }
  for (const expr::HistoryCall& call : condition.program.history_calls()) {
    condition.history.push_back(bind(call));
  }
}

Binding PlanCompiler::bind(const expr::Slot& slot) {
  Binding binding;
  if (slot.variable == "contact") {
    binding.source = Binding::Source::attribute;
  } else if (slot.variable == "entry") {
    binding.source = Binding::Source::entry;
  } else if (slot.variable == "event") {
    binding.source = Binding::Source::event;
  } else if (slot.variable == "journey") {
    binding.source = slot.field == "key" ? Binding::Source::key : Binding::Source::variable;
  } else if (slot.variable == expr::segment_slot) {
    binding.source = Binding::Source::segment;
  } else if (slot.variable == expr::consent_slot) {
    binding.source = Binding::Source::consent;
  } else if (slot.variable == expr::address_slot) {
    binding.source = Binding::Source::address;
  } else if (slot.variable == expr::outcome_slot) {
    binding.source = Binding::Source::outcome;
    binding.node = graph_ == nullptr ? model::end_node : graph_->find(slot.field);
    if (binding.node == model::end_node) return binding;
    plan_->asked.resize(graph_->nodes.size());
    plan_->asked[binding.node] = true;
    return binding;
  }
  if (!slot.field.empty()) binding.name = plans_.names.add(slot.field);
  return binding;
}

HistoryBinding PlanCompiler::bind(const expr::HistoryCall& call) {
  using Function = expr::HistoryCall::Function;
  HistoryBinding binding;
  if (call.function == Function::engaged) {
    binding.event = plans_.names.add(name_of(Trace::engaged, call.event));
  } else if (call.function == Function::since_changed) {
    binding.event = plans_.names.add(name_of(Trace::changed, call.event));
    binding.attribute = plans_.names.add(call.event);
  } else {
    binding.event = plans_.names.add(call.event);
  }
  HistoryNeed wanted;
  wanted.event = binding.event;
  if (!call.property.empty()) {
    wanted.properties.push_back(plans_.names.add(call.property));
  }
  if (call.filter) {
    for (const expr::Slot& slot : call.filter->slots()) {
      binding.filter.push_back(plans_.names.add(slot.field));
      wanted.properties.push_back(binding.filter.back());
    }
  }
  const bool newest = call.function != Function::count && call.function != Function::sum;
  wanted.newest_only = newest && !call.filter;
  wanted.window_ms = call.window_ms;
  binding.need = need(std::move(wanted));
  return binding;
}

// What is kept from now on makes the windows of later publications complete. Attributes are wanted
// once all of the plans are there.
void PlanCompiler::retain(const Retain& retain) {
  for (const Retain::Event& event : retain.events) {
    HistoryNeed wanted;
    wanted.event = plans_.names.add(event.name);
    wanted.all_properties = true;
    wanted.window_ms = std::clamp<std::int64_t>(event.window_ms, 0, expr::longest_window_ms + 1);
    need(std::move(wanted));
  }
  for (const std::string& attribute : retain.attributes) plans_.names.add(attribute);
}

std::uint32_t PlanCompiler::need(HistoryNeed wanted) {
  std::sort(wanted.properties.begin(), wanted.properties.end());
  wanted.properties.erase(std::unique(wanted.properties.begin(), wanted.properties.end()),
                          wanted.properties.end());
  for (std::uint32_t i = 0; i < needs_.size(); ++i) {
    if (covers(needs_[i], wanted)) return i;
  }
  wanted.since = at_;
  needs_.push_back(std::move(wanted));
  return static_cast<std::uint32_t>(needs_.size() - 1);
}

TriggerPlan PlanCompiler::trigger(const Trigger& source, const Expression& when,
                                  const model::Graph& graph) {
  TriggerPlan made;
  made.kind = source.kind;
  made.of_account = source.account;
  switch (source.kind) {
    case Trigger::Kind::event:
      if (const auto number = receipts_.find(Receipt::declared, source.event);
          source.account && number) {
        made.kind = Trigger::Kind::receipt;
        made.receipt = *number;
      } else {
        made.event = plans_.names.add(source.event);
      }
      break;
    case Trigger::Kind::receipt:
      if (const auto number = receipts_.find(source.receipt, source.declared)) {
        made.receipt = *number;
      } else {
        fail(fmt::format("no channel declares the receipt {}", source.declared));
      }
      if (source.step != "any") made.step = graph.find(source.step);
      break;
    case Trigger::Kind::condition: made.condition = required(source.condition, Scope::step); break;
    case Trigger::Kind::segment:
      made.segment = plans_.names.add(source.segment);
      made.leaves = source.leaves;
      break;
  }
  made.when = condition(when, source.kind == Trigger::Kind::event ? Scope::receiving : Scope::step);
  return made;
}

NodePlan PlanCompiler::node(const model::Node& source, const model::Graph& graph) {
  NodePlan made;
  made.step = source.step;
  made.kind = static_cast<StepKind>(source.step->kind.index());
  made.next = source.next;
  made.targets = source.targets;
  made.visits_max = source.step->max_visits.value_or(limits_.max_visits);
  made.when = condition(source.step->when, Scope::step);
  std::visit(
      [&]<class Kind>(const Kind& kind) {
        if constexpr (std::is_same_v<Kind, WaitFor>) {
          fill(made, kind, graph);
        } else if constexpr (!std::is_same_v<Kind, Goto> && !std::is_same_v<Kind, Exit> &&
                             !std::is_same_v<Kind, ChangeAudience> &&
                             !std::is_same_v<Kind, ChangeConsent>) {
          fill(made, kind);
        }
      },
      source.step->kind);
  return made;
}

}  // namespace itinera::engine
