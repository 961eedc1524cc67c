// SPDX-License-Identifier: Apache-2.0
// What a message is known by that comes twice (S4).
#pragma once

#include <optional>

#include "itinera/input.hpp"
#include "record/inputs.hpp"

namespace itinera::engine {

// The key of a message that has an id.
record::MessageKey key_of_message(const Event& event);
record::MessageKey key_of_message(const Identify& identify);
record::MessageKey key_of_message(const Alias& alias);
record::MessageKey key_of_message(const Merge& merge);
record::MessageKey key_of_message(const Forget& forget);
record::MessageKey key_of_message(const Group& group);
record::MessageKey key_of_message(const Report& report);
record::MessageKey key_of_message(const Enter& enter);
record::MessageKey key_of_message(const Suppress& suppress);
record::MessageKey key_of_message(const Reassign& reassign);
record::MessageKey key_of_message(const TakeOver& input);
record::MessageKey key_of_message(const Move& input);

// S4: the message's id with its source, and a hash of its content. Absent without an id, but that a
// resume token is one.
template <class Message>
record::MessageKey message_key(const Message& message) {
  const bool has_id = !message.envelope.message_id.empty();
  return has_id ? key_of_message(message) : record::MessageKey{};
}
// The same without the content, and of a token that comes without a message id; empty: of nothing.
std::optional<Hash128> message_of(const Input& input);
// What a token is known by that comes without a message id, once it has been taken over.
record::MessageKey token_key(const TakeOver& input);

}  // namespace itinera::engine
