// SPDX-License-Identifier: Apache-2.0
// The same claims for campaigns that people wrote: the shop of examples/retail and the scenarios,
// with random inputs of the kinds that they name.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "property/equivalences.hpp"
#include "property/random_world.hpp"
#include "property/written_worlds.hpp"
#include "support/catch.hpp"

namespace itinera::property {

TEST_CASE("written campaigns: every equivalence holds", "[property][scenarios]") {
  const std::vector<Written> all = written_workspaces();
  REQUIRE(all.size() >= 5);
  for (const Written& written : all) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      INFO(written.name << ", seed " << seed);
      REQUIRE_FALSE(has_errors(written.loaded.diagnostics));
      Choices choices(seed);
      const Script script = rehearse(random_life(written.loaded, choices, 40));
      CHECK(replay_equals_live(script) == "");
      CHECK(leap_equals_steps(script, choices) == "");
      CHECK(batch_equals_singles(script) == "");
      CHECK(restore_equals_going_on(script, 12) == "");
      CHECK(torn_equals_frame_before(script, choices) == "");
      CHECK(order_of_people_is_nothing(script, choices) == "");
      CHECK(order_of_campaigns_is_nothing(script, choices) == "");
      CHECK(restore_counts_the_same(script) == "");
    }
  }
}

}  // namespace itinera::property
