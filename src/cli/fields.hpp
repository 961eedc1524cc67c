// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/input_reader.hpp"

namespace itinera::cli {

// Takes a message apart member by member, and keeps the first thing that is wrong. null is as good
// as absent.
class Fields {
 public:
  explicit Fields(Line& line) : line_(line) {}

  [[nodiscard]] bool has(std::string_view name) { return present(name) != nullptr; }
  // An id or a name: a text, or an integer as decimal text. Empty if absent.
  std::string_view text(std::string_view name);
  std::string_view required_text(std::string_view name);
  std::optional<Instant> instant(std::string_view name);
  bool boolean(std::string_view name, bool otherwise);
  std::optional<std::int64_t> elapsed(std::string_view name);  // "2h"
  // The members of an object, moved into the line's properties.
  std::span<const Property> properties(std::string_view name);
  // {"email": "granted", "push": {"news": "denied"}}.
  std::span<const Consent> consents(std::string_view name);
  // {"email": "ada@example.com"}.
  std::span<const Handle> handles(std::string_view name);
  // receivedAt or what stands for it, timestamp, messageId.
  Envelope envelope(ReceivedFrom from);

  void fail(std::string_view name, std::string message, std::string hint = {});
  [[nodiscard]] const std::optional<LineError>& error() const { return error_; }

  // The message, unless something was wrong.
  Message message(Message read) {
    if (error_) return *std::move(error_);
    return read;
  }

 private:
  void add_consent(std::string_view name, std::string_view channel, std::string_view topic,
                   const Value& state);
  JsonMember* present(std::string_view name);

  Line& line_;
  std::optional<LineError> error_;
};

// A CloudEvent as an event of the contact that is its subject.
Message read_cloud_event(Line& line, ReceivedFrom from);

}  // namespace itinera::cli
