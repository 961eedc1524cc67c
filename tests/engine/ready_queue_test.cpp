// SPDX-License-Identifier: Apache-2.0
// Sends before the gate: whatever joins or leaves, they come in S0's order, and quickly.
#include "state/ready_queue.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "support/catch.hpp"

namespace itinera::test {
namespace {

using engine::ReadyQueue;
using engine::ReadySend;

std::tuple<std::uint32_t, std::uint64_t, std::uint32_t> place_of(const ReadySend& send) {
  return {send.rank, send.contact_hash, send.journey};
}

// S0's order, with the journey for what it says of one contact; counts how often it is asked.
struct Before {
  std::size_t* asked;
  bool operator()(const ReadySend& a, const ReadySend& b) const {
    ++*asked;
    return place_of(a) < place_of(b);
  }
};

std::vector<std::uint32_t> all_of(const ReadyQueue& queue) {
  std::vector<std::uint32_t> journeys;
  queue.for_each([&](const ReadySend& send) { journeys.push_back(send.journey); });
  std::sort(journeys.begin(), journeys.end());
  return journeys;
}

}  // namespace

TEST_CASE("ready queue: those that come late leave at no more than the cost of finding them",
          "[engine][S0]") {
  constexpr std::uint32_t count = 20'000;
  std::size_t asked = 0;
  const Before before{&asked};
  ReadyQueue queue;
  queue.push({0, 9, count}, before);  // of the lowest priority: all others come before it
  for (std::uint32_t i = count; i-- > 0;) queue.push({i, 1, i}, before);
  for (std::uint32_t i = 0; i < count; ++i) {
    REQUIRE(queue.front(before).journey == i);
    queue.remove(queue.front(before));
  }
  CHECK(queue.front(before).journey == count);
  CHECK(asked < std::size_t{count} * 10);
}

TEST_CASE("ready queue: as many as leave from within, the others come in order", "[engine][S0]") {
  constexpr std::uint32_t count = 200'000;
  std::size_t asked = 0;
  const Before before{&asked};
  ReadyQueue queue;
  for (std::uint32_t i = 0; i < count; ++i) queue.push({i, 1, i}, before);
  for (std::uint32_t i = 1; i < count; i += 2) queue.remove({i, 1, i});
  CHECK(queue.size() == count / 2);
  for (std::uint32_t i = 0; i < count; i += 2) {
    REQUIRE(queue.front(before).journey == i);
    queue.remove({i, 1, i});
  }
  CHECK(queue.empty());
}

TEST_CASE("ready queue: it is what a sorted set is", "[engine][S0]") {
  std::mt19937 random(7);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  std::size_t asked = 0;
  const Before before{&asked};
  ReadyQueue queue;
  const auto less = [](const ReadySend& a, const ReadySend& b) {
    return place_of(a) < place_of(b);
  };
  std::set<ReadySend, decltype(less)> model(less);
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const std::uint32_t what = below(8);
    if (what < 4) {
      const ReadySend send{below(50), below(3), i};
      queue.push(send, before);
      model.insert(send);
    } else if (!model.empty()) {
      auto at = model.begin();
      if (what == 4) std::advance(at, below(static_cast<std::uint32_t>(model.size())));
      queue.remove(*at);
      model.erase(at);
    }
    REQUIRE(queue.size() == model.size());
    REQUIRE(queue.empty() == model.empty());
    if (!model.empty()) REQUIRE(queue.front(before).journey == model.begin()->journey);
    if (const ReadySend* const next = queue.ahead(3)) REQUIRE(next->journey <= i);
    if (i % 512 != 0) continue;
    std::vector<std::uint32_t> journeys;
    for (const ReadySend& each : model) journeys.push_back(each.journey);
    std::sort(journeys.begin(), journeys.end());
    REQUIRE(all_of(queue) == journeys);
  }
}

}  // namespace itinera::test
