// SPDX-License-Identifier: Apache-2.0
// Which of 10,000 buckets somebody is in, as the tools of those names compute it: an experiment
// that moves here from one of them keeps everybody's arm (S24). Their published vectors are in
// tests/base/vectors.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace itinera::base {

inline constexpr std::uint32_t buckets = 10'000;

// GrowthBook's hash version 2: fnv1a32(decimal text of fnv1a32(seed + id)) mod 10000.
std::uint32_t bucket_of(std::string_view seed, std::string_view id);

// GrowthBook's hash version 1: fnv1a32(id + seed) mod 1000, in tens. What it gives for two seeds
// hangs together.
std::uint32_t old_bucket_of(std::string_view seed, std::string_view id);

// Optimizely's: floor(murmur3_x86_32(id + experiment, seed 1) / 2^32 * 10000).
std::uint32_t optimizely_bucket_of(std::string_view experiment, std::string_view id);

// MurmurHash3_x86_32 by Austin Appleby, who gave it to the public domain.
std::uint32_t murmur3(std::string_view text, std::uint32_t seed);

// Buckets [from, to).
struct BucketRange {
  std::uint16_t from = 0;
  std::uint16_t to = 0;
  [[nodiscard]] bool contains(std::uint32_t bucket) const { return bucket >= from && bucket < to; }
  friend bool operator==(const BucketRange&, const BucketRange&) = default;
};

// The share of each of the weights: from floor(10000 * what is before it / total), and of that
// share the first `coverage` ten-thousandths (GrowthBook's getBucketRange). Without a positive
// weight all are empty.
std::vector<BucketRange> ranges_of(std::span<const std::uint32_t> weights, std::uint32_t coverage);

// The first range that contains the bucket (GrowthBook's chooseVariation).
std::optional<std::uint16_t> range_of(std::span<const BucketRange> ranges, std::uint32_t bucket);

}  // namespace itinera::base
