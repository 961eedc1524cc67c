// SPDX-License-Identifier: Apache-2.0
#include "lab/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "insight/words.hpp"
#include "lab/expectation.hpp"
#include "model/walk.hpp"

namespace itinera {

std::size_t CampaignCoverage::taken() const {
  return static_cast<std::size_t>(std::count_if(
      ways.begin(), ways.end(), [](const CoverageWay& way) { return way.times > 0; }));
}

std::string to_text(const CampaignCoverage& coverage) {
  std::string text = fmt::format("{}: {} of {} ways taken\n", coverage.campaign, coverage.taken(),
                                 coverage.ways.size());
  for (const CoverageWay& way : coverage.ways) {
    if (way.times > 0) continue;
    fmt::format_to(std::back_inserter(text), "  {}:{}: {}{}{}\n", way.at.file, way.at.line,
                   way.step, way.step.empty() ? "" : ": ", way.what);
  }
  return text;
}

namespace lab {
namespace {

std::string entry_text(const Entry& entry) {
  for (const std::string* text : {&entry.event, &entry.segment, &entry.date.text}) {
    if (!text->empty()) return *text;
  }
  return entry.schedule.empty() ? "host" : entry.schedule;
}

// The ways to a step's targets, in their order, with where they are written.
struct TargetText {
  std::string what;
  SourceLocation at;
};
TargetText target_text(const Step& step, std::size_t i) {
  const std::string choice(insight::choice_of(step, static_cast<std::uint16_t>(i)));
  if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
    if (i >= wait->cases.size()) return {"timeout", step.at};
    return {"case " + choice, wait->cases[i].at};
  }
  if (const auto* branch = std::get_if<Branch>(&step.kind)) {
    if (i >= branch->cases.size()) return {"else", step.at};
    return {"case " + choice, branch->cases[i].at};
  }
  if (model::answer_of(step) != nullptr) return {choice.empty() ? "timeout" : choice, step.at};
  if (const auto* parallel = std::get_if<Parallel>(&step.kind)) {
    return {"strand " + choice, parallel->strands[i].at};
  }
  if (const auto* split = std::get_if<Split>(&step.kind)) {
    return {"variant " + choice, split->variants[i].at};
  }
  return {choice.empty() ? fmt::format("way {}", i + 1) : choice, step.at};
}

// A variant without weight is never chosen.
bool can_be_taken(const Step& step, std::size_t i) {
  const auto* const split = std::get_if<Split>(&step.kind);
  return split == nullptr || split->variants[i].weight > 0;
}

// Whether a date can be missing: not where it is made of times and counts only, and not where an
// outer step before it has ended the journey for want of the same property of the entry, which
// never changes.
bool may_lack_date(const Campaign& campaign, const Step& step) {
  const std::string& text = std::get<Wait::Until>(std::get<Wait>(step.kind).form).instant.text;
  const bool of_entry = text.find("entry.") != std::string::npos;
  const bool changes =
      text.find("contact.") != std::string::npos || text.find("journey.") != std::string::npos;
  if (changes || !of_entry) return changes;
  for (const Step& outer : campaign.steps) {
    if (&outer == &step) break;
    const auto* const wait = std::get_if<Wait>(&outer.kind);
    const auto* const until = wait == nullptr ? nullptr : std::get_if<Wait::Until>(&wait->form);
    const bool exits = until != nullptr && wait->on_missing == Wait::OnMissing::exit;
    if (exits && outer.when.empty() && until->instant.text == text) return false;
  }
  return true;
}

// Whether what comes in may take the date away on which the journey stands.
bool follows(const Step& step) {
  const auto* const wait = std::get_if<Wait>(&step.kind);
  const auto* const until = wait == nullptr ? nullptr : std::get_if<Wait::Until>(&wait->form);
  return until != nullptr && until->follow;
}

bool is_past(const Happening& happening) {
  return happening.reason == "past" || happening.reason == "past_date";
}

// Whether what happened at a send leaves the journey there.
bool stands_at(const Send& send, std::string_view what, std::size_t legs) {
  if (what == "ready" || what.starts_with("held_")) return true;
  const bool escalates = send.escalate && legs <= send.alternatives.size();
  return what == "emitted" &&
         (escalates || send.on_fail.kind != Way::Kind::go_on || send.retry.times > 0);
}

}  // namespace

std::size_t Coverage::add_way(Covered& covered, const SourceLocation& at, const std::string& step,
                              std::string what) {
  covered.result.ways.push_back({at.line == 0 ? covered.campaign->at : at, step, std::move(what)});
  return covered.result.ways.size() - 1;
}

void Coverage::add_wait_ways(Covered& covered, const Step& step, StepWays& ways) {
  const Wait& wait = std::get<Wait>(step.kind);
  const auto add = [&](std::string_view what) {
    return add_way(covered, step.at, step.id, std::string(what));
  };
  if (wait.if_past == Wait::IfPast::exit) ways.past_exits = add("past: exit");
  if (wait.if_past == Wait::IfPast::skip) ways.past_skips = add("past: skip");
  if (!std::holds_alternative<Wait::Until>(wait.form)) return;
  if (!may_lack_date(*covered.campaign, step)) return;
  if (wait.on_missing == Wait::OnMissing::exit) ways.missing_exits = add("no date: exit");
  if (wait.on_missing == Wait::OnMissing::skip) ways.missing_skips = add("no date: skip");
}

void Coverage::add_send_ways(Covered& covered, const Step& step, StepWays& ways) {
  constexpr std::string_view becomes[] = {"not sent", "expired", "failed"};
  ways.on = add_way(covered, step.at, step.id, "done");
  std::size_t i = 0;
  for (const auto& [key, way] : model::ways_of(std::get<Send>(step.kind))) {
    if (way->kind != Way::Kind::go_on) {
      ways.instead[i] = add_way(covered, step.at, step.id, std::string(becomes[i]));
    }
    ++i;
  }
}

void Coverage::add_step_ways(Covered& covered, std::size_t node) {
  const model::Node& each = covered.graph.nodes[node];
  const Step& step = *each.step;
  StepWays& ways = covered.steps.emplace_back();
  if (std::holds_alternative<Send>(step.kind)) {
    add_send_ways(covered, step, ways);
  } else if (each.targets.empty() || std::holds_alternative<Goto>(step.kind)) {
    ways.on = add_way(covered, step.at, step.id, "done");
  } else {
    ways.first_target = covered.result.ways.size();
    for (std::size_t i = 0; i < each.targets.size(); ++i) {
      const TargetText text = target_text(step, i);
      add_way(covered, text.at.line == 0 ? step.at : text.at, step.id, text.what);
      if (!can_be_taken(step, i)) covered.result.ways.back().times = 1;
    }
    const auto* const split = std::get_if<Split>(&step.kind);
    if (split != nullptr && model::leaves_some_out(*split)) {
      ways.on = add_way(covered, step.at, step.id, "no variant");
    }
  }
  if (std::holds_alternative<Wait>(step.kind)) add_wait_ways(covered, step, ways);
  if (!step.when.empty()) ways.skipped = add_way(covered, step.at, step.id, "skipped");
}

void Coverage::add(const Campaign& campaign) {
  auto covered = std::make_unique<Covered>();
  covered->campaign = &campaign;
  covered->graph = model::flatten(campaign);
  covered->result.campaign = campaign.name;
  covered->result.version = campaign.version;
  covered->result.at = campaign.at;
  for (const Entry& entry : campaign.entries) {
    add_way(*covered, entry.at, {}, "entry " + entry_text(entry));
  }
  for (const Goal& goal : campaign.goals) add_way(*covered, goal.at, {}, "goal " + goal.name);
  if (!campaign.exits.empty()) {
    const std::size_t n = campaign.exits.size();
    covered->exits = add_way(*covered, campaign.exits.front().at, {},
                             n == 1 ? "exit rule" : fmt::format("any of {} exit rules", n));
  }
  for (std::size_t i = 0; i < covered->graph.nodes.size(); ++i) add_step_ways(*covered, i);
  campaigns_.insert_or_assign({campaign.name, campaign.version}, std::move(covered));
}

std::vector<CampaignCoverage> Coverage::take() {
  std::vector<CampaignCoverage> result;
  for (auto& [id, covered] : campaigns_) result.push_back(std::move(covered->result));
  campaigns_.clear();
  cursors_.clear();
  return result;
}

void Coverage::take_way(Covered& covered, std::size_t way) {
  if (way < covered.result.ways.size()) ++covered.result.ways[way].times;
}

bool Coverage::leaves_no_trace(const Step& step) {
  return std::holds_alternative<Goto>(step.kind) || std::holds_alternative<Set>(step.kind) ||
         std::holds_alternative<ReachGoal>(step.kind);
}

// The step at which a journey has reached a goal that ends it, if it stands nowhere.
model::NodeIndex Coverage::exiting_goal(Cursor cursor) {
  const model::Graph& graph = cursor.in->graph;
  for (std::size_t i = 0; i < graph.nodes.size() && cursor.at != model::end_node; ++i) {
    const model::Node& here = graph.nodes[cursor.at];
    const auto* const reach = std::get_if<ReachGoal>(&here.step->kind);
    const std::vector<Goal>& goals = cursor.in->campaign->goals;
    const auto ends = [&](const Goal& goal) { return goal.name == reach->goal && goal.exits; };
    if (reach != nullptr && std::any_of(goals.begin(), goals.end(), ends)) break;
    if (!leaves_no_trace(*here.step)) break;
    cursor.at = here.targets.empty() ? here.next : here.targets.front();
  }
  return cursor.at;
}

void Coverage::pass(Cursor& cursor) {
  const model::Node& here = cursor.in->graph.nodes[cursor.at];
  if (!leaves_no_trace(*here.step)) return;
  take_way(*cursor.in, cursor.in->steps[cursor.at].on);
  cursor.at = here.targets.empty() ? here.next : here.targets.front();
}

// Goes on through steps that leave no trace, up to `node` or the first that does.
void Coverage::pass_until(Cursor& cursor, model::NodeIndex node) {
  const model::Graph& graph = cursor.in->graph;
  for (std::size_t passed = 0; passed < graph.nodes.size(); ++passed) {
    if (cursor.stands || cursor.at == node || cursor.at == model::end_node) return;
    if (!leaves_no_trace(*graph.nodes[cursor.at].step)) return;
    pass(cursor);
  }
}

void Coverage::take_target(Cursor& cursor, std::uint16_t which) {
  const model::Node& here = cursor.in->graph.nodes[cursor.at];
  const StepWays& ways = cursor.in->steps[cursor.at];
  if (ways.first_target == no_way) {
    take_way(*cursor.in, ways.on);
    cursor.at = here.next;
    return;
  }
  const std::size_t i = which == Happening::no_case ? here.targets.size() - 1 : which;
  if (i >= here.targets.size()) return;
  take_way(*cursor.in, ways.first_target + i);
  cursor.at = here.targets[i];
}

// Where the send goes on otherwise than to the next step, there.
void Coverage::take_instead(Cursor& cursor, const Send& send, std::size_t which) {
  const StepWays& ways = cursor.in->steps[cursor.at];
  const model::Node& here = cursor.in->graph.nodes[cursor.at];
  take_way(*cursor.in, ways.instead[which] == no_way ? ways.on : ways.instead[which]);
  const Way& way = *model::ways_of(send)[which].second;
  switch (way.kind) {
    case Way::Kind::go_on: cursor.at = here.next; break;
    case Way::Kind::exit: cursor.at = model::end_node; break;
    case Way::Kind::go_to: cursor.at = cursor.in->graph.find(way.step); break;
  }
}

// What has become of a send. While it is held, or its outcome awaited, the journey stands.
void Coverage::hear_send(Cursor& cursor, const Send& send, const Happening& happening) {
  constexpr std::size_t skipped = 0;
  constexpr std::size_t expired = 1;
  constexpr std::size_t failed = 2;
  const std::string_view what = happening.what;
  const StepWays& ways = cursor.in->steps[cursor.at];
  // The way to the end was told by what led there.
  if (what == "exited" || what == "finished") return;
  if (what == "emitted") ++cursor.legs;
  cursor.stands = stands_at(send, what, cursor.legs);
  if (cursor.stands) return;
  const std::size_t legs = std::exchange(cursor.legs, 0);
  const bool no_other = send.escalate && legs > 0 && is_refusal(what);
  const bool went_wrong = what == "resolved" && happening.which != 0 &&
                          (happening.choice == "failed" || happening.choice == "bounced");
  if (what == "set_aside") {
    take_way(*cursor.in, ways.on);
    cursor.at = cursor.in->graph.nodes[cursor.at].next;
  } else if (no_other) {
    take_way(*cursor.in, ways.on);
    cursor.at = cursor.in->graph.nodes[cursor.at].next;
  } else if (what == "skipped_when") {
    // Where a wait before it was past, it is not its `when` that skips it.
    if (happening.reason.empty() || happening.reason == "none") take_way(*cursor.in, ways.skipped);
    if (ways.instead[skipped] != no_way) return take_instead(cursor, send, skipped);
    cursor.at = cursor.in->graph.nodes[cursor.at].next;
  } else if (what == "expired") {
    take_instead(cursor, send, expired);
  } else if (went_wrong) {
    take_instead(cursor, send, failed);
  } else if (what == "emitted" || what == "resolved" || what == "skipped_holdout") {
    take_way(*cursor.in, ways.on);
    cursor.at = cursor.in->graph.nodes[cursor.at].next;
  } else if (what == "skipped_cap" && send.on_cap == Send::OnCap::exit) {
    cursor.at = model::end_node;
  } else if (is_refusal(what)) {
    take_instead(cursor, send, skipped);
  } else {
    cursor.stands = true;  // nothing that moves it
  }
}

// A wait that leads on at once says no more than this.
void Coverage::hear_waited(Cursor& cursor, const Happening& happening) {
  cursor.stands = !happening.due || *happening.due > happening.at;
  if (cursor.stands) return;
  const StepWays& ways = cursor.in->steps[cursor.at];
  std::size_t way = ways.on;
  if (is_past(happening) && ways.past_skips != no_way) way = ways.past_skips;
  if (happening.reason == "missing_date" && ways.missing_skips != no_way) way = ways.missing_skips;
  take_way(*cursor.in, way);
  cursor.at = cursor.in->graph.nodes[cursor.at].next;
}

void Coverage::hear_step(Cursor& cursor, const Happening& happening) {
  const std::string_view what = happening.what;
  // What is said of an action, or of a condition, moves nobody.
  if (what == "receipt" || what == "withdrawn_exit" || what == "visited" ||
      what == "unknown_condition" || what == "missing_datum" || what == "invalid_zone" ||
      what == "resolved_zone" || what == "followed" || what == "reset" || what == "gathered" ||
      what == "retried" || what == "gave_up" || what == "stalled" || what == "resumed" ||
      what == "withdrawn_consent" || what == "chose_channel" || what == "account_given" ||
      what == "escalated" || what == "not_preferred" || what == "rested" ||
      what == "reported_late" || what == "held_exclusive" || what == "released" ||
      what == "reassigned") {
    return;
  }
  if (happening.node >= cursor.in->graph.nodes.size()) return;
  if (what == "taken_over") {  // nothing before it ran here
    cursor.at = happening.node;
    return;
  }
  pass_until(cursor, happening.node);
  cursor.at = happening.node;
  cursor.stands = false;
  const StepWays& ways = cursor.in->steps[cursor.at];
  if (what == "waited") return hear_waited(cursor, happening);
  const Step& step = *cursor.in->graph.nodes[cursor.at].step;
  if (const auto* const send = std::get_if<Send>(&step.kind)) {
    hear_send(cursor, *send, happening);
  } else if (what == "ready") {
    cursor.stands = true;
  } else if (what == "skipped_when") {
    // Where a wait before it was past, it is not its `when` that skips it.
    if (happening.reason.empty() || happening.reason == "none") take_way(*cursor.in, ways.skipped);
    cursor.at = cursor.in->graph.nodes[cursor.at].next;
  } else if (what == "not_assigned") {
    take_way(*cursor.in, ways.on);
    cursor.at = cursor.in->graph.nodes[cursor.at].next;
  } else if (what == "resolved" &&
             std::holds_alternative<Parallel>(cursor.in->graph.nodes[cursor.at].step->kind)) {
    cursor.at = cursor.in->graph.nodes[cursor.at].next;
  } else if (what == "emitted" && model::answer_of(*cursor.in->graph.nodes[cursor.at].step)) {
    cursor.stands = true;  // the answer moves on
  } else {
    take_target(cursor, happening.which);
  }
}

void Coverage::hear_end(Cursor& cursor, const Happening& happening) {
  if (happening.reason == "exit") return take_way(*cursor.in, cursor.in->exits);
  pass_until(cursor, happening.reason == "goal" ? exiting_goal(cursor) : model::end_node);
  if (cursor.at == model::end_node) return;
  if (cursor.stands && !follows(*cursor.in->graph.nodes[cursor.at].step)) return;
  if (happening.reason == "goal") pass(cursor);
  const StepWays& ways = cursor.in->steps[cursor.at];
  if (happening.reason == "missing_date") take_way(*cursor.in, ways.missing_exits);
  if (happening.reason == "past_date") take_way(*cursor.in, ways.past_exits);
}

// Of the journey and its strands the one that comes to `node`; nullptr: the journey is unknown.
Coverage::Cursor* Coverage::cursor_for(std::uint32_t journey, model::NodeIndex node) {
  const auto whole = cursors_.find(journey);
  if (whole == cursors_.end()) return nullptr;
  const model::Node& to = whole->second.in->graph.nodes[node];
  for (auto& [place, cursor] : cursors_) {
    const bool there = cursor.parallel == to.parallel && cursor.strand == to.strand;
    if (cursor.whole == journey && there) return &cursor;
  }
  return &whole->second;
}

// A strand has a cursor of its own while it lasts.
void Coverage::hear_strand(const Happening& happening) {
  if (happening.what == "forked") {
    Cursor* const head = cursor_for(happening.journey, happening.node);
    if (head == nullptr) return;
    pass_until(*head, happening.node);
    head->at = happening.node;
    head->stands = true;
    Cursor& cursor = cursors_[happening.strand];
    cursor = {head->in, happening.node, false, happening.journey, happening.node, happening.which};
    take_target(cursor, happening.which);
    return;
  }
  const auto found = cursors_.find(happening.strand);
  if (found == cursors_.end()) return;
  if (happening.what == "joined") {
    pass_until(found->second, found->second.in->graph.nodes[happening.node].next);
  }
  if (happening.what == "joined" || happening.what == "left_behind") {
    cursors_.erase(found);
  } else if (happening.node != Happening::no_node) {
    hear_step(found->second, happening);
  }
}

void Coverage::hear(const Happening& happening) {
  if (happening.journey == Happening::no_journey) return;
  if (happening.what == "entered") {
    const auto found = campaigns_.find({std::string(happening.campaign), happening.version});
    if (found == campaigns_.end()) return;
    Covered& covered = *found->second;
    if (happening.which < covered.campaign->entries.size()) take_way(covered, happening.which);
    cursors_[happening.journey] = {
        &covered, covered.graph.nodes.empty() ? model::end_node : model::NodeIndex{0}};
    return;
  }
  if (happening.strand != Happening::no_journey && happening.what != "converted") {
    return hear_strand(happening);
  }
  const auto found = cursors_.find(happening.journey);
  if (found == cursors_.end()) return;
  Cursor& cursor = found->second;
  if (happening.what == "converted") {
    const std::vector<Goal>& goals = cursor.in->campaign->goals;
    const auto goal = std::find_if(goals.begin(), goals.end(),
                                   [&](const Goal& each) { return each.name == happening.goal; });
    take_way(*cursor.in,
             cursor.in->campaign->entries.size() + static_cast<std::size_t>(goal - goals.begin()));
  } else if (happening.what == "exited" || happening.what == "finished") {
    if (happening.node < cursor.in->graph.nodes.size()) {
      hear_step(*cursor_for(happening.journey, happening.node), happening);
    } else {
      hear_end(cursor, happening);
      for (auto& [place, strand] : cursors_) {
        if (strand.whole == happening.journey) hear_end(strand, happening);
      }
    }
    std::erase_if(cursors_,
                  [&](const auto& each) { return each.second.whole == happening.journey; });
  } else if (happening.node != Happening::no_node) {
    hear_step(cursor, happening);
  }
}

}  // namespace lab
}  // namespace itinera
