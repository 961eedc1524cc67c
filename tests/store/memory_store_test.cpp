// SPDX-License-Identifier: Apache-2.0
#include "itinera/store.hpp"

#include <cstdint>
#include <thread>

#include "store/contract.hpp"
#include "support/catch.hpp"

TEST_CASE("memory: the contract of a store", "[store][memory]") {
  itinera::test::check_contract(
      [] { return [disk = itinera::memory_disk()] { return itinera::memory_store(disk); }; });
}

TEST_CASE("memory: a store of its own each time, unless a disk is named", "[store][memory]") {
  const auto one = itinera::memory_store();
  REQUIRE(one->claim(1));
  CHECK(itinera::memory_store()->epoch().value() == 0);
}

TEST_CASE("memory: stores on one disk may be in use by several threads", "[store][memory]") {
  const auto disk = itinera::memory_disk();
  constexpr std::uint64_t rounds = 50'000;
  const auto claims = [&disk] {
    const auto store = itinera::memory_store(disk);
    std::uint64_t claimed = 0;
    for (std::uint64_t epoch = 1; epoch <= rounds; ++epoch)
      claimed += store->claim(epoch) ? 1u : 0u;
    return claimed;
  };
  std::uint64_t others = 0;
  std::thread other([&] { others = claims(); });
  const std::uint64_t ours = claims();
  other.join();
  CHECK(ours + others <= rounds);  // each epoch once
}
