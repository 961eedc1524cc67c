// SPDX-License-Identifier: Apache-2.0
// S0: what moves time, and who comes first at one instant.
#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/stable_hash.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view waiter = R"(
campaign: waiter
entry: [{event: join}]
exits: [{event: leave}]
steps:
  - wait: 1h
  - {send: id, id: done}
)";

// Everything that S0 sorts by, but for the step.
struct Place {
  int priority;
  std::string campaign;
  std::string contact;
  Instant entered;
  std::string key;
  std::int64_t ordinal;
  [[nodiscard]] auto rank() const {
    return std::tuple(-priority, campaign, base::stable_hash(contact).high, contact, entered, key,
                      ordinal);
  }
};

std::string line(const Place& p) {
  return p.campaign + " " + p.contact + " " + p.key + " " + std::to_string(p.ordinal);
}

constexpr std::string_view b_high = R"(
campaign: b-high
priority: 90
entry: [{event: join, key: event.key}]
while_running: another
steps:
  - wait: 10m
  - wait: {until: '"2026-03-02T12:00:00Z"'}
  - {send: id, id: s, data: {n: =entry.n}}
)";
constexpr std::string_view c_high = R"(
campaign: c-high
priority: 90
entry: [{event: join, key: event.key}]
while_running: another
steps:
  - wait: {until: '"2026-03-02T12:00:00Z"'}
  - {send: id, id: s, data: {n: =entry.n}}
)";
constexpr std::string_view a_low = R"(
campaign: a-low
priority: 10
entry: [{event: join, key: event.key}]
while_running: another
steps:
  - wait: {until: '"2026-03-02T12:00:00Z"'}
  - {send: id, id: s, data: {n: =entry.n}}
)";

}  // namespace

TEST_CASE(
    "order: timers of one instant run by value, whatever the order of arming, creation, "
    "loading and feeding",
    "[engine][S0][S18]") {
  std::vector<std::string_view> campaigns{b_high, c_high, a_low};
  std::vector<std::string> contacts{"ada", "bob", "cyd", "dee", "eve", "a-much-longer-contact-id"};
  const int turn = GENERATE(range(0, 6));
  for (int i = 0; i < turn; ++i) {
    std::next_permutation(campaigns.begin(), campaigns.end());
    std::rotate(contacts.begin(), contacts.begin() + 1, contacts.end());
    if (i % 2 == 0) std::reverse(contacts.begin(), contacts.end());
  }
  std::string text;
  for (const std::string_view each : campaigns) text.append(each).append("---");
  text.resize(text.size() - 3);

  Host host(text);
  for (const std::string& contact : contacts) host.identify({{"plan", "x"}}, contact);
  std::vector<Place> expected;
  const auto join = [&](const std::string& contact, const std::string& key, std::int64_t n) {
    host.event("join", {{"key", key}, {"n", n}}, contact);
    for (const auto& [name, priority] :
         {std::pair("a-low", 10), std::pair("b-high", 90), std::pair("c-high", 90)}) {
      expected.push_back({priority, name, contact, host.clock(), key, n});
    }
  };
  // Key k9 enters first in time; k1 and k2 at one instant; k2 twice, told apart by the ordinal.
  host.at("2026-03-02T10:00:00Z");
  for (const std::string& contact : contacts) join(contact, "k9", 0);
  host.at("2026-03-02T11:00:00Z");
  for (const std::string& contact : contacts) join(contact, "k2", 0);
  for (const std::string& contact : contacts) join(contact, "k2", 1);
  for (const std::string& contact : contacts) join(contact, "k1", 2);
  std::sort(expected.begin(), expected.end(),
            [](const Place& a, const Place& b) { return a.rank() < b.rank(); });

  host.at("2026-03-02T12:00:00Z").advance().take();
  Lines lines;
  for (const Taken& a : host.actions()) {
    CHECK(a.at == instant("2026-03-02T12:00:00Z"));
    lines.push_back(a.campaign + " " + a.contact + " " + a.key + " " + to_json(a.data.at(0).value));
  }
  Lines wanted;
  for (const Place& each : expected) wanted.push_back(line(each));
  CHECK(lines == wanted);
}

TEST_CASE(
    "order: what an emission makes ready joins the queue in order, so priority means priority",
    "[engine][S0]") {
  Host host(R"(
campaign: a-low
priority: 10
entry: [{event: join}]
steps:
  - {send: id, id: low-1}
  - {send: id, id: low-2}
---
campaign: z-high
priority: 90
entry: [{event: join}]
steps:
  - {send: id, id: high-1}
  - {send: id, id: high-2}
)");
  host.event("join");
  CHECK(host.take() == Lines{"high-1", "high-2", "low-1", "low-2"});
}

TEST_CASE("order: sends of one instant wait until all its timers have run", "[engine][S0]") {
  Host host(R"(
campaign: a-low
priority: 10
entry: [{event: join}]
steps:
  - wait: 1h
  - {send: id, id: low, when: '!has(contact.told)'}
---
campaign: z-high
priority: 90
entry: [{event: join}]
steps:
  - wait: 1h
  - {send: id, id: high}
  - set: {told: true}
)");
  host.event("join").after(hour_ms).advance();
  CHECK(host.take() == Lines{"high", "set-1"});
  CHECK(host.told({"skipped_when"}) == Lines{"skipped_when low"});
}

