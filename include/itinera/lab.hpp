// SPDX-License-Identifier: Apache-2.0
// Unit tests of campaigns (docs/campaign-tests.md).
#pragma once

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

struct TestRun {
  Diagnostics diagnostics = {};          // of the test files; what could be read was run
  std::vector<TestReport> reports = {};  // in the order of files and lines
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

}  // namespace itinera
