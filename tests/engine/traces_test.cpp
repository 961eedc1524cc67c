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
  host.report(Receipt::delivered, "hi").report(Receipt::bounced, "hi");
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

}  // namespace itinera::test
