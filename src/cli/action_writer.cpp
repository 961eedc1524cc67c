// SPDX-License-Identifier: Apache-2.0
#include "cli/action_writer.hpp"

#include <fmt/format.h>

#include <iterator>

namespace itinera::cli {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_json_text(out, text);
}

}  // namespace

void append_json_line(std::string& out, const Action& action) {
  fmt::format_to(std::back_inserter(out), R"({{"type":"{}","actionId":"{}","at":"{}")",
                 name_of(action.kind), to_text(action.id.hash), to_text(action.at));
  append_member(out, "userId", action.contact);
  append_member(out, "campaign", action.campaign);
  fmt::format_to(std::back_inserter(out), ",\"version\":{}", action.version);
  append_member(out, "step", action.step);
  fmt::format_to(std::back_inserter(out), ",\"iteration\":{}", action.iteration);
  if (action.attempt > 0) {
    fmt::format_to(std::back_inserter(out), ",\"attempt\":{}", action.attempt);
  }
  if (action.maybe_executed) out += ",\"maybeExecuted\":true";
  if (action.has_key) append_member(out, "key", action.key);
  if (action.kind == Action::Kind::send) {
    append_member(out, "channel", action.channel);
    append_member(out, "template", action.template_name);
    append_member(out, "address", action.address);
    if (!action.sender.empty()) append_member(out, "sender", action.sender);
    if (!action.operation.empty()) append_member(out, "operation", action.operation);
  }
  if (action.kind == Action::Kind::consent) {
    append_member(out, "channel", action.channel);
    if (!action.topic.empty()) append_member(out, "topic", action.topic);
    append_member(out, "state", action.granted ? "granted" : "denied");
    if (!action.source.empty()) append_member(out, "source", action.source);
  }
  if (!action.name.empty()) append_member(out, "name", action.name);
  if (!action.team.empty()) append_member(out, "team", action.team);
  if (action.kind == Action::Kind::audience) {
    append_member(out, action.removes ? "remove" : "add", action.list);
  }
  out += ",\"data\":{";
  for (const Property& datum : action.data) {
    if (&datum != action.data.data()) out += ',';
    append_json_text(out, datum.name);
    out += ':';
    out += to_json(datum.value);
  }
  out += "}}\n";
}

}  // namespace itinera::cli
