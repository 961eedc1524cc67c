// SPDX-License-Identifier: Apache-2.0
// S33: what one input does, in order; S4: what a repeated one does not.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

// The campaigns' outcomes in order: "a entered", "b exited".
Lines outcomes(Host& host, std::initializer_list<std::string_view> whats) {
  Lines lines;
  for (const Told& each : host.story()) {
    if (std::find(whats.begin(), whats.end(), each.what) == whats.end()) continue;
    lines.push_back(each.campaign + " " + each.what);
  }
  return lines;
}

}  // namespace

TEST_CASE(
    "one input: history first, then goals and exits journey by journey, then waits, then "
    "entries",
    "[engine][S33]") {
  Host host(R"(
campaign: b
entry: [{event: join}]
goals: {paid-twice: {event: paid, when: 'count("paid", "1h") == 2'}}
exits: [{event: paid, when: 'count("paid", "1h") == 2'}]
steps: [{wait: 1d}]
---
campaign: a
entry: [{event: join}]
steps:
  - wait_for: {event: paid, when: 'count("paid", "1h") == 2'}
    then: [{wait: 1d}]
---
campaign: z
priority: 90
entry: [{event: paid, when: 'count("paid", "1h") == 2'}]
steps: [{wait: 1d}]
---
campaign: c
entry: [{event: join}]
goals: {g: {event: paid, when: 'count("paid", "1h") == 2', exits: true}}
steps: [{wait: 1d}]
)");
  host.event("join").event("paid").event("paid");
  CHECK(outcomes(host, {"entered", "converted", "exited", "resolved"}) ==
        Lines{"a entered", "b entered", "c entered", "b converted", "b exited", "c converted",
              "c exited", "a resolved", "z entered"});
}

TEST_CASE(
    "one input: journeys hear it by entry instant, campaign id and key, whatever the order "
    "of entering",
    "[engine][S33]") {
  Host host(R"(
campaign: b
priority: 90
entry: [{event: join, key: event.k}]
exits: [{event: leave}]
steps: [{wait: 1d}]
---
campaign: a
priority: 10
entry: [{event: join, key: event.k}]
exits: [{event: leave}]
steps: [{wait: 1d}]
)");
  host.event("join", {{"k", "9"}});
  host.after(1).event("join", {{"k", "2"}}).event("join", {{"k", "1"}});
  host.event("leave");
  Lines lines;
  for (const Told& each : host.story()) {
    if (each.what == "exited") lines.push_back(each.campaign + each.key);
  }
  CHECK(lines == Lines{"a9", "b9", "a1", "a2", "b1", "b2"});
}

TEST_CASE("one input: a wait armed because of it does not take it", "[engine][S33]") {
  Host host(R"(
campaign: c
entry: [{event: ping}]
steps:
  - wait_for: {event: ping}
    id: one
  - wait_for: {event: ping}
    id: two
  - {send: id, id: done}
)");
  host.event("ping");
  CHECK(host.told({"resolved"}).empty());
  host.event("ping");
  CHECK(host.told({"resolved"}) == Lines{"resolved (case) one"});
  host.event("ping");
  CHECK(host.told({"resolved"}) == Lines{"resolved (case) two"});
  CHECK(host.take() == Lines{"done"});
}

TEST_CASE("one input: a receipt is not taken by a wait that it armed", "[engine][S33]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello}
  - wait_for: {clicked: hello}
  - {send: id, id: offer}
  - wait_for: {clicked: any}
    id: second
    within: 1h
)");
  host.event("join").take();
  host.report(Receipt::clicked, "hello");
  CHECK(host.told({"resolved"}) == Lines{"resolved (case) wait_for-1"});
  host.report(Receipt::clicked, "hello");
  CHECK(host.told({"resolved"}) == Lines{"resolved (case) second"});
}

TEST_CASE("one input: what a journey took does not enter the same campaign and key",
          "[engine][S33]") {
  const auto [rule, taker] =
      GENERATE(std::pair("", "steps: [{wait_for: {event: ping}}]"),
               std::pair("exits: [{event: ping}]", "steps: [{wait: 1d}]"),
               std::pair("goals: {g: {event: ping, exits: true}}", "steps: [{wait: 1d}]"));
  Host host(
      fmt::format("campaign: c\nentry: [{{event: join, key: event.k}}, "
                  "{{event: ping, key: event.k}}]\nwhile_running: another\n{}\n{}\n",
                  rule, taker));
  host.event("join", {{"k", "1"}}).event("ping", {{"k", "1"}});
  CHECK(host.told({"refused_reentry"}) == Lines{"refused_reentry (same_input)"});
  CHECK(host.statistics().journeys_entered == 1);
  // Another key, or the next input, enters.
  host.event("join", {{"k", "1"}}).event("ping", {{"k", "2"}});
  CHECK(host.statistics().journeys_entered == 3);
}

