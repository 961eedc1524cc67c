// SPDX-License-Identifier: Apache-2.0
// Campaigns over made-up contacts, who do things at made-up times: what would be sent in a year?
// The engine is the real one, only the world is drawn, from a seed: the same seed gives the same
// world on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/engine.hpp"
#include "itinera/yaml.hpp"

namespace itinera {

// Each contact does it again and again: after a first gap of 0 .. every, after others of
// 0 .. 2 x every, all lengths as likely.
struct SimulatedEvent {
  std::string name = {};
  std::int64_t every_ms = 30 * 86'400'000LL;  // at least 1000
  std::uint32_t share = 1'000'000;            // of a million contacts so many do it at all
  Properties properties = {};                 // drawn anew each time
};

// What comes back of a send on `channel`, each receipt by itself.
struct SimulatedReceipt {
  std::string channel = {};  // empty: any
  Receipt receipt = Receipt::opened;
  std::uint32_t chance = 0;                  // in a million
  std::int64_t within_ms = 6 * 3'600'000LL;  // it comes after 1 ms .. within, all as likely
};

// The world. Values of attributes and properties are drawn where they are a map:
// {one_of: [a, b, b]} one of these, {from: 1, to: 6} an integer from the first to the last,
// {chance: 40%, value: x} the value, or nothing. In texts {n} is the number of the contact.
struct SimulationPlan {
  std::string name = {};
  Instant start = {1'767'225'600'000};  // 2026-01-01T00:00:00Z
  std::uint32_t days = 365;             // 1 .. 36,500
  std::uint32_t contacts = 1'000;       // 1 .. 10,000,000; called u1, u2, ...
  std::uint64_t seed = 1;
  Properties attributes = {};
  std::vector<SimulatedEvent> events = {};
  std::vector<SimulatedReceipt> receipts = {};
};

struct LoadedSimulation {
  SimulationPlan plan = {};
  Diagnostics diagnostics = {};
};

// Reads `simulation: NAME` and what docs/command-line.md says of it. Never throws.
LoadedSimulation load_simulation(const SourceFile& file, const Limits& limits = {});

// A world for campaigns of which nobody has written one: every address that is an attribute, and
// every event that something listens to, each with the properties that conditions compare.
SimulationPlan plan_for(const Workspace& workspace, std::span<const Campaign> campaigns);

struct SimulatedCampaign {
  std::string name = {};
  std::uint64_t entered = 0;
  std::uint64_t converted = 0;
  std::uint64_t finished = 0;  // by its steps
  std::uint64_t exited = 0;    // by a goal, an exit rule or otherwise
  std::uint64_t sends = 0;
  [[nodiscard]] std::uint64_t in_flight() const { return entered - finished - exited; }
};

struct SimulationResult {
  std::string name = {};
  Instant start = {};
  std::vector<std::string> channels = {};             // of the workspace, in its order
  std::vector<std::vector<std::uint64_t>> days = {};  // sends: by day of 24 hours, by channel
  std::vector<SimulatedCampaign> campaigns = {};      // by name
  std::uint64_t inputs = 0;
  std::uint64_t refused = 0;
  Statistics statistics = {};
};

// Runs `campaigns` (of each name the highest version) over the plan's world, as a host that takes
// at every instant. Errors: invalid_argument (no zones, numbers out of bounds, unsound campaigns).
Result<SimulationResult> simulate(const Workspace& workspace, std::span<const Campaign> campaigns,
                                  const SimulationPlan& plan, const EngineOptions& options);

// Tables for people: sends by day and channel, campaigns.
std::string to_text(const SimulationResult& result);

}  // namespace itinera
