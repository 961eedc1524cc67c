// SPDX-License-Identifier: Apache-2.0
// S1, S2, S3: what a wait finds when it is armed, what it hears, and what comes too late.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

// Awaits `trigger` (a flow mapping without braces) for an hour, an hour after two sends.
std::string awaiting(std::string_view trigger) {
  return fmt::format(R"(
campaign: c
entry: [{{event: join}}]
steps:
  - {{send: id, id: first}}
  - {{send: id, id: second}}
  - wait: 1h
  - wait_for: {{{}}}
    within: 1h
    then: [{{send: id, id: in-time}}]
    else: [{{send: id, id: too-late}}]
)",
                     trigger);
}

}  // namespace

TEST_CASE("before the wait: receipts of one action add up, in whatever order they come",
          "[engine][S2]") {
  Host host(awaiting("opened: first"));
  host.event("join").take();
  host.report(Receipt::opened, "first").report(Receipt::clicked, "first");
  host.report(Receipt::opened, "first").report(Receipt::delivered, "first");
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"in-time"});
}

TEST_CASE("before the wait: looking back finds the event that entered for no length of time",
          "[engine][S2][S33]") {
  const std::string_view since = GENERATE("journey", "1h");
  Host host(fmt::format(R"(
campaign: c
entry: [{{event: join}}]
steps:
  - wait: 10m
  - wait_for: {{event: join}}
    since: {}
    within: 1h
    then: [{{send: id, id: again}}]
    else: [{{send: id, id: silent}}]
)",
                        since));
  host.event("join").after(2 * hour_ms).advance();
  CHECK(host.take() == Lines{"silent"});
}

TEST_CASE("before the wait: another step's receipt is none of this one's", "[engine][S2]") {
  Host host(awaiting("opened: first"));
  host.event("join").take();
  const bool before_arrival = GENERATE(true, false);
  if (before_arrival) host.report(Receipt::opened, "second");
  host.after(hour_ms).advance();
  if (!before_arrival) host.report(Receipt::opened, "second");
  CHECK(host.take().empty());
  host.report(Receipt::opened, "first");
  CHECK(host.take() == Lines{"in-time"});
}

TEST_CASE("before the wait: a click is no open while the journey waits, either", "[engine][S2]") {
  Host host(awaiting("opened: first"));
  host.event("join").take();
  host.after(hour_ms).advance().report(Receipt::clicked, "first");
  CHECK(host.take().empty());
}

TEST_CASE("before the wait: a case's `when` is tested on arrival too", "[engine][S2]") {
  const std::string_view trigger = GENERATE("opened: first, when: contact.vip == true",
                                            "condition: contact.n > 0, when: contact.vip == true");
  const bool vip = GENERATE(true, false);
  CAPTURE(trigger);
  Host host(awaiting(trigger));
  host.identify({{"vip", vip}, {"n", 1}}).event("join").take();
  host.report(Receipt::opened, "first").after(hour_ms).advance();
  CHECK(host.take() == (vip ? Lines{"in-time"} : Lines{}));
}

TEST_CASE("before the wait: in a loop only the newest action's receipt is there on arrival",
          "[engine][S2][S25]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello, max_visits: 2}
  - wait: 1h
  - wait_for: {opened: hello}
    within: 1h
    then: [{wait: 1m}]
    else: [{exit: not opened}]
  - {goto: hello}
)");
  host.event("join").take();
  host.report(Receipt::opened, "hello").after(hour_ms + minute_ms).advance();
  REQUIRE(host.take() == Lines{"hello"});
  host.after(2 * hour_ms).advance();
  CHECK(host.told({"finished", "exited"}) == Lines{"finished (not opened) exit-1"});
}

TEST_CASE("before the wait: `since` remembers every event of its window, not the newest only",
          "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid, when: event.total > 5}
    since: 1h
    then: [{send: id, id: thanks}]
)");
  SECTION("another event in between does not hide it") {
    host.event("paid", {{"total", 9}}).after(50 * minute_ms).event("paid", {{"total", 1}});
    host.after(9 * minute_ms).event("join");
    CHECK(host.take() == Lines{"thanks"});
  }
  SECTION("nor where it occurred long ago and was received within the window") {
    host.late_event("paid", host.clock() - 3 * day_ms, {{"total", 9}});
    host.after(50 * minute_ms).event("paid", {{"total", 1}});
    host.after(9 * minute_ms).event("join");
    CHECK(host.take() == Lines{"thanks"});
  }
}

TEST_CASE("before the wait: of several events that `since` finds the newest by `occurred` is taken",
          "[engine][S2][S5]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid, as: order}
    since: 1d
  - {send: id, id: thanks, data: {n: =journey.order.n}}
)");
  host.event("paid", {{"n", 1}}).late_event("paid", host.clock() - 2 * hour_ms, {{"n", 2}});
  host.after(minute_ms).event("join").take();
  CHECK(host.action("thanks").data == Properties{{"n", 1}});
}

TEST_CASE("late: what occurred before the deadline and is received at it or later is too late",
          "[engine][S3][S1]") {
  const std::int64_t after_deadline = GENERATE(0, 1, day_ms);
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid}
    within: 1h
    then: [{send: id, id: thanks}]
    else: [{send: id, id: sorry}]
)");
  host.event("join").after(hour_ms);
  const Instant occurred = host.clock() - minute_ms;
  host.after(after_deadline).late_event("paid", occurred).advance();
  CHECK(host.take() == Lines{"sorry"});
}

TEST_CASE("late: a history keeps what either of its times still brings into a window",
          "[engine][S3][history]") {
  Host host(R"(
campaign: c
entry: [{event: ask}]
steps: [{send: id, id: s, data: {n: '=count("paid", "3m")'}}]
)");
  // Clocks differ: it occurred four minutes after it was received.
  host.late_event("paid", host.clock() + 4 * minute_ms);
  host.after(4 * minute_ms).event("paid").after(minute_ms).event("ask").take();
  CHECK(host.action("s").data == Properties{{"n", 2}});
}

TEST_CASE("deadline: a `goal` step at the very end of `within` is too late", "[engine][S1]") {
  const std::int64_t early = GENERATE(0, 1);
  Host host(fmt::format(R"(
campaign: c
entry: [{{event: join}}]
goals: {{done: {{within: 1h}}}}
steps: [{{wait: {}ms}}, {{goal: done}}]
)",
                        hour_ms - early));
  host.event("join").after(hour_ms).advance();
  CHECK(host.told({"converted"}).size() == static_cast<std::size_t>(early));
}

TEST_CASE("before the wait: what a report brought is gone when it looks back", "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {paid: {event: order, value: event.total}}
steps:
  - {send: id, id: mail}
  - wait_for: {clicked: mail}
    within: 1h
  - wait_for: {event: visit, when: event.page == "x"}
    since: journey
    within: 1h
  - goal: paid
)");
  host.event("join").take();
  host.after(1).event("visit", {{"page", "y"}});
  {
    const Properties told{{"total", "a text that the host has only for as long as it feeds"}};
    Report clicked = host.after(1).a_report(Receipt::clicked, host.action("mail").id);
    clicked.data = told;
    host.take_in(clicked);
  }
  host.after(hour_ms).advance();
  CHECK(host.told({"missing_datum", "converted"}) == Lines{"missing_datum", "converted"});
}

}  // namespace itinera::test
