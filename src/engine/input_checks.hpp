// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <type_traits>

#include "itinera/input.hpp"
#include "itinera/result.hpp"
#include "record/records.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// The gate of errors: what passes here cannot fail later. Looks at all of an input, changes
// nothing. Errors: invalid_argument, limit_reached, unknown_campaign, conflict.
std::optional<Error> check_input(const State& state, const Input& input);

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
// What a token is known by that comes without a message id, once it has been taken over.
record::MessageKey token_key(const TakeOver& input);

// "anonymous:" and the anonymous id: the id of the contact that stands for it.
std::string anonymous_contact_id(std::string_view anonymous);

}  // namespace itinera::engine
