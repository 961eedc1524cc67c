// SPDX-License-Identifier: Apache-2.0
// Reaching a bound is an error of the input or a record, never a crash, a hang or growth.
#include <fmt/format.h>

#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view plain = R"(
campaign: c
entry: [{event: join, key: event.k}, host]
while_running: another
steps:
  - {send: id, id: s, data: {v: =entry.v}}
  - wait: 1h
)";

Value nested(std::uint32_t depth) {
  Value value = 1;
  for (std::uint32_t i = 1; i < depth; ++i) value = Value(Value::List{value});
  return value;
}

// An expression for ten to the `depth` members, of which each list is built once.
std::string shared_lists(int depth) {
  std::string text = "[contact.n]";
  for (int i = 0; i < depth; ++i) {
    text = fmt::format("[{}].map(v, [0,1,2,3,4,5,6,7,8,9].map(x, v))[0]", text);
  }
  return text;
}

// A goal of which the attribute `a` is worth `times` as much.
std::string goal_worth(std::size_t times) {
  std::string list = "contact.a";
  for (std::size_t i = 1; i < times; ++i) list += ", contact.a";
  return fmt::format(
      "campaign: c\nentry: [{{event: join}}]\n"
      "goals: {{won: {{event: paid, value: '[contact.a, [{}]][1]'}}}}\nsteps: [{{wait: 30d}}]\n",
      list);
}

}  // namespace

TEST_CASE("limits: ids may be as long as the limit, and no longer", "[engine][limits]") {
  Limits limits;
  Host host(plain, shop, limits);
  const std::string fits(limits.id_bytes, 'x');
  const std::string longer = fits + "x";
  host.event("join", {{"k", "1"}}, fits);
  CHECK(host.take() == Lines{"s@" + fits});
  CHECK(host.feed(host.an_event("join", {}, longer)) == ErrorCode::limit_reached);
  CHECK(host.feed(host.an_event(longer)) == ErrorCode::limit_reached);
  CHECK(host.feed(host.an_enter("c", longer)) == ErrorCode::limit_reached);
  CHECK(host.feed(host.an_alias(longer)) == ErrorCode::limit_reached);
  Event event = host.an_event("join");
  event.envelope.message_id = longer;
  CHECK(host.feed(event) == ErrorCode::limit_reached);
  event.envelope.message_id = "m";
  event.envelope.source = longer;
  CHECK(host.feed(event) == ErrorCode::limit_reached);
  event = host.an_event("join", {}, "");
  event.anonymous = longer;
  CHECK(host.feed(event) == ErrorCode::limit_reached);
}

TEST_CASE("limits: properties by number, size and depth", "[engine][limits]") {
  Limits limits;
  limits.properties = 3;
  limits.input_bytes = 1000;
  limits.value_depth = 4;
  Host host(plain, shop, limits);
  const auto outcome = [&](const Properties& properties) {
    return host.feed(host.an_event("join", properties));
  };
  CHECK(outcome({{"k", "1"}, {"a", 1}, {"b", 2}}) == std::nullopt);
  CHECK(outcome({{"k", "1"}, {"a", 1}, {"b", 2}, {"c", 3}}) == ErrorCode::limit_reached);
  CHECK(outcome({{"k", std::string(1000, 'x')}}) == ErrorCode::limit_reached);
  CHECK(outcome({{"k", "1"}, {"a", nested(4)}}) == std::nullopt);
  CHECK(outcome({{"k", "1"}, {"a", nested(5)}}) == ErrorCode::limit_reached);
  CHECK(outcome({{"k", "1"}, {"a", nested(500)}}) == ErrorCode::limit_reached);
}

TEST_CASE("limits: times outside the years 1 to 9999 are refused", "[engine][limits]") {
  Host host(plain);
  Event event = host.an_event("join");
  event.envelope.received =
      GENERATE(Instant{INT64_MIN}, Instant{INT64_MAX}, earliest_instant - 1, latest_instant + 1);
  CHECK(host.feed(event) == ErrorCode::invalid_argument);
  std::swap(event.envelope.received, event.envelope.occurred.emplace(host.clock()));
  CHECK(host.feed(event) == ErrorCode::invalid_argument);
}

