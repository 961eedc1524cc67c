// SPDX-License-Identifier: Apache-2.0
#include "base/buckets.hpp"

#include "support/vectors.hpp"

namespace itinera::base {
namespace {

using test::split_at;
using test::vectors_of;

std::uint32_t number(const std::string& text) {
  return static_cast<std::uint32_t>(std::stoul(text));
}

std::vector<BucketRange> ranges(const std::string& text) {
  std::vector<BucketRange> all;
  for (const std::string& each : split_at(text, ',')) {
    const auto ends = split_at(each, '-');
    all.push_back(
        {static_cast<std::uint16_t>(number(ends[0])), static_cast<std::uint16_t>(number(ends[1]))});
  }
  return all;
}

}  // namespace

TEST_CASE("bucket: GrowthBook's published vectors of both versions", "[base][S24]") {
  for (const auto& row : vectors_of("growthbook.tsv", "hash")) {
    INFO(row[0] << ' ' << row[1]);
    const bool old = row[2] == "1";
    CHECK((old ? old_bucket_of(row[0], row[1]) : bucket_of(row[0], row[1])) == number(row[3]));
  }
}

TEST_CASE("bucket: GrowthBook's published ranges of weights and coverage", "[base][S24]") {
  for (const auto& row : vectors_of("growthbook.tsv", "ranges")) {
    INFO(row[0] << " covered " << row[1]);
    std::vector<std::uint32_t> weights;
    for (const std::string& each : split_at(row[0], ',')) weights.push_back(number(each));
    CHECK(ranges_of(weights, number(row[1])) == ranges(row[2]));
  }
  for (const auto& row : vectors_of("growthbook.tsv", "choose")) {
    INFO(row[0] << " at " << row[1]);
    const auto chosen = range_of(ranges(row[0]), number(row[1]));
    CHECK((chosen ? std::to_string(*chosen) : "-1") == row[2]);
  }
}

TEST_CASE("bucket: Optimizely's published vectors", "[base][S24]") {
  for (const auto& row : vectors_of("optimizely.tsv")) {
    INFO(row[0] << ' ' << row[1]);
    CHECK(optimizely_bucket_of(row[1], row[0]) == number(row[2]));
  }
}

// Of lengths around its words of four bytes: those of Guava's and Apache's tests of the same.
TEST_CASE("bucket: MurmurHash3 of every tail", "[base][S24]") {
  CHECK(murmur3("", 0) == 0u);
  CHECK(murmur3("", 1) == 0x514E28B7u);
  CHECK(murmur3("", 0xFFFFFFFFu) == 0x81F16F39u);
  CHECK(murmur3("abc", 0) == 0xB3DD93FAu);
  CHECK(murmur3("Hello, world!", 1234) == 0xFAF6CDB3u);
  CHECK(murmur3("The quick brown fox jumps over the lazy dog", 0x9747B28Cu) == 0x2FA826CDu);
}

TEST_CASE("bucket: what has no weight has no range", "[base][S24]") {
  const std::vector<std::uint32_t> none{0, 0};
  CHECK(ranges_of(none, buckets) == std::vector<BucketRange>{{0, 0}, {0, 0}});
  CHECK_FALSE(range_of(ranges_of(none, buckets), 0));
  const std::vector<std::uint32_t> thirds{1, 1, 1};
  CHECK(ranges_of(thirds, buckets) ==
        std::vector<BucketRange>{{0, 3333}, {3333, 6666}, {6666, 10'000}});
}

}  // namespace itinera::base
