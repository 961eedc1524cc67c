// SPDX-License-Identifier: Apache-2.0
#include "base/stable_hash.hpp"

// Inlined: a call into the shared library costs more than hashing an id.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <charconv>
#include <cstring>

namespace itinera::base {

Hash128 stable_hash_of_bytes(ByteView all) {
  const XXH128_hash_t h = XXH3_128bits(all.data(), all.size());
  return {h.high64, h.low64};
}

Hash128 StableHash::finish() const { return stable_hash_of_bytes(given()); }

std::byte* StableHash::spill(std::size_t size) {
  if (spilled_.empty()) spilled_.assign(inline_, inline_ + size_);
  const std::size_t at = spilled_.size();
  spilled_.resize(at + size);
  return spilled_.data() + at;
}

Hash128 stable_hash(std::string_view text) { return stable_hash_of(text); }

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
