// SPDX-License-Identifier: Apache-2.0
#include "cli/input_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/nearest.hpp"
#include "cli/fields.hpp"

namespace itinera::cli {
namespace {

// Who did it: at least one of the two.
void require_somebody(Fields& fields, std::string_view contact, std::string_view anonymous) {
  if (contact.empty() && anonymous.empty()) {
    fields.fail("userId", "neither `userId` nor `anonymousId` says who it was");
  }
}

Message read_track(Fields& fields, ReceivedFrom from) {
  Event event;
  event.name = fields.required_text("event");
  event.contact = fields.text("userId");
  event.anonymous = fields.text("anonymousId");
  require_somebody(fields, event.contact, event.anonymous);
  event.envelope = fields.envelope(from);
  event.properties = fields.properties("properties");
  return fields.message(Input(event));
}

Message read_identify(Fields& fields, ReceivedFrom from) {
  Identify identify;
  identify.contact = fields.text("userId");
  identify.anonymous = fields.text("anonymousId");
  require_somebody(fields, identify.contact, identify.anonymous);
  identify.envelope = fields.envelope(from);
  identify.attributes = fields.properties("traits");
  identify.consents = fields.consents("consent");
  identify.verified = fields.handles("verified");
  const std::string_view history = fields.text("history");
  if (history == "complete") {
    identify.history = HistoryKnown::complete;
  } else if (history == "unknown") {
    identify.history = HistoryKnown::unknown;
  } else if (!history.empty()) {
    fields.fail("history", "`history` must be \"complete\" or \"unknown\"");
  }
  return fields.message(Input(identify));
}

Message read_alias(Fields& fields, ReceivedFrom from) {
  Alias alias;
  alias.previous = fields.required_text("previousId");
  alias.contact = fields.required_text("userId");
  alias.envelope = fields.envelope(from);
  return fields.message(Input(alias));
}

Message read_merge(Fields& fields, ReceivedFrom from) {
  Merge merge;
  merge.from = fields.required_text("from");
  merge.into = fields.required_text("into");
  merge.envelope = fields.envelope(from);
  return fields.message(Input(merge));
}

Message read_group(Fields& fields, ReceivedFrom from) {
  Group group;
  group.contact = fields.required_text("userId");
  if (!fields.has("groupId")) {
    fields.fail("groupId", "`groupId` must be there; an empty one is no account");
  }
  group.account = fields.text("groupId");
  group.envelope = fields.envelope(from);
  return fields.message(Input(group));
}

Message read_forget(Fields& fields, ReceivedFrom from) {
  Forget forget;
  forget.contact = fields.required_text("userId");
  forget.envelope = fields.envelope(from);
  return fields.message(Input(forget));
}

ActionId read_action(Fields& fields) {
  const std::string_view action = fields.required_text("actionId");
  if (const std::optional<Hash128> id = hash_from_text(action)) return ActionId{*id};
  fields.fail("actionId", "`actionId` must have 32 hexadecimal digits, as the action has them");
  return {};
}

Message read_report(Fields& fields, ReceivedFrom from) {
  Report report;
  report.action = read_action(fields);
  const std::string_view name = fields.required_text("receipt");
  if (const std::optional<Receipt> receipt = receipt_from(name)) {
    report.receipt = *receipt;
  } else {  // the engine knows what its channels declare
    report.receipt = Receipt::declared;
    report.declared = name;
  }
  report.hard = fields.boolean("hard", true);
  report.retry = fields.boolean("retry", true);
  report.envelope = fields.envelope(from);
  report.data = fields.properties("data");
  return fields.message(Input(report));
}

Message read_reassign(Fields& fields, ReceivedFrom from) {
  Reassign reassign;
  reassign.action = read_action(fields);
  reassign.to = fields.required_text("to");
  reassign.by = fields.text("by");
  reassign.note = fields.text("note");
  reassign.within_ms = fields.elapsed("within");
  reassign.envelope = fields.envelope(from);
  return fields.message(Input(reassign));
}

Message read_take_over(Fields& fields, ReceivedFrom from) {
  TakeOver input;
  input.token = fields.required_text("token");
  input.contact = fields.text("userId");
  input.envelope = fields.envelope(from);
  return fields.message(Input(input));
}

std::optional<std::string_view> read_key(Fields& fields) {
  if (!fields.has("key")) return std::nullopt;
  return fields.text("key");
}

Message read_enter(Fields& fields, ReceivedFrom from) {
  Enter enter;
  enter.campaign = fields.required_text("campaign");
  enter.contact = fields.required_text("userId");
  enter.key = read_key(fields);
  enter.envelope = fields.envelope(from);
  enter.properties = fields.properties("properties");
  return fields.message(Input(enter));
}

Message read_stop(Fields& fields, ReceivedFrom from) {
  Stop stop;
  stop.campaign = fields.required_text("campaign");
  stop.contact = fields.required_text("userId");
  stop.key = read_key(fields);
  stop.envelope = fields.envelope(from);
  return fields.message(Input(stop));
}

Message read_move(Fields& fields, ReceivedFrom from) {
  Move move;
  move.campaign = fields.required_text("campaign");
  move.contact = fields.required_text("userId");
  move.step = fields.required_text("step");
  move.key = read_key(fields);
  move.envelope = fields.envelope(from);
  return fields.message(Input(move));
}

Message read_suppress(Fields& fields, ReceivedFrom from) {
  Suppress suppress;
  suppress.channel = fields.required_text("channel");
  suppress.address = fields.required_text("address");
  suppress.listed = fields.boolean("listed", true);
  suppress.envelope = fields.envelope(from);
  return fields.message(Input(suppress));
}

Message read_pause(Fields& fields, ReceivedFrom from) {
  constexpr std::array<std::string_view, 3> modes{"queue", "freeze", "drop"};
  Pause pause;
  pause.campaign = fields.required_text("campaign");
  if (fields.has("mode")) {
    const auto mode = std::find(modes.begin(), modes.end(), fields.text("mode"));
    if (mode == modes.end())
      fields.fail("mode", "`mode` must be \"queue\", \"freeze\" or \"drop\"");
    if (mode != modes.end()) pause.mode = static_cast<PauseMode>(mode - modes.begin());
  }
  pause.entries = fields.boolean("entries", false);
  pause.envelope = fields.envelope(from);
  return fields.message(Input(pause));
}

Message read_resume(Fields& fields, ReceivedFrom from) {
  Resume resume;
  resume.campaign = fields.required_text("campaign");
  resume.envelope = fields.envelope(from);
  return fields.message(Input(resume));
}

Message read_advance(Fields& fields, ReceivedFrom) {
  const std::optional<Instant> to = fields.instant("to");
  if (!to) fields.fail("to", "`to` must be there: an instant like \"2026-03-02T10:00:00Z\"");
  return fields.message(Advance{to.value_or(Instant{})});
}

struct Kind {
  std::string_view name;
  Message (*read)(Fields&, ReceivedFrom);  // nullptr: known, and ignored
};
constexpr std::array kinds{
    Kind{"track", read_track},
    Kind{"identify", read_identify},
    Kind{"alias", read_alias},
    Kind{"report", read_report},
    Kind{"enter", read_enter},
    Kind{"start", read_enter},
    Kind{"stop", read_stop},
    Kind{"move", read_move},
    Kind{"advance", read_advance},
    Kind{"group", read_group},
    Kind{"merge", read_merge},
    Kind{"forget", read_forget},
    Kind{"page", nullptr},
    Kind{"screen", nullptr},
    Kind{"suppress", read_suppress},
    Kind{"pause", read_pause},
    Kind{"resume", read_resume},
    Kind{"reassign", read_reassign},
    Kind{"take_over", read_take_over},
};

Message unknown_kind(std::string_view name, std::size_t column) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds) names.emplace_back(kind.name);
  std::string hint = base::did_you_mean(name, names);
  if (hint.empty()) hint = fmt::format("one of {}", fmt::join(names, ", "));
  return LineError{column, fmt::format("`{}` is no type of message", name), std::move(hint)};
}

}  // namespace

Message InputReader::read(std::string_view text, Line& into) {
  if (std::optional<LineError> error = json_.read(text, into.object)) return *std::move(error);
  if (into.object.find("specversion") != nullptr) return read_cloud_event(into, received_from_);
  Fields fields(into);
  const std::string_view name = fields.required_text("type");
  if (fields.error()) return *fields.error();
  const auto* const kind = std::find_if(kinds.begin(), kinds.end(),
                                        [&](const Kind& known) { return known.name == name; });
  if (kind == kinds.end()) return unknown_kind(name, into.object.find("type")->column);
  if (kind->read == nullptr) return Ignored{std::string(name)};
  return kind->read(fields, received_from_);
}

}  // namespace itinera::cli
