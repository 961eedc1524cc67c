// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "model/scope.hpp"
#include "plan/plan.hpp"

namespace itinera::engine {

// Sets what the workspace at hand means to all sends: their channels, quiet hours and caps. The
// workspace has at most quiet_hours_max and caps_max of these.
void lay_down_policy(Plans& plans, const ZoneTable& zones);

// Turns a workspace, then one campaign after the other into plans. The Plans it was given learn no
// more than names until all of it has compiled and is kept.
class PlanCompiler {
 public:
  PlanCompiler(Plans& plans, Instant at, const ZoneTable& zones, const Limits& limits)
      : plans_(plans),
        at_(at),
        zones_(zones),
        limits_(limits),
        receipts_(plans.receipts),
        needs_(plans.needs) {}

  // Error: invalid_argument, where a condition does not compile, or something is too much.
  Result<void> workspace(const Workspace& workspace);
  Result<std::unique_ptr<CampaignPlan>> campaign(Campaign source);
  // The workspace is the one that counts, and what campaigns look back at is remembered.
  void keep(const Workspace& workspace);

 private:
  using Owner = std::vector<std::unique_ptr<Condition>>;

  const Condition* condition(const Expression& source, model::Scope scope);
  const Condition* condition(const Expression& source, const expr::Declarations& declarations,
                             Owner& owner);
  const Condition* required(const Expression& source, model::Scope scope);
  void fail(std::string_view what);
  void bind(Condition& condition);
  Binding bind(const expr::Slot& slot);
  HistoryBinding bind(const expr::HistoryCall& call);
  std::uint32_t need(HistoryNeed wanted);
  void retain(const Retain& retain);

  GoalPlan goal(const Goal& source, const model::Graph& graph);
  EntryPlan entry(const Entry& source);
  void segments(const Workspace& workspace);
  TriggerPlan trigger(const Trigger& source, const Expression& when, const model::Graph& graph);
  NodePlan node(const model::Node& source, const model::Graph& graph);
  void fill(NodePlan& plan, const Send& send);
  void count(std::size_t cases);
  [[nodiscard]] WayPlan way(const Way& source) const;
  void fill(NodePlan& plan, const Wait& wait);
  RecurrencePlan recurrence_of(const Wait::Recurrence& form);
  void fill(NodePlan& plan, const WaitFor& wait, const model::Graph& graph);
  void fill(NodePlan& plan, const Branch& branch);
  void fill(NodePlan&, const Parallel&) {}
  void fill(NodePlan& plan, const Split& split);
  void fill(NodePlan& plan, const Set& set);
  void fill(NodePlan& plan, const ReachGoal& goal);
  void fill(NodePlan& plan, const EmitEvent& emit);
  void fill(NodePlan& plan, const StartCampaign& start);
  void fill(NodePlan& plan, const StopCampaign& stop);
  void fill(NodePlan& plan, const Call& call);
  void fill(NodePlan& plan, const Task& task);
  void fill(NodePlan& plan, const Digest& digest);
  void fill(NodePlan& plan, const std::vector<Datum>& data, const Answer& answer);
  DatumPlan datum(const Datum& source, bool may_be_variable);
  void look_back(const WaitFor& wait, const NodePlan& plan);

  Plans& plans_;
  Instant at_;
  const ZoneTable& zones_;
  const Limits& limits_;
  model::ReceiptNumbers receipts_;
  std::vector<HistoryNeed> needs_;
  std::vector<calendar::Date> holidays_;
  std::vector<ChannelPlan> channels_;
  Owner channel_conditions_;
  std::vector<SegmentPlan> segments_;
  Owner segment_conditions_;
  CampaignPlan* plan_ = nullptr;  // the campaign at hand
  const model::Graph* graph_ = nullptr;
  std::string failure_;  // the first condition that does not compile
};

}  // namespace itinera::engine
