// SPDX-License-Identifier: Apache-2.0
// Who may be written to: consent by channel and topic, suppressed addresses, and refusals that come
// between emission and taking.
#include <fmt/format.h>

#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view channels =
    "workspace: shop\n"
    "zone: Europe/Warsaw\n"
    "topics: [news, offers]\n"
    "channels:\n"
    "  email: {address: contact.email, consent: opt_in}\n"
    "  push: {address: contact.email, consent: opt_out}\n"
    "  id: {address: contact.id, consent: none}\n";

std::string sends(std::string_view channel, std::string_view more = "") {
  return fmt::format(
      "campaign: c\ntopic: news\nentry: [{{event: go}}]\nsteps:\n"
      "  - {{send: {}, id: mail{}}}\n  - wait: 30d\n",
      channel, more);
}

Host& say(Host& host, bool granted, std::string_view topic = "", std::string_view channel = "email",
          std::string_view contact = "ola") {
  const std::vector<Consent> consents{{channel, topic, granted, "form"}};
  const Properties attributes{{"email", "ola@example.pl"}};
  Identify identify = host.an_identify(attributes, contact);
  identify.consents = consents;
  return host.take_in(identify);
}

const auto refusals = {std::string_view("no_consent"), std::string_view("suppressed"),
                       std::string_view("withdrawn_consent"), std::string_view("no_address")};

}  // namespace

TEST_CASE("consent: a channel with opt_in sends only to those who granted it", "[engine][gate]") {
  Host host(sends("email"), channels);
  host.identify({{"email", "ola@example.pl"}}).event("go");
  CHECK(host.take().empty());
  CHECK(host.told(refusals) == Lines{"no_consent mail"});
  say(host.after(1), true).event("go");
  host.stop("c").event("go");
  CHECK(host.take() == Lines{"mail"});
  say(host.after(1), false).stop("c").event("go");
  CHECK(host.take().empty());
  CHECK(host.told(refusals) == Lines{"no_consent (denied) mail"});
}

TEST_CASE("consent: a channel with opt_out sends to all who did not deny it", "[engine][gate]") {
  Host host(sends("push"), channels);
  host.identify({{"email", "ola@example.pl"}}).event("go");
  CHECK(host.take() == Lines{"mail"});
  say(host.after(1), false, "", "push").stop("c").event("go");
  CHECK(host.take().empty());
  CHECK(host.told(refusals) == Lines{"no_consent (denied) mail"});
}

TEST_CASE("consent: the word on the message's topic counts before that on the channel",
          "[engine][gate]") {
  Host host(sends("email"), channels);
  say(host, true);
  say(host.after(1), false, "news").event("go");
  CHECK(host.take().empty());
  say(host.after(1), true, "news").stop("c").event("go");
  CHECK(host.take() == Lines{"mail"});

  Host other(sends("email", ", topic: offers"), channels);
  say(other, true);
  say(other.after(1), false, "news").event("go");
  CHECK(other.take() == Lines{"mail"});
}

TEST_CASE("consent: a transactional message passes it, but no suppression", "[engine][gate]") {
  Host host(sends("email", ", class: transactional"), channels);
  say(host, false).event("go");
  CHECK(host.take() == Lines{"mail"});
  host.report(Receipt::complained, "mail").stop("c").after(1).event("go");
  CHECK(host.take().empty());
  CHECK(host.told(refusals) == Lines{"suppressed (complained) mail"});
}

TEST_CASE("suppression: a hard bounce or a complaint closes the address, not the person",
          "[engine][gate]") {
  Host host(sends("id", ""), "workspace: w\nchannels: {id: {address: contact.mail}}\n");
  host.identify({{"mail", "old@example.pl"}}).event("go");
  CHECK(host.take() == Lines{"mail"});
  SECTION("a soft bounce does not") {
    Report report = host.a_report(Receipt::bounced, host.action("mail").id);
    report.hard = false;
    host.take_in(report).stop("c").after(1).event("go");
    CHECK(host.take() == Lines{"mail"});
  }
  SECTION("a hard one does, for everybody who has the address, and after a restart") {
    // The address is that which the message went to.
    host.identify({{"mail", "new@example.pl"}}).report(Receipt::bounced, "mail").crash();
    host.stop("c").after(1).event("go");
    CHECK(host.take() == Lines{"mail"});
    host.identify({{"mail", "old@example.pl"}}, "jan").event("go", {}, "jan");
    CHECK(host.take().empty());
    CHECK(host.told(refusals) == Lines{"suppressed (bounced) mail"});
  }
}

TEST_CASE(
    "unsubscribed: consent for the channel and the topic is revoked, until it is granted anew",
    "[engine][gate]") {
  Host host(sends("email"), channels);
  say(host, true).event("go");
  CHECK(host.take() == Lines{"mail"});
  host.after(1).report(Receipt::unsubscribed, "mail").stop("c").event("go");
  CHECK(host.take().empty());
  CHECK(host.told(refusals) == Lines{"no_consent (unsubscribed) mail"});
  say(host.after(1), true, "news").stop("c").event("go");
  CHECK(host.take() == Lines{"mail"});
}

TEST_CASE("unsubscribed: it is heeded though the journey has ended long ago", "[engine][gate]") {
  Host host("campaign: c\ntopic: news\nentry: [{event: go}]\nsteps: [{send: email, id: mail}]\n",
            channels);
  say(host, true).event("go");
  CHECK(host.take() == Lines{"mail"});
  host.after(20 * day_ms).crash().report(Receipt::unsubscribed, "mail").event("go");
  CHECK(host.take().empty());
  CHECK(host.told({"reported_late", "no_consent"}) ==
        Lines{"reported_late mail", "no_consent (unsubscribed) mail"});
  CHECK(host.statistics().reports_late == 1);
  CHECK(host.statistics().reports_unmatched == 0);
}

