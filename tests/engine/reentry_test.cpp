// SPDX-License-Identifier: Apache-2.0
// S26, S27: one rule on every way in.
#include <fmt/format.h>

#include <set>

#include "engine/loss.hpp"
#include "support/host.hpp"
#include "tables/short_runs.hpp"

namespace itinera::test {
namespace {

std::string campaign_with(std::string_view rules) {
  return fmt::format(R"(
campaign: c
{}
entry:
  - {{event: join, key: event.k}}
  - host
exits: [{{event: leave}}]
steps:
  - wait: 1h
  - {{send: id, id: done}}
)",
                     rules);
}

const std::initializer_list<std::string_view> all_outcomes{"entered", "exited", "refused_reentry",
                                                           "refused_entry", "missing_key"};

}  // namespace

TEST_CASE("at once: the same contact and key entering twice in one batch enters once",
          "[engine][S26]") {
  Host host(campaign_with(""));
  const Properties k1{{"k", "1"}};
  const Properties k2{{"k", "2"}};
  const Input batch[] = {host.an_event("join", k1), host.an_event("join", k1),
                         host.an_event("join", k2), host.an_event("join", k1, "bob")};
  CHECK(host.engine().feed(batch).empty());
  CHECK(host.told(all_outcomes) ==
        Lines{"entered", "refused_reentry (while_running)", "entered", "entered"});
}

TEST_CASE("at once: an event that meets two entries of a campaign enters by the first",
          "[engine][S26]") {
  Host host(R"(
campaign: c
while_running: another
entry:
  - {event: join, when: event.total > 10}
  - {event: join, key: event.k}
  - {event: join, key: '"third"'}
steps: [{wait: 1h}]
)");
  host.event("join", {{"total", 50}, {"k", "1"}}).event("join", {{"total", 5}, {"k", "2"}});
  CHECK(host.told(all_outcomes) == Lines{"entered", "entered"});
  const std::vector<Told> story = host.story();
  CHECK(story.at(story.size() - 2).key == "2");
}

TEST_CASE("at once: one event enters two campaigns, in S0's order", "[engine][S26]") {
  Host host(R"(
campaign: low
priority: 10
entry: [{event: join}]
steps: [{wait: 1h}]
---
campaign: top
priority: 90
entry: [{event: join}]
steps: [{wait: 1h}]
)");
  host.event("join");
  Lines entered;
  for (const Told& each : host.story()) {
    if (each.what == "entered") entered.push_back(each.campaign);
  }
  CHECK(entered == Lines{"top", "low"});
  CHECK(host.statistics().contacts == 1);
}

TEST_CASE("running: ignore keeps the one in flight", "[engine][S26]") {
  Host host(campaign_with("while_running: ignore"));
  host.event("join", {{"k", "1"}}).after(minute_ms).event("join", {{"k", "1"}});
  CHECK(host.told(all_outcomes) == Lines{"entered", "refused_reentry (while_running)"});
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"done"});
  CHECK(host.action("done").at == host.clock() - minute_ms);
}

TEST_CASE("running: restart ends the old one and begins anew", "[engine][S26]") {
  Host host(campaign_with("while_running: restart"));
  host.event("join", {{"k", "1"}}).after(minute_ms).event("join", {{"k", "1"}});
  CHECK(host.told(all_outcomes) == Lines{"entered", "exited (replaced)", "entered"});
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"done"});
  CHECK(host.action("done").at == host.clock());
}

TEST_CASE("running: another lets both run, with distinct ids even at one instant",
          "[engine][S26]") {
  Host host(campaign_with("while_running: another"));
  const bool at_once = GENERATE(true, false);
  for (int i = 0; i < 3; ++i) host.after(at_once ? 0 : 1).event("join", {{"k", "1"}});
  CHECK(host.told(all_outcomes) == Lines{"entered", "entered", "entered"});
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"done", "done", "done"});
  std::set<ActionId> ids;
  for (const Taken& a : host.actions()) ids.insert(a.id);
  CHECK(ids.size() == 3);
}

