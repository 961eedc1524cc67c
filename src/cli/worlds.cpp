// SPDX-License-Identifier: Apache-2.0
#include "cli/worlds.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/files.hpp"
#include "cli/streams.hpp"

namespace itinera::cli {

std::optional<SimulationPlan> world_of(const std::string& folder, const std::string& file,
                                       const LoadedWorkspace& loaded) {
  std::error_code code;
  std::string path = file;
  const std::filesystem::path usual = std::filesystem::path(folder) / "simulation.yaml";
  if (path.empty() && std::filesystem::exists(usual, code)) path = usual.string();
  if (path.empty()) return plan_for(loaded.workspace, loaded.campaigns);
  const WorkspaceFiles files = find_files({path}, Beside::nothing);
  for (const Diagnostic& each : files.diagnostics) print_error(to_text(each) + '\n');
  if (files.model.size() != 1) return std::nullopt;
  LoadedSimulation simulation = load_simulation(files.model.front());
  for (const Diagnostic& each : simulation.diagnostics) print_error(excerpt(each, files));
  if (has_errors(simulation.diagnostics)) return std::nullopt;
  return std::move(simulation.plan);
}

}  // namespace itinera::cli
