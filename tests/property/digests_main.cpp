// SPDX-License-Identifier: Apache-2.0
// Prints a line "<name> <digest>" for every scenario, for the written campaigns with random inputs
// and for random worlds. tests/determinism.sh compares what different builds print. Built without
// Catch2's assertions: the scenarios are tests elsewhere.
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

#include "base/stable_hash.hpp"
#include "property/host.hpp"
#include "property/random_world.hpp"
#include "property/written_worlds.hpp"
#include "support/transcript.hpp"

namespace {

using namespace itinera;

void print(const std::string& name, base::ByteView journal) {
  const Hash128 digest = base::stable_hash(base::as_text(journal));
  std::puts(fmt::format("{} {}", name, to_text(digest)).c_str());
}

}  // namespace

int main() {
  for (const std::string& path : test::scenario_paths()) {
    print("scenario-" + std::filesystem::path(path).stem().string(),
          test::play(test::read_text_file(path), test::Manner()).journal);
  }
  for (const property::Written& written : property::written_workspaces()) {
    property::Choices choices(1);
    print("written-" + written.name,
          property::play(property::rehearse(property::random_life(written.loaded, choices, 200)))
              .journal);
  }
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    property::Choices choices(seed);
    print(fmt::format("world-{}", seed),
          property::play(property::rehearse(property::random_world(choices, {3, 6, 80}))).journal);
  }
  return 0;
}
