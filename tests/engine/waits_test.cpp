// SPDX-License-Identifier: Apache-2.0
// S1, S2, S3, S29: waits for something that happens.
#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view pay_or_not = R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid}
    within: 1h
    then: [{send: id, id: thanks}]
    else: [{send: id, id: sorry}]
  - {send: id, id: after}
)";

}  // namespace

TEST_CASE("deadline: an event one millisecond before it is taken", "[engine][S1]") {
  Host host(pay_or_not);
  host.event("join").after(hour_ms - 1).event("paid");
  CHECK(host.take() == Lines{"thanks", "after"});
  CHECK(host.told({"resolved"}) == Lines{"resolved (case) wait_for-1"});
}

TEST_CASE("deadline: an event exactly at it comes too late, fed before or after the advance",
          "[engine][S1]") {
  const bool feed_first = GENERATE(true, false);
  Host host(pay_or_not);
  host.event("join").after(hour_ms);
  if (feed_first) host.event("paid").advance();
  if (!feed_first) host.advance().event("paid");
  CHECK(host.take() == Lines{"sorry", "after"});
  CHECK(host.told({"resolved"}) == Lines{"resolved (timeout) wait_for-1"});
}

TEST_CASE("deadline: an event at the instant of arming, but after it, is taken", "[engine][S1]") {
  Host host(pay_or_not);
  host.event("join").event("paid");
  CHECK(host.take() == Lines{"thanks", "after"});
}

TEST_CASE("deadline: a condition that becomes true exactly at it comes too late", "[engine][S1]") {
  const bool feed_first = GENERATE(true, false);
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {condition: contact.tier == "gold"}
    within: 1h
    then: [{send: id, id: gold}]
    else: [{send: id, id: sorry}]
)");
  host.event("join").after(hour_ms);
  if (feed_first) host.identify({{"tier", "gold"}}).advance();
  if (!feed_first) host.advance().identify({{"tier", "gold"}});
  CHECK(host.take() == Lines{"sorry"});
}

TEST_CASE("deadline: a receipt exactly at it comes too late", "[engine][S1]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello}
  - wait_for: {opened: hello}
    within: 1h
    then: [{send: id, id: in-time}]
    else: [{send: id, id: too-late}]
)");
  host.event("join").take();
  host.after(hour_ms).report(Receipt::opened, "hello").advance();
  CHECK(host.take() == Lines{"too-late"});
}

TEST_CASE("before the wait: a receipt counts from the moment its action was emitted",
          "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello}
  - wait: 1h
  - wait_for: {opened: hello}
    within: 1h
    then: [{send: id, id: in-time}]
    else: [{send: id, id: too-late}]
)");
  host.event("join").take();
  host.after(minute_ms).report(Receipt::clicked, "hello");
  const bool opened = GENERATE(true, false);
  if (opened) host.report(Receipt::opened, "hello");
  host.after(hour_ms).advance();
  // A click is no open.
  CHECK(host.take() == (opened ? Lines{"in-time"} : Lines{}));
  host.after(hour_ms).advance();
  CHECK(host.take() == (opened ? Lines{} : Lines{"too-late"}));
}

TEST_CASE("before the wait: `any` takes the receipt of any action of this journey, and no other's",
          "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join, key: event.k}]
steps:
  - {send: id, id: hello}
  - {send: id, id: second}
  - wait: 1h
  - wait_for: {clicked: any}
    then: [{send: id, id: in-time}]
)");
  host.event("join", {{"k", "1"}}).take();
  const ActionId first = host.action("hello").id;
  host.event("join", {{"k", "2"}}).take();
  host.take_in(host.a_report(Receipt::clicked, first)).after(hour_ms).advance();
  CHECK(host.take() == Lines{"in-time"});
  CHECK(host.action("in-time").key == "1");
  host.report(Receipt::clicked, "second");
  CHECK(host.take() == Lines{"in-time"});
  CHECK(host.action("in-time").key == "2");
}

TEST_CASE("before the wait: a condition is tested on arrival", "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {condition: contact.tier == "gold"}
    then: [{send: id, id: gold}]
)");
  host.identify({{"tier", "gold"}}).event("join");
  CHECK(host.take() == Lines{"gold"});
}

TEST_CASE("before the wait: a plain event counts from arrival", "[engine][S2]") {
  Host host(pay_or_not);
  host.event("paid").event("join").after(hour_ms).advance();
  CHECK(host.take() == Lines{"sorry", "after"});
}

TEST_CASE("before the wait: `since: journey` looks back to the entry, the entry event excluded",
          "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: paid}]
reentry: never
steps:
  - wait: 1h
  - wait_for: {event: paid, when: event.total > 5}
    since: journey
    as: order
    within: 1h
    then: [{send: id, id: thanks, data: {total: =journey.order.total}}]
    else: [{send: id, id: sorry}]
)");
  host.event("paid", {{"total", 50}});
  SECTION("what came in between is taken, with its properties") {
    host.after(minute_ms).event("paid", {{"total", 7}, {"other", "x"}});
    host.after(minute_ms).event("paid", {{"total", 1}});
    host.after(hour_ms).advance();
    CHECK(host.take() == Lines{"thanks"});
    CHECK(host.action("thanks").data == Properties{{"total", 7}});
  }
  SECTION("the entry event is not") {
    host.after(2 * hour_ms).advance();
    CHECK(host.take() == Lines{"sorry"});
  }
  SECTION("at the same millisecond, what came after the entry is") {
    host.event("paid", {{"total", 8}}).after(hour_ms).advance();
    CHECK(host.take() == Lines{"thanks"});
  }
}

