// SPDX-License-Identifier: Apache-2.0
// What frames were written for: the inputs, as plain structs whose fields() lists what is written,
// in order; docs/durability.md shows the bytes. Numbers and orders of fields are on disk: never
// change them; add kinds at the end. Texts and bytes point into the frame that was read, or into
// what the engine had at hand.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

// Who an input is about: `contact` is a place, or `contact_id` the id of a contact that does not
// exist (yet).

struct OpenedInput {
  static constexpr InputKind kind = InputKind::opened;
  std::string_view library;    // version of the library that wrote it
  std::string_view zone_data;  // "2025b"
  template <class V>
  void fields(V& v) {
    v(library, zone_data);
  }
};

// S4: what identifies a message, and its content. On disk one byte, then 24 more if it has an id.
struct MessageKey {
  Hash128 id;                 // of (source, message id)
  std::uint64_t content = 0;  // of the whole message
  [[nodiscard]] bool present() const { return id != Hash128{}; }
};

struct EventInput {
  static constexpr InputKind kind = InputKind::event;
  std::uint32_t contact = no_place;
  std::string_view contact_id;
  std::string_view name;
  Instant occurred;
  MessageKey message;
  base::ByteView properties;  // retained only: name and packed value in turn
  template <class V>
  void fields(V& v) {
    v(contact, contact_id, name, occurred, message, properties);
  }
};

struct IdentifyInput {
  static constexpr InputKind kind = InputKind::identify;
  std::uint32_t contact = no_place;
  std::string_view contact_id;
  std::string_view anonymous;
  Instant occurred;
  std::string_view message_id;
  MessageKey message;
  base::ByteView attributes;  // retained only
  template <class V>
  void fields(V& v) {
    v(contact, contact_id, anonymous, occurred, message_id, message, attributes);
  }
};

struct AliasInput {
  static constexpr InputKind kind = InputKind::alias;
  std::uint32_t contact = no_place;
  std::string_view contact_id;
  std::string_view previous;
  Instant occurred;
  MessageKey message;
  template <class V>
  void fields(V& v) {
    v(contact, contact_id, previous, occurred, message);
  }
};

struct MergeInput {
  static constexpr InputKind kind = InputKind::merge;
  std::uint32_t into = no_place;
  std::string_view into_id;
  std::uint32_t from = no_place;
  std::string_view from_id;
  Instant occurred;
  MessageKey message;
  template <class V>
  void fields(V& v) {
    v(into, into_id, from, from_id, occurred, message);
  }
};

struct GroupInput {
  static constexpr InputKind kind = InputKind::group;
  std::uint32_t contact = no_place;
  std::string_view contact_id;
  std::string_view account;
  Instant occurred;
  std::string_view message_id;
  MessageKey message;
  template <class V>
  void fields(V& v) {
    v(contact, contact_id, account, occurred, message_id, message);
  }
};

// Of who is unknown the id stands in the frame's records, until somebody erases it.
struct ForgetInput {
  static constexpr InputKind kind = InputKind::forget;
  std::uint32_t contact = no_place;  // no_place: nothing was known of it
  MessageKey message;
  template <class V>
  void fields(V& v) {
    v(contact, message);
  }
};

struct ReportInput {
  static constexpr InputKind kind = InputKind::report;
  Hash128 action;
  std::uint8_t receipt = 0;
  static constexpr std::uint8_t hard = 1;   // of bounced
  static constexpr std::uint8_t retry = 2;  // of failed: it may go well another time
  std::uint8_t flags = 0;
  Instant occurred;
  MessageKey message;
  base::ByteView data;
  template <class V>
  void fields(V& v) {
    v(action, receipt, flags, occurred, message, data);
  }
};

struct EnterInput {
  static constexpr InputKind kind = InputKind::enter;
  std::uint32_t contact = no_place;
  std::string_view contact_id;
  std::string_view campaign;
  std::uint8_t has_key = 0;
  std::string_view key;
  MessageKey message;
  base::ByteView properties;
  template <class V>
  void fields(V& v) {
    v(contact, contact_id, campaign, has_key, key, message, properties);
  }
};

struct StopInput {
  static constexpr InputKind kind = InputKind::stop;
  std::uint32_t contact = no_place;
  std::string_view contact_id;
  std::string_view campaign;
  std::uint8_t has_key = 0;
  std::string_view key;
  template <class V>
  void fields(V& v) {
    v(contact, contact_id, campaign, has_key, key);
  }
};

