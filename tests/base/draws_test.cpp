// SPDX-License-Identifier: Apache-2.0
#include "base/draws.hpp"

#include <array>
#include <cstdint>

#include "support/catch.hpp"

using itinera::base::Draws;

TEST_CASE("draws: the numbers are those of SplitMix64 everywhere", "[base][draws]") {
  Draws draws(1'234'567);
  for (const std::uint64_t expected :
       {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u}) {
    CHECK(draws.next() == expected);
  }
}

TEST_CASE("draws: bounded numbers reach every value about as often", "[base][draws]") {
  Draws draws(1);
  std::array<int, 7> counts{};
  for (int i = 0; i < 7'000; ++i) ++counts.at(draws.below(7));
  for (const int count : counts) CHECK((count > 850 && count < 1'150));
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += draws.chance(250'000) ? 1 : 0;
  CHECK((hits > 2'300 && hits < 2'700));
  CHECK_FALSE(draws.chance(0));
  CHECK(draws.chance(1'000'000));
}
