// SPDX-License-Identifier: Apache-2.0
#include "itinera/store.hpp"
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