struct MoveInput {
  static constexpr InputKind kind = InputKind::move;
  std::uint32_t contact = no_place;
  std::string_view contact_id;
  std::string_view campaign;
  std::uint8_t has_key = 0;
  std::string_view key;
  std::string_view step;
  MessageKey message;
  template <class V>
  void fields(V& v) {
    v(contact, contact_id, campaign, has_key, key, step, message);
  }
};

struct ReassignInput {
  static constexpr InputKind kind = InputKind::reassign;
  Hash128 action;
  MessageKey message;
  template <class V>
  void fields(V& v) {
    v(action, message);
  }
};

// `properties`: what is retained of the entry.
struct TakeOverInput {
  static constexpr InputKind kind = InputKind::take_over;
  std::uint32_t contact = no_place;
  std::string_view contact_id;
  std::string_view campaign;
  std::uint8_t has_key = 0;
  std::string_view key;
  MessageKey message;
  base::ByteView properties;
  template <class V>
  void fields(V& v) {
    v(contact, contact_id, campaign, has_key, key, message, properties);
  }
};

// Of the address no more than its hash: that of (channel, address), as in Suppressed.
struct SuppressInput {
  static constexpr InputKind kind = InputKind::suppress;
  std::string_view channel;
  std::uint64_t address = 0;
  std::uint8_t listed = 0;
  MessageKey message;
  template <class V>
  void fields(V& v) {
    v(channel, address, listed, message);
  }
};

// That something has been reported. What it said of an address is the frame's record, Suppressed.
struct HeardInput {
  static constexpr InputKind kind = InputKind::heard;
  std::uint8_t from = 0;  // the shard to which it was reported
  template <class V>
  void fields(V& v) {
    v(from);
  }
};

// A contact goes to another shard.
struct DepartInput {
  static constexpr InputKind kind = InputKind::depart;
  std::uint8_t to = 0;
  template <class V>
  void fields(V& v) {
    v(to);
  }
};

// A contact that has just departed there is here from now on.
struct ComeInput {
  static constexpr InputKind kind = InputKind::come;
  std::uint8_t from = 0;
  template <class V>
  void fields(V& v) {
    v(from);
  }
};

struct PauseInput {
  static constexpr InputKind kind = InputKind::pause;
  std::string_view campaign;
  std::uint8_t mode = 0;     // PauseMode
  std::uint8_t entries = 0;  // 1: contacts still enter
  template <class V>
  void fields(V& v) {
    v(campaign, mode, entries);
  }
};

struct ResumeInput {
  static constexpr InputKind kind = InputKind::resume;
  std::string_view campaign;
  template <class V>
  void fields(V& v) {
    v(campaign);
  }
};

struct PublishInput {
  static constexpr InputKind kind = InputKind::publish;
  base::ByteView model;  // model/model_codec.hpp
  template <class V>
  void fields(V& v) {
    v(model);
  }
};

// The engine was opened with other zone data than it had.
struct ZoneDataInput {
  static constexpr InputKind kind = InputKind::zone_data;
  std::string_view version;  // "2025b"
  template <class V>
  void fields(V& v) {
    v(version);
  }
};

struct TakenInput {
  static constexpr InputKind kind = InputKind::taken;
  std::uint32_t count = 0;  // of the outbox, oldest first
  template <class V>
  void fields(V& v) {
    v(count);
  }
};

// From the first one on, what is taken is kept until something is reported of it.
struct ReofferInput {
  static constexpr InputKind kind = InputKind::reoffer;
  static constexpr std::size_t id_size = 16;
  base::ByteView actions;  // ids, high half and low half each; empty: all that are kept
  template <class V>
  void fields(V& v) {
    v(actions);
  }
};

struct AcknowledgeInput {
  static constexpr InputKind kind = InputKind::acknowledge;
  std::uint64_t takes = 0;  // what was taken by the first so many is kept no longer
  std::uint8_t keep = 1;    // 0: nor is what will be taken
  template <class V>
  void fields(V& v) {
    v(takes, keep);
  }
};

struct TimersInput {
  static constexpr InputKind kind = InputKind::timers;
  std::uint32_t count = 0;  // journeys that fell due
  template <class V>
  void fields(V& v) {
    v(count);
  }
};

struct GatesInput {
  static constexpr InputKind kind = InputKind::gates;
  std::uint32_t count = 0;  // sends that passed the gate
  template <class V>
  void fields(V& v) {
    v(count);
  }
};

}  // namespace itinera::record
