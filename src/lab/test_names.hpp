// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "itinera/diagnostic.hpp"
#include "itinera/yaml.hpp"
#include "yaml/test_file.hpp"

namespace itinera::lab {

// Of each test the names that nothing has: decisions, and, where all of the workspace could be
// read, also campaigns, steps, channels, goals, reasons, and the splits and variants that are
// pinned (unknown_name). Of a test that has other errors nothing is said.
std::vector<Diagnostics> unknown_names(std::span<const yaml::TestCase> tests,
                                       const LoadedWorkspace& loaded);

}  // namespace itinera::lab
