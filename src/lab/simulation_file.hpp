// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "itinera/limits.hpp"
#include "itinera/simulation.hpp"

namespace itinera::lab {

// As load_simulation(), and finds names that the workspace does not have: a channel is an error,
// and an event that nothing listens to a warning.
LoadedSimulation load_world(const SourceFile& file, const LoadedWorkspace& loaded,
                            const Limits& limits = {});

// How long the gaps of an event, and the time until a receipt, may be.
inline constexpr std::int64_t longest_gap_ms = 1'000LL * 366 * day_ms;
inline constexpr std::int64_t shortest_gap_ms = second_ms;

// "40%", "0.5%" in parts of a million; nothing if it is no share from 0% to 100%.
std::optional<std::uint32_t> parts_of_million(std::string_view percent);

}  // namespace itinera::lab
