// SPDX-License-Identifier: Apache-2.0
// Unit tests of campaigns (docs/campaign-tests.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/diagnostic.hpp"
#include "itinera/engine.hpp"
#include "itinera/yaml.hpp"

namespace itinera {

// Where a test found something else than it expected.
struct TestFailure {
  SourceLocation at = {};    // the expectation, or the line that could not be carried out
  std::string message = {};  // one line
  std::string details = {};  // lines: expected beside emitted, decisions up to there; or empty
};

// One test. It stops at the first line that fails, so that one mistake is told once. One that
// cannot be read has failed; why, TestRun::diagnostics says.
struct TestReport {
  std::string name = {};
  SourceLocation at = {};
  std::vector<TestFailure> failures = {};
  [[nodiscard]] bool passed() const { return failures.empty(); }
};

// One way that a journey can go: an entry, a case, a timeout, a variant, a step done or skipped, a
// goal reached, an exit rule.
struct CoverageWay {
  SourceLocation at = {};
  std::string step = {};    // its id; empty: of the campaign itself
  std::string what = {};    // "case opened", "else", "timeout", "variant coupon", "done", "skipped"
  std::uint64_t times = 0;  // that tests took it
};

// Which ways through one campaign version the tests took.
struct CampaignCoverage {
  std::string campaign = {};
  std::uint32_t version = 0;
  SourceLocation at = {};
  std::vector<CoverageWay> ways =
      {};  // entries, goals, exits, then step by step as they are written
  [[nodiscard]] std::size_t taken() const;
  [[nodiscard]] bool complete() const { return taken() == ways.size(); }
};

struct TestRun {
  Diagnostics diagnostics = {};                 // of the test files; what could be read was run
  std::vector<TestReport> reports = {};         // in the order of files and lines
  std::vector<CampaignCoverage> coverage = {};  // of the campaigns without errors, by name, version
  bool rejects_all_errors = true;  // every file of the workspace with an error has a test for it
  // All of it is well: no failure, and no error in the workspace without a test.
  [[nodiscard]] bool passed() const;
};

// Runs the tests that stand in `files` (docs/campaign-tests.md) against a workspace, each with an
// engine of its own. A test with `rejects` looks at `loaded.diagnostics`; every other one needs a
// workspace file and a campaign without errors, and runs with all campaigns whose files have none.
// Only tests whose name contains `filter` are run.
TestRun run_tests(std::span<const SourceFile> files, const LoadedWorkspace& loaded,
                  const EngineOptions& options, std::string_view filter = {});

// "tests/cart.yaml:12:7: who opens ...: expected another action\n  ...", as people read it;
// empty for a test that passed. Ends with a newline.
std::string to_text(const TestReport& report);

// "cart: 14 of 16 ways taken", then "  campaigns/cart.yaml:31: branch-1: else" for each way that no
// test took. Ends with a newline.
std::string to_text(const CampaignCoverage& coverage);

}  // namespace itinera
