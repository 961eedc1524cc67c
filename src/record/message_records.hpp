// SPDX-License-Identifier: Apache-2.0
// What is recorded of messages on their way through the gates, and after. Part of records.hpp, as
// are its rules.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

// A send stays before the gate, and comes there again when `due` comes.
struct Held {
  static constexpr RecordKind kind = RecordKind::held;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  Decision decision = Decision::held_quiet_hours;
  Instant due;
  template <class V>
  void fields(V& v) {
    v(journey, node, decision, due);
  }
};

// A send that is held steps aside: it has a place of its own among the journeys, and `head`, the
// journey or the strand that came to it, goes on without it.
struct SetAside {
  static constexpr RecordKind kind = RecordKind::set_aside;
  std::uint32_t journey = 0;  // the place that the send has from now on
  std::uint32_t head = 0;
  std::uint16_t node = 0;
  template <class V>
  void fields(V& v) {
    v(journey, head, node);
  }
};

// Such a send has gone out, or never will.
struct AsideDone {
  static constexpr RecordKind kind = RecordKind::aside_done;
  std::uint32_t journey = 0;
  template <class V>
  void fields(V& v) {
    v(journey);
  }
};

// The journey has no steps left, and stays until its sends aside are done.
struct Lingered {
  static constexpr RecordKind kind = RecordKind::lingered;
  std::uint32_t journey = 0;
  std::uint16_t node = 0xFFFF;  // the exit step, if that was it
  template <class V>
  void fields(V& v) {
    v(journey, node);
  }
};

// A call or a message that is retried has failed for the last time, or for good.
struct GaveUp {
  static constexpr RecordKind kind = RecordKind::gave_up;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  std::uint32_t attempts = 0;  // that were made
  template <class V>
  void fields(V& v) {
    v(journey, node, attempts);
  }
};

// Which of its channels a send takes now, and what was found of each that was asked.
struct Chose {
  static constexpr RecordKind kind = RecordKind::chose;
  static constexpr std::uint8_t no_leg = 0xFF;
  static constexpr std::size_t candidate_size = 3;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  std::uint8_t leg = no_leg;  // its place among the send's channels; no_leg: none
  // Of each, the one liked best first: leg, decision, reason, a byte each.
  base::ByteView candidates;
  template <class V>
  void fields(V& v) {
    v(journey, node, leg, candidates);
  }
};

// The contact has not reacted, and the send goes on to its next channel.
struct Escalated {
  static constexpr RecordKind kind = RecordKind::escalated;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  template <class V>
  void fields(V& v) {
    v(journey, node);
  }
};

// From now on the journey's messages on that sender's channel are its. `sender` counts the senders
// that were ever published, from 0.
struct AccountGiven {
  static constexpr RecordKind kind = RecordKind::account_given;
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  std::uint16_t sender = 0;
  template <class V>
  void fields(V& v) {
    v(journey, node, sender);
  }
};

// When a sender next looks whose turn it is among those that wait for it; and whose it is now.
struct Served {
  static constexpr RecordKind kind = RecordKind::served;
  std::uint16_t sender = 0;
  std::uint32_t journey = no_place;  // no_place: nobody's
  Instant due;                       // no_deadline: nobody waits, or somebody has a turn
  template <class V>
  void fields(V& v) {
    v(sender, journey, due);
  }
};

// The provider has had enough: the sender sends nothing before `until`.
struct Rested {
  static constexpr RecordKind kind = RecordKind::rested;
  std::uint16_t sender = 0;
  Instant until;
  template <class V>
  void fields(V& v) {
    v(sender, until);
  }
};

// An action that is taken at this very frame stays here after all: between its emission and now the
// contact has refused it. `entry` counts the actions that the frame takes, from 0.
struct Recalled {
  static constexpr RecordKind kind = RecordKind::recalled;
  std::uint32_t entry = 0;
  Hash128 id;
  std::uint32_t contact = 0;
  std::uint16_t version = 0;
  std::uint16_t node = 0;
  Decision decision = Decision::withdrawn_consent;
  Reason reason = Reason::none;
  template <class V>
  void fields(V& v) {
    v(entry, id, contact, version, node, decision, reason);
  }
};

// An action that was taken, and of which nothing was reported, is not offered again: nobody may
// want it any more. What it took of caps and quotas it keeps, since it may have reached the
// contact.
struct UnknownOutcome {
  static constexpr RecordKind kind = RecordKind::unknown_outcome;
  // When it is taken once more: which of the actions that the frame takes, from 0; else no_place.
  std::uint32_t entry = no_place;
  Hash128 id;
  std::uint32_t contact = 0;
  std::uint16_t version = 0;
  std::uint16_t node = 0;
  std::uint8_t leg = 0;  // by which of a send's channels
  Reason reason = Reason::none;
  template <class V>
  void fields(V& v) {
    v(entry, id, contact, version, node, leg, reason);
  }
};

// A receipt of a send whose journey is closed.
struct LateReceipt {
  static constexpr RecordKind kind = RecordKind::late_receipt;
  Hash128 action;
  std::uint32_t contact = 0;
  std::uint16_t version = 0;
  std::uint16_t node = 0;
  std::uint8_t receipt = 0;
  std::uint8_t leg = 0;  // by which of the send's channels
  template <class V>
  void fields(V& v) {
    v(action, contact, version, node, receipt, leg);
  }
};

}  // namespace itinera::record
