// SPDX-License-Identifier: Apache-2.0
// Which of several channels a send takes, and how it goes on to the next.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string workspace(std::string_view more = "") {
  return fmt::format(
      "workspace: shop\nchannels:\n"
      "  push: {{address: contact.token, consent: opt_out, cost: 0.001, devices: [mobile]}}\n"
      "  sms: {{address: contact.phone, consent: none, cost: 0.04, devices: [mobile]}}\n"
      "  email: {{address: contact.mail, consent: none, cost: 0.0005, devices: [desktop]}}\n{}",
      more);
}

std::string sends(std::string_view more = "") {
  return fmt::format(
      "campaign: c\nreentry: always\nentry: [{{event: go}}]\nsteps:\n"
      "  - {{send: [push, sms, email], id: mail{}}}\n  - {{audience: {{add: next}}, id: next}}\n",
      more);
}

Host& know(Host& host, Properties more = {}) {
  Properties all{{"token", "t"}, {"phone", "48"}, {"mail", "ola@example.pl"}};
  for (Property& each : more) {
    std::erase_if(all, [&](const Property& known) { return known.name == each.name; });
    all.push_back(std::move(each));
  }
  return host.identify(all);
}

// The channels of all sends taken so far.
Lines channels(const Host& host) {
  Lines lines;
  for (const Taken& each : host.actions()) {
    if (each.kind == Action::Kind::send) lines.push_back(each.channel);
  }
  return lines;
}

std::string found(Host& host) {
  std::string text;
  for (const Told& each : host.story()) {
    if (each.what == "chose_channel") text = to_json(*each.value);
  }
  return text;
}

}  // namespace

TEST_CASE("choice: the first listed that reaches the contact and is permitted",
          "[engine][choice]") {
  Host host(sends(), workspace());
  SECTION("all do") {
    know(host).event("go").take();
    CHECK(channels(host) == Lines{"push"});
    CHECK(host.action("mail").address == "t");
  }
  SECTION("no address") {
    know(host, {{"token", Value()}}).event("go").take();
    CHECK(channels(host) == Lines{"sms"});
    CHECK(found(host) ==
          R"([{"channel":"push","found":"no_address"},{"channel":"sms","found":"chose_channel"},)"
          R"({"channel":"email","found":"not_preferred"}])");
  }
  SECTION("no consent") {
    know(host);
    const std::vector<Consent> no{{"push", "", false, ""}};
    Identify identify = host.an_identify({});
    identify.consents = no;
    host.take_in(identify).event("go").take();
    CHECK(channels(host) == Lines{"sms"});
  }
  SECTION("none of them") {
    host.event("go");
    CHECK(host.take() == Lines{"next"});
    CHECK(host.told({"chose_channel", "no_address"}) ==
          Lines{"chose_channel mail", "no_address mail"});
  }
}

TEST_CASE("prefer: cost, device, and what the contact prefers", "[engine][choice]") {
  SECTION("the cheapest") {
    Host host(sends(", prefer: cost"), workspace());
    know(host).event("go").take();
    CHECK(channels(host) == Lines{"email"});
  }
  SECTION("the device seen last") {
    Host host(sends(", prefer: device"), workspace());
    know(host, {{"device", "desktop"}}).event("go").take();
    know(host.after(1), {{"device", "mobile"}}).event("go").take();
    know(host.after(1), {{"device", Value()}}).event("go").take();
    CHECK(channels(host) == Lines{"email", "push", "push"});
  }
  SECTION("a preference, or several") {
    Host host(sends(", prefer: preference"), workspace());
    know(host, {{"preferred_channel", "sms"}}).event("go").take();
    const Value list(Value::List{Value("email"), Value("sms")});
    know(host.after(1), {{"preferred_channel", list}}).event("go").take();
    know(host.after(1), {{"preferred_channel", "pigeon"}}).event("go").take();
    CHECK(channels(host) == Lines{"sms", "email", "push"});
  }
}

