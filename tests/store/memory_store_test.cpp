// SPDX-License-Identifier: Apache-2.0
#include "itinera/store.hpp"

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "base/bytes.hpp"
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
  const itinera::Snapshot snapshot{"a name too long to lie within its string", 0, 1};
  const std::string bytes(64, 'x');
  std::atomic<bool> is_over = false;
  std::thread owner([&] {
    const auto store = itinera::memory_store(disk);
    bool done = store->claim(1).has_value();
    for (int i = 0; i < 20'000; ++i) {
      done = done && store->put_chunk(snapshot, 0, itinera::base::as_bytes(bytes));
      done = done && store->complete(snapshot, 1) && store->drop(snapshot.name);
    }
    is_over = true;
    if (!done) std::abort();
  });
  const auto reader = itinera::memory_store(disk);
  bool is_sound = true;
  while (!is_over) {
    const auto all = reader->snapshots().value();
    for (const itinera::Snapshot& each : all) is_sound = is_sound && each == snapshot;
    const auto chunk = reader->chunk(snapshot, 0);
    if (chunk) is_sound = is_sound && itinera::base::as_text(*chunk) == bytes;
  }
  owner.join();
  CHECK(is_sound);
}
