// SPDX-License-Identifier: Apache-2.0
// Every condition and expression of a campaign, compiled against what it may see.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "calendar/text.hpp"
#include "expr/program.hpp"
#include "model/checks.hpp"
#include "model/scope.hpp"

namespace itinera::model {
namespace {

using Kind = expr::Type::Kind;

// What the place of an expression asks of it.
struct Demand {
  std::string_view place;             // "when", "key"
  std::initializer_list<Kind> kinds;  // besides dyn; empty: any
  std::string_view wanted;            // in words, for the hint
};

constexpr std::initializer_list<Kind> condition_kinds{Kind::boolean};
constexpr std::initializer_list<Kind> key_kinds{Kind::text, Kind::integer, Kind::boolean,
                                                Kind::real};
constexpr std::initializer_list<Kind> instant_kinds{Kind::timestamp, Kind::text, Kind::integer,
                                                    Kind::real};
constexpr std::initializer_list<Kind> address_kinds{Kind::text};
constexpr std::initializer_list<Kind> number_kinds{Kind::integer, Kind::real};

Demand condition(std::string_view place) {
  return {place, condition_kinds, "write a comparison, such as contact.tier == \"gold\""};
}
const Demand any_value{"data", {}, ""};
const Demand key_demand{"key", key_kinds, "a key is a text, a number or a bool"};
const Demand date_demand{"date", instant_kinds, "a date is a timestamp, a text or a number"};
const Demand goal_value{"value", number_kinds, "a goal's value is a number, such as event.total"};

// What was probably meant for a date: 2026-05-01, perhaps with a time.
bool begins_with_date(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() >= shape.size() &&
         std::equal(shape.begin(), shape.end(), text.begin(),
                    [&](char s, char c) { return s == '0' ? is_digit(c) : s == c; });
}

std::string date_hint(std::string_view place) {
  return fmt::format(
      "write a date such as `{0}: '\"2026-05-01\"'`, or an instant such as "
      "`{0}: '\"2026-05-01T10:00:00Z\"'`",
      place);
}

bool is_date(std::string_view text) {
  return calendar::parse_timestamp(text).has_value() || calendar::parse_local(text).has_value();
}

// The place of `issue` in the file that holds `expression`.
SourceLocation place_of(const Expression& expression, const expr::Issue& issue) {
  SourceLocation at = expression.at;
  if (at.line == 0) return at;
  at.column = issue.line == 1 ? at.column + issue.column - 1 : issue.column;
  at.line += issue.line - 1;
  return at;
}

class ConditionCheck {
 public:
  ConditionCheck(const Limits& limits, Findings& findings) : limits_(limits), findings_(findings) {}

  // The program, or nothing where `expression` is empty or wrong, which it reports.
  std::optional<expr::Program> compile(const Expression& expression, const Demand& demand,
                                       const expr::Declarations& declarations) {
    if (expression.empty()) return std::nullopt;
    auto compiled = expr::Program::compile(expression.text, declarations, limits_);
    for (expr::Issue& issue : compiled.issues) report(expression, demand, std::move(issue));
    if (compiled.program) check_type(expression, demand, compiled.program->result_type());
    return std::move(compiled.program);
  }

  // The same for a condition; one that is never true is a finding.
  std::optional<expr::Program> decide(const Expression& expression, std::string_view place,
                                      const expr::Declarations& declarations) {
    auto program = compile(expression, condition(place), declarations);
    if (program && constant_truth(*program) == false) {
      findings_.warning(ErrorCode::suspicious, expression.at,
                        fmt::format("`{}` is never true: {}", place, expression.text),
                        "ask something that can be, or remove what it guards");
    }
    return program;
  }

  static std::optional<bool> constant_truth(const expr::Program& program) {
    const std::optional<Value> value = program.constant();
    if (!value || value->get<bool>() == nullptr) return std::nullopt;
    return *value->get<bool>();
  }

  // The moment at which a condition changes by time alone is not solved for.
  void refuse_time(const std::optional<expr::Program>& program, const Expression& expression,
                   std::string_view place) {
    if (!program || !program->reads_time()) return;
    findings_.error(ErrorCode::time_not_solvable, expression.at,
                    fmt::format("`{}` reads the time, and nothing would ask it again: {}", place,
                                expression.text),
                    "wait for the time with a `wait` step, or ask in a `when` or a `branch`");
  }

 private:
  void report(const Expression& expression, const Demand& demand, expr::Issue issue) {
    std::string message = fmt::format("`{}`: {}", demand.place, issue.message);
    if (expression.at.line == 0) message += fmt::format(" (in {})", expression.text);
    const SourceLocation at = place_of(expression, issue);
    const bool of_date = demand.place == "until" || demand.place == "date";
    if (of_date && begins_with_date(expression.text)) {
      const std::string_view date = expression.text;
      const bool whole = date.find_first_of(" \"'\n") == std::string_view::npos;
      issue.hint =
          whole ? fmt::format("write `{}: '\"{}\"'`", demand.place, date) : date_hint(demand.place);
    }
    if (issue.severity == Severity::error) {
      findings_.error(issue.code, at, std::move(message), std::move(issue.hint));
    } else {
      findings_.warning(issue.code, at, std::move(message), std::move(issue.hint));
    }
  }

