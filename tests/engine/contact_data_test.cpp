// SPDX-License-Identifier: Apache-2.0
// What is known of a contact, and since when: S2, S4, S5, S28.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view listens = R"(
campaign: old
entry: [{event: join}]
steps: [{wait: 1h}]
)";

// Goes on by whether `foo` ever happened: yes, no, or unknown, which is `else`.
constexpr std::string_view asks = R"(
campaign: new
entry: [{event: ask}]
steps:
  - branch:
      - {when: 'ever("foo")', steps: [{send: id, id: did}]}
      - {when: '!ever("foo")', steps: [{send: id, id: did-not}]}
    else: [{send: id, id: unknown}]
)";

}  // namespace

TEST_CASE("history: who was seen at the very instant of a publication, before it, is not new to it",
          "[engine][history]") {
  Host host(listens);
  host.event("join").event("foo");  // nobody asks for `foo` yet: it is dropped
  host.publish(asks).event("ask").event("ask", {}, "jan");
  CHECK(host.take() == Lines{"unknown", "did-not@jan"});
}

TEST_CASE("history: `complete` says nothing of what is asked for only later", "[engine][history]") {
  Host host(listens);
  Identify known = host.an_identify({});
  known.history = HistoryKnown::complete;
  host.take_in(known).event("foo").after(day_ms).publish(asks).event("ask");
  CHECK(host.take() == Lines{"unknown"});

  Host later(asks);
  known = later.an_identify({});
  known.history = HistoryKnown::complete;
  later.take_in(known).event("ask");
  CHECK(later.take() == Lines{"did-not"});
}

TEST_CASE("messages: the order of members is no content", "[engine][S4]") {
  Host host(listens);
  const Value one(Value::Map{{"x", 1}, {"y", Value::List{1, 2}}});
  const Value same(Value::Map{{"y", Value::List{1, 2}}, {"x", 1}});
  const Value other(Value::Map{{"y", Value::List{2, 1}}, {"x", 1}});
  const auto fed = [&](const Properties& properties) {
    Event event = host.an_event("join", properties);
    event.envelope.message_id = "m";
    return host.feed(event);
  };
  CHECK_FALSE(fed({{"a", one}, {"b", 2}}));
  CHECK_FALSE(fed({{"b", 2}, {"a", same}}));
  CHECK(host.statistics().duplicates == 1);
  CHECK(fed({{"b", 2}, {"a", other}}) == ErrorCode::conflict);
  CHECK(fed({{"b", one}, {"a", 2}}) == ErrorCode::conflict);
}

TEST_CASE("attributes: a `set` makes none older than it is", "[engine][S5]") {
  Host host(R"(
campaign: c
entry: [{event: go}]
steps: [{set: {n: 1}}]
---
campaign: show
entry: [{event: show}]
steps: [{send: id, id: shown, data: {n: =contact.n}}]
)");
  const auto identify = [&](int n, std::int64_t occurred_ms) {
    const Properties attributes{{"n", n}};
    Identify message = host.an_identify(attributes);
    message.envelope.occurred = instant(Host::start) + occurred_ms;
    host.take_in(message);
  };
  identify(100, 4 * minute_ms);
  host.after(second_ms).event("go");
  identify(50, 2 * minute_ms);
  host.event("show");
  host.take();
  CHECK(host.action("shown").data == Properties{{"n", 1}});
  identify(51, 5 * minute_ms);
  host.event("show");
  host.take();
  CHECK(host.action("shown").data == Properties{{"n", 51}});
}

TEST_CASE("conditions: a report and an entry of the host ask them too", "[engine][S28]") {
  const bool by_report = GENERATE(true, false);
  Host host(R"(
campaign: gold
entry: [{event: go}]
exits: [{condition: contact.tier == "gold"}]
steps: [{wait: 30d}]
---
campaign: other
entry: [host]
steps: [{send: id, id: mail}, {wait: 1d}]
)");
  host.identify({{"tier", "gold"}}).enter("other").take();
  host.event("go");
  if (by_report) {
    host.report(Receipt::opened, "mail");
  } else {
    host.enter("other");
  }
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

TEST_CASE("limits: ended journeys with open goals make room for new ones", "[engine][limits]") {
  Limits limits;
  limits.journeys_per_contact = 3;
  Host host(R"(
campaign: c
entry: [{event: go}]
goals: {bought: {event: bought, within: 30d}}
)"
            "steps: [{send: id, id: mail}]\n",
            shop, limits);
  for (int i = 0; i < 5; ++i) host.after(minute_ms).event("go");
  CHECK(host.told({"closed"}).size() == 2);
  host.event("bought");
  CHECK(host.told({"converted"}).size() == 3);
}

TEST_CASE("time: an advance to the end of all time leaves an instant for what comes",
          "[engine][S0]") {
  Host host("campaign: c\nentry: [{event: go}]\nsteps: [{send: id, id: mail}]\n");
  host.engine().advance_to(latest_instant);
  host.event("go");
  host.take();
  CHECK(host.action("mail").at == latest_instant);
}

TEST_CASE("loops: a window across midnight is passed once a night", "[engine][S25]") {
  Host host(R"(
campaign: c
entry: [{event: go}]
steps:
  - {id: night, wait: {window: "21:00-08:00"}, zone: Europe/Warsaw}
  - {send: id, id: mail}
  - wait: 1h
  - goto: night
)");
  host.at("2026-03-02T12:00:00Z").event("go");
  for (int i = 0; i < 4 * 24; ++i) host.after(hour_ms).advance().take();
  std::vector<std::string> at;
  for (const Taken& mail : host.actions()) at.push_back(to_text(mail.at));
  CHECK(at == Lines{"2026-03-02T20:00:00Z", "2026-03-03T20:00:00Z", "2026-03-04T20:00:00Z",
                    "2026-03-05T20:00:00Z"});
}

}  // namespace itinera::test