TEST_CASE("again: never, after the first", "[engine][S26]") {
  Host host(campaign_with("reentry: never"));
  host.event("join", {{"k", "1"}}).event("leave").after(365 * day_ms).event("join", {{"k", "1"}});
  host.event("join", {{"k", "2"}}).event("join", {{"k", "1"}}, "bob");
  CHECK(host.told(all_outcomes) ==
        Lines{"entered", "exited (exit)", "refused_reentry (never)", "entered", "entered"});
}

TEST_CASE("again: always, by default", "[engine][S26]") {
  Host host(campaign_with(""));
  host.event("join", {{"k", "1"}}).event("leave").event("join", {{"k", "1"}});
  CHECK(host.told(all_outcomes) == Lines{"entered", "exited (exit)", "entered"});
}

TEST_CASE("again: after a duration, from the end or from the entry, to the millisecond",
          "[engine][S26]") {
  const bool since_entry = GENERATE(true, false);
  const std::int64_t short_of = GENERATE(0, 1);
  Host host(campaign_with(since_entry ? "reentry: after 7d since entry" : "reentry: after 7d"));
  const Instant entered = host.clock();
  host.event("join", {{"k", "1"}}).after(30 * minute_ms).event("leave");
  const Instant from = since_entry ? entered : host.clock();
  host.at(from + 7 * day_ms - short_of).event("join", {{"k", "1"}});
  CHECK(host.told(all_outcomes) == Lines{"entered", "exited (exit)",
                                         short_of == 0 ? "entered" : "refused_reentry (too_soon)"});
}

TEST_CASE("again: the rule stands on the host's way in too", "[engine][S26]") {
  Host host(campaign_with("reentry: never"));
  host.enter("c", "1").event("join", {{"k", "1"}}).event("leave");
  host.enter("c", "1").enter("c", "2").enter("c");
  CHECK(host.told(all_outcomes) == Lines{"entered", "refused_reentry (while_running)",
                                         "exited (exit)", "refused_reentry (never)", "entered",
                                         "entered"});
}

TEST_CASE("again: survives a restart", "[engine][S26]") {
  Host host(campaign_with("reentry: never"));
  host.event("join", {{"k", "1"}}).event("leave").crash().event("join", {{"k", "1"}});
  CHECK(host.told(all_outcomes) == Lines{"entered", "exited (exit)", "refused_reentry (never)"});
}

TEST_CASE("key: absent or of a kind that is no key, the contact does not enter", "[engine][S27]") {
  Host host(campaign_with(""));
  const auto properties =
      GENERATE(Properties{}, Properties{{"other", "1"}}, Properties{{"k", Value{}}},
               Properties{{"k", Value::List{"1"}}}, Properties{{"k", Value::Map{{"a", "1"}}}},
               Properties{{"k", 1.5}}, Properties{{"k", 1e300}}, Properties{{"k", Timestamp{5, 0}}},
               Properties{{"k", TimeSpan{5, 0}}});
  host.event("join", properties);
  CHECK(host.told(all_outcomes) == Lines{"missing_key"});
  CHECK(host.statistics().journeys_entered == 0);
  CHECK(host.statistics().contacts == 0);
}

TEST_CASE("key: is text; ints and bools in decimal, a double if integral, an empty text too",
          "[engine][S27]") {
  struct Row {
    Value value;
    const char* key;
  };
  const Row row =
      GENERATE(Row{"c9", "c9"}, Row{"", ""}, Row{42, "42"}, Row{-1, "-1"}, Row{true, "true"},
               Row{false, "false"}, Row{2.0, "2"}, Row{-0.0, "0"}, Row{1e15, "1000000000000000"});
  Host host(campaign_with(""));
  host.event("join", {{"k", row.value}}).event("join", {{"k", row.key}});
  CHECK(host.told(all_outcomes) == Lines{"entered", "refused_reentry (while_running)"});
  host.after(hour_ms).advance().take();
  CHECK(host.action("done").has_key);
  CHECK(host.action("done").key == row.key);
}