TEST_CASE("late receipts: after their time they are no longer known", "[engine][gate]") {
  Host host("campaign: c\ntopic: news\nentry: [{event: go}]\nsteps: [{send: email, id: mail}]\n",
            channels);
  say(host, true).event("go");
  host.take();
  const ActionId first = host.action("mail").id;
  host.after(31 * day_ms).event("go");
  CHECK(host.take() == Lines{"mail"});
  host.take_in(host.a_report(Receipt::unsubscribed, first)).event("go");
  CHECK(host.take() == Lines{"mail"});
  CHECK(host.statistics().reports_unmatched == 1);
}

TEST_CASE("taking: who has refused since the emission is not written to", "[engine][S19]") {
  Host host(sends("email"), channels);
  say(host, true).event("go");
  SECTION("the word came in between") {
    say(host.after(1), false);
    CHECK(host.take().empty());
    CHECK(host.told(refusals) == Lines{"withdrawn_consent (denied) mail"});
    CHECK(host.statistics().actions_withdrawn == 1);
    // A withdrawal before taking moves no journey, and is not retried.
    say(host.after(1), true).advance();
    CHECK(host.take().empty());
  }
  SECTION("somebody else's did not concern it") {
    say(host.after(1), false, "", "email", "jan");
    CHECK(host.take() == Lines{"mail"});
  }
  SECTION("after taking it is too late") {
    CHECK(host.take() == Lines{"mail"});
    say(host.after(1), false);
    CHECK(host.take().empty());
    CHECK(host.told(refusals).empty());
  }
}

TEST_CASE("taking: an address that was closed in between is not written to", "[engine][S19]") {
  Host host(
      "campaign: c\ntopic: news\nentry: [{event: go}]\nsteps:\n"
      "  - {send: id, id: first}\n  - wait: 1h\n  - {send: id, id: second}\n  - wait: 1d\n",
      "workspace: w\nchannels: {id: {address: contact.id}}\n");
  host.event("go");
  CHECK(host.take() == Lines{"first"});
  host.after(hour_ms).advance().report(Receipt::complained, "first");
  CHECK(host.take().empty());
  CHECK(host.told(refusals) == Lines{"withdrawn_consent (complained) second"});
}

TEST_CASE("on_skip: the way that a refused send takes", "[engine][gate]") {
  const std::string_view way = GENERATE("exit", "other", "continue");
  Host host(fmt::format("campaign: c\nentry: [{{event: go}}]\nsteps:\n"
                        "  - {{send: email, id: mail, on_skip: {}}}\n"
                        "  - {{send: id, id: next}}\n"
                        "  - {{send: id, id: other}}\n",
                        way),
            channels);
  host.event("go");
  const Lines expected = way == "exit"    ? Lines{}
                         : way == "other" ? Lines{"other"}
                                          : Lines{"next", "other"};
  CHECK(host.take() == expected);
  CHECK(host.told({"exited"}) == (way == "exit" ? Lines{"exited (skipped)"} : Lines{}));
}

TEST_CASE("on_fail: the journey stays until it is known what became of the message",
          "[engine][gate]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - {send: id, id: mail, on_fail: other, confirm_within: 10m}\n"
      "  - {call: next, id: next}\n  - exit: done\n  - {call: other, id: other}\n");
  host.event("go");
  CHECK(host.take() == Lines{"mail"});
  host.after(minute_ms).crash();
  SECTION("sent") { CHECK(host.report(Receipt::sent, "mail").take() == Lines{"next"}); }
  SECTION("delivered") { CHECK(host.report(Receipt::delivered, "mail").take() == Lines{"next"}); }
  SECTION("failed") { CHECK(host.report(Receipt::failed, "mail").take() == Lines{"other"}); }
  SECTION("bounced") { CHECK(host.report(Receipt::bounced, "mail").take() == Lines{"other"}); }
  SECTION("opened is no news of that") {
    CHECK(host.report(Receipt::opened, "mail").take().empty());
  }
  SECTION("nothing") {
    host.after(9 * minute_ms - 1).advance();
    CHECK(host.take().empty());
    host.after(1).advance();
    CHECK(host.take() == Lines{"next"});
  }
}

TEST_CASE("engaged: a message that was opened after its journey counts", "[engine][traces]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps: [{send: id, id: mail}]\n---\n"
      "campaign: d\nentry: [{event: ask}]\nsteps:\n"
      "  - branch: [{when: 'engaged(\"id\", \"30d\")', steps: [{send: id, id: yes_}]}]\n"
      "    else: [{send: id, id: no_}]\n");
  host.event("go");
  CHECK(host.take() == Lines{"mail"});
  host.after(hour_ms).event("ask");
  CHECK(host.take() == Lines{"no_"});
  host.report(Receipt::opened, "mail").event("ask");
  CHECK(host.take() == Lines{"yes_"});
}

TEST_CASE("taking: a consent that a publication asks for is asked of what was emitted before",
          "[engine][S19]") {
  Host host(sends("id"), "workspace: w\nchannels: {id: {address: contact.id}}\n");
  host.event("go");
  host.workspace("workspace: w\nchannels: {id: {address: contact.id, consent: opt_in}}\n");
  host.publish(sends("id"));
  Result<Engine> twin = load_pieces(pieces_of(host.engine()), host.options());
  REQUIRE(twin);
  CHECK(twin->take_output().actions.empty());
  const bool restored = GENERATE(false, true);
  if (restored) host.crash();
  CHECK(host.take().empty());
  CHECK(host.told(refusals) == Lines{"withdrawn_consent mail"});
}

}  // namespace itinera::test
