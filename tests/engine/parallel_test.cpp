// SPDX-License-Identifier: Apache-2.0
// Strands that run side by side, and how they join.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string with_steps(std::string_view steps, std::string_view more = "") {
  return fmt::format("campaign: p\nentry: [{{event: go, key: event.k}}]\n{}steps:\n{}", more,
                     steps);
}

std::string two(std::string_view join) {
  return with_steps(
      fmt::format("  - id: both\n"
                  "    join: {}\n"
                  "    parallel:\n"
                  "      - steps:\n"
                  "          - {{send: id, id: a}}\n"
                  "          - {{wait: 1h, id: wa}}\n"
                  "          - {{send: id, id: a2}}\n"
                  "      - steps:\n"
                  "          - {{wait: 2h, id: wb}}\n"
                  "          - {{send: id, id: b}}\n"
                  "  - {{send: id, id: last}}\n",
                  join));
}

}  // namespace

TEST_CASE("parallel: strands run side by side, and the journey goes on after the last",
          "[engine][parallel]") {
  Host host(two("all"));
  host.event("go", {{"k", "x"}});
  CHECK(host.take() == Lines{"a"});
  host.crash();
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"a2"});
  host.crash();
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"b", "last"});
  CHECK(host.told({"forked", "joined", "left_behind", "resolved", "finished"}) ==
        Lines{"forked both", "forked both", "resolved wa", "joined both", "resolved wb",
              "joined both", "resolved (joined) both", "finished"});
}

TEST_CASE("parallel: any goes on with the first, and the others stop where they stand",
          "[engine][parallel]") {
  Host host(two("any"));
  host.event("go", {{"k", "x"}});
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"a", "a2", "last"});
  host.after(day_ms).advance();
  CHECK(host.take().empty());
  CHECK(host.told({"joined", "left_behind", "resolved", "finished"}) ==
        Lines{"resolved wa", "joined both", "left_behind both", "resolved (joined) both",
              "finished"});
  CHECK(host.statistics().journeys_in_flight == 0);
}

TEST_CASE("parallel: strands that need not wait join at once", "[engine][parallel]") {
  for (const std::string_view join : {"all", "any"}) {
    Host host(
        with_steps(fmt::format("  - parallel:\n"
                               "      - steps: [{{set: {{journey.a: 1}}}}]\n"
                               "      - steps: [{{set: {{journey.b: 2}}}}]\n"
                               "    join: {}\n"
                               "  - {{send: id, id: last, when: journey.a == 1, data: "
                               "{{b: =has(journey.b)}}}}\n",
                               join)));
    host.event("go", {{"k", "x"}});
    CHECK(host.take() == Lines{"last"});
    CHECK(host.action("last").data == Properties{{"b", join == "all"}});
  }
}

TEST_CASE("parallel: what a strand sets and sends is the whole journey's", "[engine][parallel]") {
  Host host(
      with_steps("  - {send: id, id: first}\n"
                 "  - parallel:\n"
                 "      - steps:\n"
                 "          - {send: id, id: asked}\n"
                 "          - {wait_for: {replied: asked}, within: 3d, as: answer}\n"
                 "      - steps:\n"
                 "          - {wait_for: {replied: asked}, id: hears, within: 1d}\n"
                 "          - {wait_for: {opened: first}, id: opens, within: 2d}\n"
                 "          - {send: id, id: told, when: has(journey.answer)}\n"
                 "  - {send: id, id: last, data: {a: =journey.answer.text}}\n"));
  host.event("go", {{"k", "x"}});
  CHECK(host.take() == Lines{"first", "asked"});
  host.after(hour_ms);
  Report reply = host.a_report(Receipt::replied, host.action("asked").id);
  const Properties brought{{"text", "yes"}};
  reply.data = brought;
  host.take_in(reply);
  CHECK(host.take().empty());
  host.after(hour_ms).report(Receipt::opened, "first");
  CHECK(host.take() == Lines{"told", "last"});
  CHECK(host.action("last").data == Properties{{"a", "yes"}});
}

