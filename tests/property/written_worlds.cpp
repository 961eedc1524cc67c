// SPDX-License-Identifier: Apache-2.0
#include "property/written_worlds.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

namespace itinera::property {
namespace {

// The YAML files of a folder, in the order of their names.
std::vector<SourceFile> files_of(const std::string& folder) {
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back({entry.path().string(), {}});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  for (SourceFile& file : files) file.text = file_text(file.path);
  return files;
}

}  // namespace

std::string file_text(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  std::string text;
  char part[4096];
  for (std::size_t size = 1; file != nullptr && size > 0;) {
    size = std::fread(part, 1, sizeof part, file.get());
    text.append(part, size);
  }
  return text;
}

std::vector<Written> written_workspaces() {
  const std::string root = ITINERA_SOURCE_DIR;
  std::vector<Written> all;
  std::vector<SourceFile> retail = files_of(root + "/examples/retail/campaigns");
  retail.push_back({"workspace.yaml", file_text(root + "/examples/retail/workspace.yaml")});
  all.push_back({"retail", load_workspace(retail)});
  for (const SourceFile& file : files_of(root + "/tests/scenarios")) {
    const std::string name = std::filesystem::path(file.path).stem().string();
    all.push_back({name, load_workspace({&file, 1})});
  }
  return all;
}

}  // namespace itinera::property
