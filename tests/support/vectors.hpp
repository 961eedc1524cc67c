// SPDX-License-Identifier: Apache-2.0
// Rows of a file of published vectors, divided by tabs.
#pragma once

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace itinera::test {

inline std::vector<std::string> split_at(std::string_view text, char divider) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(divider);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Of a file in tests/base/vectors those that begin with `kind`, without it; all if it is empty.
inline std::vector<std::vector<std::string>> vectors_of(const std::string& file,
                                                        std::string_view kind = {}) {
  std::ifstream in(std::string(ITINERA_SOURCE_DIR) + "/tests/base/vectors/" + file);
  REQUIRE(in);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> row = split_at(line, '\t');
    if (!kind.empty() && row.front() != kind) continue;
    if (!kind.empty()) row.erase(row.begin());
    rows.push_back(std::move(row));
  }
  REQUIRE(!rows.empty());
  return rows;
}

}  // namespace itinera::test
