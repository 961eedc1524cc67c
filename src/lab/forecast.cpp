// SPDX-License-Identifier: Apache-2.0
#include "itinera/forecast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "base/draws.hpp"
#include "base/zone_table.hpp"
#include "calendar/civil.hpp"
#include "calendar/text.hpp"
#include "itinera/story.hpp"
#include "lab/made_up.hpp"
#include "model/walk.hpp"

namespace itinera {
namespace {

constexpr std::uint32_t forecast_contacts_max = 100'000;
constexpr std::int64_t horizon_ms = 3'653 * day_ms;  // ten years
constexpr std::uint64_t rounds_max = 1'000'000;      // instants, for campaigns that never rest

// The campaign alone, with every door but the host's shut.
struct Scene {
  Workspace workspace;
  Campaign campaign;
  std::optional<Ramp> ramp;  // by which contacts come
};

// What an account sent on one of its dates.
struct Sent {
  std::uint64_t all = 0;
  std::uint64_t of_step = 0;
  std::map<std::string, std::uint64_t> operations;
};

// What is heard of one run.
struct Passing {
  std::vector<Instant> at;  // of those who passed, in order
  std::uint64_t ended = 0;
  Instant until;
  std::map<std::pair<std::string, std::string>, Sent> sent;  // by account and date
};

std::string id_of(std::uint32_t contact) { return fmt::format("u{}", contact + 1); }

const Step* find_step(const Campaign& campaign, const std::string& id) {
  const Step* found = nullptr;
  model::for_each_step(campaign.steps, [&](const Step& step) {
    const auto* const send = std::get_if<Send>(&step.kind);
    const bool meant = id.empty() ? send != nullptr && !send->senders.empty() : step.id == id;
    if (found == nullptr && meant) found = &step;
  });
  return found;
}

std::string date_at(const ZoneTable& zones, ZoneIndex zone, Instant t) {
  return calendar::to_text(calendar::to_local(zones, zone, t).date);
}

// One run of the engine, until all have passed the step or their journeys have ended.
class Run {
 public:
  Run(const Scene& scene, const SimulationPlan& world, const std::string& step, Engine engine,
      const ZoneTable& zones)
      : scene_(scene), world_(world), step_(step), engine_(std::move(engine)), zones_(zones) {}

  Result<Passing> run(Instant until) {
    const Campaign* const campaign = &scene_.campaign;
    if (auto done = engine_.publish(scene_.workspace, std::span(campaign, 1), world_.start);
        !done) {
      return done.error();
    }
    zone_ = zones_.find(scene_.workspace.zone).value_or(ZoneIndex::utc);
    Instant next = world_.start;
    std::uint32_t come = 0;
    while (next <= until && made_.at.size() + made_.ended < world_.contacts &&
           rounds_++ < rounds_max) {
      if (come < world_.contacts && next == comes_at(come)) {
        const std::uint32_t end = group_end(come);
        for (; come < end; ++come) enter(come, next);
      }
      engine_.advance_to(next);
      if (auto done = take(); !done) return done.error();
      made_.until = next;
      next = deadline_.value_or(until + 1);
      if (come < world_.contacts) next = std::min(next, comes_at(come));
    }
    return std::move(made_);
  }

 private:
  [[nodiscard]] std::uint32_t group_size() const {
    return scene_.ramp ? std::max(scene_.ramp->max, 1U) : world_.contacts;
  }
  [[nodiscard]] Instant comes_at(std::uint32_t contact) const {
    const std::int64_t group = contact / group_size();
    return world_.start + (scene_.ramp ? group * scene_.ramp->per_ms : 0);
  }
  [[nodiscard]] std::uint32_t group_end(std::uint32_t contact) const {
    return std::min(world_.contacts, contact / group_size() * group_size() + group_size());
  }

  // A contact with all that the world gives it, and with every consent.
  void enter(std::uint32_t contact, Instant at) {
    base::Draws draws(base::Draws::mixed(world_.seed, contact));
    const std::string number = fmt::format("{}", contact + 1);
    const std::string id = id_of(contact);
    const Properties attributes = lab::drawn(world_.attributes, number, draws);
    std::vector<Consent> consents;
    for (const Channel& channel : scene_.workspace.channels) {
      consents.push_back({.channel = channel.name, .source = "forecast"});
    }
    Identify identify;
    identify.contact = id;
    identify.envelope.received = at;
    identify.attributes = attributes;
    identify.history = HistoryKnown::complete;
    identify.consents = consents;
    Properties properties;
    for (const SimulatedEvent& event : world_.events) {
      for (Property& each : lab::drawn(event.properties, number, draws)) {
        properties.push_back(std::move(each));
      }
    }
    Enter enter;
    enter.campaign = scene_.campaign.name;
    enter.contact = id;
    enter.envelope.received = at;
    enter.properties = properties;
    const Input inputs[] = {identify, enter};
    if (!engine_.feed(inputs).empty()) ++made_.ended;
  }

