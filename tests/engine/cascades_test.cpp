// SPDX-License-Identifier: Apache-2.0
// S33: what steps set off beyond their journey comes after the input, first in, first out.
#include <fmt/format.h>

#include "engine/each_frame.hpp"

namespace itinera::test {
namespace {

const std::initializer_list<std::string_view> ways{
    "entered", "exited", "finished",    "refused_entry", "refused_reentry",
    "set_off", "caused", "chain_limit", "missing_key",   "resolved"};

constexpr std::string_view tips = R"(
---
campaign: tips
entry: [host]
steps:
  - {send: id, id: tip, data: {from: =entry.source}}
  - wait: 30d
)";

std::string teller(std::string_view steps) {
  return fmt::format("campaign: a\nentry: [{{event: go, key: event.k}}]\nsteps:\n{}", steps);
}

// Two campaigns that set each other off by what they write, as long as there are numbers.
std::string ring(std::string_view channel, std::string_view ramp = "") {
  constexpr std::string_view steps =
      "steps: [{{send: {}, id: s}}, {{set: {{n: =contact.n + 1}}}}]\n";
  return fmt::format("campaign: aa\npriority: 90\nentry: [{{segment: odd{}}}]\n", ramp) +
         fmt::format(steps, channel) +
         fmt::format("---\ncampaign: bb\nentry: [{{segment: even{}}}]\n", ramp) +
         fmt::format(steps, channel) +
         "---\ncampaign: begin\nentry: [{event: go}]\nsteps: [{wait: 1h}, {set: {n: 1}}]\n";
}

// A campaign in which people have been for long, and one that it sets off each time that it is told
// of something, which tells it once more.
constexpr std::string_view old_ring =
    "campaign: a\nentry: [{event: go}]\nsteps:\n"
    "  - {wait_for: {event: y}, within: 30d, id: top, then: ["
    "{send: id, id: s}, {set: {x: 1}}, {goto: top}]}\n"
    "---\ncampaign: b\nentry: [{segment: one}]\nsteps: [{set: {x: 0}}, {emit: y}]\n"
    "---\ncampaign: teller\nentry: [{event: go}]\nsteps: [{wait: 1h}, {emit: y}]\n";

constexpr std::string_view odd_and_even =
    "workspace: shop\nzone: UTC\n"
    "channels: {id: {address: contact.id}, li: {address: contact.id}}\n"
    "senders: {anna: {channel: li}}\n"
    "segments:\n  one: contact.x == 1\n  odd: contact.n % 2 == 1 && contact.n < 200\n"
    "  even: contact.n % 2 == 0 && contact.n < 200\n";

std::size_t sends_of(Host& host) {
  host.take();
  return static_cast<std::size_t>(
      std::count_if(host.actions().begin(), host.actions().end(),
                    [](const Taken& each) { return each.kind == Action::Kind::send; }));
}

// 1,100 go round at one instant, each three times, and the engine goes on alike from each frame.
void check_large_instant(std::string_view campaigns) {
  Limits limits;
  limits.chain_depth = 7;
  Host host(campaigns, odd_and_even, limits);
  constexpr std::size_t contacts = 1100;
  for (std::size_t i = 0; i < contacts; ++i) host.event("go", {}, fmt::format("u{}", i));
  const std::size_t before = host.journal().size();
  host.after(hour_ms).advance();
  CHECK(goes_on_from_each_frame(host, before) > 5);
  CHECK(sends_of(host) == 3 * contacts);
}

}  // namespace

TEST_CASE("audience: an action names the list and whether the contact leaves it", "[engine][S33]") {
  Host host(
      teller("  - {audience: {add: vip}, id: in}\n  - wait: 1h\n"
             "  - {audience: {remove: vip}, id: out}\n"));
  host.event("go", {{"k", "x"}});
  Output out = host.engine().take_output();
  REQUIRE(out.actions.size() == 1);
  CHECK(out.actions[0].kind == Action::Kind::audience);
  CHECK(out.actions[0].list == "vip");
  CHECK_FALSE(out.actions[0].removes);
  host.after(hour_ms).advance();
  out = host.engine().take_output();
  REQUIRE(out.actions.size() == 1);
  CHECK(out.actions[0].removes);
}

