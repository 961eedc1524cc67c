// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace itinera::simulator {

// How often each thing was really reached.
using Tally = std::map<std::string, std::uint64_t, std::less<>>;

}  // namespace itinera::simulator