TEST_CASE(
    "before the wait: `since: journey` leaves out what came before the entry at its very "
    "millisecond",
    "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait: 1h
  - wait_for: {event: paid}
    since: journey
    within: 1h
    then: [{send: id, id: thanks}]
    else: [{send: id, id: sorry}]
)");
  host.event("paid").event("join").after(2 * hour_ms).advance();
  CHECK(host.take() == Lines{"sorry"});
}

TEST_CASE("before the wait: `since: <duration>` looks back that far from arrival, by received",
          "[engine][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid}
    since: 1h
    within: 1h
    then: [{send: id, id: thanks}]
    else: [{send: id, id: sorry}]
)");
  const Instant paid = host.clock();
  SECTION("just inside") {
    host.event("paid").after(hour_ms - 1).event("join");
    CHECK(host.take() == Lines{"thanks"});
  }
  SECTION("just outside") {
    host.event("paid").after(hour_ms).event("join");
    CHECK(host.take().empty());
  }
  SECTION("a late event counts from when it was received") {
    host.late_event("paid", paid - 3 * day_ms).after(minute_ms).event("join");
    CHECK(host.take() == Lines{"thanks"});
  }
}

TEST_CASE("late: a resolved wait is never reopened, and conditions see the event at its own time",
          "[engine][S3]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid}
    within: 1h
    then: [{send: id, id: thanks}]
    else: [{send: id, id: sorry}]
  - wait: 1h
  - branch:
      - when: count("paid", "90m") > 0
        steps: [{send: id, id: recent}]
      - when: ever("paid")
        steps: [{send: id, id: long-ago}]
)");
  host.event("join").after(hour_ms).advance();
  CHECK(host.take() == Lines{"sorry"});
  const std::int64_t ago = GENERATE(1 * minute_ms, 40 * minute_ms);
  host.after(minute_ms).late_event("paid", host.clock() - minute_ms - ago);
  CHECK(host.take().empty());
  host.after(hour_ms).advance();
  CHECK(host.take() == (ago == minute_ms ? Lines{"recent"} : Lines{"long-ago"}));
}

TEST_CASE("first written: of several true cases the first one wins", "[engine][S29]") {
  SECTION("in a wait") {
    Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for:
      - {event: paid, when: event.total > 100, steps: [{send: id, id: big}]}
      - {event: paid, steps: [{send: id, id: small}]}
      - {event: paid, when: event.total > 10, steps: [{send: id, id: never}]}
    then: [{send: id, id: then}]
)");
    host.event("join").event("paid", {{"total", 50}});
    CHECK(host.take() == Lines{"small", "then"});
    host.event("join").event("paid", {{"total", 150}});
    CHECK(host.take() == Lines{"big", "then"});
  }
  SECTION("in a wait, where several hold on arrival") {
    Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for:
      - {condition: contact.b == true, steps: [{send: id, id: b}]}
      - {condition: contact.a == true, steps: [{send: id, id: a}]}
)");
    host.identify({{"a", true}, {"b", true}}).event("join");
    CHECK(host.take() == Lines{"b"});
  }
  SECTION("in a branch; unknown is not true, and is counted") {
    Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - branch:
      - {when: contact.absent > 3, steps: [{send: id, id: unknown}]}
      - {when: contact.age > 20, steps: [{send: id, id: first}]}
      - {when: contact.age > 10, steps: [{send: id, id: second}]}
    else: [{send: id, id: otherwise}]
)");
    host.identify({{"age", 30}}).event("join");
    CHECK(host.take() == Lines{"first"});
    CHECK(host.statistics().conditions_unknown == 1);
    host.identify({{"age", 15}}).event("join");
    CHECK(host.take() == Lines{"second"});
    host.identify({{"age", 5}}).event("join");
    CHECK(host.take() == Lines{"otherwise"});
    CHECK(host.told({"branched"}) == Lines{"branched (case) branch-1", "branched (case) branch-1",
                                           "branched (else) branch-1"});
  }
}

TEST_CASE("waits: `as` keeps what came in, of events and of receipts", "[engine][waits]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid}
    as: order
  - {send: id, id: first, data: {total: =journey.order.total, id: =journey.order.cart}}
  - wait_for: {replied: first}
    as: answer
  - {send: id, id: second, data: {text: =journey.answer.text}}
)");
  host.event("join").event("paid", {{"total", 12.5}, {"cart", "c9"}}).take();
  CHECK(host.action("first").data == Properties{{"total", 12.5}, {"id", "c9"}});
  Report report = host.a_report(Receipt::replied, host.action("first").id);
  const Properties data{{"text", "no, thanks"}};
  report.data = data;
  host.take_in(report).take();
  CHECK(host.action("second").data == Properties{{"text", "no, thanks"}});
}

TEST_CASE("waits: a receipt of a step is that of its newest action", "[engine][waits][S2]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello, max_visits: 3}
  - wait_for: {opened: hello}
    within: 1h
    then: [{exit: opened}]
  - {goto: hello}
)");
  host.event("join").take();
  const ActionId first = host.action("hello").id;
  host.after(hour_ms).advance();
  REQUIRE(host.take() == Lines{"hello"});
  host.take_in(host.a_report(Receipt::opened, first));
  CHECK(host.told({"finished"}).empty());
  host.report(Receipt::opened, "hello");
  CHECK(host.told({"finished"}) == Lines{"finished (opened) exit-1"});
}

}  // namespace itinera::test
