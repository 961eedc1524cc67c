// SPDX-License-Identifier: Apache-2.0
#include "itinera/sequence.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/percent.hpp"
#include "calendar/text.hpp"
#include "model/sequence.hpp"

namespace itinera {

using model::elapsed;
using model::expression;
using model::value_or_problem;

namespace {

std::vector<Datum> data_of(const Properties& properties) {
  std::vector<Datum> data;
  for (const Property& property : properties) {
    Datum datum;
    datum.name = property.name;
    const auto* text = property.value.get<std::string>();
    if (text != nullptr && text->starts_with('=')) {
      datum.expression = expression(text->substr(1));
    } else {
      datum.literal = property.value;
    }
    data.push_back(std::move(datum));
  }
  return data;
}

Way way_of(const std::string& text) {
  if (text.empty() || text == "continue") return {};
  if (text == "exit") return {Way::Kind::exit, {}};
  return {Way::Kind::go_to, text};
}

std::optional<Escalate> escalate_of(const SendOptions& options, model::Problems& problems) {
  const std::optional<std::int64_t> after_ms = elapsed(options.escalate_after, problems);
  if (!after_ms) {
    if (!options.escalate_unless.empty() && options.escalate_after.empty()) {
      problems.push_back({ErrorCode::missing_key, "escalate_unless needs escalate_after"});
    }
    return std::nullopt;
  }
  Escalate escalate{.after_ms = *after_ms};
  if (!options.escalate_unless.empty()) {
    escalate.unless = receipt_from(options.escalate_unless).value_or(Receipt::declared);
    if (escalate.unless == Receipt::declared) escalate.declared = options.escalate_unless;
  }
  return escalate;
}

Retry retry_of(std::uint32_t times, const std::string& after, model::Problems& problems) {
  Retry retry;
  retry.times = times;
  if (const auto after_ms = elapsed(after, problems)) retry.after_ms = *after_ms;
  return retry;
}

// The days that the options name; without any they stay.
void read_days(const WaitOptions& options, Weekdays& days, model::Problems& problems) {
  if (options.days.empty()) return;
  days = value_or_problem(calendar::parse_weekdays(options.days), problems);
}

}  // namespace

Trigger event(std::string name) {
  Trigger trigger;
  trigger.kind = Trigger::Kind::event;
  trigger.event = std::move(name);
  return trigger;
}

Trigger condition(std::string cel) {
  Trigger trigger;
  trigger.kind = Trigger::Kind::condition;
  trigger.condition = expression(std::move(cel));
  return trigger;
}

Trigger receipt(Receipt receipt, std::string step) {
  Trigger trigger;
  trigger.kind = Trigger::Kind::receipt;
  trigger.receipt = receipt;
  trigger.step = std::move(step);
  return trigger;
}

Trigger entered(std::string segment) {
  Trigger trigger;
  trigger.kind = Trigger::Kind::segment;
  trigger.segment = std::move(segment);
  return trigger;
}

Trigger left(std::string segment) {
  Trigger trigger = entered(std::move(segment));
  trigger.leaves = true;
  return trigger;
}
Trigger in_account(Trigger trigger) {
  trigger.account = true;
  return trigger;
}

Trigger receipt(std::string_view name, std::string step) {
  Trigger trigger = receipt(receipt_from(name).value_or(Receipt::declared), std::move(step));
  if (trigger.receipt == Receipt::declared) trigger.declared = name;
  return trigger;
}

template <class Options>
Step& Sequence::add(const Options& options, Step::Kind kind) {
  Step step;
  step.id = options.id;
  step.named = !options.id.empty();
  step.when = expression(options.when);
  step.note = options.note;
  step.max_visits = options.max_visits;
  step.kind = std::move(kind);
  return steps_.emplace_back(std::move(step));
}

Steps Sequence::take(const Sequence& nested) {
  problems_.insert(problems_.end(), nested.problems_.begin(), nested.problems_.end());
  return nested.steps_;
}

Sequence& Sequence::send(std::string channel, const SendOptions& options) {
  std::vector<std::string> channels;
  channels.push_back(std::move(channel));
  return send_by(std::move(channels), options);
}

Sequence& Sequence::send_by(std::vector<std::string> channels, const SendOptions& options) {
  Send send;
  if (!channels.empty()) {
    send.channel = std::move(channels.front());
    channels.erase(channels.begin());
    send.alternatives = std::move(channels);
  }
  send.template_name = options.template_name;
  send.data = data_of(options.data);
  if (!options.at.empty()) {
    send.at_ms = value_or_problem(calendar::parse_time_of_day(options.at), problems_);
  }
  send.prefer = options.prefer;
  send.escalate = escalate_of(options, problems_);
  send.senders = options.senders;
  send.operation = options.operation;
  send.topic = options.topic;
  send.message_class = options.message_class;
  send.on_cap = options.on_cap;
  send.while_held = options.while_held;
  send.expires_ms = elapsed(options.expires, problems_);
  send.on_skip = way_of(options.on_skip);
  send.on_expire = way_of(options.on_expire);
  send.on_fail = way_of(options.on_fail);
  send.confirm_within_ms = elapsed(options.confirm_within, problems_);
  send.retry = retry_of(options.retry, options.retry_after, problems_);
  add(options, std::move(send));
  return *this;
}

Sequence& Sequence::add_wait(Wait wait, const WaitOptions& options) {
  if (!options.offset.empty()) {
    wait.offset = value_or_problem(calendar::parse_period(options.offset, true), problems_);
  }
  if (!options.at.empty()) {
    wait.at_ms = value_or_problem(calendar::parse_time_of_day(options.at), problems_);
  }
  const bool has_days = std::holds_alternative<Wait::TimeOfDay>(wait.form) ||
                        std::holds_alternative<Wait::BusinessDays>(wait.form);
  if (!options.days.empty() && !has_days) {
    problems_.push_back(
        {ErrorCode::bad_value,
         fmt::format("days '{}' stand beside a time of day or business days only", options.days)});
  }
  auto* const recurrence = std::get_if<Wait::Recurrence>(&wait.form);
  if (recurrence != nullptr) recurrence->from = options.from;
  if (!options.from.empty() && recurrence == nullptr) {
    problems_.push_back({ErrorCode::bad_value,
                         fmt::format("from '{}' stands beside a recurrence only", options.from)});
  }
  auto* const until = std::get_if<Wait::Until>(&wait.form);
  if (until != nullptr) until->follow = options.follow;
  if (options.follow && until == nullptr) {
    problems_.push_back({ErrorCode::bad_value, "`follow` stands beside wait_until() only"});
  }
  wait.zone = options.zone;
  wait.if_past = options.if_past;
  wait.on_missing = options.on_missing;
  wait.anchor = options.anchor;
  add(options, std::move(wait));
  return *this;
}

Sequence& Sequence::wait(std::string_view duration, const WaitOptions& options) {
  Wait wait;
  wait.form = Wait::For{value_or_problem(calendar::parse_period(duration), problems_)};
  return add_wait(std::move(wait), options);
}

Sequence& Sequence::wait_until(std::string cel, const WaitOptions& options) {
  Wait wait;
  wait.form = Wait::Until{.instant = expression(std::move(cel))};
  return add_wait(std::move(wait), options);
}

Sequence& Sequence::wait_until_time(std::string_view time_of_day, const WaitOptions& options) {
  Wait::TimeOfDay form;
  form.ms_of_day = value_or_problem(calendar::parse_time_of_day(time_of_day), problems_);
  read_days(options, form.days, problems_);
  Wait wait;
  wait.form = form;
  return add_wait(std::move(wait), options);
}

Sequence& Sequence::wait_until_inside(std::string_view window, const WaitOptions& options) {
  Wait wait;
  wait.form = Wait::Inside{value_or_problem(calendar::parse_window(window), problems_)};
  return add_wait(std::move(wait), options);
}

Sequence& Sequence::wait_business_days(std::uint32_t count, const WaitOptions& options) {
  Wait::BusinessDays form{.count = count};
  read_days(options, form.days, problems_);
  Wait wait;
  wait.form = form;
  return add_wait(std::move(wait), options);
}

Sequence& Sequence::wait_until_next(std::string rule, const WaitOptions& options) {
  Wait wait;
  wait.form = Wait::Recurrence{.rule = std::move(rule)};
  return add_wait(std::move(wait), options);
}

Sequence& Sequence::wait_for(const Trigger& trigger) { return wait_for(trigger, {}); }

Sequence& Sequence::wait_for(const Trigger& trigger, const WaitForOptions& options) {
  return wait_for_any({{.trigger = trigger}}, options);
}

Sequence& Sequence::wait_for_any(const std::vector<WaitForCase>& cases,
                                 const WaitForOptions& options) {
  WaitFor wait;
  for (const WaitForCase& given : cases) {
    wait.cases.push_back(
        {given.trigger, expression(given.when), given.as, take(given.steps), SourceLocation{}});
  }
  wait.within_ms = elapsed(options.within, problems_);
  if (options.since == "journey") {
    wait.since = WaitFor::Since::journey;
  } else if (const auto since_ms = elapsed(options.since, problems_)) {
    wait.since = WaitFor::Since::duration;
    wait.since_ms = *since_ms;
  }
  wait.reset_on = options.reset_on;
  wait.reset_when = expression(options.reset_when);
  wait.then = take(options.then);
  wait.otherwise = take(options.otherwise);
  add(options, std::move(wait));
  return *this;
}

Sequence& Sequence::branch(const std::vector<BranchWay>& ways, const BranchOptions& options) {
  Branch branch;
  for (const BranchWay& way : ways) {
    branch.cases.push_back({expression(way.when), take(way.steps), SourceLocation{}});
  }
  branch.otherwise = take(options.otherwise);
  add(options, std::move(branch));
  return *this;
}

Sequence& Sequence::split(const std::vector<SplitWay>& ways, const SplitOptions& options) {
  Split split;
  for (const SplitWay& way : ways) {
    split.variants.push_back({way.variant, way.weight, take(way.steps), SourceLocation{}});
  }
  split.seed = options.seed;
  split.hash = options.hash;
  split.space = options.space;
  if (!options.coverage.empty()) {
    split.coverage = value_or_problem(base::parse_percent(options.coverage), problems_);
  }
  add(options, std::move(split));
  return *this;
}

Sequence& Sequence::parallel(const std::vector<Sequence>& strands, const ParallelOptions& options) {
  Parallel parallel;
  for (const Sequence& strand : strands) parallel.strands.push_back({take(strand), {}});
  parallel.join = options.join;
  add(options, std::move(parallel));
  return *this;
}

Sequence& Sequence::set(const Properties& values, const StepOptions& options) {
  add(options, Set{data_of(values)});
  return *this;
}

Sequence& Sequence::reach_goal(std::string goal, const GoalStepOptions& options) {
  add(options, ReachGoal{std::move(goal), expression(options.value)});
  return *this;
}

Sequence& Sequence::go_to(std::string step, const StepOptions& options) {
  add(options, Goto{std::move(step)});
  return *this;
}

Sequence& Sequence::exit(std::string reason, const StepOptions& options) {
  add(options, Exit{std::move(reason)});
  return *this;
}

Sequence& Sequence::add_to_audience(std::string list, const StepOptions& options) {
  add(options, ChangeAudience{ChangeAudience::Change::add, std::move(list)});
  return *this;
}

Sequence& Sequence::remove_from_audience(std::string list, const StepOptions& options) {
  add(options, ChangeAudience{ChangeAudience::Change::remove, std::move(list)});
  return *this;
}

Sequence& Sequence::emit(std::string event, const EmitOptions& options) {
  add(options, EmitEvent{std::move(event), data_of(options.data)});
  return *this;
}

Sequence& Sequence::start(std::string campaign, const StartOptions& options) {
  add(options, StartCampaign{std::move(campaign), expression(options.key), data_of(options.data)});
  return *this;
}

Sequence& Sequence::stop(std::string campaign, const StopOptions& options) {
  add(options, StopCampaign{std::move(campaign), expression(options.key)});
  return *this;
}

Sequence& Sequence::grant_consent(std::string channel, const ConsentOptions& options) {
  add(options, ChangeConsent{std::move(channel), options.topic, ChangeConsent::State::granted,
                             options.source});
  return *this;
}

Sequence& Sequence::deny_consent(std::string channel, const ConsentOptions& options) {
  add(options, ChangeConsent{std::move(channel), options.topic, ChangeConsent::State::denied,
                             options.source});
  return *this;
}

template <class Options>
Answer Sequence::answer_of(const Options& options) {
  Answer answer;
  answer.within_ms = elapsed(options.within, problems_);
  answer.as = options.as;
  answer.then = take(options.then);
  answer.otherwise = take(options.otherwise);
  return answer;
}

Sequence& Sequence::call(std::string name) { return call(std::move(name), {}); }

Sequence& Sequence::call(std::string name, const CallOptions& options) {
  add(options, Call{std::move(name), data_of(options.data), answer_of(options),
                    retry_of(options.retry, options.retry_after, problems_)});
  return *this;
}

Sequence& Sequence::task(std::string ask) { return task(std::move(ask), {}); }

Sequence& Sequence::task(std::string ask, const TaskOptions& options) {
  add(options, Task{std::move(ask), options.team, data_of(options.data), answer_of(options)});
  return *this;
}

Sequence& Sequence::digest(std::string_view window, const DigestOptions& options) {
  const std::int64_t window_ms = elapsed(window, problems_).value_or(0);
  add(options, Digest{window_ms, options.sliding, {options.key, {}}, options.max, options.as});
  return *this;
}

}  // namespace itinera