TEST_CASE("limits: at the end of time waits end, and nothing overflows", "[engine][limits]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait: P9000Y
  - wait_for: {event: never}
    within: 3000000d
  - {send: id, id: done}
)");
  host.event("join").at(latest_instant).event("join", {}, "bob");
  host.engine().advance_to(latest_instant + day_ms);
  host.engine().advance_to({INT64_MAX});
  host.take();
  static_cast<void>(host.feed(host.an_event("join", {}, "cyd")));
  CHECK(host.crash().statistics().journeys_entered >= 2);
}

TEST_CASE("limits: journeys of one contact in flight", "[engine][limits]") {
  Limits limits;
  limits.journeys_per_contact = 5;
  Host host(plain, shop, limits);
  for (int i = 0; i < 8; ++i) host.event("join", {{"k", i}});
  CHECK(host.told({"refused_entry"}).size() == 3);
  CHECK(host.told({"refused_entry"}).empty());
  CHECK(host.statistics().journeys_in_flight == 5);
  host.after(hour_ms).advance().event("join", {{"k", 9}});
  CHECK(host.statistics().journeys_in_flight == 1);
}

TEST_CASE("limits: variables of one journey", "[engine][limits]") {
  Limits limits;
  limits.variables_bytes = 2000;
  SECTION("that `set` makes grow") {
    Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {set: {journey.a: =entry.text}}
  - {set: {journey.b: =entry.text}}
  - {set: {journey.c: =entry.text}}
)",
              shop, limits);
    host.event("join", {{"text", std::string(600, 'x')}});
    CHECK(host.told({"exited", "variable_set"}) ==
          Lines{"variable_set", "variable_set", "exited (variables_limit)"});
  }
  SECTION("that a wait's `as` makes grow") {
    Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid}
    as: order
)",
              shop, limits);
    host.event("join").event("paid", {{"text", std::string(3000, 'x')}});
    CHECK(host.told({"exited"}) == Lines{"exited (variables_limit)"});
  }
}

TEST_CASE("limits: a variable set again and again does not grow the journey",
          "[engine][limits][S25]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {set: {journey.n: 0}}
  - wait: 1m
    id: round
    max_visits: 500
  - {set: {journey.n: =journey.n + 1}}
  - {send: id, id: s, data: {v: =journey.n}}
  - branch:
      - {when: journey.n < 400, steps: [{goto: round}]}
)");
  host.event("join").after(day_ms).advance().take();
  CHECK(host.actions().back().data == Properties{{"v", 400}});
}

TEST_CASE("limits: kept events of a contact, the newest win and the rest is counted",
          "[engine][limits]") {
  Limits limits;
  limits.history_events = 5;
  Host host(R"(
campaign: c
entry: [{event: ask}]
steps: [{send: id, id: s, data: {v: '=count("paid", "90d")', sum: '=sum("paid", "n", "90d")'}}]
)",
            shop, limits);
  for (int i = 0; i < 8; ++i) host.late_event("paid", host.clock() - (8 - i) * hour_ms, {{"n", i}});
  host.late_event("paid", host.clock() - day_ms, {{"n", 100}});
  host.event("ask").take();
  CHECK(host.action("s").data == Properties{{"v", 5}, {"sum", 25.0}});
  CHECK(host.statistics().history_dropped == 4);
}

TEST_CASE("limits: remembered message ids, the oldest go first and are counted",
          "[engine][limits][S4]") {
  Limits limits;
  limits.dedupe_ids = 3;
  Host host(plain, shop, limits);
  const auto feed = [&](std::string_view id) {
    Event event = host.an_event("join");
    event.envelope.message_id = id;
    host.take_in(event);
  };
  for (const char* id : {"1", "2", "3", "4"}) feed(id);
  CHECK(host.statistics().dedupe_dropped == 1);
  feed("2");
  CHECK(host.statistics().duplicates == 1);
  feed("1");
  CHECK(host.statistics().duplicates == 1);
}

TEST_CASE("limits: a condition that takes too long is an error value, so unknown",
          "[engine][limits]") {
  Limits limits;
  limits.condition_steps = 200;
  Host host(R"(
campaign: c
entry: [{event: join, when: 'event.list.all(x, event.list.all(y, x <= 1 || y <= 1))'}]
steps: [{wait: 1h}]
)",
            shop, limits);
  host.event("join", {{"list", Value::List{1, 1}}});
  host.event("join", {{"list", Value::List(100, Value(1))}}, "bob");
  CHECK(host.statistics().journeys_entered == 1);
  CHECK(host.statistics().conditions_unknown == 1);
}

