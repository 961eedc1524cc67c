// SPDX-License-Identifier: Apache-2.0
// What holds of any campaigns and any inputs.
#include <rapidcheck.h>

#include <functional>
#include <string>
#include <vector>

#include "itinera/campaign_check.hpp"
#include "property/equivalences.hpp"
#include "property/random_world.hpp"
#include "support/catch.hpp"

namespace itinera::property {
namespace {

// Tapes up to `length` long; shrunk by leaving choices out, or by plainer ones.
rc::Gen<std::vector<std::uint16_t>> any_tape(double length) {
  const auto choice = rc::gen::resize(100, rc::gen::inRange<std::uint16_t>(0, 0xFFFF));
  return rc::gen::scale(length / 100.0, rc::gen::container<std::vector<std::uint16_t>>(choice));
}

using Claim = std::function<std::string(const Script&, Choices&)>;

bool holds(const std::string& name, const Size& size, const Claim& claim) {
  return rc::check(name, [&] {
    // Campaigns take most of the tape where it is short, inputs where it is long.
    Choices choices(*any_tape(2'000.0));
    const Script script = rehearse(random_world(choices, size));
    Choices others(*rc::gen::arbitrary<std::uint64_t>());
    const std::string wrong = claim(script, others);
    if (!wrong.empty()) RC_FAIL(wrong);
  });
}

constexpr Size small{2, 4, 16};

}  // namespace

TEST_CASE("random campaigns are sound, and different", "[property]") {
  std::size_t actions = 0;
  std::size_t ended = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Choices choices(seed);
    const World world = random_world(choices);
    for (const Publication& publication : world.publications) {
      for (const Diagnostic& found : check(publication.workspace, publication.campaigns)) {
        INFO(seed << ": " << to_text(found));
        CHECK(found.severity != Severity::error);
      }
    }
    const Played played = play(rehearse(world));
    actions += played.statistics.actions_emitted;
    ended += played.statistics.journeys_ended;
  }
  CHECK(actions > 400);
  CHECK(ended > 200);
}

TEST_CASE("replay equals live", "[property]") {
  CHECK(holds("replay", {},
              [](const Script& script, Choices&) { return replay_equals_live(script); }));
}

TEST_CASE("one leap equals a thousand steps", "[property][S0]") {
  CHECK(holds("steps", {}, leap_equals_steps));
}

TEST_CASE("a batch equals singles", "[property][S0]") {
  CHECK(holds("batch", {},
              [](const Script& script, Choices&) { return batch_equals_singles(script); }));
}

TEST_CASE("restoring at any frame equals going on", "[property]") {
  CHECK(holds("restore", small, [](const Script& script, Choices&) {
    return restore_equals_going_on(script, 1'000);
  }));
}

TEST_CASE("restoring a long journal at some frames equals going on", "[property]") {
  CHECK(holds("restore", {},
              [](const Script& script, Choices&) { return restore_equals_going_on(script, 8); }));
}

TEST_CASE("a cut inside a frame equals the frame before", "[property]") {
  CHECK(holds("torn", small, torn_equals_frame_before));
}

TEST_CASE("the order of people at one instant changes nothing for any of them",
          "[property][S0][S18]") {
  CHECK(holds("people", {}, order_of_people_is_nothing));
}

TEST_CASE("the order in which campaigns are loaded changes nothing", "[property][S0][S18]") {
  CHECK(holds("campaigns", {}, order_of_campaigns_is_nothing));
}

TEST_CASE("a restored engine has counted the same", "[property]") {
  CHECK(holds("counts", {},
              [](const Script& script, Choices&) { return restore_counts_the_same(script); }));
}

}  // namespace itinera::property
