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
