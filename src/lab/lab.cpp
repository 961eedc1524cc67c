// SPDX-License-Identifier: Apache-2.0
#include "itinera/lab.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/nearest.hpp"
#include "lab/coverage.hpp"
#include "lab/test_names.hpp"
#include "lab/timeline.hpp"
#include "yaml/test_file.hpp"

namespace itinera {
namespace {

std::string place_of(const SourceLocation& at) {
  return fmt::format("{}:{}:{}", at.file, at.line, at.column);
}

// The tests of one workspace.
class Suite {
 public:
  Suite(const LoadedWorkspace& loaded, const EngineOptions& options)
      : loaded_(loaded), options_(options) {
    for (const Diagnostic& found : loaded.diagnostics) {
      if (found.severity == Severity::error) broken_.insert(found.location.file);
    }
    std::copy_if(loaded.campaigns.begin(), loaded.campaigns.end(), std::back_inserter(sound_),
                 [&](const Campaign& campaign) { return !broken_.contains(campaign.at.file); });
    for (const Campaign& campaign : sound_) coverage_.add(campaign);
  }

  // `unknown`: its names that nothing has.
  TestReport run(const yaml::TestCase& test, const Diagnostics& unknown) {
    TestReport report{.name = test.name, .at = test.at, .failures = {}};
    if (!test.readable) {
      if (report.name.empty()) report.name = "a test without a name";
      report.failures.push_back({test.at, "it cannot be read, so it was not run", {}});
    } else if (!test.rejects.empty()) {
      report.failures = check_rejects(test);
    } else if (auto failed = check_files(test)) {
      report.failures.push_back(std::move(*failed));
    } else if (auto different = lab::play(test, loaded_.workspace, sound_, options_, coverage_)) {
      report.failures.push_back(std::move(*different));
    } else {
      // A `no` of what nothing is called by is true of anything.
      for (const Diagnostic& found : unknown) {
        if (found.severity != Severity::error) continue;
        report.failures.push_back(
            {found.location, found.message, found.hint.empty() ? "" : found.hint + '\n'});
      }
    }
    return report;
  }

  // Whether every file with an error was the matter of a test that rejects it.
  [[nodiscard]] bool rejects_all() const {
    return std::includes(rejected_.begin(), rejected_.end(), broken_.begin(), broken_.end());
  }

  [[nodiscard]] std::vector<CampaignCoverage> take_coverage() { return coverage_.take(); }

 private:
  [[nodiscard]] const Campaign* find(std::string_view name) const {
    const auto found =
        std::find_if(loaded_.campaigns.begin(), loaded_.campaigns.end(),
                     [&](const Campaign& campaign) { return campaign.name == name; });
    return found == loaded_.campaigns.end() ? nullptr : &*found;
  }

  [[nodiscard]] TestFailure no_campaign(const yaml::TestCase& test) const {
    std::vector<std::string> names;
    for (const Campaign& campaign : loaded_.campaigns) names.push_back(campaign.name);
    const std::string hint = base::did_you_mean(test.campaign, names);
    return {
        test.at,
        fmt::format("there is no campaign '{}'{}{}", test.campaign, hint.empty() ? "" : "; ", hint),
        {}};
  }

  [[nodiscard]] std::optional<TestFailure> check_files(const yaml::TestCase& test) const {
    const Campaign* const campaign = find(test.campaign);
    if (campaign == nullptr) return no_campaign(test);
    const std::string& workspace = loaded_.workspace.at.file;
    for (const Diagnostic& found : loaded_.diagnostics) {
      if (found.severity != Severity::error) continue;
      const std::string& file = found.location.file;
      if (!file.empty() && file != workspace && file != campaign->at.file) continue;
      return TestFailure{test.at, "the file of its campaign has errors", to_text(found) + '\n'};
    }
    return std::nullopt;
  }

  std::vector<TestFailure> check_rejects(const yaml::TestCase& test) {
    const Campaign* const campaign = find(test.campaign);
    if (campaign == nullptr) return {no_campaign(test)};
    rejected_.insert(campaign->at.file);
    std::vector<const Diagnostic*> found;
    for (const Diagnostic& diagnostic : loaded_.diagnostics) {
      if (diagnostic.location.file == campaign->at.file) found.push_back(&diagnostic);
    }
    std::string details = found.empty() ? "nothing was found\n" : "found was:\n";
    for (const Diagnostic* each : found) details += to_text(*each) + '\n';

    std::vector<TestFailure> failures;
    for (const yaml::Rejection& wanted : test.rejects) {
      const auto at = std::find_if(found.begin(), found.end(), [&](const Diagnostic* each) {
        return each->code == wanted.code && (!wanted.line || *wanted.line == each->location.line);
      });
      if (at != found.end()) {
        found.erase(at);
        continue;
      }
      const std::string line = wanted.line ? fmt::format(" in line {}", *wanted.line) : "";
      failures.push_back(
          {wanted.location, fmt::format("no {}{} was found", name_of(wanted.code), line), details});
    }
    for (const Diagnostic* each : found) {
      if (each->severity != Severity::error) continue;
      failures.push_back(
          {test.at,
           fmt::format("nobody expected {} in line {}", name_of(each->code), each->location.line),
           to_text(*each) + '\n'});
    }
    return failures;
  }

  const LoadedWorkspace& loaded_;
  const EngineOptions& options_;
  std::vector<Campaign> sound_;     // of files without errors
  lab::Coverage coverage_;          // of the sound ones
  std::set<std::string> broken_;    // files with errors
  std::set<std::string> rejected_;  // files that a test says are broken
};

}  // namespace

bool TestRun::passed() const {
  return rejects_all_errors &&
         std::all_of(reports.begin(), reports.end(),
                     [](const TestReport& report) { return report.passed(); });
}

TestRun run_tests(std::span<const SourceFile> files, const LoadedWorkspace& loaded,
                  const EngineOptions& options, std::string_view filter) {
  yaml::LoadedTests tests = yaml::load_tests(files, options.limits);
  TestRun run;
  run.diagnostics = std::move(tests.diagnostics);
  Suite suite(loaded, options);
  const std::vector<Diagnostics> unknown = lab::unknown_names(tests.tests, loaded);
  for (std::size_t i = 0; i < tests.tests.size(); ++i) {
    const yaml::TestCase& test = tests.tests[i];
    // A file without a test that can be named may hold the one that is asked for.
    const bool unnamed = !test.readable && test.name.empty();
    if (!unnamed && test.name.find(filter) == std::string::npos) continue;
    run.reports.push_back(suite.run(test, unknown[i]));
  }
  run.coverage = suite.take_coverage();
  run.rejects_all_errors = !filter.empty() || suite.rejects_all();
  return run;
}

std::string to_text(const TestReport& report) {
  std::string text;
  for (const TestFailure& failure : report.failures) {
    fmt::format_to(std::back_inserter(text), "{}: {}: {}\n", place_of(failure.at), report.name,
                   failure.message);
    for (std::size_t at = 0; at < failure.details.size();) {
      const std::size_t end = std::min(failure.details.find('\n', at), failure.details.size());
      fmt::format_to(std::back_inserter(text), "  {}\n",
                     std::string_view(failure.details).substr(at, end - at));
      at = end + 1;
    }
  }
  return text;
}

}  // namespace itinera