  void check_type(const Expression& expression, const Demand& demand, const expr::Type& type) {
    const auto& kinds = demand.kinds;
    if (kinds.size() == 0 || type.kind == Kind::dyn ||
        std::find(kinds.begin(), kinds.end(), type.kind) != kinds.end()) {
      return;
    }
    findings_.error(ErrorCode::condition_type, expression.at,
                    fmt::format("`{}` cannot be of type {}: {}", demand.place, expr::to_text(type),
                                expression.text),
                    std::string(demand.wanted));
  }

  const Limits& limits_;
  Findings& findings_;
};

// The declarations of one campaign, made once.
class CampaignConditions {
 public:
  CampaignConditions(const Subject& subject, Findings& findings)
      : subject_(subject),
        entry_(declarations(subject.campaign, Scope::entry)),
        contact_(declarations(subject.campaign, Scope::contact)),
        step_(declarations(subject.campaign, Scope::step, variables_known(subject))),
        receiving_(declarations(subject.campaign, Scope::receiving, variables_known(subject))),
        conditions_(subject.limits, findings),
        findings_(findings) {}

  void check_all() {
    for (const Entry& entry : subject_.campaign.entries) {
      const expr::Declarations& seen = entry.kind == Entry::Kind::event ? entry_ : contact_;
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
              std::holds_alternative<Set>(kind) || std::holds_alternative<WaitFor>(kind);
          return sets && subject.gaps.in(node.step->at);
        });
  }

  const expr::Declarations& scope_of(const Trigger& trigger) const {
    return trigger.kind == Trigger::Kind::event ? receiving_ : step_;
  }

  void check(const Trigger& trigger, const Expression& when) {
    const bool on_condition = trigger.kind == Trigger::Kind::condition;
    const auto asked = conditions_.decide(when, "when", scope_of(trigger));
    if (!on_condition) return;
    conditions_.refuse_time(asked, when, "when");
    const auto program = conditions_.decide(trigger.condition, "condition", step_);
    conditions_.refuse_time(program, trigger.condition, "condition");
    if (program && ConditionCheck::constant_truth(*program) == true) {
      findings_.warning(ErrorCode::suspicious, trigger.condition.at,
                        fmt::format("`condition` is always true: {}", trigger.condition.text),
                        "ask something that is not so from the beginning");
    }
  }

  void check_data(const std::vector<Datum>& data) {
    for (const Datum& datum : data) {
      Demand demand = any_value;
      demand.place = datum.name;
      conditions_.compile(datum.expression, demand, step_);
    }
  }

  void check(const Send& send) { check_data(send.data); }
  void check(const Set& set) { check_data(set.values); }
  void check(const ReachGoal& reach) { conditions_.compile(reach.value, goal_value, step_); }
  void check(const Wait& wait) {
    if (const auto* until = std::get_if<Wait::Until>(&wait.form)) {
      const auto program = conditions_.compile(
          until->instant, {"until", instant_kinds, "a time is a timestamp, a text or a number"},
          step_);
      if (program) check_date("until", until->instant, program->constant());
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
  }
  void check(const Branch& branch) {
    const BranchCase* always = nullptr;
    for (const BranchCase& branch_case : branch.cases) {
      if (always != nullptr) report_dead(branch_case.at, *always);
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
  void check(const EmitEvent& emit) { check_data(emit.data); }
  void check(const StartCampaign& start) {
    conditions_.compile(start.key, key_demand, step_);
    check_data(start.data);
  }
  void check(const StopCampaign& stop) { conditions_.compile(stop.key, key_demand, step_); }
  void check(const ChangeAudience&) {}
  void check(const Split&) {}
  void check(const Goto&) {}
  void check(const Exit&) {}

  const Subject& subject_;
  const expr::Declarations entry_;
  const expr::Declarations contact_;
  const expr::Declarations step_;
  const expr::Declarations receiving_;
  ConditionCheck conditions_;
  Findings& findings_;
};

}  // namespace

void check_conditions(const Subject& subject, Findings& findings) {
  CampaignConditions(subject, findings).check_all();
}

void check_segment_conditions(const Workspace& workspace, const Limits& limits,
                              Findings& findings) {
  const expr::Declarations declared = declarations({}, Scope::contact);
  ConditionCheck conditions(limits, findings);
  for (const Segment& segment : workspace.segments) {
    const auto program = conditions.decide(segment.condition, segment.name, declared);
    if (program && ConditionCheck::constant_truth(*program) == true) {
      findings.warning(ErrorCode::suspicious, segment.condition.at,
                       fmt::format("everybody is in segment '{}', always: {}", segment.name,
                                   segment.condition.text),
                       "ask something that differs from one contact to the other");
    }
  }
}

void check_addresses(const Workspace& workspace, const Limits& limits, Findings& findings) {
  const expr::Declarations declared = declarations({}, Scope::address);
  ConditionCheck conditions(limits, findings);
  for (const Channel& channel : workspace.channels) {
    conditions.compile(channel.address,
                       {"address", address_kinds, "an address is a text, such as contact.email"},
                       declared);
  }
}

}  // namespace itinera::model
