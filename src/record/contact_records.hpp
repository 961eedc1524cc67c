// SPDX-License-Identifier: Apache-2.0
// What is recorded of contacts themselves. Part of records.hpp, as are its rules.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/time.hpp"
#include "record/kinds.hpp"

namespace itinera::record {

struct ContactCreated {
  static constexpr RecordKind kind = RecordKind::contact_created;
  std::uint32_t contact = 0;
  std::string_view id;
  template <class V>
  void fields(V& v) {
    v(contact, id);
  }
};

// From now on what the anonymous id does, the contact did.
struct Linked {
  static constexpr RecordKind kind = RecordKind::linked;
  std::uint32_t contact = 0;
  std::uint32_t from = no_place;  // the contact that stood for the anonymous id so far
  std::string_view anonymous;
  template <class V>
  void fields(V& v) {
    v(contact, from, anonymous);
  }
};

// Two known contacts are one: what `from` was, `contact` is, and what its id does from now on,
// `contact` did.
struct Merged {
  static constexpr RecordKind kind = RecordKind::merged;
  std::uint32_t contact = 0;
  std::uint32_t from = 0;
  template <class V>
  void fields(V& v) {
    v(contact, from);
  }
};

// The handle is the contact's, as the host has proof.
struct Verified {
  static constexpr RecordKind kind = RecordKind::verified;
  std::uint32_t contact = 0;
  std::string_view type;
  std::string_view value;
  template <class V>
  void fields(V& v) {
    v(contact, type, value);
  }
};

// The contact belongs to that account, and to no other; to none where it is empty.
struct Grouped {
  static constexpr RecordKind kind = RecordKind::grouped;
  std::uint32_t contact = 0;
  std::string_view account;
  Instant occurred;
  std::string_view message_id;
  template <class V>
  void fields(V& v) {
    v(contact, account, occurred, message_id);
  }
};

// Nothing is known of the contact any more. Its place, and those of the ids that stood for it, are
// used again.
struct Forgotten {
  static constexpr RecordKind kind = RecordKind::forgotten;
  std::uint32_t contact = 0;
  base::ByteView places;  // a u32 each: the contact's own, then those of its ids, oldest link first
  template <class V>
  void fields(V& v) {
    v(contact, places);
  }
};

struct AttributeSet {
  static constexpr RecordKind kind = RecordKind::attribute_set;
  std::uint32_t contact = 0;
  std::string_view name;
  Instant occurred;
  std::string_view message_id;
  base::ByteView value;  // packed
  template <class V>
  void fields(V& v) {
    v(contact, name, occurred, message_id, value);
  }
};

// The input's event joins the contact's history, with the properties that are kept of it.
struct Remembered {
  static constexpr RecordKind kind = RecordKind::remembered;
  std::uint32_t contact = 0;
  template <class V>
  void fields(V& v) {
    v(contact);
  }
};

// Something beside events joins the contact's history: a message on the channel `of` was opened,
// clicked or answered (0), or the attribute `of` got another value (1).
struct Traced {
  static constexpr RecordKind kind = RecordKind::traced;
  std::uint32_t contact = 0;
  std::uint8_t trace = 0;
  std::string_view of;
  Instant occurred;
  template <class V>
  void fields(V& v) {
    v(contact, trace, of, occurred);
  }
};

struct HistoryMarked {
  static constexpr RecordKind kind = RecordKind::history_marked;
  std::uint32_t contact = 0;
  std::uint8_t complete = 0;
  template <class V>
  void fields(V& v) {
    v(contact, complete);
  }
};

// A move set the contact's clock back: what comes by the entry before `until` it has had. Not after
// the frame's instant: nothing is passed over any more.
struct PassedOver {
  static constexpr RecordKind kind = RecordKind::passed_over;
  std::uint32_t contact = 0;
  std::uint16_t version = 0;
  std::uint8_t entry = 0;
  Instant until;
  template <class V>
  void fields(V& v) {
    v(contact, version, entry, until);
  }
};

// The contact granted or denied consent, for a channel or one topic of it.
struct ConsentSet {
  static constexpr RecordKind kind = RecordKind::consent_set;
  std::uint32_t contact = 0;
  std::string_view channel;
  std::string_view topic;  // empty: the channel as a whole
  std::uint8_t granted = 0;
  Instant occurred;
  std::string_view message_id;
  std::string_view source;
  template <class V>
  void fields(V& v) {
    v(contact, channel, topic, granted, occurred, message_id, source);
  }
};

// Nothing is sent to the address any more; or again, where the reason is none.
struct Suppressed {
  static constexpr RecordKind kind = RecordKind::suppressed;
  std::uint32_t contact = no_place;  // who had the address, where that is known
  std::uint64_t address = 0;         // the upper half of the stable hash of (channel, address)
  std::string_view channel;
  Reason reason = Reason::none;
  template <class V>
  void fields(V& v) {
    v(contact, address, channel, reason);
  }
};

}  // namespace itinera::record