TEST_CASE("emit: other campaigns enter after the input, with the event's data", "[engine][S33]") {
  Host host(teller("  - {emit: told, data: {n: 3, who: =journey.key}}\n"
                   "  - {send: id, id: own}\n") +
            R"(
---
campaign: b
entry: [{event: told, when: event.n == 3, key: event.who}]
steps: [{send: id, id: theirs, data: {who: =entry.who}}]
)");
  host.event("go", {{"k", "x"}});
  CHECK(host.told(ways) ==
        Lines{"entered", "set_off emit-1", "caused", "entered", "finished", "finished"});
  CHECK(host.take() == Lines{"own", "theirs"});
  CHECK(host.action("theirs").key == "x");
  CHECK(host.action("theirs").data == Properties{{"who", "x"}});
}

TEST_CASE("emit: waits that stood before hear it, the journey itself does not", "[engine][S33]") {
  Host host(teller("  - {emit: told}\n  - wait_for: {event: told}\n    within: 1h\n") + R"(
---
campaign: b
entry: [{event: begin}]
steps:
  - {wait_for: {event: told}, within: 1h, id: ear}
  - {wait_for: {event: told}, within: 1h, id: second}
)");
  host.event("begin").event("go", {{"k", "x"}});
  CHECK(host.told({"resolved"}) == Lines{"resolved (case) ear"});
  host.after(hour_ms).advance();
  CHECK(host.told({"resolved"}) ==
        Lines{"resolved (timeout) wait_for-1", "resolved (timeout) second"});
}

TEST_CASE("emit: a history remembers it, and a condition asks for it", "[engine][S33]") {
  Host host(teller("  - {emit: told}\n") + R"(
---
campaign: b
entry: [{event: check, when: 'count("told", "7d") == 2'}]
steps: [{send: id, id: twice}]
)");
  host.event("go", {{"k", "x"}}).event("check").event("go", {{"k", "y"}}).event("check");
  CHECK(host.take() == Lines{"twice"});
}

TEST_CASE("start: the campaign is entered by its host entry, with key and data", "[engine][S33]") {
  Host host(teller("  - {start: tips, key: journey.key, data: {source: a}}\n") + std::string(tips));
  host.event("go", {{"k", "x"}});
  CHECK(host.told(ways) == Lines{"entered", "set_off start-1", "finished", "caused", "entered"});
  CHECK(host.take() == Lines{"tip"});
  CHECK(host.action("tip").key == "x");
  CHECK(host.action("tip").data == Properties{{"from", "a"}});
}

TEST_CASE("start: reentry stands on it as on every way in", "[engine][S33][S26]") {
  Host host(teller("  - {start: tips}\n  - {start: tips}\n") + std::string(tips));
  host.event("go", {{"k", "x"}});
  CHECK(host.told({"entered", "refused_reentry"}) ==
        Lines{"entered", "entered", "refused_reentry (while_running)"});
}

TEST_CASE("start: a campaign that was withdrawn since refuses", "[engine][S33][S23]") {
  const std::string asks = teller("  - wait: 1h\n  - {start: tips}\n");
  Host host(asks + std::string(tips));
  host.event("go", {{"k", "x"}});
  host.publish("campaign: other\nentry: [host]\nsteps: [{wait: 1h}]\n");
  host.after(hour_ms).advance();
  CHECK(host.told({"refused_entry"}) == Lines{"refused_entry (unknown)"});
}

TEST_CASE("start: a campaign whose newest version cannot be started refuses",
          "[engine][S33][S23]") {
  Host host(teller("  - wait: 1h\n  - {start: tips}\n") + std::string(tips));
  host.event("go", {{"k", "x"}});
  host.publish("campaign: tips\nversion: 2\nentry: [{event: other}]\nsteps: [{wait: 1h}]\n");
  host.after(hour_ms).advance();
  CHECK(host.told({"refused_entry", "entered"}) == Lines{"entered", "refused_entry (unknown)"});
}

TEST_CASE("stop: ends the journey of the key, or all", "[engine][S33]") {
  const bool all = GENERATE(true, false);
  Host host(teller(fmt::format("  - {{stop: tips{}}}\n", all ? "" : ", key: journey.key")) +
            std::string(tips));
  host.enter("tips", "x").enter("tips", "y").enter("tips");
  host.take();
  host.event("go", {{"k", "x"}});
  CHECK(host.told({"exited"}).size() == (all ? 3 : 1));
  CHECK(host.statistics().journeys_in_flight == (all ? 0 : 2));
}

