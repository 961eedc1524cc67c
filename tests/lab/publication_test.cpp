// SPDX-License-Identifier: Apache-2.0
// Campaign tests that publish other versions.
#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

const std::string shop = R"(workspace: shop
zone: Europe/Warsaw
channels:
  email: {address: contact.email, consent: none}
  push: {address: contact.push_token, consent: none}
)";

const std::string cart = R"(campaign: cart
entry: [{event: cart_abandoned, key: event.cart}]
goals: {order: {event: order_placed, value: event.total, exits: true}}
steps:
  - wait: 1h
  - {send: email, id: reminder, template: cart-reminder, data: {total: =entry.total}}
  - wait_for: {opened: reminder}
    id: reaction
    within: 24h
    then: [{send: push, id: offer}]
  - split:
      - {variant: coupon, weight: 50, steps: [{send: email, id: coupon}]}
      - {variant: control, weight: 50}
    id: arm
  - wait: 1d
)";

LoadedWorkspace loaded(std::vector<SourceFile> more = {}) {
  std::vector<SourceFile> files{{"workspace.yaml", shop}, {"campaigns/cart.yaml", cart}};
  files.insert(files.end(), more.begin(), more.end());
  return load_workspace(files);
}

EngineOptions options() {
  EngineOptions made;
  auto zones = load_zones();
  REQUIRE(zones);
  made.zones = *zones;
  return made;
}

TestRun run(const std::string& test, const LoadedWorkspace& workspace = loaded()) {
  const std::vector<SourceFile> files{{"tests/cart.yaml", test}};
  TestRun made = run_tests(files, workspace, options());
  for (const Diagnostic& diagnostic : made.diagnostics) UNSCOPED_INFO(to_text(diagnostic));
  return made;
}

}  // namespace

TEST_CASE("lab: a publication replaces a version, journeys in flight keep theirs", "[lab][S23]") {
  std::string renewed = cart;
  renewed.replace(renewed.find("entry:"), 0, "version: 2\n");
  renewed.replace(renewed.find("wait: 1h"), 8, "wait: 3h");
  const LoadedWorkspace workspace = loaded({{"campaigns/cart-2.yaml", renewed}});
  const TestRun made = run(R"(test: t
campaign: cart
variants: {arm: control}
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c1}}
  - {after: 1m, publish: cart-2.yaml}
  - {event: cart_abandoned, properties: {cart: c2}}
  - {at: 2026-03-02T10:00:00Z, expect: [{send: email, key: c1}]}
  - {at: 2026-03-02T12:01:00Z, expect: [{send: email, key: c2}]}
)",
                           workspace);
  REQUIRE(made.reports.size() == 1);
  CHECK(to_text(made.reports[0]) == "");
}

TEST_CASE("lab: journeys in flight move with a publication that says so", "[lab][S21][S22]") {
  std::string renewed = cart;
  renewed.replace(renewed.find("entry:"), 0, "version: 2\n");
  renewed.replace(renewed.find("wait: 1h"), 8, "wait: 3h");
  std::string shorter = cart;
  shorter.replace(shorter.find("entry:"), 0, "version: 3\n");
  shorter.replace(shorter.find("  - wait: 1h\n"), 13, "");
  const LoadedWorkspace workspace =
      loaded({{"campaigns/cart-2.yaml", renewed}, {"campaigns/cart-3.yaml", shorter}});
  const std::string begun = R"(test: t
campaign: cart
variants: {arm: control}
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c1}}
)";
  const auto passes = [&](std::string_view lines) {
    const TestRun made = run(begun + std::string(lines), workspace);
    REQUIRE(made.reports.size() == 1);
    CHECK(to_text(made.reports[0]) == "");
  };
  SECTION("with the deadlines that their waits have there") {
    passes(R"(  - {after: 1m, publish: cart-2.yaml, migrate: recompute}
  - {at: 2026-03-02T11:59:59Z, expect: [migrated, recomputed]}
  - {at: 2026-03-02T12:00:00Z, expect: [{send: email, key: c1}]}
)");
  }
  SECTION("not past a step that is gone") {
    passes(R"(  - {after: 1m, publish: cart-3.yaml, migrate: keep, error: conflict}
  - {at: 2026-03-02T10:00:00Z, expect: [{send: email, key: c1}]}
)");
  }
  SECTION("past it as the line says") {
    passes(R"(  - {after: 1m, publish: cart-3.yaml, steps: {wait-1: exit}}
  - {at: 2026-03-02T10:00:00Z, expect: [{decision: exited, reason: removed}]}
)");
  }
  SECTION("one by one") {
    passes(R"(  - {after: 1m, publish: cart-3.yaml, steps: {wait-1: pin}}
  - {move: cart, step: wait-9, error: unknown_step}
  - {at: 2026-03-02T10:00:00Z, expect: [{send: email, key: c1}]}
)");
  }
}

}  // namespace itinera
