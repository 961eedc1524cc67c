// SPDX-License-Identifier: Apache-2.0
#include "base/pool.hpp"

#include <string>

#include "support/catch.hpp"

namespace itinera::base {

TEST_CASE("pool: places count up, and a freed one is used again, the last freed first",
          "[base][pool]") {
  Pool<std::string> pool;
  CHECK(pool.next_place() == 0);
  CHECK(pool.add("a") == 0);
  CHECK(pool.add("b") == 1);
  CHECK(pool.add("c") == 2);
  pool.release(0);
  pool.release(2);
  CHECK(pool.used() == 1);
  CHECK(pool.next_place() == 2);
  CHECK(pool.add("d") == 2);
  CHECK(pool.add("e") == 0);
  CHECK(pool.add("f") == 3);
  CHECK(pool.size() == 4);
  CHECK(pool.used() == 4);
  CHECK(pool[0] == "e");
  CHECK(pool[1] == "b");
}

TEST_CASE("pool: objects never move while it grows", "[base][pool]") {
  Pool<int> pool;
  const int* const first = &pool[pool.add(7)];
  for (int i = 0; i < 20'000; ++i) pool.add(i);
  CHECK(first == &pool[0]);
  CHECK(*first == 7);
  CHECK(pool[20'000] == 19'999);
}

}  // namespace itinera::base