TEST_CASE("prefer: engaged, with the average of all for those of whom little is known",
          "[engine][choice]") {
  Host host(sends(", prefer: engaged") + "---\ncampaign: d\nreentry: always\n" +
                "entry: [{event: sms}]\nsteps: [{send: sms, id: sms}]\n",
            workspace());
  know(host).event("go").take();
  CHECK(channels(host) == Lines{"push"});  // nothing is known: as listed
  // One SMS was answered, and each push ignored.
  host.after(1).event("sms").take();
  host.after(1).report(Receipt::replied, "sms").report(Receipt::opened, "sms");
  host.crash().after(1).event("go").take();
  CHECK(channels(host).back() == "sms");
  // Another contact follows the average.
  host.after(1).identify({{"token", "t2"}, {"phone", "49"}, {"mail", "m"}}, "jan");
  host.event("go", {}, "jan").take();
  CHECK(channels(host).back() == "sms");
}

TEST_CASE("escalate: down the list until the contact reacts", "[engine][choice]") {
  Host host(sends(", escalate: {after: 2h, unless: opened}"), workspace());
  know(host).event("go");
  CHECK(host.take() == Lines{"mail"});
  host.after(hour_ms).crash();
  SECTION("at once") { CHECK(host.report(Receipt::opened, "mail").take() == Lines{"next"}); }
  SECTION("a click is no opening") { CHECK(host.report(Receipt::clicked, "mail").take().empty()); }
  SECTION("never: the journey goes on after the last") {
    CHECK(run_to(host, "2026-03-02T23:00:00Z") == Lines{"2026-03-02T11:00:00Z mail",
                                                        "2026-03-02T13:00:00Z mail",
                                                        "2026-03-02T13:00:00Z next"});
    CHECK(channels(host) == Lines{"push", "sms", "email"});
    CHECK(host.told({"escalated"}).size() == 2);
    // An id of its own for each.
    CHECK(host.actions()[0].id != host.actions()[1].id);
    CHECK(host.actions()[1].id != host.actions()[2].id);
  }
  SECTION("to the first message, when the second is out") {
    host.after(hour_ms).advance();
    CHECK(host.take() == Lines{"mail"});
    const ActionId first = host.actions().front().id;
    CHECK(host.after(1).take_in(host.a_report(Receipt::opened, first)).take() == Lines{"next"});
  }
  SECTION("a failure goes on at once") {
    CHECK(host.report(Receipt::failed, "mail").take() == Lines{"mail"});
    CHECK(channels(host) == Lines{"push", "sms"});
  }
  SECTION("what is said once more of a message before the newest is no news") {
    const ActionId first = host.actions().front().id;
    CHECK(host.report(Receipt::failed, "mail").take() == Lines{"mail"});
    CHECK(host.after(1).take_in(host.a_report(Receipt::failed, first)).take().empty());
    CHECK(host.after(1).take_in(host.a_report(Receipt::bounced, first)).take().empty());
    CHECK(channels(host) == Lines{"push", "sms"});
  }
  SECTION("past channels that do not reach") {
    host.identify({{"phone", Value()}});
    CHECK(run_to(host, "2026-03-02T11:00:00Z") ==
          Lines{"2026-03-02T11:00:00Z mail", "2026-03-02T11:00:00Z next"});
    CHECK(channels(host) == Lines{"push", "email"});
  }
  SECTION("or ends where none is left") {
    host.identify({{"phone", Value()}, {"mail", Value()}});
    CHECK(run_to(host, "2026-03-02T11:00:00Z") == Lines{"2026-03-02T11:00:00Z next"});
  }
}

TEST_CASE("escalate: not beyond the time the message is worth having", "[engine][choice][S15]") {
  Host host(sends(", expires: 90m, escalate: {after: 1h, unless: opened}"), workspace());
  know(host).event("go").take();
  CHECK(run_to(host, "2026-03-02T23:00:00Z") ==
        Lines{"2026-03-02T10:00:00Z mail", "2026-03-02T11:00:00Z next"});
  CHECK(channels(host) == Lines{"push", "sms"});
}