TEST_CASE(
    "limits: an action whose data would be huge leaves out what does not fit, and the "
    "journal stays whole",
    "[engine][limits]") {
  std::string text =
      "campaign: c\nentry: [{event: join}]\nsteps:\n  - send: id\n    id: s\n"
      "    data:\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("      v{}: =entry.v\n", i);
  text += "  - set:\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("      a{}: =entry.v\n", i);
  Host host(text);
  host.event("join", {{"v", std::string(900'000, 'x')}});
  CHECK(host.take() == Lines{"s", "set-1"});
  CHECK(host.statistics().data_missing > 0);
  host.crash().event("join", {{"v", "small"}});
  CHECK(host.take() == Lines{"s", "set-1"});
}

TEST_CASE("limits: a key longer than an id may be is no key", "[engine][limits][S27]") {
  Limits limits;
  Host host(plain, shop, limits);
  host.event("join", {{"k", std::string(limits.id_bytes, 'x')}});
  CHECK(host.statistics().journeys_entered == 1);
  host.event("join", {{"k", std::string(limits.id_bytes + 1, 'x')}});
  CHECK(host.told({"missing_key"}) == Lines{"missing_key"});
}

// A value that every round makes deeper, or that one condition makes too deep, is left out before
// nobody could read it any more.
TEST_CASE("limits: what steps make of values nests no deeper than can be read",
          "[engine][limits][restore]") {
  const auto goes_on = [](Host& host) {
    CHECK(host.statistics().data_missing > 0);
    CHECK(load_pieces(pieces_of(host.engine()), host.options()));
    host.crash();
  };
  SECTION("a variable that a loop wraps once more") {
    Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {set: {journey.x: 0}}
  - wait: 1h
    id: round
    max_visits: 100
  - {set: {journey.x: "=[journey.x]"}}
  - goto: round
)");
    host.event("join").after(90 * hour_ms).advance();
    goes_on(host);
  }
  SECTION("an attribute that tells what it was before") {
    Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - set: {log: '={"prev": has(contact.log) ? dyn(contact.log) : dyn(0), "n": entry.n}'}
)");
    for (int n = 0; n < 70; ++n) host.event("join", {{"n", n}});
    goes_on(host);
  }
  SECTION("a datum, and the value of a goal") {
    std::string around = "entry.deep";
    for (int i = 0; i < 40; ++i) around = "[" + around + "]";
    Host host(fmt::format(R"(
campaign: c
entry: [{{event: join}}]
goals: {{paid: {{event: paid, value: 'dyn({0})'}}}}
steps: [{{send: id, id: s, data: {{log: "={0}", n: 1}}}}, {{wait: 1d}}]
)",
                          around));
    host.event("join", {{"deep", nested(29)}}).event("paid");
    CHECK(host.take() == Lines{"s"});
    CHECK(host.action("s").data == Properties{{"n", 1}});
    CHECK(host.statistics().data_missing == 2);
    goes_on(host);
  }
}

TEST_CASE("limits: what an engine makes of the deepest values can be read", "[engine][limits]") {
  Limits limits;
  limits.value_depth = 56;
  Host host(R"(
campaign: gathers
entry: [{event: told}]
steps:
  - digest: 1h
    as: list
  - {send: id, id: s, data: {list: =journey.list}}
  - {task: look, id: t, within: 1h}
---
campaign: tells
entry: [{event: join}]
steps: [{emit: told, data: {deep: =entry.deep}}, {emit: told, data: {deep: =entry.deep}}]
)",
            shop, limits);
  host.event("join", {{"deep", nested(56)}}).after(hour_ms).advance();
  CHECK(host.take() == Lines{"s", "t"});
  const Properties& story = host.action("t").data;
  REQUIRE(!story.empty());
  CHECK(story.front().name == "story");
  // The list of what was gathered is deeper than the datum may be, and is told of whole.
  CHECK(host.action("s").data.empty());
  CHECK(to_json(story.front().value).find(to_json(nested(56))) != std::string::npos);
  CHECK(load_pieces(pieces_of(host.engine()), host.options()));
  host.crash();
}

