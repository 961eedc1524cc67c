// SPDX-License-Identifier: Apache-2.0
// The hash behind every id: XXH3-128 (xxHash 0.8, seed 0) over a byte string in which a text is
// its 32-bit length and its UTF-8, and an integer is 8 bytes; all little-endian. Vectors:
// docs/durability.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/ids.hpp"

namespace itinera::base {

class StableHash {
 public:
  StableHash& text(std::string_view view);
  StableHash& integer(std::int64_t value);
  StableHash& hash(Hash128 value);  // high half, then low half
  StableHash& bytes(ByteView view);  // as text: length first

  [[nodiscard]] Hash128 finish() const;

 private:
  void append(const void* data, std::size_t size);

  // What is hashed is short; longer inputs move to the heap.
  static constexpr std::size_t inline_size = 232;
  std::byte inline_[inline_size];
  std::size_t size_ = 0;
  Bytes spilled_;
};

// The hash of one text: what a contact's id is known by.
Hash128 stable_hash(std::string_view text);

// GrowthBook's bucketing, hash version 2: fnv1a32(decimal text of fnv1a32(seed + id)) mod 10000,
// a bucket in 0..9999 (semantics.md S24; vectors of growthbook-python's cases.json).
std::uint32_t bucket_of(std::string_view seed, std::string_view id);

}  // namespace itinera::base
