// SPDX-License-Identifier: Apache-2.0
#include "itinera/campaign_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "base/nearest.hpp"
#include "calendar/text.hpp"
#include "model/checks.hpp"
#include "model/condition_check.hpp"
#include "model/receipts.hpp"
#include "model/walk.hpp"

namespace itinera {
namespace model {

void Findings::error(ErrorCode code, const SourceLocation& at, std::string message,
                     std::string hint) {
  any_error_ = true;
  found_.push_back({Severity::error, code, at, std::move(message), std::move(hint)});
}

void Findings::warning(ErrorCode code, const SourceLocation& at, std::string message,
                       std::string hint) {
  found_.push_back({Severity::warning, code, at, std::move(message), std::move(hint)});
}

void Findings::missing(const SourceLocation& at, std::string message, std::string hint) {
  if (!gaps_) error(ErrorCode::missing_key, at, std::move(message), std::move(hint));
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
  } else if (hint.empty()) {
    hint = fmt::format("none of the {} that there are is like it", known.size());
  }
  error(ErrorCode::unknown_name, at, fmt::format("there is no {} '{}'", kind, name),
        std::move(hint));
}

namespace {

std::string with_article(std::string_view kind) {
  const bool vowel = kind.find_first_of("aeiou") == 0;
  return fmt::format("{} {}", vowel ? "an" : "a", kind);
}

}  // namespace

bool Findings::name(const SourceLocation& at, std::string_view kind, std::string_view name,
                    std::uint32_t bytes_max) {
  if (name.empty()) {
    missing(at, fmt::format("{} needs a name", with_article(kind)));
    return false;
  }
  if (name.size() > bytes_max) {
    error(ErrorCode::too_large, at,
          fmt::format("the name of {} has {} bytes, more than {}", with_article(kind), name.size(),
                      bytes_max),
          "use a short name, and `note` for the rest");
    return false;
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(name.begin(), name.end(), control)) {
    error(ErrorCode::bad_value, at,
          fmt::format("the name of {} holds a control character", with_article(kind)),
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
  for (std::size_t i = 0; findings.may_suggest() && i < zones->size(); ++i) {
    names.push_back(zones->name(static_cast<ZoneIndex>(i)));
  }
  std::string hint = findings.did_you_mean(name, names);
  if (hint.empty()) hint = "write a name of the IANA database, such as Europe/Warsaw";
  findings.error(ErrorCode::bad_value, at, fmt::format("there is no zone '{}'", name),
                 std::move(hint));
}

void check_topic(const Subject& subject, const SourceLocation& at, const std::string& topic,
                 Findings& findings) {
  if (topic.empty() || !findings.name(at, "topic", topic, subject.limits.id_bytes)) return;
  const std::vector<std::string>& topics = subject.workspace.topics;
  if (topics.empty() || subject.workspace_gaps.topics) return;
  if (std::find(topics.begin(), topics.end(), topic) == topics.end()) {
    findings.unknown_name(at, "topic", topic, topics);
  }
}

std::string title_of(const Step& step) { return fmt::format("step '{}'", step.id); }

void check_trigger(const Trigger& trigger, const Limits& limits, Findings& findings) {
  const bool by_event = trigger.kind == Trigger::Kind::event;
  if (trigger.account && !by_event &&
      (trigger.kind != Trigger::Kind::receipt || trigger.step != "any")) {
    findings.error(ErrorCode::bad_value, trigger.at,
                   "of an account only an event or a receipt of any step is heard",
                   "write `account: replied`, or the name of an event");
  }
  if (trigger.account && by_event && receipt_from(trigger.event)) {
    findings.error(ErrorCode::bad_value, trigger.at,
                   fmt::format("of an account '{}' is a receipt, and no event", trigger.event),
                   "name the event otherwise, or await the receipt");
  }
  switch (trigger.kind) {
    case Trigger::Kind::event:
      findings.name(trigger.at, "event", trigger.event, limits.id_bytes);
      break;
    case Trigger::Kind::receipt: break;  // its step is a matter of the graph
    case Trigger::Kind::condition:
      if (trigger.condition.empty()) {
        findings.missing(trigger.at, "a condition is empty",
                         "write CEL, such as contact.tier == \"gold\"");
      }
      break;
    case Trigger::Kind::segment:
      findings.name(trigger.at, "segment", trigger.segment, limits.id_bytes);
      break;
  }
}

namespace {

constexpr std::uint32_t priority_max = 100;

// A name that is almost a word of triggers would be taken for that word misspelt.
void check_receipts(const Channel& channel, const Limits& limits, Findings& findings) {
  std::vector<std::string> words{"event", "condition", "segment", "change", "account",
                                 "when",  "as",        "steps",   "value",  "within",
                                 "exits", "then",      "else",    "since"};
  for (int i = 0; i < static_cast<int>(Receipt::declared); ++i) {
    words.emplace_back(name_of(static_cast<Receipt>(i)));
  }
  for (const std::string& name : channel.receipts) {
    if (!findings.name(channel.at, "receipt", name, limits.id_bytes)) continue;
    const bool taken = std::find(words.begin(), words.end(), name) != words.end();
    if (!taken && base::did_you_mean(name, words).empty()) continue;
    findings.error(ErrorCode::duplicate_name, channel.at,
                   fmt::format("channel '{}' declares the receipt '{}', which is {} a word that "
                               "every channel has",
                               channel.name, name, taken ? "" : "almost"),
                   "take another name");
  }
}

void check_workspace(const Workspace& workspace, const Limits& limits, const ZoneTable* zones,
                     Findings& findings) {
  const auto word = [&](std::string_view key) {
    return place_of(workspace.words, key, workspace.at);
  };
  findings.name(word("workspace"), "workspace", workspace.name, limits.id_bytes);
  check_zone(word("zone"), workspace.zone, zones, findings);
  if (workspace.channels.size() > workspace_channels_max) {
    findings.error(ErrorCode::too_large, workspace.channels[workspace_channels_max].at,
                   fmt::format("there are {} channels, more than {}", workspace.channels.size(),
                               workspace_channels_max),
                   "a channel is a way to reach a contact; divide the workspace");
  }
  std::set<std::string_view> channels;
  for (const Channel& channel : workspace.channels) {
    if (!findings.name(channel.at, "channel", channel.name, limits.id_bytes)) continue;
    if (!channels.insert(channel.name).second) {
      findings.error(ErrorCode::duplicate_name, channel.at,
                     fmt::format("channel '{}' is declared twice", channel.name),
                     "rename one of them");
    }
    check_receipts(channel, limits, findings);
    for (const std::string& device : channel.devices) {
      findings.name(channel.at, "device", device, limits.id_bytes);
    }
    if (!(channel.cost >= 0) || std::isinf(channel.cost)) {
      findings.error(ErrorCode::bad_value, channel.at,
                     fmt::format("channel '{}' costs less than nothing, or more than all there is",
                                 channel.name),
                     "write what one message costs, such as `cost: 0.04`");
    }
    if (channel.address.empty()) {
      findings.missing(channel.at, fmt::format("channel '{}' has no address", channel.name),
                       "say where it reaches a contact, such as `address: contact.email`");
    }
  }
  if (!ReceiptNumbers().add(workspace)) {
    findings.error(ErrorCode::too_large, word("channels"),
                   "the channels declare more receipts than an engine can tell apart",
                   "22 names are all there may be; say more in a report's `data`");
  }
  std::set<std::string_view> topics;
  for (const std::string& topic : workspace.topics) {
    if (!findings.name(word("topics"), "topic", topic, limits.id_bytes)) continue;
    if (!topics.insert(topic).second) {
      findings.error(ErrorCode::duplicate_name, word("topics"),
                     fmt::format("topic '{}' is listed twice", topic), "keep one of them");
    }
  }
  for (const std::string& date : workspace.holidays) {
    const Result<calendar::Date> read = calendar::parse_date(date);
    if (read) continue;
    const calendar::Complaint complaint = calendar::parts_of(read.error().message);
    findings.error(ErrorCode::bad_value, word("holidays"),
                   fmt::format("a holiday: {}", complaint.problem), std::string(complaint.remedy));
  }
  if (workspace.min_loop_wait_ms < 1) {
    findings.error(ErrorCode::bad_value, word("min_loop_wait"),
                   "`min_loop_wait` must be at least 1ms",
                   "a loop that never waits never ends; the default is 1m");
  }
  if (workspace.dedupe_ms < 0) {
    findings.error(ErrorCode::bad_value, word("dedupe"), "`dedupe` cannot be negative",
                   "write `dedupe: 7d`, or 0s for none");
  }
}

// Whether some step reaches the goal, as far as is known.
bool reached_by_step(const Subject& subject, const Goal& goal) {
  if (subject.gaps.steps || !subject.gaps.kindless.empty()) return true;
  return std::any_of(subject.graph.nodes.begin(), subject.graph.nodes.end(), [&](const Node& node) {
    const auto* reach = std::get_if<ReachGoal>(&node.step->kind);
    return reach != nullptr && (reach->goal == goal.name || reach->goal.empty());
  });
}

void check_goal(const Subject& subject, const Goal& goal, Findings& findings) {
  if (goal.within_ms && *goal.within_ms <= 0) {
    findings.error(ErrorCode::bad_value, goal.at,
                   fmt::format("`within` of goal '{}' must be positive", goal.name),
                   "write a duration, such as `within: 7d`");
  }
  if (goal.trigger) {
    check_trigger(*goal.trigger, subject.limits, findings);
    return;
  }
  if (subject.gaps.in(goal.at)) return;  // its trigger may be what could not be read
  if (!goal.when.empty()) {
    findings.error(ErrorCode::bad_value, goal.at,
                   fmt::format("goal '{}' has a `when` and nothing to ask it of", goal.name),
                   "name what reaches it: `event`, a receipt or `condition`");
  }
  if (goal.within_ms) {
    findings.warning(ErrorCode::suspicious, goal.at,
                     fmt::format("`within` of goal '{}' changes nothing: only a step reaches it, "
                                 "and steps end with the journey",
                                 goal.name),
                     "leave it out, or name what reaches the goal, such as `event: order_placed`");
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
  const std::vector<Goal>& goals = subject.campaign.goals;
  if (goals.size() > goals_max) {
    findings.error(ErrorCode::too_large, goals[goals_max].at,
                   fmt::format("campaign '{}' has {} goals, more than {}", subject.campaign.name,
                               goals.size(), goals_max),
                   "divide the campaign, or count what is no goal from the events themselves");
  }
  std::set<std::string_view> names;
  for (const Goal& goal : goals) {
    if (!findings.name(goal.at, "goal", goal.name, subject.limits.id_bytes)) continue;
    if (!names.insert(goal.name).second) {
      findings.error(ErrorCode::duplicate_name, goal.at,
                     fmt::format("goal '{}' is declared twice", goal.name), "rename one of them");
    }
    check_goal(subject, goal, findings);
  }
  for (const ExitRule& exit : subject.campaign.exits) {
    check_trigger(exit.trigger, subject.limits, findings);
  }
}

void check_head(const Subject& subject, Findings& findings) {
  const Campaign& campaign = subject.campaign;
  const auto word = [&](std::string_view key) {
    return place_of(campaign.words, key, campaign.at);
  };
  findings.name(word("campaign"), "campaign", campaign.name, subject.limits.id_bytes);
  if (campaign.version < 1) {
    findings.error(ErrorCode::bad_value, word("version"), "versions count from 1",
                   "write `version: 1`");
  }
  if (campaign.priority > priority_max) {
    findings.error(ErrorCode::bad_value, word("priority"),
                   fmt::format("priority {} is not in 0..{}", campaign.priority, priority_max),
                   "the higher of two moves first; the default is 50");
  }
  check_zone(word("zone"), campaign.zone, subject.zones, findings);
  check_topic(subject, word("topic"), campaign.topic, findings);
  check_holdout(campaign.holdout, word("percent"), findings);
  check_brake(campaign, findings);
  std::vector<std::string> groups;
  for (const ExclusiveGroup& group : subject.workspace.policy.exclusive) {
    groups.push_back(group.name);
  }
  if (!campaign.exclusive.empty() && !subject.workspace_gaps.policy &&
      std::find(groups.begin(), groups.end(), campaign.exclusive) == groups.end()) {
    findings.unknown_name(word("exclusive"), "exclusive group", campaign.exclusive, groups);
  }
  if (campaign.steps.empty() && !subject.gaps.head) {
    findings.warning(
        ErrorCode::suspicious, campaign.at,
        fmt::format("campaign '{}' has no steps: journeys end where they begin", campaign.name),
        "add one, such as `- send: email`");
  }
}

class Checker {
 public:
  Checker(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
          const ZoneTable* zones)
      : workspace_(workspace), workspace_gaps_(gaps), limits_(limits), zones_(zones) {
    // Where there are too many, no name is looked for among them, campaign by campaign.
    workspace_gaps_.channels |= workspace.channels.size() > workspace_channels_max;
    workspace_gaps_.senders |= workspace.senders.size() > workspace_senders_max;
  }

  void check_workspace() {
    findings_.files_have_gaps(workspace_gaps_.any);
    model::check_workspace(workspace_, limits_, zones_, findings_);
    check_addresses(workspace_, workspace_gaps_, limits_, findings_);
    check_senders(workspace_, workspace_gaps_, limits_, zones_, findings_);
    check_schema(workspace_, workspace_gaps_, limits_, findings_);
    check_segments(workspace_, limits_, findings_);
    check_segment_conditions(workspace_, workspace_gaps_, limits_, moves_, findings_);
  }

  void check_campaigns(std::span<const Campaign> campaigns, std::span<const Gaps> gaps) {
    if (campaigns.size() > limits_.campaigns) {
      findings_.error(
          ErrorCode::too_large, campaigns[limits_.campaigns].at,
          fmt::format("there are {} campaigns, more than {}", campaigns.size(), limits_.campaigns),
          "divide the workspace, or raise Limits::campaigns");
      campaigns = campaigns.first(limits_.campaigns);
    }
    const Gaps none;
    bool all_known = true;
    for (std::size_t i = 0; i < campaigns.size(); ++i) {
      const Gaps& missing = gaps.empty() ? none : gaps[i];
      const bool walkable = check_campaign(campaigns[i], missing);
      all_known = all_known && walkable && !missing.head;
      if (!missing.head) add_version(campaigns[i], walkable && missing.empty());
    }
    check_versions();
    findings_.files_have_gaps(workspace_gaps_.any);
    check_policy(workspace_, workspace_gaps_, campaigns, all_known, limits_, zones_, findings_);
    findings_.files_have_gaps(!all_known);
    check_between(walkable_, all_known && !workspace_gaps_.any, moves_, findings_);
    const bool all_walked = all_known && walkable_.size() == campaigns.size();
    if (all_walked && !workspace_gaps_.any) check_unused_segments(workspace_, findings_);
  }

  Diagnostics take() { return findings_.take(); }

 private:
  struct Version {
    const Campaign* campaign = nullptr;
    bool whole = false;  // read without gaps, and neither too deep nor too long to be walked
  };

  // Whether the campaign is one that can be walked: neither too deep nor too long.
  bool check_campaign(const Campaign& campaign, const Gaps& gaps) {
    findings_.files_have_gaps(!gaps.empty());
    // The other parts walk as deep as the steps nest, so this comes first.
    if (nested_deeper_than(campaign.steps, nesting_max)) {
      findings_.error(ErrorCode::too_large, campaign.at,
                      fmt::format("steps of campaign '{}' nest deeper than {} lists", campaign.name,
                                  nesting_max),
                      "use goto instead of nesting");
      return false;
    }
    const Graph& graph = graphs_.emplace_back(flatten(campaign));
    const Subject subject{workspace_, campaign, graph, limits_, zones_, workspace_gaps_, gaps};
    check_head(subject, findings_);
    check_entries(subject, findings_);
    check_goals_and_exits(subject, findings_);
    std::size_t steps = 0;
    for_each_step(campaign.steps, [&](const Step&) { ++steps; });
    if (steps > limits_.steps_per_campaign) {
      findings_.error(ErrorCode::too_large, campaign.at,
                      fmt::format("campaign '{}' has {} steps, more than {}", campaign.name, steps,
                                  limits_.steps_per_campaign),
                      "divide it, or raise Limits::steps_per_campaign");
      return false;
    }
    check_steps(subject, findings_);
    check_conditions(subject, findings_);
    check_graph(subject, findings_);
    check_missed_times(subject, findings_);
    check_segment_names(subject, findings_);
    walkable_.push_back({workspace_, campaign, graph, limits_, zones_, workspace_gaps_, gaps});
    return true;
  }

  void add_version(const Campaign& campaign, bool whole) {
    const auto key = std::pair(std::string_view(campaign.name), campaign.version);
    if (versions_.emplace(key, Version{&campaign, whole}).second) return;
    findings_.error(
        ErrorCode::duplicate_name, place_of(campaign.words, "campaign", campaign.at),
        fmt::format("campaign '{}' version {} is there twice", campaign.name, campaign.version),
        "give the newer one a higher version");
  }

  void check_versions() {
    Version older;
    for (const auto& [key, newer] : versions_) {
      if (older.whole && newer.whole && older.campaign->name == newer.campaign->name) {
        check_moved_steps(*older.campaign, *newer.campaign, findings_);
        check_forgotten(*older.campaign, *newer.campaign);
      }
      older = newer;
    }
  }

  // Journeys that ended are kept only where some version asks for them.
  void check_forgotten(const Campaign& older, const Campaign& newer) {
    const bool asks = newer.reentry.kind != Reentry::Kind::always;
    if (!asks || older.reentry.kind != Reentry::Kind::always) return;
    findings_.warning(ErrorCode::suspicious, place_of(newer.words, "reentry", newer.at),
                      fmt::format("version {} lets everybody in again, so nobody knows who ended "
                                  "there before version {} is published: `reentry` counts from "
                                  "then on",
                                  older.version, newer.version),
                      "ask in the entry's `when` for what the first round left behind, such as "
                      "an attribute");
  }

  const Workspace& workspace_;
  WorkspaceGaps workspace_gaps_;
  const Limits& limits_;
  const ZoneTable* zones_;
  Findings findings_;
  SegmentMoves moves_;
  std::map<std::pair<std::string_view, std::uint32_t>, Version> versions_;
  std::deque<Graph> graphs_;       // of all campaigns that nest no deeper than allowed
  std::vector<Subject> walkable_;  // campaigns
};

}  // namespace

Diagnostics check_read(const Workspace& workspace, const WorkspaceGaps& workspace_gaps,
                       std::span<const Campaign> campaigns, std::span<const Gaps> gaps,
                       const Limits& limits, const ZoneTable* zones) {
  Checker checker(workspace, workspace_gaps, limits, zones);
  checker.check_workspace();
  checker.check_campaigns(campaigns, gaps);
  return checker.take();
}

}  // namespace model

Diagnostics check(const Workspace& workspace, std::span<const Campaign> campaigns,
                  const Limits& limits, const ZoneTable* zones) {
  return model::check_read(workspace, {}, campaigns, {}, limits, zones);
}

}  // namespace itinera
