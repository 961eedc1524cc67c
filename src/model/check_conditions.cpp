// SPDX-License-Identifier: Apache-2.0
// Every condition and expression of a campaign, compiled against what it may see.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <utility>

#include "calendar/text.hpp"
#include "expr/program.hpp"
#include "model/checks.hpp"
#include "model/condition_check.hpp"
#include "model/data_schema.hpp"
#include "model/scope.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

using Kind = expr::Type::Kind;

constexpr std::initializer_list<Kind> key_kinds{Kind::text, Kind::integer, Kind::boolean,
                                                Kind::real};
constexpr std::initializer_list<Kind> instant_kinds{Kind::timestamp, Kind::text, Kind::integer,
                                                    Kind::real};
constexpr std::initializer_list<Kind> address_kinds{Kind::text};
constexpr std::initializer_list<Kind> number_kinds{Kind::integer, Kind::real};

const Demand any_value{"data", {}, ""};
const Demand key_demand{"key", key_kinds, "a key is a text, a number or a bool"};
const Demand date_demand{"date", instant_kinds, "a date is a timestamp, a text or a number"};
const Demand goal_value{"value", number_kinds, "a goal's value is a number, such as event.total"};

bool is_date(std::string_view text) {
  return calendar::parse_timestamp(text).has_value() || calendar::parse_local(text).has_value();
}

// The declarations of one campaign, made once.
class CampaignConditions {
 public:
  CampaignConditions(const Subject& subject, Findings& findings)
      : subject_(subject),
        known_(subject.workspace, subject.workspace_gaps, subject.limits),
        entry_(narrowed(declarations(subject.campaign, Scope::entry))),
        contact_(narrowed(declarations(subject.campaign, Scope::contact))),
        step_(narrowed(declarations(subject.campaign, Scope::step, variables_known(subject)))),
        receiving_(
            narrowed(declarations(subject.campaign, Scope::receiving, variables_known(subject)))),
        conditions_(subject.limits, known_, subject.gaps.pieces, findings),
        findings_(findings) {}

  void check_all() {
    for (const Entry& entry : subject_.campaign.entries) {
      const expr::Declarations& seen =
          entry.kind == Entry::Kind::event ? with_event(entry_, entry_of_, entry.event) : contact_;
      conditions_.decide(entry.when, "when", seen);
      conditions_.compile(entry.key, key_demand, seen);
      const auto date = conditions_.compile(entry.date, date_demand, contact_);
      if (date) check_date("date", entry.date, date->constant());
    }
    for (const Goal& goal : subject_.campaign.goals) {
      if (goal.trigger) check(*goal.trigger, goal.when);
      // Of a goal that could be read only in part, what reaches it may be an event.
      const bool by_step = !goal.trigger && !subject_.gaps.in(goal.at);
      conditions_.compile(goal.value, goal_value,
                          by_step        ? step_
                          : goal.trigger ? scope_of(*goal.trigger)
                                         : receiving_);
      if (!goal.trigger && !by_step) conditions_.decide(goal.when, "when", receiving_);
    }
    for (const ExitRule& exit : subject_.campaign.exits) check(exit.trigger, exit.when);
    for (const Node& node : subject_.graph.nodes) {
      conditions_.decide(node.step->when, "when", step_);
      step_at_hand_ = node.step;
      std::visit([this](const auto& kind) { check(kind); }, node.step->kind);
    }
  }

 private:
  // Not where a step that may set one could be read only in part.
  static bool variables_known(const Subject& subject) {
    if (subject.gaps.steps || !subject.gaps.kindless.empty()) return false;
    return std::none_of(
        subject.graph.nodes.begin(), subject.graph.nodes.end(), [&](const Node& node) {
          const Step::Kind& kind = node.step->kind;
          const bool sets =
              std::holds_alternative<Set>(kind) || std::holds_alternative<WaitFor>(kind) ||
              std::holds_alternative<Call>(kind) || std::holds_alternative<Task>(kind) ||
              std::holds_alternative<Digest>(kind);
          return sets && subject.gaps.in(node.step->at);
        });
  }

  expr::Declarations narrowed(expr::Declarations declared) const {
    // Ways in that could not be read may be by any event.
    known_.narrow(declared, subject_.gaps.head ? Campaign() : subject_.campaign);
    if (declared.outcomes && !subject_.gaps.steps && subject_.gaps.kindless.empty()) {
      for (const Node& node : subject_.graph.nodes) {
        if (emits(*node.step)) declared.step_names.push_back(node.step->id);
      }
      std::sort(declared.step_names.begin(), declared.step_names.end());
    }
    return declared;
  }

