// SPDX-License-Identifier: Apache-2.0
#include "yaml/model_writer.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

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

Node workspace_node(const Workspace& workspace) {
  const Workspace usual;
  Mapping out;
  out.must("workspace", workspace.name);
  if (workspace.zone != usual.zone) out.text("zone", workspace.zone);
  Mapping channels;
  for (const Channel& channel : workspace.channels) {
    Mapping one;
    one.must("address", channel.address.text);
    one.must("consent", "none");
    one.names("receipts", channel.receipts);
    channels.node(channel.name, one.take());
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

bool same_workspace(const Workspace& a, const Workspace& b) {
  base::Bytes of_a;
  base::Bytes of_b;
  model::encode(a, {}, of_a);
  model::encode(b, {}, of_b);
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
