// SPDX-License-Identifier: Apache-2.0
#include "cli/fields.hpp"

#include <fmt/format.h>

#include "calendar/text.hpp"

namespace itinera::cli {

JsonMember* Fields::present(std::string_view name) {
  JsonMember* const member = line_.object.find(name);
  return member != nullptr && !member->value.is_null() ? member : nullptr;
}

void Fields::fail(std::string_view name, std::string message, std::string hint) {
  if (error_) return;
  const JsonMember* const member = line_.object.find(name);
  error_ = LineError{member == nullptr ? 0 : member->column, std::move(message), std::move(hint)};
}

std::string_view Fields::text(std::string_view name) {
  JsonMember* const member = present(name);
  if (member == nullptr) return {};
  if (const auto* integer = member->value.get<std::int64_t>()) {
    member->value = fmt::format("{}", *integer);
  }
  const auto* const text = member->value.get<std::string>();
  if (text != nullptr) return *text;
  fail(name, fmt::format("`{}` must be a text", name));
  return {};
}

std::string_view Fields::required_text(std::string_view name) {
  const std::string_view found = text(name);
  if (found.empty()) fail(name, fmt::format("`{}` must be there, and not empty", name));
  return found;
}

std::optional<Instant> Fields::instant(std::string_view name) {
  const JsonMember* const member = present(name);
  if (member == nullptr) return std::nullopt;
  const auto* const text = member->value.get<std::string>();
  if (text == nullptr) {
    fail(name, fmt::format("`{}` must be a text like \"2026-03-02T10:00:00Z\"", name));
    return std::nullopt;
  }
  const Result<Instant> parsed = calendar::parse_instant(*text);
  if (parsed) return *parsed;
  fail(name, fmt::format("`{}`: {}", name, parsed.error().message));
  return std::nullopt;
}

std::optional<std::int64_t> Fields::elapsed(std::string_view name) {
  if (!has(name)) return std::nullopt;
  const Result<std::int64_t> parsed = calendar::parse_elapsed(text(name));
  if (parsed) return *parsed;
  fail(name, fmt::format("`{}`: {}", name, parsed.error().message));
  return std::nullopt;
}

bool Fields::boolean(std::string_view name, bool otherwise) {
  const JsonMember* const member = present(name);
  if (member == nullptr) return otherwise;
  if (const bool* truth = member->value.get<bool>()) return *truth;
  fail(name, fmt::format("`{}` must be true or false", name));
  return otherwise;
}

void Fields::add_consent(std::string_view name, std::string_view channel, std::string_view topic,
                         const Value& state) {
  const auto* const word = state.get<std::string>();
  if (word == nullptr || (*word != "granted" && *word != "denied")) {
    return fail(name, fmt::format("`{}` of {} must be \"granted\" or \"denied\"", name, channel));
  }
  line_.consents.push_back({channel, topic, *word == "granted", {}});
}

std::span<const Consent> Fields::consents(std::string_view name) {
  line_.consents.clear();
  JsonMember* const member = present(name);
  if (member == nullptr) return {};
  const auto* const channels = member->value.get<Value::Map>();
  if (channels == nullptr) {
    fail(name, fmt::format("`{}` must be an object of channels", name));
    return {};
  }
  for (const MapEntry& each : *channels) {
    const std::string& channel = *each.key.get<std::string>();
    const auto* const topics = each.value.get<Value::Map>();
    if (topics == nullptr) {
      add_consent(name, channel, {}, each.value);
      continue;
    }
    for (const MapEntry& topic : *topics) {
      add_consent(name, channel, *topic.key.get<std::string>(), topic.value);
    }
  }
  return line_.consents;
}

std::span<const Handle> Fields::handles(std::string_view name) {
  line_.handles.clear();
  JsonMember* const member = present(name);
  if (member == nullptr) return {};
  const auto* const entries = member->value.get<Value::Map>();
  if (entries == nullptr) {
    fail(name, fmt::format("`{}` must be an object of handles, by their kind", name));
    return {};
  }
  for (const MapEntry& each : *entries) {
    const std::string& kind = *each.key.get<std::string>();
    const auto* const value = each.value.get<std::string>();
    if (value == nullptr) fail(name, fmt::format("`{}` of {} must be a text", name, kind));
    if (value != nullptr) line_.handles.push_back({kind, *value});
  }
  return line_.handles;
}

std::span<const Property> Fields::properties(std::string_view name) {
  line_.properties.clear();
  JsonMember* const member = present(name);
  if (member == nullptr) return {};
  auto* const entries = std::get_if<Value::Map>(&member->value.data);
  if (entries == nullptr) {
    fail(name, fmt::format("`{}` must be an object", name));
    return {};
  }
  line_.properties.reserve(entries->size());
  for (MapEntry& entry : *entries) {
    line_.properties.push_back(
        {std::move(std::get<std::string>(entry.key.data)), std::move(entry.value)});
  }
  return line_.properties;
}

Envelope Fields::envelope(ReceivedFrom from) {
  Envelope envelope;
  const std::optional<Instant> received = instant("receivedAt");
  envelope.occurred = instant("timestamp");
  const std::optional<Instant> original = instant("originalTimestamp");
  const std::optional<Instant> sent = instant("sentAt");
  envelope.message_id = text("messageId");
  if (received) {
    envelope.received = *received;
    // The clock of whoever sent it may be wrong; the time between writing and sending is not.
    if (!envelope.occurred && original && sent) envelope.occurred = *received - (*sent - *original);
    if (envelope.occurred && *envelope.occurred < earliest_instant) {
      fail("sentAt", "`originalTimestamp`, `sentAt` and `receivedAt` do not fit together");
    }
  } else if (from == ReceivedFrom::timestamp && envelope.occurred) {
    envelope.received = *envelope.occurred;
  } else {
    fail("receivedAt", "`receivedAt` is missing",
         from == ReceivedFrom::timestamp ? "neither is there a `timestamp` to stand for it"
                                         : "add it, or run with --received-from timestamp");
  }
  return envelope;
}

}  // namespace itinera::cli
