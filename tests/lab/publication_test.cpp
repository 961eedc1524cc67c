// SPDX-License-Identifier: Apache-2.0
// Campaign tests that publish other versions.
#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "lab/shop.hpp"
#include "support/catch.hpp"

namespace itinera {

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

TEST_CASE("lab: a publication that was refused is not carried out by the next", "[lab][S22]") {
  std::string shorter = cart;
  shorter.replace(shorter.find("entry:"), 0, "version: 2\n");
  shorter.replace(shorter.find("  - wait: 1h\n"), 13, "");
  const std::string greeting = "entry: [{event: signed_up}]\nsteps: [{send: push, id: hello}]\n";
  const LoadedWorkspace workspace =
      loaded({{"campaigns/cart-2.yaml", shorter},
              {"campaigns/greet-1.yaml", "campaign: greet\nversion: 1\n" + greeting},
              {"campaigns/greet-2.yaml", "campaign: greet\nversion: 2\n" + greeting}});
  const TestRun made = run(R"(test: t
campaign: cart
variants: {arm: control}
contacts: [{id: ola, email: ola@example.com}, {id: eva, email: eva@example.com}]
timeline:
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, contact: ola, properties: {cart: c1}}
  - {after: 1m, publish: cart-2.yaml, migrate: keep, error: conflict}
  - {publish: greet-2.yaml}
  - {event: cart_abandoned, contact: eva, properties: {cart: c2}, expect: [entered]}
  - {at: 2026-03-02T10:00:00Z, expect: [{send: email, contact: ola}]}
  - {after: 1m, expect: [{send: email, contact: eva}]}
)",
                           workspace);
  REQUIRE(made.reports.size() == 1);
  CHECK(to_text(made.reports[0]) == "");
}

}  // namespace itinera