TEST_CASE("stop: what was not taken yet is withdrawn", "[engine][S33][S28]") {
  Host host(teller("  - {stop: tips}\n") + std::string(tips));
  host.enter("tips", "x").event("go", {{"k", "x"}});
  CHECK(host.take().empty());
}

TEST_CASE("start and stop: a key that is none skips the step", "[engine][S33][S27]") {
  Host host(teller("  - {start: tips, key: entry.nothing}\n  - {stop: tips, key: '1.5'}\n") +
            std::string(tips));
  host.enter("tips", "x").event("go", {{"k", "x"}});
  CHECK(host.told({"missing_key", "exited"}) == Lines{"missing_key start-1", "missing_key stop-1"});
}

TEST_CASE("cascades: chains are cut at their greatest depth", "[engine][S33]") {
  Limits limits;
  limits.chain_depth = 3;
  const std::string_view behind = GENERATE("", "{send: id, id: s}, ");
  std::string campaigns;
  for (int i = 0; i < 5; ++i) {
    campaigns +=
        fmt::format("---\ncampaign: c{}\nentry: [{{event: e{}}}]\nsteps: [{}{{emit: e{}}}]\n", i, i,
                    behind, i + 1);
  }
  Host host(campaigns.substr(4), shop, limits);
  host.event("e0");
  CHECK(host.told({"entered", "chain_limit"}) ==
        Lines{"entered", "entered", "entered", "entered", "chain_limit (chain_limit)"});
}

TEST_CASE("cascades: what a timer sets off is in the timer's frame", "[engine][S33]") {
  Host host(teller("  - wait: 1h\n  - {emit: told}\n") +
            "---\ncampaign: b\nentry: [{event: told}]\nsteps: [{send: id, id: theirs}]\n");
  host.event("go", {{"k", "x"}}).after(hour_ms).advance().crash();
  CHECK(host.take() == Lines{"theirs"});
}

TEST_CASE("cascades: behind a send a chain is as deep as before it, and a ring is cut",
          "[engine][S33][limits]") {
  Host host(ring(GENERATE("id", "li, sender: anna")), odd_and_even);
  SECTION("of an input") { host.identify({{"n", 1}}); }
  SECTION("of a timer") { host.event("go").after(hour_ms); }
  host.advance();
  CHECK(!host.told({"chain_limit"}).empty());
  CHECK(sends_of(host) == 8);
  // Of the next input nothing is cut before that has come as far.
  host.after(1).identify({{"n", 500}}).after(1).identify({{"n", 1}}).advance();
  CHECK(sends_of(host) == 16);
}

TEST_CASE("cascades: a chain in a large instant is as deep after each of its frames",
          "[engine][S33][restore]") {
  check_large_instant(ring("id"));
}

TEST_CASE("cascades: a ring of which one journey is older than its instant is cut as well",
          "[engine][S33][limits]") {
  Host host(old_ring, odd_and_even);
  host.event("go").after(minute_ms).event("y");
  CHECK(host.told({"chain_limit"}).size() == 1);
  CHECK(sends_of(host) == 6);  // each is three deeper than the one before
  const auto leave = [&host] { host.after(1).identify({{"x", 0}}).after(1); };
  leave();
  host.event("y");
  CHECK(sends_of(host) == 12);
  leave();
  host.at("2026-03-02T10:00:00Z").advance();  // by a timer it is one deeper
  CHECK(sends_of(host) == 18);
}

TEST_CASE("cascades: in a large instant such a ring is as deep after each of its frames",
          "[engine][S33][restore]") {
  check_large_instant(old_ring);
}

TEST_CASE("cascades: a ring that goes by lines is cut, and as deep after each frame",
          "[engine][S33][ramp][restore]") {
  Host host(ring("id", ", ramp: {max: 500, per: hour}"), odd_and_even);
  host.identify({{"n", 1}});
  const std::size_t before = host.journal().size();
  host.advance();
  CHECK(goes_on_from_each_frame(host, before) > 8);
  CHECK(sends_of(host) == 8);
  CHECK(!host.told({"chain_limit"}).empty());
  host.after(3 * hour_ms).advance();
  CHECK(sends_of(host) == 8);
}

}  // namespace itinera::test
