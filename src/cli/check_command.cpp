// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <variant>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/streams.hpp"

namespace itinera::cli {
namespace {

// The file itself or what is wrong with reading it, as a diagnostic like any other.
Diagnostics unreadable(const Error& error) {
  return {{Severity::error, error.code, {}, error.message, {}}};
}

std::size_t steps_in(const std::vector<Step>& steps);

template <class Lists>
std::size_t steps_in_each(const Lists& lists) {
  return std::accumulate(
      lists.begin(), lists.end(), std::size_t{0},
      [](std::size_t sum, const auto& one) { return sum + steps_in(one.steps); });
}

std::size_t steps_in(const std::vector<Step>& steps) {
  std::size_t sum = steps.size();
  for (const Step& step : steps) {
    if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
      sum += steps_in_each(wait->cases) + steps_in(wait->then) + steps_in(wait->otherwise);
    } else if (const auto* branch = std::get_if<Branch>(&step.kind)) {
      sum += steps_in_each(branch->cases) + steps_in(branch->otherwise);
    } else if (const auto* split = std::get_if<Split>(&step.kind)) {
      sum += steps_in_each(split->variants);
    }
  }
  return sum;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string summary(const LoadedWorkspace& loaded, std::size_t errors, std::size_t warnings) {
  if (errors > 0) {
    return fmt::format("{}, {}\n", counted(errors, "error"), counted(warnings, "warning"));
  }
  const std::string extra = warnings == 0 ? "" : ", " + counted(warnings, "warning");
  return fmt::format("ok: {}, {}{}\n", counted(loaded.campaigns.size(), "campaign"),
                     counted(steps_in_each(loaded.campaigns), "step"), extra);
}

}  // namespace

int check_command(const CheckOptions& options) {
  WorkspaceFiles files;
  LoadedWorkspace loaded;
  if (Result<WorkspaceFiles> found = find_files(options.paths)) {
    files = std::move(*found);
    loaded = load_workspace(files.model);
  } else {
    loaded.diagnostics = unreadable(found.error());
  }
  const auto errors = static_cast<std::size_t>(
      std::count_if(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                    [](const Diagnostic& d) { return d.severity == Severity::error; }));
  const std::size_t warnings = loaded.diagnostics.size() - errors;

  Result<Output> out = Output::open("-", Output::Mode::append);
  if (options.json) {
    out->buffer() += to_json(loaded.diagnostics);
  } else {
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      print_error(excerpt(diagnostic, files.model));
    }
    const std::string text = summary(loaded, errors, warnings);
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
