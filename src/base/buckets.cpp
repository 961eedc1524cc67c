// SPDX-License-Identifier: Apache-2.0
#include "base/buckets.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/bytes.hpp"

namespace itinera::base {
namespace {

constexpr std::uint32_t fnv_basis = 2'166'136'261u;

std::uint32_t fnv1a32(std::uint32_t state, std::string_view text) {
  for (const char c : text) {
    state ^= static_cast<unsigned char>(c);
    state *= 16'777'619u;
  }
  return state;
}

// MurmurHash3_x86_32 of a text that comes in parts.
class Murmur3 {
 public:
  explicit Murmur3(std::uint32_t seed) : hash_(seed) {}

  void add(std::string_view text) {
    size_ += static_cast<std::uint32_t>(text.size());
    for (const char c : text) {
      word_ |= std::uint32_t{static_cast<unsigned char>(c)} << (8 * held_);
      if (++held_ < sizeof word_) continue;
      hash_ = std::rotl(hash_ ^ mixed(word_), 13) * 5 + 0xE654'6B64u;
      word_ = 0;
      held_ = 0;
    }
  }
  [[nodiscard]] std::uint32_t finish() const {
    std::uint32_t h = held_ == 0 ? hash_ : hash_ ^ mixed(word_);
    h ^= size_;
    h = (h ^ h >> 16) * 0x85EB'CA6Bu;
    h = (h ^ h >> 13) * 0xC2B2'AE35u;
    return h ^ h >> 16;
  }

 private:
  static std::uint32_t mixed(std::uint32_t word) {
    return std::rotl(word * 0xCC9E'2D51u, 15) * 0x1B87'3593u;
  }

  std::uint32_t hash_;
  std::uint32_t word_ = 0;  // its first `held_` bytes
  std::uint32_t held_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace

std::uint32_t bucket_of(std::string_view seed, std::string_view id) {
  const std::uint32_t first = fnv1a32(fnv1a32(fnv_basis, seed), id);
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof digits, first).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  return fnv1a32(fnv_basis, text) % buckets;
}

std::uint32_t old_bucket_of(std::string_view seed, std::string_view id) {
  constexpr std::uint32_t coarse = 1'000;
  return fnv1a32(fnv1a32(fnv_basis, id), seed) % coarse * (buckets / coarse);
}

std::uint32_t optimizely_bucket_of(std::string_view experiment, std::string_view id) {
  Murmur3 hash(1);
  hash.add(id);
  hash.add(experiment);
  return static_cast<std::uint32_t>(std::uint64_t{hash.finish()} * buckets >> 32);
}

std::uint32_t murmur3(std::string_view text, std::uint32_t seed) {
  Murmur3 hash(seed);
  hash.add(text);
  return hash.finish();
}

std::vector<BucketRange> ranges_of(std::span<const std::uint32_t> weights, std::uint32_t coverage) {
  std::uint64_t total = 0;
  for (const std::uint32_t weight : weights) total += weight;
  std::vector<BucketRange> ranges(weights.size());
  if (total == 0) return ranges;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::uint64_t from = buckets * sum / total;
    sum += weights[i];
    const std::uint64_t share = buckets * sum / total - from;
    // A bucket that is covered in part belongs to the variant.
    const std::uint64_t covered = (share * std::min(coverage, buckets) + buckets - 1) / buckets;
    ranges[i] = {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(from + covered)};
  }
  return ranges;
}

std::optional<std::uint16_t> range_of(std::span<const BucketRange> ranges, std::uint32_t bucket) {
  const auto at = std::find_if(ranges.begin(), ranges.end(),
                               [&](const BucketRange& each) { return each.contains(bucket); });
  if (at == ranges.end()) return std::nullopt;
  return static_cast<std::uint16_t>(at - ranges.begin());
}

}  // namespace itinera::base
