// SPDX-License-Identifier: Apache-2.0
// S5: what is known of a contact, whatever the order in which it was told.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "support/host.hpp"

namespace itinera::test {
namespace {

// Sends the value of one expression as `v`, when asked.
std::string asking(std::string_view expression) {
  return fmt::format(
      "campaign: c\nentry: [{{event: ask}}]\nsteps:\n  - send: id\n    id: s\n"
      "    data: {{v: '={}'}}\n",
      expression);
}

// The value; null if the expression had none.
Value ask(Host& host) {
  host.event("ask").take();
  const Properties& data = host.action("s").data;
  return data.empty() ? Value{} : data.front().value;
}

}  // namespace

TEST_CASE("attributes: every order of the same writes gives the same profile", "[engine][S5]") {
  struct Write {
    std::int64_t ago;
    const char* message;
    Properties attributes;
  };
  const std::array<Write, 5> writes{{{5, "m5", {{"tier", "a"}, {"city", "x"}}},
                                     {3, "m2", {{"tier", "b"}}},
                                     {3, "m1", {{"tier", "c"}, {"city", "y"}}},
                                     {4, "m9", {{"city", "z"}, {"tier", Value{}}}},
                                     {1, "m0", {{"city", Value{}}}}}};
  constexpr std::string_view text = R"(
campaign: c
entry: [{event: ask}]
steps: [{send: id, id: s, data: {tier: =contact.tier, city: '=has(contact.city)'}}]
)";
  std::array<std::size_t, 5> order{};
  std::iota(order.begin(), order.end(), 0U);
  bool same = true;
  do {
    Host host(text);
    for (const std::size_t i : order) {
      Identify identify = host.an_identify(writes[i].attributes);
      identify.envelope.occurred = host.clock() - writes[i].ago * hour_ms;
      identify.envelope.message_id = writes[i].message;
      host.take_in(identify);
    }
    host.event("ask").take();
    same = same && host.action("s").data == Properties{{"tier", "b"}, {"city", false}};
  } while (same && std::next_permutation(order.begin(), order.end()));
  CAPTURE(order);
  CHECK(same);
}

TEST_CASE("attributes: those not named stay, a null removes, types may change", "[engine][S5]") {
  Host host(asking("contact.tier"));
  host.identify({{"tier", "a"}}).identify({{"city", "x"}});
  CHECK(ask(host) == Value("a"));
  host.identify({{"tier", 7}});
  CHECK(ask(host) == Value(7));
  host.identify({{"tier", Value{}}});
  CHECK(ask(host).is_null());
  host.identify({{"tier", Value::List{1, "b"}}});
  CHECK(ask(host) == Value(Value::List{1, "b"}));
}

TEST_CASE("triggers: a late event still acts in the order fed", "[engine][S5][S3]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for:
      - {event: x, steps: [{send: id, id: x}]}
      - {event: y, steps: [{send: id, id: y}]}
)");
  host.event("join")
      .late_event("y", host.clock() - day_ms)
      .late_event("x", host.clock() - 2 * day_ms);
  CHECK(host.take() == Lines{"y"});
}

