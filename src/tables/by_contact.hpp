// SPDX-License-Identifier: Apache-2.0
// Tables by contact and a hash of 64 bits. What one contact has can be walked, and goes with it: to
// another contact, or away without a trace. Nobody pays who has nothing in them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/hash_index.hpp"
#include "base/pool.hpp"

namespace itinera::engine {

// What contacts have, the newest first. Both tables are made of it.
template <class T>
class ChainByContact {
 public:
  static constexpr std::uint32_t none = base::HashIndex::none;
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t contact = none;
    std::uint32_t next = none;  // of the same contact
    T value{};
  };

  [[nodiscard]] std::uint32_t first(std::uint32_t contact) const {
    return contact < first_.size() ? first_[contact] : none;
  }
  Entry& operator[](std::uint32_t place) { return entries_[place]; }
  const Entry& operator[](std::uint32_t place) const { return entries_[place]; }
  std::uint32_t add(std::uint32_t contact, std::uint64_t key, const T& value) {
    if (contact >= first_.size()) first_.resize(std::size_t{contact} + 1, none);
    first_[contact] = entries_.add(Entry{key, contact, first_[contact], value});
    return first_[contact];
  }
  // Calls visit(entry) for what the contact has, the oldest first.
  template <class Visit>
  void for_each_of(std::uint32_t contact, Visit visit) const {
    std::vector<std::uint32_t> places;
    for (std::uint32_t at = first(contact); at != none; at = entries_[at].next) {
      places.push_back(at);
    }
    for (auto at = places.rbegin(); at != places.rend(); ++at) visit(entries_[*at]);
  }
  // Everything that `contact` has, taken from it; visit(place, entry) may add to others.
  template <class Visit>
  void take_all(std::uint32_t contact, Visit visit) {
    if (contact >= first_.size()) return;
    for (std::uint32_t at = first_[contact]; at != none;) {
      const Entry entry = entries_[at];
      entries_[at] = Entry{};
      entries_.release(at);
      visit(at, entry);
      at = entry.next;
    }
    first_[contact] = none;
  }
  // Calls visit(object) for all that lies here, or has lain.
  template <class Visit>
  void for_each_part(Visit visit) const {
    entries_.for_each(visit);
  }
  // For snapshots: what each has, the oldest first. Where V loads, added(place) is called of each;
  // no contact stands beyond `contacts`.
  template <class V, class Self, class Added>
  static void walk(V& v, Self& chain, std::uint32_t contacts, Added added) {
    const std::uint64_t count = v.count(chain.entries_.used());
    if constexpr (V::loads) {
      for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
        v.seam();
        Entry entry;
        v(entry.contact, entry.key, entry.value);
        if (entry.contact >= contacts) return v.fail();
        added(chain.add(entry.contact, entry.key, entry.value));
      }
    } else {
      for (std::uint32_t contact = 0; contact < chain.first_.size(); ++contact) {
        chain.for_each_of(contact, [&](const Entry& entry) {
          v.seam();
          v(contact, entry.key, entry.value);
        });
      }
    }
  }

 private:
  base::Pool<Entry> entries_;
  std::vector<std::uint32_t> first_;  // by contact
};

// Where one contact has no more than a handful: found by a walk, in time linear in that.
template <class T>
class FewByContact {
 public:
  // Null if there is none. Valid until the next call that is not const.
  [[nodiscard]] const T* find(std::uint32_t contact, std::uint64_t key) const {
    const std::uint32_t place = place_of(contact, key);
    return place == Chain::none ? nullptr : &chain_[place].value;
  }
  // Made, if there is none. Valid until the next call that is not const.
  T& of(std::uint32_t contact, std::uint64_t key) {
    const std::uint32_t place = place_of(contact, key);
    return chain_[place == Chain::none ? chain_.add(contact, key, T{}) : place].value;
  }
  // Calls visit(key, value) for what the contact has, the oldest first.
  template <class Visit>
  void for_each_of(std::uint32_t contact, Visit visit) const {
    chain_.for_each_of(contact, [&](const auto& entry) { visit(entry.key, entry.value); });
  }
  // Everything that `contact` has, taken from it; visit(key, value), the newest first.
  template <class Visit>
  void take_all(std::uint32_t contact, Visit visit) {
    chain_.take_all(contact,
                    [&](std::uint32_t, const auto& entry) { visit(entry.key, entry.value); });
  }
  template <class Visit>
  void for_each_part(Visit visit) const {
    chain_.for_each_part(visit);
  }
  template <class V, class Self>
  static void walk(V& v, Self& table, std::uint32_t contacts) {
    Chain::walk(v, table.chain_, contacts, [](std::uint32_t) {});
  }

 private:
  using Chain = ChainByContact<T>;
  [[nodiscard]] std::uint32_t place_of(std::uint32_t contact, std::uint64_t key) const {
    std::uint32_t at = chain_.first(contact);
    while (at != Chain::none && chain_[at].key != key) at = chain_[at].next;
    return at;
  }

  Chain chain_;
};

// Where one contact may have many: found by a hash.
template <class T>
class ByContact {
 public:
  // Null if there is none. Valid until the next call that is not const.
  [[nodiscard]] const T* find(std::uint32_t contact, std::uint64_t key) const {
    const std::uint32_t place = place_of(contact, key);
    return place == Chain::none ? nullptr : &chain_[place].value;
  }
  void put(std::uint32_t contact, std::uint64_t key, const T& value) {
    const std::uint32_t place = place_of(contact, key);
    if (place != Chain::none) {
      chain_[place].value = value;
    } else {
      index_.insert(hash_of(contact, key), chain_.add(contact, key, value));
    }
  }
  // Both as above.
  template <class Visit>
  void for_each_of(std::uint32_t contact, Visit visit) const {
    chain_.for_each_of(contact, [&](const auto& entry) { visit(entry.key, entry.value); });
  }
  template <class Visit>
  void take_all(std::uint32_t contact, Visit visit) {
    chain_.take_all(contact, [&](std::uint32_t place, const auto& entry) {
      index_.erase(hash_of(contact, entry.key), place);
      visit(entry.key, entry.value);
    });
  }
  template <class Visit>
  void for_each_part(Visit visit) const {
    chain_.for_each_part(visit);
    index_.for_each_part(visit);
  }
  template <class V, class Self>
  static void walk(V& v, Self& table, std::uint32_t contacts) {
    Chain::walk(v, table.chain_, contacts, [&](std::uint32_t place) {
      if constexpr (V::loads) {
        const auto& entry = table.chain_[place];
        table.index_.insert(hash_of(entry.contact, entry.key), place);
      }
    });
  }

 private:
  using Chain = ChainByContact<T>;
  // Places of contacts are small numbers in a row; the product spreads them over all bits.
  static std::uint64_t hash_of(std::uint32_t contact, std::uint64_t key) {
    constexpr std::uint64_t golden_ratio = 0x9E37'79B9'7F4A'7C15;
    return (key ^ contact) * golden_ratio;
  }
  [[nodiscard]] std::uint32_t place_of(std::uint32_t contact, std::uint64_t key) const {
    return index_.find(hash_of(contact, key), [&](std::uint32_t at) {
      return chain_[at].contact == contact && chain_[at].key == key;
    });
  }

  Chain chain_;
  base::HashIndex index_;
};

}  // namespace itinera::engine
