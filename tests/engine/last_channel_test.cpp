// SPDX-License-Identifier: Apache-2.0
// contact.last_channel: by which channel somebody reacted last.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view channels =
    "workspace: shop\n"
    "channels: {email: {address: contact.id, receipts: [connected]}, sms: {address: contact.id}}\n";

constexpr std::string_view messages =
    "campaign: hello\nentry: [{event: greet}]\nreentry: always\n"
    "steps: [{send: email, id: mail}, {send: sms, id: text}, {wait: 90d}]\n";

// Two messages to each, and a campaign that tells the last channel as `v` when asked.
const std::string asking = std::string(messages) +
                           "---\ncampaign: asks\nentry: [{event: ask}]\n"
                           "steps: [{send: sms, id: s, data: {v: =contact.last_channel}}]\n";

Host greeted(std::string_view campaigns = asking) {
  Host host(campaigns, channels);
  host.event("greet").event("greet", {}, "jan").take();
  return host;
}

Value ask(Host& host, std::string_view contact = "ola") {
  host.after(1).event("ask", {}, contact).take();
  const Properties& data = host.action("s").data;
  return data.empty() ? Value{} : data.front().value;
}

// Of a message to that contact.
Report reaction(const Host& host, Receipt receipt, std::string_view step,
                std::string_view contact = "ola") {
  for (const Taken& each : host.actions()) {
    if (each.step == step && each.contact == contact) return host.a_report(receipt, each.id);
  }
  FAIL("nothing was sent");
  return {};
}

}  // namespace

TEST_CASE("last channel: that of the newest reaction, by when it occurred", "[engine][history]") {
  Host host = greeted();
  CHECK(ask(host).is_null());
  for (const Receipt receipt : {Receipt::sent, Receipt::delivered, Receipt::bounced}) {
    Report report = reaction(host, receipt, "mail");
    report.hard = false;
    host.take_in(report);
  }
  CHECK(ask(host).is_null());
  const Receipt receipt = GENERATE(Receipt::opened, Receipt::clicked, Receipt::replied);
  host.after(hour_ms).take_in(reaction(host, receipt, "mail")).crash();
  CHECK(ask(host) == Value("email"));
  host.after(hour_ms).take_in(reaction(host, receipt, "text")).crash();
  CHECK(ask(host) == Value("sms"));
  Report late = reaction(host.after(hour_ms), Receipt::clicked, "mail");
  late.envelope.occurred = host.clock() - 5 * hour_ms;
  host.take_in(late);
  CHECK(ask(host) == Value("sms"));
  Report declared = reaction(host, Receipt::declared, "mail");
  declared.declared = "connected";
  host.take_in(declared);
  CHECK(ask(host) == Value("email"));
  CHECK(ask(host, "jan").is_null());
}

TEST_CASE("last channel: what is reported of a closed journey's message tells it too",
          "[engine][history]") {
  std::string closing = asking;
  closing.replace(closing.find(", {wait: 90d}"), 13, "");
  Host host = greeted(closing);
  host.after(day_ms).take_in(reaction(host, Receipt::opened, "mail")).crash();
  CHECK(ask(host) == Value("email"));
}

TEST_CASE(
    "last channel: of two contacts that are one the newer word counts, a forgotten one has "
    "none",
    "[engine][history][S30]") {
  Host host = greeted();
  const bool own_is_newer = GENERATE(true, false);
  host.after(hour_ms).take_in(
      reaction(host, Receipt::opened, "mail", own_is_newer ? "jan" : "ola"));
  host.after(hour_ms).take_in(
      reaction(host, Receipt::opened, "text", own_is_newer ? "ola" : "jan"));
  host.take_in(Merge{"jan", "ola", {host.clock(), std::nullopt, {}, {}}}).crash();
  CHECK(ask(host) == Value("sms"));
  host.take_in(Forget{"ola", {host.clock(), std::nullopt, {}, {}}}).crash();
  CHECK(ask(host).is_null());
}

TEST_CASE("last channel: segments, waits and since_changed() hear it as it is reported",
          "[engine][history][S33]") {
  Host host(
      std::string(messages) +
          "---\ncampaign: waits\nentry: [{event: ask}]\nsteps:\n"
          "  - {wait_for: {condition: contact.last_channel == \"sms\"}}\n"
          "  - {send: email, id: heard}\n"
          "---\ncampaign: enters\nentry: [{segment: texters}]\nsteps: [{send: email, id: in}]\n"
          "---\ncampaign: lapses\nentry: [{segment: faithful}]\n"
          "steps: [{send: email, id: faithful}]\n",
      std::string(channels) +
          "schema: {attributes: {tier: string}}\n"
          "segments:\n  texters: contact.last_channel == \"sms\"\n"
          "  faithful: since_changed(\"last_channel\") >= days(2)\n");
  host.event("greet").event("ask").take();
  host.after(hour_ms).take_in(reaction(host, Receipt::opened, "mail"));
  CHECK(host.take().empty());
  host.after(hour_ms).take_in(reaction(host, Receipt::opened, "text"));
  CHECK(host.take() == Lines{"in", "heard"});
  host.after(hour_ms).take_in(reaction(host, Receipt::clicked, "text")).crash();
  CHECK(run_to(host, "2026-03-09T00:00:00Z") == Lines{"2026-03-04T11:00:00Z faithful"});
}

TEST_CASE("last channel: is kept only where something asks for it", "[engine][history][limits]") {
  const bool retained = GENERATE(true, false);
  Host host(messages,
            std::string(channels) + (retained ? "retain: {attributes: [last_channel]}\n" : ""));
  host.event("greet").take();
  host.take_in(reaction(host, Receipt::opened, "mail"));
  CHECK(host.told({"attribute_set"}).size() == (retained ? 1 : 0));
}

}  // namespace itinera::test
