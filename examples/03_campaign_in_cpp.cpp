// SPDX-License-Identifier: Apache-2.0
// A campaign from C++ to a file and back: built, checked, written for people to go on with, and
// read again; mistakes are found on both ways, all at once, with their places and a remedy.
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/campaign_check.hpp"
#include "itinera/yaml.hpp"

using namespace itinera;

namespace {

// Functions make what campaigns have in common: here, a push that waits for the day.
Sequence push_by_day(const std::string& id, const std::string& template_name) {
  return Sequence()
      .wait_until_inside("Mon-Fri 09:00-17:00")
      .send("push", {.id = id, .template_name = template_name});
}

// `awaited` is the step whose opening everything turns on.
Campaign cart_recovery(const std::string& awaited) {
  Sequence steps;
  steps.wait("1h").send("email", {.id = "reminder",
                                  .template_name = "cart-reminder",
                                  .data = {{"total", "=entry.total"}}});  // CEL, after a '='
  steps.wait_for(opened(awaited),
                 {.within = "24h",
                  .then = push_by_day("offer", "cart-offer"),
                  .otherwise = Sequence().send("sms", {.when = "entry.total >= 100.0"})});
  return CampaignBuilder("cart-recovery")
      .on_event("cart_abandoned", {.when = "event.total >= 50.0", .key = "event.cart_id"})
      .reentry_after("7d")
      .goal("order", {.trigger = event("order_placed"), .within = "7d", .exits = true})
      .steps(steps)
      .build()
      .value();
}

void print(const std::string& title, const Diagnostics& diagnostics) {
  std::cout << title << (diagnostics.empty() ? ": sound\n" : ":\n");
  for (const Diagnostic& diagnostic : diagnostics) std::cout << to_text(diagnostic) << '\n';
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  return text.replace(text.find(what), what.size(), by);
}

}  // namespace

int main() {
  const Workspace shop{.name = "shop",
                       .channels = {{"email", {.text = "contact.email"}},
                                    {"push", {.text = "contact.push_token"}},
                                    {"sms", {.text = "contact.phone"}}}};

  // build() complains of texts that it cannot read, such as a duration of "1 hour".
  const Result<Campaign> unreadable =
      CampaignBuilder("hasty").by_host().steps(Sequence().wait("1 hour")).build();
  std::cout << unreadable.error().message << "\n\n";

  // check() knows what a campaign means: names, types, weights, loops, dead ends. publish() would
  // refuse what has errors here.
  const Campaign wrong = cart_recovery("remainder");
  print("in C++, with a slip", check(shop, {&wrong, 1}));
  const Campaign campaign = cart_recovery("reminder");
  print("in C++", check(shop, {&campaign, 1}));

  // From here on it is a file, under version control, and no compiler is needed to change it.
  // `itinera graph` draws it, `itinera test` runs its unit tests.
  const std::string text = to_yaml(campaign).value();
  std::cout << '\n' << text << '\n';

  // A file knows its lines. Somebody edits it by hand:
  const SourceFile workspace{"workspace.yaml", to_yaml(shop).value()};
  std::string edited = replaced(text, "24h", "24 h");
  edited = replaced(edited, "event.total", "evnet.total");
  edited = replaced(edited, "send: sms", "send: smss");
  const std::vector<SourceFile> files = {workspace, {"cart.yaml", edited}};
  print("edited", load_workspace(files).diagnostics);

  // What was written from C++ reads back as the same campaign.
  const std::vector<SourceFile> unedited = {workspace, {"cart.yaml", text}};
  const LoadedWorkspace loaded = load_workspace(unedited);
  print("unedited", loaded.diagnostics);
  std::cout << (to_yaml(loaded.campaigns.front()).value() == text ? "the same again\n" : "");
}
