// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include "support/catch.hpp"

namespace {

using itinera::Diagnostic;
using itinera::ErrorCode;
using itinera::Severity;
using itinera::cli::WorkspaceFiles;

Diagnostic finding(std::uint32_t line, std::uint32_t column) {
  return {Severity::error, ErrorCode::unknown_key, {"a.yaml", line, column}, "no such key", "none"};
}

}  // namespace

TEST_CASE("files: an excerpt shows the line and points at the place", "[cli][files]") {
  const WorkspaceFiles files{.model = {{"a.yaml", "one\r\n\tké: y\nlast"}}};
  CHECK(itinera::cli::excerpt(finding(2, 5), files) ==
        "a.yaml:2:5: error: no such key [unknown_key]\n  hint: none\n"
        "    2 | \tké: y\n      | \t  ^\n");
  CHECK(itinera::cli::excerpt(finding(1, 1), files) ==
        "a.yaml:1:1: error: no such key [unknown_key]\n  hint: none\n    1 | one\n      | ^\n");
}

TEST_CASE("files: an excerpt of a place that is not there is the message alone", "[cli][files]") {
  const WorkspaceFiles files{.model = {{"a.yaml", "one\n"}},
                             .tests = {{"long.yaml", std::string(999, 'x')}}};
  for (const auto& [line, column] : {std::pair{9u, 1u}, {0u, 0u}, {2u, 1u}}) {
    const Diagnostic wrong = finding(line, column);
    CHECK(itinera::cli::excerpt(wrong, files) == to_text(wrong) + '\n');
  }
  Diagnostic wide = finding(1, 1);
  wide.location.file = "long.yaml";
  CHECK(itinera::cli::excerpt(wide, files) == to_text(wide) + '\n');
}

TEST_CASE("files: the retail example is found as format.md says", "[cli][files]") {
  const auto found = itinera::cli::find_files({ITINERA_SOURCE_DIR "/examples/retail"});
  CHECK(found.diagnostics.empty());
  REQUIRE(found.model.size() >= 5);
  CHECK_THAT(found.model.front().path, Catch::EndsWith("campaigns/cancelled-order.yaml"));
  CHECK_THAT(found.model.back().path, Catch::EndsWith("retail/workspace.yaml"));
  CHECK(found.tests.size() >= 4);
}

TEST_CASE("files: a campaign's file brings the workspace above it along", "[cli][files]") {
  const auto found = itinera::cli::find_files(
      {ITINERA_SOURCE_DIR "/examples/retail/campaigns/cancelled-order.yaml"});
  REQUIRE(found.model.size() == 2);
  CHECK_THAT(found.model[1].path, Catch::EndsWith("workspace.yaml"));
}

TEST_CASE("files: a file of tests is told by its key", "[cli][files]") {
  const auto found =
      itinera::cli::find_files({ITINERA_SOURCE_DIR "/examples/retail/tests/win-back.yaml"});
  REQUIRE(found.tests.size() == 1);
  CHECK_THAT(found.tests[0].path, Catch::EndsWith("tests/win-back.yaml"));
  CHECK(found.model.size() == 1);
}

TEST_CASE("files: what is not there is said with its path, all of it", "[cli][files]") {
  const auto missing = itinera::cli::find_files({"/nowhere/a.yaml", "/nowhere/b.yaml"});
  REQUIRE(missing.diagnostics.size() == 2);
  CHECK(to_text(missing.diagnostics[0]) ==
        "/nowhere/a.yaml: error: cannot read: No such file or directory [io_failed]");
  CHECK(missing.diagnostics[1].location.file == "/nowhere/b.yaml");
  const auto no_workspace = itinera::cli::find_files({ITINERA_SOURCE_DIR "/src"});
  REQUIRE(no_workspace.diagnostics.size() == 1);
  CHECK_THAT(no_workspace.diagnostics[0].message,
             Catch::Contains("no workspace.yaml in this folder"));
}

TEST_CASE("files: a small file takes little memory", "[cli][files]") {
  const auto found = itinera::cli::find_files({ITINERA_SOURCE_DIR "/examples/retail"});
  REQUIRE(!found.model.empty());
  for (const auto* list : {&found.model, &found.tests}) {
    for (const itinera::SourceFile& file : *list) {
      CAPTURE(file.path);
      CHECK(file.text.capacity() <= file.text.size() + 64);
    }
  }
}

TEST_CASE("files: diagnostics are a JSON array", "[cli][files]") {
  CHECK(itinera::cli::to_json(itinera::Diagnostics{}) == "[\n]\n");
  CHECK(itinera::cli::to_json({finding(2, 4)}) ==
        "[\n {\"severity\":\"error\",\"code\":\"unknown_key\",\"file\":\"a.yaml\",\"line\":2,"
        "\"column\":4,\"message\":\"no such key\",\"hint\":\"none\"}\n]\n");
}
