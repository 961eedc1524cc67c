// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace itinera::bench {

// Bytes that this process has allocated through operator new and not freed, as the allocator
// rounds them, and the most there ever were since the last reset_peak().
std::uint64_t allocated_now();
std::uint64_t allocated_peak();
void reset_peak();

}  // namespace itinera::bench
