// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/hash_index.hpp"
#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "model/graph.hpp"
#include "tables/accounts.hpp"
#include "tables/of_contact.hpp"

namespace itinera::engine {

// A send whose journey is closed: what is reported of it still tells of the contact.
struct SentMessage {
  Hash128 id;
  Instant emitted;
  Instant closed;  // when the journey was
  std::uint64_t address = 0;
  std::uint32_t contact = 0;
  std::uint32_t receipts = 0;  // a bit each
  std::uint16_t version = 0;
  model::NodeIndex node = 0;
  std::uint16_t sender = no_sender;
  std::uint8_t leg = 0;
  bool freed_slot = false;  // its slots in caps have been given back
  template <class V>
  void fields(V& v) {
    v(id, emitted, closed, address, contact, receipts, version, node, sender, leg, freed_slot);
  }
};
static_assert(sizeof(SentMessage) == 56);

// The newest of them, by when they were closed.
class SentMessages {
 public:
  // Null if it is not among them. Valid until the next add().
  [[nodiscard]] const SentMessage* find(const Hash128& id) const;
  [[nodiscard]] SentMessage* find(const Hash128& id);
  // Whether the upper half of an id is that of one of them.
  [[nodiscard]] bool knows(std::uint64_t id_high) const;
  // Forgets those closed at or before `since`, and the oldest so that there are at most `most`.
  void add(const SentMessage& sent, Instant since, std::size_t most);
  // One that was closed earlier than others, perhaps: it stays as long as those.
  void insert(const SentMessage& sent);
  // Of what went to that contact nothing is known any more.
  void forget(std::uint32_t contact);
  // What went to any of them, in this order. Valid until the next add().
  [[nodiscard]] std::vector<const SentMessage*> to(std::span<const std::uint32_t> contacts) const;
  // What went to the one went to the other.
  void readdress(std::uint32_t from, std::uint32_t to);
  // Calls visit(object) for all that lies here, or has lain.
  template <class Visit>
  void for_each_part(Visit visit) const {
    for (const SentMessage& each : messages_) visit(each);
    index_.for_each_part(visit);
  }
  [[nodiscard]] const std::deque<SentMessage>& all() const { return messages_; }
  // For snapshots.
  template <class V, class Self>
  static void walk(V& v, Self& sent) {
    const std::uint64_t count = v.count(sent.messages_.size());
    if constexpr (V::loads) {
      for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
        v.seam();
        SentMessage& each = sent.messages_.emplace_back();
        v(each);
        if (each.id != Hash128{}) sent.index_.insert(each.id.high, static_cast<std::uint32_t>(i));
      }
    } else {
      for (const SentMessage& each : sent.messages_) {
        v.seam();
        v(each);
      }
    }
  }

 private:
  [[nodiscard]] std::uint32_t number_of(const Hash128& id) const;
  [[nodiscard]] std::vector<std::uint32_t> numbers_to(
      std::span<const std::uint32_t> contacts) const;
  void forget_oldest();

  std::deque<SentMessage> messages_;
  std::uint32_t first_ = 0;  // number of messages_.front()
  base::HashIndex index_;    // by id: number, modulo 2^32
  mutable OfContact of_contact_;
};

}  // namespace itinera::engine
