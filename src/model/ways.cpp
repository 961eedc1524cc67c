// SPDX-License-Identifier: Apache-2.0
#include "model/ways.hpp"

#include "model/walk.hpp"

#include <algorithm>
#include <utility>

#include "calendar/text.hpp"
#include "itinera/time.hpp"

namespace itinera::model {

std::int64_t least_ms(const Period& period) {
  constexpr std::int64_t shortest_day = 23 * hour_ms;
  constexpr std::int64_t shortest_month = 28 * shortest_day;
  // No campaign lives to see more; it keeps the sum far from overflow.
  constexpr std::int64_t longest = 10'000 * 366 * day_ms;
  return std::clamp(period.ms, -longest, longest) + period.days * shortest_day +
         period.months * shortest_month;
}

namespace {

class WaysOut {
 public:
  explicit WaysOut(const Subject& subject)
      : graph_(subject.graph), gaps_(subject.gaps), min_ms_(subject.workspace.min_loop_wait_ms) {}

  // `ways` without those to the end of the journey.
  std::vector<WayOut> of(const Node& node) {
    ways_.clear();
    node_ = &node;
    const bool partly = gaps_.in(node.step->at);
    unsure_ = partly && !std::holds_alternative<Send>(node.step->kind);
    if (partly) add(node.next, true);  // it may wait, and it may lead on
    if (gaps_.kindless.contains(Gaps::place(node.step->at))) return std::move(ways_);
    if (!node.step->when.empty()) add(node.next, false);
    std::visit([this](const auto& kind) { collect(kind); }, node.step->kind);
    return std::move(ways_);
  }

 private:
  void add(NodeIndex to, bool waits) {
    if (to != end_node) ways_.push_back({to, waits || unsure_});
  }

  // What is refused or too late is so at once, and a host may report a failure at once.
  void collect(const Send&) {
    add(node_->next, false);
    add_targets(false);
  }
  void collect(const Set&) { add(node_->next, false); }
  void collect(const ChangeAudience&) { add(node_->next, false); }
  void collect(const EmitEvent&) { add(node_->next, false); }
  void collect(const StartCampaign&) { add(node_->next, false); }
  void collect(const StopCampaign&) { add(node_->next, false); }
  void collect(const ChangeConsent&) { add(node_->next, false); }
  void collect(const ReachGoal&) { add(node_->next, false); }
  void collect(const Exit&) {}
  void collect(const Goto&) { add_targets(false); }
  void collect(const Branch&) { add_targets(false); }
  void collect(const Split& split) {
    add_targets(false);
    if (split.variants.empty() || leaves_some_out(split)) add(node_->next, false);
  }
  // Whoever is first may be the one who goes on, so that every strand of a loop must wait.
  void collect(const Parallel& parallel) {
    add_targets(false);
    if (parallel.strands.empty()) add(node_->next, false);
  }
  // A host may answer at once, so that only the deadline is sure to take time.
  void collect(const Call& call) { collect(call.answer); }
  void collect(const Task& task) { collect(task.answer); }
  void collect(const Answer& answer) {
    for (std::size_t i = 0; i < node_->targets.size(); ++i) {
      add(node_->targets[i], i == 2 && *answer.within_ms >= min_ms_);
    }
  }
  // One that takes a single event may go on with that by which the journey entered.
  void collect(const Digest& digest) {
    add(node_->next, digest.window_ms >= min_ms_ && digest.max > 1);
  }
  void add_targets(bool waits) {
    for (const NodeIndex target : node_->targets) add(target, waits);
  }

  void collect(const Wait& wait) {
    const bool lasting = lasts(wait);
    add(node_->next, lasting);
    const bool skips =
        wait.if_past == Wait::IfPast::skip || (std::holds_alternative<Wait::Until>(wait.form) &&
                                               wait.on_missing == Wait::OnMissing::skip);
    if (skips) add(graph_.behind_next(*node_), lasting);
  }

  bool lasts(const Wait& wait) const {
    if (const auto* length = std::get_if<Wait::For>(&wait.form)) {
      // From another anchor the second round finds its time already past.
      return wait.anchor == Wait::Anchor::step && least_ms(length->period) >= min_ms_;
    }
    if (const auto* recurrence = std::get_if<Wait::Recurrence>(&wait.form)) {
      return lasts(wait, *recurrence);
    }
    // A date may be past each time round; times of day, working days and windows are passed once a
    // local date.
    return !std::holds_alternative<Wait::Until>(wait.form);
  }

  bool lasts(const Wait& wait, const Wait::Recurrence& form) const {
    const Result<calendar::Recurrence> rule = calendar::parse_recurrence(form.rule);
    if (!rule) return true;  // that is reported
    if (std::holds_alternative<calendar::Date>(*rule)) return false;
    if (const auto* cron = std::get_if<calendar::Cron>(&*rule)) {
      return calendar::least_gap_ms(*cron) >= min_ms_;
    }
    // One that has ended is past each time round, and goes on where it is told to.
    const bool exits = wait.if_past != Wait::IfPast::go_on && wait.if_past != Wait::IfPast::skip;
    return exits || !calendar::ends(*rule);
  }

  void collect(const WaitFor& wait) {
    if (wait.cases.empty()) add(node_->next, true);
    for (std::size_t i = 0; i < node_->targets.size(); ++i) {
      if (i == wait.cases.size()) {
        add(node_->targets[i], !wait.within_ms || *wait.within_ms >= min_ms_);
      } else {
        add(node_->targets[i], wait.cases[i].trigger.kind != Trigger::Kind::condition);
      }
    }
  }

  const Graph& graph_;
  const Gaps& gaps_;
  std::int64_t min_ms_;
  const Node* node_ = nullptr;
  bool unsure_ = false;  // what could not be read of the step may be a wait
  std::vector<WayOut> ways_;
};

}  // namespace

std::vector<std::vector<WayOut>> ways_out(const Subject& subject) {
  WaysOut ways(subject);
  std::vector<std::vector<WayOut>> result;
  for (const Node& node : subject.graph.nodes) result.push_back(ways.of(node));
  return result;
}

}  // namespace itinera::model