TEST_CASE("key: none at all is a key of its own", "[engine][S27]") {
  Host host(campaign_with(""));
  host.enter("c").enter("c", "").enter("c");
  CHECK(host.told(all_outcomes) == Lines{"entered", "entered", "refused_reentry (while_running)"});
}

TEST_CASE("entry: a condition that is false or unknown does not let in, and leaves no contact",
          "[engine][entry]") {
  Host host(R"(
campaign: c
entry: [{event: join, when: event.total >= 50.0 && contact.plan != "free"}]
steps: [{wait: 1h}]
)");
  host.event("join", {{"total", 20.0}}).event("join", {{"total", 80.0}});
  CHECK(host.statistics().contacts == 0);
  CHECK(host.statistics().conditions_unknown == 1);
  host.identify({{"plan", "paid"}}).event("join", {{"total", 80.0}});
  CHECK(host.statistics().journeys_entered == 1);
}

TEST_CASE("host entry: campaigns without one, or unknown, refuse the input", "[engine][entry]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{wait: 1h}]
)");
  CHECK(host.feed(host.an_enter("c")) == ErrorCode::invalid_argument);
  CHECK(host.feed(host.an_enter("d")) == ErrorCode::unknown_campaign);
  CHECK(host.feed(host.an_enter("c", {}, "")) == ErrorCode::invalid_argument);
}

TEST_CASE("host entry: carries properties for `entry.x`", "[engine][entry]") {
  Host host(R"(
campaign: c
entry: [host]
steps:
  - {send: id, id: s, data: {arm: =entry.arm}}
)");
  Enter enter = host.an_enter("c");
  const Properties properties{{"arm", "blue"}, {"unasked", "x"}};
  enter.properties = properties;
  host.take_in(enter).take();
  CHECK(host.action("s").data == Properties{{"arm", "blue"}});
}

TEST_CASE("stop: ends the contact's journeys of a campaign, of one key or of all",
          "[engine][entry]") {
  Host host(campaign_with(""));
  host.enter("c", "1").enter("c", "2").enter("c", "3").enter("c", "1", "bob");
  host.stop("c", "2");
  CHECK(host.statistics().journeys_in_flight == 3);
  host.stop("c");
  CHECK(host.statistics().journeys_in_flight == 1);
  host.stop("c", {}, "nobody").stop("c", "9");
  CHECK(host.statistics().contacts == 2);
  CHECK(host.told({"exited"}) == Lines{"exited (stopped)", "exited (stopped)", "exited (stopped)"});
  CHECK(host.feed(Stop{"d", "ola", {}, {host.clock(), {}, {}, {}}}) == ErrorCode::unknown_campaign);
}

TEST_CASE("stop: withdraws what was not taken yet", "[engine][entry][S28]") {
  Host host(R"(
campaign: c
entry: [host]
steps: [{send: id, id: s}, {wait: 1h}]
)");
  host.enter("c").stop("c");
  CHECK(host.take().empty());
  CHECK(host.told({"withdrawn_exit"}) == Lines{"withdrawn_exit s"});
}

TEST_CASE("reentry: of all journeys that a contact can have at one instant each has its own id",
          "[engine][S26][limits]") {
  constexpr std::size_t most = 0xFFFF;
  Host host("campaign: c\nentry: [host]\nsteps: [{audience: {add: list}}]\n");
  const std::vector<Input> inputs(most + 1, host.an_enter("c"));
  std::set<ActionId> ids;
  const auto take = [&](std::span<const Input> some) {
    CHECK(host.engine().feed(some).empty());
    for (const Action& action : host.engine().take_output().actions) ids.insert(action.id);
  };
  take(inputs);
  CHECK(ids.size() == most);
  CHECK(host.statistics().journeys_entered == most);
}

