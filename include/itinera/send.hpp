// SPDX-License-Identifier: Apache-2.0
// The step that emits a message, and what becomes of it where a gate holds or refuses it.
//
// Enumerators are on disk by number (docs/durability.md, The model): never reorder or remove one;
// add at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "itinera/trigger.hpp"

namespace itinera {

// Transactional messages pass consent, quiet hours, caps and holdouts; never suppression.
enum class MessageClass : std::uint8_t { marketing, transactional };

// Where a journey goes on when something has become of its send. In files `continue`, `exit`, or
// the id of a step; no step has one of these two words for its id.
struct Way {
  enum class Kind : std::uint8_t { go_on, exit, go_to };
  Kind kind = Kind::go_on;
  std::string step = {};  // of go_to
  friend bool operator==(const Way&, const Way&) = default;
};

// Down a send's list of channels, from one to the next, each after so long, until what is reported
// of one of the messages says that the contact has reacted.
struct Escalate {
  std::int64_t after_ms = 0;
  Receipt unless = Receipt::opened;
  std::string declared = {};  // the name of a declared receipt
};

// How often what has `failed`, a call or a message, is tried once more, and how long after the
// failure: the second time after twice as long, and so on, a day at most. Each pause is shorter by
// up to a quarter, so that what failed together is not tried together; by how much, the id of the
// action that failed says.
struct Retry {
  static constexpr std::uint32_t times_max = 100;
  static constexpr std::int64_t after_max_ms = 86'400'000;
  std::uint32_t times = 0;  // 0: never
  std::int64_t after_ms = 60'000;
};

// Emits one message.
struct Send {
  enum class OnCap : std::uint8_t { skip, hold, exit };  // S16
  // aside: the journey goes on without a message that is held. That goes out later by itself, or
  // expires; an exit of the journey takes it back.
  enum class WhileHeld : std::uint8_t { stay, aside };
  static constexpr std::int64_t confirm_ms = 15 * 60'000;  // default of confirm_within_ms

  // Which of several channels is tried first, of those that reach the contact and that the contact
  // permits. Each but `listed` goes by the order written where it cannot tell two apart.
  enum class Prefer : std::uint8_t {
    listed,
    preference,  // the contact's: `preferred_channel`, a text or a list of texts
    engaged,     // where this contact reacts most (docs/policy.md has the formula)
    device,      // where `device` of the contact, the one seen last, is among the channel's devices
    cost         // the cheapest
  };
  static constexpr std::size_t channels_max = 16;

  std::string channel = {};                    // the one, or the first of several
  std::vector<std::string> alternatives = {};  // the others, of which no two are the same
  Prefer prefer = Prefer::listed;
  std::optional<Escalate> escalate = {};
  std::string template_name = {};
  std::vector<Datum> data = {};
  // Stays until the wall shows this time in the contact's zone, which may be at once.
  std::optional<std::int32_t> at_ms = {};
  // Accounts that may send it; a journey keeps the one that it was given. Empty: the host's affair.
  std::vector<std::string> senders = {};
  std::string operation = {};  // which quota of the sender it counts to, beside that of all
  std::string topic = {};      // what consent is asked for; empty: the campaign's
  MessageClass message_class = MessageClass::marketing;
  OnCap on_cap = OnCap::skip;
  std::optional<std::int64_t> expires_ms = {};  // from arrival at the send; equal is still sent
  WhileHeld while_held = WhileHeld::stay;
  Way on_skip = {};    // a gate has refused it, or its `when`
  Way on_expire = {};  // it would have been sent too late
  // Anything but go_on: the journey stays until the first of sent, delivered, failed, bounced, or
  // for confirm_within_ms, after which it goes on.
  Way on_fail = {};
  std::optional<std::int64_t> confirm_within_ms = {};
  // The journey stays in the same way; each attempt passes all gates, and on_fail is taken when the
  // last has failed. A bounce is not tried again.
  Retry retry = {};
};

}  // namespace itinera
