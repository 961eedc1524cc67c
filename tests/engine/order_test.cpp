// SPDX-License-Identifier: Apache-2.0
// S0, S33, S28: who comes first where contacts, versions and what a `set` sets off meet at one
// instant.
#include <fmt/format.h>

#include <algorithm>

#include "base/stable_hash.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

// Contacts in the order of their hashes, which is S0's.
Lines in_hash_order(Lines contacts) {
  std::sort(contacts.begin(), contacts.end(), [](const std::string& a, const std::string& b) {
    return base::stable_hash(a).high < base::stable_hash(b).high;
  });
  return contacts;
}

Lines steps_of(const Lines& contacts, std::string_view step) {
  Lines lines;
  for (const std::string& contact : contacts) lines.push_back(fmt::format("{}@{}", step, contact));
  return lines;
}

}  // namespace

TEST_CASE("order: two versions of a campaign stand at one place in it, contact by contact",
          "[engine][S0][S23]") {
  const auto version = [](int number) {
    return fmt::format(
        "campaign: c\nversion: {}\nentry: [{{event: join}}]\nsteps:\n"
        "  - wait: {{until: '\"2026-03-03T00:00:00Z\"'}}\n  - {{send: id, id: s}}\n",
        number);
  };
  const Lines contacts = in_hash_order({"ada", "bob", "cyd", "dee", "eve", "fay"});
  Host host(version(1));
  // By turns on the old version and on the new one, the old ones last in S0's order.
  for (std::size_t i = 1; i < contacts.size(); i += 2) host.event("join", {}, contacts[i]);
  host.publish(version(2));
  for (std::size_t i = 0; i < contacts.size(); i += 2) host.event("join", {}, contacts[i]);
  host.at("2026-03-03T00:00:00Z").advance();
  CHECK(host.take() == steps_of(contacts, "s"));
}

TEST_CASE("order: timers run by value where they send nothing, too", "[engine][S0]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{wait: {until: '"2026-03-03T00:00:00Z"'}}, {set: {done: true}, id: s}]
)");
  Lines contacts = in_hash_order({"ada", "bob", "cyd", "dee", "eve", "fay"});
  std::rotate(contacts.begin(), contacts.begin() + 2, contacts.end());
  std::reverse(contacts.begin(), contacts.end());
  for (const std::string& contact : contacts) host.event("join", {}, contact);
  host.at("2026-03-03T00:00:00Z").advance();
  CHECK(host.take() == steps_of(in_hash_order(contacts), "s"));
}

TEST_CASE("order: campaigns of one priority run by their names, in whatever order they are given",
          "[engine][S0][S18]") {
  std::string text;
  for (const char* name : {"a", "b", "c"}) {
    text +=
        fmt::format("{}campaign: {}\nentry: [{{event: join}}]\nsteps: [{{send: id, id: of-{}}}]\n",
                    text.empty() ? "" : "---\n", name, name);
  }
  Host host("campaign: first\nentry: [{event: other}]\nsteps: [{wait: 1h}]\n");
  LoadedWorkspace loaded = host.load(text);
  std::sort(loaded.campaigns.begin(), loaded.campaigns.end(),
            [](const Campaign& a, const Campaign& b) { return a.name > b.name; });
  REQUIRE(host.engine().publish(loaded.workspace, loaded.campaigns, host.clock()));
  host.event("join");
  CHECK(host.take() == Lines{"of-a", "of-b", "of-c"});
}

TEST_CASE("order: no key goes before the empty key", "[engine][S0][S27]") {
  Host host(R"(
campaign: c
entry: [host]
steps: [{wait: 1h}, {send: id, id: s}]
)");
  host.enter("c", "").enter("c").after(hour_ms).advance().take();
  REQUIRE(host.actions().size() == 2);
  CHECK_FALSE(host.actions()[0].has_key);
  CHECK(host.actions()[1].has_key);
}

TEST_CASE("order: an input whose `received` is early stands at engine time in the journal",
          "[engine][S0]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}]\n");
  host.after(2 * hour_ms).event("join", {}, "bob");
  const Instant now = host.clock();
  host.at(Host::start).event("join");
  CHECK(host.story().back().contact == "ola");
  CHECK(host.story().back().at == now);
}

TEST_CASE("order: a publication at the instant of a deadline comes before its timer",
          "[engine][S0][S23]") {
  const auto version = [](int number) {
    return fmt::format(
        "campaign: c\nversion: {}\nentry: [{{event: join}}]\n"
        "steps: [{{wait: 1h}}, {{send: id, id: s}}]\n",
        number);
  };
  Host host(version(1));
  host.event("join").after(hour_ms).publish(version(2));
  CHECK(host.statistics().timers_fired == 0);
  host.advance();
  CHECK(host.take() == Lines{"s"});
}

TEST_CASE("time: that a timer closed its instant is known after a restart", "[engine][S0]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}]\n");
  host.event("join").after(hour_ms).advance().crash();
  host.event("join", {}, "bob");
  CHECK(host.due_of("wait-1") == host.clock() + 1 + hour_ms);
}

