// SPDX-License-Identifier: Apache-2.0
#include "itinera/campaign_builder.hpp"

#include <fmt/format.h>

#include <utility>

#include "calendar/text.hpp"
#include "model/graph.hpp"
#include "model/walk.hpp"

namespace itinera {
namespace {

using Problems = std::vector<Error>;

Expression expression(std::string text) { return {.text = std::move(text), .at = {}}; }

// The value of `read`, or its default, and the error kept.
template <class T>
T value_or_problem(Result<T> read, Problems& problems) {
  if (read) return *std::move(read);
  problems.push_back(read.error());
  return {};
}

std::optional<std::int64_t> elapsed(std::string_view text, Problems& problems) {
  if (text.empty()) return std::nullopt;
  return value_or_problem(calendar::parse_elapsed(text), problems);
}

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
  Send send;
  send.channel = std::move(channel);
  send.template_name = options.template_name;
  send.data = data_of(options.data);
  if (!options.at.empty()) {
    send.at_ms = value_or_problem(calendar::parse_time_of_day(options.at), problems_);
  }
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
  if (!options.days.empty()) {
    form.days = value_or_problem(calendar::parse_weekdays(options.days), problems_);
  }
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
  if (!options.days.empty()) {
    form.days = value_or_problem(calendar::parse_weekdays(options.days), problems_);
  }
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
  Retry retry{.times = options.retry};
  if (const auto after_ms = elapsed(options.retry_after, problems_)) retry.after_ms = *after_ms;
  add(options, Call{std::move(name), data_of(options.data), answer_of(options), retry});
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

CampaignBuilder::CampaignBuilder(std::string name) { campaign_.name = std::move(name); }

CampaignBuilder& CampaignBuilder::version(std::uint32_t version) {
  campaign_.version = version;
  return *this;
}

CampaignBuilder& CampaignBuilder::topic(std::string topic) {
  campaign_.topic = std::move(topic);
  return *this;
}

CampaignBuilder& CampaignBuilder::priority(std::uint32_t priority) {
  campaign_.priority = priority;
  return *this;
}

CampaignBuilder& CampaignBuilder::zone(std::string zone) {
  campaign_.zone = std::move(zone);
  return *this;
}

CampaignBuilder& CampaignBuilder::note(std::string note) {
  campaign_.note = std::move(note);
  return *this;
}

CampaignBuilder& CampaignBuilder::on_event(std::string event, const EntryOptions& options) {
  Entry entry;
  entry.kind = Entry::Kind::event;
  entry.event = std::move(event);
  entry.when = expression(options.when);
  entry.key = expression(options.key);
  campaign_.entries.push_back(std::move(entry));
  return *this;
}

CampaignBuilder& CampaignBuilder::by_host() {
  Entry entry;
  entry.kind = Entry::Kind::host;
  campaign_.entries.push_back(std::move(entry));
  return *this;
}

CampaignBuilder& CampaignBuilder::enter_by_segment(std::string segment,
                                                   const SegmentEntryOptions& options) {
  Entry entry;
  entry.kind = Entry::Kind::segment;
  entry.segment = std::move(segment);
  entry.change = options.change;
  entry.existing = options.existing;
  entry.ramp = options.ramp;
  entry.when = expression(options.when);
  entry.key = expression(options.key);
  campaign_.entries.push_back(std::move(entry));
  return *this;
}

void CampaignBuilder::set_time(Entry& entry, const std::string& at) {
  if (!at.empty()) entry.at_ms = value_or_problem(calendar::parse_time_of_day(at), problems_);
}

CampaignBuilder& CampaignBuilder::enter_by_date(std::string cel, const DateEntryOptions& options) {
  Entry entry;
  entry.kind = Entry::Kind::date;
  entry.date = expression(std::move(cel));
  entry.yearly = options.yearly;
  if (!options.offset.empty()) {
    entry.offset = value_or_problem(calendar::parse_period(options.offset, true), problems_);
  }
  set_time(entry, options.at);
  entry.zone = options.zone;
  entry.when = expression(options.when);
  entry.key = expression(options.key);
  campaign_.entries.push_back(std::move(entry));
  return *this;
}

CampaignBuilder& CampaignBuilder::enter_by_schedule(std::string recurrence,
                                                    const ScheduleEntryOptions& options) {
  Entry entry;
  entry.kind = Entry::Kind::schedule;
  entry.schedule = std::move(recurrence);
  entry.segment = options.segment;
  set_time(entry, options.at);
  entry.zone = options.zone;
  entry.from = options.from;
  entry.ramp = options.ramp;
  entry.when = expression(options.when);
  entry.key = expression(options.key);
  campaign_.entries.push_back(std::move(entry));
  return *this;
}

CampaignBuilder& CampaignBuilder::entry_cap(const EntryCap& cap) {
  campaign_.entry_cap = cap;
  return *this;
}

CampaignBuilder& CampaignBuilder::reentry_never() {
  campaign_.reentry = {.kind = Reentry::Kind::never};
  return *this;
}

CampaignBuilder& CampaignBuilder::reentry_after(std::string_view duration, bool since_entry) {
  const std::int64_t after_ms = value_or_problem(calendar::parse_elapsed(duration), problems_);
  campaign_.reentry = {Reentry::Kind::after, after_ms, since_entry};
  return *this;
}

CampaignBuilder& CampaignBuilder::while_running(WhileRunning what) {
  campaign_.while_running = what;
  return *this;
}

CampaignBuilder& CampaignBuilder::goal(std::string name, const GoalOptions& options) {
  Goal goal;
  goal.name = std::move(name);
  goal.trigger = options.trigger;
  goal.when = expression(options.when);
  goal.value = expression(options.value);
  goal.within_ms = elapsed(options.within, problems_);
  goal.exits = options.exits;
  campaign_.goals.push_back(std::move(goal));
  return *this;
}

CampaignBuilder& CampaignBuilder::exit_on(const Trigger& trigger, std::string when) {
  campaign_.exits.push_back({trigger, expression(std::move(when)), SourceLocation{}});
  return *this;
}

CampaignBuilder& CampaignBuilder::steps(const Sequence& steps) {
  campaign_.steps.insert(campaign_.steps.end(), steps.steps_.begin(), steps.steps_.end());
  problems_.insert(problems_.end(), steps.problems_.begin(), steps.problems_.end());
  return *this;
}

Result<Campaign> CampaignBuilder::build() const {
  std::vector<Error> problems = problems_;
  const bool too_deep = model::nested_deeper_than(campaign_.steps, model::nesting_max);
  if (too_deep) {
    problems.push_back({ErrorCode::too_large, fmt::format("steps nest deeper than {} lists: use "
                                                          "go_to() instead of nesting",
                                                          model::nesting_max)});
  }
  if (!problems.empty()) {
    Error error{problems.front().code, fmt::format("campaign '{}':", campaign_.name)};
    for (const Error& problem : problems) error.message += "\n  " + problem.message;
    return error;
  }
  Campaign campaign = campaign_;
  model::name_steps(campaign);
  return campaign;
}

}  // namespace itinera
