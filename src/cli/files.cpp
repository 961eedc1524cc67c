// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/streams.hpp"
#include "itinera/limits.hpp"
#include "itinera/value.hpp"

namespace itinera::cli {
namespace {

namespace fs = std::filesystem;
using Code = std::error_code;

constexpr const char* workspace_name = "workspace.yaml";
constexpr std::size_t files_max = 20'000;  // campaigns and tests of one workspace

Error file_error(const fs::path& path, std::string_view what, const Code& code) {
  return {ErrorCode::io_failed, fmt::format("{}: {}: {}", path.string(), what, code.message())};
}

// One byte more than a loader accepts is enough for it to refuse the rest.
Result<std::string> read_text(const fs::path& path) {
  Code code;
  if (fs::is_directory(path, code)) {
    return file_error(path, "cannot read", std::make_error_code(std::errc::is_a_directory));
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text(Limits{}.file_bytes + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (!in && in.gcount() == 0 && !in.eof())) {
    return file_error(path, "cannot read", Code(errno, std::generic_category()));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

bool is_yaml(const fs::path& path) { return path.extension() == ".yaml"; }

bool starts_with(const fs::path& path, std::string_view prefix) {
  return path.filename().string().starts_with(prefix);
}

// Regular files below `folder`, at any depth. A folder that is not there holds none.
std::optional<Error> collect_below(const fs::path& folder, std::vector<fs::path>& into) {
  Code code;
  if (!fs::is_directory(folder, code)) return std::nullopt;
  fs::recursive_directory_iterator at(folder, code);
  for (; !code && at != fs::recursive_directory_iterator(); at.increment(code)) {
    if (at->is_regular_file(code) && is_yaml(at->path())) into.push_back(at->path());
    if (into.size() > files_max) {
      return Error{ErrorCode::io_failed,
                   fmt::format("{}: more than {} files", folder.string(), files_max)};
    }
  }
  if (code) return file_error(folder, "cannot list", code);
  return std::nullopt;
}

struct Paths {
  std::vector<fs::path> model;
  std::vector<fs::path> tests;
};

std::optional<Error> collect_workspace(const fs::path& folder, Paths& into) {
  Code code;
  if (!fs::exists(folder / workspace_name, code)) {
    return Error{ErrorCode::io_failed,
                 fmt::format("{}: there is no {} in this folder, so it is no workspace",
                             folder.string(), workspace_name)};
  }
  into.model.push_back(folder / workspace_name);
  if (std::optional<Error> error = collect_below(folder / "campaigns", into.model)) return error;
  if (std::optional<Error> error = collect_below(folder / "tests", into.tests)) return error;
  fs::directory_iterator at(folder, code);
  for (; !code && at != fs::directory_iterator(); at.increment(code)) {
    if (!at->is_regular_file(code) || !is_yaml(at->path())) continue;
    if (starts_with(at->path(), "campaign")) into.model.push_back(at->path());
    if (starts_with(at->path(), "test")) into.tests.push_back(at->path());
  }
  if (code) return file_error(folder, "cannot list", code);
  return std::nullopt;
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

Result<std::vector<SourceFile>> read_all(std::vector<fs::path> paths) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::vector<SourceFile> files;
  for (const fs::path& path : paths) {
    Result<std::string> text = read_text(path);
    if (!text) return text.error();
    files.push_back({path.string(), std::move(*text)});
  }
  return files;
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

Result<WorkspaceFiles> find_files(const std::vector<std::string>& paths) {
  Paths found;
  for (const std::string& path : paths) {
    Code code;
    if (fs::is_directory(path, code)) {
      if (std::optional<Error> error = collect_workspace(path, found)) return *error;
      continue;
    }
    found.model.emplace_back(path);
    if (fs::path(path).filename() == workspace_name) continue;
    if (const std::optional<fs::path> workspace = workspace_of(path)) {
      found.model.push_back(*workspace);
    }
  }
  Result<std::vector<SourceFile>> model = read_all(std::move(found.model));
  if (!model) return model.error();
  Result<std::vector<SourceFile>> tests = read_all(std::move(found.tests));
  if (!tests) return tests.error();
  return WorkspaceFiles{std::move(*model), std::move(*tests)};
}

std::optional<LoadedWorkspace> load_or_complain(const std::vector<SourceFile>& files) {
  LoadedWorkspace loaded = load_workspace(files);
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    print_error(excerpt(diagnostic, files));
  }
  if (has_errors(loaded.diagnostics)) return std::nullopt;
  return loaded;
}

std::string excerpt(const Diagnostic& diagnostic, const std::vector<SourceFile>& files) {
  std::string text = to_text(diagnostic) + '\n';
  const SourceLocation& at = diagnostic.location;
  const auto file = std::find_if(files.begin(), files.end(),
                                 [&](const SourceFile& f) { return f.path == at.file; });
  if (file == files.end() || at.line == 0) return text;
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

std::string to_json(const Diagnostics& diagnostics) {
  std::string out = "[";
  for (const Diagnostic& diagnostic : diagnostics) {
    out += out.size() > 1 ? ",\n {" : "\n {";
    out += diagnostic.severity == Severity::error ? R"("severity":"error")"
                                                  : R"("severity":"warning")";
    out += fmt::format(R"(,"code":"{}","file":)", name_of(diagnostic.code));
    append_json_text(out, diagnostic.location.file);
    out += fmt::format(R"(,"line":{},"column":{},"message":)", diagnostic.location.line,
                       diagnostic.location.column);
    append_json_text(out, diagnostic.message);
    out += R"(,"hint":)";
    append_json_text(out, diagnostic.hint);
    out += '}';
  }
  return out + "\n]\n";
}

}  // namespace itinera::cli
