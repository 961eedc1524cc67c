// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace itinera::base {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace itinera::base

// A broken invariant stops the program in every build: going on would make a wrong state durable.
// No input, however hostile, may reach one; the fuzzers and the simulation exist to show it.
#define ITINERA_CHECK(condition)                                     \
  do {                                                               \
    if (!(condition)) [[unlikely]] {                                 \
      ::itinera::base::check_failed(#condition, __FILE__, __LINE__); \
    }                                                                \
  } while (false)
