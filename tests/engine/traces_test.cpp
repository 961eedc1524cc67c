// SPDX-License-Identifier: Apache-2.0
// What is kept of contacts beside events: engaged() and since_changed().
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

// A message to answer, and a campaign that tells the value of an expression as `v` when asked.
std::string asking(std::string_view expression) {
  return fmt::format(
      "campaign: hello\nentry: [{{event: greet}}]\nsteps: [{{send: id, id: hi}}, {{wait: 90d}}]\n"
      "---\ncampaign: asks\nentry: [{{event: ask}}]\nsteps:\n"
      "  - {{send: id, id: s, data: {{v: '={}'}}}}\n",
      expression);
}

Value ask(Host& host) {
  host.event("ask").take();
  const Properties& data = host.action("s").data;
  return data.empty() ? Value{} : data.front().value;
}

Host& greet(Host& host) {
  host.event("greet").take();
  return host;
}

}  // namespace

TEST_CASE("engaged: whether a message of the channel was opened, clicked or answered of late",
          "[engine][history]") {
  const Receipt receipt = GENERATE(Receipt::opened, Receipt::clicked, Receipt::replied);
  Host host(asking(R"(engaged("id", "30d"))"));
  greet(host);
  CHECK(ask(host) == Value(false));
  host.report(Receipt::delivered, "hi").report(Receipt::sent, "hi");
  CHECK(ask(host) == Value(false));
  host.report(receipt, "hi");
  CHECK(ask(host) == Value(true));
  host.crash().after(30 * day_ms - 1);
  CHECK(ask(host) == Value(true));
  host.after(1);
  CHECK(ask(host) == Value(false));
  host.report(receipt, "hi");
  CHECK(ask(host) == Value(true));
}

TEST_CASE("engaged: each channel by itself, and a connection counts", "[engine][history]") {
  constexpr std::string_view workspace =
      "workspace: shop\nchannels:\n  id: {address: contact.id, consent: none, receipts: [connected,"
      " seen]}\n  other: {address: contact.id, consent: none}\n";
  Host other(asking(R"(engaged("other", "30d"))"), workspace);
  greet(other).report(Receipt::opened, "hi");
  CHECK(ask(other) == Value(false));
  Host host(asking(R"(engaged("id", "30d"))"), workspace);
  greet(host).report("seen", "hi");
  CHECK(ask(host) == Value(false));
  host.report("connected", "hi");
  CHECK(ask(host) == Value(true));
}

TEST_CASE("engaged: of whom the past is unknown, silence means nothing until the window has filled",
          "[engine][history]") {
  Host host(asking(R"(engaged("id", "30d"))"));
  Identify identify = host.an_identify({});
  identify.history = HistoryKnown::unknown;
  host.take_in(identify);
  greet(host);
  CHECK(ask(host).is_null());
  host.after(30 * day_ms - 1);
  CHECK(ask(host).is_null());
  host.after(1);
  CHECK(ask(host) == Value(false));
  host.report(Receipt::opened, "hi");
  CHECK(ask(host) == Value(true));
}

TEST_CASE("engaged: conditions and segments hear of it, and of its end to the millisecond",
          "[engine][time]") {
  const bool crashes = GENERATE(false, true);
  const std::string workspace =
      std::string(shop) + "segments:\n  awake: engaged(\"id\", \"30d\")\n";
  Host host(
      "campaign: a\nentry: [{event: greet}]\nsteps:\n  - {send: id, id: hi}\n"
      "  - {wait_for: {condition: 'engaged(\"id\", \"30d\")'}}\n  - {send: id, id: thanks}\n"
      "  - {wait_for: {condition: '!engaged(\"id\", \"30d\")'}}\n  - {send: id, id: asleep}\n"
      "---\ncampaign: b\nentry: [{segment: awake}]\nsteps: [{send: id, id: hello}]\n"
      "---\ncampaign: c\nentry: [{segment: awake, change: leaves}]\nsteps: [{send: id, id: bye}]\n",
      workspace);
  greet(host).after(hour_ms).report(Receipt::opened, "hi");
  const Lines woken = host.take();
  CHECK(std::count(woken.begin(), woken.end(), "thanks") == 1);
  CHECK(std::count(woken.begin(), woken.end(), "hello") == 1);
  CHECK(host.next_deadline() == host.clock() + 30 * day_ms);
  if (crashes) host.crash();
  host.after(30 * day_ms - 1).advance();
  CHECK(host.take().empty());
  host.after(1).advance();
  const Lines slept = host.take();
  CHECK(std::count(slept.begin(), slept.end(), "asleep") == 1);
  CHECK(std::count(slept.begin(), slept.end(), "bye") == 1);
}

