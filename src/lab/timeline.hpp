// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "itinera/lab.hpp"
#include "lab/coverage.hpp"
#include "yaml/test_file.hpp"

namespace itinera::lab {

// Plays the timeline of `test` line by line against an engine of its own, which runs the lowest
// version of each of `campaigns` (sorted by name and version, and sound). What happens is
// told to `coverage`. The first failure, or nothing.
std::optional<TestFailure> play(const yaml::TestCase& test, const Workspace& workspace,
                                std::span<const Campaign> campaigns, const EngineOptions& options,
                                Coverage& coverage);

// Whether a path of the workspace is what a line calls `file`.
bool is_file(std::string_view path, std::string_view file);

}  // namespace itinera::lab
