// SPDX-License-Identifier: Apache-2.0
// Test data that others wrote and that is not ours to ship: read where it lies.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace itinera::test {

// `path` within the folder that the environment variable ITINERA_SHARED names; without it, within
// the folder `shared` beside the checkout. Empty if there is no such file: says so in a line that
// the suite counts.
inline std::optional<std::string> shared_data(std::string_view path) {
  namespace fs = std::filesystem;
  const char* folder = std::getenv("ITINERA_SHARED");
  const fs::path root =
      folder != nullptr ? fs::path(folder) : fs::path(ITINERA_SOURCE_DIR).parent_path() / "shared";
  const fs::path file = root / path;
  if (fs::is_regular_file(file)) return file.string();
  fmt::print("NOT RUN: {}: set ITINERA_SHARED to the folder that has it\n", path);
  return std::nullopt;
}

}  // namespace itinera::test