TEST_CASE("limits: one that journals have no room for is refused", "[engine][limits]") {
  const auto refusal = [](auto change) {
    EngineOptions options;
    options.zones = system_zones();
    change(options.limits);
    const Result<Engine> engine = Engine::create(options);
    return engine ? std::string() : engine.error().message;
  };
  CHECK(refusal([](Limits& l) { l.value_depth = 57; }) ==
        "Limits::value_depth is 57, and may be 56 at most");
  CHECK(refusal([](Limits& l) { l.id_bytes = 0xFFFF; }) ==
        "Limits::id_bytes is 65535, and may be 65525 at most");
  CHECK(!refusal([](Limits& l) { l.input_bytes = 8u << 20; }).empty());
  CHECK(!refusal([](Limits& l) { l.variables_bytes = 8u << 20; }).empty());
  CHECK(!refusal([](Limits& l) { l.identities = 2u << 20; }).empty());
  CHECK(!refusal([](Limits& l) { l.steps_per_campaign = 70'000; }).empty());
  CHECK(refusal([](Limits& l) {
          l.value_depth = 56;
          l.id_bytes = 0xFFFF - 10;
        }).empty());
}

TEST_CASE("limits: a list that a condition reads again and again is laid out once",
          "[engine][limits]") {
  Host host(R"(
campaign: c
entry: [{event: join, when: 'event.items.exists(i, contact.orders.exists(o, o.sku == i))'}]
steps:
  - set: {journey.orders: =contact.orders}
  - {send: id, when: 'contact.items.exists(i, journey.orders.exists(o, o.sku == i))', id: s}
)");
  Value::List orders;
  for (int i = 0; i < 100; ++i) {
    Value::Map order{{"sku", fmt::format("sku-{}", i)}};
    for (const char* name : {"a", "b", "c", "d"}) order.push_back({name, i});
    orders.push_back(order);
  }
  Value::List items(60, Value("other"));
  items.back() = "sku-99";
  host.identify({{"orders", orders}, {"items", items}}).event("join", {{"items", items}});
  CHECK(host.take() == Lines{"s"});
  CHECK(host.statistics().conditions_unknown == 0);
}

TEST_CASE("limits: a history that a condition asks for again and again is looked through once",
          "[engine][limits]") {
  Host host(R"(
campaign: c
entry: [{event: join, when: 'event.l.all(x, count("buy", "90d", e.p.exists(q, q == 9)) == 100)'}]
steps: [{send: id, id: s}]
)");
  Value::List many;
  for (int i = 0; i < 100; ++i) many.push_back(i);
  for (int i = 0; i < 100; ++i) host.after(second_ms).event("buy", {{"p", many}});
  host.event("join", {{"l", many}});
  CHECK(host.take() == Lines{"s"});
}

TEST_CASE("limits: a goal's value that no record has room for is left out", "[engine][limits]") {
  const std::size_t times = GENERATE(1U, 2U, 20U, 700U);
  Host host(goal_worth(times));
  host.identify({{"a", std::string(900'000, 'x')}}).event("join").event("paid");
  const bool fits = times == 1;
  CHECK(host.told({"converted"}) == Lines{"converted"});
  CHECK(host.statistics().data_missing == (fits ? 0 : 1));
  CHECK(host.journal().size() < (fits ? 4U : 3U) * 900'000);
  CHECK(host.crash().statistics().data_missing == (fits ? 0 : 1));
}

TEST_CASE("limits: a value that names one list again and again is measured before it is copied",
          "[engine][limits]") {
  const std::string many = fmt::format("[contact.n, {}][1]", shared_lists(8));
  const auto with = [&many](std::string_view before, std::string_view behind) {
    return fmt::format("campaign: c\nentry: [{{event: join}}]\n{}{}{}\n", before, many, behind);
  };
  const auto [text, missing] = GENERATE_COPY(table<std::string, std::uint64_t>({
      {with("steps: [{send: id, data: {v: '=", "'}}]"), 1},
      {with("steps: [{set: {v: '=", "'}}]"), 1},
      {with("steps: [{set: {journey.v: '=", "'}}]"), 1},
      {with("goals: {won: {event: paid, value: '", "'}}\nsteps: [{wait: 1h}]"), 1},
      {with("steps: [{wait: {until: '", "'}}]"), 0},
      {with("steps: [{wait: 1h}]\n---\ncampaign: d\nentry: [{date: '", "'}]\nsteps: [{wait: 1h}]"),
       0},
  }));
  Host host(text);
  host.identify({{"n", 1}}).event("join").event("paid");
  CHECK(host.statistics().data_missing == missing);
  CHECK(host.journal().size() < 20'000);
}

}  // namespace itinera::test
