// SPDX-License-Identifier: Apache-2.0
#include "itinera/simulation.hpp"

#include <numeric>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace itinera {
namespace {

const std::string workspace = R"(workspace: shop
channels:
  email: {address: contact.email, consent: none}
  sms: {address: contact.phone, consent: none}
)";
const std::string campaign = R"(campaign: cart
entry: [{event: cart_abandoned, when: event.total >= 50, key: event.cart}]
goals: {order: {event: ordered, exits: true}}
steps:
  - {wait: 1h}
  - {send: email, id: reminder}
  - wait_for: {opened: reminder}
    within: 1d
    else: [{send: sms}]
)";
const std::string world = R"(simulation: a month
start: 2026-03-01T00:00:00Z
days: 30
contacts: 200
seed: 7
attributes:
  email: u{n}@example.com
  phone: {chance: 50%, value: "+48{n}"}
  tier: {one_of: [gold, silver]}
events:
  - {event: cart_abandoned, every: 10d, properties: {total: {from: 1, to: 100}, cart: "c{n}"}}
  - {event: ordered, every: 20d, share: 30%}
receipts:
  - {channel: email, receipt: opened, chance: 40%, within: 6h}
)";

LoadedWorkspace shop() {
  const std::vector<SourceFile> files{{"workspace.yaml", workspace}, {"c.yaml", campaign}};
  LoadedWorkspace loaded = load_workspace(files);
  REQUIRE_FALSE(has_errors(loaded.diagnostics));
  return loaded;
}

SimulationPlan plan() {
  LoadedSimulation loaded = load_simulation({"simulation.yaml", world});
  for (const Diagnostic& each : loaded.diagnostics) UNSCOPED_INFO(to_text(each));
  REQUIRE(loaded.diagnostics.empty());
  return loaded.plan;
}

Result<SimulationResult> run(const SimulationPlan& plan) {
  const LoadedWorkspace loaded = shop();
  EngineOptions options;
  options.zones = load_zones().value();
  return simulate(loaded.workspace, loaded.campaigns, plan, options);
}

std::uint64_t sends(const SimulationResult& result, std::size_t channel) {
  return std::accumulate(result.days.begin(), result.days.end(), std::uint64_t{0},
                         [&](std::uint64_t sum, const auto& day) { return sum + day[channel]; });
}

}  // namespace

TEST_CASE("simulation: the same seed gives the same world, another one another",
          "[lab][simulation]") {
  SimulationPlan each = plan();
  const std::string first = to_text(run(each).value());
  CHECK(first == to_text(run(each).value()));
  each.seed = 8;
  CHECK(first != to_text(run(each).value()));
}

TEST_CASE("simulation: counts follow from rates and shares", "[lab][simulation]") {
  const SimulationResult result = run(plan()).value();
  CAPTURE(to_text(result));
  REQUIRE(result.campaigns.size() == 1);
  const SimulatedCampaign& cart = result.campaigns[0];
  // 200 contacts three times a month, every second cart of 50 or more.
  CHECK((cart.entered > 220 && cart.entered < 400));
  CHECK(cart.entered == result.statistics.journeys_entered);
  CHECK(cart.finished + cart.exited + cart.in_flight() == cart.entered);
  CHECK(cart.sends == sends(result, 0) + sends(result, 1));
  // Six in ten do not open, and half of these have a phone.
  CHECK((sends(result, 1) * 100 > sends(result, 0) * 15));
  CHECK((sends(result, 1) * 100 < sends(result, 0) * 45));
  CHECK(result.refused == 0);
  SimulationPlan all_open = plan();
  all_open.receipts[0].chance = 1'000'000;
  CHECK(sends(run(all_open).value(), 1) == 0);
}

TEST_CASE("simulation: without a plan the world is what campaigns ask for", "[lab][simulation]") {
  const LoadedWorkspace loaded = shop();
  SimulationPlan guessed = plan_for(loaded.workspace, loaded.campaigns);
  REQUIRE(guessed.events.size() == 2);
  CHECK(guessed.events[0].name == "cart_abandoned");
  CHECK(guessed.attributes.at(0).name == "email");
  guessed.contacts = 100;
  guessed.days = 60;
  const SimulationResult result = run(guessed).value();
  CHECK(result.campaigns[0].entered > 50);
  CHECK(sends(result, 0) > 50);
}

TEST_CASE("simulation: plans that make no sense are refused", "[lab][simulation]") {
  for (const auto& change : std::vector<void (*)(SimulationPlan&)>{
           [](SimulationPlan& p) { p.days = 0; }, [](SimulationPlan& p) { p.days = 40'000; },
           [](SimulationPlan& p) { p.contacts = 0; },
           [](SimulationPlan& p) { p.events[0].every_ms = 1; },
           [](SimulationPlan& p) { p.receipts[0].within_ms = 0; },
           [](SimulationPlan& p) {
             p.contacts = 10'000'000;
             p.events.resize(11, p.events[0]);
           }}) {
    SimulationPlan broken = plan();
    change(broken);
    const auto result = run(broken);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::invalid_argument);
  }
}

TEST_CASE("simulation: files are read with line and remedy", "[lab][simulation]") {
  const auto codes = [](const std::string& text) {
    std::string result;
    for (const Diagnostic& each : load_simulation({"s.yaml", text}).diagnostics) {
      result += std::string(name_of(each.code)) + ' ' + std::to_string(each.location.line) + ';';
    }
    return result;
  };
  CHECK(codes("campaign: c\n") == "missing_key 1;");
  CHECK(codes("simulation: s\nevents: []\nspeed: 3\n") == "unknown_key 3;");
  CHECK(codes("simulation: s\nevents: [{event: e, share: most}]\n") == "bad_value 2;");
  CHECK(codes("simulation: s\nevents: []\nreceipts: [{receipt: seen, chance: 4%}]\n") ==
        "bad_value 3;");
  CHECK(codes("simulation: s\nevents: []\nattributes: {a: {from: 6, to: 1}}\n") == "bad_value 3;");
  CHECK(codes("simulation: s\nevents: []\nattributes: {a: {one_of: []}}\n") == "bad_value 3;");
}

}  // namespace itinera
