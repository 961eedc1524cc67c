// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "itinera/diagnostic.hpp"
#include "itinera/yaml.hpp"
#include "yaml/test_file.hpp"

namespace itinera::lab {

// Of each test the names that nothing has: decisions, and, where all of the workspace could be
// read, also campaigns, their files, steps, channels, topics, goals, reasons, and the splits and
// variants that are pinned (unknown_name). An event that nothing listens to may be what a test is
// about: only where its name is nearly that of another it is a warning. Of a test that has other
// errors nothing is said.
std::vector<Diagnostics> unknown_names(std::span<const yaml::TestCase> tests,
                                       const LoadedWorkspace& loaded);

}  // namespace itinera::lab