TEST_CASE("one input: another contact's journeys do not hear it", "[engine][S33]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{event: leave}]
steps: [{wait: 1d}]
)");
  host.event("join").event("join", {}, "bob").event("leave", {}, "bob").event("leave", {}, "eve");
  CHECK(host.statistics().journeys_in_flight == 1);
  CHECK(host.statistics().contacts == 2);
}

TEST_CASE("cascade: `set` makes another journey's exit true at that instant, after the input",
          "[engine][S33][S28]") {
  Host host(R"(
campaign: a
entry: [{event: join}]
exits: [{condition: contact.tier == "gold"}]
steps: [{wait: 1d}]
---
campaign: b
entry: [{event: join}]
steps:
  - wait_for: {event: paid}
  - {set: {tier: gold}}
  - wait: 1d
---
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {condition: contact.tier == "gold"}
  - {send: id, id: golden}
)");
  host.event("join").after(minute_ms).event("paid");
  CHECK(host.take() == Lines{"set-1", "golden"});
  CHECK(outcomes(host, {"exited", "finished"}) == Lines{"a exited", "c finished"});
  CHECK(host.action("golden").at == host.clock());
  CHECK(host.action("set-1").kind == Action::Kind::set);
  CHECK(host.action("set-1").data == Properties{{"tier", "gold"}});
}

TEST_CASE("cascade: a timer's `set` does the same, and a wait armed in that frame hears it",
          "[engine][S33]") {
  Host host(R"(
campaign: a
entry: [{event: join}]
steps:
  - wait: 1h
  - wait_for: {condition: contact.tier == "gold"}
  - {send: id, id: golden}
---
campaign: b
entry: [{event: join}]
steps:
  - wait: 1h
  - {set: {tier: gold}}
)");
  host.event("join").after(hour_ms).advance();
  CHECK(host.take() == Lines{"set-1", "golden"});
}

TEST_CASE("cascade: journeys that set each other off stop at a depth of 16, with a decision",
          "[engine][S33][limits]") {
  // Each waits for a number and sets the next one. The later ones stand first in S33's order, so
  // that each step of the chain is one deeper.
  std::string text;
  for (int i = 0; i < 30; ++i) {
    text += fmt::format(R"({}
campaign: c{:02}
entry: [{{event: join}}]
steps:
  - wait_for: {{condition: contact.n == {}}}
  - {{set: {{n: {}}}}}
)",
                        i == 0 ? "" : "---", 50 - i, i, i + 1);
  }
  Host host(text);
  host.event("join").identify({{"n", 0}});
  CHECK(host.told({"chain_limit"}) == Lines{"chain_limit (chain_limit)"});
  // The input itself, then sixteen that followed from it.
  CHECK(host.take().size() == 17);
  // The rest waits for the next input.
  host.crash().identify({{"other", 1}});
  CHECK(host.take().size() == 13);
}

TEST_CASE("repeat: the same message id with the same content is dropped", "[engine][S4]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
while_running: another
steps: [{wait: 30d}]
)");
  Event event = host.an_event("join");
  event.envelope.message_id = "m1";
  event.envelope.source = "web";
  host.take_in(event).take_in(event);
  CHECK(host.told({"entered", "duplicate"}) == Lines{"entered", "duplicate"});
  CHECK(host.statistics().duplicates == 1);
  SECTION("per source") {
    event.envelope.source = "app";
    host.take_in(event);
    CHECK(host.told({"entered", "duplicate"}) == Lines{"entered"});
  }
  SECTION("for seven days, to the millisecond") {
    event.envelope.received = event.envelope.received + 7 * day_ms - 1;
    host.take_in(event);
    event.envelope.received = event.envelope.received + 1;
    host.take_in(event);
    CHECK(host.told({"entered", "duplicate"}) == Lines{"duplicate", "entered"});
  }
  SECTION("after a restart") {
    host.crash().take_in(event);
    CHECK(host.told({"entered", "duplicate"}) == Lines{"duplicate"});
  }
  SECTION("other content is a conflict, and changes nothing") {
    const std::size_t bytes = host.journal().size();
    const Properties other{{"total", 1}};
    event.properties = other;
    CHECK(host.feed(event) == ErrorCode::conflict);
    Identify identify = host.an_identify({});
    identify.envelope.message_id = "m1";
    identify.envelope.source = "web";
    CHECK(host.feed(identify) == ErrorCode::conflict);
    CHECK(host.journal().size() == bytes);
    // Once the window has passed, the id is free again.
    event.envelope.received = event.envelope.received + 7 * day_ms;
    CHECK(host.feed(event) == std::nullopt);
  }
}

