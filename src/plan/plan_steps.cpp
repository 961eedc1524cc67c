// SPDX-License-Identifier: Apache-2.0
// The plan of a step: one function a kind.
#include <fmt/format.h>

#include <algorithm>

#include "base/packed_value.hpp"
#include "calendar/text.hpp"
#include "plan/plan_compiler.hpp"

namespace itinera::engine {

using model::Scope;

void PlanCompiler::fill(NodePlan& plan, const Send& send) {
  for (const Datum& each : send.data) plan.data.push_back(datum(each, false));
  SendPlan& made = plan.send.emplace();
  made.at_ms = send.at_ms;
  made.marketing = send.message_class == MessageClass::marketing;
  made.topic = send.topic.empty() ? plan_->campaign.topic : send.topic;
  made.on_skip = way(send.on_skip);
  made.on_expire = way(send.on_expire);
  made.on_fail = way(send.on_fail);
  const auto add_leg = [&](const std::string& channel) {
    if (made.legs.size() == Send::channels_max) return;
    LegPlan& leg = made.legs.emplace_back();
    leg.name = channel;
    leg.key = channel_key(channel);
  };
  add_leg(send.channel);
  for (const std::string& each : send.alternatives) add_leg(each);
  Trigger of_step;
  of_step.kind = Trigger::Kind::receipt;
  of_step.step = plan.step->id;
  const auto hear = [&](Receipt receipt) {
    of_step.receipt = receipt;
    plan.cases.push_back(trigger(of_step, {}, *graph_));
  };
  if (send.escalate) {
    of_step.declared = send.escalate->declared;
    // The contact may react to any of its messages; only the newest goes wrong, or well.
    hear(send.escalate->unless);
    plan.cases.back().any_leg = true;
    if (made.on_fail.kind != Way::Kind::go_on) {
      for (const Receipt each : {Receipt::sent, Receipt::delivered}) hear(each);
    }
    for (const Receipt each : {Receipt::failed, Receipt::bounced}) hear(each);
  } else if (made.on_fail.kind != Way::Kind::go_on || send.retry.times > 0) {
    if (send.retry.times > 0) plan.retry = &send.retry;
    plan.failed_case = 2;
    for (const Receipt each :
         {Receipt::sent, Receipt::delivered, Receipt::failed, Receipt::bounced}) {
      hear(each);
    }
  }
}

WayPlan PlanCompiler::way(const Way& source) const {
  if (source.kind != Way::Kind::go_to) return {source.kind, model::end_node};
  return {source.kind, graph_->find(source.step)};
}

void PlanCompiler::fill(NodePlan& plan, const Wait& wait) {
  const auto* duration = std::get_if<Wait::For>(&wait.form);
  const bool civil = duration != nullptr && (duration->period.months | duration->period.days) != 0;
  if (duration != nullptr && !civil && wait.anchor == Wait::Anchor::step) {
    plan.plain_ms = duration->period.ms;
  }
  if (const auto* until = std::get_if<Wait::Until>(&wait.form)) {
    plan.value = required(until->instant, Scope::step);
    plan.follows = until->follow;
    plan_->follows = plan_->follows || until->follow;
  }
  if (const auto* recurrence = std::get_if<Wait::Recurrence>(&wait.form)) {
    plan.recurrence = recurrence_of(*recurrence);
  }
  if (!wait.zone.empty()) plan.zone = zones_.find(wait.zone);
}

RecurrencePlan PlanCompiler::recurrence_of(const Wait::Recurrence& form) {
  RecurrencePlan made;
  Result<calendar::Recurrence> rule = calendar::parse_recurrence(form.rule);
  if (rule) {
    made.rule = *std::move(rule);
  } else {
    fail(rule.error().message);
  }
  if (form.from.empty()) return made;
  const Result<calendar::Date> from = calendar::parse_date(form.from);
  if (from) {
    made.from = *from;
  } else {
    fail(from.error().message);
  }
  return made;
}

// Records number them in 16 bits.
void PlanCompiler::count(std::size_t cases) {
  if (cases >= no_version) fail(fmt::format("a step has {} cases", cases));
}

void PlanCompiler::fill(NodePlan& plan, const WaitFor& wait, const model::Graph& graph) {
  count(wait.cases.size());
  for (const WaitCase& source : wait.cases) {
    TriggerPlan made = trigger(source.trigger, source.when, graph);
    if (!source.as.empty()) made.as = plans_.names.add(source.as);
    plan.hears_conditions = plan.hears_conditions || made.kind == Trigger::Kind::condition;
    plan.cases.push_back(made);
  }
  if (wait.reset_on && wait.within_ms) {
    plan.reset = trigger(*wait.reset_on, wait.reset_when, graph);
    plan.hears_conditions = plan.hears_conditions || plan.reset->kind == Trigger::Kind::condition;
  }
  if (wait.since != WaitFor::Since::arrival) look_back(wait, plan);
}

// What a wait looks back for must be remembered.
void PlanCompiler::look_back(const WaitFor& wait, const NodePlan& plan) {
  for (const TriggerPlan& wait_case : plan.cases) {
    if (wait_case.kind != Trigger::Kind::event) continue;
    HistoryNeed wanted;
    wanted.event = wait_case.event;
    wanted.newest_only = false;
    wanted.all_properties = wait_case.as != no_name;
    if (wait_case.when != nullptr) {
      for (const Binding& binding : wait_case.when->slots) {
        if (binding.source == Binding::Source::event) wanted.properties.push_back(binding.name);
      }
    }
    if (wait.since == WaitFor::Since::duration) wanted.window_ms = wait.since_ms;
    need(std::move(wanted));
  }
}

void PlanCompiler::fill(NodePlan& plan, const Branch& branch) {
  count(branch.cases.size());
  for (const BranchCase& each : branch.cases)
    plan.whens.push_back(required(each.when, Scope::step));
}

void PlanCompiler::fill(NodePlan& plan, const Split& split) {
  plan.seed = split.seed.empty() ? plan_->campaign.name + "/" + plan.step->id : split.seed;
  count(split.variants.size());
  std::vector<std::uint32_t> weights;
  std::uint64_t total = 0;
  for (const Variant& variant : split.variants) {
    weights.push_back(variant.weight);
    total += variant.weight;
  }
  if (total == 0) fail(fmt::format("split {} has no weight", plan.step->id));
  plan.ranges = base::ranges_of(weights, split.coverage);
}

void PlanCompiler::fill(NodePlan& plan, const Set& set) {
  for (const Datum& each : set.values) plan.data.push_back(datum(each, true));
}

void PlanCompiler::fill(NodePlan& plan, const ReachGoal& goal) {
  const std::vector<Goal>& goals = plan_->campaign.goals;
  const auto at = std::find_if(goals.begin(), goals.end(),
                               [&](const Goal& each) { return each.name == goal.goal; });
  if (at == goals.end()) fail(fmt::format("there is no goal {}", goal.goal));
  plan.goal = static_cast<std::uint16_t>(at - goals.begin());
  plan.value = condition(goal.value, Scope::step);
}

void PlanCompiler::fill(NodePlan& plan, const EmitEvent& emit) {
  plan.name = plans_.names.add(emit.event);
  for (const Datum& each : emit.data) plan.data.push_back(datum(each, false));
}

void PlanCompiler::fill(NodePlan& plan, const StartCampaign& start) {
  plan.name = plans_.names.add(start.campaign);
  plan.key = condition(start.key, Scope::step);
  for (const Datum& each : start.data) plan.data.push_back(datum(each, false));
}

void PlanCompiler::fill(NodePlan& plan, const StopCampaign& stop) {
  plan.name = plans_.names.add(stop.campaign);
  plan.key = condition(stop.key, Scope::step);
}

void PlanCompiler::fill(NodePlan& plan, const Call& call) {
  fill(plan, call.data, call.answer);
  plan.cases.front().any_attempt = call.retry.times > 0;
  if (call.retry.times > 0) plan.retry = &call.retry;
  plan.failed_case = 1;
}

void PlanCompiler::fill(NodePlan& plan, const Task& task) {
  fill(plan, task.data, task.answer);
  plan_->tells_story = true;
}

void PlanCompiler::fill(NodePlan& plan, const Digest& digest) {
  plan.key = condition(digest.key, Scope::receiving);
  if (!digest.as.empty()) plan.as = plans_.names.add(digest.as);
  plan_->gathers = true;
  plan_->asks_group = plan_->asks_group || plan.key != nullptr;
}

// An answer is two cases: `completed` goes to `then`, `failed` to `else`, each of the newest action
// of this very step.
void PlanCompiler::fill(NodePlan& plan, const std::vector<Datum>& data, const Answer& answer) {
  for (const Datum& each : data) plan.data.push_back(datum(each, false));
  plan.within = answer.within_ms;
  for (const Receipt receipt : {Receipt::completed, Receipt::failed}) {
    TriggerPlan& made = plan.cases.emplace_back();
    made.kind = Trigger::Kind::receipt;
    made.receipt = static_cast<std::uint8_t>(receipt);
    made.step = static_cast<NodeIndex>(plan_->nodes.size());
  }
  if (!answer.as.empty()) plan.cases.front().as = plans_.names.add(answer.as);
}

DatumPlan PlanCompiler::datum(const Datum& source, bool may_be_variable) {
  constexpr std::string_view variable_prefix = "journey.";
  DatumPlan made;
  made.name = source.name;
  if (may_be_variable && made.name.starts_with(variable_prefix)) {
    made.variable = true;
    made.name.erase(0, variable_prefix.size());
  }
  made.id = plans_.names.add(made.name);
  if (source.expression.empty()) {
    base::pack(source.literal, made.literal);
  } else {
    made.expression = condition(source.expression, Scope::step);
  }
  return made;
}

}  // namespace itinera::engine
