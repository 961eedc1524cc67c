// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace itinera::yaml {

// Both arrays, one behind the other.
template <class T, std::size_t m, std::size_t n>
constexpr std::array<T, m + n> join(const std::array<T, m>& a, const std::array<T, n>& b) {
  std::array<T, m + n> result{};
  for (std::size_t i = 0; i < m; ++i) result[i] = a[i];
  for (std::size_t i = 0; i < n; ++i) result[m + i] = b[i];
  return result;
}

}  // namespace itinera::yaml
