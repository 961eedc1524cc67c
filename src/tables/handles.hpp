// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "tables/by_contact.hpp"

namespace itinera::engine {

// Which contact has which verified handle: an address, a number, a profile, by the stable hash of
// its kind and value. A handle is one contact's; nobody pays who has none.
class Handles {
 public:
  struct Owner {
    std::uint32_t contact = base::HashIndex::none;
    Instant since;  // when it was verified first
  };
  // A contact of `none` if nobody has it.
  [[nodiscard]] Owner find(const Hash128& handle) const {
    const std::uint32_t place = place_of(handle);
    if (place == Chain::none) return {};
    return {chain_[place].contact, chain_[place].value.since};
  }
  // When the first of the contact's was verified; `since` if none was before.
  [[nodiscard]] Instant earliest(std::uint32_t contact, Instant since) const {
    for (std::uint32_t at = chain_.first(contact); at != Chain::none; at = chain_[at].next) {
      since = std::min(since, chain_[at].value.since);
    }
    return since;
  }
  // The handle is the contact's, who has it already or nobody. Of two instants the earlier counts.
  void put(std::uint32_t contact, const Hash128& handle, Instant since) {
    const std::uint32_t place = place_of(handle);
    if (place == Chain::none) {
      index_.insert(handle.high, chain_.add(contact, handle.high, {handle.low, since}));
    } else if (since < chain_[place].value.since) {
      chain_[place].value.since = since;
    }
  }
  [[nodiscard]] std::size_t count(std::uint32_t contact) const {
    std::size_t count = 0;
    for (std::uint32_t at = chain_.first(contact); at != Chain::none; at = chain_[at].next) ++count;
    return count;
  }
  // Calls visit(handle, since) for the contact's, the oldest first.
  template <class Visit>
  void for_each_of(std::uint32_t contact, Visit visit) const {
    chain_.for_each_of(contact, [&](const auto& entry) {
      visit(Hash128{entry.key, entry.value.low}, entry.value.since);
    });
  }
  void forget(std::uint32_t contact) {
    chain_.take_all(
        contact, [&](std::uint32_t place, const auto& entry) { index_.erase(entry.key, place); });
  }
  void move(std::uint32_t from, std::uint32_t to) {
    chain_.take_all(from, [&](std::uint32_t place, const auto& entry) {
      index_.erase(entry.key, place);
      put(to, {entry.key, entry.value.low}, entry.value.since);
    });
  }
  // Calls visit(object) for all that lies here, or has lain.
  template <class Visit>
  void for_each_part(Visit visit) const {
    chain_.for_each_part(visit);
    index_.for_each_part(visit);
  }
  // For snapshots.
  template <class V, class Self>
  static void walk(V& v, Self& handles, std::uint32_t contacts) {
    Chain::walk(v, handles.chain_, contacts, [&](std::uint32_t place) {
      if constexpr (V::loads) handles.index_.insert(handles.chain_[place].key, place);
    });
  }

 private:
  struct Proof {
    std::uint64_t low = 0;  // of the handle's hash; the upper half is the key
    Instant since;
    template <class V>
    void fields(V& v) {
      v(low, since);
    }
  };
  using Chain = ChainByContact<Proof>;
  [[nodiscard]] std::uint32_t place_of(const Hash128& handle) const {
    return index_.find(handle.high, [&](std::uint32_t at) {
      return chain_[at].key == handle.high && chain_[at].value.low == handle.low;
    });
  }

  Chain chain_;
  base::HashIndex index_;
};

}  // namespace itinera::engine
