// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/limits.hpp"
#include "itinera/result.hpp"

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

// What a file becomes in the usual form; empty, with diagnostics, if it cannot be had.
struct FormattedFile {
  std::string text = {};
  Diagnostics diagnostics = {};
};

// Writes the file of a workspace, of campaigns or of tests in one form: keys in the order of the
// documentation, two blanks a level, quotes where they are needed. Content, comments and single
// blank lines stay; a file of which something would be lost is refused. What is wrong with it
// beyond YAML itself is load_workspace()'s business. Never throws, whatever the text.
FormattedFile format_yaml(const SourceFile& file, const Limits& limits = {});

// The same form of what was built in C++, to be read again by load_workspace(). Error:
// invalid_argument, of what the format has no words for (a text that is no UTF-8, a literal that
// begins with `=`, a number that is none).
Result<std::string> to_yaml(const Campaign& campaign);
Result<std::string> to_yaml(const Workspace& workspace);

// What editors need to help with such files: a JSON Schema (draft 7) of workspaces, campaigns and
// tests, told by their first keys. It knows keys, types and words; what a condition says, and what
// names what, check() knows.
std::string json_schema();

}  // namespace itinera
