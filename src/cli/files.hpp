// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "itinera/diagnostic.hpp"
#include "itinera/simulation.hpp"
#include "itinera/yaml.hpp"

namespace itinera::cli {

// The texts of a workspace (format.md, Files), sorted by path.
struct WorkspaceFiles {
  std::vector<SourceFile> model = {};  // workspace.yaml and campaigns
  std::vector<SourceFile> tests = {};
  bool is_whole = false;  // a folder was named, so that nothing of its workspace is missing
  // What cannot be read, all of it (io_failed), and warnings: a workspace without
  // campaigns, and what looks like a part of it and is not read.
  Diagnostics diagnostics = {};
};

// What is found with a file that was named.
enum class Beside : std::uint8_t { workspace, nothing };

// What `paths` name: a folder stands for the workspace in it; files stand for themselves, with the
// workspace.yaml beside or above them.
WorkspaceFiles find_files(const std::vector<std::string>& paths, Beside beside = Beside::workspace);

// Loads what find_files() found; zones are looked up where this machine has any.
LoadedWorkspace load_files(const WorkspaceFiles& files);

// The same, and prints the diagnostics of both. Empty if there was an error.
std::optional<LoadedWorkspace> load_or_complain(const WorkspaceFiles& files);

// The same of a folder, for commands to which what is not there means something: of a file all
// other campaigns would be taken out of service, so it is refused.
std::optional<LoadedWorkspace> load_folder(const std::string& folder);

// The world in the file that was named, or in simulation.yaml of the folder, or else a guess from
// what the campaigns ask for. Nothing: the file has errors, which are told.
std::optional<SimulationPlan> world_of(const std::string& folder, const std::string& file,
                                       const LoadedWorkspace& loaded);

// to_text(), then the line of the file and a caret below the place.
std::string excerpt(const Diagnostic& diagnostic, const WorkspaceFiles& files);

// A JSON array, one object a diagnostic, with a newline at the end.
std::string to_json(const Diagnostics& diagnostics);

}  // namespace itinera::cli