TEST_CASE("escalate: another visit of the step begins anew", "[engine][choice][S25]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - {send: [push, sms], id: mail, escalate: {after: 1h}, max_visits: 2}\n"
      "  - wait: 1d\n  - goto: mail\n",
      workspace());
  know(host).event("go");
  CHECK(run_to(host, "2026-03-05T00:00:00Z").size() == 3);
  CHECK(channels(host) == Lines{"push", "sms", "push", "sms"});
}

TEST_CASE("escalate: what is reported of a message out is heard while the next channel is held",
          "[engine][choice][S14]") {
  const auto begins = [](Host& host) -> Host& {
    know(host).event("go").advance();
    CHECK(host.take() == Lines{"mail"});
    CHECK(run_to(host, "2026-03-02T11:00:00Z").empty());  // sms is chosen, and held
    return host.crash();
  };
  const std::string quiet =
      "policy: {quiet_hours: {from: \"10:00\", to: \"16:00\", channels: sms}}\n";
  const std::string escalates = ", escalate: {after: 1h, unless: opened}";
  SECTION("in quiet hours") {
    Host host(sends(escalates), workspace(quiet));
    begins(host);
    SECTION("the reaction") {
      CHECK(host.report(Receipt::opened, "mail").take() == Lines{"next"});
      CHECK(host.told({"resolved"}) == Lines{"resolved (case) mail"});
      CHECK(run_to(host.crash(), "2026-03-03T09:00:00Z").empty());
    }
    SECTION("at the instant at which it would be released") {
      host.at("2026-03-02T16:00:00Z").report(Receipt::opened, "mail").advance();
      CHECK(host.take() == Lines{"next"});
    }
    SECTION("another receipt is none, and a failure has nothing to change") {
      CHECK(host.report(Receipt::clicked, "mail").take().empty());
      CHECK(host.report(Receipt::failed, "mail").take().empty());
      CHECK(host.report(Receipt::bounced, "mail").take().empty());
      CHECK(run_to(host, "2026-03-02T16:00:00Z") == Lines{"2026-03-02T16:00:00Z mail"});
      CHECK(channels(host) == Lines{"push", "sms"});
    }
  }
  SECTION("an exit") {
    const std::string exits = "exits: [{opened: mail}]\n";
    Host host("campaign: c\n" + exits + sends(escalates).substr(sizeof "campaign: c"),
              workspace(quiet));
    begins(host).report(Receipt::opened, "mail");
    CHECK(run_to(host, "2026-03-03T09:00:00Z").empty());
    CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
  }
  SECTION("by a cap") {
    const std::string other = "---\ncampaign: d\nentry: [{event: x}]\nsteps: [{send: sms}]\n";
    Host host(sends(escalates + ", on_cap: hold") + other,
              workspace("policy: {caps: [{max: 1, per: 24h, channel: sms}]}\n"));
    know(host).event("x").take();
    begins(host);
    CHECK(host.report(Receipt::opened, "mail").take() == Lines{"next"});
    CHECK(run_to(host, "2026-03-05T09:00:00Z").empty());
  }
  SECTION("by its account, which is then another's") {
    const std::string other =
        "---\ncampaign: d\nentry: [{event: x}]\nsteps: [{send: sms, id: d, sender: anna}]\n";
    Host host(sends(escalates + ", sender: anna") + other,
              workspace("senders: {anna: {channel: sms, quota: {per: day, all: 1}}}\n"));
    know(host).identify({{"phone", "49"}}, "jan").identify({{"phone", "50"}}, "eva");
    host.event("x", {}, "jan").advance();
    CHECK(host.take() == Lines{"d@jan"});
    begins(host).event("x", {}, "eva");
    CHECK(host.report(Receipt::opened, "mail").take() == Lines{"next"});
    CHECK(run_to(host.crash(), "2026-03-05T09:00:00Z") == Lines{"2026-03-03T00:00:00Z d@eva"});
  }
  SECTION("in a strand") {
    Host host(
        "campaign: c\nentry: [{event: go}]\nsteps:\n  - parallel:\n    - steps:\n"
        "        - {send: [push, sms], id: mail, escalate: {after: 1h, unless: opened}}\n"
        "        - {audience: {add: next}, id: next}\n    - steps: [{wait: 30d}]\n",
        workspace(quiet));
    CHECK(begins(host).report(Receipt::opened, "mail").take() == Lines{"next"});
    CHECK(run_to(host, "2026-03-05T09:00:00Z").empty());
  }
}