  Result<void> take() {
    const Output output = engine_.take_output();
    deadline_ = output.next_deadline;
    for (const Action& action : output.actions) {
      if (action.sender.empty()) continue;
      const std::string date = date_at(zones_, zone_of(action.sender), action.at);
      Sent& sent = made_.sent[{std::string(action.sender), date}];
      ++sent.all;
      ++sent.operations[std::string(action.operation)];
      if (action.step == step_) ++sent.of_step;
    }
    std::span<const std::byte> journal = output.journal;
    while (!journal.empty()) {
      const Result<Chapter> chapter = story_.next(journal);
      if (!chapter) return chapter.error();
      for (const Happening& each : chapter->happenings) note(each);
    }
    return {};
  }

  void note(const Happening& each) {
    const bool passes = each.what == "emitted" && each.step == step_;
    const bool ends = each.what == "finished" || each.what == "exited" ||
                      each.what == "refused_entry" || each.what == "missing_key";
    if (passes && passed_.emplace(each.contact).second) made_.at.push_back(each.at);
    if (ends && !passed_.contains(std::string(each.contact))) ++made_.ended;
  }

  [[nodiscard]] ZoneIndex zone_of(std::string_view sender) const {
    for (const Sender& each : scene_.workspace.senders) {
      if (each.name == sender && !each.zone.empty()) return zones_.find(each.zone).value_or(zone_);
    }
    return zone_;
  }

