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

// GrowthBook's getBucketRanges() gives a variant of weight w, behind others that weigh s together,
// the range [s, s + coverage * w); its inRange() has a user in it whose n, one of 0, 0.0001 ...
// 0.9999, is at least the first and less than the second. So bucket b = 10000 n is in it where
// 10000 s <= b < 10000 s + 10000 coverage w, and a bucket that is covered in part belongs to it:
//   halves at 33.33%: 0.3333 * 5000 = 1666.5, so 0 ... 1666 and 5000 ... 6666
//   30 : 70 at 12.34%: 0.1234 * 3000 = 370.2, so 0 ... 370; 0.1234 * 7000 = 863.8, so 3000 ... 3863
//   halves at 0.01%: 0.0001 * 5000 = 0.5, so 0 and 5000
//   30 : 70 at 80%: 2400 and 5600 with nothing left over
TEST_CASE("bucket: GrowthBook's ranges where the coverage ends within a bucket", "[base][S24]") {
  using Ranges = std::vector<BucketRange>;
  const std::vector<std::uint32_t> halves{50, 50};
  const std::vector<std::uint32_t> uneven{30, 70};
  CHECK(ranges_of(halves, 3'333) == Ranges{{0, 1'667}, {5'000, 6'667}});
  CHECK(ranges_of(uneven, 1'234) == Ranges{{0, 371}, {3'000, 3'864}});
  CHECK(ranges_of(halves, 1) == Ranges{{0, 1}, {5'000, 5'001}});
  CHECK(ranges_of(uneven, 8'000) == Ranges{{0, 2'400}, {3'000, 8'600}});
  const Ranges third = ranges_of(halves, 3'333);
  CHECK(range_of(third, 1'666) == 0);
  CHECK_FALSE(range_of(third, 1'667));
  CHECK_FALSE(range_of(third, 4'999));
  CHECK(range_of(third, 6'666) == 1);
  CHECK_FALSE(range_of(third, 6'667));
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
