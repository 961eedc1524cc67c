// SPDX-License-Identifier: Apache-2.0
#include "model/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/buckets.hpp"
#include "base/percent.hpp"
#include "calendar/text.hpp"
#include "model/canvas.hpp"
#include "model/dot_text.hpp"
#include "model/graph.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

class Picture {
 public:
  Picture(const Campaign& campaign, Canvas& canvas)
      : campaign_(campaign), graph_(flatten(campaign)), canvas_(canvas) {}

  void draw() {
    canvas_.open(fmt::format("{} (version {})", plain(campaign_.name), campaign_.version));
    for (std::size_t i = 0; i < campaign_.entries.size(); ++i) draw_entry(i);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      node_ = i;
      std::visit([this](const auto& kind) { draw_step(kind); }, graph_.nodes[i].step->kind);
    }
    if (end_used_) canvas_.node(end_name, "End", end_look);
    draw_rules();
  }

 private:
  void draw_entry(std::size_t index) {
    const Entry& entry = campaign_.entries[index];
    std::string label = entry_text(entry);
    if (!entry.when.empty()) label += "\n" + wrapped("if " + plain(entry.when.text));
    if (!entry.key.empty()) label += "\n" + wrapped("one journey per " + plain(entry.key.text));
    const std::string name = fmt::format("entry{}", index);
    canvas_.node(name, label, entry_look);
    draw_way(name, graph_.nodes.empty() ? end_node : NodeIndex{0}, "");
  }

  // Goto steps without a condition are no boxes: what leads to one leads to its target. Chains of
  // them are followed at most once around.
  NodeIndex through_gotos(NodeIndex to, bool& jumped) const {
    for (std::size_t hops = 0; to != end_node && hops < graph_.nodes.size(); ++hops) {
      const Node& node = graph_.nodes[to];
      if (!std::holds_alternative<Goto>(node.step->kind) || !node.step->when.empty()) break;
      to = node.targets.front();
      jumped = true;
    }
    return to;
  }

  void draw_way(std::string_view from, NodeIndex to, std::string_view label, bool dashed = false) {
    bool jumped = false;
    to = through_gotos(to, jumped);
    end_used_ = end_used_ || to == end_node;
    canvas_.way(from, to == end_node ? std::string(end_name) : name_of_node(to), wrapped(label),
                {.jump = jumped, .dashed = dashed});
  }

  static std::string name_of_node(std::size_t index) { return fmt::format("n{}", index); }
  const Node& node() const { return graph_.nodes[node_]; }

  void box(std::string label, const Look& look) {
    const Expression& when = node().step->when;
    if (!when.empty()) {
      label += "\n" + wrapped("only if " + condition_text(when, node().step->note));
    }
    if (const auto visits = node().step->max_visits) {
      label += fmt::format("\nat most {} time{}", *visits, *visits == 1 ? "" : "s");
    }
    canvas_.node(name_of_node(node_), label, look);
  }
  void way(NodeIndex to, std::string_view label, bool dashed = false) {
    draw_way(name_of_node(node_), to, label, dashed);
  }

  // Where the step is skipped. Only for steps that lead elsewhere than to the next one.
  void skip_way() {
    if (!node().step->when.empty()) draw_way(name_of_node(node_), node().next, "else", true);
  }

  void draw_step(const Send& send) {
    const std::string_view text =
        send.template_name.empty() ? std::string_view(node().step->id) : send.template_name;
    std::string label = wrapped(fmt::format("{}: {}", channels_text(send), plain(text)));
    label += choice_text(send);
    if (send.at_ms) label += "\nat " + calendar::time_of_day_text(*send.at_ms);
    if (send.expires_ms) label += "\nexpires after " + length_text(*send.expires_ms);
    label += retry_text(send.retry);
    if (send.while_held == Send::WhileHeld::aside) label += "\nnot waited for while held";
    box(std::move(label), send_look);
    way(node().next, "");
    draw_ways_of(send);
  }

  // Ways that lead to one place are one line.
  void draw_ways_of(const Send& send) {
    constexpr std::string_view becomes[] = {"not sent", "expired", "failed"};
    std::vector<std::pair<NodeIndex, std::string>> lines;
    std::size_t target = 0;
    std::size_t i = 0;
    for (const auto& [key, way] : ways_of(send)) {
      const std::string_view what = becomes[i++];
      if (way->kind == Way::Kind::go_on) continue;
      const NodeIndex to = way->kind == Way::Kind::exit ? end_node : node().targets[target++];
      const auto same = std::find_if(lines.begin(), lines.end(),
                                     [&](const auto& line) { return line.first == to; });
      if (same == lines.end()) {
        lines.emplace_back(to, fmt::format("if {}", what));
      } else {
        same->second += fmt::format(", or {}", what);
      }
    }
    for (const auto& [to, label] : lines) way(to, label, true);
  }

  void draw_step(const Wait& wait) {
    box(wrapped(wait_text(wait, node().step->note)), wait_look);
    way(node().next, "");
    const bool of_date = std::holds_alternative<Wait::Until>(wait.form);
    const bool no_date_skips = of_date && wait.on_missing == Wait::OnMissing::skip;
    const bool no_date_exits = of_date && wait.on_missing == Wait::OnMissing::exit;
    draw_way_past(graph_.behind_next(node()), wait.if_past == Wait::IfPast::skip, no_date_skips);
    draw_way_past(end_node, wait.if_past == Wait::IfPast::exit, no_date_exits);
  }

  void draw_way_past(NodeIndex to, bool if_past, bool no_date) {
    if (!if_past && !no_date) return;
    way(to, !no_date ? "if past" : if_past ? "if past, or no date" : "no date", true);
  }

  void draw_step(const WaitFor& wait) {
    const bool single = wait.cases.size() == 1;
    std::string label = "Whichever comes first";
    if (single) {
      label = trigger_text(wait.cases.front().trigger, wait.cases.front().when) + "?";
      if (label[0] >= 'a' && label[0] <= 'z' &&
          wait.cases.front().trigger.kind == Trigger::Kind::receipt) {
        label[0] = static_cast<char>(label[0] - 'a' + 'A');
      }
    }
    label = wrapped(label);
    if (wait.within_ms) label += "\nwithin " + length_text(*wait.within_ms);
    if (wait.reset_on) {
      label += "\n" + wrapped("anew at " + trigger_text(*wait.reset_on, wait.reset_when));
    }
    box(label, wait_look);
    for (std::size_t i = 0; i < node().targets.size(); ++i) {
      if (i == wait.cases.size()) {
        way(node().targets[i],
            wait.within_ms ? "after " + length_text(*wait.within_ms) : std::string("else"));
      } else {
        way(node().targets[i], single ? yes_text(wait.cases[i].trigger)
                                      : trigger_text(wait.cases[i].trigger, wait.cases[i].when));
      }
    }
    skip_way();
  }
  static std::string yes_text(const Trigger& trigger) {
    return trigger.kind == Trigger::Kind::receipt ? std::string(receipt_name(trigger)) : "yes";
  }

  void draw_step(const Branch& branch) {
    const bool single = branch.cases.size() == 1;
    const std::string& note = node().step->note;
    box(single         ? wrapped(condition_text(branch.cases.front().when, note) + "?")
        : note.empty() ? "Depending on the contact"
                       : wrapped(plain(note)),
        choice_look);
    for (std::size_t i = 0; i < node().targets.size(); ++i) {
      way(node().targets[i], i == branch.cases.size() ? std::string("else")
                             : single                 ? std::string("yes")
                                                      : plain(branch.cases[i].when.text));
    }
    skip_way();
  }

  void draw_step(const Split& split) {
    std::string label = wrapped(fmt::format("Split: {}", plain(node().step->id)));
    if (split.coverage < base::buckets) label += "\nof " + base::percent_text(split.coverage);
    if (split.space) {
      label +=
          "\n" + wrapped(fmt::format("{} to {} of {}", base::percent_text(split.space->from),
                                     base::percent_text(split.space->to), plain(split.space->id)));
    }
    box(std::move(label), choice_look);
    for (std::size_t i = 0; i < node().targets.size(); ++i) {
      way(node().targets[i], share_text(split, split.variants[i]));
    }
    if (leaves_some_out(split)) way(node().next, "the others", true);
    skip_way();
  }

  void draw_step(const Parallel& parallel) {
    const bool any = parallel.join == Parallel::Join::any;
    box(any ? "Side by side,\nuntil the first is done" : "Side by side,\nuntil all are done",
        choice_look);
    for (std::size_t i = 0; i < node().targets.size(); ++i) {
      way(node().targets[i], fmt::format("{}", i + 1));
    }
    skip_way();
  }

  void draw_step(const Set& set) {
    std::string label = "Set";
    for (std::size_t i = 0; i < std::min(set.values.size(), items_max); ++i) {
      label += "\n" + wrapped(datum_text(set.values[i]));
    }
    if (set.values.size() > items_max) label += "\n...";
    box(label, change_look);
    way(node().next, "");
  }

  void draw_step(const ReachGoal& reach) {
    box(wrapped("Goal reached: " + plain(reach.goal)), goal_look);
    way(node().next, "");
  }

  void draw_step(const ChangeAudience& audience) {
    const bool adds = audience.change == ChangeAudience::Change::add;
    box(wrapped(
            fmt::format("{} audience: {}", adds ? "Add to" : "Remove from", plain(audience.list))),
        change_look);
    way(node().next, "");
  }
  void draw_step(const EmitEvent& emit) {
    box(wrapped("Event: " + plain(emit.event)), change_look);
    way(node().next, "");
  }
  void draw_step(const StartCampaign& start) {
    box(wrapped("Start campaign: " + plain(start.campaign)), change_look);
    way(node().next, "");
  }
  void draw_step(const StopCampaign& stop) {
    box(wrapped("Stop campaign: " + plain(stop.campaign)), change_look);
    way(node().next, "");
  }

  void draw_step(const ChangeConsent& consent) {
    const bool granted = consent.state == ChangeConsent::State::granted;
    std::string text = fmt::format("Consent {}: {}", granted ? "granted" : "denied",
                                   channel_text(consent.channel));
    if (!consent.topic.empty()) text += ", " + plain(consent.topic);
    box(wrapped(text), change_look);
    way(node().next, "");
  }
  void draw_step(const Call& call) {
    std::string label = answered(wrapped("Call: " + plain(call.name)), call.answer);
    label += retry_text(call.retry);
    box(std::move(label), change_look);
    draw_answer(call.answer);
  }
  void draw_step(const Task& task) {
    std::string label = wrapped("Task: " + plain(task.ask));
    if (!task.team.empty()) label += "\n" + wrapped("for " + plain(task.team));
    box(answered(std::move(label), task.answer), task_look);
    draw_answer(task.answer);
  }
  static std::string retry_text(const Retry& retry) {
    if (retry.times == 0) return {};
    return fmt::format("\nretried {} time{}", retry.times, retry.times == 1 ? "" : "s");
  }
  static std::string answered(std::string label, const Answer& answer) {
    if (answer.within_ms) label += "\nwithin " + length_text(*answer.within_ms);
    return label;
  }
  // One way for both that take `else`.
  void draw_answer(const Answer& answer) {
    way(node().targets[0], "completed");
    way(node().targets[1],
        answer.within_ms ? "failed, or after " + length_text(*answer.within_ms) : "failed", true);
    skip_way();
  }

  void draw_step(const Digest& digest) {
    std::string label = "Gather for " + length_text(digest.window_ms);
    if (digest.sliding) label += ", anew with each";
    label = wrapped(label);
    if (!digest.key.empty()) label += "\n" + wrapped("same " + plain(digest.key.text));
    label += fmt::format("\nat most {}", digest.max);
    box(std::move(label), wait_look);
    way(node().next, "");
  }

  void draw_step(const Goto&) {
    if (node().step->when.empty()) return;
    canvas_.node(name_of_node(node_),
                 wrapped(condition_text(node().step->when, node().step->note) + "?"), choice_look);
    way(node().targets.front(), "yes");
    skip_way();
  }

  void draw_step(const Exit& exit) {
    box(exit.reason.empty() ? "End" : wrapped("End: " + plain(exit.reason)), end_look);
    skip_way();
  }

  // An item of a list, on lines of its own.
  static std::string listed(std::string_view text) {
    std::string result = "\n- ";
    for (const char c : wrapped(text)) {
      result += c;
      if (c == '\n') result += "  ";
    }
    return result;
  }

  // Who comes in again, and goals and exits, which watch all the time: a box of their own.
  void draw_rules() {
    std::string label = reentry_text(campaign_);
    label += cap_text(campaign_.entry_cap);
    label += fmt::format("\nPriority: {} of 100", campaign_.priority);
    if (campaign_.brake) {
      label += fmt::format("\nPauses itself if more than {} of {} fail",
                           base::percent_text(campaign_.brake->failed), campaign_.brake->of);
    }
    if (!campaign_.goals.empty()) label += "\n\nGoals";
    for (std::size_t i = 0; i < std::min(campaign_.goals.size(), items_max); ++i) {
      const Goal& goal = campaign_.goals[i];
      std::string text = plain(goal.name);
      if (goal.trigger) text += ": " + trigger_text(*goal.trigger, goal.when);
      if (goal.within_ms) text += " within " + length_text(*goal.within_ms);
      if (goal.exits) text += ", ends the journey";
      label += listed(text);
    }
    if (!campaign_.exits.empty()) label += "\n\nLeaves on";
    for (std::size_t i = 0; i < std::min(campaign_.exits.size(), items_max); ++i) {
      label += listed(trigger_text(campaign_.exits[i].trigger, campaign_.exits[i].when));
    }
    if (std::max(campaign_.goals.size(), campaign_.exits.size()) > items_max) label += "\n...";
    canvas_.rules(label, campaign_.entries.empty() ? std::string_view() : "entry0");
  }

  static constexpr std::string_view end_name = "end";
  const Campaign& campaign_;
  const Graph graph_;
  Canvas& canvas_;
  std::size_t node_ = 0;
  bool end_used_ = false;
};

}  // namespace

void draw(const Campaign& campaign, Canvas& canvas) { Picture(campaign, canvas).draw(); }

}  // namespace itinera::model