  const Scene& scene_;
  const SimulationPlan& world_;
  const std::string& step_;
  Engine engine_;
  const ZoneTable& zones_;
  ZoneIndex zone_ = ZoneIndex::utc;
  Story story_;
  Passing made_;
  std::set<std::string, std::less<>> passed_;
  std::optional<Instant> deadline_;
  std::uint64_t rounds_ = 0;
};

// Takes one limit away. False: there is none.
struct Lift {
  std::string name;
  std::function<bool(Scene&)> take_away;
};

template <class List>
bool clear(List& list) {
  const bool had = !list.empty();
  list.clear();
  return had;
}

std::vector<Lift> lifts_of(const Workspace& workspace) {
  std::vector<Lift> lifts;
  std::set<std::string> operations;
  for (const Sender& sender : workspace.senders) {
    for (const Quota& quota : sender.quotas) operations.insert(quota.operation);
  }
  for (const std::string& operation : operations) {
    lifts.push_back({operation.empty() ? "quota of all messages" : "quota " + operation,
                     [operation](Scene& scene) {
                       std::size_t gone = 0;
                       for (Sender& sender : scene.workspace.senders) {
                         gone += std::erase_if(sender.quotas, [&](const Quota& quota) {
                           return quota.operation == operation;
                         });
                       }
                       return gone > 0;
                     }});
  }
  const auto of_senders = [&](const char* name, bool (*lift)(Sender&)) {
    lifts.push_back({name, [lift](Scene& scene) {
                       bool had = false;
                       for (Sender& sender : scene.workspace.senders) had = lift(sender) || had;
                       return had;
                     }});
  };
  of_senders("warm-up", [](Sender& sender) { return clear(sender.warm_up); });
  of_senders("hours of the senders",
             [](Sender& sender) { return std::exchange(sender.hours, std::nullopt).has_value(); });
  of_senders("rate", [](Sender& sender) {
    sender.rate_per_ms = 0;
    return std::exchange(sender.rate, 0U) != 0;
  });
  of_senders("pace", [](Sender& sender) {
    sender.pace_from_ms = 0;
    return std::exchange(sender.pace_to_ms, 0) != 0;
  });
  lifts.push_back({"ramp of the entry", [](Scene& scene) {
                     return std::exchange(scene.ramp, std::nullopt).has_value();
                   }});
  lifts.push_back({"entry cap", [](Scene& scene) {
                     const EntryCap had = std::exchange(scene.campaign.entry_cap, {});
                     return had.total.has_value() || had.day.has_value();
                   }});
  lifts.push_back(
      {"quiet hours", [](Scene& scene) { return clear(scene.workspace.policy.quiet_hours); }});
  lifts.push_back(
      {"frequency caps", [](Scene& scene) { return clear(scene.workspace.policy.caps); }});
  return lifts;
}

// Without what is not supposed: other campaigns' groups, holdouts.
Scene scene_of(const Workspace& workspace, const Campaign& campaign) {
  Scene scene{workspace, campaign, {}};
  for (const Entry& entry : campaign.entries) {
    if (entry.ramp && !scene.ramp) scene.ramp = entry.ramp;
  }
  Entry host;
  host.kind = Entry::Kind::host;
  host.at = campaign.entries.empty() ? SourceLocation{} : campaign.entries.front().at;
  scene.campaign.entries = {host};
  scene.campaign.holdout = {};
  scene.workspace.policy.holdout = {};
  return scene;
}

Result<Passing> pass(const Scene& scene, const SimulationPlan& world, const std::string& step,
                     const EngineOptions& options, Instant until) {
  Result<Engine> engine = Engine::create(options);
  if (!engine) return engine.error();
  return Run(scene, world, step, std::move(*engine), *options.zones).run(until);
}

// Whether the account has sent as many as it may on its `nth` day.
bool is_full(const Sender& sender, const Sent& sent, std::size_t nth) {
  const auto count = [&](const std::string& operation) {
    const auto found = sent.operations.find(operation);
    return operation.empty() ? sent.all : found == sent.operations.end() ? 0 : found->second;
  };
  if (nth < sender.warm_up.size() && sent.all >= sender.warm_up[nth]) return true;
  return std::any_of(sender.quotas.begin(), sender.quotas.end(),
                     [&](const Quota& quota) { return count(quota.operation) >= quota.max; });
}

void fill_days(const Scene& scene, const Passing& made, const ZoneTable& zones, ZoneIndex zone,
               Forecast& forecast) {
  std::map<std::string, ForecastDay> days;
  const std::size_t senders = forecast.senders.size();
  const auto day_at = [&](const std::string& date) -> ForecastDay& {
    ForecastDay& day = days[date];
    day.date = date;
    day.sent.resize(senders);
    day.full.resize(senders);
    return day;
  };
  for (const Instant at : made.at) ++day_at(date_at(zones, zone, at)).passed;
  std::vector<std::size_t> worked(senders);
  for (const auto& [who, sent] : made.sent) {  // by sender, then by date
    const auto at = std::find(forecast.senders.begin(), forecast.senders.end(), who.first);
    if (at == forecast.senders.end()) continue;
    const auto place = static_cast<std::size_t>(at - forecast.senders.begin());
    const auto rules = std::find_if(scene.workspace.senders.begin(), scene.workspace.senders.end(),
                                    [&](const Sender& each) { return each.name == who.first; });
    const std::size_t nth = worked[place]++;
    if (sent.of_step == 0 || rules == scene.workspace.senders.end()) continue;
    ForecastDay& day = day_at(who.second);
    day.sent[place] = sent.of_step;
    day.full[place] = is_full(*rules, sent, nth);
  }
  for (auto& [date, day] : days) forecast.days.push_back(std::move(day));
}

bool is_asked_for(const Campaign& campaign, const ForecastQuestion& question) {
  const bool named = question.campaign.empty() || campaign.name == question.campaign;
  return named && find_step(campaign, question.step) != nullptr;
}

// Of each name the highest version, whatever stood in those before.
const Campaign* campaign_of(std::span<const Campaign> campaigns, const ForecastQuestion& question) {
  std::map<std::string_view, const Campaign*> highest;
  for (const Campaign& each : campaigns) {
    const Campaign*& known = highest[each.name];
    if (known == nullptr || each.version > known->version) known = &each;
  }
  for (const auto& [name, campaign] : highest) {
    if (is_asked_for(*campaign, question)) return campaign;
  }
  return nullptr;
}

Error not_found(std::span<const Campaign> campaigns, const ForecastQuestion& question) {
  const std::string where = question.campaign.empty()
                                ? "no campaign"
                                : fmt::format("no campaign '{}'", question.campaign);
  const std::string what = question.step.empty() ? "a send that names its senders"
                                                 : fmt::format("a step '{}'", question.step);
  const bool had = std::any_of(campaigns.begin(), campaigns.end(),
                               [&](const Campaign& each) { return is_asked_for(each, question); });
  return {ErrorCode::invalid_argument,
          fmt::format("there is {} with {}{}\n  hint: name one by --campaign and --step", where,
                      what, had ? " in its highest version" : "")};
}

// When they pass, and how many on which date by which account.
template <class When>
std::string days_of(const Forecast& forecast, When when) {
  std::string out;
  out += fmt::format("  the first   {}\n  half        {}\n  the last    {}\n",
                     when(*forecast.first), when(*forecast.half), when(*forecast.last));
  const auto width = [](const std::string& name) {
    return std::max<std::size_t>(name.size() + 3, 10);
  };
  out += fmt::format("\n{:<12}{:>10}", "date", "passed");
  for (const std::string& name : forecast.senders) out += fmt::format("{:>{}} ", name, width(name));
  out.erase(out.find_last_not_of(' ') + 1);
  bool any_full = false;
  for (const ForecastDay& day : forecast.days) {
    out += fmt::format("\n{:<12}{:>10}", day.date, day.passed);
    for (std::size_t i = 0; i < forecast.senders.size(); ++i) {
      out +=
          fmt::format("{:>{}}{}", day.sent[i], width(forecast.senders[i]), day.full[i] ? '*' : ' ');
      any_full = any_full || day.full[i];
    }
    out.erase(out.find_last_not_of(' ') + 1);
  }
  out += any_full ? "\n* as many as the account may send on that day\n" : "\n";
  return out;
}

}  // namespace

Result<Forecast> forecast(const Workspace& workspace, std::span<const Campaign> campaigns,
                          const SimulationPlan& world, const ForecastQuestion& question,
                          const EngineOptions& options) {
  if (world.contacts == 0 || world.contacts > forecast_contacts_max) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("`contacts` goes from 1 to {}", forecast_contacts_max)};
  }
  if (options.zones == nullptr) return Error{ErrorCode::invalid_argument, "there are no zones"};
  const Campaign* const campaign = campaign_of(campaigns, question);
  if (campaign == nullptr) return not_found(campaigns, question);
  const Step& step = *find_step(*campaign, question.step);
  const auto* const send = std::get_if<Send>(&step.kind);
  if (send == nullptr && model::answer_of(step) == nullptr) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("step '{}' is no send, call or task", step.id)};
  }

  const Scene scene = scene_of(workspace, *campaign);
  Result<Passing> made = pass(scene, world, step.id, options, world.start + horizon_ms);
  if (!made) return made.error();
  Forecast result;
  result.campaign = campaign->name;
  result.step = step.id;
  result.start = world.start;
  result.contacts = world.contacts;
  result.passed = made->at.size();
  result.ended = made->ended;
  result.until = made->until;
  if (!made->at.empty()) {
    result.first = made->at.front();
    result.half = made->at[(made->at.size() - 1) / 2];
    result.last = made->at.back();
  }
  if (send != nullptr) result.senders = send->senders;
  const std::optional<ZoneIndex> zone = options.zones->find(workspace.zone);
  result.zone = zone ? workspace.zone : "UTC";
  fill_days(scene, *made, *options.zones, zone.value_or(ZoneIndex::utc), result);

  // Where some are left over, what holds them up may take as long as there is.
  const bool all = result.passed + result.ended == result.contacts;
  const Instant until = all ? result.until : world.start + horizon_ms;
  for (const Lift& lift : lifts_of(workspace)) {
    Scene without = scene;
    if (!lift.take_away(without)) continue;
    const Result<Passing> other = pass(without, world, step.id, options, until);
    if (!other) return other.error();
    const bool more = other->at.size() > result.passed;
    const bool sooner =
        other->at.size() == result.passed && result.last && other->at.back() < *result.last;
    if (!more && !sooner) continue;
    result.limits.push_back({lift.name, other->at.size(), other->at.back()});
  }
  std::stable_sort(result.limits.begin(), result.limits.end(),
                   [](const ForecastLimit& a, const ForecastLimit& b) {
                     return a.passed != b.passed ? a.passed > b.passed : *a.last < *b.last;
                   });
  return result;
}

