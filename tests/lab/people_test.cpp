// SPDX-License-Identifier: Apache-2.0
// Lines of tests about who is whom, and of which account.
#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

// What a test with these lines says; empty if it passes.
std::string verdict(const std::string& timeline) {
  const std::vector<SourceFile> files{
      {"workspace.yaml",
       "workspace: shop\nchannels: {email: {address: contact.email}}\n"
       "policy: {caps: [{max: 3, per: 7d, account: true}]}\n"},
      {"c.yaml",
       "campaign: c\nentry: [{event: begin}]\nexits: [{account: replied}]\nsteps:\n"
       "  - {send: email, id: a}\n  - wait: 1d\n  - {send: email, id: b}\n"}};
  const std::vector<SourceFile> tests{
      {"t.yaml",
       "test: t\ncampaign: c\n"
       "contacts: [{id: ola, email: o@example.com}, {id: jan, email: j@example.com}]\n"
       "timeline:\n  - {at: 2026-03-02T09:00:00Z, event: begin, contact: jan}\n" +
           timeline}};
  EngineOptions options;
  options.zones = load_zones().value();
  const LoadedWorkspace loaded = load_workspace(files);
  for (const Diagnostic& each : loaded.diagnostics) UNSCOPED_INFO(to_text(each));
  const TestRun made = run_tests(tests, loaded, options);
  for (const Diagnostic& each : made.diagnostics) UNSCOPED_INFO(to_text(each));
  REQUIRE(made.reports.size() == 1);
  return to_text(made.reports.front());
}

bool passes(const std::string& timeline) {
  const std::string text = verdict(timeline);
  UNSCOPED_INFO(text);
  return text.find("expected") == std::string::npos && text.find("refused") == std::string::npos;
}

const std::string first = "  - {after: 1h, expect: [{send: email, step: a, contact: jan}]}\n";

}  // namespace

TEST_CASE("lab: a merge line makes one of two contacts", "[lab][merge]") {
  CHECK(passes(first +
               "  - {merge: {from: jan, into: ola}, expect: []}\n"
               "  - {after: 1d, expect: [{send: email, step: b, address: o@example.com}]}\n"));
  CHECK_FALSE(passes(first + "  - {merge: {from: jan, into: ola}}\n  - {after: 1d, expect: []}\n"));
}

TEST_CASE("lab: a forget line forgets", "[lab][forget]") {
  CHECK(passes(first + "  - {forget: jan, expect: [{decision: exited, reason: forgotten}]}\n"
                       "  - {after: 1d, expect: []}\n"));
}

TEST_CASE("lab: a group line puts the contact into an account", "[lab][account]") {
  CHECK(passes(first + "  - {group: acme}\n"
                       "  - {event: begin, contact: ola}\n"
                       "  - {after: 1m, expect: [{send: email, step: a, contact: ola}]}\n"
                       "  - {report: {replied: a}, contact: ola,\n"
                       "     expect: [{decision: exited, reason: exit, count: 2}]}\n"
                       "  - {after: 2d, expect: []}\n"));
}

}  // namespace itinera
