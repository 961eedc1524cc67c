// SPDX-License-Identifier: Apache-2.0
// Waits that are legal and probably not meant: what they await may have passed by.
#include <fmt/format.h>

#include <algorithm>

#include "calendar/text.hpp"
#include "model/checks.hpp"

namespace itinera::model {
namespace {

// Whether a journey goes on at once where the time that the step waits for is past.
bool goes_on_if_past(const Step& step) {
  const auto* wait = std::get_if<Wait>(&step.kind);
  if (wait == nullptr || std::holds_alternative<Wait::For>(wait->form)) return false;
  if (wait->if_past != Wait::IfPast::automatic) return wait->if_past == Wait::IfPast::go_on;
  if (const auto* recurrence = std::get_if<Wait::Recurrence>(&wait->form)) {
    return calendar::parse_date(recurrence->rule).has_value();
  }
  return std::holds_alternative<Wait::Until>(wait->form);
}

template <class... Kind>
bool is_one_of(const Step& step) {
  return (std::holds_alternative<Kind>(step.kind) || ...);
}

bool passes_at_once(const Step& step) {
  return is_one_of<Send, Set, ReachGoal, ChangeAudience, EmitEvent, StartCampaign, StopCampaign,
                   ChangeConsent>(step);
}

// S6: date, send, date: who comes when both are past gets everything at once.
void check_burst(const Subject& subject, const Node& node, Findings& findings) {
  const Graph& graph = subject.graph;
  if (!goes_on_if_past(*node.step)) return;
  NodeIndex next = node.next;
  while (next != end_node && passes_at_once(*graph.nodes[next].step)) next = graph.nodes[next].next;
  if (next == end_node || !goes_on_if_past(*graph.nodes[next].step)) return;
  const Step& second = *graph.nodes[next].step;
  if (subject.gaps.in(node.step->at) || subject.gaps.in(second.at)) return;
  findings.warning(ErrorCode::suspicious, second.at,
                   fmt::format("{} and {} both go on at once where their time is past: who comes "
                               "late gets everything between and behind them at one moment",
                               title_of(*node.step), title_of(second)),
                   "say `if_past: skip` or `if_past: exit` on one of them");
}

// S2: send, wait, wait_for an event: what the message provokes during the wait is missed. Receipts
// and conditions are not: those count from the emission, and are tested on arrival.
void check_missed_event(const Subject& subject, const Node& node, Findings& findings) {
  const Graph& graph = subject.graph;
  if (!std::holds_alternative<Send>(node.step->kind) || node.next == end_node) return;
  const Node& pause = graph.nodes[node.next];
  if (!std::holds_alternative<Wait>(pause.step->kind) || pause.next == end_node) return;
  const Step& step = *graph.nodes[pause.next].step;
  const auto* wait = std::get_if<WaitFor>(&step.kind);
  if (wait == nullptr || wait->since != WaitFor::Since::arrival) return;
  if (subject.gaps.in(pause.step->at) || subject.gaps.in(step.at)) return;
  const auto on_event = [](const WaitCase& wait_case) {
    return wait_case.trigger.kind == Trigger::Kind::event;
  };
  const auto first = std::find_if(wait->cases.begin(), wait->cases.end(), on_event);
  if (first == wait->cases.end()) return;
  findings.warning(ErrorCode::suspicious, step.at,
                   fmt::format("{} counts '{}' from its arrival on: what {} provokes during {} is "
                               "missed",
                               title_of(step), first->trigger.event, title_of(*node.step),
                               title_of(*pause.step)),
                   "say `since: journey` or `since: <duration>`, or use `within` instead of the "
                   "wait before");
}

}  // namespace

void check_missed_times(const Subject& subject, Findings& findings) {
  for (const Node& node : subject.graph.nodes) {
    check_burst(subject, node, findings);
    check_missed_event(subject, node, findings);
  }
}

}  // namespace itinera::model