TEST_CASE("escalate: with on_fail the outcome of the last channel decides", "[engine][choice]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - {send: [push, sms], id: mail, escalate: {after: 1h}, on_fail: other}\n"
      "  - {audience: {add: next}, id: next}\n  - exit: done\n"
      "  - {audience: {add: other}, id: other}\n",
      workspace());
  know(host).event("go").take();
  SECTION("of one before it nothing is settled") {
    CHECK(host.report(Receipt::sent, "mail").report(Receipt::delivered, "mail").take().empty());
    CHECK(run_to(host, "2026-03-02T10:00:00Z") == Lines{"2026-03-02T10:00:00Z mail"});
    const ActionId first = host.actions().front().id;
    host.take_in(host.a_report(Receipt::delivered, first));
    CHECK(host.take().empty());
  }
  host.after(hour_ms).advance().take();
  REQUIRE(channels(host) == Lines{"push", "sms"});
  host.after(1).crash();
  SECTION("sent") {
    CHECK(host.report(Receipt::sent, "mail").take() == Lines{"next"});
    const std::vector<Told> story = host.story();
    const auto resolved = std::find_if(story.begin(), story.end(),
                                       [](const Told& each) { return each.what == "resolved"; });
    REQUIRE(resolved != story.end());
    CHECK(resolved->choice == "sent");
  }
  SECTION("delivered") { CHECK(host.report(Receipt::delivered, "mail").take() == Lines{"next"}); }
  SECTION("failed") { CHECK(host.report(Receipt::failed, "mail").take() == Lines{"other"}); }
  SECTION("bounced") { CHECK(host.report(Receipt::bounced, "mail").take() == Lines{"other"}); }
  SECTION("nothing for a quarter of an hour") {
    CHECK(host.after(15 * minute_ms).advance().take() == Lines{"next"});
  }
}

TEST_CASE("escalate: what has gone out by one channel is not skipped for want of another",
          "[engine][choice][S15][S16]") {
  const std::string exits = ", on_skip: exit";
  const std::string escalates = ", escalate: {after: 1h}";
  const std::string sms_full = "policy: {caps: [{max: 0, per: 24h, channel: sms}]}\n";
  const std::string to_sms =
      sends(escalates + exits)
          .replace(sends(escalates + exits).find("[push, sms, email]"), 18, "[push, sms]");
  const auto runs = [](const std::string& campaign, const std::string& policy,
                       const Properties& then = {}) {
    Host host(campaign, workspace(policy));
    know(host).event("go").take();
    if (!then.empty()) host.identify(then);
    const Lines lines = run_to(host.crash(), "2026-03-02T10:00:00Z");
    CHECK(lines == Lines{"2026-03-02T10:00:00Z next"});
    CHECK(channels(host) == Lines{"push"});
    return host.told({"exited", "finished"}) == Lines{"finished"};
  };
  CHECK(runs(to_sms, sms_full));
  CHECK(runs(to_sms, "", {{"phone", Value()}}));
  CHECK(runs(std::string(to_sms).insert(to_sms.find("on_skip"), "on_cap: exit, "), sms_full));
  CHECK(runs(std::string(to_sms).insert(to_sms.find("on_skip"), "when: \"!has(contact.out)\", "),
             "schema: {attributes: {token: string, phone: string, mail: string, out: string}}\n",
             {{"out", "yes"}}));
  CHECK(runs(std::string(to_sms).insert(to_sms.find("on_skip"), "expires: 3h, on_expire: exit, "),
             "policy: {quiet_hours: {from: \"10:00\", to: \"16:00\", channels: sms}}\n"));
  SECTION("nor do conditions find it skipped") {
    const std::string asks = std::string(to_sms).replace(
        to_sms.find("id: next}"), 9, "id: next, when: 'outcome(\"mail\") == \"emitted\"'}");
    CHECK(runs(asks, sms_full));
  }
  SECTION("where nothing has, it is") {
    Host host(to_sms, workspace(sms_full));
    know(host, {{"token", Value()}}).event("go");
    CHECK(host.take().empty());
    CHECK(host.told({"skipped_cap", "exited"}) == Lines{"skipped_cap mail", "exited (skipped)"});
  }
}

