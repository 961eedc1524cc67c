// SPDX-License-Identifier: Apache-2.0
// What the host feeds. Texts and spans are borrowed for the call and copied where kept. Every
// input carries `received`, set by the host, and may carry `occurred`, set by whoever saw it
// happen (default: received). Only `received` moves engine time (S0).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "itinera/ids.hpp"
#include "itinera/operator_input.hpp"
#include "itinera/step.hpp"
#include "itinera/time.hpp"
#include "itinera/value.hpp"

namespace itinera {

// A contact did something. `contact` is the host's id for it; where that is empty, `anonymous`
// stands for an unknown person, later linked by Identify or Alias.
struct Event {
  std::string_view name = {};
  std::string_view contact = {};
  std::string_view anonymous = {};
  Envelope envelope = {};
  std::span<const Property> properties = {};
};

// What is known of a contact's past: new contacts have a complete history; `unknown` makes absence
// of an event unknown instead of false until the window has filled (format.md, History).
enum class HistoryKnown : std::uint8_t { unchanged, complete, unknown };

// What a contact has agreed to, or refused: messages through a channel, or those of one topic.
struct Consent {
  std::string_view channel = {};
  std::string_view topic = {};  // empty: the channel as a whole
  bool granted = true;
  std::string_view source = {};  // where it was said, for the record
};

// An address, a number, a profile: `email`, `ada@example.com`. Compared byte by byte, so that the
// host writes a value always alike (`+44...`, in lower case).
struct Handle {
  std::string_view kind = {};
  std::string_view value = {};
};

// A contact has these attributes; those not named stay. A null removes one. With `anonymous`, that
// id is linked to the contact. A handle that is verified is this person's and nobody else's, as the
// host has proof: whoever it was verified for before is the same person, and the two are merged
// (S30) into the one for whom anything was verified first, by `occurred`, then by id.
struct Identify {
  std::string_view contact = {};
  std::string_view anonymous = {};
  Envelope envelope = {};
  std::span<const Property> attributes = {};
  HistoryKnown history = HistoryKnown::unchanged;
  std::span<const Consent> consents = {};  // newer ones win, as of attributes (S5)
  std::span<const Handle> verified = {};   // of a `contact`
};

// `previous` is `contact`: an anonymous id, or where there is none of that name a contact (Merge).
struct Alias {
  std::string_view previous = {};
  std::string_view contact = {};
  Envelope envelope = {};
};

// Two known contacts are one person (S30): `from` becomes `into`, with its journeys, and what its
// id does from now on, `into` did. Either may be an id that nothing is known of yet.
struct Merge {
  std::string_view from = {};
  std::string_view into = {};
  Envelope envelope = {};
};

// The contact belongs to this account (B2B), and to no other any more; an empty one: to none. The
// newer word counts, as of attributes (S5).
struct Group {
  std::string_view account = {};
  std::string_view contact = {};
  Envelope envelope = {};
};

// Nothing is to be known of the contact any more: not its ids, its attributes, its history, its
// journeys. What it was sent and is not taken yet does not go out.
struct Forget {
  std::string_view contact = {};
  Envelope envelope = {};
};

// What became of an action.
struct Report {
  ActionId action = {};
  Receipt receipt = Receipt::sent;
  bool hard = true;   // of bounced
  bool retry = true;  // of failed: it may go well another time
  Envelope envelope = {};
  std::span<const Property> data = {};
  std::string_view declared = {};  // the name of a declared receipt
  bool known = false;  // true: refused (unknown_action), not counted, where no such action is known
};

// Enrols a contact through a campaign's `host` entry.
struct Enter {
  std::string_view campaign = {};
  std::string_view contact = {};
  std::optional<std::string_view> key = {};
  Envelope envelope = {};
  std::span<const Property> properties = {};  // `entry.<name>` in conditions
};

// Ends the contact's journeys in a campaign, of one key or of all.
struct Stop {
  std::string_view campaign = {};
  std::string_view contact = {};
  std::optional<std::string_view> key = {};
  Envelope envelope = {};
};

// What was taken and of which nothing was reported is offered again (Action::maybe_executed): these
// actions, or all. From the first Reoffer on it is kept for that; before, nothing is.
struct Reoffer {
  std::span<const ActionId> actions = {};  // empty: all
  Envelope envelope = {};
};

// What was taken by then (Output::takes) is the host's for good, and is not offered again.
struct Acknowledge {
  std::uint64_t takes = 0;
  bool keep = true;  // false: nothing more is kept at all, until the next Reoffer
  Envelope envelope = {};
};

using Input = std::variant<Event, Identify, Alias, Report, Enter, Stop, Suppress, Merge, Forget,
                           Group, Pause, Resume, Reassign, TakeOver, Reoffer, Acknowledge, Move>;

}  // namespace itinera
