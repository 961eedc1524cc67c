// SPDX-License-Identifier: Apache-2.0
// Consents: what a contact agreed to or refused, and the functions that ask for that, for addresses
// and for what became of a step.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view channels =
    "workspace: shop\n"
    "zone: Europe/Warsaw\n"
    "topics: [news, offers]\n"
    "channels:\n"
    "  email: {address: contact.email, consent: none}\n"
    "  sms: {address: contact.phone, consent: none}\n"
    "  id: {address: contact.id, consent: none}\n";

// Sends to `yes` or `no`, by a condition.
std::string asks(std::string_view condition) {
  return fmt::format(
      "campaign: a\nentry: [{{event: go}}]\nsteps:\n"
      "  - branch: [{{when: '{}', steps: [{{send: id, id: agrees}}]}}]\n"
      "    else: [{{send: id, id: refuses}}]\n",
      condition);
}

struct Said {
  std::string_view channel;
  std::string_view topic;
  bool granted;
};
Host& say(Host& host, std::vector<Said> said, std::optional<Instant> occurred = {},
          std::string_view contact = "ola") {
  std::vector<Consent> consents;
  for (const Said& each : said) consents.push_back({each.channel, each.topic, each.granted, {}});
  Identify identify = host.an_identify({}, contact);
  identify.consents = consents;
  identify.envelope.occurred = occurred;
  return host.take_in(identify);
}

std::string answer(Host& host) {
  host.event("go");
  const Lines lines = host.take();
  return lines.empty() ? "nothing" : lines.back();
}

}  // namespace

TEST_CASE("consent: nothing said is no consent, and the newest word counts", "[engine][S5]") {
  Host host(asks("consented(\"email\")"), channels);
  CHECK(answer(host) == "refuses");
  say(host, {{"email", "", true}});
  CHECK(answer(host) == "agrees");
  say(host, {{"email", "", false}}, host.clock() - hour_ms);
  CHECK(answer(host) == "agrees");
  say(host.after(1), {{"email", "", false}});
  CHECK(answer(host) == "refuses");
  host.crash();
  CHECK(answer(host) == "refuses");
  CHECK(host.told({"consent_set"}).size() == 2);
}

TEST_CASE("consent: a topic has its own, unless the channel was refused since", "[engine][S5]") {
  Host host(asks("consented(\"email\", \"news\")"), channels);
  say(host, {{"email", "", true}});
  CHECK(answer(host) == "agrees");
  say(host.after(1), {{"email", "news", false}});
  CHECK(answer(host) == "refuses");
  say(host.after(1), {{"email", "", true}});
  CHECK(answer(host) == "refuses");
  say(host.after(1), {{"email", "news", true}});
  CHECK(answer(host) == "agrees");
  say(host.after(1), {{"email", "", false}});
  CHECK(answer(host) == "refuses");
  say(host.after(1), {{"email", "news", true}, {"email", "offers", false}});
  CHECK(answer(host) == "agrees");
  say(host, {{"sms", "", false}});
  CHECK(answer(host) == "agrees");
}

TEST_CASE("consent: a word about a channel or a topic that is not there is refused", "[engine]") {
  Host host(asks("consented(\"email\", \"news\")"), channels);
  say(host, {{"email", "", true}});
  const auto refused = [&](Said said) {
    const std::vector<Consent> consents{{said.channel, said.topic, said.granted, {}}};
    Identify identify = host.an_identify({}, "ola");
    identify.consents = consents;
    const auto refusals = host.engine().feed(std::vector<Input>{identify});
    return refusals.empty() ? "taken" : refusals.front().error.message;
  };
  CHECK(refused({"emial", "", false}) == "there is no channel 'emial': did you mean 'email'?");
  CHECK(refused({"email", "newz", false}) == "there is no topic 'newz': did you mean 'news'?");
  CHECK(refused({"fax", "", false}) == "there is no channel 'fax'");
  CHECK(answer(host) == "agrees");
  say(host.after(1), {{"email", "news", false}});
  CHECK(answer(host) == "refuses");
}

