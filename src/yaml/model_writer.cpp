// SPDX-License-Identifier: Apache-2.0
#include "yaml/model_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/percent.hpp"
#include "calendar/text.hpp"
#include "itinera/yaml.hpp"
#include "model/graph.hpp"
#include "model/model_codec.hpp"
#include "model/walk.hpp"
#include "yaml/arrange.hpp"
#include "yaml/campaign_reader.hpp"
#include "yaml/writer.hpp"

namespace itinera {
namespace yaml {
namespace {

std::string ramp_text(std::int64_t per_ms) {
  return per_ms == minute_ms ? "minute"
         : per_ms == hour_ms ? "hour"
         : per_ms == day_ms  ? "day"
                             : elapsed_text(per_ms);
}

Node entry_node(const Entry& entry) {
  static constexpr std::array<std::string_view, 2> changes{"", "leaves"};
  static constexpr std::array<std::string_view, 2> existing{"", "enter"};
  Mapping out;
  switch (entry.kind) {
    case Entry::Kind::event: out.must("event", entry.event); break;
    case Entry::Kind::host: out.flag("host", true); break;
    case Entry::Kind::segment: out.must("segment", entry.segment); break;
    case Entry::Kind::date: out.must("date", entry.date.text); break;
    case Entry::Kind::schedule:
      out.must("schedule", entry.schedule);
      out.text("segment", entry.segment);
      break;
  }
  out.cel("when", entry.when);
  out.cel("key", entry.key);
  out.word("change", entry.change, changes);
  out.word("existing", entry.existing, existing);
  if (entry.ramp) {
    Mapping ramp;
    ramp.must("per", ramp_text(entry.ramp->per_ms));
    ramp.number("max", std::optional(entry.ramp->max));
    out.node("ramp", ramp.take());
  }
  if (entry.yearly) out.must("every", "year");
  out.period("offset", entry.offset);
  out.time("at", entry.at_ms);
  out.text("from", entry.from);
  out.text("zone", entry.zone);
  return out.take();
}

std::string reentry_text(const Reentry& reentry) {
  switch (reentry.kind) {
    case Reentry::Kind::always: return {};
    case Reentry::Kind::never: return "never";
    case Reentry::Kind::after: break;
  }
  return fmt::format("after {}{}", elapsed_text(reentry.after_ms),
                     reentry.since_entry ? " since entry" : "");
}

Node goal_node(const Goal& goal) {
  Mapping out;
  if (goal.trigger) put(out, *goal.trigger);
  out.cel("when", goal.when);
  out.cel("value", goal.value);
  out.elapsed("within", goal.within_ms);
  out.flag("exits", goal.exits);
  return out.take();
}

Node holdout_node(const Holdout& holdout) {
  Mapping out;
  out.must("percent", base::percent_text(holdout.share));
  out.text("seed", holdout.seed);
  return out.take();
}

void put_holdout(Mapping& out, const Holdout& holdout) {
  if (holdout.share == 0 && holdout.seed.empty()) return;
  out.node("holdout", holdout_node(holdout));
}

Node campaign_node(const Campaign& campaign) {
  static constexpr std::array<std::string_view, 3> running{"", "restart", "another"};
  constexpr std::uint32_t usual_priority = 50;
  Mapping out;
  out.must("campaign", campaign.name);
  if (campaign.version != 1) out.number("version", std::optional(campaign.version));
  out.text("topic", campaign.topic);
  if (campaign.priority != usual_priority) {
    out.number("priority", std::optional(campaign.priority));
  }
  out.text("zone", campaign.zone);
  out.text("note", campaign.note);
  out.list("entry", campaign.entries, entry_node);
  out.text("reentry", reentry_text(campaign.reentry));
  out.word("while_running", campaign.while_running, running);
  Mapping cap;
  cap.number("total", campaign.entry_cap.total);
  cap.number("day", campaign.entry_cap.day);
  if (!cap.empty()) out.node("entry_cap", cap.take());
  put_holdout(out, campaign.holdout);
  out.text("exclusive", campaign.exclusive);
  if (campaign.brake) {
    Mapping brake;
    brake.must("failed", base::percent_text(campaign.brake->failed));
    brake.number("of", std::optional(campaign.brake->of));
    brake.must("then", "pause");
    out.node("brake", brake.take());
  }
  Mapping goals;
  for (const Goal& goal : campaign.goals) goals.node(goal.name, goal_node(goal));
  if (!goals.empty()) out.node("goals", goals.take());
  out.list("exits", campaign.exits, [](const ExitRule& rule) {
    Mapping inner;
    put(inner, rule.trigger);
    inner.cel("when", rule.when);
    return inner.take();
  });
  out.steps("steps", campaign.steps);
  return out.take();
}

Node fields_node(const std::vector<SchemaField>& fields) {
  Mapping out;
  for (const SchemaField& field : fields) {
    const std::string type = to_text(field.type);
    out.must(field.name, field.may_be_absent ? fmt::format("optional({})", type) : type);
  }
  return out.take();
}

Mapping schema_of(const Schema& schema) {
  Mapping out;
  if (schema.attributes) out.node("attributes", fields_node(*schema.attributes));
  Mapping events;
  for (const EventSchema& event : schema.events) {
    events.node(event.name, fields_node(event.properties));
  }
  if (!events.empty()) out.node("events", events.take());
  return out;
}

// One name stands behind the singular, several behind the plural.
void put_names(Mapping& out, std::string_view one, std::string_view many,
               const std::vector<std::string>& names) {
  if (names.size() == 1) {
    out.must(one, names.front());
  } else {
    out.names(many, names);
  }
}

void put(Mapping& out, const MessageFilter& about) {
  put_names(out, "channel", "channels", about.channels);
  put_names(out, "topic", "topics", about.topics);
  put_names(out, "campaign", "campaigns", about.campaigns);
}

Node quiet_hours_node(const QuietHours& quiet) {
  Mapping out;
  out.time("from", quiet.window.from_ms);
  out.time("to", quiet.window.to_ms);
  out.days("days", quiet.window.days);
  put(out, quiet.about);
  out.flag("holidays", quiet.holidays);
  out.text("zone", quiet.zone);
  return out.take();
}

Node frequency_cap_node(const FrequencyCap& cap) {
  static constexpr std::array<std::string_view, 4> calendar{"", "day", "week", "month"};
  Mapping out;
  out.number("max", std::optional(cap.max));
  if (cap.per == FrequencyCap::Per::rolling) {
    out.elapsed("per", cap.per_ms);
  } else {
    out.word("per", cap.per, calendar);
  }
  put(out, cap.about);
  out.flag("transactional", cap.transactional);
  out.flag("account", cap.account);
  return out.take();
}

Mapping policy_of(const Policy& policy) {
  static constexpr std::array<std::string_view, 3> meetings{"replace", "wait", "refuse"};
  Mapping out;
  if (policy.quiet_hours.size() == 1) {
    out.node("quiet_hours", quiet_hours_node(policy.quiet_hours.front()));
  } else {
    out.list("quiet_hours", policy.quiet_hours, quiet_hours_node);
  }
  out.list("caps", policy.caps, frequency_cap_node);
  put_holdout(out, policy.holdout);
  Mapping groups;
  for (const ExclusiveGroup& group : policy.exclusive) {
    groups.word(group.name, group.meeting, meetings);
  }
  if (!groups.empty()) out.node("exclusive", groups.take());
  return out;
}

Node quota_node(const std::vector<Quota>& quotas) {
  Mapping out;
  out.must("per", "day");
  for (const Quota& quota : quotas) {
    out.number(quota.operation.empty() ? "all" : quota.operation, std::optional(quota.max));
  }
  return out.take();
}

// Empty: there are no words for it, which reading it back tells.
std::string rate_text(const Sender& sender) {
  const std::string_view unit = sender.rate_per_ms == second_ms   ? "s"
                                : sender.rate_per_ms == minute_ms ? "m"
                                : sender.rate_per_ms == hour_ms   ? "h"
                                                                  : "";
  return sender.rate == 0 || unit.empty() ? "" : fmt::format("{}/{}", sender.rate, unit);
}

Node warm_up_node(const std::vector<std::uint32_t>& days) {
  Mapping out;
  out.list("day", days, [](std::uint32_t max) { return plain_node(fmt::format("{}", max)); });
  return out.take();
}

std::string pace_text(const Sender& sender) {
  if (sender.pace_from_ms == 0 && sender.pace_to_ms == 0) return {};
  const std::string from = elapsed_text(sender.pace_from_ms);
  const std::string to = elapsed_text(sender.pace_to_ms);
  return from == to ? from : fmt::format("{}..{}", from, to);
}

Node sender_node(const Sender& sender) {
  Mapping out;
  out.must("channel", sender.channel);
  if (!sender.quotas.empty()) out.node("quota", quota_node(sender.quotas));
  if (sender.hours) out.must("hours", calendar::to_text(*sender.hours));
  out.text("zone", sender.zone);
  out.text("rate", rate_text(sender));
  if (!sender.warm_up.empty()) out.node("warm_up", warm_up_node(sender.warm_up));
  out.text("pace", pace_text(sender));
  return out.take();
}

Node channel_node(const Channel& channel) {
  static constexpr std::array<std::string_view, 3> consents{"none", "opt_in", "opt_out"};
  Mapping out;
  out.must("address", channel.address.text);
  out.word("consent", channel.consent, consents);
  out.names("receipts", channel.receipts);
  if (channel.cost != 0) out.node("cost", plain_node(to_json(Value(channel.cost))));
  out.names("devices", channel.devices);
  if (channel.delivery == Channel::Delivery::pull) out.must("delivery", "pull");
  return out.take();
}

Node workspace_node(const Workspace& workspace) {
  const Workspace usual;
  Mapping out;
  out.must("workspace", workspace.name);
  if (workspace.zone != usual.zone) out.text("zone", workspace.zone);
  Mapping channels;
  for (const Channel& channel : workspace.channels) {
    channels.node(channel.name, channel_node(channel));
  }
  if (!channels.empty()) out.node("channels", channels.take());
  out.names("topics", workspace.topics);
  out.names("holidays", workspace.holidays);
  Mapping segments;
  for (const Segment& segment : workspace.segments) {
    segments.must(segment.name, segment.condition.text);
  }
  if (!segments.empty()) out.node("segments", segments.take());
  if (Mapping schema = schema_of(workspace.schema); !schema.empty()) {
    out.node("schema", schema.take());
  }
  Mapping retain;
  Mapping kept;
  for (const Retain::Event& event : workspace.retain.events) {
    kept.elapsed(event.name, event.window_ms);
  }
  if (!kept.empty()) retain.node("events", kept.take());
  retain.names("attributes", workspace.retain.attributes);
  if (!retain.empty()) out.node("retain", retain.take());
  Mapping senders;
  for (const Sender& sender : workspace.senders) senders.node(sender.name, sender_node(sender));
  if (!senders.empty()) out.node("senders", senders.take());
  if (Mapping policy = policy_of(workspace.policy); !policy.empty()) {
    out.node("policy", policy.take());
  }
  Mapping limits;
  if (workspace.min_loop_wait_ms != usual.min_loop_wait_ms) {
    limits.elapsed("min_loop_wait", workspace.min_loop_wait_ms);
  }
  if (workspace.dedupe_ms != usual.dedupe_ms) limits.elapsed("dedupe", workspace.dedupe_ms);
  if (!limits.empty()) out.node("limits", limits.take());
  out.text("note", workspace.note);
  return out.take();
}

std::string text_of(Node node, const Table& table) {
  arrange(node, table);
  return write({std::move(node)}, {});
}

// Reads what was written: only so is it certain that the format has words for it.
template <class T, class Read, class Same>
Result<std::string> checked(const T& wanted, std::string text, Read read, Same same) {
  const Limits limits;
  Diagnostics found;
  Report report("(written)", text, found);
  const std::vector<Node> documents = parse(limits, report);
  if (documents.size() == 1 && report.errors() == 0) {
    const T back = read(documents.front(), report);
    if (!has_errors(found) && same(wanted, back)) return text;
  }
  std::string why;
  for (const Diagnostic& each : found) {
    if (why.empty() && each.severity == Severity::error) why = ": " + to_text(each);
  }
  return Error{
      ErrorCode::invalid_argument,
      fmt::format("the format has no words for something in '{}'{}", shown(wanted.name), why)};
}

// The format has quotas in its own order: first that of all messages.
Workspace in_order(Workspace workspace) {
  for (Sender& sender : workspace.senders) {
    std::stable_partition(sender.quotas.begin(), sender.quotas.end(),
                          [](const Quota& quota) { return quota.operation.empty(); });
  }
  return workspace;
}

bool same_workspace(const Workspace& a, const Workspace& b) {
  base::Bytes of_a;
  base::Bytes of_b;
  model::encode(in_order(a), {}, of_a);
  model::encode(in_order(b), {}, of_b);
  return of_a == of_b;
}

}  // namespace
}  // namespace yaml

namespace {

// Every step has an id; one that no reader would give by itself was given by the author.
Campaign with_names(const Campaign& campaign) {
  Campaign unnamed = campaign;
  model::for_each_step(unnamed.steps, [](Step& step) {
    if (!step.named) step.id.clear();
  });
  model::name_steps(unnamed);
  std::vector<std::string> given;
  model::for_each_step(unnamed.steps, [&](const Step& step) { given.push_back(step.id); });
  Campaign named = campaign;
  model::name_steps(named);
  std::size_t i = 0;
  model::for_each_step(named.steps, [&](Step& step) {
    step.named = step.named || step.id != given[i];
    ++i;
  });
  return named;
}

}  // namespace

Result<std::string> to_yaml(const Campaign& campaign) {
  if (model::nested_deeper_than(campaign.steps, model::nesting_max)) {
    return Error{ErrorCode::too_large,
                 fmt::format("the steps of '{}' nest too deep", yaml::shown(campaign.name))};
  }
  const Campaign named = with_names(campaign);
  const auto read = [](const yaml::Node& node, yaml::Report& report) {
    model::Gaps gaps;
    Campaign back = yaml::read_campaign(node, report, gaps);
    model::name_steps(back);
    return back;
  };
  return yaml::checked(named, yaml::text_of(yaml::campaign_node(named), yaml::campaign_table), read,
                       model::same_content);
}

Result<std::string> to_yaml(const Workspace& workspace) {
  const auto read = [](const yaml::Node& node, yaml::Report& report) {
    model::WorkspaceGaps gaps;
    return yaml::read_workspace(node, report, gaps);
  };
  return yaml::checked(workspace,
                       yaml::text_of(yaml::workspace_node(workspace), yaml::workspace_table), read,
                       yaml::same_workspace);
}

}  // namespace itinera