TEST_CASE("parallel: exits and goals end all strands, and what waits untaken with them",
          "[engine][parallel][S28]") {
  Host host(
      with_steps("  - parallel:\n"
                 "      - steps: [{wait: 1h}, {send: id, id: a}, {wait: 1d}]\n"
                 "      - steps: [{wait: 1h}, {send: id, id: b}, {wait: 2d}]\n",
                 "exits: [{event: stop, when: event.k == journey.key}]\n"));
  host.event("go", {{"k", "x"}});
  host.after(hour_ms).advance();
  host.after(minute_ms).event("stop", {{"k", "x"}});
  CHECK(host.take().empty());
  host.after(7 * day_ms).advance();
  CHECK(host.take().empty());
  CHECK(host.statistics().journeys_in_flight == 0);
  CHECK(host.told({"withdrawn_exit", "exited"}) ==
        Lines{"withdrawn_exit b", "withdrawn_exit a", "exited (exit)"});
}

TEST_CASE("parallel: an exit step in a strand ends the journey", "[engine][parallel]") {
  Host host(
      with_steps("  - parallel:\n"
                 "      - steps: [{wait: 1d}, {send: id, id: never}]\n"
                 "      - steps: [{wait: 1h}, {exit: enough}]\n"
                 "      - steps: [{wait: 1h}, {send: id, id: also_never}]\n"));
  host.event("go", {{"k", "x"}});
  host.after(2 * day_ms).advance();
  CHECK(host.take().empty());
  CHECK(host.told({"finished", "exited"}) == Lines{"finished (enough) exit-1"});
}

TEST_CASE("parallel: nested, in a loop, with ids that never repeat", "[engine][parallel][loops]") {
  Host host(
      with_steps("  - id: outer\n"
                 "    max_visits: 2\n"
                 "    parallel:\n"
                 "      - steps:\n"
                 "          - parallel:\n"
                 "              - steps: [{wait: 1h}, {send: id, id: a}]\n"
                 "              - steps: [{wait: 3h}, {send: id, id: slow}]\n"
                 "            join: any\n"
                 "          - {send: id, id: after}\n"
                 "      - steps: [{wait: 2h}, {send: id, id: b}]\n"
                 "  - {goto: outer}\n"));
  host.event("go", {{"k", "x"}});
  host.after(12 * hour_ms).advance();
  CHECK(host.take() == Lines{"a", "after", "b", "a", "after", "b"});
  CHECK(host.told({"exited"}) == Lines{"exited (loop_limit)"});
  CHECK(host.statistics().journeys_in_flight == 0);
}

TEST_CASE("parallel: one event is heard by every strand, and enters no second journey",
          "[engine][parallel][S33]") {
  Host host(
      with_steps("  - parallel:\n"
                 "      - steps: [{wait_for: {event: go}, id: one}, {send: id, id: a}]\n"
                 "      - steps: [{wait_for: {event: go}, id: two}, {send: id, id: b}]\n"));
  host.event("go", {{"k", "x"}});
  host.after(minute_ms).event("go", {{"k", "x"}});
  CHECK(host.take() == Lines{"a", "b"});
  CHECK(host.told({"entered", "refused_reentry"}) ==
        Lines{"entered", "refused_reentry (same_input)"});
}

TEST_CASE("parallel: a wait that is past at the end of a strand skips nothing behind the parallel",
          "[engine][parallel]") {
  Host host(
      with_steps("  - parallel:\n"
                 "      - steps:\n"
                 "          - {wait: {until: 'timestamp(\"2020-01-01T00:00:00Z\")'}, "
                 "if_past: skip}\n"
                 "      - steps: [{send: id, id: b}]\n"
                 "  - {send: id, id: last}\n"));
  host.event("go", {{"k", "x"}});
  CHECK(host.take() == Lines{"b", "last"});
}

TEST_CASE("parallel: a goal that exits ends a forked journey once", "[engine][parallel][S28]") {
  for (const std::string_view rules :
       {"goals: {bought: {event: order, exits: true}}\n",
        "goals: {bought: {event: order}}\nexits: [{event: order}]\n"}) {
    Host host(
        with_steps("  - parallel:\n"
                   "      - steps: [{wait: 1d}]\n"
                   "      - steps: [{wait_for: {event: order}}]\n",
                   rules));
    host.event("go", {{"k", "x"}});
    host.after(minute_ms).event("order", {{"k", "x"}});
    CHECK(host.told({"converted"}).size() == 1);
    CHECK(host.statistics().journeys_in_flight == 0);
    host.crash();
  }
}

