// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/limits.hpp"

namespace itinera {

class ZoneTable;

// One file of a workspace: its path, for messages, and its text.
struct SourceFile {
  std::string path = {};
  std::string text = {};
};

// What the files of a workspace say. Campaigns are sorted by (name, version), whatever the order
// of the files. `diagnostics` holds everything found, of the reader and of check(); if it has
// errors, the rest is what could be read and must not be published.
struct LoadedWorkspace {
  Workspace workspace = {};
  std::vector<Campaign> campaigns = {};
  Diagnostics diagnostics = {};
};

// Reads a workspace file and campaign files (format.md). A file is told by its first key:
// `workspace:` or `campaign:`; a file may hold several documents divided by `---`. Exactly one
// workspace document must be there. `zones` as in check(). Never throws, whatever the text.
LoadedWorkspace load_workspace(std::span<const SourceFile> files, const Limits& limits = {},
                               const ZoneTable* zones = nullptr);

}  // namespace itinera
