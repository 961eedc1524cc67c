// SPDX-License-Identifier: Apache-2.0
// CloudEvents 1.0, structured JSON: (source, id) identifies the message, `time` is when it
// occurred, `type` names the event, `subject` the contact, `data` its properties. The format has no
// time of reception; the extension `receivedat` carries it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/fields.hpp"

namespace itinera::cli {
namespace {

constexpr std::array<std::string_view, 10> core_names{
    "specversion", "id",   "source",      "type", "datacontenttype",
    "dataschema",  "time", "data_base64", "data", "subject"};

bool is_attribute_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

// The characters of a token, RFC 2045.
bool is_token(std::string_view text) {
  constexpr std::string_view special = "()<>@,;:\\\"/[]?=";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return c > ' ' && c < 0x7F && special.find(c) == std::string_view::npos;
  });
}

// "type/subtype", parameters left alone.
bool is_media_type(std::string_view text) {
  text = text.substr(0, text.find(';'));
  while (text.ends_with(' ')) text.remove_suffix(1);
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_token(text.substr(0, slash)) &&
         is_token(text.substr(slash + 1));
}

// RFC 3339 wants seconds, and minutes in an offset, where ISO 8601 lets them be left out.
bool is_complete_time(std::string_view text) {
  constexpr std::size_t seconds_at = std::string_view("2026-03-02T10:00").size();
  constexpr std::size_t offset_size = std::string_view("+01:00").size();
  if (text.size() < seconds_at + std::string_view(":00Z").size()) return false;
  if (text[seconds_at] != ':') return false;
  if (text.ends_with('Z') || text.ends_with('z')) return true;
  const std::string_view offset = text.substr(text.size() - offset_size);
  return (offset[0] == '+' || offset[0] == '-') && offset[3] == ':';
}

// Unlike ids of ours, these must be texts.
std::string_view strict_text(Fields& fields, Line& line, std::string_view name, bool required) {
  const JsonMember* const member = line.object.find(name);
  if (member == nullptr || member->value.is_null()) {
    if (required) fields.fail(name, fmt::format("a CloudEvent must have `{}`", name));
    return {};
  }
  const auto* const text = member->value.get<std::string>();
  if (text == nullptr || text->empty()) {
    fields.fail(name, fmt::format("`{}` of a CloudEvent must be a text, and not empty", name));
    return {};
  }
  return *text;
}

void check_extensions(Fields& fields, const Line& line) {
  for (const JsonMember& member : line.object.members) {
    if (std::find(core_names.begin(), core_names.end(), member.name) != core_names.end()) continue;
    if (!is_attribute_name(member.name)) {
      fields.fail(member.name, fmt::format("`{}` is no name of an attribute", member.name),
                  "CloudEvents allows lower-case letters and digits");
    }
    const Value::Kind kind = member.value.kind();
    if (kind == Value::Kind::real || kind == Value::Kind::list || kind == Value::Kind::map) {
      fields.fail(member.name,
                  fmt::format("`{}` must be a text, an integer or a boolean", member.name),
                  "structured content belongs into `data`");
    }
  }
}

// Members of an object are the properties; anything else is one property.
void take_data(Fields& fields, Line& line) {
  for (const std::string_view name : {"data", "data_base64"}) {
    JsonMember* const member = line.object.find(name);
    if (member == nullptr || member->value.is_null()) continue;
    if (member->value.kind() == Value::Kind::map) {
      fields.properties(name);
    } else {
      line.properties.push_back({member->name, std::move(member->value)});
    }
  }
}

}  // namespace

Message read_cloud_event(Line& line, ReceivedFrom from) {
  Fields fields(line);
  Event event;
  const std::string_view version = strict_text(fields, line, "specversion", true);
  if (version != "1.0") fields.fail("specversion", "only CloudEvents \"1.0\" is known");
  event.envelope.message_id = strict_text(fields, line, "id", true);
  event.envelope.source = strict_text(fields, line, "source", true);
  event.name = strict_text(fields, line, "type", true);
  event.contact = strict_text(fields, line, "subject", false);
  strict_text(fields, line, "dataschema", false);
  const std::string_view content = strict_text(fields, line, "datacontenttype", false);
  if (!content.empty() && !is_media_type(content)) {
    fields.fail("datacontenttype", fmt::format("`{}` is no media type", content),
                "like application/json");
  }
  event.envelope.occurred = fields.instant("time");
  const std::string_view time = strict_text(fields, line, "time", false);
  if (!time.empty() && !is_complete_time(time)) {
    fields.fail("time", "`time` must be complete, like \"2026-03-02T10:00:00Z\"");
  }
  const std::optional<Instant> received = fields.instant("receivedat");
  check_extensions(fields, line);
  if (fields.has("data") && fields.has("data_base64")) {
    fields.fail("data_base64", "`data` and `data_base64` exclude each other");
  }
  if (fields.has("data_base64")) strict_text(fields, line, "data_base64", true);
  if (fields.error()) return *fields.error();

  if (event.contact.empty()) return Ignored{"CloudEvent without subject"};
  if (!received && !(from == ReceivedFrom::timestamp && event.envelope.occurred)) {
    fields.fail("receivedat", "the extension `receivedat` is missing",
                "add it, or run with --received-from timestamp for events that have a `time`");
  } else {
    event.envelope.received = received ? *received : *event.envelope.occurred;
  }
  line.properties.clear();
  take_data(fields, line);
  event.properties = line.properties;
  return fields.message(Input(event));
}

}  // namespace itinera::cli
