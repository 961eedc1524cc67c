// SPDX-License-Identifier: Apache-2.0
#include "tables/timers.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "support/catch.hpp"

namespace itinera::engine {
namespace {

constexpr Instant noon{1'772'452'800'000};  // 2026-03-02T12:00:00Z
constexpr std::int64_t year_ms = 365 * day_ms;

// What Timers should do, by looking at everything each time. A journey is due at most once.
class Journeys final : public Timers::Live {
 public:
  explicit Journeys(std::size_t count, Instant now) : now_(now), due_(count) {}

  void arm(std::uint32_t journey, Instant due) {
    due_[journey] = due;
    timers_.arm(journey, due, now_);
  }
  void cancel(std::uint32_t journey) { due_[journey].reset(); }

  [[nodiscard]] bool live(std::uint32_t journey, Instant due) const override {
    return due_[journey] == due;
  }
  void prefetch(std::uint32_t) const override {}

  [[nodiscard]] std::optional<Instant> expected() const {
    std::optional<Instant> first;
    for (const auto& due : due_) {
      if (due && (!first || *due < *first)) first = due;
    }
    return first;
  }

  // Moves time to `t` instant by instant, and compares each with the oracle. Calls `fired` for
  // every journey that fell due. Returns whether all agreed.
  template <class Fired>
  bool advance_to(Instant t, Fired fired) {
    bool right = timers_.earliest(*this) == expected();
    while (const std::optional<Instant> next = timers_.next_until(t, *this)) {
      right = right && next == expected();
      now_ = *next;
      std::vector<std::uint32_t> wanted;
      for (std::uint32_t i = 0; i < due_.size(); ++i) {
        if (due_[i] == *next) wanted.push_back(i);
      }
      std::vector<std::uint32_t> taken;
      timers_.take(*next, taken);
      std::erase_if(taken, [&](std::uint32_t journey) { return due_[journey] != *next; });
      std::sort(taken.begin(), taken.end());
      taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
      right = right && taken == wanted;
      for (const std::uint32_t journey : taken) due_[journey].reset();
      for (const std::uint32_t journey : taken) fired(journey);
      if (!right) return false;
    }
    now_ = t;
    const std::optional<Instant> left = expected();
    return right && (!left || *left > t) && timers_.earliest(*this) == left;
  }
  bool advance_to(Instant t) {
    return advance_to(t, [](std::uint32_t) {});
  }
  [[nodiscard]] Instant now() const { return now_; }
  Timers& timers() { return timers_; }

 private:
  Timers timers_;
  Instant now_;
  std::vector<std::optional<Instant>> due_;
};

// A small generator of its own (splitmix64): the same numbers everywhere.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::int64_t below(std::int64_t bound) {
    std::uint64_t z = (state_ += 0x9E37'79B9'7F4A'7C15);
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return static_cast<std::int64_t>((z ^ (z >> 31)) % static_cast<std::uint64_t>(bound));
  }

 private:
  std::uint64_t state_;
};

}  // namespace

TEST_CASE("timers: nothing armed, nothing due", "[engine][timers]") {
  Journeys journeys(1, noon);
  CHECK(journeys.timers().earliest(journeys) == std::nullopt);
  CHECK(journeys.timers().next_until(noon + 100 * year_ms, journeys) == std::nullopt);
}

TEST_CASE("timers: fires at the exact millisecond and not before", "[engine][timers][S1]") {
  const std::int64_t away = GENERATE(std::int64_t{0}, 1, 65'535, 65'536, hour_ms, 7 * day_ms,
                                     400 * day_ms, 16 * year_ms, 20 * year_ms, 500 * year_ms);
  Journeys journeys(1, noon);
  CAPTURE(away);
  journeys.arm(0, noon + away);
  CHECK(journeys.timers().earliest(journeys) == noon + away);
  CHECK(journeys.timers().next_until(noon + away - 1, journeys) == std::nullopt);
  CHECK(journeys.timers().next_until(noon + away, journeys) == noon + away);
  std::vector<std::uint32_t> taken;
  journeys.timers().take(noon + away, taken);
  CHECK(taken == std::vector<std::uint32_t>{0});
  journeys.cancel(0);
  CHECK(journeys.timers().earliest(journeys) == std::nullopt);
}

TEST_CASE("timers: works before 1970 as after it", "[engine][timers]") {
  const Instant begin =
      GENERATE(Instant{-3 * year_ms}, Instant{-1}, earliest_instant, Instant{-600'000'000});
  Journeys journeys(5, begin);
  journeys.arm(0, begin + 1);
  journeys.arm(1, begin + 7 * day_ms);
  journeys.arm(2, begin + 5 * year_ms);
  journeys.arm(3, begin + 40 * year_ms);
  journeys.arm(4, begin);
  CHECK(journeys.advance_to(begin + 41 * year_ms));
}

TEST_CASE("timers: a deadline of twenty years stands behind nearer ones armed later",
          "[engine][timers]") {
  Journeys journeys(4, noon);
  journeys.arm(0, noon + 20 * year_ms);
  journeys.arm(1, noon + 10 * year_ms);
  CHECK(journeys.advance_to(noon + 11 * year_ms));
  journeys.arm(2, noon + 20 * year_ms - 1);
  journeys.arm(3, noon + 20 * year_ms + 1);
  CHECK(journeys.advance_to(noon + 21 * year_ms));
}