std::string to_text(const Forecast& forecast, const ZoneTable& zones) {
  const ZoneIndex zone = zones.find(forecast.zone).value_or(ZoneIndex::utc);
  const auto when = [&](Instant t) {
    const calendar::LocalTime local = calendar::to_local(zones, zone, t);
    return fmt::format("{} {:02}:{:02}", calendar::to_text(local.date), local.ms_of_day / 3'600'000,
                       local.ms_of_day / 60'000 % 60);
  };
  std::string out = fmt::format("{}, step {}: {} of {} contacts pass, from {} on ({})\n",
                                forecast.campaign, forecast.step, forecast.passed,
                                forecast.contacts, when(forecast.start), forecast.zone);
  if (forecast.ended > 0) out += fmt::format("{} end without it\n", forecast.ended);
  const std::uint64_t open = forecast.contacts - forecast.passed - forecast.ended;
  if (open > 0) out += fmt::format("{} have not come so far by {}\n", open, when(forecast.until));
  if (forecast.last) out += days_of(forecast, when);
  if (forecast.limits.empty()) return out + "\nno limit alone makes it take longer\n";
  out += fmt::format("\n{:<26}the last would pass\n", "without the");
  for (const ForecastLimit& limit : forecast.limits) {
    out += fmt::format("{:<26}{}", limit.name, when(*limit.last));
    if (limit.passed != forecast.passed) out += fmt::format(", {} of them", limit.passed);
    out += '\n';
  }
  return out;
}

}  // namespace itinera
