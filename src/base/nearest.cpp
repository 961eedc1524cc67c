// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace itinera::base {
namespace {

constexpr std::size_t length_max = 64;

std::size_t distance_max(std::size_t length) { return length <= 4 ? 1 : length <= 8 ? 2 : 3; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The distance of optimal string alignment, or `limit` + 1 where it is more than `limit`. Both
// texts have at most length_max bytes.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::array<std::array<std::size_t, length_max + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0u : 1u)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], two_above[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string> names) {
  if (name.empty() || name.size() > length_max) return {};
  std::string_view best;
  std::size_t limit = distance_max(name.size());
  for (const std::string& candidate : names) {
    if (candidate.empty() || candidate.size() > length_max) continue;
    const std::size_t found = distance(name, candidate, limit);
    // Another name altogether where every byte would have to change.
    if (found > limit || found >= std::max(name.size(), candidate.size())) continue;
    best = candidate;
    if (found == 0) break;
    limit = found - 1;
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> names) {
  const std::string_view found = nearest(name, names);
  return found.empty() ? std::string() : fmt::format("did you mean '{}'?", found);
}

}  // namespace itinera::base
