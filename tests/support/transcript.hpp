// SPDX-License-Identifier: Apache-2.0
// Scenarios: transcripts of commands and of everything the engine said. A file of
// tests/scenarios/ is a list of blocks, divided by blank lines:
//
//   # a comment
//   load cart.yaml at 2026-03-02T09:00:00Z
//   at 2026-03-02T10:00:00Z event "cart abandoned" contact=ola total=12.5
//   ----
//   told    2026-03-02T10:00:00Z  entered, cart v1, contact ola
//   next    2026-03-02T11:00:00Z
//
//   load FILE at INSTANT              reads a workspace and its campaigns, publishes them
//   at INSTANT event NAME ...         contact= or anonymous=, id= (message id), occurred=, and
//                                     properties as name=value
//   at INSTANT identify ...           contact=, anonymous=, id=, occurred=, attributes
//   at INSTANT alias previous= contact=
//   at INSTANT enter CAMPAIGN ...     contact=, key=, properties
//   at INSTANT stop CAMPAIGN ...      contact=, key=
//   at INSTANT report RECEIPT STEP    of the newest action of that step; contact= narrows it
//   advance INSTANT                   stops and takes at every instant that emits something
//   take
//   crash                             rebuilds the engine from its journal
//
// An `at` feeds and does not take: what it emits stays in the outbox until time moves on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace itinera::test {

// How a scenario is played. Whatever the manner, the journal must be the same.
struct Manner {
  std::int64_t step_ms = 0;   // advances go by so much at a time; 0: in one leap
  bool always_crash = false;  // the engine is rebuilt after every command
};

struct Played {
  std::string transcript;  // the file, with what was said this time
  base::Bytes journal;
};

// The text of a file; fails the test if there is none.
std::string read_text_file(const std::string& path);

// All scenarios, by name.
std::vector<std::string> scenario_paths();

// Plays the scenario in `text`; files that it loads stand in tests/scenarios/.
Played play(const std::string& text, const Manner& manner = {});

// Plays the file and compares it with itself. With ITINERA_REWRITE in the environment the file is
// rewritten instead; read the difference before you commit it.
void check_scenario(const std::string& path);

}  // namespace itinera::test