TEST_CASE("choice: what is told of a send names the channel that it is about",
          "[engine][choice][story]") {
  const auto named = [](Host& host) {
    Lines lines;
    for (const Told& each : host.story()) {
      if (each.step == "mail") lines.push_back(each.what + " " + each.channel);
    }
    return lines;
  };
  SECTION("chosen, and refused") {
    Host host(sends(), workspace("policy: {caps: [{max: 0, per: 24h, channel: sms}]}\n"));
    know(host, {{"token", Value()}}).event("go");
    CHECK(named(host) == Lines{"ready push", "chose_channel sms", "skipped_cap sms"});
  }
  SECTION("held, and stale") {
    Host host(
        sends(", expires: 3h"),
        workspace("policy: {quiet_hours: {from: \"08:00\", to: \"11:00\", channels: sms}}\n"));
    know(host, {{"token", Value()}}).event("go").take();
    host.crash().after(hour_ms).identify({{"phone", Value()}}).after(hour_ms).advance().take();
    CHECK(named(host) == Lines{"ready push", "chose_channel sms", "held_quiet_hours sms",
                               "ready sms", "chose_channel email", "emitted email"});
  }
  SECTION("none can be taken: the one liked best") {
    Host host(sends(", prefer: cost"), workspace());
    host.event("go");
    CHECK(named(host) == Lines{"ready push", "chose_channel ", "no_address email"});
  }
  SECTION("of an escalation, and of what is reported of each message") {
    Host host(
        "campaign: c\nentry: [{event: go}]\nsteps:\n"
        "  - {send: [push, sms], id: mail, escalate: {after: 1h, unless: opened}}\n",
        workspace("policy: {caps: [{max: 9, per: 24h}]}\n"));
    know(host).event("go").take();
    host.report(Receipt::delivered, "mail").after(hour_ms).advance().take();
    host.take_in(host.a_report(Receipt::clicked, host.actions()[0].id));
    host.take_in(host.a_report(Receipt::clicked, host.actions()[1].id));
    CHECK(named(host) == Lines{"ready push", "chose_channel push", "emitted push", "waited push",
                               "receipt push", "escalated push", "chose_channel sms", "emitted sms",
                               "reported_late push", "reported_late sms"});
  }
  SECTION("in flight, while the other has been sent") {
    Host host(sends(", escalate: {after: 1h, unless: opened}"), workspace());
    know(host).event("go").take();
    host.after(hour_ms).advance().take();
    host.take_in(host.a_report(Receipt::delivered, host.actions()[0].id));
    host.take_in(host.a_report(Receipt::delivered, host.actions()[1].id));
    const Lines all = named(host);
    REQUIRE(all.size() > 2);
    CHECK(Lines(all.end() - 2, all.end()) == Lines{"receipt push", "receipt sms"});
  }
}

TEST_CASE("choice: caps and quiet hours are those of the channel that was chosen",
          "[engine][choice]") {
  Host host(sends(), workspace("policy: {caps: [{max: 1, per: 24h, channel: push}]}\n"));
  know(host).event("go").take();
  host.after(1).event("go").take();
  CHECK(channels(host) == Lines{"push"});
  know(host.after(1), {{"token", Value()}}).event("go").take();
  CHECK(channels(host) == Lines{"push", "sms"});
}

}  // namespace itinera::test