  // `declared` for an event of this name; made once, where the schema says anything of it.
  const expr::Declarations& with_event(const expr::Declarations& declared,
                                       std::map<std::string_view, expr::Declarations>& made,
                                       std::string_view event) {
    const bool says_more = known_.schema != nullptr && find_event(*known_.schema, event) != nullptr;
    // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): the caller's outlives its checks.
    if (!says_more) return declared;
    const auto [at, is_new] = made.try_emplace(event);
    if (is_new) {
      at->second = declared;
      known_.narrow_event(at->second, event);
    }
    return at->second;
  }

  const expr::Declarations& scope_of(const Trigger& trigger) {
    return trigger.kind == Trigger::Kind::event
               ? with_event(receiving_, receiving_of_, trigger.event)
               : step_;
  }

  void check(const Trigger& trigger, const Expression& when) {
    const bool on_condition = trigger.kind == Trigger::Kind::condition;
    conditions_.decide(when, "when", scope_of(trigger));
    if (on_condition) conditions_.require_moments(when, "when");
    if (!on_condition) return;
    const auto program = conditions_.decide(trigger.condition, "condition", step_);
    conditions_.require_moments(trigger.condition, "condition");
    if (program && ConditionCheck::constant_truth(*program) == true) {
      findings_.warning(ErrorCode::suspicious, trigger.condition.at,
                        fmt::format("`condition` is always true: {}", trigger.condition.text),
                        "ask something that is not so from the beginning");
    }
  }

  // The program of each expression, in the order of `data`.
  std::vector<std::optional<expr::Program>> check_data(const std::vector<Datum>& data) {
    std::vector<std::optional<expr::Program>> programs;
    for (const Datum& datum : data) {
      Demand demand = any_value;
      demand.place = datum.name;
      programs.push_back(conditions_.compile(datum.expression, demand, step_));
    }
    return programs;
  }

  // A datum that becomes an attribute or a property, `kind`, is one of `fields`.
  void check_field(const Datum& datum, const std::optional<expr::Program>& program,
                   std::string_view kind, std::span<const SchemaField> fields) {
    if (datum.name.empty()) return;
    const SchemaField* const field = find_field(fields, datum.name);
    if (field == nullptr) {
      findings_.unknown_name(datum.at, kind, datum.name, names_of(fields));
      return;
    }
    const bool right = program ? fits(program->result_type(), field->type)
                               : !datum.expression.empty() || fits(datum.literal, field->type);
    if (right) return;
    findings_.error(
        ErrorCode::condition_type, datum.at,
        fmt::format("{} '{}' is of type {}, and this is none: {}", kind, datum.name,
                    to_text(field->type), program ? datum.expression.text : to_json(datum.literal)),
        "change the value, or the type in the workspace's `schema`");
  }

