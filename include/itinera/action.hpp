// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "itinera/value.hpp"

namespace itinera {

// One instruction to the host. Its id is an idempotency key for ever: the same action has the same
// id after restart, replay and restore. Texts and spans belong to the engine and die with its next
// non-const call.
struct Action {
  enum class Kind : std::uint8_t {
    send,  // deliver a message through `channel` to `address`
    set,   // the contact's attributes in `data` changed: update the profile
  };
  Kind kind = Kind::send;
  ActionId id;
  Instant at;  // when it was emitted
  std::string_view contact;
  std::string_view campaign;
  std::uint32_t version = 0;  // of the campaign
  std::string_view step;
  std::uint32_t iteration = 0;  // which visit of the step, from 0
  bool has_key = false;
  std::string_view key;      // of the journey
  std::string_view channel;  // of a send
  std::string_view template_name;
  std::string_view address;
  std::span<const Property> data;
};

// "send", "set".
std::string_view name_of(Action::Kind kind);

}  // namespace itinera
