// SPDX-License-Identifier: Apache-2.0
// What is recorded of a contact that goes from one shard to another. Part of records.hpp, as are
// its rules; places are those of the shard that it comes to, but for `from`. Lists are as in
// tables/lists.hpp, but that names are texts, and frames how many ago they were
// (crossing/lists.hpp).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

// The contact is in another shard now, and nothing is left here but its ids.
struct Departed {
  static constexpr RecordKind kind = RecordKind::departed;
  std::uint32_t contact = 0;
  base::ByteView places;  // a u32 each: the contact's own, then those of its ids, oldest link first
  template <class V>
  void fields(V& v) {
    v(contact, places);
  }
};

// A contact has come, or one of the ids that stand for it: these come behind it, oldest link first.
// Where it has been here before it has the same place again.
struct ContactCame {
  static constexpr RecordKind kind = RecordKind::contact_came;
  std::uint32_t contact = 0;
  std::uint32_t from = 0;    // its place in the shard that it comes from
  std::uint32_t person = 0;  // for whom the id stands: itself, or who came before
  std::string_view id;
  Instant first_seen;
  std::uint8_t history_unknown = 0;
  std::uint8_t depth = 0;  // in a chain, at this instant
  base::ByteView attributes;
  base::ByteView history;
  base::ByteView counted;
  Instant watched;  // no_deadline: nothing is to be looked at
  Instant looked;
  template <class V>
  void fields(V& v) {
    v(contact, from, person, id, first_seen, history_unknown, depth, attributes, history, counted,
      watched, looked);
  }
};

// Something that is known of it in a table of the engine.
struct RowCame {
  static constexpr RecordKind kind = RecordKind::row_came;
  enum class Table : std::uint8_t { rate, handle, run, variant, short_run, passed, segment, line };
  std::uint32_t contact = 0;
  Table table = Table::rate;
  Hash128 key;         // where 64 bits are enough they are the upper half
  std::int64_t a = 0;  // sent; since; entered; name; ordinal; until; -
  std::int64_t b = 0;  // engaged; -; ended; assigned; -
  template <class V>
  void fields(V& v) {
    v(contact, table, key, a, b);
  }
};

// A journey of it, or a strand, or a send aside: strands behind their head, in their order.
struct JourneyCame {
  static constexpr RecordKind kind = RecordKind::journey_came;
  static constexpr std::uint8_t has_key = 1;
  static constexpr std::uint8_t of_wall_time = 2;
  static constexpr std::uint8_t holdout = 4;
  static constexpr std::uint8_t stopped = 8;    // stands still because of a pause
  static constexpr std::uint8_t fell_due = 16;  // behind a wait that fell due
  static constexpr std::uint8_t frozen = 32;
  static constexpr std::uint8_t migrated = 64;  // it, or another that was where it was
  std::uint32_t journey = 0;
  std::uint32_t from = 0;  // its place in the shard that it comes from
  std::uint32_t contact = 0;
  std::uint32_t head = no_place;  // of a strand
  std::uint16_t version = 0;
  std::uint16_t node = 0;
  std::uint16_t ordinal = 0;
  std::uint8_t phase = 0;
  std::uint8_t flags = 0;
  std::uint8_t strand = 0;
  std::uint8_t held_for = 0;
  std::uint32_t goals = 0;
  std::uint32_t entered_ago = 0;  // frames
  std::uint32_t armed_ago = 0;
  Instant entered;
  Instant due;
  Instant frozen_due;
  Instant frozen_from;
  std::string_view key;
  template <class V>
  void fields(V& v) {
    v(journey, from, contact, head, version, node, ordinal, phase, flags, strand, held_for, goals,
      entered_ago, armed_ago, entered, due, frozen_due, frozen_from, key);
  }
};

// An action of a journey that has come, which is no strand: oldest first.
struct ActionCame {
  static constexpr RecordKind kind = RecordKind::action_came;
  std::uint32_t action = 0;
  std::uint32_t journey = 0;
  Hash128 id;
  Instant emitted;
  std::uint16_t node = 0;
  std::uint8_t leg = 0;
  std::uint8_t freed_slot = 0;
  std::uint32_t receipts = 0;
  std::uint32_t used = 0;
  std::uint64_t address = 0;
  std::uint16_t version = 0;   // that it went out by; 0xFFFF: the journey's
  std::uint16_t now_node = 0;  // where its step stands in the journey's, if that is another
  template <class V>
  void fields(V& v) {
    v(action, journey, id, emitted, node, leg, freed_slot, receipts, used, address, version,
      now_node);
  }
};

// What the journey, or the strand, knows: how far it is with its steps, and of what.
struct ContextCame {
  static constexpr RecordKind kind = RecordKind::context_came;
  std::uint32_t journey = 0;
  base::ByteView progress;  // numbers only
  base::ByteView content;
  template <class V>
  void fields(V& v) {
    v(journey, progress, content);
  }
};

// An action that waits to be taken: in the order of the outbox.
struct OutCame {
  static constexpr RecordKind kind = RecordKind::out_came;
  std::uint32_t contact = 0;
  std::uint32_t action = no_place;  // of a journey that has come; no_place: its journey is closed
  Hash128 id;
  Instant at;
  std::uint32_t iteration = 0;
  std::uint32_t attempt = 0;
  std::uint16_t version = 0;
  std::uint16_t node = 0;
  std::uint8_t leg = 0;
  std::uint8_t has_key = 0;
  std::string_view key;
  std::string_view address;
  base::ByteView data;
  template <class V>
  void fields(V& v) {
    v(contact, action, id, at, iteration, attempt, version, node, leg, has_key, key, address, data);
  }
};

// An action that was taken, and of which nothing is known to have come yet: in the order of the
// row.
struct OpenCame {
  static constexpr RecordKind kind = RecordKind::open_came;
  std::uint32_t contact = 0;
  Hash128 id;
  Instant at;
  std::uint32_t iteration = 0;
  std::uint32_t attempt = 0;
  std::uint16_t version = 0;
  std::uint16_t node = 0;
  std::uint8_t leg = 0;
  std::uint8_t unwanted = 0;
  std::uint8_t has_key = 0;
  std::uint8_t offered = 0;
  std::string_view key;
  std::string_view address;
  base::ByteView data;
  template <class V>
  void fields(V& v) {
    v(contact, id, at, iteration, attempt, version, node, leg, unwanted, has_key, offered, key,
      address, data);
  }
};

// A send whose journey is closed.
struct SentCame {
  static constexpr RecordKind kind = RecordKind::sent_came;
  std::uint32_t contact = 0;
  Hash128 id;
  Instant emitted;
  Instant closed;
  std::uint64_t address = 0;
  std::uint32_t receipts = 0;
  std::uint16_t version = 0;
  std::uint16_t node = 0;
  std::uint8_t leg = 0;
  std::uint8_t freed_slot = 0;
  template <class V>
  void fields(V& v) {
    v(contact, id, emitted, closed, address, receipts, version, node, leg, freed_slot);
  }
};

// How many journeys a campaign counts as begun in this shard from now on, for its caps: those begun
// in the other shard among them, or, there, none.
struct BegunCame {
  static constexpr RecordKind kind = RecordKind::begun_came;
  std::uint16_t version = 0;  // one of the campaign's
  std::uint64_t total = 0;
  template <class V>
  void fields(V& v) {
    v(version, total);
  }
};

}  // namespace itinera::record
