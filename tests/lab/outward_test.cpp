// SPDX-License-Identifier: Apache-2.0
// Unit tests of campaigns that ask and tell: calls, tasks, consents.
#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

// A workspace with this campaign.
LoadedWorkspace shop_with(const std::string& campaign) {
  const std::vector<SourceFile> files{{"workspace.yaml", R"(workspace: shop
channels:
  email: {address: contact.email, consent: none}
  push: {address: contact.push_token, consent: none}
)"},
                                      {"campaigns/c.yaml", campaign}};
  return load_workspace(files);
}

TestRun run_on(const LoadedWorkspace& workspace, const std::string& test) {
  EngineOptions options;
  options.zones = load_zones().value();
  const std::vector<SourceFile> files{{"tests/c.yaml", test}};
  TestRun made = run_tests(files, workspace, options);
  for (const Diagnostic& diagnostic : made.diagnostics) UNSCOPED_INFO(to_text(diagnostic));
  return made;
}

}  // namespace

TEST_CASE("lab: calls and tasks are expected, and answered by reports", "[lab]") {
  const LoadedWorkspace workspace = shop_with(R"(campaign: codes
entry: [{event: follow}]
steps:
  - {call: new_code, id: code, data: {percent: 10}, within: 1h, as: code, else: [{exit: no code}]}
  - {send: email, id: promo, data: {code: =journey.code.text}}
  - {task: Call them, id: call, team: sales}
)");
  const auto of = [&](const std::string& timeline) {
    const TestRun made = run_on(workspace, R"(test: t
campaign: codes
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T10:00:00Z, event: follow}
)" + timeline);
    REQUIRE(made.diagnostics.empty());
    return to_text(made.reports.at(0));
  };
  CHECK(of(R"(
  - expect: [{call: new_code, step: code, data: {percent: 10}}]
  - {after: 1m, report: {completed: code}, data: {text: SAVE}}
  - expect:
      - {decision: resolved, step: code, reason: completed}
      - {send: email, data: {code: SAVE}}
      - {task: Call them, team: sales, step: call}
  - {after: 1m, report: {completed: call}}
  - expect: [finished]
)") == "");
  CHECK(of(R"(
  - expect: [{call: new_code}]
  - after: 1h
    expect: [{decision: resolved, reason: timeout}, {decision: finished, reason: no code}]
)") == "");
  CHECK(of("  - expect: [{call: old_code}]\n").find("call new_code, step code") !=
        std::string::npos);
  CHECK(of(R"(
  - expect: [{call: new_code}]
  - {after: 1m, report: {completed: code}, data: {text: SAVE}}
  - expect: [{send: email}, {task: Call them, team: support}]
)") != "");
}

TEST_CASE("lab: consents of contacts are said, asked for and expected", "[lab]") {
  const LoadedWorkspace workspace = shop_with(R"(campaign: optin
entry: [{event: signup}]
steps:
  - {send: email, id: news, when: 'consented("email", "news")'}
  - {wait_for: {condition: '!consented("email", "news")'}, id: stays}
  - {consent: {channel: push, state: denied, source: signup}}
)");
  const TestRun made = run_on(workspace, R"(test: t
campaign: optin
contact: {id: ola, email: ola@example.com, consent: {email: granted}}
timeline:
  - {at: 2026-03-02T10:00:00Z, event: signup, expect: [{send: email}]}
  - after: 1h
    identify: {consent: {email: {news: denied}}}
    expect: [{consent: {channel: push, state: denied}}, finished]
---
test: what differs
campaign: optin
contact: {id: ola, email: ola@example.com, consent: {email: denied}}
timeline:
  - at: 2026-03-02T10:00:00Z
    event: signup
    expect: [{consent: {channel: push, state: granted}}]
)");
  REQUIRE(made.diagnostics.empty());
  CHECK(to_text(made.reports.at(0)) == "");
  CHECK(to_text(made.reports.at(1)).find("consent push denied") != std::string::npos);
}

TEST_CASE("lab: what a digest gathers is expected", "[lab]") {
  const LoadedWorkspace workspace = shop_with(R"yaml(campaign: views
entry: [{event: viewed}]
steps:
  - {digest: 30m, as: views, id: gather}
  - {send: email, data: {first: "=journey.views[0].page", count: "=size(journey.views)"}}
)yaml");
  const TestRun made = run_on(workspace, R"(test: t
campaign: views
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T10:00:00Z, event: viewed, properties: {page: a}}
  - after: 10m
    event: viewed
    properties: {page: b}
    expect: [{decision: gathered, step: gather}, {no: refused_reentry}]
  - after: 20m
    expect:
      - {decision: resolved, step: gather, reason: timeout}
      - {send: email, data: {first: a, count: 2}}
)");
  REQUIRE(made.diagnostics.empty());
  CHECK(to_text(made.reports.at(0)) == "");
}

TEST_CASE("lab: tasks go to somebody else, and journeys to another system and back", "[lab]") {
  const LoadedWorkspace workspace = shop_with(R"yaml(campaign: lead
entry: [{event: go}]
steps:
  - {task: Call them, id: ask, within: 2h, then: [{send: email, id: thanks}]}
  - {send: email, id: bye}
)yaml");
  const TestRun made = run_on(workspace, R"(test: handed on
campaign: lead
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T10:00:00Z, event: go, expect: [{task: Call them, step: ask}]}
  - after: 1h
    reassign: ask
    to: ben
    by: anna
    text: on leave
    within: 3h
    expect: [{decision: reassigned, step: ask}]
  - {after: 2h, expect: []}
  - {after: 0s, take_over: ask, expect: [{decision: refused_reentry, reason: while_running}]}
  - {after: 1h, expect: [{send: email, step: bye}]}
  - {after: 1h, take_over: ask, damaged: true, error: damaged_token}
---
test: comes back
campaign: lead
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T10:00:00Z, event: go, expect: [{task: Call them}]}
  - {after: 1h, stop: lead, expect: [exited]}
  - after: 1h
    take_over: ask
    expect: [taken_over, {task: Call them, step: ask}]
  - after: 1h
    report: {completed: ask}
    expect: [{send: email, step: thanks}, {send: email, step: bye}]
---
test: never asked
campaign: lead
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T10:00:00Z, take_over: ask}
)");
  REQUIRE(made.diagnostics.empty());
  CHECK(to_text(made.reports.at(0)) == "");
  CHECK(to_text(made.reports.at(1)) == "");
  CHECK(to_text(made.reports.at(2)).find("no action of step 'ask'") != std::string::npos);
}

}  // namespace itinera