TEST_CASE("cascade: first in, first out, over all contacts of an instant", "[engine][S33]") {
  // `a` stands before `b` in S33's order, so that what `b` sets reaches it in a round of its own.
  Host host(R"(
campaign: a
entry: [{event: join}]
steps: [{wait_for: {condition: contact.two == true}}, {set: {three: true}, id: third}]
---
campaign: b
entry: [{event: join}]
steps: [{wait_for: {condition: contact.one == true}}, {set: {two: true}, id: second}]
---
campaign: c
entry: [{event: join}]
steps: [{wait: 1h}, {set: {one: true}, id: first}]
)");
  const Lines contacts = in_hash_order({"ada", "bob", "cyd"});
  for (const std::string& contact : contacts) host.event("join", {}, contact);
  host.after(hour_ms).advance();
  Lines wanted;
  for (const char* step : {"first", "second", "third"}) {
    for (const std::string& line : steps_of(contacts, step)) wanted.push_back(line);
  }
  CHECK(host.take() == wanted);
}

TEST_CASE("cascade: its depth is counted anew for every input", "[engine][S33]") {
  // Each waits for a number and sets the next one; twelve are well below the depth of 16.
  std::string text;
  for (int i = 0; i < 12; ++i) {
    text += fmt::format(
        "{}campaign: c{}\nentry: [{{event: join}}]\nsteps:\n"
        "  - wait_for: {{condition: contact.n == {}}}\n  - set: {{n: {}}}\n",
        i == 0 ? "" : "---\n", 50 - i, i, i + 1);
  }
  Host host(text);
  for (int i = 0; i < 3; ++i) {
    host.event("join").identify({{"n", 0}});
    CHECK(host.take().size() == 12);
  }
  CHECK(host.told({"chain_limit"}).empty());
}

TEST_CASE("cascade: runs after the whole input, its entries included", "[engine][S33][S28]") {
  // `late` enters by the same event that makes `setter` write the attribute; its exit is not
  // tested at entry, so only a cascade behind the entry can reach it.
  Host host(R"(
campaign: setter
entry: [{event: join}]
steps: [{wait_for: {event: paid}}, {set: {tier: gold}}]
---
campaign: late
entry: [{event: paid}]
exits: [{condition: contact.tier == "gold"}]
steps: [{wait: 1d}]
)");
  host.event("join").event("paid");
  CHECK(host.told({"entered", "exited"}) == Lines{"entered", "entered", "exited (exit)"});
}

TEST_CASE("cascade: what a `set` behind a send changes is heard at that instant too",
          "[engine][S33]") {
  Host host(R"(
campaign: a
entry: [{event: join}]
steps: [{wait_for: {event: paid}}, {send: id, id: hello}, {set: {tier: gold}}]
---
campaign: b
entry: [{event: join}]
steps: [{wait_for: {condition: contact.tier == "gold"}}, {send: id, id: golden}]
)");
  host.event("join").event("paid");
  CHECK(host.take() == Lines{"hello", "set-1", "golden"});
  CHECK(host.action("golden").at == host.clock());
}

TEST_CASE(
    "cascade: an exit, or a goal that exits, takes a send that waits for its turn out of "
    "the queue",
    "[engine][S28][S33]") {
  const std::string_view rule = GENERATE("exits: [{condition: contact.tier == \"gold\"}]",
                                         "goals: {g: {condition: contact.tier == \"gold\", "
                                         "exits: true}}");
  Host host(fmt::format(R"(
campaign: low
priority: 10
entry: [{{event: join}}]
{}
steps: [{{wait_for: {{event: paid}}}}, {{send: id, id: never}}]
---
campaign: high
priority: 90
entry: [{{event: join}}]
steps: [{{wait_for: {{event: paid}}}}, {{send: id, id: hello}}, {{set: {{tier: gold}}}}]
---
campaign: last
priority: 0
entry: [{{event: join}}]
steps: [{{wait_for: {{event: paid}}}}, {{send: id, id: after}}]
)",
                        rule));
  host.event("join").event("paid");
  CHECK(host.take() == Lines{"hello", "set-1", "after"});
  CHECK(host.told({"exited", "withdrawn_exit"}).size() == 1);
  CHECK(host.statistics().actions_emitted == 3);
}

TEST_CASE("exit: a condition over the journey's own variable acts at the next input, a report too",
          "[engine][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{condition: journey.sure == true}]
steps: [{send: id, id: hello}, {wait: 1h}, {set: {journey.sure: true}}, {wait: 1d}]
)");
  host.event("join").take();
  host.after(hour_ms).advance();
  host.report(Receipt::opened, "hello");
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

TEST_CASE("link: what the anonymous id brings is there before goals and exits are tested",
          "[engine][S33][identity]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
goals: {seen: {condition: 'ever("view")'}}
exits: [{condition: contact.plan == "paid"}]
steps: [{wait: 1d}]
)");
  const bool by_identify = GENERATE(true, false);
  const Properties plan{{"plan", "paid"}};
  Identify anonymous = host.an_identify(plan, "");
  anonymous.anonymous = "a1";
  host.event("join").take_in(anonymous).anonymous_event("view", "a1");
  Identify known = host.an_identify({});
  known.anonymous = "a1";
  if (by_identify) host.take_in(known);
  if (!by_identify) host.alias("a1");
  CHECK(host.told({"converted", "exited"}) == Lines{"converted", "exited (exit)"});
}

}  // namespace itinera::test
