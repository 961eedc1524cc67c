// SPDX-License-Identifier: Apache-2.0
// A host that sends, and says what became of it: who bounces gets an SMS instead, who opens is
// thanked, and who does neither is reminded. The loop below is what a host owes the engine.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/engine.hpp"

using namespace itinera;

namespace {

Campaign invitation() {
  const Sequence thanks = Sequence().send("email", {.id = "thanks"});
  const Sequence by_sms = Sequence().send("sms", {.id = "by-sms"});
  const Sequence reminder = Sequence().send("email", {.id = "reminder"});
  Sequence steps;
  steps.send("email", {.id = "invitation", .template_name = "gala", .data = {{"year", 2026}}});
  steps.wait_for_any({{.trigger = opened("invitation"), .steps = thanks},
                      {.trigger = receipt(Receipt::bounced, "invitation"), .steps = by_sms}},
                     {.within = "24h", .otherwise = reminder});
  return CampaignBuilder("invitation").by_host().steps(steps).build().value();
}

// Stands for a mail provider, which tells later what became of a message. The action's id is a key
// against delivering it twice: a real provider is handed it too.
using Reports = std::multimap<Instant, Report>;
void deliver(const Action& action, Reports& reports) {
  const auto tell = [&](Receipt receipt, std::int64_t after_ms) {
    const Instant at = action.at + after_ms;
    reports.emplace(at, Report{.action = action.id, .receipt = receipt, .envelope = {at}});
  };
  if (action.address == "lost@example.com") tell(Receipt::bounced, 40 * second_ms);
  if (action.address == "ola@example.com") tell(Receipt::opened, 2 * hour_ms);
}

class Host {
 public:
  explicit Host(Engine engine) : engine_(std::move(engine)) {}

  // What the engine refuses has changed nothing; it says why.
  void feed(const Input& input) {
    for (const Refusal& refusal : engine_.feed({&input, 1})) {
      std::cout << "refused: " << refusal.error.message << '\n';
    }
  }

  // A server sleeps until the next deadline or the next request. Here time runs ahead.
  void run_until(Instant end) {
    while (true) {
      take();
      const Instant next = std::min(deadline_.value_or(end), end);
      if (!reports_.empty() && reports_.begin()->first <= next) {
        const Report report = reports_.extract(reports_.begin()).mapped();
        std::cout << to_text(report.envelope.received) << "   " << name_of(report.receipt) << '\n';
        feed(report);
      } else if (next < end) {
        engine_.advance_to(next);
      } else {
        return;
      }
    }
  }

 private:
  // In this order: first the journal, durably, then the actions. The other way round a crash
  // between the two would send again. Both spans die with the next call of the engine.
  void take() {
    const Output output = engine_.take_output();
    journal_.insert(journal_.end(), output.journal.begin(), output.journal.end());
    for (const Action& action : output.actions) {
      std::cout << to_text(action.at) << ' ' << action.channel << ' ' << action.step << " to "
                << action.address << '\n';
      deliver(action, reports_);
    }
    deadline_ = output.next_deadline;
  }

  Engine engine_;
  Reports reports_;                 // that the provider will send
  std::vector<std::byte> journal_;  // stands for a file: 04_durable_host.cpp
  std::optional<Instant> deadline_;
};

}  // namespace

int main() {
  const Workspace gala{
      .name = "gala",
      .channels = {{"email", {.text = "contact.email"}}, {"sms", {.text = "contact.phone"}}}};
  const Instant monday{1'772'442'000'000};  // 2026-03-02T09:00:00Z
  const Campaign campaign = invitation();
  Engine engine = Engine::create({.zones = load_zones().value()}).value();
  if (!engine.publish(gala, {&campaign, 1}, monday)) return 1;
  Host host(std::move(engine));
  for (const char* name : {"ola", "lost", "kim"}) {
    const Properties about = {{"email", std::string(name) + "@example.com"},
                              {"phone", "+48500100"}};
    host.feed(Identify{.contact = name, .envelope = {monday}, .attributes = about});
    host.feed(Enter{.campaign = "invitation", .contact = name, .envelope = {monday}});
  }
  host.feed(Enter{.campaign = "invitatoin", .contact = "kim", .envelope = {monday}});
  host.run_until(monday + 7 * day_ms);
}
