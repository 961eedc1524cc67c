// SPDX-License-Identifier: Apache-2.0
// Contacts of one account (B2B): what one of them does, the campaigns of all may hear.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view workspace =
    "workspace: shop\n"
    "channels: {id: {address: contact.id, receipts: [connected]}}\n";

constexpr std::string_view sequence = R"(
campaign: c
entry: [{event: join}]
goals: {won: {account: signed, within: 30d}}
exits: [{account: replied}, {account: connected}, {account: left, when: event.why == "all"}]
steps: [{send: id, id: first}, {wait: 1d}, {send: id, id: second}]
)";

Host& group(Host& host, std::string_view contact, std::string_view account) {
  return host.take_in(Group{account, contact, {host.clock(), std::nullopt, {}, {}}});
}

Host& colleagues(Host& host) {
  group(group(host, "ola", "acme"), "jan", "acme").event("join").event("join", {}, "jan");
  group(host, "eva", "globex").event("join", {}, "eva");
  host.take();
  return host;
}

}  // namespace

TEST_CASE("account: a reply of one ends the journeys of all its contacts, and of nobody else",
          "[engine][account][S28]") {
  Host host(sequence, workspace);
  colleagues(host);
  const bool declared = GENERATE(true, false);
  Report reply =
      host.a_report(declared ? Receipt::declared : Receipt::replied, host.actions().front().id);
  if (declared) reply.declared = "connected";
  host.take_in(reply).crash();
  CHECK(host.told({"exited"}) == Lines{"exited (exit)", "exited (exit)"});
  CHECK(host.after(day_ms).advance().take() == Lines{"second@eva"});
}

TEST_CASE("account: events are heard with their properties, goals too", "[engine][account][S28]") {
  Host host(sequence, workspace);
  colleagues(host);
  host.event("left", {{"why", "one"}}, "jan");
  CHECK(host.told({"exited"}).empty());
  host.event("signed", {}, "jan");
  CHECK(host.told({"converted"}).size() == 2);
  host.event("left", {{"why", "all"}}, "jan");
  CHECK(host.told({"exited"}).size() == 2);
}

TEST_CASE("account: of its own contact it is heard before its waits, a goal before an exit",
          "[engine][account][S33]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {won: {event: signed}}
exits: [{account: signed}, {account: replied}]
steps:
  - {send: id, id: mail}
  - {wait_for: [{event: signed}, {replied: mail}], then: [{set: {tier: gold}, id: set}]}
)",
            workspace);
  host.event("join").take();
  const bool by_event = GENERATE(true, false);
  if (by_event) {
    host.event("signed");
  } else {
    host.report(Receipt::replied, "mail");
  }
  CHECK(host.take().empty());
  CHECK(host.told({"converted", "exited"}) ==
        (by_event ? Lines{"converted", "exited (exit)"} : Lines{"exited (exit)"}));
}

TEST_CASE("account: who has none is alone in one", "[engine][account]") {
  Host host(sequence, workspace);
  host.event("join").event("join", {}, "jan").take();
  host.take_in(host.a_report(Receipt::replied, host.actions().back().id));
  CHECK(host.told({"exited"}).size() == 1);
}

TEST_CASE("account: the newer word counts, and an empty one is none", "[engine][account][S5]") {
  Host host(sequence, workspace);
  colleagues(host);
  Group late{"globex", "jan", {host.clock(), host.clock() - hour_ms, {}, {}}};
  host.take_in(late);
  const bool leaves = GENERATE(true, false);
  if (leaves) group(host.after(1), "jan", "").crash();
  host.event("signed");
  CHECK(host.told({"converted"}).size() == (leaves ? 1 : 2));
}