TEST_CASE("since_changed: how long an attribute has had its value", "[engine][history]") {
  Host host(asking(R"(since_changed("tier"))"));
  host.identify({{"city", "Rome"}});
  CHECK(ask(host).is_null());
  host.identify({{"tier", "gold"}}).after(hour_ms);
  CHECK(ask(host) == Value(TimeSpan{3600, 0}));
  host.identify({{"tier", "gold"}, {"city", "Oslo"}});
  CHECK(ask(host) == Value(TimeSpan{3600, 0}));
  host.crash().after(hour_ms).identify({{"tier", "silver"}}).after(minute_ms);
  CHECK(ask(host) == Value(TimeSpan{60, 0}));
  host.identify({{"tier", Value{}}});
  CHECK(ask(host) == Value(TimeSpan{0, 0}));
  host.after(minute_ms).identify({{"tier", Value{}}});
  CHECK(ask(host) == Value(TimeSpan{60, 0}));
}

TEST_CASE("since_changed: what happened earlier and is told later changes nothing",
          "[engine][history][S5]") {
  Host host(asking(R"(since_changed("tier"))"));
  Identify identify = host.an_identify({{"tier", "gold"}});
  identify.envelope.occurred = host.clock() - hour_ms;
  const Properties gold{{"tier", "gold"}};
  identify.attributes = gold;
  host.take_in(identify);
  const Properties older{{"tier", "silver"}};
  identify.attributes = older;
  identify.envelope.occurred = host.clock() - 2 * hour_ms;
  host.take_in(identify);
  CHECK(ask(host) == Value(TimeSpan{3600, 0}));
}

TEST_CASE("since_changed: `set` counts where it changes something, and time acts",
          "[engine][time]") {
  const bool crashes = GENERATE(false, true);
  Host host(
      "campaign: a\nentry: [{event: go}]\nsteps:\n  - {set: {tier: gold}}\n"
      "  - {wait_for: {condition: 'since_changed(\"tier\") >= days(3)'}}\n"
      "  - {send: id, id: steady}\n");
  host.identify({{"tier", "silver"}}).after(day_ms).event("go").take();
  host.after(day_ms).identify({{"tier", "gold"}});
  if (crashes) host.crash();
  host.after(2 * day_ms - 1).advance();
  CHECK(host.take().empty());
  host.after(1).advance();
  CHECK(host.take() == Lines{"steady"});
}

TEST_CASE("since_changed: segments follow it", "[engine][segments]") {
  const std::string workspace =
      std::string(shop) + "segments:\n  fresh: since_changed(\"tier\") < days(7)\n";
  Host host("campaign: a\nentry: [{segment: fresh}]\nsteps: [{send: id, id: new}]\n", workspace);
  host.identify({{"tier", "gold"}});
  CHECK(host.take() == Lines{"new"});
  host.after(7 * day_ms).advance();
  host.identify({{"tier", "gold"}});
  CHECK(host.take().empty());
  host.identify({{"tier", "silver"}});
  CHECK(host.take() == Lines{"new"});
}

TEST_CASE("since_changed: an anonymous profile that is linked brings its changes",
          "[engine][identity]") {
  Host host(asking(R"(since_changed("tier"))"));
  Identify visitor;
  visitor.anonymous = "v";
  visitor.envelope.received = host.clock();
  const Properties gold{{"tier", "gold"}};
  visitor.attributes = gold;
  host.take_in(visitor);
  host.after(hour_ms).alias("v");
  CHECK(ask(host) == Value(TimeSpan{3600, 0}));
}

