// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/streams.hpp"
#include "expr/utf8.hpp"
#include "itinera/engine.hpp"
#include "itinera/limits.hpp"
#include "itinera/value.hpp"
#include "lab/simulation_file.hpp"

namespace itinera::cli {
namespace {

namespace fs = std::filesystem;
using Code = std::error_code;

constexpr const char* workspace_name = "workspace.yaml";
constexpr std::size_t files_max = 20'000;  // campaigns and tests of one workspace

Diagnostic complaint(const fs::path& path, std::string message, std::string hint = {}) {
  return {Severity::error,
          ErrorCode::io_failed,
          {path.string(), 0, 0},
          std::move(message),
          std::move(hint)};
}

Diagnostic complaint(const fs::path& path, std::string_view what, const Code& code) {
  return complaint(path, fmt::format("{}: {}", what, code.message()));
}

// One byte more than a loader accepts is enough for it to refuse the rest. Of thousands of files no
// more is kept than what stands in them.
std::optional<std::string> read_text(const fs::path& path, Diagnostics& found) {
  Code code;
  if (fs::is_directory(path, code)) {
    found.push_back(
        complaint(path, "cannot read", std::make_error_code(std::errc::is_a_directory)));
    return std::nullopt;
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text;
  const std::size_t most = Limits{}.file_bytes + 1;
  for (std::array<char, 32u << 10> chunk{}; in && text.size() < most;) {
    in.read(chunk.data(), static_cast<std::streamsize>(std::min(chunk.size(), most - text.size())));
    text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad() || (!in && !in.eof())) {
    found.push_back(complaint(path, "cannot read", Code(errno, std::generic_category())));
    return std::nullopt;
  }
  text.shrink_to_fit();
  return text;
}

Diagnostic doubt(const fs::path& path, std::string message, std::string hint) {
  return {Severity::warning,
          ErrorCode::suspicious,
          {path.string(), 0, 0},
          std::move(message),
          std::move(hint)};
}

bool is_yaml(const fs::path& path) { return path.extension() == ".yaml"; }

// What looks as if it were of the workspace, and is not read.
void warn_of_unread(const fs::directory_entry& entry, Diagnostics& found) {
  Code code;
  const fs::path& path = entry.path();
  if (path.extension() == ".yml" && !entry.is_directory(code)) {
    fs::path named = path.filename();
    named.replace_extension(".yaml");
    found.push_back(doubt(path, "a file that is called .yml is not read",
                          fmt::format("call it {}", named.string())));
  } else if (entry.is_symlink(code) && entry.is_directory(code)) {
    found.push_back(doubt(path, "a link to a folder is not followed, and nothing in it is read",
                          "put the folder itself here"));
  }
}

bool starts_with(const fs::path& path, std::string_view prefix) {
  return path.filename().string().starts_with(prefix);
}

struct Paths {
  std::vector<fs::path> model;
  std::vector<fs::path> tests;
  Diagnostics found;
};

// Takes a path with the name of a file of the workspace. One that is none must not be missed in
// silence.
void take(const fs::directory_entry& entry, std::vector<fs::path>& into, Diagnostics& found) {
  Code code;
  const fs::path& path = entry.path();
  if (entry.is_regular_file(code)) {
    into.push_back(path);
  } else if (entry.is_directory(code)) {
    found.push_back(complaint(path, "this is a folder, but is called like a file",
                              "give it a name without .yaml"));
  } else if (entry.is_symlink(code) && !fs::exists(path, code)) {
    found.push_back(complaint(path, "this link leads nowhere", "mend it, or take it away"));
  } else {
    found.push_back(complaint(path, "this is no regular file"));
  }
}

// The files below `folder`, at any depth. A folder that is not there holds none.
void collect_below(const fs::path& folder, std::vector<fs::path>& into, Diagnostics& found) {
  Code code;
  if (!fs::exists(fs::symlink_status(folder, code))) return;
  if (!fs::is_directory(folder, code)) {
    found.push_back(complaint(folder, "this must be a folder"));
    return;
  }
  code.clear();
  fs::recursive_directory_iterator at(folder, code);
  for (; !code && at != fs::recursive_directory_iterator(); at.increment(code)) {
    if (is_yaml(at->path())) {
      take(*at, into, found);
    } else {
      warn_of_unread(*at, found);
    }
    if (into.size() > files_max) {
      found.push_back(complaint(folder, fmt::format("more than {} files", files_max)));
      return;
    }
  }
  if (code) found.push_back(complaint(folder, "cannot list", code));
}

void collect_workspace(const fs::path& folder, Paths& into) {
  Code code;
  const fs::file_status status = fs::status(folder / workspace_name, code);
  if (status.type() == fs::file_type::none) {
    into.found.push_back(complaint(folder, "cannot read this folder", code));
    return;
  }
  if (!fs::exists(status)) {
    into.found.push_back(complaint(
        folder,
        fmt::format("there is no {} in this folder, so it is no workspace", workspace_name)));
    return;
  }
  const std::size_t before = into.model.size();
  collect_below(folder / "campaigns", into.model, into.found);
  collect_below(folder / "tests", into.tests, into.found);
  code.clear();
  fs::directory_iterator at(folder, code);
  for (; !code && at != fs::directory_iterator(); at.increment(code)) {
    const bool campaign = starts_with(at->path(), "campaign");
    if (!campaign && !starts_with(at->path(), "test")) continue;
    if (is_yaml(at->path())) {
      take(*at, campaign ? into.model : into.tests, into.found);
    } else if (at->path().extension() == ".yml") {
      warn_of_unread(*at, into.found);
    }
  }
  if (code) into.found.push_back(complaint(folder, "cannot list", code));
  if (into.model.size() == before && !has_errors(into.found)) {
    into.found.push_back(doubt(folder, "there is no campaign in this workspace",
                               "campaigns are files campaigns/<name>.yaml"));
  }
  into.model.push_back(folder / workspace_name);
}

// The workspace.yaml beside `file`, or in the nearest folder above it.
std::optional<fs::path> workspace_of(const fs::path& file) {
  Code code;
  fs::path folder = fs::absolute(file, code).parent_path();
  while (!code) {
    if (fs::exists(folder / workspace_name, code)) {
      // Named as the file was: from here, if it was.
      if (file.is_absolute()) return folder / workspace_name;
      const fs::path near = fs::proximate(folder / workspace_name, code);
      return code ? folder / workspace_name : near;
    }
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  return std::nullopt;
}

std::vector<SourceFile> read_all(std::vector<fs::path> paths, Diagnostics& found) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::vector<SourceFile> files;
  for (const fs::path& path : paths) {
    if (std::optional<std::string> text = read_text(path, found)) {
      files.push_back({path.string(), std::move(*text)});
    }
  }
  return files;
}

// A file is told by its key.
bool is_of_tests(const SourceFile& file) {
  const auto begins = [&](std::size_t at) {
    const std::string_view rest = std::string_view(file.text).substr(at);
    return rest.starts_with("test:") || rest.starts_with("tests:");
  };
  if (begins(0)) return true;
  for (std::size_t at = file.text.find('\n'); at != std::string::npos;
       at = file.text.find('\n', at + 1)) {
    if (begins(at + 1)) return true;
  }
  return false;
}

// Where it belongs by its path, unless it is there.
void add(SourceFile file, std::vector<SourceFile>& into) {
  const auto at = std::lower_bound(
      into.begin(), into.end(), file.path,
      [](const SourceFile& each, const std::string& path) { return each.path < path; });
  if (at == into.end() || at->path != file.path) into.insert(at, std::move(file));
}

const SourceFile* find(std::string_view path, const WorkspaceFiles& files) {
  for (const std::vector<SourceFile>* list : {&files.model, &files.tests}) {
    const auto found = std::find_if(list->begin(), list->end(),
                                    [&](const SourceFile& file) { return file.path == path; });
    if (found != list->end()) return &*found;
  }
  return nullptr;
}

std::string_view line_of(std::string_view text, std::uint32_t number) {
  while (--number > 0) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

WorkspaceFiles find_files(const std::vector<std::string>& paths, Beside beside) {
  Paths found;
  std::vector<fs::path> named;
  bool has_folder = false;
  for (const std::string& path : paths) {
    Code code;
    if (fs::is_directory(path, code)) {
      collect_workspace(path, found);
      has_folder = true;
      continue;
    }
    named.emplace_back(path);
    if (beside == Beside::nothing || fs::path(path).filename() == workspace_name) continue;
    if (const std::optional<fs::path> workspace = workspace_of(path)) named.push_back(*workspace);
  }
  WorkspaceFiles files;
  files.is_whole = has_folder;
  files.diagnostics = std::move(found.found);
  files.model = read_all(std::move(found.model), files.diagnostics);
  files.tests = read_all(std::move(found.tests), files.diagnostics);
  for (SourceFile& file : read_all(std::move(named), files.diagnostics)) {
    std::vector<SourceFile>& kind = is_of_tests(file) ? files.tests : files.model;
    add(std::move(file), kind);
  }
  return files;
}

LoadedWorkspace load_files(const WorkspaceFiles& files) {
  const Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  return load_workspace(files.model, {}, zones ? zones->get() : nullptr);
}

std::optional<LoadedWorkspace> load_or_complain(const WorkspaceFiles& files) {
  for (const Diagnostic& diagnostic : files.diagnostics) {
    print_error(to_text(diagnostic) + '\n');
  }
  // What cannot be read may be what the rest speaks of.
  if (has_errors(files.diagnostics)) return std::nullopt;
  LoadedWorkspace loaded = load_files(files);
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    print_error(excerpt(diagnostic, files));
  }
  if (has_errors(loaded.diagnostics)) return std::nullopt;
  return loaded;
}

std::optional<LoadedWorkspace> load_folder(const std::string& folder) {
  Code code;
  if (fs::exists(folder, code) && !fs::is_directory(folder, code)) {
    print_error(
        to_text(complaint(folder, "this is a file, and the folder of a workspace is asked for",
                          "name the folder: campaigns that are not in it take no entries")) +
        '\n');
    return std::nullopt;
  }
  return load_or_complain(find_files({folder}));
}

std::string excerpt(const Diagnostic& diagnostic, const WorkspaceFiles& files) {
  Diagnostic in_lines = diagnostic;
  in_lines.message = printable(diagnostic.message);
  std::string text = to_text(in_lines) + '\n';
  const SourceLocation& at = diagnostic.location;
  const SourceFile* const file = find(at.file, files);
  if (file == nullptr || at.line == 0) return text;
  const std::string_view line = line_of(file->text, at.line);
  constexpr std::size_t widest = 200;
  if (line.empty() || line.size() > widest) return text;
  const std::string gutter = fmt::format("{:>5} | ", at.line);
  text += fmt::format("{}{}\n", gutter, line);
  if (at.column == 0 || at.column > line.size() + 1) return text;
  // Tabs are kept, and a character of several bytes takes one place, so that the caret fits.
  std::string below(gutter.size() - 2, ' ');
  below += "| ";
  for (const char c : line.substr(0, at.column - 1)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) below += c == '\t' ? '\t' : ' ';
  }
  return text + below + "^\n";
}

std::optional<SimulationPlan> world_of(const std::string& folder, const std::string& file,
                                       const LoadedWorkspace& loaded) {
  Code code;
  std::string path = file;
  const fs::path usual = fs::path(folder) / "simulation.yaml";
  if (path.empty() && fs::exists(usual, code)) path = usual.string();
  if (path.empty()) return plan_for(loaded.workspace, loaded.campaigns);
  WorkspaceFiles files;
  if (std::optional<std::string> text = read_text(path, files.diagnostics)) {
    files.model.push_back({path, std::move(*text)});
  }
  for (const Diagnostic& each : files.diagnostics) print_error(to_text(each) + '\n');
  if (files.model.empty()) return std::nullopt;
  LoadedSimulation simulation = lab::load_world(files.model.front(), loaded);
  for (const Diagnostic& each : simulation.diagnostics) print_error(excerpt(each, files));
  if (has_errors(simulation.diagnostics)) return std::nullopt;
  return std::move(simulation.plan);
}

namespace {

// JSON is UTF-8, and the name of a file need not be: U+FFFD stands for what is none.
std::string as_utf8(std::string_view text) {
  std::string out;
  while (const std::optional<std::size_t> at = expr::invalid_utf8_at(text)) {
    out += fmt::format("{}\xEF\xBF\xBD", text.substr(0, *at));
    text.remove_prefix(*at + 1);
  }
  return out.append(text);
}

}  // namespace

std::string to_json(const Diagnostics& diagnostics) {
  std::string out = "[";
  for (const Diagnostic& diagnostic : diagnostics) {
    out += out.size() > 1 ? ",\n {" : "\n {";
    out += diagnostic.severity == Severity::error ? R"("severity":"error")"
                                                  : R"("severity":"warning")";
    out += fmt::format(R"(,"code":"{}","file":)", name_of(diagnostic.code));
    append_json_text(out, as_utf8(diagnostic.location.file));
    out += fmt::format(R"(,"line":{},"column":{},"message":)", diagnostic.location.line,
                       diagnostic.location.column);
    append_json_text(out, as_utf8(diagnostic.message));
    out += R"(,"hint":)";
    append_json_text(out, as_utf8(diagnostic.hint));
    out += '}';
  }
  return out + "\n]\n";
}

}  // namespace itinera::cli
