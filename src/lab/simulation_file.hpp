// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace itinera::lab {

// "40%", "0.5%" in parts of a million; nothing if it is no share from 0% to 100%.
std::optional<std::uint32_t> parts_of_million(std::string_view percent);

}  // namespace itinera::lab
