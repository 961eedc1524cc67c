// SPDX-License-Identifier: Apache-2.0
// The hash behind every id: XXH3-128 (xxHash 0.8, seed 0) over a byte string in which a text is
// its 32-bit length and its UTF-8, and an integer is 8 bytes; all little-endian. Vectors:
// docs/durability.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/ids.hpp"

namespace itinera::base {

// What the parts of a hash come to in bytes, and how each is written.
namespace detail {
constexpr std::size_t hashed_size(ByteView begun) { return begun.size(); }
constexpr std::size_t hashed_size(std::string_view text) { return 4 + text.size(); }
constexpr std::size_t hashed_size(std::int64_t) { return 8; }
constexpr std::size_t hashed_size(Hash128) { return 16; }
inline std::byte* put_hashed(std::byte* at, ByteView begun) {
  if (!begun.empty()) copy_bytes(at, begun.data(), begun.size());
  return at + begun.size();
}
inline std::byte* put_hashed(std::byte* at, std::string_view text) {
  store_le(at, static_cast<std::uint32_t>(text.size()));
  return put_hashed(at + 4, as_bytes(text));
}
inline std::byte* put_hashed(std::byte* at, std::int64_t value) {
  store_le(at, value);
  return at + 8;
}
inline std::byte* put_hashed(std::byte* at, Hash128 value) {  // high half, then low half
  store_le(at, value.high);
  store_le(at + 8, value.low);
  return at + 16;
}
}  // namespace detail

// A hash whose parts are given one after the other.
class StableHash {
 public:
  StableHash() {}  // NOLINT(*-use-equals-default): `= default` would zero inline_ each time

  StableHash& text(std::string_view view) { return part(view); }
  StableHash& integer(std::int64_t value) { return part(value); }
  StableHash& hash(Hash128 value) { return part(value); }
  StableHash& bytes(ByteView view) { return part(as_text(view)); }  // as text: length first

  [[nodiscard]] Hash128 finish() const;
  [[nodiscard]] ByteView given() const {
    return spilled_.empty() ? ByteView(inline_, size_) : ByteView(spilled_);
  }

 private:
  template <class Part>
  StableHash& part(const Part& given) {
    detail::put_hashed(room_for(detail::hashed_size(given)), given);
    return *this;
  }
  std::byte* room_for(std::size_t size) {
    if (!spilled_.empty() || size_ + size > inline_size) [[unlikely]]
      return spill(size);
    std::byte* const at = inline_ + size_;
    size_ += size;
    return at;
  }
  std::byte* spill(std::size_t size);

  // What is hashed is short; longer inputs move to the heap.
  static constexpr std::size_t inline_size = 232;
  std::byte inline_[inline_size];
  std::size_t size_ = 0;
  Bytes spilled_;
};

// The hash of one text: what a contact's id is known by.
Hash128 stable_hash(std::string_view text);
// The hash of bytes as they are.
Hash128 stable_hash_of_bytes(ByteView all);

// The hash of a few parts, known all at once: what StableHash gives for them one after the other.
// A ByteView is what another StableHash has been given so far.
template <class... Part>
Hash128 stable_hash_of(const Part&... parts) {
  const std::size_t size = (detail::hashed_size(parts) + ...);
  constexpr std::size_t inline_size = 256;
  std::byte inline_bytes[inline_size];
  Bytes longer;
  std::byte* at = inline_bytes;
  if (size > inline_size) [[unlikely]] {
    longer.resize(size);
    at = longer.data();
  }
  const std::byte* const begin = at;
  ((at = detail::put_hashed(at, parts)), ...);
  return stable_hash_of_bytes({begin, size});
}

}  // namespace itinera::base
