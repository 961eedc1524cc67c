// SPDX-License-Identifier: Apache-2.0
#include "itinera/campaign_builder.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/percent.hpp"
#include "calendar/text.hpp"
#include "model/graph.hpp"
#include "model/sequence.hpp"
#include "model/walk.hpp"

namespace itinera {

using model::elapsed;
using model::expression;
using model::value_or_problem;

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

CampaignBuilder& CampaignBuilder::holdout(std::string_view percent, std::string seed) {
  campaign_.holdout = {value_or_problem(base::parse_percent(percent), problems_), std::move(seed)};
  return *this;
}

CampaignBuilder& CampaignBuilder::exclusive(std::string group) {
  campaign_.exclusive = std::move(group);
  return *this;
}

CampaignBuilder& CampaignBuilder::brake(std::string_view failed, std::uint32_t of) {
  campaign_.brake = Brake{value_or_problem(base::parse_percent(failed), problems_), of};
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