TEST_CASE("parallel: what one strand has taken, another may take later, but nobody behind them",
          "[engine][parallel][S2]") {
  Host host(
      with_steps("  - {send: id, id: hello}\n"
                 "  - parallel:\n"
                 "      - steps: [{wait_for: {opened: hello}, id: early, within: 5d}]\n"
                 "      - steps:\n"
                 "          - wait: 2d\n"
                 "          - {wait_for: {opened: hello}, id: late, within: 1d}\n"
                 "          - {wait_for: {opened: hello}, id: again, within: 1d}\n"
                 "          - {wait_for: {event: seen}, id: saw, since: journey, within: 1d}\n"
                 "      - steps: [{wait_for: {event: seen}, id: first, within: 1d}]\n"
                 "  - {wait_for: {opened: hello}, id: behind, within: 1d}\n"
                 "  - {wait_for: {event: seen}, id: seen, since: journey, within: 1d}\n"));
  host.event("go", {{"k", "x"}});
  host.take();
  host.after(minute_ms).report(Receipt::opened, "hello");
  host.after(minute_ms).event("seen");
  host.crash();
  host.after(30 * day_ms).advance();
  CHECK(host.told({"resolved"}) == Lines{"resolved (case) early", "resolved (case) first",
                                         "resolved wait-1", "resolved (case) late",
                                         "resolved (timeout) again", "resolved (case) saw",
                                         "resolved (joined) parallel-1",
                                         "resolved (timeout) behind", "resolved (timeout) seen"});
}

TEST_CASE("parallel: at one input strands move in the order written, however deep",
          "[engine][parallel]") {
  Host host(
      with_steps("  - parallel:\n"
                 "      - steps:\n"
                 "          - wait: 1h\n"
                 "          - parallel:\n"
                 "              - steps: [{wait_for: {event: x}, id: a}, {send: id, id: sa}]\n"
                 "              - steps: [{wait: 9d}]\n"
                 "            join: any\n"
                 "      - steps: [{wait_for: {event: x}, id: b}, {send: id, id: sb}]\n"
                 "    join: any\n"));
  host.event("go", {{"k", "x"}});
  host.after(2 * hour_ms).event("x");
  CHECK(host.take() == Lines{"sa"});
}

TEST_CASE("parallel: a strand in a freed place does not hear what has armed it",
          "[engine][parallel][S33]") {
  const std::string_view workspace =
      "workspace: shop\n"
      "channels:\n"
      "  id: {address: contact.id, consent: none}\n"
      "segments: {buyers: contact.bought == true}\n";
  Host host(
      with_steps("  - parallel:\n"
                 "      - steps: [{wait_for: {segment: buyers}}]\n"
                 "      - steps: [{wait_for: {segment: buyers}}]\n"
                 "    join: any\n"
                 "  - parallel:\n"
                 "      - steps: [{wait_for: {segment: buyers}}, {send: id, id: wrong}]\n"
                 "      - steps: [{wait_for: {segment: buyers}}, {send: id, id: wrong_too}]\n"),
      workspace);
  host.event("go", {{"k", "x"}});
  host.after(minute_ms).identify({{"bought", true}});
  CHECK(host.take().empty());
}

TEST_CASE("parallel: the host stops the whole journey once, and a new one starts clean",
          "[engine][parallel]") {
  Host host(two("all"));
  host.event("go", {{"k", "x"}});
  host.take();
  host.after(minute_ms).stop("p", "x");
  CHECK(host.told({"exited"}) == Lines{"exited (stopped)"});
  host.after(minute_ms).event("go", {{"k", "y"}});
  host.after(2 * hour_ms).advance();
  CHECK(host.take() == Lines{"a", "a2", "b", "last"});
}

}  // namespace itinera::test
