// SPDX-License-Identifier: Apache-2.0
// Greets whoever signs up, and writes once more after a day unless the greeting was opened.
#include <iostream>

#include "itinera/campaign_builder.hpp"
#include "itinera/engine.hpp"

using namespace itinera;

int main() {
  const Workspace shop{.name = "shop", .channels = {{"email", {.text = "contact.id"}}}};
  const Sequence tips = Sequence().send("email", {.id = "tips"});
  Sequence steps = Sequence().send("email", {.id = "greeting"});
  steps.wait_for(opened("greeting"), {.within = "24h", .otherwise = tips});
  const auto welcome = CampaignBuilder("welcome").on_event("signup").steps(steps).build().value();

  Engine engine = Engine::create({.zones = load_zones().value()}).value();
  const Instant monday{1'772'442'000'000};  // 2026-03-02T09:00:00Z: time is an input
  if (!engine.publish(shop, {&welcome, 1}, monday)) return 1;
  const Input signup = Event{.name = "signup", .contact = "ola@example.com", .envelope = {monday}};
  engine.feed({&signup, 1});
  engine.advance_to(monday + 2 * day_ms);
  for (const Action& send : engine.take_output().actions) {
    std::cout << to_text(send.at) << ' ' << send.step << " to " << send.address << '\n';
  }
}