TEST_CASE("traces: nobody tells of them as events", "[engine][history]") {
  Host host(asking(R"(engaged("id", "30d"))"));
  host.event(
      "\x1F"
      "engaged"
      "\x1F"
      "id");
  CHECK(ask(host) == Value(false));
}

namespace {

Host& visits(Host& host, std::string_view visitor, const Value& tier, Instant occurred) {
  Identify identify;
  identify.anonymous = visitor;
  identify.envelope.received = host.clock();
  identify.envelope.occurred = occurred;
  const Properties attributes{{"tier", tier}};
  identify.attributes = attributes;
  return host.take_in(identify);
}

}  // namespace

TEST_CASE("since_changed: a link that brings the same value is no change", "[engine][identity]") {
  Host host(asking(R"(since_changed("tier"))"));
  host.identify({{"tier", "gold"}}).after(hour_ms);
  visits(host, "v", "gold", host.clock());
  host.after(hour_ms).alias("v").crash();
  CHECK(ask(host) == Value(TimeSpan{2 * 3600, 0}));
}

TEST_CASE("since_changed: a link that brings another value brings since when",
          "[engine][identity]") {
  Host host(asking(R"(since_changed("tier"))"));
  const Instant begun = host.clock();
  visits(host, "v", "gold", begun);
  host.after(hour_ms);
  visits(host, "v", "gold", host.clock());
  SECTION("where nothing was known") {
    host.after(hour_ms).alias("v").crash();
    CHECK(ask(host) == Value(TimeSpan{2 * 3600, 0}));
  }
  SECTION("where another was known before") {
    Identify known = host.an_identify({});
    known.envelope.occurred = begun - hour_ms;
    const Properties silver{{"tier", "silver"}};
    known.attributes = silver;
    host.take_in(known).after(hour_ms).alias("v");
    CHECK(ask(host) == Value(TimeSpan{2 * 3600, 0}));
  }
  SECTION("where another was said in between: since it was said again") {
    Identify known = host.an_identify({});
    known.envelope.occurred = begun + minute_ms;
    const Properties silver{{"tier", "silver"}};
    known.attributes = silver;
    host.take_in(known).after(hour_ms).alias("v");
    CHECK(ask(host) == Value(TimeSpan{3600, 0}));
  }
}

TEST_CASE("since_changed: a link that brings an older value brings no change of it",
          "[engine][identity]") {
  Host host(asking(R"(since_changed("tier"))"));
  host.identify({{"tier", "gold"}});
  const Instant begun = host.clock();
  host.after(2 * hour_ms).identify({{"tier", "gold"}}).after(minute_ms);
  visits(host, "v", "silver", begun + hour_ms);
  host.after(2 * hour_ms - minute_ms).alias("v");
  CHECK(ask(host) == Value(TimeSpan{4 * 3600, 0}));
}

TEST_CASE("since_changed: equal is what CEL calls equal", "[engine][history]") {
  const auto [was, is, same] = GENERATE(table<Value, Value, bool>(
      {{1, 1.0, true},
       {1, 1.5, false},
       {1, "1", false},
       {Value::Map{{"a", 1}, {"b", 2}}, Value::Map{{"b", 2.0}, {"a", 1}}, true},
       {Value::Map{{"a", 1}, {"b", 2}}, Value::Map{{"b", 1}, {"a", 2}}, false},
       {Value::List{1, "x"}, Value::List{1.0, "x"}, true},
       {Value::List{1, "x"}, Value::List{"x", 1}, false}}));
  const bool linked = GENERATE(false, true);
  INFO(to_json(was) << " " << to_json(is));
  Host host(asking(R"(since_changed("tier"))"));
  host.identify({{"tier", was}}).after(hour_ms);
  if (linked) {
    visits(host, "v", is, host.clock());
    host.alias("v");
  } else {
    host.identify({{"tier", is}});
  }
  CHECK(ask(host) == Value(TimeSpan{same ? 3600 : 0, 0}));
}

}  // namespace itinera::test
