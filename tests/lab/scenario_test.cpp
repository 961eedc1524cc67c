// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/transcript.hpp"

namespace itinera {
namespace {

// The lines of a transcript that tell what was emitted.
std::vector<std::string> actions_of(const std::string& transcript) {
  std::vector<std::string> actions;
  for (std::size_t at = 0; at < transcript.size();) {
    const std::size_t end = std::min(transcript.find('\n', at), transcript.size());
    const std::string line = transcript.substr(at, end - at);
    if (line.starts_with("action ")) actions.push_back(line);
    at = end + 1;
  }
  return actions;
}

std::string scenario(const std::string& name) {
  return test::read_text_file(ITINERA_SOURCE_DIR "/tests/scenarios/" + name);
}

}  // namespace

TEST_CASE("scenarios: each says what it said when it was last read", "[lab][scenarios]") {
  const std::vector<std::string> paths = test::scenario_paths();
  REQUIRE(paths.size() >= 8);
  for (const std::string& path : paths) test::check_scenario(path);
}

TEST_CASE("scenarios: a leap and many small steps write the same journal", "[lab][scenarios][S0]") {
  for (const std::string& path : test::scenario_paths()) {
    INFO(path);
    const std::string text = test::read_text_file(path);
    const test::Played leap = test::play(text);
    const test::Played steps = test::play(text, {.step_ms = 17 * 60'000 + 1});
    CHECK(leap.transcript == steps.transcript);
    CHECK(leap.journal == steps.journal);
  }
}

TEST_CASE("scenarios: an engine rebuilt after every command writes the same journal",
          "[lab][scenarios]") {
  for (const std::string& path : test::scenario_paths()) {
    INFO(path);
    const std::string text = test::read_text_file(path);
    const test::Played going_on = test::play(text);
    const test::Played rebuilt = test::play(text, {.always_crash = true});
    CHECK(going_on.transcript == rebuilt.transcript);
    CHECK(going_on.journal == rebuilt.journal);
  }
}

TEST_CASE("scenarios: timers of one instant fire in the order of S0, however they were armed",
          "[lab][scenarios][S0]") {
  const auto forwards = actions_of(scenario("equal_deadlines_a.txt"));
  CHECK(forwards.size() == 4);
  CHECK(forwards == actions_of(scenario("equal_deadlines_b.txt")));
}

}  // namespace itinera
