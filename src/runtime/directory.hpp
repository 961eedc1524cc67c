// SPDX-License-Identifier: Apache-2.0
// Which shard has a contact: the one that its id says, or where all are together that one, but for
// those that have moved.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/stable_hash.hpp"
#include "runtime/shards.hpp"
#include "tables/keyed.hpp"

namespace itinera::runtime {

class Directory {
 public:
  explicit Directory(std::uint32_t shards) : shards_(shards) {}

  [[nodiscard]] std::uint32_t shards() const { return shards_; }
  // Whether nobody has ever moved.
  [[nodiscard]] bool empty() const { return moved_.empty() && !home_; }
  // All contacts are in that shard, and whoever comes new.
  void gather(std::uint32_t home) {
    home_ = home;
    moved_ = {};
  }
  [[nodiscard]] bool is_gathered() const { return home_.has_value(); }
  // Where the contacts of an account are.
  [[nodiscard]] std::uint32_t shard_of_account(std::string_view account) const {
    return home_ ? *home_ : runtime::shard_of(account, shards_);
  }
  struct Whereabouts {
    std::uint32_t shard = 0;
    bool has_moved = false;  // it is not where it began, or has not always been there
  };
  [[nodiscard]] Whereabouts find(std::string_view id) const {
    const Hash128 hash = base::stable_hash(id);
    const std::uint8_t* const moved = moved_.empty() ? nullptr : moved_.find(hash);
    if (moved != nullptr && *moved != nowhere) return {*moved, true};
    return {home_ ? *home_ : runtime::shard_of(hash, shards_), false};
  }
  [[nodiscard]] std::uint32_t shard_of(std::string_view id) const { return find(id).shard; }
  [[nodiscard]] bool has_moved(std::string_view id) const { return find(id).has_moved; }
  void move(std::string_view id, std::uint32_t shard) {
    moved_.put(base::stable_hash(id), static_cast<std::uint8_t>(shard));
  }
  // Nobody has it: should it come again, its id says where.
  void forget(std::string_view id) {
    if (has_moved(id)) moved_.put(base::stable_hash(id), nowhere);
  }

 private:
  static constexpr std::uint8_t nowhere = 0xFF;
  std::uint32_t shards_;
  std::optional<std::uint32_t> home_;
  engine::Keyed<std::uint8_t> moved_;  // by the stable hash of the id
};

}  // namespace itinera::runtime
