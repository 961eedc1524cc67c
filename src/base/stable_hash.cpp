// SPDX-License-Identifier: Apache-2.0
#include "base/stable_hash.hpp"

#include <xxhash.h>

#include <charconv>
#include <cstring>

namespace itinera::base {

StableHash& StableHash::text(std::string_view view) { return bytes(as_bytes(view)); }

StableHash& StableHash::integer(std::int64_t value) {
  std::byte raw[sizeof value];
  store_le(raw, value);
  append(raw, sizeof raw);
  return *this;
}

StableHash& StableHash::hash(Hash128 value) {
  integer(static_cast<std::int64_t>(value.high));
  return integer(static_cast<std::int64_t>(value.low));
}

StableHash& StableHash::bytes(ByteView view) {
  std::byte raw[sizeof(std::uint32_t)];
  store_le(raw, static_cast<std::uint32_t>(view.size()));
  append(raw, sizeof raw);
  append(view.data(), view.size());
  return *this;
}

Hash128 StableHash::finish() const {
  const XXH128_hash_t h = spilled_.empty() ? XXH3_128bits(inline_, size_)
                                           : XXH3_128bits(spilled_.data(), spilled_.size());
  return {h.high64, h.low64};
}

void StableHash::append(const void* data, std::size_t size) {
  if (size == 0) return;
  const auto* from = static_cast<const std::byte*>(data);
  if (spilled_.empty() && size_ + size <= inline_size) {
    std::memcpy(inline_ + size_, from, size);
    size_ += size;
    return;
  }
  if (spilled_.empty()) spilled_.assign(inline_, inline_ + size_);
  spilled_.insert(spilled_.end(), from, from + size);
}

Hash128 stable_hash(std::string_view text) { return StableHash().text(text).finish(); }

namespace {

std::uint32_t fnv1a32(std::uint32_t state, std::string_view text) {
  for (const char c : text) {
    state ^= static_cast<unsigned char>(c);
    state *= 16'777'619u;
  }
  return state;
}

}  // namespace

std::uint32_t bucket_of(std::string_view seed, std::string_view id) {
  constexpr std::uint32_t basis = 2'166'136'261u;
  const std::uint32_t first = fnv1a32(fnv1a32(basis, seed), id);
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof digits, first).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  return fnv1a32(basis, text) % 10'000;
}

}  // namespace itinera::base
