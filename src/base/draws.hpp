// SPDX-License-Identifier: Apache-2.0
// Numbers that look drawn by chance and are the same for the same seed on every machine. SplitMix64
// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): a counter and a
// mixing function, 64 bits of state. Not for secrets. The standard library's distributions differ
// from vendor to vendor; these use integers alone.
#pragma once

#include <cstdint>
#include <limits>

namespace itinera::base {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15;
    return mixed(state_);
  }

  // 0 .. bound-1, each as likely as the others: draws beyond the last whole multiple are drawn
  // again. `bound` is not 0.
  std::uint64_t below(std::uint64_t bound) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t whole = most - most % bound;
    std::uint64_t drawn = next();
    while (drawn >= whole) drawn = next();
    return drawn % bound;
  }

  // True in `parts` of a million cases.
  bool chance(std::uint32_t parts) { return below(1'000'000) < parts; }

  // A seed of its own for each of many things.
  static std::uint64_t mixed(std::uint64_t a, std::uint64_t b) { return mixed(a ^ mixed(b + 1)); }

 private:
  static std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace itinera::base