TEST_CASE("consent: the step sets it, tells the host, and wakes who waits for it",
          "[engine][S33]") {
  Host host(R"(campaign: double-opt-in
entry: [{event: signup}]
steps:
  - {send: email, id: please}
  - {wait_for: {clicked: please}, within: 7d, else: [{exit: not confirmed}]}
  - {consent: {channel: email, topic: news, state: granted, source: double opt-in}, id: confirm}
  - {send: email, id: welcome, when: 'consented("email", "news")'}
---
campaign: greet
entry: [{event: signup}]
exits: [{condition: 'consented("email", "offers")'}]
steps:
  - {wait_for: {condition: 'consented("email", "news")'}}
  - {send: id, id: greeting}
)",
            channels);
  host.identify({{"email", "o@example.com"}});
  host.event("signup");
  CHECK(host.take() == Lines{"please"});
  host.after(minute_ms).report(Receipt::clicked, "please");
  CHECK(host.take() == Lines{"confirm", "welcome", "greeting"});
  const Taken& action = host.action("confirm");
  CHECK(action.kind == Action::Kind::consent);
  CHECK(action.channel == "email");
  CHECK(action.topic == "news");
  CHECK(action.granted);
  CHECK(action.source == "double opt-in");
  host.crash();
  host.after(minute_ms).event("signup");
  CHECK(host.take() == Lines{"please", "greeting"});
}

TEST_CASE("consent: an exit acts at the input that says it", "[engine][S28]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\nexits: [{condition: '!consented(\"sms\")'}]\n"
      "steps: [{wait: 30d}]\n",
      channels);
  say(host, {{"sms", "", true}});
  host.event("go");
  CHECK(host.told({"exited"}).empty());
  say(host.after(1), {{"sms", "", false}});
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

TEST_CASE("consent: what the step said is told, even where the journey ends", "[engine][S28]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\nexits: [{event: bye}]\nsteps:\n"
      "  - {consent: {channel: sms, state: denied}, id: stop}\n  - {wait: 1h}\n",
      channels);
  host.event("go").event("bye");
  CHECK(host.take() == Lines{"stop"});
  CHECK_FALSE(host.action("stop").granted);
}

TEST_CASE("consent: an anonymous contact's is taken over, the newer wins",
          "[engine][identity][S5]") {
  Host host(asks("consented(\"email\") && !consented(\"sms\")"), channels);
  say(host, {{"sms", "", false}});
  Identify anonymous = host.an_identify({}, "");
  anonymous.anonymous = "dev";
  const std::vector<Consent> said{{"email", "", true, "pop-up"}, {"sms", "", true, ""}};
  anonymous.consents = said;
  anonymous.envelope.occurred = host.clock() - hour_ms;
  host.take_in(anonymous);
  host.after(1).alias("dev");
  CHECK(answer(host) == "agrees");
  host.crash();
  CHECK(answer(host) == "agrees");
}

TEST_CASE("consent: a repeated message is one, with other consents it is refused", "[engine][S4]") {
  Host host(asks("consented(\"email\")"), channels);
  const std::vector<Consent> yes{{"email", "", true, ""}};
  const std::vector<Consent> no{{"email", "", false, ""}};
  Identify identify = host.an_identify({});
  identify.envelope.message_id = "m1";
  identify.consents = yes;
  CHECK_FALSE(host.feed(identify));
  CHECK_FALSE(host.feed(identify));
  identify.consents = no;
  CHECK(host.feed(identify) == ErrorCode::conflict);
  CHECK(host.statistics().duplicates == 1);
}

TEST_CASE("consent: a contact has so many at most, and each names a channel", "[engine][limits]") {
  Limits limits;
  limits.consents = 2;
  Host host(asks("consented(\"email\")"), channels, limits);
  say(host, {{"email", "", true}, {"email", "news", true}});
  Identify identify = host.an_identify({});
  const std::vector<Consent> third{{"sms", "", true, ""}};
  identify.consents = third;
  CHECK(host.feed(identify) == ErrorCode::limit_reached);
  const std::vector<Consent> known{{"email", "news", false, ""}};
  identify.consents = known;
  CHECK_FALSE(host.feed(identify));
  const std::vector<Consent> nameless{{"", "news", false, ""}};
  identify.consents = nameless;
  CHECK(host.feed(identify) == ErrorCode::invalid_argument);
}

TEST_CASE("consent: a channel refused by a step is refused for its topics too", "[engine][S5]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\nsteps:\n"
      "  - consent: {channel: email, state: denied}\n"
      "  - {send: id, id: wrong, when: 'consented(\"email\", \"news\")'}\n"
      "  - consent: {channel: email, topic: news, state: granted}\n"
      "  - {send: id, id: right, when: 'consented(\"email\", \"news\")'}\n",
      channels);
  say(host, {{"email", "news", true}}, host.clock() + 4 * minute_ms);
  host.event("go");
  CHECK(host.take() == Lines{"consent-1", "consent-2", "right"});
}

