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

std::string json_of(const CampaignCoverage& coverage) {
  std::string out = "{\"campaign\":";
  append_json_text(out, coverage.campaign);
  out += fmt::format(",\"version\":{},\"file\":", coverage.version);
  append_json_text(out, coverage.at.file);
  out += fmt::format(",\"taken\":{},\"ways\":[", coverage.taken());
  for (const CoverageWay& way : coverage.ways) {
    if (&way != coverage.ways.data()) out += ',';
    out += fmt::format("{{\"line\":{},\"step\":", way.at.line);
    append_json_text(out, way.step);
    out += ",\"what\":";
    append_json_text(out, way.what);
    out += fmt::format(",\"times\":{}}}", way.times);
  }
  return out + "]}";
}

// One object a line.
template <class T>
std::string json_of(const std::vector<T>& objects) {
  std::string out = "[";
  for (const T& object : objects) {
    out += (&object == objects.data() ? "\n " : ",\n ") + json_of(object);
  }
  return out + "\n]";
}

std::string json_of(const TestRun& run, bool with_coverage) {
  if (!with_coverage) return json_of(run.reports) + '\n';
  return "{\"tests\":" + json_of(run.reports) + ",\n\"coverage\":" + json_of(run.coverage) + "}\n";
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

std::string text_of(const TestRun& run, bool with_coverage) {
  std::string out;
  if (with_coverage) {
    for (const CampaignCoverage& coverage : run.coverage) out += to_text(coverage);
  }
  return out + text_of(run.reports);
}

// Whether some test took each way of each campaign.
bool is_covered(const TestRun& run) {
  return std::all_of(run.coverage.begin(), run.coverage.end(),
                     [](const CampaignCoverage& coverage) { return coverage.complete(); });
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
  const bool with_coverage = options.coverage || options.require_coverage;
  out->buffer() +=
      options.json ? json_of(tested->run, with_coverage) : text_of(tested->run, with_coverage);
  if (const Result<void> flushed = out->flush(); !flushed && !out->reader_is_gone()) {
    print_error(flushed.error());
    return 1;
  }
  if (reports.empty()) print_error("itinera: no test was run\n");
  if (options.require_coverage && !is_covered(tested->run)) {
    print_error("itinera: the tests leave out ways of a campaign\n");
    return 1;
  }
  // A test may stand for a campaign that must not load; an error elsewhere fails by itself.
  return tested->run.passed() && !reports.empty() ? 0 : 1;
}

}  // namespace itinera::cli
