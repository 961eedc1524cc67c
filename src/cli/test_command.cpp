// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/streams.hpp"
#include "itinera/engine.hpp"
#include "itinera/lab.hpp"
#include "itinera/value.hpp"

namespace itinera::cli {
namespace {

struct Tested {
  WorkspaceFiles files;
  LoadedWorkspace loaded;
  TestRun run;
};

Result<Tested> run_all(const TestOptions& options) {
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  Tested tested;
  tested.files = find_files({options.folder});
  if (has_errors(tested.files.diagnostics)) return tested;
  tested.loaded = load_workspace(tested.files.model, {}, zones->get());
  tested.run = run_tests(tested.files.tests, tested.loaded,
                         {.limits = {}, .zones = std::move(*zones)}, options.filter);
  return tested;
}

std::string json_of(const TestReport& report) {
  std::string out = "{\"name\":";
  append_json_text(out, report.name);
  out += ",\"file\":";
  append_json_text(out, report.at.file);
  out += fmt::format(",\"line\":{},\"passed\":{},\"failures\":[", report.at.line, report.passed());
  for (const TestFailure& failure : report.failures) {
    if (&failure != report.failures.data()) out += ',';
    out +=
        fmt::format("{{\"line\":{},\"column\":{},\"message\":", failure.at.line, failure.at.column);
    append_json_text(out, failure.message);
    out += ",\"details\":";
    append_json_text(out, failure.details);
    out += '}';
  }
  return out + "]}";
}

std::string json_of(const std::vector<TestReport>& reports) {
  std::string out = "[";
  for (const TestReport& report : reports) {
    out += (&report == reports.data() ? "\n " : ",\n ") + json_of(report);
  }
  return out + "\n]\n";
}

// The tests that failed, then the counts.
std::string text_of(const std::vector<TestReport>& reports) {
  std::string out;
  for (const TestReport& report : reports) out += to_text(report);
  const auto passed = std::count_if(reports.begin(), reports.end(),
                                    [](const TestReport& report) { return report.passed(); });
  return out + fmt::format("{} passed, {} failed\n", passed,
                           static_cast<std::ptrdiff_t>(reports.size()) - passed);
}

}  // namespace

int test_command(const TestOptions& options) {
  const Result<Tested> tested = run_all(options);
  if (!tested) {
    print_error(tested.error());
    return 1;
  }
  for (const Diagnostics* list :
       {&tested->files.diagnostics, &tested->loaded.diagnostics, &tested->run.diagnostics}) {
    for (const Diagnostic& diagnostic : *list) {
      print_error(excerpt(diagnostic, tested->files));
    }
  }
  if (has_errors(tested->files.diagnostics)) return 1;
  const std::vector<TestReport>& reports = tested->run.reports;
  Result<Output> out = Output::open("-", Output::Mode::append);
  out->buffer() += options.json ? json_of(reports) : text_of(reports);
  if (const Result<void> flushed = out->flush(); !flushed && !out->reader_is_gone()) {
    print_error(flushed.error());
    return 1;
  }
  if (reports.empty()) print_error("itinera: no test was run\n");
  // A test may stand for a campaign that must not load; an error elsewhere fails by itself.
  return tested->run.passed() && !reports.empty() ? 0 : 1;
}

}  // namespace itinera::cli
