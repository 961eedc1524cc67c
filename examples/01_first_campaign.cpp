// SPDX-License-Identifier: Apache-2.0
// Greets whoever signs up, and writes once more after a day unless the greeting was opened.
#include <iostream>

#include "itinera/campaign_builder.hpp"
#include "itinera/engine.hpp"

using namespace itinera;

int main() {
  const Workspace shop{.name = "shop",
                       .channels = {{.name = "email", .address = {.text = "contact.email"}}}};
  const Campaign welcome =
      CampaignBuilder("welcome")
          .on_event("signed_up")
          .steps(Sequence()
                     .send("email", {.id = "hello", .template_name = "welcome"})
                     .wait_for(opened("hello"),
                               {.within = "24h",
                                .otherwise = Sequence().send("email", {.template_name = "tips"})}))
          .build()
          .value();

  Engine engine = Engine::create({.zones = load_zones().value()}).value();
  const Instant monday{1'772'442'000'000};  // 2026-03-02T09:00:00Z: time is an input
  if (!engine.publish(shop, {&welcome, 1}, monday)) return 1;

  const Properties mail{{"email", "ola@example.com"}};
  const Input inputs[] = {
      Identify{.contact = "ola", .envelope = {.received = monday}, .attributes = mail},
      Event{.name = "signed_up", .contact = "ola", .envelope = {.received = monday}}};
  engine.feed(inputs);
  for (const Instant t : {monday, monday + 2 * day_ms}) {
    engine.advance_to(t);
    for (const Action& send : engine.take_output().actions) {
      std::cout << to_text(send.at) << ' ' << send.template_name << " to " << send.address << '\n';
    }
  }
}
