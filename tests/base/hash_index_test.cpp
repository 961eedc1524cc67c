// SPDX-License-Identifier: Apache-2.0
#include "base/hash_index.hpp"

#include <map>
#include <vector>

#include "support/catch.hpp"

namespace itinera::base {
namespace {

// Spreads small numbers over all segments; with `narrow` all fall into one home.
std::uint64_t hash_of(std::uint32_t number, bool narrow) {
  return narrow ? 0xABCD'0000'0000'0000 + number : number * 0x9E37'79B9'7F4A'7C15;
}

std::uint32_t find(const HashIndex& index, std::uint64_t hash, std::uint32_t place) {
  return index.find(hash, [&](std::uint32_t at) { return at == place; });
}

}  // namespace

TEST_CASE("hash index: an empty one finds nothing", "[base][hash_index]") {
  const HashIndex index;
  CHECK(find(index, 0, 0) == HashIndex::none);
  CHECK(find(index, ~std::uint64_t{0}, 0) == HashIndex::none);
}

TEST_CASE("hash index: finds what was inserted and not what was erased, however they collide",
          "[base][hash_index]") {
  const bool narrow = GENERATE(true, false);
  const std::uint32_t count = narrow ? 2'000 : 20'000;
  HashIndex index;
  std::vector<bool> in(count);
  std::uint32_t random = 1;
  bool right = true;
  for (std::uint32_t i = 0; i < count * 6; ++i) {
    random = random * 1'664'525 + 1'013'904'223;
    const std::uint32_t place = random % count;
    if (in[place]) {
      index.erase(hash_of(place, narrow), place);
    } else {
      index.insert(hash_of(place, narrow), place);
    }
    in[place] = !in[place];
    right = right && (find(index, hash_of(place, narrow), place) == place) == in[place];
  }
  for (std::uint32_t place = 0; place < count; ++place) {
    right = right && (find(index, hash_of(place, narrow), place) == place) == in[place];
  }
  CHECK(right);
}

TEST_CASE("hash index: places of one hash are told apart by the asker", "[base][hash_index]") {
  HashIndex index;
  for (std::uint32_t place = 0; place < 100; ++place) index.insert(42, place);
  for (std::uint32_t place = 0; place < 100; place += 2) index.erase(42, place);
  for (std::uint32_t place = 0; place < 100; ++place) {
    CHECK(find(index, 42, place) == (place % 2 == 0 ? HashIndex::none : place));
  }
}

}  // namespace itinera::base
