// SPDX-License-Identifier: Apache-2.0
// S24, S25, S26: what is kept from one journey to the next, and apart from others.
#include <fmt/format.h>

#include <set>

#include "support/host.hpp"

namespace itinera::test {
namespace {

const std::initializer_list<std::string_view> entries_and_exits{"entered", "exited",
                                                                "refused_reentry"};

std::string numbered(int number, std::string_view rules) {
  return fmt::format(
      "campaign: c\nversion: {}\n{}\nentry: [{{event: join}}]\nexits: [{{event: leave}}]\n"
      "steps: [{{wait: 30d}}]\n",
      number, rules);
}

}  // namespace

TEST_CASE("running: is asked before `reentry`, and `restart` does not ask it at all",
          "[engine][S26]") {
  // One journey ended and another runs: version 1 let them both in, version 2 would let in none.
  const bool restart = GENERATE(true, false);
  Host host(numbered(1, "reentry: after 1h"));
  host.event("join").event("leave").after(hour_ms).event("join");
  host.publish(
      numbered(2, restart ? "reentry: never\nwhile_running: restart" : "reentry: never\n"));
  host.told(entries_and_exits);
  host.event("join");
  CHECK(host.told(entries_and_exits) == (restart ? Lines{"exited (replaced)", "entered"}
                                                 : Lines{"refused_reentry (while_running)"}));
}

TEST_CASE("running: `another` asks `reentry` of those that ended", "[engine][S26]") {
  Host host(numbered(1, "reentry: never\nwhile_running: another"));
  host.event("join").event("join").event("leave").event("join");
  CHECK(host.told(entries_and_exits) ==
        Lines{"entered", "entered", "exited (exit)", "exited (exit)", "refused_reentry (never)"});
}

TEST_CASE("running: a journey that ended with a goal still open is not one", "[engine][S26]") {
  const std::string_view rule = GENERATE("while_running: ignore", "while_running: restart");
  Host host(fmt::format(R"(
campaign: c
{}
entry: [{{event: join}}]
goals: {{paid: {{event: paid, within: 7d}}}}
steps: [{{wait: 1h}}]
)",
                        rule));
  host.event("join").after(hour_ms).advance().event("join");
  CHECK(host.told(entries_and_exits) == Lines{"entered", "entered"});
}

TEST_CASE("again: journeys that begin and end at one instant have ids of their own",
          "[engine][S26]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{send: id, id: s}]\n");
  const bool restarted = GENERATE(true, false);
  host.event("join").event("join");
  if (restarted) host.take();
  host.event("join").take();
  std::set<ActionId> ids;
  for (const Taken& action : host.actions()) ids.insert(action.id);
  CHECK(ids.size() == 3);
}

TEST_CASE("again: the rule is each campaign's own, and each key's", "[engine][S26]") {
  Host host(R"(
campaign: a
reentry: never
entry: [{event: join}]
exits: [{event: leave}]
steps: [{wait: 1d}]
---
campaign: b
reentry: never
entry: [{event: join, when: event.late == true}, host]
exits: [{event: leave}]
steps: [{wait: 1d}]
)");
  host.event("join").event("leave").event("join", {{"late", true}}).event("leave");
  CHECK(host.told(entries_and_exits) ==
        Lines{"entered", "exited (exit)", "refused_reentry (never)", "entered", "exited (exit)"});
  // Nor does it speak of another contact.
  host.identify({}, "bob").event("join", {}, "bob");
  CHECK(host.told(entries_and_exits) == Lines{"entered"});
  // The empty key is not the absence of one.
  host.enter("b").enter("b", "").event("leave").enter("b", "");
  CHECK(host.told(entries_and_exits) ==
        Lines{"refused_reentry (never)", "entered", "exited (exit)", "refused_reentry (never)"});
}

TEST_CASE("split: an assignment belongs to one campaign and one step", "[engine][S24]") {
  // Two steps and two campaigns with variants of the same names, and weights that leave no choice.
  const auto arms = [](int a, int b) {
    return fmt::format(
        "[{{variant: x, weight: {}, steps: [{{send: id}}]}}, "
        "{{variant: y, weight: {}}}]",
        a, b);
  };
  Host host(
      fmt::format("campaign: one\nentry: [{{event: join}}]\nsteps:\n"
                  "  - {{id: arm, split: {0}}}\n  - {{id: other, split: {1}}}\n---\n"
                  "campaign: two\nentry: [{{event: join}}]\nsteps:\n"
                  "  - {{id: arm, split: {1}}}\n",
                  arms(1, 0), arms(1, 999)));
  // A thousandth of all contacts would be in `x` of the second step; of these twenty none is.
  std::set<std::string> choices;
  for (int i = 0; i < 20; ++i) host.event("join", {}, fmt::format("u{}", i));
  for (const Told& each : host.story()) {
    if (each.what != "assigned") continue;
    choices.insert(each.campaign + " " + each.step + " " + each.choice);
  }
  CHECK(choices == std::set<std::string>{"one arm x", "one other y", "two arm y"});
}

TEST_CASE("loop: the default bound is a thousand visits", "[engine][S25][limits]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello}
  - wait: 1m
  - {goto: hello}
)");
  host.event("join").after(999 * minute_ms).advance();
  CHECK(host.statistics().actions_emitted == 1000);
  CHECK(host.told({"exited"}).empty());
  host.after(minute_ms).advance();
  CHECK(host.statistics().actions_emitted == 1000);
  CHECK(host.told({"exited"}) == Lines{"exited (loop_limit)"});
}

TEST_CASE("loop: one opened message lets a loop round once, not a thousand times",
          "[engine][S25][S33]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello}
  - {wait_for: {opened: any}, id: w}
  - {send: id, id: more}
  - {goto: w}
)");
  host.event("join").take();
  host.report(Receipt::opened, "hello");
  CHECK(host.take() == Lines{"more"});
}

}  // namespace itinera::test
