// SPDX-License-Identifier: Apache-2.0
// Tests of campaigns in which the host is lost with what it had just taken (S32).
#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

// What a test says where an audience change was taken, and a push and an e-mail wait to be taken,
// and this line follows; empty if it passes.
std::string verdict(const std::string& rest) {
  const std::vector<SourceFile> files{
      {"workspace.yaml",
       "workspace: shop\nchannels:\n"
       "  email: {address: contact.email, consent: opt_out}\n"
       "  push: {address: contact.push_token, consent: none}\n"},
      {"campaigns/hello.yaml",
       "campaign: hello\nentry: [{event: go}]\nsteps:\n"
       "  - {audience: {add: vip}, id: list}\n  - {wait_for: {event: ok}}\n"
       "  - {send: push, id: note}\n  - {send: email, id: mail}\n  - {wait: 1d}\n"}};
  const std::vector<SourceFile> tests{
      {"tests/hello.yaml",
       "test: t\ncampaign: hello\n"
       "contact: {id: ola, email: ola@example.com, push_token: t1}\ntimeline:\n"
       "  - {at: 2026-03-02T09:00:00Z, event: go, expect: [{audience: {add: vip}}]}\n"
       "  - {after: 1h, event: ok}\n" +
           rest}};
  const TestRun made = run_tests(tests, load_workspace(files), {.zones = load_zones().value()});
  for (const Diagnostic& diagnostic : made.diagnostics) UNSCOPED_INFO(to_text(diagnostic));
  REQUIRE(made.diagnostics.empty());
  REQUIRE(made.reports.size() == 1);
  return to_text(made.reports[0]);
}

}  // namespace

TEST_CASE(
    "lab: what was taken just before a crash comes again, and what was taken earlier does not",
    "[lab][crash][S32]") {
  const std::string twice =
      "  - {crash: after taking, expect: [{send: push, maybe_executed: false}, {send: email}, "
      "{send: push, maybe_executed: true}, {send: email}]}\n";
  CHECK(verdict(twice) == "");
  CHECK(verdict(twice + "  - {crash: after taking, expect: []}\n") == "");
  CHECK(verdict(twice + "  - {crash: before taking, expect: []}\n") == "");
  CHECK(verdict("  - {expect: [{send: push}, {send: email}]}\n"
                "  - {crash: after taking, expect: []}\n") == "");
}

TEST_CASE("lab: an action that is offered again is told by its mark", "[lab][crash][S32]") {
  const std::string said = verdict(
      "  - {crash: after taking, expect: [{send: push}, {send: email}, {send: push, "
      "maybe_executed: false}, {send: email}]}\n");
  CHECK(said.find("maybe executed") != std::string::npos);
  CHECK(said.find("not executed before") != std::string::npos);
}

TEST_CASE("lab: until it is taken again, what is said of it counts", "[lab][crash][S19][S32]") {
  const std::string crash = "  - {crash: after taking}\n";
  CHECK(verdict(crash + "  - {report: {delivered: mail}, expect: [{send: push}, {send: email}, "
                        "{send: push, maybe_executed: true}]}\n") == "");
  CHECK(verdict(crash + "  - {identify: {consent: {email: denied}}, expect: [{send: push}, "
                        "{send: email}, {send: push, maybe_executed: true}, "
                        "{decision: unknown_outcome, step: mail, reason: denied}]}\n") == "");
}

}  // namespace itinera