  void check(const Send& send) { check_data(send.data); }
  void check(const Set& set) {
    const auto programs = check_data(set.values);
    if (known_.schema == nullptr || !known_.schema->attributes) return;
    for (std::size_t i = 0; i < set.values.size(); ++i) {
      const Datum& datum = set.values[i];
      if (datum.name.starts_with("journey.") || is_given(datum.name)) continue;
      check_field(datum, programs[i], "attribute", *known_.schema->attributes);
    }
  }
  void check(const ReachGoal& reach) { conditions_.compile(reach.value, goal_value, step_); }
  void check(const Wait& wait) {
    if (const auto* until = std::get_if<Wait::Until>(&wait.form)) {
      const auto program = conditions_.compile(
          until->instant, {"until", instant_kinds, "a time is a timestamp, a text or a number"},
          step_);
      if (program) check_date("until", until->instant, program->constant());
      if (program) check_absence(wait, until->instant, *program);
      if (until->follow) check_follow(until->instant, program);
    }
  }
  // What is asked again at every input must not move with the time alone.
  void check_follow(const Expression& until, const std::optional<expr::Program>& program) {
    if (!program) return;
    if (program->reads_time()) {
      findings_.error(ErrorCode::time_not_solvable, until.at,
                      fmt::format("`until` reads the time, and would move with it: {}", until.text),
                      "leave `follow` out, or read a date that only changes when it is told");
    }
    if (program->constant()) {
      findings_.warning(
          ErrorCode::suspicious, until.at,
          fmt::format("`follow` changes nothing: `until` is always the same: {}", until.text),
          "leave it out");
    }
  }
  // S7: nobody chose what happens where the date is missing, and it may be. Who asks for it in the
  // step's `when` has thought of that.
  void check_absence(const Wait& wait, const Expression& until, const expr::Program& program) {
    const WordPlaces& words = step_at_hand_->words;
    const bool chosen = wait.on_missing != Wait::OnMissing::exit ||
                        std::any_of(words.begin(), words.end(),
                                    [](const WordPlace& word) { return word.key == "on_missing"; });
    if (chosen || known_.schema == nullptr || !known_.schema->attributes) return;
    for (const expr::Slot& slot : program.slots()) {
      if (slot.variable != "contact") continue;
      const SchemaField* const field = find_field(*known_.schema->attributes, slot.field);
      const bool asked = step_at_hand_->when.text.find(slot.field) != std::string::npos;
      if (field == nullptr || !field->may_be_absent || asked) continue;
      findings_.warning(
          ErrorCode::suspicious, until.at,
          fmt::format("contact.{} may be absent, and then the journey ends", slot.field),
          "say so with `on_missing: exit`, or write `continue` or `skip`");
      return;
    }
  }
  // A date written into the file. A small number is one that lost its quotes: 2026-05-01, 20260501;
  // those of seconds since 1970 that anybody means are beyond a billion, in 2001.
  void check_date(std::string_view place, const Expression& date,
                  const std::optional<Value>& value) {
    if (!value) return;
    const auto* text = value->get<std::string>();
    const auto* integer = value->get<std::int64_t>();
    const bool number = integer != nullptr || value->kind() == Value::Kind::real;
    if (integer != nullptr && *integer >= 1'000'000'000) return;
    if (!number && (text == nullptr || is_date(*text))) return;
    findings_.error(ErrorCode::bad_value, date.at,
                    number ? fmt::format("`{}` is a number, not a date: {}", place, date.text)
                           : fmt::format("`{}` is no date: {}", place, date.text),
                    date_hint(place));
  }
  void check(const WaitFor& wait) {
    for (const WaitCase& wait_case : wait.cases) check(wait_case.trigger, wait_case.when);
    if (wait.reset_on) check(*wait.reset_on, wait.reset_when);
  }
  void check(const Branch& branch) {
    const BranchCase* always = nullptr;
    std::set<std::string_view> asked;
    for (const BranchCase& branch_case : branch.cases) {
      const bool first = branch_case.when.empty() || asked.insert(branch_case.when.text).second;
      if (always != nullptr) {
        report_dead(branch_case.at, *always);
      } else if (!first) {
        findings_.error(
            ErrorCode::dead_branch, branch_case.at,
            fmt::format("never taken: a case before it asks the same ({})", branch_case.when.text),
            "remove it, or ask something else");
      }
      const auto program = conditions_.decide(branch_case.when, "when", step_);
      if (program && always == nullptr && ConditionCheck::constant_truth(*program) == true) {
        always = &branch_case;
      }
    }
    if (always != nullptr && !branch.otherwise.empty()) {
      report_dead(branch.otherwise.front().at, *always);
    }
  }
  void report_dead(const SourceLocation& at, const BranchCase& always) {
    findings_.error(
        ErrorCode::dead_branch, at,
        fmt::format("never taken: the case before it is always true ({})", always.when.text),
        "remove it, or change the condition before it");
  }
  void check(const EmitEvent& emit) {
    const auto programs = check_data(emit.data);
    const EventSchema* const event =
        known_.schema == nullptr ? nullptr : find_event(*known_.schema, emit.event);
    if (event == nullptr) return;
    for (std::size_t i = 0; i < emit.data.size(); ++i) {
      check_field(emit.data[i], programs[i], "property", event->properties);
    }
  }
  void check(const StartCampaign& start) {
    conditions_.compile(start.key, key_demand, step_);
    check_data(start.data);
  }
  void check(const StopCampaign& stop) { conditions_.compile(stop.key, key_demand, step_); }
  void check(const Call& call) { check_data(call.data); }
  void check(const Task& task) { check_data(task.data); }
  // Where several events lead in, the key sees any of them.
  void check(const Digest& digest) {
    std::set<std::string_view> events;
    for (const Entry& entry : subject_.campaign.entries) {
      if (entry.kind == Entry::Kind::event) events.insert(entry.event);
    }
    const bool one = events.size() == 1 && !subject_.gaps.head;
    const auto program = conditions_.compile(
        digest.key, key_demand,
        one ? with_event(receiving_, receiving_of_, *events.begin()) : receiving_);
    if (!program || std::any_of(program->slots().begin(), program->slots().end(),
                                [](const expr::Slot& slot) { return slot.variable == "event"; })) {
      return;
    }
    findings_.warning(
        ErrorCode::suspicious, digest.key.at,
        fmt::format("`key` divides nothing: it reads no `event`: {}", digest.key.text),
        "write `key: event.category`, or leave it out");
  }
  void check(const ChangeAudience&) {}
  void check(const ChangeConsent&) {}
  void check(const Split&) {}
  void check(const Parallel&) {}
  void check(const Goto&) {}
  void check(const Exit&) {}

  const Subject& subject_;
  const Vocabulary known_;
  const expr::Declarations entry_;
  const expr::Declarations contact_;
  const expr::Declarations step_;
  const expr::Declarations receiving_;
  std::map<std::string_view, expr::Declarations> entry_of_;      // by event
  std::map<std::string_view, expr::Declarations> receiving_of_;  // by event
  const Step* step_at_hand_ = nullptr;
  ConditionCheck conditions_;
  Findings& findings_;
};

}  // namespace

