// SPDX-License-Identifier: Apache-2.0
// What changed between two versions of a campaign, or of a workspace.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/printing.hpp"
#include "cli/streams.hpp"
#include "itinera/campaign_diff.hpp"

namespace itinera::cli {
namespace {

using Kind = ModelChange::Kind;

// One of the two that are compared.
struct Side {
  Workspace workspace;
  std::vector<Campaign> campaigns;
  bool is_folder = false;
};

bool names_folder(const std::string& path) {
  std::error_code failed;
  return std::filesystem::is_directory(path, failed);
}

bool names_file(const std::string& path) {
  std::error_code failed;
  return std::filesystem::is_regular_file(path, failed);
}

bool has_workspace(const WorkspaceFiles& files) {
  return std::any_of(files.model.begin(), files.model.end(), [](const SourceFile& file) {
    return std::filesystem::path(file.path).filename() == "workspace.yaml";
  });
}

// A file that has no workspace above it, such as an old one that was taken out of an archive, is
// read as one of the workspace of `beside`. Says what is wrong, if anything is.
std::optional<Side> load_side(const std::string& path, const std::string& beside) {
  WorkspaceFiles files = find_files({path});
  if (!names_folder(path) && !has_workspace(files) && !beside.empty()) {
    for (SourceFile& file : find_files({beside}).model) {
      if (std::filesystem::path(file.path).filename() == "workspace.yaml") {
        files.model.push_back(std::move(file));
      }
    }
  }
  LoadedWorkspace loaded = load_files(files);
  if (!has_errors(files.diagnostics) && !has_errors(loaded.diagnostics)) {
    return Side{std::move(loaded.workspace), std::move(loaded.campaigns), names_folder(path)};
  }
  for (const Diagnostic& each : files.diagnostics) print_error(to_text(each) + '\n');
  if (has_errors(files.diagnostics)) return std::nullopt;
  for (const Diagnostic& each : loaded.diagnostics) {
    if (each.severity == Severity::error) print_error(excerpt(each, files));
  }
  return std::nullopt;
}

// Two files of one campaign each are two versions of it, whatever it is called in them.
ModelDiff compare(const Side& before, const Side& after) {
  if (before.is_folder || after.is_folder || before.campaigns.empty()) {
    return diff(before.workspace, before.campaigns, after.workspace, after.campaigns);
  }
  if (before.campaigns.size() == 1 && after.campaigns.size() == 1) {
    return diff(before.campaigns.front(), after.campaigns.front());
  }
  return diff(after.workspace, before.campaigns, after.workspace, after.campaigns);
}

char sign_of(const ModelChange& change) {
  if (change.kind == Kind::added) return '+';
  return change.kind == Kind::removed ? '-' : '~';
}

void print_words(const ModelDiff& found, std::string& out) {
  if (found.empty()) {
    out += "no difference\n";
    return;
  }
  const std::string* campaign = nullptr;
  for (const ModelChange& change : found.changes) {
    const bool whole = change.what == ModelChange::What::campaign && change.kind != Kind::changed;
    if (campaign == nullptr || *campaign != change.campaign || whole) {
      if (campaign != nullptr) out += '\n';
      if (!whole) out += (change.campaign.empty() ? "workspace" : change.campaign) + "\n";
    }
    campaign = &change.campaign;
    fmt::format_to(std::back_inserter(out), "{}{} {}\n", whole ? "" : "  ", sign_of(change),
                   to_text(change));
  }
  for (const std::string& warning : found.warnings) {
    fmt::format_to(std::back_inserter(out), "{}warning: {}\n",
                   &warning == &found.warnings.front() ? "\n" : "", warning);
  }
}

int refuse(std::string_view message, std::string_view hint) {
  print_error(Error{ErrorCode::invalid_argument, fmt::format("{}\n  hint: {}", message, hint)});
  return 1;
}

}  // namespace

int diff_command(const DiffOptions& options) {
  if (options.paths.size() != 2) {
    return refuse("there is nothing to compare with", "itinera diff OLD NEW");
  }
  const std::string& old_path = options.paths.front();
  const std::string& new_path = options.paths.back();
  const bool mixed = (names_folder(old_path) && names_file(new_path)) ||
                     (names_file(old_path) && names_folder(new_path));
  if (mixed) {
    return refuse(fmt::format("of {} and {} one is a file, the other a folder", old_path, new_path),
                  "name two files of a campaign, or two folders of workspaces");
  }
  const std::optional<Side> before = load_side(old_path, new_path);
  if (!before) return 1;
  const std::optional<Side> after = load_side(new_path, old_path);
  if (!after) return 1;
  const ModelDiff found = compare(*before, *after);
  std::string text;
  print_words(found, text);
  const int printed = print_out(text);
  return printed != 0 ? printed : options.exit_code && !found.empty() ? 1 : 0;
}

}  // namespace itinera::cli
