// SPDX-License-Identifier: Apache-2.0
// How long until so many contacts have passed a step, given quotas, hours, paces and ramps, and
// which of these holds them up? The engine is the real one; nobody answers, so that waits run out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/engine.hpp"
#include "itinera/simulation.hpp"

namespace itinera {

struct ForecastQuestion {
  std::string campaign = {};  // empty: the first, by name, in which there is the step
  std::string step = {};  // a send, a call or a task; empty: the first send that names its senders
};

// What passed on one date of the workspace's zone.
struct ForecastDay {
  std::string date = {};  // ISO
  std::uint64_t passed = 0;
  std::vector<std::uint64_t> sent = {};  // by sender, in the order of Forecast::senders
  std::vector<bool> full = {};           // the same: it has sent as many as it may on that date
};

// Something that bounds how fast contacts pass, and what would be without it alone.
struct ForecastLimit {
  std::string name = {};             // "quota invite", "warm-up", "ramp of the entry"
  std::uint64_t passed = 0;          // as far as Forecast::until
  std::optional<Instant> last = {};  // when the last of them passes
};

struct Forecast {
  std::string campaign = {};
  std::string step = {};
  std::string zone = {};  // of the dates
  Instant start = {};
  std::uint64_t contacts = 0;
  std::uint64_t passed = 0;  // whose action of the step was emitted, each counted once
  std::uint64_t ended = 0;   // whose journey ended without it
  std::optional<Instant> first = {};
  std::optional<Instant> half = {};  // when half of those that pass have passed
  std::optional<Instant> last = {};
  Instant until =
      {};  // how far was looked: until all have passed or ended, ten years, or a million instants
  std::vector<std::string> senders = {};  // accounts of the step, by name
  std::vector<ForecastDay> days = {};     // those on which somebody passed
  // Those that make it take longer, what costs most time first. None, if contacts pass as they
  // come, or if several limits hold them up alike.
  std::vector<ForecastLimit> limits = {};
};

// Puts the contacts of the world (its number, start, attributes and seed; 1 .. 100,000 of them)
// into the highest version of the campaign, all at once or as the ramp of an entry lets them. Of
// other campaigns, holdouts and receipts nothing is supposed; consent is given. Runs the engine
// once, and once more for each limit. Errors: invalid_argument (no such step, numbers out of
// bounds, unsound campaigns, no zones).
Result<Forecast> forecast(const Workspace& workspace, std::span<const Campaign> campaigns,
                          const SimulationPlan& world, const ForecastQuestion& question,
                          const EngineOptions& options);

// For people: when, day by day by account, and what holds it up.
std::string to_text(const Forecast& forecast, const ZoneTable& zones);

}  // namespace itinera
