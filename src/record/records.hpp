// SPDX-License-Identifier: Apache-2.0
// The records that were decided because of an input (inputs.hpp). Each is a plain struct whose
// fields() lists what is written, in order; docs/durability.md shows the bytes. Numbers and orders
// of fields are on disk: never change them; add kinds at the end.
//
// Contacts, journeys and actions are 32-bit places that their first record assigns; a place of a
// journey or an action is used again after its last record. `version` counts published campaign
// versions from 0 in the order of their publication; `node` is the step's place in document order.
// Texts and bytes point into the frame that was read, or into what the engine had at hand.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "record/arrival_records.hpp"
#include "record/contact_records.hpp"
#include "record/crossing_records.hpp"
#include "record/handover_records.hpp"
#include "record/inputs.hpp"
#include "record/kinds.hpp"
#include "record/message_records.hpp"
#include "record/migration_records.hpp"
#include "record/pause_records.hpp"
#include "record/zone_records.hpp"

namespace itinera::record {

struct Entered {
  static constexpr RecordKind kind = RecordKind::entered;
  std::uint32_t journey = 0;
  std::uint32_t contact = 0;
  std::uint16_t version = 0;
  std::uint16_t ordinal = 0;
  std::uint8_t entry = 0;  // which entry rule
  static constexpr std::uint8_t has_key = 1;
  static constexpr std::uint8_t holdout = 2;  // gets no marketing; above: how deep in a chain
  std::uint8_t flags = 0;
  std::string_view key;
  template <class V>
  void fields(V& v) {
    v(journey, contact, version, ordinal, entry, flags, key);
  }
};

struct Refused {
  static constexpr RecordKind kind = RecordKind::refused;
  std::uint32_t contact = no_place;
  std::uint16_t version = 0;
  Decision decision = Decision::refused_entry;
  Reason reason = Reason::none;
  std::string_view key;
  template <class V>
  void fields(V& v) {
    v(contact, version, decision, reason, key);
  }
};

// A step on a cycle was reached once more.
struct Visited {
  static constexpr RecordKind kind = RecordKind::visited;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  template <class V>
  void fields(V& v) {
    v(journey, node);
  }
};

// The journey stands at a wait. `due` in the past or now: it went on at once. no_deadline: only an
// input can end it.
inline constexpr Instant no_deadline{INT64_MAX};
struct Waited {
  static constexpr RecordKind kind = RecordKind::waited;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  Reason reason = Reason::none;  // past: the target was past and the journey went on
  // Whose zone it was: 0 none, 1 contact, 2 campaign, 3 workspace, 4 UTC; and of_wall_time, where
  // the target is a time on the wall of that zone, and so moves with it (S13).
  std::uint8_t zone_from = 0;
  Instant due;
  static constexpr std::uint8_t of_wall_time = 0x80;
  template <class V>
  void fields(V& v) {
    v(journey, node, reason, zone_from, due);
  }
};

// The deadline of a wait moves: with the contact's zone or with the date it follows (S13), or
// because of what resets it. Not before the frame's instant.
struct Rearmed {
  static constexpr RecordKind kind = RecordKind::rearmed;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  Decision decision = Decision::resolved_zone;
  std::uint8_t zone_from = 0;  // as in Waited
  Instant due;
  template <class V>
  void fields(V& v) {
    v(journey, node, decision, zone_from, due);
  }
};

struct Resolved {
  static constexpr RecordKind kind = RecordKind::resolved;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  std::uint16_t which = no_case;  // the case, or no_case for the deadline
  template <class V>
  void fields(V& v) {
    v(journey, node, which);
  }
};

struct Branched {
  static constexpr RecordKind kind = RecordKind::branched;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  std::uint16_t which = no_case;  // the case, or no_case for `else`
  template <class V>
  void fields(V& v) {
    v(journey, node, which);
  }
};

struct Assigned {
  static constexpr RecordKind kind = RecordKind::assigned;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  std::uint16_t variant = 0;
  std::uint16_t bucket = 0;
  template <class V>
  void fields(V& v) {
    v(journey, node, variant, bucket);
  }
};

struct VariableSet {
  static constexpr RecordKind kind = RecordKind::variable_set;
  std::uint32_t journey = 0;
  std::string_view name;
  base::ByteView value;  // packed
  template <class V>
  void fields(V& v) {
    v(journey, name, value);
  }
};

// A send waits for its turn at the gate.
struct Ready {
  static constexpr RecordKind kind = RecordKind::ready;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  template <class V>
  void fields(V& v) {
    v(journey, node);
  }
};

// An action entered the outbox.
struct Emitted {
  static constexpr RecordKind kind = RecordKind::emitted;
  std::uint32_t journey = 0;
  std::uint32_t action = 0;
  std::uint16_t node = 0;
  std::uint32_t iteration = 0;
  Hash128 id;
  std::string_view address;
  base::ByteView data;  // name and packed value in turn
  template <class V>
  void fields(V& v) {
    v(journey, action, node, iteration, id, address, data);
  }
};

struct Skipped {
  static constexpr RecordKind kind = RecordKind::skipped;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  Decision decision = Decision::skipped_when;
  Reason reason = Reason::none;
  template <class V>
  void fields(V& v) {
    v(journey, node, decision, reason);
  }
};

struct ReceiptNoted {
  static constexpr RecordKind kind = RecordKind::receipt_noted;
  std::uint32_t journey = 0;
  std::uint32_t action = 0;
  std::uint16_t node = 0;
  std::uint8_t receipt = 0;
  template <class V>
  void fields(V& v) {
    v(journey, action, node, receipt);
  }
};

struct Converted {
  static constexpr RecordKind kind = RecordKind::converted;
  std::uint32_t journey = 0;
  std::uint16_t goal = 0;
  base::ByteView value;  // packed, or empty
  template <class V>
  void fields(V& v) {
    v(journey, goal, value);
  }
};

// The journey takes no further step. It stays until closed while a goal's `within` is open.
struct Ended {
  static constexpr RecordKind kind = RecordKind::ended;
  std::uint32_t journey = 0;
  Decision decision = Decision::finished;
  Reason reason = Reason::none;
  std::uint16_t node = 0xFFFF;  // the exit step, if that was it
  Instant open_until;           // the end of the last open goal; the frame's instant if none
  template <class V>
  void fields(V& v) {
    v(journey, decision, reason, node, open_until);
  }
};

struct Closed {
  static constexpr RecordKind kind = RecordKind::closed;
  std::uint32_t journey = 0;
  template <class V>
  void fields(V& v) {
    v(journey);
  }
};

// An action left the outbox before it was taken.
struct Withdrawn {
  static constexpr RecordKind kind = RecordKind::withdrawn;
  std::uint32_t journey = 0;
  Hash128 id;
  Decision decision = Decision::withdrawn_exit;
  std::uint32_t action = 0;
  template <class V>
  void fields(V& v) {
    v(journey, id, decision, action);
  }
};

// What a receipt brought is kept for a later wait that asks for it (`as`).
struct ReceiptKept {
  static constexpr RecordKind kind = RecordKind::receipt_kept;
  std::uint32_t journey = 0;
  std::uint32_t action = 0;
  std::uint8_t receipt = 0;
  base::ByteView data;  // one packed value, a map
  template <class V>
  void fields(V& v) {
    v(journey, action, receipt, data);
  }
};

// A wait took a receipt: no other wait of the journey takes it again (S33).
struct ReceiptUsed {
  static constexpr RecordKind kind = RecordKind::receipt_used;
  std::uint32_t journey = 0;
  std::uint32_t action = 0;
  std::uint8_t receipt = 0;
  template <class V>
  void fields(V& v) {
    v(journey, action, receipt);
  }
};

// The same of an event, where waits of the campaign look back at events.
struct EventUsed {
  static constexpr RecordKind kind = RecordKind::event_used;
  std::uint32_t journey = 0;
  // That took the event in. Frames and `caused` records are counted together, from the journal's
  // first, modulo 2^32.
  std::uint32_t frame = 0;
  template <class V>
  void fields(V& v) {
    v(journey, frame);
  }
};

// The journey came to an `emit`, `start` or `stop`: what it asks for waits in the queue of what the
// input sets off (S33).
struct SetOff {
  static constexpr RecordKind kind = RecordKind::set_off;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  template <class V>
  void fields(V& v) {
    v(journey, node);
  }
};

// An `emit` or a `start` has its turn: what follows in the frame comes of that, as of an input.
struct Caused {
  static constexpr RecordKind kind = RecordKind::caused;
  std::uint32_t contact = 0;
  std::string_view event;     // empty: a `start`
  base::ByteView properties;  // retained only: name and packed value in turn
  template <class V>
  void fields(V& v) {
    v(contact, event, properties);
  }
};

// The moment at which time alone may next change what is listened to about a contact.
struct Watched {
  static constexpr RecordKind kind = RecordKind::watched;
  std::uint32_t contact = 0;
  Instant due;  // no_deadline: none
  template <class V>
  void fields(V& v) {
    v(contact, due);
  }
};

// That moment is now, for all contacts: something that was published goes with the time.
struct WatchedAll {
  static constexpr RecordKind kind = RecordKind::watched_all;
  template <class V>
  void fields(V&) {}
};

// `segment` counts the segments that were ever published, from 0 in the order of their first
// publication.
struct MembershipChanged {
  static constexpr RecordKind kind = RecordKind::membership_changed;
  std::uint32_t contact = 0;
  std::uint16_t segment = 0;
  std::uint8_t in = 0;
  template <class V>
  void fields(V& v) {
    v(contact, segment, in);
  }
};

// A publication made something else of a segment, or is the first to listen to it: these are in it
// now, and nobody has entered or left it (S34).
struct Redefined {
  static constexpr RecordKind kind = RecordKind::redefined;
  std::uint16_t segment = 0;
  std::uint32_t came = 0;
  std::uint32_t went = 0;
  base::ByteView members;  // a bit for each contact, by place; the lowest bit of a byte first
  template <class V>
  void fields(V& v) {
    v(segment, came, went, members);
  }
};

// A strand of the parallel `node` begins: it has a place of its own among the journeys, and shares
// all else with `head`, the journey or the strand that came to the parallel.
struct Forked {
  static constexpr RecordKind kind = RecordKind::forked;
  std::uint32_t journey = 0;  // the strand's place
  std::uint32_t head = 0;
  std::uint16_t node = 0;
  std::uint8_t number = 0;
  template <class V>
  void fields(V& v) {
    v(journey, head, node, number);
  }
};

// A strand has come to its end (`joined`), or is no longer waited for (`left_behind`). Those that
// end with their journey are not told one by one.
struct Joined {
  static constexpr RecordKind kind = RecordKind::joined;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;  // the parallel
  Decision decision = Decision::joined;
  template <class V>
  void fields(V& v) {
    v(journey, node, decision);
  }
};

// The input at hand joins the list of the digest at which the journey stands.
struct Gathered {
  static constexpr RecordKind kind = RecordKind::gathered;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  Instant due;  // when the digest's window is over now
  template <class V>
  void fields(V& v) {
    v(journey, node, due);
  }
};

// A call or a message has failed, and is tried once more when `due` comes.
struct Retried {
  static constexpr RecordKind kind = RecordKind::retried;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  std::uint32_t attempt = 0;  // the coming one, from 1
  Instant due;
  Instant deadline;  // of a call's answer, however often it is asked for; no_deadline: none
  template <class V>
  void fields(V& v) {
    v(journey, node, attempt, due, deadline);
  }
};

// The journey stays before its first step, because the contact is in another of its exclusive
// group; or no longer, where it is `released`.
struct Parked {
  static constexpr RecordKind kind = RecordKind::parked;
  std::uint32_t journey = 0;
  Decision decision = Decision::held_exclusive;
  template <class V>
  void fields(V& v) {
    v(journey, decision);
  }
};

// What moves a journey that entered before, or puts a contact into a line, stands so deep in a
// chain of what steps set off; this holds until the instant is over. See Entered::flags.
struct Chained {
  static constexpr RecordKind kind = RecordKind::chained;
  std::uint32_t journey = no_place;  // or
  std::uint32_t contact = no_place;
  std::uint8_t depth = 0;
  template <class V>
  void fields(V& v) {
    v(journey, contact, depth);
  }
};

struct Duplicate {
  static constexpr RecordKind kind = RecordKind::duplicate;
  template <class V>
  void fields(V&) {}
};

struct Counted {
  static constexpr RecordKind kind = RecordKind::counted;
  Counter counter = Counter::unknown_condition;
  std::uint32_t journey = no_place;  // where it happened, if in a journey
  std::uint16_t node = 0xFFFF;
  template <class V>
  void fields(V& v) {
    v(counter, journey, node);
  }
};

}  // namespace itinera::record
