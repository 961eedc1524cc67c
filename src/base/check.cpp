// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace itinera::base {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "itinera: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace itinera::base