TEST_CASE("history: counts, sums, dates and filters see events at their own time",
          "[engine][S5][history]") {
  struct Row {
    const char* expression;
    Value value;
  };
  const Row row = GENERATE(
      Row{R"(count("paid", "10d"))", 3}, Row{R"(count("paid", "3d"))", 2},
      Row{R"(count("paid", "2d"))", 1},  // t - 2d itself is outside
      Row{R"(sum("paid", "total", "10d"))", 107.5}, Row{R"(ever("paid"))", true},
      Row{R"(ever("never"))", false}, Row{R"(count("never", "10d"))", 0},
      Row{R"(sum("never", "total", "10d"))", 0.0}, Row{R"(last("never"))", Value{}},
      Row{R"(since_last("never"))", Value{}}, Row{R"(since_last("paid"))", TimeSpan{86'400, 0}},
      Row{R"(since_last("paid") >= days(1))", true}, Row{R"(since_last("paid") > days(1))", false},
      Row{R"(count("paid", "10d", e.brand == "F"))", 2},
      Row{R"(sum("paid", "total", "10d", e.brand == "F"))", 100.0},
      Row{R"(ever("paid", e.total > 50))", true},
      Row{R"(since_last("paid", e.brand == "F"))", TimeSpan{2 * 86'400, 0}});
  CAPTURE(row.expression);
  Host host(asking(row.expression));
  std::vector<std::pair<int, Properties>> events{{5, {{"total", 60.0}, {"brand", "F"}}},
                                                 {1, {{"total", 7.5}, {"brand", "G"}}},
                                                 {2, {{"total", 40}, {"brand", "F"}}}};
  const int turn = GENERATE(0, 1, 2);
  std::rotate(events.begin(), events.begin() + turn, events.end());
  for (const auto& [days, properties] : events) {
    host.late_event("paid", host.clock() - days * day_ms, properties);
  }
  CHECK(ask(host) == row.value);
  host.crash();
  CHECK(ask(host) == row.value);
}

TEST_CASE("history: only what a loaded condition asks for is kept", "[engine][history]") {
  Host host(R"(
campaign: c
entry: [{event: ask}]
exits: [{event: seen}]
steps: [{wait: 1d}]
)");
  host.event("seen").event("seen");
  CHECK(host.statistics().contacts == 0);
  CHECK(host.told({"remembered"}).empty());
}

TEST_CASE("history: what lies behind every window is forgotten", "[engine][history]") {
  Host host(asking(R"(count("paid", "10d"))"));
  for (int i = 0; i < 5; ++i) host.after(3 * day_ms).event("paid");
  CHECK(ask(host) == Value(4));
  host.late_event("paid", host.clock() - 11 * day_ms);
  CHECK(ask(host) == Value(4));
}

TEST_CASE(
    "history: a new contact's is complete, an older one's absence is unknown until the "
    "window has filled",
    "[engine][history]") {
  constexpr std::string_view later = R"(
campaign: d
entry: [{event: ask}]
steps:
  - branch:
      - {when: 'count("paid", "10d") == 0', steps: [{send: id, id: none}]}
    else: [{send: id, id: unknown}]
)";
  Host host(asking("contact.plan"));
  host.identify({{"plan", "x"}}).after(hour_ms).publish(later);
  host.event("ask").event("ask", {}, "new");
  CHECK(host.take() == Lines{"unknown", "none@new"});
  host.after(10 * day_ms - 1).event("ask");
  CHECK(host.take() == Lines{"unknown"});
  host.after(1).event("ask");
  CHECK(host.take() == Lines{"none"});
}

TEST_CASE("history: presence is known whether or not the past is complete", "[engine][history]") {
  const auto known = GENERATE(HistoryKnown::complete, HistoryKnown::unknown);
  const auto [expression, when_unknown, when_complete] =
      GENERATE(std::tuple(R"(ever("paid"))", Value{}, Value(false)),
               std::tuple(R"(count("paid", "10d"))", Value{}, Value(0)),
               std::tuple(R"(since_last("paid"))", Value{}, Value{}));
  Host host(asking(expression));
  Identify identify = host.an_identify({});
  identify.history = known;
  host.take_in(identify);
  CHECK(ask(host) == (known == HistoryKnown::complete ? when_complete : when_unknown));
  host.after(hour_ms).event("paid");
  if (std::string_view(expression).starts_with("ever")) CHECK(ask(host) == Value(true));
  if (std::string_view(expression).starts_with("since")) CHECK(ask(host) == Value(TimeSpan{0, 0}));
  // The window has filled; `ever` alone would stay unknown.
  host.after(10 * day_ms);
  if (std::string_view(expression).starts_with("count")) CHECK(ask(host) == Value(0));
}

TEST_CASE("history: `complete` makes an older contact's absence false", "[engine][history]") {
  Host host(asking("contact.plan"));
  host.identify({{"plan", "x"}})
      .after(hour_ms)
      .publish(
          "campaign: d\nentry: [{event: ask}]\n"
          "steps: [{send: id, id: s, data: {v: "
          "'=ever(\"paid\")'}}]\n");
  CHECK(ask(host).is_null());
  Identify identify = host.an_identify({});
  identify.history = HistoryKnown::complete;
  host.take_in(identify);
  CHECK(ask(host) == Value(false));
}

TEST_CASE("history: what is retained completes the windows of a later publication",
          "[engine][history][retain]") {
  const std::string keeping =
      std::string(shop) + "retain: {events: {paid: 10d}, attributes: [tier]}\n";
  const bool retains = GENERATE(true, false);
  Host host(asking("contact.plan"), retains ? std::string_view(keeping) : shop);
  host.identify({{"plan", "x"}, {"tier", "gold"}});
  host.after(hour_ms).event("paid", {{"total", 5.0}});
  host.after(11 * day_ms).event("paid", {{"total", 7.0}});
  host.after(hour_ms).publish(
      "campaign: d\nentry: [{event: ask}]\n"
      "steps: [{send: id, id: s, data: {v: '=sum(\"paid\", \"total\", \"10d\")', "
      "tier: =contact.tier}}]\n");
  host.event("ask").take();
  const Properties data = host.action("s").data;
  if (retains) {
    CHECK(data == Properties{{"v", 7.0}, {"tier", "gold"}});
  } else {
    CHECK(data.empty());
  }
}

}  // namespace itinera::test
