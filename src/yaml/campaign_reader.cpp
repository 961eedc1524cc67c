// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "calendar/text.hpp"
#include "yaml/campaign_reader.hpp"
#include "yaml/quoting.hpp"

namespace itinera::yaml {
namespace {

constexpr std::uint32_t version_max = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t priority_max = 100;
constexpr std::string_view trigger_kinds[] = {
    "event",   "condition", "segment", "account", "sent",       "delivered",    "opened",
    "clicked", "replied",   "bounced", "failed",  "complained", "unsubscribed", "completed"};

Channel read_channel(const Member& member, Report& report) {
  const Fields fields(member.value, channel_table, report);
  Channel channel;
  if (const auto consent = fields.choice("consent")) {
    channel.consent = static_cast<Channel::ConsentRule>(*consent);
  }
  channel.name = member.key;
  channel.address = fields.condition("address");
  channel.cost = fields.number("cost").value_or(0);
  channel.devices = fields.names("devices");
  if (fields.choice("delivery") == 1u) channel.delivery = Channel::Delivery::pull;
  channel.receipts = fields.names("receipts");
  channel.at = report.place(member.key_at);
  return channel;
}

// "never", "always" or "after 7d", perhaps with "since entry" behind it.
Reentry read_reentry(const Fields& fields, Report& report) {
  Reentry reentry;
  const std::string text = fields.text("reentry");
  if (text.empty() || text == "always") return reentry;
  if (text == "never") {
    reentry.kind = Reentry::Kind::never;
    return reentry;
  }
  constexpr std::string_view after = "after ";
  constexpr std::string_view since = " since entry";
  const Mark at = fields.node("reentry")->at;
  std::string_view rest = text;
  if (!rest.starts_with(after)) {
    report.error(ErrorCode::bad_value, at, fmt::format("`reentry` cannot be `{}`", shown(text)),
                 "write never, always, `after 7d` or `after 7d since entry`");
    return reentry;
  }
  rest.remove_prefix(after.size());
  reentry.since_entry = rest.ends_with(since);
  if (reentry.since_entry) rest.remove_suffix(since.size());
  reentry.kind = Reentry::Kind::after;
  const Result<std::int64_t> length = calendar::parse_elapsed(rest);
  if (length) {
    reentry.after_ms = *length;
    return reentry;
  }
  report.error(ErrorCode::bad_value, at, without_advice(length.error().message),
               "write `after 7d` or `after 7d since entry`");
  return {};
}

Goal read_goal(const Member& member, Report& report, model::Gaps& gaps) {
  const Report::Part part(report);
  const Fields fields(member.value, goal_table, report);
  Goal goal;
  goal.name = member.key;
  goal.trigger = read_trigger(fields, report);
  goal.when = fields.condition("when");
  goal.value = fields.condition("value");
  goal.within_ms = fields.elapsed("within");
  goal.exits = fields.boolean("exits").value_or(false);
  goal.at = report.place(member.key_at);
  if (!part.complete()) gaps.partly.insert(model::Gaps::place(goal.at));
  return goal;
}

ExitRule read_exit(const Node& node, Report& report) {
  const Fields fields(node, exit_table, report);
  ExitRule rule;
  rule.at = report.place(node.at);
  auto trigger = read_trigger(fields, report);
  rule.when = fields.condition("when");
  if (trigger) {
    rule.trigger = std::move(*trigger);
  } else if (node.is(Node::Kind::mapping) && !fields.faulty()) {
    report.error(
        ErrorCode::missing_key, node.at, "an exit needs something that causes it",
        "write `event: NAME`, `replied: any`, `condition: ...`, `segment: NAME` or `account: ...`");
  }
  return rule;
}

}  // namespace

std::optional<Trigger> read_trigger(const Fields& fields, Report& report) {
  const std::string_view kind = fields.only_one_of(trigger_kinds);
  if (const Member* const declared = fields.declared_receipt(); kind.empty() && declared) {
    Trigger trigger;
    trigger.kind = Trigger::Kind::receipt;
    trigger.at = report.place(declared->value.at);
    trigger.receipt = Receipt::declared;
    trigger.declared = declared->key;
    trigger.step = read_text(declared->value, report);
    return trigger;
  }
  if (kind.empty()) {
    if (fields.faulty()) report.lose();
    if (fields.has("change") && !fields.faulty()) {
      report.error(ErrorCode::missing_key, fields.key_at("change"), "`change` of which segment?",
                   "write `segment: NAME` beside it");
    }
    return std::nullopt;
  }
  Trigger trigger;
  trigger.at = report.place(fields.node(kind)->at);
  constexpr std::size_t leaves = 1;
  if (kind != "segment" && fields.has("change")) {
    report.error(ErrorCode::bad_value, fields.key_at("change"),
                 "`change` stands only beside `segment`", "write `segment: NAME`, or leave it out");
  }
  if (kind == "account") {
    trigger.account = true;
    const std::string name = fields.literal_text("account");
    if (const std::optional<Receipt> receipt = receipt_from(name)) {
      trigger.kind = Trigger::Kind::receipt;
      trigger.receipt = *receipt;
      trigger.step = "any";
    } else {
      trigger.event = name;
    }
  } else if (kind == "event") {
    trigger.event = fields.literal_text("event");
  } else if (kind == "condition") {
    trigger.kind = Trigger::Kind::condition;
    trigger.condition = fields.condition("condition");
  } else if (kind == "segment") {
    trigger.kind = Trigger::Kind::segment;
    trigger.segment = fields.text("segment");
    trigger.leaves = fields.choice("change") == leaves;
  } else {
    trigger.kind = Trigger::Kind::receipt;
    trigger.receipt = *receipt_from(kind);
    trigger.step = fields.text(kind);
  }
  return trigger;
}

namespace {

void read_segments(const Fields& fields, const Node& node, Workspace& workspace, Report& report,
                   model::WorkspaceGaps& gaps) {
  const Report::Part part(report);
  if (const Node* segments = fields.node("segments")) {
    const bool cut =
        std::any_of(segments->members.begin(), segments->members.end(),
                    [&](const Member& m) { return is_cut_short(m.value, report.source()); });
    for (const Member& member : segments->members) {
      // The rest of a condition that was cut at a comma.
      if (cut && member.value.is(Node::Kind::empty)) continue;
      if (member.value.is(Node::Kind::refused)) report.lose();
      workspace.segments.push_back({member.key,
                                    read_condition(shown(member.key), member.value, report),
                                    report.place(member.key_at)});
    }
  }
  const bool refused = node.find("segments") != nullptr && !fields.has("segments");
  gaps.segments = node.torn || refused || !part.complete();
}

void read_senders(const Fields& fields, const Node& node, Workspace& workspace, Report& report,
                  model::WorkspaceGaps& gaps) {
  const Report::Part part(report);
  if (const Node* senders = fields.node("senders")) {
    for (const Member& member : senders->members) {
      workspace.senders.push_back(read_sender(member, report));
    }
  }
  const bool refused = node.find("senders") != nullptr && !fields.has("senders");
  gaps.senders = node.torn || refused || !part.complete();
}

void read_policy_of(const Fields& fields, const Node& node, Workspace& workspace, Report& report,
                    model::WorkspaceGaps& gaps) {
  const Report::Part part(report);
  if (const Node* policy = fields.node("policy")) {
    workspace.policy = read_policy(*policy, report, workspace.words);
  }
  const bool refused = node.find("policy") != nullptr && !fields.has("policy");
  gaps.policy = node.torn || refused || !part.complete();
}

void read_topics(const Fields& fields, const Node& node, Workspace& workspace, Report& report,
                 model::WorkspaceGaps& gaps) {
  const Report::Part part(report);
  workspace.topics = fields.names("topics");
  const bool refused = node.find("topics") != nullptr && !fields.has("topics");
  gaps.topics = node.torn || refused || !part.complete();
}

}  // namespace

Workspace read_workspace(const Node& node, Report& report, model::WorkspaceGaps& gaps) {
  const Report::Part part(report);
  const Fields fields(node, workspace_table, report);
  Workspace workspace;
  workspace.name = fields.text("workspace");
  if (std::string zone = fields.text("zone"); !zone.empty()) workspace.zone = std::move(zone);
  if (const Node* channels = fields.node("channels")) {
    for (const Member& member : channels->members) {
      workspace.channels.push_back(read_channel(member, report));
    }
  }
  read_topics(fields, node, workspace, report, gaps);
  read_segments(fields, node, workspace, report, gaps);
  {
    const Report::Part schema(report);
    workspace.schema = read_schema(fields, report);
    const bool refused = node.find("schema") != nullptr && !fields.has("schema");
    gaps.schema = node.torn || refused || !schema.complete();
  }
  workspace.retain = read_retain(fields, report);
  workspace.holidays = fields.names("holidays");
  workspace.words = fields.words();
  if (const Node* limits = fields.node("limits")) {
    const Fields bounds(*limits, limits_table, report);
    // Where nobody knows how long a loop must wait, none is too short.
    const auto wait = bounds.elapsed("min_loop_wait");
    if (wait || bounds.faulty() || bounds.has("min_loop_wait")) {
      workspace.min_loop_wait_ms = wait.value_or(1);
    }
    if (const auto dedupe = bounds.elapsed("dedupe")) workspace.dedupe_ms = *dedupe;
    for (WordPlace& word : bounds.words()) workspace.words.push_back(std::move(word));
  }
  read_senders(fields, node, workspace, report, gaps);
  read_policy_of(fields, node, workspace, report, gaps);
  workspace.note = fields.text("note");
  workspace.at = fields.place();
  gaps.channels = node.torn || (node.find("channels") != nullptr && !fields.has("channels"));
  gaps.any = !part.complete() || gaps.topics || gaps.segments || gaps.schema || gaps.senders ||
             gaps.policy;
  gaps.pieces = report.take_pieces();
  return workspace;
}

Campaign read_campaign(const Node& node, Report& report, model::Gaps& gaps) {
  const Report::Part part(report);
  const Fields fields(node, campaign_table, report);
  Campaign campaign;
  campaign.name = fields.text("campaign");
  campaign.version = fields.count("version", 1, version_max).value_or(1);
  campaign.topic = fields.text("topic");
  campaign.priority = fields.count("priority", 0, priority_max).value_or(campaign.priority);
  campaign.zone = fields.text("zone");
  campaign.note = fields.text("note");
  if (const Node* entries = fields.node("entry")) {
    for (const Node& item : entries->items) {
      campaign.entries.push_back(read_entry(item, report));
    }
  }
  campaign.reentry = read_reentry(fields, report);
  if (const auto running = fields.choice("while_running")) {
    campaign.while_running = static_cast<WhileRunning>(*running);
  }
  if (const Node* goals = fields.node("goals")) {
    for (const Member& member : goals->members) {
      campaign.goals.push_back(read_goal(member, report, gaps));
    }
  }
  if (const Node* exits = fields.node("exits")) {
    for (const Node& item : exits->items) {
      campaign.exits.push_back(read_exit(item, report));
    }
  }
  campaign.steps = read_steps(fields.node("steps"), report, gaps);
  campaign.at = fields.place();
  campaign.words = fields.words();
  campaign.entry_cap = read_entry_cap(fields, report, campaign.words);
  campaign.holdout = read_holdout(fields, report, campaign.words);
  campaign.exclusive = fields.text("exclusive");
  campaign.brake = read_brake(fields, report);
  const Node* const goals = fields.node("goals");
  gaps.goals = node.torn || (goals == nullptr ? node.find("goals") != nullptr : goals->torn);
  gaps.steps = gaps.steps || node.torn || !fields.has("steps");
  gaps.head = !part.complete();
  gaps.pieces = report.take_pieces();
  return campaign;
}

}  // namespace itinera::yaml