TEST_CASE("order: at one instant inputs come first, in the order fed, then timers",
          "[engine][S0]") {
  Host host(waiter);
  host.event("join").after(hour_ms).event("leave").advance();
  CHECK(host.take().empty());
  CHECK(host.told({"exited", "finished"}) == Lines{"exited (exit)"});
}

TEST_CASE("order: feeding first fires what is due before the input", "[engine][S0]") {
  Host host(waiter);
  host.event("join").after(hour_ms + 1).event("leave");
  CHECK(host.take() == Lines{"done"});
  CHECK(host.action("done").at == instant(Host::start) + hour_ms);
}

TEST_CASE("time: an advance closes its instant; what comes later at it is taken 1 ms after",
          "[engine][S0]") {
  Host host(waiter);
  host.advance().event("join");
  CHECK(host.due_of("wait-1") == host.clock() + 1 + hour_ms);
  host.after(10).advance();
  host.at(Host::start).event("join", {}, "bob");
  CHECK(host.engine().now() == host.clock() + 11);
  CHECK(host.due_of("wait-1") == host.clock() + 11 + hour_ms);
  // Two inputs after a closed instant share the next one.
  host.event("join", {}, "cyd");
  CHECK(host.engine().now() == host.clock() + 11);
}

TEST_CASE("time: firing a timer closes its instant too", "[engine][S0]") {
  Host host(waiter);
  host.event("join").after(hour_ms).advance();
  host.event("join", {}, "bob");
  CHECK(host.due_of("wait-1") == host.clock() + 1 + hour_ms);
}

TEST_CASE("time: a `received` earlier than engine time becomes engine time", "[engine][S0]") {
  Host host(waiter);
  host.after(hour_ms).event("join", {}, "bob");
  host.at(Host::start).event("join");
  CHECK(host.engine().now() == host.clock() + hour_ms);
  CHECK(host.due_of("wait-1") == host.clock() + 2 * hour_ms);
}

TEST_CASE("time: never runs backwards", "[engine][S0]") {
  Host host(waiter);
  host.after(hour_ms).advance().at(Host::start).advance();
  CHECK(host.engine().now() == host.clock() + hour_ms);
}

TEST_CASE("time: `occurred` moves nothing; more than five minutes ahead it is clamped and counted",
          "[engine][S0]") {
  constexpr std::string_view text = R"(
campaign: c
entry: [{event: ask}]
steps:
  - {send: id, id: s, data: {t: '=last("ping")'}}
)";
  const std::int64_t ahead = GENERATE(-day_ms, 0, 5 * minute_ms, 5 * minute_ms + 1, 30 * day_ms);
  Host host(text);
  const bool clamped = ahead > 5 * minute_ms;
  host.late_event("ping", host.clock() + ahead).event("ask").take();
  CHECK(host.engine().now() == host.clock());
  CHECK(host.statistics().occurred_clamped == (clamped ? 1 : 0));
  const auto* at = host.action("s").data.at(0).value.get<Timestamp>();
  REQUIRE(at != nullptr);
  CHECK(at->seconds * 1000 + at->nanos / 1'000'000 == host.clock().ms + (clamped ? 0 : ahead));
}

TEST_CASE(
    "time: an `occurred` that is not ahead of engine time is not clamped, however early "
    "`received` was",
    "[engine][S0]") {
  Host host(waiter);
  host.after(2 * hour_ms).event("join");
  const Instant now = host.clock();
  host.at(Host::start).late_event("leave", now - hour_ms);
  CHECK(host.statistics().occurred_clamped == 0);
}

TEST_CASE("time: an event that nothing names fires what is due before it, and leaves no trace",
          "[engine][S0]") {
  Host host(waiter);
  host.event("join").after(hour_ms + 1).take();
  const std::size_t frames_before = host.journal().size();
  host.after(-1).event("nobody-asks", {}, "stranger");
  CHECK(host.journal().size() == frames_before);
  CHECK(host.statistics().actions_waiting == 0);
  CHECK(host.engine().now() == host.clock());
  host.after(1).event("nobody-asks", {}, "stranger");
  CHECK(host.take() == Lines{"done"});
  CHECK(host.statistics().events_unheard == 2);
  CHECK(host.statistics().contacts == 1);
}

TEST_CASE("time: one leap and a thousand steps write the same bytes", "[engine][S0]") {
  constexpr std::string_view text = R"(
campaign: daily
entry: [{event: join}]
steps:
  - wait: {time: "02:30"}
    id: night
  - {send: id, id: hello}
  - {goto: night}
)";
  Host leap(text, shop, {}, "2026-03-20T09:00:00Z");
  Host steps(text, shop, {}, "2026-03-20T09:00:00Z");
  leap.event("join").after(20 * day_ms + 1);
  steps.event("join");
  for (int i = 0; i < 1000; ++i) steps.after(20 * day_ms / 1000).advance();
  steps.after(1);
  leap.advance().take();
  steps.advance().take();
  const base::ByteView a = leap.journal();
  const base::ByteView b = steps.journal();
  CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  CHECK(leap.actions().size() == 20);
}

}  // namespace itinera::test