TEST_CASE("account: a report of a message whose journey is closed is heard", "[engine][account]") {
  Host host(
      "campaign: c\nentry: [{event: join}]\nexits: [{account: replied}]\nsteps: [{wait: 9d}]\n---\n"
      "campaign: d\nentry: [{event: hi}]\nsteps: [{send: id, id: s}]\n",
      workspace);
  host.event("hi").take();
  host.report(Receipt::sent, "s");  // from now on what is closed is known
  group(group(host, "ola", "acme"), "jan", "acme").event("join", {}, "jan").event("hi").take();
  host.report(Receipt::replied, "s");
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

TEST_CASE("account: a cap counts what all of it got", "[engine][account][S16]") {
  const std::string capped =
      std::string(workspace) + "policy: {caps: [{max: 2, per: 7d, account: true}]}\n";
  Host host("campaign: c\nreentry: always\nentry: [{event: join}]\nsteps: [{send: id, id: s}]\n",
            capped);
  group(group(host, "ola", "acme"), "jan", "acme");
  host.event("join").event("join", {}, "jan").event("join", {}, "eva").event("join").crash();
  CHECK(host.take() == Lines{"s", "s@jan", "s@eva"});
  CHECK(host.told({"skipped_cap"}) == Lines{"skipped_cap s"});
  // Who goes takes along what it got.
  group(host.after(1), "jan", "").event("join");
  CHECK(host.take() == Lines{"s"});
}

TEST_CASE("account: merging unites by the newer word, and forgetting leaves",
          "[engine][account][S30]") {
  Host host(sequence, workspace);
  colleagues(host);
  group(host.after(1), "kim", "globex");
  host.take_in(Merge{"kim", "ola", {host.clock(), std::nullopt, {}, {}}});
  host.event("signed", {}, "eva");
  CHECK(host.told({"converted"}).size() == 2);
  host.take_in(Forget{"eva", {host.clock(), std::nullopt, {}, {}}}).crash();
  host.event("signed", {}, "jan");
  CHECK(host.told({"converted"}).size() == 1);
}

TEST_CASE("account: beyond the limit nobody joins, and nothing is lost",
          "[engine][account][limits]") {
  Limits limits;
  limits.account_members = 1;
  Host host(sequence, workspace, limits);
  group(group(host, "ola", "acme"), "jan", "acme");
  CHECK(host.told({"refused_account"}) == Lines{"refused_account (limit)"});
  host.event("join").event("signed", {}, "jan");
  CHECK(host.told({"converted"}).empty());
  CHECK(host.feed(Group{"acme", "", {host.clock(), std::nullopt, {}, {}}}) ==
        ErrorCode::invalid_argument);
}

TEST_CASE("account: the first reply that a host reports is heard, also of a message long closed",
          "[engine][account][S28]") {
  Host host(R"(
campaign: listens
entry: [{event: join}]
exits: [{account: replied}]
steps: [{wait: 3d}, {send: id, id: late}]
---
campaign: short
entry: [{event: hello}]
steps: [{send: id, id: one}]
)");
  const auto belongs = [&](std::string_view contact) {
    host.take_in(Group{"acme", contact, {host.clock(), std::nullopt, {}, {}}});
  };
  belongs("ola");
  belongs("bob");
  host.event("join").event("hello", {}, "bob").take();
  host.after(hour_ms).crash().report(Receipt::replied, "one");
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
  CHECK(host.after(9 * day_ms).advance().take().empty());
}

namespace {

// Of an account one message in a week; what is beyond that waits for a slot.
constexpr std::string_view capped_account =
    "workspace: shop\n"
    "channels: {id: {address: contact.id}}\n"
    "policy: {caps: [{max: 1, per: 7d, account: true}]}\n";

Envelope at_clock(const Host& host) { return {host.clock(), std::nullopt, {}, {}}; }

// Jan has got the one message of acme; ola and eva wait for the next slot.
Host held_behind_jan(std::string_view last_step = "{wait: 1s}") {
  Host host(fmt::format("campaign: c\nentry: [{{event: join}}]\n"
                        "steps: [{{send: id, id: s, on_cap: hold}}, {}]\n",
                        last_step),
            capped_account);
  group(group(group(host, "jan", "acme"), "ola", "acme"), "eva", "acme");
  host.event("join", {}, "jan").event("join").event("join", {}, "eva");
  CHECK(host.take() == Lines{"s@jan"});
  CHECK(host.told({"held_cap"}).size() == 2);
  host.after(hour_ms);
  return host;
}

}  // namespace

TEST_CASE("account: who leaves it takes along its slots, and who waits there for one has them",
          "[engine][account][S16]") {
  Host host = held_behind_jan();
  SECTION("to another account") { group(host, "jan", "globex"); }
  SECTION("to none") { group(host, "jan", ""); }
  SECTION("forgotten") { host.take_in(Forget{"jan", at_clock(host)}); }
  SECTION("is somebody of another account") {
    group(host, "kim", "globex").take_in(Merge{"jan", "kim", at_clock(host)});
  }
  SECTION("turns out to be of another account") {
    group(host, "kim", "globex").take_in(Merge{"kim", "jan", at_clock(host)});
  }
  CHECK(host.crash().take() == Lines{"s"});
  CHECK(host.told({"held_cap"}) == Lines{"held_cap s"});  // eva
}

TEST_CASE("account: who leaves it without a message frees nothing, and wakes nobody",
          "[engine][account][S16]") {
  Host host = held_behind_jan();
  host.event("none", {}, "kim");
  group(host, "kim", "acme");
  host.told({"held_cap"});
  const std::size_t before = host.journal().size();
  SECTION("to another account") { group(host, "kim", "globex"); }
  SECTION("forgotten") { host.take_in(Forget{"kim", at_clock(host)}); }
  CHECK(host.take().empty());
  CHECK(host.told({"held_cap"}).empty());
  CHECK(host.journal().size() - before < 200);
}

TEST_CASE("account: a report wakes colleagues only where it gives back a slot",
          "[engine][account][S17]") {
  const bool late = GENERATE(true, false);  // of a journey that is closed
  Host host = held_behind_jan(late ? "{exit: done}" : "{wait: 9d}");
  const auto reports = [&](Receipt receipt, bool hard) {
    Report report = host.a_report(receipt, host.actions().front().id);
    report.hard = hard;
    host.after(minute_ms).take_in(report);
    return host.take();
  };
  CHECK(reports(Receipt::sent, false).empty());
  CHECK(reports(Receipt::bounced, false).empty());
  CHECK(host.told({"held_cap"}).empty());
  CHECK(reports(Receipt::failed, false) == Lines{"s"});
  CHECK(host.told({"held_cap"}) == Lines{"held_cap s"});
  CHECK(reports(Receipt::failed, false).empty());
  CHECK(reports(Receipt::bounced, true).empty());
  CHECK(host.told({"held_cap"}).empty());
}

TEST_CASE("account: another clock of one wakes none of the others", "[engine][account][S13]") {
  Host host = held_behind_jan();
  host.identify({{"zone", "Asia/Tokyo"}}, "jan");
  CHECK(host.told({"held_cap"}).empty());
  host.identify({{"zone", "Asia/Tokyo"}});
  CHECK(host.told({"held_cap"}) == Lines{"held_cap s"});
}

}  // namespace itinera::test
