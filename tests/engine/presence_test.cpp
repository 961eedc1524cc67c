// SPDX-License-Identifier: Apache-2.0
// Channels with `delivery: pull`: their messages wait until the contact is present.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string chat(std::string_view rest = "") {
  return fmt::format(
      "workspace: shop\nzone: Europe/Warsaw\nchannels:\n"
      "  chat: {{address: contact.session, delivery: pull}}\n"
      "  app: {{address: contact.app, delivery: pull}}\n"
      "  email: {{address: contact.email, consent: opt_out}}\n  id: {{address: contact.id}}\n{}",
      rest);
}

std::string sends(std::string_view send, std::string_view head = "") {
  return fmt::format(
      "campaign: c\nentry: [{{event: go}}]\n{}steps:\n  - {{id: mail, {}}}\n"
      "  - {{send: id, id: next, class: transactional}}\n  - exit: done\n"
      "  - {{send: id, id: other, class: transactional}}\n",
      head, send);
}

}  // namespace

TEST_CASE("presence: a message waits for the contact, over a restart", "[engine][pull]") {
  Host host(sends("send: chat"), chat());
  host.event("go");
  CHECK(host.take().empty());
  CHECK(host.told({"held_presence", "no_address"}) == Lines{"held_presence mail"});
  CHECK_FALSE(host.next_deadline());
  host.crash().after(day_ms).identify({{"name", "Ola"}});
  CHECK(host.take().empty());
  host.after(1).identify({{"session", "s1"}});
  CHECK(host.take() == Lines{"mail", "next"});
  CHECK(host.action("mail").address == "s1");
}

TEST_CASE("presence: who is there gets it at once, and who has left does not", "[engine][pull]") {
  Host host(sends("send: chat"), chat());
  host.identify({{"session", "s1"}});
  SECTION("there") {
    host.event("go");
    CHECK(host.take() == Lines{"mail", "next"});
  }
  SECTION("left") {
    host.after(1).identify({{"session", Value()}}).event("go");
    CHECK(host.take().empty());
    host.after(1).identify({{"session", "s2"}});
    CHECK(host.take() == Lines{"mail", "next"});
    CHECK(host.action("mail").address == "s2");
  }
}

TEST_CASE("presence: a message goes stale", "[engine][pull][S15]") {
  Host host(sends("send: chat, expires: 3d, on_expire: other"), chat());
  host.event("go");
  CHECK(host.take().empty());
  CHECK(host.next_deadline() == host.clock() + 3 * day_ms);
  SECTION("nobody came") {
    host.after(3 * day_ms).advance();
    CHECK(host.take() == Lines{"other"});
    CHECK(host.told({"expired"}) == Lines{"expired (absent) mail"});
  }
  SECTION("at the last instant") {
    host.after(3 * day_ms).identify({{"session", "s1"}});
    CHECK(host.take() == Lines{"mail", "next"});
  }
}

TEST_CASE("presence: a channel that is not pulled any more holds nobody", "[engine][pull]") {
  Host host(sends("send: chat"), chat());
  host.event("go");
  CHECK(host.take().empty());
  SECTION("and one that still is does") {
    host.after(1).publish(sends("send: chat"));
    CHECK(host.take().empty());
  }
  SECTION("since nobody need come for its messages") {
    host.workspace(
        "workspace: shop\nzone: Europe/Warsaw\nchannels:\n"
        "  chat: {address: contact.session}\n  id: {address: contact.id}\n");
    host.after(1).publish(sends("send: chat"));
    CHECK(host.take() == Lines{"next"});
    CHECK(host.told({"no_address"}) == Lines{"no_address mail"});
  }
}

TEST_CASE("presence: of several channels only who is present can be reached there",
          "[engine][pull][channel]") {
  Host host(sends("send: [chat, email]"), chat());
  SECTION("the other one") {
    host.identify({{"email", "o@example.com"}}).event("go");
    CHECK(host.take() == Lines{"mail", "next"});
    CHECK(host.action("mail").channel == "email");
    for (const Told& each : host.story()) {
      if (each.what != "chose_channel") continue;
      CHECK(to_json(*each.value) == R"([{"channel":"chat","found":"no_address","reason":"absent"},)"
                                    R"({"channel":"email","found":"chose_channel"}])");
    }
  }
  SECTION("present") {
    host.identify({{"email", "o@example.com"}, {"session", "s1"}}).event("go");
    CHECK(host.take() == Lines{"mail", "next"});
    CHECK(host.action("mail").channel == "chat");
  }
  SECTION("neither: it does not wait") {
    host.event("go");
    CHECK(host.take() == Lines{"next"});
    CHECK(host.told({"no_address"}) == Lines{"no_address (absent) mail"});
  }
}

TEST_CASE("presence: a message of pulled channels only waits for the first", "[engine][pull]") {
  Host host(sends("send: [chat, app]"), chat());
  host.event("go");
  CHECK(host.take().empty());
  host.after(1).identify({{"app", "a1"}});
  CHECK(host.take() == Lines{"mail", "next"});
  CHECK(host.action("mail").channel == "app");
}

TEST_CASE("presence: counts when it goes out", "[engine][pull][S17]") {
  Host host(sends("send: chat"), chat("policy: {caps: [{max: 1, per: 24h, channels: [chat]}]}\n"));
  host.event("go").after(2 * day_ms).identify({{"session", "s1"}});
  CHECK(host.take() == Lines{"mail", "next"});
  host.after(day_ms - 1).event("go");
  CHECK(host.told({"skipped_cap"}) == Lines{"skipped_cap mail"});
  host.after(1).event("go");
  CHECK(host.take() == Lines{"next", "mail", "next"});
}

TEST_CASE("presence: the other gates are passed then", "[engine][pull][S14]") {
  Host host(sends("send: chat"), chat("policy: {quiet_hours: {from: \"21:00\", to: \"08:00\"}}\n"));
  host.event("go").at("2026-03-02T22:00:00Z").identify({{"session", "s1"}});
  CHECK(host.take().empty());
  CHECK(run_to(host, "2026-03-03T07:00:00Z").front() == "2026-03-03T07:00:00Z mail");
}

TEST_CASE("presence: an exit cancels what waits", "[engine][pull][S28]") {
  Host host(sends("send: chat", "exits: [{condition: contact.session == \"s1\"}]\n"), chat());
  host.event("go").after(1).identify({{"session", "s1"}});
  CHECK(host.take().empty());
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

TEST_CASE("presence: a message may step aside meanwhile", "[engine][pull]") {
  Host host(sends("send: chat, while_held: aside"), chat());
  host.event("go");
  CHECK(host.take() == Lines{"next"});
  host.after(1).identify({{"session", "s1"}});
  CHECK(host.take() == Lines{"mail"});
  CHECK(host.told({"finished"}) == Lines{"finished (done) exit-1"});
}

TEST_CASE("presence: an escalation passes over who is not there", "[engine][pull][channel]") {
  Host host(sends("send: [email, chat], escalate: {after: 1h}"), chat());
  host.identify({{"email", "o@example.com"}}).event("go");
  CHECK(host.take() == Lines{"mail"});
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"next"});
}

TEST_CASE("presence: a campaign's own step may bring it", "[engine][pull]") {
  Host host(sends("send: chat") +
                "---\ncampaign: d\nentry: [{event: visit}]\n"
                "steps: [{set: {session: =entry.session}}]\n",
            chat());
  host.event("go").after(1).event("visit", {{"session", "s9"}});
  const Lines out = host.take();
  CHECK(std::count(out.begin(), out.end(), "mail") == 1);
}

}  // namespace itinera::test
