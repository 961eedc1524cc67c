// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "itinera/yaml.hpp"
#include "property/choices.hpp"
#include "property/world.hpp"

namespace itinera::property {

struct Size {
  std::uint32_t campaigns = 3;  // at most
  std::uint32_t steps = 6;      // at most, in each list of steps
  std::uint32_t inputs = 40;    // at most; on a tape, as many as it holds
};

// A sound workspace, one to three sound campaigns with every kind of step, and what befalls a few
// contacts and anonymous visitors during a month in which the clocks change: repeated messages,
// late events, several inputs at one instant or at a deadline, ids linked, new versions published.
World random_world(Choices& choices, const Size& size = {});

// The same at length: `size.inputs` inputs, among which campaigns are published so many times, each
// time one of them in a new version, and mostly with a migration.
World random_years(Choices& choices, const Size& size, std::uint32_t publications);

// The same inputs for campaigns that someone wrote: events and attributes that they name.
World random_life(const LoadedWorkspace& loaded, Choices& choices, std::uint32_t inputs);

// One campaign, for those who want no more.
// A campaign that others start, stop and tell of `ping`.
Campaign echo_campaign();
Campaign random_campaign(Choices& choices, const std::string& name, std::uint32_t version,
                         std::uint32_t steps);
Workspace random_workspace(Choices& choices);

}  // namespace itinera::property
