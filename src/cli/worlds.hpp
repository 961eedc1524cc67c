// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "itinera/simulation.hpp"
#include "itinera/yaml.hpp"

namespace itinera::cli {

// The world in the file that was named, or in simulation.yaml of the folder, or else a guess from
// what the campaigns ask for. Nothing: the file has errors, which are told.
std::optional<SimulationPlan> world_of(const std::string& folder, const std::string& file,
                                       const LoadedWorkspace& loaded);

}  // namespace itinera::cli
