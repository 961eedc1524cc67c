// SPDX-License-Identifier: Apache-2.0
// A shop with one campaign, and a run of its tests.
#pragma once

#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "support/catch.hpp"

namespace itinera {

inline const std::string shop = R"(workspace: shop
zone: Europe/Warsaw
channels:
  email: {address: contact.email, consent: none}
  push: {address: contact.push_token, consent: none}
)";

inline const std::string cart = R"(campaign: cart
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

inline LoadedWorkspace loaded(std::vector<SourceFile> more = {}) {
  std::vector<SourceFile> files{{"workspace.yaml", shop}, {"campaigns/cart.yaml", cart}};
  files.insert(files.end(), more.begin(), more.end());
  return load_workspace(files);
}

inline EngineOptions options() {
  EngineOptions made;
  auto zones = load_zones();
  REQUIRE(zones);
  made.zones = *zones;
  return made;
}

inline TestRun run(const std::string& test, const LoadedWorkspace& workspace = loaded()) {
  const std::vector<SourceFile> files{{"tests/cart.yaml", test}};
  TestRun made = run_tests(files, workspace, options());
  for (const Diagnostic& diagnostic : made.diagnostics) UNSCOPED_INFO(to_text(diagnostic));
  return made;
}

}  // namespace itinera
