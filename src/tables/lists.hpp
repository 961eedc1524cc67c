// SPDX-License-Identifier: Apache-2.0
// The small lists that contacts and journeys carry as byte strings. Items are read in place and a
// changed list is written anew; names are NameIds, values packed (base/packed_value.hpp).
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_buffer.hpp"
#include "base/bytes.hpp"
#include "base/packed_value.hpp"
#include "itinera/time.hpp"
#include "model/graph.hpp"
#include "plan/names.hpp"

namespace itinera::engine {

// Properties of an event, as in a frame: name (4 + n), packed value.
struct PropertyItem {
  std::string_view name;
  base::ByteView value;
};
inline PropertyItem take_property(base::ByteView& list) {
  const auto name_size = base::load_le<std::uint32_t>(list.data());
  const base::ByteView after = list.subspan(4 + name_size);
  const std::size_t size = base::packed_size(after);
  const PropertyItem item{base::as_text(list.subspan(4, name_size)), after.first(size)};
  list = after.subspan(size);
  return item;
}

// Attributes of a contact: name (4), occurred (8), message id (4 + n), packed value.
struct AttributeItem {
  NameId name;
  Instant occurred;
  std::string_view message_id;
  base::ByteView value;
  base::ByteView whole;
};
inline AttributeItem take_attribute(base::ByteView& list) {
  const std::byte* const at = list.data();
  const auto id_size = base::load_le<std::uint32_t>(at + 12);
  const base::ByteView after = list.subspan(16 + id_size);
  const std::size_t size = base::packed_size(after);
  const AttributeItem item{base::load_le<NameId>(at),
                           {base::load_le<std::int64_t>(at + 4)},
                           base::as_text(list.subspan(16, id_size)),
                           after.first(size),
                           list.first(16 + id_size + size)};
  list = after.subspan(size);
  return item;
}

// Consents stand after the attributes, under a name that none of those has. The value is a packed
// text: 1 if it is granted (1), sizes of channel and topic (2 each), channel, topic, source.
inline constexpr NameId consent_name = 0xFFFF'FFFE;
struct ConsentItem {
  static constexpr std::size_t head = 10;  // of the value: kind and size of a packed text, and ours
  std::string_view channel;
  std::string_view topic;
  std::string_view source;
  bool granted = false;
  AttributeItem item;
};
inline ConsentItem consent_of(const AttributeItem& item) {
  const std::byte* const at = item.value.data() + ConsentItem::head - 5;
  const auto channel = base::load_le<std::uint16_t>(at + 1);
  const auto topic = base::load_le<std::uint16_t>(at + 3);
  const std::string_view rest = base::as_text(item.value.subspan(ConsentItem::head));
  return {rest.substr(0, channel), rest.substr(channel, topic),
          rest.substr(std::size_t{channel} + topic), at[0] != std::byte{0}, item};
}
// Of a list that begins with one. Inline, so that nothing is made of what the caller does not read.
[[gnu::always_inline]] inline ConsentItem take_consent(base::ByteView& list) {
  const std::byte* const at = list.data();
  const std::size_t id_end = 16 + std::size_t{base::load_le<std::uint32_t>(at + 12)};
  const std::size_t size = 5 + std::size_t{base::load_le<std::uint32_t>(at + id_end + 1)};
  const ConsentItem consent = consent_of({consent_name,
                                          {base::load_le<std::int64_t>(at + 4)},
                                          base::as_text({at + 16, at + id_end}),
                                          {at + id_end, size},
                                          {at, id_end + size}});
  list = {at + id_end + size, list.data() + list.size()};
  return consent;
}
// The consents of a contact, that stand after its attributes.
inline base::ByteView consents_in(base::ByteView list) {
  while (!list.empty() && base::load_le<NameId>(list.data()) != consent_name) take_attribute(list);
  return list;
}
inline std::optional<ConsentItem> find_consent(base::ByteView list, std::string_view channel,
                                               std::string_view topic) {
  for (base::ByteView rest = consents_in(list); !rest.empty();) {
    const ConsentItem consent = take_consent(rest);
    if (consent.channel == channel && consent.topic == topic) return consent;
  }
  return std::nullopt;
}

// So does the account (B2B) that the contact belongs to, a packed text; empty: none.
inline constexpr NameId account_name = 0xFFFF'FFFD;

// Events of a contact, newest first by occurred: size of the item (4), event (4), occurred (8),
// received (8), frame (4), properties.
struct HistoryItem {
  static constexpr std::size_t head = 28;
  NameId event;
  Instant occurred;
  Instant received;
  std::uint32_t frame;
  base::ByteView properties;
  base::ByteView whole;
};
inline HistoryItem take_event(base::ByteView& list) {
  const std::byte* const at = list.data();
  const auto size = base::load_le<std::uint32_t>(at);
  const HistoryItem item{base::load_le<NameId>(at + 4),
                         {base::load_le<std::int64_t>(at + 8)},
                         {base::load_le<std::int64_t>(at + 16)},
                         base::load_le<std::uint32_t>(at + 24),
                         list.subspan(HistoryItem::head, size - HistoryItem::head),
                         list.first(size)};
  list = list.subspan(size);
  return item;
}

// Messages that a frequency cap counts: when each was emitted (8), version (2), node (2), leg (1);
// oldest first.
struct CountedItem {
  static constexpr std::size_t size = 13;
  Instant emitted;
  std::uint16_t version;
  model::NodeIndex node;
  std::uint8_t leg;
  friend bool operator==(const CountedItem&, const CountedItem&) = default;
};
inline CountedItem take_counted(base::ByteView& list) {
  const CountedItem item{{base::load_le<std::int64_t>(list.data())},
                         base::load_le<std::uint16_t>(list.data() + 8),
                         base::load_le<model::NodeIndex>(list.data() + 10),
                         base::load_le<std::uint8_t>(list.data() + 12)};
  list = list.subspan(CountedItem::size);
  return item;
}
inline void put_counted(const CountedItem& item, base::ByteBuffer& list) {
  list.append(item.emitted.ms);
  list.append(item.version);
  list.append(item.node);
  list.append(item.leg);
}

// Context of a journey: a tag (1), then by tag
//   entry, variable   name (4), packed value
//   visits            node (2), visits (4), due of its last wait (8)
//   used_event        frame (4) of an event that a wait has taken
//   used_receipt      action (4), receipts that a wait of this strand has taken, a bit each (4)
//   skipped           node (2) that was skipped last, where a condition asks for outcomes
//   gathered          node (4) of a digest, packed value: how many are in its list; no_name (4),
//                     null: on the way of this journey, or of this strand, there has been one
//   attempt           node (4) of a call that is retried, packed list of integers: the number of
//                     the attempt, the deadline of the answer, 1 while it is still to be asked for
//   arrived           node (4) of a send that may expire, packed integer: when the journey, or this
//                     strand, came there
//   legs              node (4) of a send that escalates, packed integer: which channels are behind
//                     it in this visit, and by which it went, a bit each
//   account           channel (4), packed integer: which sender the journey was given there
//   origin            no_name (4), packed integer: the contact that entered, where that has become
//                     another; packed text: the journey's id, where it has left that one since
//   told_before       no_name (4), packed list: chapters of the story from where another system
//                     had the journey
//   reassigned        action (4) of a task, packed list of maps: to whom it went, oldest first
//   wait_ends         no_name (4), packed integer: of a journey from elsewhere that waits for its
//                     turn, when the wait is over that it stands at
//   whole_entry       no_name (4), packed map: all that came with the entry, for digests
//   receipt + kind    action (4), packed value: what an earlier receipt brought
enum class ContextTag : std::uint8_t {
  entry = 1,
  variable = 2,
  visits = 3,
  used_event = 4,
  skipped = 5,
  used_receipt = 6,
  gathered = 7,
  whole_entry = 8,
  attempt = 9,
  arrived = 10,
  legs = 11,
  account = 12,
  origin = 13,
  told_before = 14,
  reassigned = 15,
  wait_ends = 16,
  receipt = 17
};
inline ContextTag receipt_tag(std::uint8_t receipt) {
  return static_cast<ContextTag>(static_cast<std::uint8_t>(ContextTag::receipt) + receipt);
}
struct ContextItem {
  ContextTag tag;
  NameId name;  // or node, frame, action
  base::ByteView value;
  std::uint32_t visits;  // or receipts
  Instant last_due;
  base::ByteView whole;
};
inline constexpr std::size_t visits_item_size = 15;
inline constexpr std::size_t used_item_size = 5;
inline constexpr std::size_t used_receipt_size = 9;
inline constexpr std::size_t skipped_item_size = 3;
inline ContextItem take_context(base::ByteView& list) {
  ContextItem item{};
  item.tag = base::load_le<ContextTag>(list.data());
  std::size_t size = visits_item_size;
  if (item.tag == ContextTag::visits) {
    item.name = base::load_le<model::NodeIndex>(list.data() + 1);
    item.visits = base::load_le<std::uint32_t>(list.data() + 3);
    item.last_due = {base::load_le<std::int64_t>(list.data() + 7)};
  } else if (item.tag == ContextTag::skipped) {
    item.name = base::load_le<model::NodeIndex>(list.data() + 1);
    size = skipped_item_size;
  } else if (item.tag == ContextTag::used_receipt) {
    item.name = base::load_le<std::uint32_t>(list.data() + 1);
    item.visits = base::load_le<std::uint32_t>(list.data() + 5);
    size = used_receipt_size;
  } else if (item.tag == ContextTag::used_event) {
    item.name = base::load_le<std::uint32_t>(list.data() + 1);
    size = used_item_size;
  } else {
    item.name = base::load_le<NameId>(list.data() + 1);
    const std::size_t value = base::packed_size(list.subspan(5));
    item.value = list.subspan(5, value);
    size = 5 + value;
  }
  item.whole = list.first(size);
  list = list.subspan(size);
  return item;
}
// The value of an entry property or a variable; empty if there is none.
inline base::ByteView find_value(base::ByteView list, ContextTag tag, NameId name) {
  while (!list.empty()) {
    const auto here = base::load_le<ContextTag>(list.data());
    if (here == tag && base::load_le<NameId>(list.data() + 1) == name) return list.subspan(5);
    take_context(list);
  }
  return {};
}
inline std::optional<ContextItem> find_context(base::ByteView list, ContextTag tag, NameId name) {
  while (!list.empty()) {
    const ContextItem item = take_context(list);
    if (item.tag == tag && item.name == name) return item;
  }
  return std::nullopt;
}

// How far a send that escalates has come in this visit: by which channels it went, and which are
// behind it, a bit each.
struct Legs {
  std::uint32_t gone = 0;
  std::uint32_t sent = 0;
  // Whether any of so many is still to come.
  [[nodiscard]] bool leaves(std::size_t count) const {
    return static_cast<std::size_t>(std::popcount(gone)) < count;
  }
};
inline Legs legs_at(base::ByteView context, model::NodeIndex node) {
  const auto item = find_context(context, ContextTag::legs, node);
  if (!item) return {};
  base::Reader in(item->value);
  const auto both = static_cast<std::uint64_t>(*base::unpack(in).get<std::int64_t>());
  return {static_cast<std::uint32_t>(both), static_cast<std::uint32_t>(both >> 32)};
}

// When the journey or the strand of this context came to a send that may expire.
inline std::optional<Instant> arrived_at(base::ByteView context, model::NodeIndex node) {
  const auto item = find_context(context, ContextTag::arrived, node);
  if (!item) return std::nullopt;
  base::Reader in(item->value);
  return Instant{*base::unpack(in).get<std::int64_t>()};
}

}  // namespace itinera::engine
