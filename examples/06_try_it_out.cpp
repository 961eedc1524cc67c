// SPDX-License-Identifier: Apache-2.0
// A campaign tried out before anybody gets it: unit tests first, then a year of a thousand made-up
// contacts. Both run the real engine, in moments, and nothing is sent.
#include <iostream>
#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "itinera/simulation.hpp"
#include "itinera/yaml.hpp"

using namespace itinera;

namespace {

const std::vector<SourceFile> shop = {{"workspace.yaml", R"(workspace: shop
channels:
  email: {address: contact.email, consent: none}
  push: {address: contact.push_token, consent: none}
)"},
                                      {"win-back.yaml", R"(campaign: win-back
entry: [{event: order_placed}]
while_running: restart
goals:
  ordered: {event: order_placed}
steps:
  - wait: 60d
  - {send: email, id: miss-you}
  - wait_for: {opened: miss-you}
    within: 3d
    else: [{send: push, id: nudge}]
)"}};

const std::vector<SourceFile> tests = {
    {"win-back-test.yaml", R"(test: who opens the e-mail is left in peace
campaign: win-back
contact: {id: ola, email: ola@example.com, push_token: t1}
timeline:
  - {at: 2026-03-02T10:00:00Z, event: order_placed}
  - {after: 60d, expect: [{send: email, step: miss-you}]}
  - {after: 1h, report: {opened: miss-you}, expect: [{decision: finished}]}
---
test: a second order starts the sixty days anew
campaign: win-back
contact: {id: ola, email: ola@example.com, push_token: t1}
timeline:
  - {at: 2026-03-02T10:00:00Z, event: order_placed}
  - {after: 59d, event: order_placed, expect: []}
  - {after: 1d, expect: [{send: email, step: miss-you}]}
)"}};

// A year in which everybody orders every two months or so, and some open what they get.
SimulationPlan usual_year() {
  SimulationPlan plan;
  plan.name = "a usual year";
  plan.contacts = 1'000;
  plan.attributes = {{"email", "u{n}@example.com"}, {"push_token", "t{n}"}};
  plan.events = {{.name = "order_placed", .every_ms = 60 * day_ms}};
  plan.receipts = {{.channel = "email", .receipt = Receipt::opened, .chance = 400'000}};
  return plan;
}

}  // namespace

int main() {
  const EngineOptions options{.zones = load_zones().value()};
  const LoadedWorkspace loaded = load_workspace(shop);
  for (const Diagnostic& diagnostic : loaded.diagnostics) std::cout << to_text(diagnostic) << '\n';

  // A test that fails says what it expected beside what was emitted, and what had been decided.
  const TestRun run = run_tests(tests, loaded, options);
  for (const TestReport& report : run.reports) {
    std::cout << (report.passed() ? "passed: " : "FAILED: ") << report.name << '\n'
              << to_text(report);
  }
  // Which ways through the campaign no test has gone.
  for (const CampaignCoverage& coverage : run.coverage) std::cout << to_text(coverage);

  // The same seed gives the same year everywhere, so that two versions can be compared.
  const SimulationPlan plan = usual_year();
  const Result<SimulationResult> year = simulate(loaded.workspace, loaded.campaigns, plan, options);
  if (!year) {
    std::cout << year.error().message << '\n';
    return 1;
  }
  for (const SimulatedCampaign& campaign : year->campaigns) {
    std::cout << '\n'
              << plan.contacts << " contacts in " << plan.days << " days: " << campaign.entered
              << " journeys, " << campaign.sends << " messages, " << campaign.converted
              << " came back\n";
  }
}
