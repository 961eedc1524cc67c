// SPDX-License-Identifier: Apache-2.0
#include "runtime/retention.hpp"

#include <vector>

#include "support/catch.hpp"

using itinera::JournalGroup;
using itinera::Position;
using itinera::runtime::Retention;

TEST_CASE("retention: what is gone already of a part counts no more", "[runtime]") {
  Retention retention;
  std::vector<JournalGroup> groups;
  for (Position position = 1; position <= 10; ++position) {
    groups.push_back({position, std::vector<std::byte>(1'000)});
  }
  retention.see(groups);
  const auto cut = [&](std::uint64_t bytes_max) {
    return retention.cut({.journal_bytes_max = bytes_max});
  };
  CHECK(cut(9'999) == 10);
  CHECK(cut(10'000) == 0);
  retention.forget(4);  // a reader stands there
  CHECK(cut(5'999) == 10);
  CHECK(cut(6'000) == 0);
  retention.forget(5);
  CHECK(cut(4'999) == 10);
  CHECK(cut(5'000) == 0);
  // What comes behind is counted as it was.
  retention.see(std::vector<JournalGroup>{{11, std::vector<std::byte>(2u << 20)}});
  retention.see(std::vector<JournalGroup>{{12, std::vector<std::byte>(1'000)}});
  retention.forget(11);
  CHECK(cut(999) == 12);
  CHECK(cut(1'000) == 0);
}