void check_conditions(const Subject& subject, Findings& findings) {
  CampaignConditions(subject, findings).check_all();
}

namespace {

// The places of the segments that a condition asks for.
std::vector<std::size_t> segments_asked(const expr::Program& program,
                                        const std::vector<Segment>& segments) {
  std::vector<std::size_t> asked;
  for (const expr::Slot& slot : program.slots()) {
    if (slot.variable != expr::segment_slot) continue;
    const auto at = std::find_if(segments.begin(), segments.end(), [&](const Segment& segment) {
      return segment.name == slot.field;
    });
    if (at != segments.end()) asked.push_back(static_cast<std::size_t>(at - segments.begin()));
  }
  return asked;
}

}  // namespace

void check_segment_conditions(const Workspace& workspace, const WorkspaceGaps& gaps,
                              const Limits& limits, SegmentMoves& moves, Findings& findings) {
  const Vocabulary known(workspace, gaps, limits);
  expr::Declarations declared = declarations({}, Scope::contact);
  known.narrow(declared, {});
  ConditionCheck conditions(limits, known, gaps.pieces, findings);
  std::vector<std::vector<std::size_t>> asked(workspace.segments.size());
  for (std::size_t i = 0; i < workspace.segments.size(); ++i) {
    const Segment& segment = workspace.segments[i];
    auto program = conditions.decide(segment.condition, segment.name, declared);
    conditions.require_moments(segment.condition, segment.name);
    if (program) asked[i] = segments_asked(*program, workspace.segments);
    if (program && ConditionCheck::constant_truth(*program) == true) {
      findings.warning(ErrorCode::suspicious, segment.condition.at,
                       fmt::format("everybody is in segment '{}', always: {}", segment.name,
                                   segment.condition.text),
                       "ask something that differs from one contact to the other");
    }
    if (program) moves.add(i, std::move(*program), asked[i]);
  }
  check_segment_rings(workspace.segments, asked, findings);
}

void check_addresses(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
                     Findings& findings) {
  const Vocabulary known(workspace, gaps, limits);
  expr::Declarations declared = declarations({}, Scope::address);
  known.narrow(declared, {});
  ConditionCheck conditions(limits, known, gaps.pieces, findings);
  for (const Channel& channel : workspace.channels) {
    const auto program = conditions.compile(
        channel.address, {"address", address_kinds, "an address is a text, such as contact.email"},
        declared);
    // Segments may ask who is reached, and nobody looks again because time has passed.
    if (program && program->reads_time()) {
      findings.error(ErrorCode::time_not_solvable, channel.address.at,
                     fmt::format("the address of channel '{}' changes with time: {}", channel.name,
                                 channel.address.text),
                     "an address does not read `now`: set an attribute when it is to change");
    }
  }
}

}  // namespace itinera::model
