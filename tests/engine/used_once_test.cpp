// SPDX-License-Identifier: Apache-2.0
// S33: no input is taken twice by the waits of one journey, whether it comes while they wait or
// came before.
#include "support/host.hpp"

namespace itinera::test {
namespace {

// Reports with data, as hosts tell which link was clicked.
Host& click(Host& host, std::string_view step, std::string_view link) {
  const Properties data{{"link", std::string(link)}};
  Report report = host.a_report(Receipt::clicked, host.action(step).id);
  report.data = data;
  return host.take_in(report);
}

}  // namespace

TEST_CASE("used once: a receipt that one wait took resolves no later one", "[engine][S33][S2]") {
  const std::string_view first = GENERATE("opened: hello", "opened: any");
  const std::string_view second = GENERATE("opened: hello", "opened: any");
  const bool before = GENERATE(true, false);  // reported before the first wait is armed
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello}
  - wait: 1h
  - wait_for: {)" +
            std::string(first) + R"(}
  - wait: 1h
  - wait_for: {)" +
            std::string(second) + R"(}
  - {send: id, id: again}
)");
  host.event("join").take();
  if (before) host.report(Receipt::opened, "hello");
  host.after(hour_ms).advance();
  if (!before) host.report(Receipt::opened, "hello");
  host.crash().after(day_ms).advance();
  CHECK(host.take().empty());
  SECTION("a second report is another input") {
    host.report(Receipt::opened, "hello");
    CHECK(host.take() == Lines{"again"});
  }
}

TEST_CASE("used once: `any` goes on to the receipt of an older action", "[engine][S33][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: a}
  - {send: id, id: b}
  - wait: 1h
  - wait_for: {opened: any}
  - wait_for: {opened: any}
  - {send: id, id: both}
  - wait_for: {opened: any}
  - {send: id, id: never}
)");
  host.event("join").take();
  host.report(Receipt::opened, "a").report(Receipt::opened, "b").after(hour_ms).advance();
  CHECK(host.take() == Lines{"both"});
}

TEST_CASE("used once: a loop around a receipt goes round once for each", "[engine][S33][S25]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: first}
  - {id: w, wait_for: {opened: any}}
  - {send: id, id: more}
  - goto: w
)");
  host.event("join").take();
  host.report(Receipt::opened, "first");
  CHECK(host.take() == Lines{"more"});
  host.after(day_ms).advance().report(Receipt::opened, "more").report(Receipt::opened, "first");
  CHECK(host.take() == Lines{"more", "more"});
}

TEST_CASE("used once: an event that a wait took is not found by looking back",
          "[engine][S33][S2]") {
  const std::string_view since = GENERATE("journey", "2h");
  const bool before = GENERATE(true, false);
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait: 1h
  - {id: w, wait_for: {event: tick}, since: )" +
            std::string(since) + R"(}
  - {send: id, id: more}
  - goto: w
)");
  host.event("join");
  host.after(minute_ms);
  if (before) host.event("tick").event("tick");
  host.after(hour_ms).advance();
  if (!before) host.event("tick").event("tick");
  CHECK(host.take() == Lines{"more", "more"});
  host.crash().after(minute_ms).event("tick");
  CHECK(host.take() == Lines{"more"});
}

TEST_CASE("used once: another journey of the contact takes the same event", "[engine][S33]") {
  Host host(R"(
campaign: c
entry: [{event: join, key: event.k}]
steps:
  - wait: 1h
  - wait_for: {event: tick}
    since: journey
  - {send: id, id: more}
)");
  host.event("join", {{"k", "1"}}).event("join", {{"k", "2"}}).event("tick").after(hour_ms);
  host.advance();
  CHECK(host.take() == Lines{"more", "more"});
}

TEST_CASE("before the wait: what an earlier receipt brought is there for `as`, the newest of each",
          "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello}
  - wait: 1h
  - wait_for: {clicked: hello}
    as: click
    within: 1d
  - {send: id, id: next, data: {link: =journey.click.link}}
)");
  host.event("join").take();
  click(host, "hello", "/hats");
  click(host, "hello", "/shoes").crash().after(hour_ms).advance();
  CHECK(host.take() == Lines{"next"});
  CHECK(host.action("next").data == Properties{{"link", "/shoes"}});
}

TEST_CASE("exit: what a `set` has changed is told to the host all the same", "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{condition: contact.tier == "gold"}, {event: leave}]
steps:
  - {send: id, id: hello}
  - wait: 1h
  - {send: id, id: bye}
  - {set: {tier: gold}}
  - wait: 1d
)");
  host.event("join").take();
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"set-1"});
  CHECK(host.told({"withdrawn_exit"}) == Lines{"withdrawn_exit bye"});
}

}  // namespace itinera::test
