// SPDX-License-Identifier: Apache-2.0
// S28: goals and exits act at the input that makes them true, whatever the journey is doing.
#include "support/host.hpp"

namespace itinera::test {
namespace {

const std::initializer_list<std::string_view> ends{"converted", "exited",         "finished",
                                                   "closed",    "withdrawn_exit", "entered"};

}  // namespace

TEST_CASE("exit: ends a journey at a wait, at a wait_for, and before what was emitted is taken",
          "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{event: leave, when: event.sure == true}]
steps:
  - {send: id, id: first}
  - wait: 1h
  - {send: id, id: second}
  - wait_for: {event: never}
  - {send: id, id: third}
)");
  SECTION("not taken yet: withdrawn, in the same frame") {
    host.event("join").event("leave", {{"sure", true}});
    CHECK(host.statistics().actions_waiting == 0);
    CHECK(host.statistics().actions_withdrawn == 1);
    CHECK(host.take().empty());
    CHECK(host.told(ends) == Lines{"entered", "withdrawn_exit first", "exited (exit)"});
    CHECK(host.next_deadline() == std::nullopt);
  }
  SECTION("at a wait: its timer is cancelled; what was taken stays") {
    host.event("join").take();
    host.after(minute_ms).event("leave", {{"sure", true}}).after(day_ms).advance();
    CHECK(host.take().empty());
    CHECK(host.statistics().timers_fired == 0);
    CHECK(host.told(ends) == Lines{"entered", "exited (exit)"});
  }
  SECTION("at a wait_for") {
    host.event("join").after(hour_ms).advance().take();
    host.event("leave", {{"sure", true}});
    CHECK(host.told(ends) == Lines{"entered", "exited (exit)"});
  }
  SECTION("only if its `when` holds; false and unknown do not") {
    host.event("join").event("leave", {{"sure", false}}).event("leave");
    CHECK(host.told(ends) == Lines{"entered"});
    CHECK(host.statistics().conditions_unknown == 1);
  }
}

TEST_CASE("exit: only what was not taken is withdrawn, and other journeys keep theirs",
          "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join, key: event.k}]
exits: [{event: leave, when: event.k == journey.key}]
steps:
  - {send: id, id: first}
  - wait: 1h
  - {send: id, id: second}
  - {set: {plan: x}}
  - wait: 1h
)");
  host.event("join", {{"k", "1"}}).event("join", {{"k", "2"}}).take();
  host.after(hour_ms).advance().event("leave", {{"k", "1"}});
  CHECK(host.told({"withdrawn_exit"}) == Lines{"withdrawn_exit second"});
  CHECK(host.take() == Lines{"set-1", "second", "set-1"});
  CHECK(host.action("second").key == "2");
}

TEST_CASE("exit: a withdrawn action is never handed out, not even after a restart",
          "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{event: leave}]
steps: [{send: id, id: first}, {wait: 1h}]
)");
  host.event("join").event("join", {}, "bob").event("leave").crash();
  CHECK(host.take() == Lines{"first@bob"});
  CHECK(host.statistics().actions_emitted == 2);
  CHECK(host.statistics().actions_withdrawn == 1);
}

TEST_CASE("exit: a condition acts at the input that makes it true", "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits:
  - {condition: contact.tier == "gold"}
  - {condition: 'ever("ping", e.n > 1)'}
steps: [{wait: 1d}]
)");
  host.event("join");
  SECTION("of an attribute") {
    host.identify({{"tier", "silver"}}).identify({{"tier", "gold"}});
    CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
  }
  SECTION("of the history") {
    host.event("ping", {{"n", 1}}).after(2 * hour_ms).event("ping");
    CHECK(host.told({"exited"}).empty());
    host.event("ping", {{"n", 2}});
    CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
  }
}

TEST_CASE("exit: a receipt may be one", "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{replied: any}]
steps: [{send: id, id: hello}, {wait: 1d}]
)");
  host.event("join").take();
  host.report(Receipt::opened, "hello").report(Receipt::replied, "hello");
  CHECK(host.told(ends) == Lines{"entered", "exited (exit)"});
}

TEST_CASE("goal: before exit, and both are recorded", "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{event: paid}]
goals: {order: {event: paid, value: event.total}}
steps: [{wait: 1d}]
)");
  host.event("join").event("paid", {{"total", 12.5}});
  CHECK(host.told(ends) == Lines{"entered", "converted", "exited (exit)"});
  for (const Told& each : host.story()) {
    if (each.what != "converted") continue;
    CHECK(each.goal == "order");
    CHECK(each.value == Value(12.5));
  }
}

