// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "itinera/result.hpp"

namespace itinera::base {

// "5%" or "2.5%", two decimals at most, in parts of ten thousand: 500, 250. Whether that is more
// than all of them, the caller asks. The error says what to write: "...; write 5% or 2.5%".
Result<std::uint32_t> parse_percent(std::string_view text);

// "2.5%" of 250, without decimals that say nothing.
std::string percent_text(std::uint32_t parts_of_ten_thousand);

}  // namespace itinera::base
