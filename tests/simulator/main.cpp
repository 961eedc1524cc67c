// SPDX-License-Identifier: Apache-2.0
// Runs whole lives of a host over a machine that fails, each from one seed:
//
//   itinera_simulator [--seed N | --seeds FROM..TO] [--inputs N] [--shards N] [--verbose]
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/stable_hash.hpp"
#include "simulator/simulation.hpp"

namespace itinera::simulator {
namespace {

struct Wanted {
  std::uint64_t from = 1;
  std::uint64_t to = 1;
  Simulation::Manner manner = {};
};

template <class Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<Wanted> read(std::span<char* const> arguments) {
  Wanted wanted;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--verbose") {
      wanted.manner.is_verbose = true;
      continue;
    }
    if (++i == arguments.size()) return std::nullopt;
    const std::string_view value = arguments[i];
    const std::size_t dots = value.find("..");
    bool is_read = false;
    if (name == "--seed") {
      is_read = read(value, wanted.from);
      wanted.to = wanted.from;
    } else if (name == "--seeds" && dots != std::string_view::npos) {
      is_read = read(value.substr(0, dots), wanted.from) && read(value.substr(dots + 2), wanted.to);
    } else if (name == "--inputs") {
      is_read = read(value, wanted.manner.inputs) && wanted.manner.inputs > 0;
    } else if (name == "--shards") {
      std::uint32_t& shards = wanted.manner.shards;
      is_read = read(value, shards) && shards > 0 && shards <= RuntimeOptions::shards_max;
    }
    if (!is_read || wanted.to < wanted.from) return std::nullopt;
  }
  return wanted;
}

std::string with_commas(std::uint64_t number) {
  if (number < 1'000) return fmt::format("{}", number);
  return fmt::format("{},{:03}", with_commas(number / 1'000), number % 1'000);
}

// What a run of many seeds must have come to; otherwise it has shown nothing about it.
constexpr const char* must_be_reached[] = {
    "a chunk has rotted",
    "a chunk is gone",
    "a group of which nobody was told is gone",
    "a group of which nobody was told is there",
    "acknowledgements",
    "actions given again",
    "actions lost between the disk and the host",
    "an error in append",
    "an error in chunk",
    "an error in complete",
    "an error in put_chunk",
    "an error in read",
    "appends that took many steps",
    "bounds reached",
    "crashes",
    "cursors moved",
    "death in append",
    "death in claim",
    "death in complete",
    "death in put_chunk",
    "death in read",
    "deaths while opening",
    "duplicates",
    "groups replaced",
    "journeys migrated",
    "leaps of the clock",
    "looks",
    "owners replaced",
    "publications refused",
    "reports repeated",
    "seeds over SQLite",
    "snapshots",
    "snapshots that nobody asked for",
    "steps back of the clock",
    "a failed sync",
    "a full disk",
    "a short write",
};

// The same of a run of very many.
constexpr std::uint64_t very_many = 500;
constexpr const char* reached_by_very_many[] = {"a failed read", "death in replace",
                                                "death in truncate"};

bool tell(const Wanted& wanted, Tally& tally) {
  bool all = true;
  for (const auto& [what, count] : tally) fmt::print("{:>12} {}\n", with_commas(count), what);
  const std::uint64_t seeds = wanted.to - wanted.from + 1;
  const auto look_for = [&](const char* what) {
    if (tally[what] > 0) return;
    fmt::print("never reached: {}\n", what);
    all = false;
  };
  // One seed cannot come to everything; with shards, whose calls hand over more than once, what
  // faults meet hangs on the disk's thread, too.
  const std::uint64_t few = wanted.manner.shards > 1 ? 100 : 1;
  if (seeds > few) std::ranges::for_each(must_be_reached, look_for);
  if (seeds >= very_many) std::ranges::for_each(reached_by_very_many, look_for);
  fmt::print(
      "{} seeds, {} inputs, {} crashes, {} restores, {} publications, {} migrations, {} "
      "snapshots, {} actions: {}\n",
      with_commas(seeds), with_commas(tally["inputs"]), with_commas(tally["crashes"]),
      with_commas(tally["restores"]), with_commas(tally["publications"]),
      with_commas(tally["journeys migrated"]), with_commas(tally["snapshots"]),
      with_commas(tally["actions"]),
      all ? "no violation" : "no violation, and not everything was reached");
  return all;
}

// After so many seeds with a violation nobody looks at more.
constexpr std::uint64_t violations_max = 10;

int run(const Wanted& wanted, const char* program) {
  Tally tally;
  std::uint64_t violations = 0;
  for (std::uint64_t seed = wanted.from; seed <= wanted.to; ++seed) {
    Simulation simulation(seed, wanted.manner, tally);
    const std::string wrong = simulation.run();
    if (!wrong.empty()) {
      fmt::print(
          "seed {}, step {}: {}\nrepeat with: {} --seed {} --inputs {} --shards {} --verbose\n",
          seed, simulation.steps(), wrong, program, seed, wanted.manner.inputs,
          wanted.manner.shards);
      if (++violations == violations_max) break;
      continue;
    }
    if (wanted.from == wanted.to)
      fmt::print("journal {}\n", to_text(base::stable_hash_of_bytes(simulation.journal())));
  }
  if (violations > 0) {
    fmt::print("{} seeds with a violation\n", violations);
    return 1;
  }
  return tell(wanted, tally) ? 0 : 1;
}

}  // namespace
}  // namespace itinera::simulator

int main(int count, char** arguments) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a run that is cut off has said what it found
  const auto wanted = itinera::simulator::read({arguments + 1, arguments + count});
  if (!wanted) {
    fmt::print(stderr,
               "usage: {} [--seed N | --seeds FROM..TO] [--inputs N] [--shards N] [--verbose]\n",
               arguments[0]);
    return 2;
  }
  return itinera::simulator::run(*wanted, arguments[0]);
}
