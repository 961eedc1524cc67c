// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace itinera {

// The library's version; the build checks it against project(VERSION).
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
inline constexpr std::string_view version_text = "0.1.0";

}  // namespace itinera
