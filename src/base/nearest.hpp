// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace itinera::base {

// The one of `names` that `name` was probably meant to be, or nothing: the least edit distance
// (insert, delete, replace, swap two neighbours; ASCII case counts for nothing), at most 1 for up
// to 4 bytes, 2 for up to 8, else 3; of equals the first. Names longer than 64 bytes are passed
// over. Refers to the characters of `names`.
std::string_view nearest(std::string_view name, std::span<const std::string> names);

// "did you mean 'x'?", or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string> names);

}  // namespace itinera::base
