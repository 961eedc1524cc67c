// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/test_file.hpp"

using namespace itinera;
using namespace itinera::yaml_test;

namespace {

std::vector<SourceFile> files_in(const std::filesystem::path& folder) {
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files.push_back({entry.path().filename().string(), {std::istreambuf_iterator<char>(file), {}}});
  }
  return files;
}

}  // namespace

TEST_CASE("the retail shop's files are read without a word", "[yaml][examples]") {
  const std::filesystem::path shop_folder =
      std::filesystem::path(ITINERA_SOURCE_DIR) / "examples" / "retail";
  std::vector<SourceFile> files = files_in(shop_folder);
  for (SourceFile& file : files_in(shop_folder / "campaigns")) files.push_back(std::move(file));
  const LoadedWorkspace loaded = load_workspace(files);
  CHECK(text_of(loaded.diagnostics).empty());
  CHECK(loaded.campaigns.size() >= 4);
  const yaml::LoadedTests tests = yaml::load_tests(files_in(shop_folder / "tests"));
  CHECK(text_of(tests.diagnostics).empty());
  CHECK(tests.tests.size() >= 4);
}