TEST_CASE("consent: what was said before may be withdrawn at the limit too", "[engine][limits]") {
  Limits limits;
  limits.consents = 1;
  Host host(asks("consented(\"email\")"), channels, limits);
  host.anonymous_event("go", "web");
  host.take();
  say(host, {{"email", "", true}});
  Identify refuses = host.an_identify({}, "");
  refuses.anonymous = "web";
  const std::vector<Consent> sms{{"sms", "", false, {}}};
  refuses.consents = sms;
  host.take_in(refuses);
  host.alias("web");
  say(host.after(1), {{"email", "", false}});
  CHECK(answer(host) == "refuses");
}

TEST_CASE("consent: their order in a message says nothing", "[engine][S4]") {
  Host host(asks("consented(\"email\")"), channels);
  const std::vector<Consent> one{{"email", "", true, {}}, {"sms", "", false, {}}};
  const std::vector<Consent> other{{"sms", "", false, {}}, {"email", "", true, {}}};
  Identify identify = host.an_identify({});
  identify.envelope.message_id = "m";
  identify.consents = one;
  host.take_in(identify);
  identify.consents = other;
  host.take_in(identify);
  CHECK(host.statistics().duplicates == 1);
}

TEST_CASE("reachable: whether the channel has an address for the contact", "[engine][functions]") {
  Host host(asks("reachable(\"sms\") && contact.id == \"ola\""), channels);
  CHECK(answer(host) == "refuses");
  host.identify({{"phone", ""}});
  CHECK(answer(host) == "refuses");
  host.after(1).identify({{"phone", "+48500"}});
  CHECK(answer(host) == "agrees");
}

TEST_CASE("outcome: the strongest receipt of a step, or why there is none", "[engine][functions]") {
  const std::string_view steps = R"(campaign: a
entry: [{event: go}]
steps:
  - {send: email, id: hello}
  - {wait_for: {event: now}}
  - {set: {journey.hello: =outcome("hello"), journey.later: =outcome("later")}}
  - {send: id, id: tell, data: {hello: =journey.hello, later: =journey.later}}
  - {send: id, id: later}
)";
  const auto told = [&](const std::vector<Receipt>& receipts, bool reachable = true) {
    Host host(steps, channels);
    if (reachable) host.identify({{"email", "o@example.com"}});
    host.event("go");
    host.take();
    for (const Receipt receipt : receipts) host.report(receipt, "hello");
    host.crash();
    host.event("now");
    host.take();
    CHECK(host.action("tell").data[1] == Property{"later", ""});
    return *host.action("tell").data[0].value.get<std::string>();
  };
  CHECK(told({}) == "emitted");
  CHECK(told({}, false) == "skipped");
  CHECK(told({Receipt::sent}) == "sent");
  CHECK(told({Receipt::opened, Receipt::delivered}) == "opened");
  CHECK(told({Receipt::clicked, Receipt::opened}) == "clicked");
  CHECK(told({Receipt::opened, Receipt::complained}) == "complained");
  CHECK(told({Receipt::sent, Receipt::failed, Receipt::replied}) == "failed");
}

TEST_CASE("outcome: of the newest visit, skipped or not", "[engine][functions][S25]") {
  Host host(R"(campaign: a
entry: [{event: go}]
steps:
  - {send: email, id: hello, max_visits: 9}
  - {send: id, id: tell, data: {hello: =outcome("hello")}}
  - {wait: 1h}
  - {goto: hello}
)",
            channels);
  const auto told = [&] {
    host.take();
    return *host.action("tell").data[0].value.get<std::string>();
  };
  host.event("go");
  CHECK(told() == "skipped");
  host.identify({{"email", "o@example.com"}});
  host.after(hour_ms).advance();
  CHECK(told() == "emitted");
  host.after(minute_ms).report(Receipt::opened, "hello");
  host.after(hour_ms).advance();
  CHECK(told() == "emitted");
  host.identify({{"email", ""}});
  host.after(hour_ms).advance();
  CHECK(told() == "skipped");
}

}  // namespace itinera::test
