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
#include "itinera/step.hpp"
#include "itinera/time.hpp"
#include "itinera/value.hpp"

namespace itinera {

// When, and as which message. With a `message_id` a repeat from the same `source` within the
// dedupe window changes nothing (decision `duplicate`), or is refused if its content differs
// (error `conflict`); without one, nothing is deduplicated (S4).
struct Envelope {
  Instant received = {};
  std::optional<Instant> occurred = {};
  std::string_view message_id = {};
  std::string_view source = {};
};

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

// An operator's hand: the contact's journeys in a campaign, of one key or of all, come to that
// step, wherever they stand, and go on from there: of the version that takes entries, or where none
// does, of their own. Not into a parallel.
struct Move {
  std::string_view campaign = {};
  std::string_view contact = {};
  std::optional<std::string_view> key = {};
  std::string_view step = {};
  Envelope envelope = {};
};

// The host closes an address of a channel to every message, transactional ones too (reason
// `listed`); or opens it again, whatever has closed it.
struct Suppress {
  std::string_view channel = {};
  std::string_view address = {};
  bool listed = true;  // false: it is open again
  Envelope envelope = {};
};

// What becomes of a journey's waits while its campaign is paused (S31). `queue`: they go on, and
// what falls due waits for Resume. `freeze`: they are longer by the pause; times of day and
// recurrences are resolved anew. `drop`: as `queue`, but the step behind a wait that fell due is
// skipped.
enum class PauseMode : std::uint8_t { queue, freeze, drop };

// Until Resume no journey of the campaign takes a step, and none of its messages goes out;
// `expires` still holds, and so do exits and goals. One that is paused already stays as it is.
struct Pause {
  std::string_view campaign = {};
  PauseMode mode = PauseMode::queue;
  bool entries = false;  // true: contacts still enter, and stand before their first step
  Envelope envelope = {};
};

// The campaign goes on, whoever has paused it.
struct Resume {
  std::string_view campaign = {};
  Envelope envelope = {};
};

// A task that is open goes from one person or system to another, as the story of its journey says
// from now on. It stays the action that it is; its deadline stays unless `within_ms`, from now,
// says otherwise (a task without a deadline gets none).
struct Reassign {
  ActionId action = {};
  std::string_view to = {};
  std::string_view by = {};
  std::string_view note = {};
  std::optional<std::int64_t> within_ms = {};
  Envelope envelope = {};
};

// A journey that another engine has begun goes on here: `token` is what that one's
// Engine::resume_token() gave, or what came with its task. The same token again is a repeat, unless
// it has a message id of its own.
struct TakeOver {
  std::string_view token = {};
  std::string_view contact = {};  // who it is here; empty: as the token says
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