TEST_CASE("timers: an armed journey that was cancelled or armed anew fires once, at its new time",
          "[engine][timers]") {
  Journeys journeys(3, noon);
  journeys.arm(0, noon + hour_ms);
  journeys.arm(0, noon + 2 * hour_ms);
  journeys.arm(1, noon + 3 * hour_ms);
  journeys.arm(1, noon + 1);
  journeys.arm(2, noon + 5);
  journeys.cancel(2);
  std::vector<std::uint32_t> fired;
  CHECK(journeys.advance_to(noon + day_ms, [&](std::uint32_t j) { fired.push_back(j); }));
  CHECK(fired == std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("timers: a place freed and taken again for the same instant is due", "[engine][timers]") {
  Journeys journeys(1, noon);
  journeys.arm(0, noon + hour_ms);
  journeys.cancel(0);
  journeys.arm(0, noon + hour_ms);
  int fired = 0;
  CHECK(journeys.advance_to(noon + day_ms, [&](std::uint32_t) { ++fired; }));
  CHECK(fired == 1);
}

TEST_CASE("timers: what is armed while an instant runs still comes in its turn",
          "[engine][timers]") {
  Journeys journeys(2, noon);
  journeys.arm(0, noon + 10);
  journeys.arm(1, noon + 60'000);
  std::vector<Instant> at;
  const auto again = [&](std::uint32_t journey) {
    at.push_back(journeys.now());
    if (journey == 0 && at.size() < 4) journeys.arm(0, journeys.now() + 20'000);
  };
  CHECK(journeys.advance_to(noon + day_ms, again));
  CHECK(at == std::vector<Instant>{noon + 10, noon + 20'010, noon + 40'010, noon + 60'000,
                                   noon + 60'010});
}

TEST_CASE("timers: agrees with a list that is searched, over random lives of many years",
          "[engine][timers]") {
  const std::uint64_t seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{25}));
  Numbers numbers(seed);
  const Instant begin = seed % 3 == 0 ? Instant{-2 * year_ms} : noon;
  Journeys journeys(40, begin);
  constexpr std::int64_t spans[] = {100,          65'536,       hour_ms,     3 * day_ms,
                                    7 * day_ms,   90 * day_ms,  2 * year_ms, 18 * year_ms,
                                    40 * year_ms, 120 * year_ms};
  const auto span = [&] { return numbers.below(spans[numbers.below(10)]); };
  bool right = true;
  for (int round = 0; round < 150 && right; ++round) {
    for (std::int64_t i = numbers.below(6); i > 0; --i) {
      const auto journey = static_cast<std::uint32_t>(numbers.below(40));
      if (numbers.below(5) == 0) {
        journeys.cancel(journey);
      } else {
        journeys.arm(journey, journeys.now() + span());
      }
    }
    int rearmed = 0;
    right = journeys.advance_to(journeys.now() + span(), [&](std::uint32_t journey) {
      if (numbers.below(3) == 0 && ++rearmed < 50) {
        journeys.arm(journey, journeys.now() + 1 + span());
      }
    });
  }
  CHECK(right);
}

TEST_CASE("timers: what is dead is let go of, and the rest stays right", "[engine][timers]") {
  Journeys journeys(400, noon);
  for (std::uint32_t i = 0; i < 400; ++i) journeys.arm(i, noon + 1 + i * i * 86'400);
  journeys.arm(7, noon + 30 * year_ms);
  for (std::uint32_t i = 0; i < 400; i += 3) journeys.cancel(i);
  CHECK(journeys.timers().earliest(journeys) == journeys.expected());
  CHECK(journeys.timers().waiting() > 267);
  journeys.timers().drop_dead(journeys);
  CHECK(journeys.timers().waiting() == 266);
  CHECK(journeys.timers().earliest(journeys) == journeys.expected());
  CHECK(journeys.advance_to(noon + 40 * year_ms));
  CHECK(journeys.timers().waiting() == 0);
}

TEST_CASE("timers: asking for the earliest again and again looks at few of many",
          "[engine][timers]") {
  // Counts what is looked at: with n waiting in one bucket, n times the earliest goes.
  class Counted final : public Timers::Live {
   public:
    std::vector<bool> gone = std::vector<bool>(4000);
    mutable std::size_t asked = 0;
    [[nodiscard]] bool live(std::uint32_t journey, Instant) const override {
      ++asked;
      return !gone[journey];
    }
    void prefetch(std::uint32_t) const override {}
  };
  Counted journeys;
  Timers timers;
  for (std::uint32_t i = 0; i < 4000; ++i) timers.arm(i, noon + 30 * day_ms + i, noon);
  for (std::uint32_t i = 0; i < 4000; ++i) {
    REQUIRE(timers.earliest(journeys) == noon + 30 * day_ms + i);
    journeys.gone[i] = true;
  }
  CHECK(timers.earliest(journeys) == std::nullopt);
  CHECK(journeys.asked < 20'000);
}

}  // namespace itinera::engine