TEST_CASE("reentry: those that have ended at this instant count after a restart",
          "[engine][S26][restore]") {
  const int runs = GENERATE(3, 40);
  Host host("campaign: c\nentry: [host]\nsteps: [{send: id, id: hi}]\n");
  for (int i = 0; i < runs; ++i) host.enter("c");
  host.take();
  lose(host, GENERATE(Loss::journal, Loss::snapshot));
  host.enter("c").enter("c").take();
  std::set<ActionId> ids;
  for (const Taken& each : host.actions()) ids.insert(each.id);
  CHECK(ids.size() == static_cast<std::size_t>(runs) + 2);
}

TEST_CASE("short runs: of very many those of one are found without a look at the others",
          "[engine][S26][limits]") {
  static std::size_t looks = 0;
  struct Run {
    std::uint32_t who = 0;
    std::uint16_t family = 0;
    std::uint16_t ordinal = 0;
    [[nodiscard]] std::uint32_t whose() const {
      ++looks;
      return who;
    }
  };
  engine::RunTable<Run> runs;
  constexpr std::uint32_t many = 10'000;
  for (std::uint32_t who = 0; who < many; ++who) {
    for (const int ordinal : {0, 2, 1}) {
      runs.add({who, static_cast<std::uint16_t>(who % 3), static_cast<std::uint16_t>(ordinal)});
    }
  }
  looks = 0;
  CHECK(runs.entries(4, 1) == 3);
  CHECK(runs.entries(4, 2) == 0);
  std::size_t taken = 0;
  runs.take_all(4, [&](const Run& run) { taken += run.ordinal; });
  CHECK(taken == 2);
  CHECK(runs.entries(4, 1) == 0);
  CHECK(runs.entries(5, 2) == 3);
  CHECK(looks < 100);
  runs.clear();
  CHECK(runs.entries(5, 2) == 0);
}

TEST_CASE("forget: those who come again at the instant at which they were forgotten begin anew",
          "[engine][S30][S26][restore]") {
  const int contacts = GENERATE(3, 40);
  Host host("campaign: c\nentry: [{event: go}]\nsteps: [{send: id, id: hi}]\n");
  const auto go = [&] {
    for (int i = 0; i < contacts; ++i) host.event("go", {}, fmt::format("u{}", i));
    host.take();
  };
  go();
  go();
  for (int i = 0; i < contacts; ++i) {
    const std::string id = fmt::format("u{}", i);
    host.take_in(Forget{id, {host.clock(), std::nullopt, {}, {}}});
  }
  lose(host, GENERATE(Loss::none, Loss::journal, Loss::snapshot));
  go();
  go();
  std::set<ActionId> ids;
  for (const Taken& each : host.actions()) ids.insert(each.id);
  CHECK(ids.size() == 4 * static_cast<std::size_t>(contacts));
}

TEST_CASE("reentry: `since entry` counts from the newest entry, whichever ended last",
          "[engine][S26]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
while_running: another
reentry: after 7d since entry
steps: [{branch: [{when: entry.n == 1, steps: [{wait: 10d}]}]}]
)");
  host.event("join", {{"n", 1}}).after(9 * day_ms).event("join", {{"n", 2}});
  host.after(3 * day_ms).event("join", {{"n", 3}});
  CHECK(host.told({"entered", "refused_reentry"}) ==
        Lines{"entered", "entered", "refused_reentry (too_soon)"});
  host.crash().after(4 * day_ms).event("join", {{"n", 4}});
  CHECK(host.told({"entered"}) == Lines{"entered"});
}

TEST_CASE("limits: a `restart` leaves no more goals open than a contact may have journeys",
          "[engine][S26][limits]") {
  Limits limits;
  limits.journeys_per_contact = GENERATE(1u, 2u);
  Host host(R"(
campaign: c
entry: [{event: join}]
while_running: restart
goals: {order: {event: buy, within: 365d}}
steps: [{wait: 30d}]
)",
            shop, limits);
  for (int i = 0; i < 4; ++i) host.after(1).event("join");
  CHECK(host.told({"entered"}).size() == 4);
  host.crash().event("buy");
  CHECK(host.told({"converted"}).size() == limits.journeys_per_contact);
}

}  // namespace itinera::test
