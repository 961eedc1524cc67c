// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "insight/census.hpp"
#include "itinera/engine.hpp"

namespace itinera::cli {

// What a run has seen of its messages.
struct Tally {
  std::uint64_t lines = 0;
  std::uint64_t inputs = 0;  // fed and taken
  std::uint64_t advances = 0;
  std::uint64_t bad_lines = 0;
  std::uint64_t refused = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t passed_over = 0;                         // the journal has them already
  std::map<std::string, std::uint64_t> ignored = {};     // by kind
  std::map<std::string, bool, std::less<>> events = {};  // by name: whether anything listens to it
  double seconds = 0.0;
};

// What a run ends with: lines of text. Lines and time are those of the run; contacts, journeys,
// actions and what was noticed are those of the whole journal.
std::string summary_text(const Tally& tally, const Statistics& counts,
                         const insight::Census& census);

}  // namespace itinera::cli