TEST_CASE("goal: with `exits` ends the journey, without it does not; each is reached once",
          "[engine][S28]") {
  const bool exits = GENERATE(true, false);
  Host host(std::string(R"(
campaign: c
entry: [{event: join}]
goals: {order: {event: paid, exits: )") +
            (exits ? "true" : "false") + R"(}}
steps: [{send: id, id: first}, {wait: 1h}, {send: id, id: second}]
)");
  host.event("join").take();
  host.event("paid").event("paid").after(hour_ms).advance();
  CHECK(host.take() == (exits ? Lines{} : Lines{"second"}));
  CHECK(host.told(ends) == (exits ? Lines{"entered", "converted", "exited (goal)"}
                                  : Lines{"entered", "converted", "finished"}));
}

TEST_CASE("goal: several may be reached by one input", "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals:
  any: {event: paid}
  big: {event: paid, when: event.total > 100, exits: true}
steps: [{wait: 1d}]
)");
  host.event("join").event("paid", {{"total", 150}});
  CHECK(host.told(ends) == Lines{"entered", "converted", "converted", "exited (goal)"});
}

TEST_CASE("goal: a goal does not take the event from the journey's wait", "[engine][S28][S33]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {order: {event: paid}}
steps:
  - wait_for: {event: paid}
    then: [{send: id, id: thanks}]
)");
  host.event("join").event("paid");
  CHECK(host.take() == Lines{"thanks"});
  CHECK(host.told(ends) == Lines{"entered", "converted", "finished"});
}

TEST_CASE("goal: without `within` it closes with the journey", "[engine][goals]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {order: {event: paid}}
steps: [{wait: 1h}]
)");
  host.event("join").after(hour_ms).advance().event("paid");
  CHECK(host.told(ends) == Lines{"entered", "finished"});
}

TEST_CASE("goal: `within` counts from entry and keeps it open after the end, to the millisecond",
          "[engine][goals][S1]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {order: {event: paid, within: 7d}}
steps: [{send: id, id: hello}, {wait: 1h}]
)");
  const Instant entered = host.clock();
  host.event("join").after(hour_ms).advance().take();
  CHECK(host.statistics().journeys_in_flight == 0);
  CHECK(host.next_deadline() == entered + 7 * day_ms);
  SECTION("just in time; with its last goal the journey closes") {
    host.at(entered + 7 * day_ms - 1).event("paid").event("paid").take();
    CHECK(host.told(ends) == Lines{"entered", "finished", "converted", "closed"});
    CHECK(host.next_deadline() == std::nullopt);
  }
  SECTION("exactly at the end: too late, fed before or after the advance") {
    const bool feed_first = GENERATE(true, false);
    host.at(entered + 7 * day_ms);
    if (feed_first) host.event("paid").advance();
    if (!feed_first) host.advance().event("paid");
    CHECK(host.told(ends) == Lines{"entered", "finished", "closed"});
  }
  SECTION("an ended journey with an open goal does not count as running") {
    host.event("join");
    CHECK(host.told(ends) == Lines{"entered", "finished", "entered"});
  }
}

TEST_CASE("goal: `within` is over while the journey still runs", "[engine][goals]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {order: {event: paid, within: 1h}}
steps: [{wait: 1d}]
)");
  host.event("join").after(hour_ms).event("paid");
  CHECK(host.told(ends) == Lines{"entered"});
}

TEST_CASE("goal: a receipt reaches it after the end", "[engine][goals]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {answer: {replied: any, within: 7d}}
steps: [{send: id, id: hello}]
)");
  host.event("join").take();
  host.after(day_ms).report(Receipt::replied, "hello");
  CHECK(host.told(ends) == Lines{"entered", "finished", "converted", "closed"});
  host.report(Receipt::replied, "hello");
  CHECK(host.statistics().reports_late == 1);
}

TEST_CASE("goal step: marks it reached, once, with its own value", "[engine][goals]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {seen: {within: 1d}, done: {exits: true}}
steps:
  - {goal: seen, value: entry.n}
  - {goal: seen, value: entry.n + 1}
  - {send: id, id: hello}
  - {goal: done}
  - {send: id, id: never}
)");
  host.event("join", {{"n", 5}});
  CHECK(host.take() == Lines{"hello"});
  CHECK(host.told(ends) == Lines{"entered", "converted", "converted", "exited (goal)"});
  for (const Told& each : host.story()) {
    if (each.what == "converted" && each.goal == "seen") CHECK(each.value == Value(5));
  }
}

TEST_CASE("exit step: ends with its author's reason, and unsends nothing", "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{send: id, id: hello}, {exit: enough}, {send: id, id: never}]
)");
  host.event("join");
  CHECK(host.take() == Lines{"hello"});
  CHECK(host.told(ends) == Lines{"entered", "finished (enough) exit-1"});
}

TEST_CASE("reports: of an action that never was, or whose journey is gone, are counted",
          "[engine][reports]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{send: id, id: hello}]
)");
  host.take_in(host.a_report(Receipt::opened, ActionId{{1, 2}}));
  host.event("join").take();
  host.report(Receipt::opened, "hello");
  CHECK(host.statistics().reports_unmatched == 1);
  CHECK(host.statistics().reports_late == 1);
  Report hostile = host.a_report(static_cast<Receipt>(200), host.action("hello").id);
  CHECK(host.feed(hostile) == ErrorCode::invalid_argument);
}

}  // namespace itinera::test
