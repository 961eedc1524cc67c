// SPDX-License-Identifier: Apache-2.0
#include "base/stable_hash.hpp"

// Inlined: a call into the shared library costs more than hashing an id.
#define XXH_INLINE_ALL
#include <xxhash.h>

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

}  // namespace itinera::base
