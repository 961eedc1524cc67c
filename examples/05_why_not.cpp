// SPDX-License-Identifier: Apache-2.0
// "Why did she not get it?" Whatever the engine decides, against a message too, is a record in the
// journal, with a reason. A Story reads them: here, what happened to one contact.
#include <cstddef>
#include <iostream>
#include <optional>
#include <span>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/engine.hpp"
#include "itinera/story.hpp"

using namespace itinera;

namespace {

constexpr Instant monday{1'772'442'000'000};  // 2026-03-02T09:00:00Z

Campaign cart_recovery() {
  return CampaignBuilder("cart-recovery")
      .on_event("cart_abandoned")
      .reentry_after("7d")
      .goal("order", {.trigger = event("order_placed"), .exits = true})
      .steps(Sequence()
                 .wait("1h")
                 .send("email", {.id = "reminder"})
                 .send("sms", {.id = "nudge", .when = "contact.tier == 'gold'"})
                 .wait("1d")
                 .send("push", {.id = "coupon"})
                 .wait("1d")
                 .send("email", {.id = "last-call"}))
      .build()
      .value();
}

// A week of three contacts. Returns the journal, which a host keeps in a file.
std::vector<std::byte> week() {
  const Workspace shop{.name = "shop",
                       .channels = {{"email", {.text = "contact.email"}},
                                    {"push", {.text = "contact.push_token"}},
                                    {"sms", {.text = "contact.phone"}}}};
  Engine engine = Engine::create({.zones = load_zones().value()}).value();
  std::vector<std::byte> journal;
  const Campaign campaign = cart_recovery();
  if (!engine.publish(shop, {&campaign, 1}, monday)) return journal;
  const auto feed = [&engine](const Input& input) { engine.feed({&input, 1}); };
  const auto run_until = [&engine, &journal](Instant end) {
    std::optional<Instant> next = monday;
    while (next && *next <= end) {
      engine.advance_to(*next);
      const Output output = engine.take_output();
      journal.insert(journal.end(), output.journal.begin(), output.journal.end());
      next = output.next_deadline;
    }
  };

  const Properties ola = {{"email", "ola@example.com"}, {"phone", "+48500100"}, {"tier", "silver"}};
  const Properties kim = {{"email", "kim@example.com"}, {"phone", "+48500200"}, {"tier", "gold"}};
  feed(Identify{.contact = "ola", .envelope = {monday}, .attributes = ola});
  feed(Identify{.contact = "kim", .envelope = {monday}, .attributes = kim});
  for (const char* contact : {"ola", "kim", "lee"}) {
    feed(Event{.name = "cart_abandoned", .contact = contact, .envelope = {monday}});
  }
  run_until(monday + 30 * hour_ms);
  feed(Event{.name = "order_placed", .contact = "ola", .envelope = {monday + 30 * hour_ms}});
  feed(Event{.name = "cart_abandoned", .contact = "ola", .envelope = {monday + 3 * day_ms}});
  run_until(monday + 7 * day_ms);
  return journal;
}

// Reads the journal from its beginning. What it hands out dies with the next chapter.
template <class Function>
void for_each_happening(std::span<const std::byte> journal, const Function& function) {
  Story story;
  while (!journal.empty()) {
    const Result<Chapter> chapter = story.next(journal);
    if (!chapter) {
      std::cout << chapter.error().message << '\n';
      return;
    }
    for (const Happening& happening : chapter->happenings) function(happening);
  }
}

}  // namespace

int main() {
  const std::vector<std::byte> journal = week();
  std::cout << "What happened to ola:\n";
  for_each_happening(journal, [](const Happening& happening) {
    if (happening.contact == "ola") std::cout << to_text(happening) << '\n';
  });

  // The words are the engine's: docs/reasons.md says what each of them means.
  std::cout << "\nWhat became of the nudge:\n";
  for_each_happening(journal, [](const Happening& happening) {
    if (happening.step == "nudge" && happening.what != "ready") {
      std::cout << happening.contact << ": " << happening.what << '\n';
    }
  });
}