TEST_CASE("repeat: identify, alias, report and enter are told apart by their ids too",
          "[engine][S4]") {
  Host host(R"(
campaign: c
entry: [{event: join}, host]
while_running: another
steps:
  - {send: id, id: hello}
  - wait_for: {opened: hello}
    then: [{wait_for: {opened: hello}}]
---
campaign: d
entry: [{event: other, when: contact.plan == "paid"}]
steps: [{wait: 1d}]
)");
  host.enter("c").take();
  const Properties plan{{"plan", "paid"}};
  Identify identify = host.an_identify(plan);
  identify.envelope.message_id = "i";
  Alias alias = host.an_alias("a1");
  alias.envelope.message_id = "a";
  Report report = host.a_report(Receipt::opened, host.action("hello").id);
  report.envelope.message_id = "r";
  Enter enter = host.an_enter("c");
  enter.envelope.message_id = "e";
  host.take_in(identify).take_in(alias).take_in(report).take_in(enter);
  CHECK(host.statistics().duplicates == 0);
  host.take_in(identify).take_in(alias).take_in(report).take_in(enter);
  CHECK(host.statistics().duplicates == 4);
  CHECK(host.statistics().journeys_entered == 2);
}

TEST_CASE("repeat: the dedupe window is the workspace's", "[engine][S4]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
while_running: another
steps: [{wait: 30d}]
)",
            "workspace: shop\nchannels:\n  id: {address: contact.id, consent: none}\n"
            "limits: {dedupe: 1h}\n");
  Event event = host.an_event("join");
  event.envelope.message_id = "m1";
  host.take_in(event);
  event.envelope.received = event.envelope.received + hour_ms;
  host.take_in(event);
  CHECK(host.statistics().duplicates == 0);
}

TEST_CASE("output: with nothing to take nothing is written", "[engine][output]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{send: id, id: hello, template: t, data: {n: =entry.n, fixed: x}}, {wait: 1h}]
)");
  host.take();
  const std::size_t before = host.journal().size();
  CHECK(host.take().empty());
  CHECK(host.journal().size() == before);
  host.event("join", {{"n", 5}});
  const std::size_t fed = host.journal().size();
  CHECK(host.take() == Lines{"hello"});
  const std::size_t taken = host.journal().size();
  CHECK(taken > fed);
  CHECK(host.take().empty());
  CHECK(host.journal().size() == taken);
  const Taken& action = host.action("hello");
  CHECK(action.kind == Action::Kind::send);
  CHECK(action.channel == "id");
  CHECK(action.address == "ola");
  CHECK(action.template_name == "t");
  CHECK(action.campaign == "c");
  CHECK(action.version == 1);
  CHECK(action.iteration == 0);
  CHECK(!action.has_key);
  CHECK(action.data == Properties{{"n", 5}, {"fixed", "x"}});
}

TEST_CASE("output: an expression without a value leaves its datum out, and is counted",
          "[engine][output]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{send: id, id: hello, data: {n: =entry.n, plan: =contact.plan, one: 1}}]
)");
  host.event("join").take();
  CHECK(host.action("hello").data == Properties{{"one", 1}});
  CHECK(host.statistics().data_missing == 2);
}

TEST_CASE("output: a contact without an address is not written to, and goes on",
          "[engine][output]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{send: email, id: mail}, {send: id, id: other}]
)");
  const auto email = GENERATE(Value{}, Value(""), Value(7), Value("ola@example.com"));
  host.identify({{"email", email}}).event("join");
  const bool reachable = email == Value("ola@example.com");
  CHECK(host.take() == (reachable ? Lines{"mail", "other"} : Lines{"other"}));
  CHECK(host.told({"no_address"}) == (reachable ? Lines{} : Lines{"no_address mail"}));
}

TEST_CASE("output: a batch gives the same bytes as its inputs one by one", "[engine][S0][S33]") {
  constexpr std::string_view text = R"(
campaign: c
entry: [{event: join, key: event.k}]
exits: [{event: leave}]
steps: [{send: id, id: hello}, {wait: 1h}, {send: id, id: bye}]
)";
  Host singles(text);
  Host batch(text);
  std::vector<Input> inputs;
  std::vector<Properties> keys;
  for (int i = 0; i < 60; ++i) keys.push_back({{"k", i % 7}});
  for (std::size_t i = 0; i < 60; ++i) {
    singles.after(5 * minute_ms);
    inputs.push_back(i % 11 == 5 ? singles.an_event("leave", {}, "eve")
                                 : singles.an_event("join", keys[i], i % 3 == 0 ? "ola" : "eve"));
    singles.take_in(inputs.back());
  }
  CHECK(batch.engine().feed(inputs).empty());
  const base::ByteView a = singles.journal();
  const base::ByteView b = batch.journal();
  CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST_CASE("refused: one input of a batch is refused alone", "[engine][errors]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{wait: 1h}]
)");
  Event nobody = host.an_event("join");
  nobody.contact = "";
  Event when = host.an_event("join");
  when.envelope.received = latest_instant + 1;
  const Input batch[] = {host.an_event("join"), nobody, when, host.an_event("join", {}, "bob"),
                         host.an_event("")};
  const std::span<const Refusal> refusals = host.engine().feed(batch);
  REQUIRE(refusals.size() == 3);
  CHECK(refusals[0].index == 1);
  CHECK(refusals[1].index == 2);
  CHECK(refusals[2].index == 4);
  for (const Refusal& each : refusals) CHECK(each.error.code == ErrorCode::invalid_argument);
  CHECK(host.statistics().journeys_entered == 2);
}

}  // namespace itinera::test
