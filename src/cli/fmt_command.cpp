// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/streams.hpp"

namespace itinera::cli {
namespace {

struct FormatTally {
  std::size_t changed = 0;
  std::size_t failed = 0;
};

void format_one(const SourceFile& file, const FmtOptions& options, const WorkspaceFiles& files,
                FormatTally& tally) {
  const FormattedFile formatted = format_yaml(file);
  for (const Diagnostic& diagnostic : formatted.diagnostics)
    print_error(excerpt(diagnostic, files));
  if (has_errors(formatted.diagnostics)) {
    ++tally.failed;
    return;
  }
  if (formatted.text == file.text) return;
  ++tally.changed;
  if (!options.check) {
    if (const Result<void> written = replace_file(file.path, formatted.text); !written) {
      print_error(written.error());
      ++tally.failed;
      return;
    }
  }
  print_error(fmt::format("{}\n", file.path));
}

}  // namespace

int fmt_command(const FmtOptions& options) {
  const WorkspaceFiles files = find_files(options.paths, Beside::nothing);
  for (const Diagnostic& diagnostic : files.diagnostics) print_error(to_text(diagnostic) + '\n');
  if (has_errors(files.diagnostics)) return 1;
  FormatTally tally;
  for (const std::vector<SourceFile>* list : {&files.model, &files.tests}) {
    for (const SourceFile& file : *list) format_one(file, options, files, tally);
  }
  if (options.check && tally.changed > 0) {
    print_error(fmt::format("{} file{} not in the usual form: run `itinera fmt`\n", tally.changed,
                            tally.changed == 1 ? " is" : "s are"));
    return 1;
  }
  return tally.failed > 0 ? 1 : 0;
}

}  // namespace itinera::cli
