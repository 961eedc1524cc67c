// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/streams.hpp"
#include "lab/test_names.hpp"
#include "model/walk.hpp"
#include "yaml/test_file.hpp"

namespace itinera::cli {
namespace {

std::size_t steps_in(const std::vector<Campaign>& campaigns) {
  std::size_t sum = 0;
  for (const Campaign& campaign : campaigns) {
    model::for_each_step(campaign.steps, [&](const Step&) { ++sum; });
  }
  return sum;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

struct Findings {
  WorkspaceFiles files;
  LoadedWorkspace loaded;
  std::size_t tests = 0;
  Diagnostics diagnostics;  // of all
};

void append(Diagnostics& to, Diagnostics from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

Findings look_at(const std::vector<std::string>& paths) {
  Findings findings;
  findings.files = find_files(paths);
  findings.diagnostics = findings.files.diagnostics;
  if (!findings.files.model.empty()) {
    findings.loaded = load_files(findings.files);
    append(findings.diagnostics, findings.loaded.diagnostics);
  }
  yaml::LoadedTests tests = yaml::load_tests(findings.files.tests);
  findings.tests = tests.tests.size();
  // A file alone may well speak of what stands in others.
  if (findings.files.is_whole && !has_errors(findings.files.diagnostics)) {
    for (Diagnostics& unknown : lab::unknown_names(tests.tests, findings.loaded)) {
      append(tests.diagnostics, std::move(unknown));
    }
  }
  append(findings.diagnostics, std::move(tests.diagnostics));
  return findings;
}

std::string summary(const Findings& findings, std::size_t errors, std::size_t warnings) {
  if (errors > 0) {
    return fmt::format("{}, {}\n", counted(errors, "error"), counted(warnings, "warning"));
  }
  const std::vector<Campaign>& campaigns = findings.loaded.campaigns;
  std::string text = fmt::format("ok: {}, {}", counted(campaigns.size(), "campaign"),
                                 counted(steps_in(campaigns), "step"));
  if (findings.tests > 0) text += ", " + counted(findings.tests, "test");
  if (warnings > 0) text += ", " + counted(warnings, "warning");
  return text + '\n';
}

}  // namespace

int check_command(const CheckOptions& options) {
  const Findings findings = look_at(options.paths);
  const Diagnostics& diagnostics = findings.diagnostics;
  const auto errors = static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [](const Diagnostic& d) { return d.severity == Severity::error; }));
  const std::size_t warnings = diagnostics.size() - errors;

  Result<Output> out = Output::open("-", Output::Mode::append);
  if (options.json) {
    out->buffer() += to_json(diagnostics);
  } else {
    for (const Diagnostic& diagnostic : diagnostics) {
      print_error(excerpt(diagnostic, findings.files));
    }
    const std::string text = summary(findings, errors, warnings);
    if (errors > 0) {
      print_error(text);
    } else {
      out->buffer() += text;
    }
  }
  if (const Result<void> flushed = out->flush(); !flushed && !out->reader_is_gone()) {
    print_error(flushed.error());
    return 1;
  }
  return errors > 0 || (options.strict && warnings > 0) ? 1 : 0;
}

}  // namespace itinera::cli
