// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"
#include "itinera/store.hpp"
#include "support/catch.hpp"

using itinera::base::as_bytes;
using itinera::base::as_text;

TEST_CASE("memory: what was appended is read in order, and a tail can be cut off",
          "[store][memory]") {
  const auto store = itinera::memory_store();
  REQUIRE(store->read().value().empty());
  REQUIRE(store->append(as_bytes("one ")));
  REQUIRE(store->append(as_bytes("two")));
  CHECK(as_text(store->read().value()) == "one two");
  REQUIRE(store->truncate(3));
  REQUIRE(store->append(as_bytes("!")));
  CHECK(as_text(store->read().value()) == "one!");
}

TEST_CASE("memory: it cannot be cut to more than there is", "[store][memory]") {
  const auto store = itinera::memory_store();
  REQUIRE(store->append(as_bytes("abc")));
  CHECK(store->truncate(4).error().code == itinera::ErrorCode::invalid_argument);
  CHECK(as_text(store->read().value()) == "abc");
}
