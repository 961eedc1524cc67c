// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/blobs.hpp"
#include "base/hash_index.hpp"
#include "base/pool.hpp"
#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "model/graph.hpp"
#include "tables/accounts.hpp"
#include "tables/of_contact.hpp"

namespace itinera::engine {

// An action that was taken, and of which nothing is known to have come yet.
struct OpenAction {
  static constexpr std::uint32_t none = 0xFFFF'FFFF;
  Hash128 id;
  Instant at;                // when it was emitted
  std::uint64_t take = 0;    // which take it left by last, from 1
  base::Blob content = 0;    // key, address, data in turn
  std::uint32_t before = 0;  // in the row
  std::uint32_t after = 0;
  std::uint32_t contact = 0;
  std::uint32_t iteration = 0;
  std::uint32_t attempt = 0;
  std::uint32_t key_size = 0;
  std::uint32_t address_size = 0;
  std::uint32_t data_size = 0;
  std::uint16_t version = 0;
  model::NodeIndex node = 0;
  std::uint16_t sender = no_sender;
  std::uint8_t leg = 0;
  std::uint8_t unwanted = 0;  // why its journey was ended, a record::Reason; 0: it was not
  bool has_key = false;
  bool offered = false;  // once more, and not taken since
  std::uint16_t unused = 0;
  template <class V>
  void fields(V& v) {
    v(id, at, take, contact, iteration, attempt, key_size, address_size, data_size, version, node,
      sender, leg, unwanted, has_key, offered);
  }
};
static_assert(sizeof(OpenAction) == 80);

// They stand in a row, in the order of their takes; those that are offered again behind the others,
// in the order in which they were. Empty, and free of cost, until somebody asks for them to be
// kept.
class OpenActions {
 public:
  [[nodiscard]] bool keeps() const { return keeps_; }
  void keep(bool keeps) { keeps_ = keeps; }

  [[nodiscard]] std::uint32_t find(const Hash128& id) const {
    if (pool_.used() == 0) return OpenAction::none;
    return index_.find(id.high, [&](std::uint32_t at) { return pool_[at].id == id; });
  }
  OpenAction& operator[](std::uint32_t place) { return pool_[place]; }
  const OpenAction& operator[](std::uint32_t place) const { return pool_[place]; }
  [[nodiscard]] std::size_t size() const { return pool_.used(); }
  [[nodiscard]] std::size_t offered() const { return offered_; }
  [[nodiscard]] std::uint32_t first() const { return first_; }
  [[nodiscard]] std::uint32_t after(std::uint32_t place) const { return pool_[place].after; }
  // Of those that are offered; none if there is none.
  [[nodiscard]] std::uint32_t first_offered() const { return first_offered_; }

  // The places of those to any of these contacts, in the order of the row.
  [[nodiscard]] std::vector<std::uint32_t> to(std::span<const std::uint32_t> contacts) const;

  // At the row's end. There is none of that id.
  void add(const OpenAction& action);
  // Of one that is taken, before those that are offered again. There is none of that id.
  void come(const OpenAction& action);
  // Its content is left to the caller.
  void erase(std::uint32_t place);
  void offer(std::uint32_t place);
  // What went to the one went to the other.
  void readdress(std::uint32_t from, std::uint32_t to);
  // An offered one has been taken.
  void take(std::uint32_t place, std::uint64_t take);

  // Calls visit(object) for all that lies here, or has lain.
  template <class Visit>
  void for_each_part(Visit visit) const {
    pool_.for_each(visit);
    index_.for_each_part(visit);
  }

  // For snapshots: in the order of the row, without the content of each, which each(action) walks.
  template <class V, class Self, class Each>
  static void walk(V& v, Self& open, Each each) {
    v(open.keeps_);
    const std::uint64_t count = v.count(open.size());
    if constexpr (V::loads) {
      for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
        v.seam();
        OpenAction action;
        v(action);
        each(action);
        open.offered_ += action.offered ? 1 : 0;
        open.add(action);
      }
    } else {
      for (std::uint32_t at = open.first(); at != OpenAction::none; at = open.after(at)) {
        v.seam();
        v(open[at]);
        each(open[at]);
      }
    }
  }

 private:
  void put_last(std::uint32_t place);
  void unlink(std::uint32_t place);

  base::Pool<OpenAction> pool_;
  base::HashIndex index_;  // by id
  std::uint32_t first_ = OpenAction::none;
  std::uint32_t last_ = OpenAction::none;
  std::uint32_t first_offered_ = OpenAction::none;
  std::size_t offered_ = 0;
  mutable OfContact of_contact_;
  bool keeps_ = false;
};

}  // namespace itinera::engine
