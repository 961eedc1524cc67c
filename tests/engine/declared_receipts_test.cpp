// SPDX-License-Identifier: Apache-2.0
// S2, S33: receipts that a channel declares behave as those that every channel has.
#include <fmt/format.h>

#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

constexpr const char* network = R"(
workspace: shop
zone: Europe/Warsaw
channels:
  id: {address: contact.id}
  linkedin: {address: contact.id, receipts: [connected, endorsed]}
  store: {address: contact.id, receipts: [redeemed, connected]}
)";

}  // namespace

TEST_CASE("declared: a wait, a goal and an exit hear them", "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {known: {connected: invite}}
exits: [{redeemed: any}]
steps:
  - {send: linkedin, id: invite}
  - wait_for: {connected: invite}
    as: how
    then: [{send: id, id: hello, data: {by: =journey.how.by}}]
  - {send: store, id: code}
  - wait: 30d
)",
            network);
  host.event("join").take();
  Report told = host.a_report(Receipt::declared, host.action("invite").id);
  told.declared = "connected";
  const Properties data{{"by", "mail"}};
  told.data = data;
  host.take_in(told);
  CHECK(host.take() == Lines{"hello", "code"});
  CHECK(host.action("hello").data == Properties{{"by", "mail"}});
  host.crash();
  host.report("redeemed", "code");
  CHECK(host.told({"receipt", "converted", "exited"}) ==
        Lines{"receipt invite", "converted", "receipt code", "exited (exit)"});
}

TEST_CASE("declared: one that came before its wait counts, and only once", "[engine][S2][S33]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: linkedin, id: invite}
  - wait: 1h
  - {wait_for: {endorsed: invite}, within: 1h, then: [{send: id, id: first}]}
  - {wait_for: {endorsed: any}, within: 1h, then: [{send: id, id: second}]}
)",
            network);
  host.event("join").take();
  host.report("endorsed", "invite").crash();
  CHECK(host.after(hour_ms).advance().take() == Lines{"first"});
  CHECK(host.after(hour_ms).advance().take().empty());
}

TEST_CASE("declared: numbers stay where a later publication declares others", "[engine][S23]") {
  constexpr const char* campaign = R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: linkedin, id: invite}
  - {wait_for: {endorsed: invite}, then: [{send: id, id: thanks}]}
)";
  Host host(campaign, network);
  host.event("join").take();
  host.workspace(R"(
workspace: shop
channels:
  id: {address: contact.id}
  linkedin: {address: contact.id, receipts: [followed, endorsed]}
)");
  host.publish(campaign).crash();
  CHECK(host.report("followed", "invite").take().empty());
  CHECK(host.report("endorsed", "invite").take() == Lines{"thanks"});
}

TEST_CASE("declared: one that nobody declares is refused", "[engine]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{send: linkedin, id: a}]\n", network);
  host.event("join").take();
  Report told = host.a_report(Receipt::declared, host.action("a").id);
  told.declared = "adored";
  CHECK(host.feed(told) == ErrorCode::invalid_argument);
}

TEST_CASE("declared: a publication with more than there are numbers for leaves nothing behind",
          "[engine][S23]") {
  constexpr const char* campaign =
      "campaign: c\nentry: [{event: join}]\nsteps: [{send: linkedin, id: invite}]\n";
  const auto workspace = [](std::string_view kind, std::string_view more) {
    std::string receipts;
    for (int i = 0; i < 15; ++i)
      receipts += fmt::format("{}{}_coupon_{}", i > 0 ? ", " : "", kind, i);
    return fmt::format(
        "workspace: shop\nchannels:\n  id: {{address: contact.id}}\n"
        "  linkedin: {{address: contact.id, receipts: [{}]}}\n{}",
        receipts, more);
  };
  Host host(campaign, workspace("summer", ""));
  host.event("join").take();
  host.after(hour_ms).workspace(
      workspace("winter", "segments: {buyers: 'count(\"bought\", \"9d\") > 1'}\n"));
  const Result<void> done = host.try_publish(campaign, {});
  REQUIRE(!done);
  CHECK(done.error().code == ErrorCode::invalid_argument);
  const Result<Engine> restored = Engine::restore(host.journal(), host.options());
  REQUIRE(restored);
  CHECK(pieces_of(host.engine()) == pieces_of(*restored));
}

}  // namespace itinera::test
