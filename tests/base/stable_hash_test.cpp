// SPDX-License-Identifier: Apache-2.0
#include "base/stable_hash.hpp"

#include "support/catch.hpp"

using itinera::base::bucket_of;

// growthbook-python tests/cases.json, specVersion 0.7.1, "hash", version 2: value * 10000.
TEST_CASE("bucket: GrowthBook's published vectors of version 2", "[base][S24]") {
  struct Row {
    const char* seed;
    const char* id;
    std::uint32_t bucket;
  };
  const Row row = GENERATE(Row{"seed", "a", 505}, Row{"seed", "b", 2696}, Row{"foo", "ab", 2575},
                           Row{"foo", "def", 2019});
  CHECK(bucket_of(row.seed, row.id) == row.bucket);
}
