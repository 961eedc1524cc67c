// SPDX-License-Identifier: Apache-2.0
#include "itinera/campaign_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "base/nearest.hpp"
#include "model/checks.hpp"
#include "model/walk.hpp"

namespace itinera {
namespace model {

void Findings::error(ErrorCode code, const SourceLocation& at, std::string message,
                     std::string hint) {
  found_.push_back({Severity::error, code, at, std::move(message), std::move(hint)});
}

void Findings::warning(ErrorCode code, const SourceLocation& at, std::string message,
                       std::string hint) {
  found_.push_back({Severity::warning, code, at, std::move(message), std::move(hint)});
}

std::string Findings::did_you_mean(std::string_view name, std::span<const std::string> known) {
  if (suggestions_left_ == 0) return {};
  --suggestions_left_;
  return base::did_you_mean(name, known);
}

void Findings::unknown_name(const SourceLocation& at, std::string_view kind, std::string_view name,
                            std::span<const std::string> known) {
  std::string hint = did_you_mean(name, known);
  if (hint.empty() && known.empty()) {
    hint = fmt::format("there is no {} at all", kind);
  } else if (hint.empty() && known.size() <= 10) {
    hint = fmt::format("there is: {}", fmt::join(known, ", "));
  }
  error(ErrorCode::unknown_name, at, fmt::format("there is no {} '{}'", kind, name),
        std::move(hint));
}

bool Findings::name(const SourceLocation& at, std::string_view kind, std::string_view name,
                    std::uint32_t bytes_max) {
  if (name.empty()) {
    error(ErrorCode::missing_key, at, fmt::format("a {} needs a name", kind));
    return false;
  }
  if (name.size() > bytes_max) {
    error(ErrorCode::too_large, at,
          fmt::format("the name of a {} has {} bytes, more than {}", kind, name.size(), bytes_max),
          "use a short name, and `note` for the rest");
    return false;
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(name.begin(), name.end(), control)) {
    error(ErrorCode::bad_value, at, fmt::format("the name of a {} holds a control character", kind),
          "names are one line of printable text");
    return false;
  }
  return true;
}

Diagnostics Findings::take() {
  // Sorted by place and number. std::stable_sort would do, but libstdc++'s makes clang warn.
  std::vector<std::size_t> order(found_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto place = [this](std::size_t i) {
    const SourceLocation& at = found_[i].location;
    return std::tuple(std::string_view(at.file), at.line, at.column, i);
  };
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
  Diagnostics sorted;
  for (const std::size_t i : order) sorted.push_back(std::move(found_[i]));
  found_.clear();
  return sorted;
}

void check_zone(const SourceLocation& at, std::string_view name, const ZoneTable* zones,
                Findings& findings) {
  if (zones == nullptr || name.empty() || zones->find(name)) return;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < zones->size(); ++i) {
    names.push_back(zones->name(static_cast<ZoneIndex>(i)));
  }
  std::string hint = findings.did_you_mean(name, names);
  if (hint.empty()) hint = "write a name of the IANA database, such as Europe/Warsaw";
  findings.error(ErrorCode::bad_value, at, fmt::format("there is no zone '{}'", name),
                 std::move(hint));
}

std::string title_of(const Step& step) { return fmt::format("step '{}'", step.id); }

void check_trigger(const Trigger& trigger, const Limits& limits, Findings& findings) {
  switch (trigger.kind) {
    case Trigger::Kind::event:
      findings.name(trigger.at, "event", trigger.event, limits.id_bytes);
      break;
    case Trigger::Kind::receipt: break;  // its step is a matter of the graph
    case Trigger::Kind::condition:
      if (trigger.condition.empty()) {
        findings.error(ErrorCode::missing_key, trigger.at, "a condition is empty",
                       "write CEL, such as contact.tier == \"gold\"");
      }
      break;
  }
}

namespace {

constexpr std::uint32_t priority_max = 100;

void check_workspace(const Workspace& workspace, const Limits& limits, const ZoneTable* zones,
                     Findings& findings) {
  findings.name(workspace.at, "workspace", workspace.name, limits.id_bytes);
  check_zone(place_of(workspace.words, "zone", workspace.at), workspace.zone, zones, findings);
  std::set<std::string_view> channels;
  for (const Channel& channel : workspace.channels) {
    if (!findings.name(channel.at, "channel", channel.name, limits.id_bytes)) continue;
    if (!channels.insert(channel.name).second) {
      findings.error(ErrorCode::duplicate_name, channel.at,
                     fmt::format("channel '{}' is declared twice", channel.name));
    }
    if (channel.address.empty()) {
      findings.error(ErrorCode::missing_key, channel.at,
                     fmt::format("channel '{}' has no address", channel.name),
                     "say where it reaches a contact, such as `address: contact.email`");
    }
  }
  std::set<std::string_view> topics;
  for (const std::string& topic : workspace.topics) {
    if (!findings.name(workspace.at, "topic", topic, limits.id_bytes)) continue;
    if (!topics.insert(topic).second) {
      findings.error(ErrorCode::duplicate_name, workspace.at,
                     fmt::format("topic '{}' is listed twice", topic));
    }
  }
  if (workspace.min_loop_wait_ms < 1) {
    findings.error(ErrorCode::bad_value, workspace.at, "min_loop_wait must be at least 1ms",
                   "a loop that never waits never ends; the default is 1m");
  }
  if (workspace.dedupe_ms < 0) {
    findings.error(ErrorCode::bad_value, workspace.at, "dedupe cannot be negative");
  }
}

void check_entries(const Subject& subject, Findings& findings) {
  const Campaign& campaign = subject.campaign;
  if (campaign.entries.empty()) {
    findings.error(ErrorCode::missing_key, campaign.at,
                   fmt::format("campaign '{}' has no entry: nobody can come in", campaign.name),
                   "add one, such as `entry: [{event: cart_abandoned}]`");
  }
  bool by_host = false;
  for (const Entry& entry : campaign.entries) {
    if (entry.kind == Entry::Kind::event) {
      findings.name(entry.at, "event", entry.event, subject.limits.id_bytes);
      continue;
    }
    if (by_host) {
      findings.warning(ErrorCode::suspicious, entry.at, "a second `host` entry changes nothing");
    }
    by_host = true;
    if (!entry.when.empty() || !entry.key.empty()) {
      findings.error(ErrorCode::bad_value, entry.at, "a `host` entry takes neither when nor key",
                     "the call that starts the journey gives its key");
    }
  }
  if (campaign.reentry.kind == Reentry::Kind::after && campaign.reentry.after_ms <= 0) {
    findings.error(ErrorCode::bad_value, campaign.at, "`reentry: after` needs a positive duration",
                   "write `reentry: after 7d`, or `always`");
  }
}

bool reached_by_step(const Subject& subject, const Goal& goal) {
  return std::any_of(subject.graph.nodes.begin(), subject.graph.nodes.end(), [&](const Node& node) {
    const auto* reach = std::get_if<ReachGoal>(&node.step->kind);
    return reach != nullptr && reach->goal == goal.name;
  });
}

void check_goal(const Subject& subject, const Goal& goal, Findings& findings) {
  if (goal.within_ms && *goal.within_ms <= 0) {
    findings.error(ErrorCode::bad_value, goal.at,
                   fmt::format("`within` of goal '{}' must be positive", goal.name));
  }
  if (goal.trigger) {
    check_trigger(*goal.trigger, subject.limits, findings);
    return;
  }
  if (!goal.when.empty()) {
    findings.error(ErrorCode::bad_value, goal.at,
                   fmt::format("goal '{}' has a `when` and nothing to ask it of", goal.name),
                   "name what reaches it: `event`, a receipt or `condition`");
  }
  if (goal.within_ms) {
    findings.warning(ErrorCode::suspicious, goal.at,
                     fmt::format("`within` of goal '{}' changes nothing: only a step reaches it, "
                                 "and steps end with the journey",
                                 goal.name));
  }
  if (!reached_by_step(subject, goal)) {
    findings.warning(ErrorCode::suspicious, goal.at,
                     fmt::format("nothing reaches goal '{}'", goal.name),
                     fmt::format("name what does, such as `event: order_placed`, or add a step "
                                 "`goal: {}`",
                                 goal.name));
  }
}

void check_goals_and_exits(const Subject& subject, Findings& findings) {
  std::set<std::string_view> names;
  for (const Goal& goal : subject.campaign.goals) {
    if (!findings.name(goal.at, "goal", goal.name, subject.limits.id_bytes)) continue;
    if (!names.insert(goal.name).second) {
      findings.error(ErrorCode::duplicate_name, goal.at,
                     fmt::format("goal '{}' is declared twice", goal.name));
    }
    check_goal(subject, goal, findings);
  }
  for (const ExitRule& exit : subject.campaign.exits) {
    check_trigger(exit.trigger, subject.limits, findings);
  }
}

void check_head(const Subject& subject, Findings& findings) {
  const Campaign& campaign = subject.campaign;
  findings.name(campaign.at, "campaign", campaign.name, subject.limits.id_bytes);
  if (campaign.version < 1) {
    findings.error(ErrorCode::bad_value, campaign.at, "versions count from 1");
  }
  if (campaign.priority > priority_max) {
    findings.error(ErrorCode::bad_value, campaign.at,
                   fmt::format("priority {} is not in 0..{}", campaign.priority, priority_max));
  }
  check_zone(place_of(campaign.words, "zone", campaign.at), campaign.zone, subject.zones, findings);
  const auto& topics = subject.workspace.topics;
  if (!campaign.topic.empty() && !topics.empty() &&
      std::find(topics.begin(), topics.end(), campaign.topic) == topics.end()) {
    findings.unknown_name(campaign.at, "topic", campaign.topic, topics);
  }
  if (campaign.steps.empty()) {
    findings.warning(
        ErrorCode::suspicious, campaign.at,
        fmt::format("campaign '{}' has no steps: journeys end where they begin", campaign.name));
  }
}

// Whether the campaign is one that can be walked: neither too deep nor too long.
bool check_campaign(const Workspace& workspace, const Campaign& campaign, const Limits& limits,
                    const ZoneTable* zones, Findings& findings) {
  // The other parts walk as deep as the steps nest, so this comes first.
  if (nested_deeper_than(campaign.steps, nesting_max)) {
    findings.error(
        ErrorCode::too_large, campaign.at,
        fmt::format("steps of campaign '{}' nest deeper than {} lists", campaign.name, nesting_max),
        "use goto instead of nesting");
    return false;
  }
  const Graph graph = flatten(campaign);
  const Subject subject{workspace, campaign, graph, limits, zones};
  check_head(subject, findings);
  check_entries(subject, findings);
  check_goals_and_exits(subject, findings);
  std::size_t steps = 0;
  for_each_step(campaign.steps, [&](const Step&) { ++steps; });
  if (steps > limits.steps_per_campaign) {
    findings.error(ErrorCode::too_large, campaign.at,
                   fmt::format("campaign '{}' has {} steps, more than {}", campaign.name, steps,
                               limits.steps_per_campaign),
                   "divide it, or raise Limits::steps_per_campaign");
    return false;
  }
  check_steps(subject, findings);
  check_conditions(subject, findings);
  check_graph(subject, findings);
  check_missed_times(subject, findings);
  return true;
}

}  // namespace
}  // namespace model

Diagnostics check(const Workspace& workspace, std::span<const Campaign> campaigns,
                  const Limits& limits, const ZoneTable* zones) {
  model::Findings findings;
  model::check_workspace(workspace, limits, zones, findings);
  model::check_addresses(workspace, limits, findings);
  if (campaigns.size() > limits.campaigns) {
    findings.error(
        ErrorCode::too_large, campaigns[limits.campaigns].at,
        fmt::format("there are {} campaigns, more than {}", campaigns.size(), limits.campaigns));
    campaigns = campaigns.first(limits.campaigns);
  }
  struct Version {
    const Campaign* campaign = nullptr;
    bool walkable = false;
  };
  std::map<std::pair<std::string_view, std::uint32_t>, Version> versions;
  for (const Campaign& campaign : campaigns) {
    const bool walkable = model::check_campaign(workspace, campaign, limits, zones, findings);
    const auto key = std::pair(std::string_view(campaign.name), campaign.version);
    if (!versions.emplace(key, Version{&campaign, walkable}).second) {
      findings.error(
          ErrorCode::duplicate_name, campaign.at,
          fmt::format("campaign '{}' version {} is there twice", campaign.name, campaign.version),
          "give the newer one a higher version");
    }
  }
  Version older;
  for (const auto& [key, newer] : versions) {
    if (older.walkable && newer.walkable && older.campaign->name == newer.campaign->name) {
      model::check_moved_steps(*older.campaign, *newer.campaign, findings);
    }
    older = newer;
  }
  return findings.take();
}

}  // namespace itinera
