// SPDX-License-Identifier: Apache-2.0
// S4: what makes a repeated message another one. S5: the times that are journaled.
#include "record/frame.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view greeting = R"(
campaign: c
entry: [{event: join}, host]
while_running: another
steps: [{send: id, id: hello, data: {n: =entry.n, plan: =contact.plan}}, {wait: 30d}]
---
campaign: d
entry: [host]
steps: [{wait: 1h}, {send: id, id: later}]
)";

}  // namespace

TEST_CASE("repeat: a message with the same id and any other content is a conflict",
          "[engine][S4]") {
  Host host(greeting);
  host.event("join").take();
  const ActionId hello = host.action("hello").id;
  host.event("join", {}, "bob").take();
  const ActionId other_hello = host.action("hello").id;
  const Properties one{{"n", 1}, {"plan", "x"}};
  const Properties value{{"n", 2}, {"plan", "x"}};
  const Properties name{{"m", 1}, {"plan", "x"}};
  const Properties fewer{{"n", 1}};

  Event event = host.an_event("join", one);
  Identify identify = host.an_identify(one);
  identify.anonymous = "a1";
  Alias alias = host.an_alias("a2");
  Report report = host.a_report(Receipt::clicked, hello);
  report.data = one;
  Enter enter = host.an_enter("c", "k1");
  enter.properties = one;

  std::vector<Input> originals;
  std::vector<Input> others;
  const auto vary = [&](auto message, auto change) {
    message.envelope.message_id = "m";
    message.envelope.source = "web";
    originals.emplace_back(message);
    change(message);
    others.emplace_back(message);
  };
  vary(event, [](Event& e) { e.name = "other"; });
  vary(event, [](Event& e) { e.contact = "bob"; });
  vary(event, [](Event& e) { std::swap(e.contact, e.anonymous); });
  vary(event, [&](Event& e) { e.properties = value; });
  vary(event, [&](Event& e) { e.properties = name; });
  vary(event, [&](Event& e) { e.properties = fewer; });
  vary(event, [&](Event& e) { e.envelope.occurred = host.clock() - 1; });
  vary(identify, [](Identify& i) { i.contact = "bob"; });
  vary(identify, [](Identify& i) { i.anonymous = "a9"; });
  vary(identify, [&](Identify& i) { i.attributes = value; });
  vary(identify, [](Identify& i) { i.history = HistoryKnown::complete; });
  vary(alias, [](Alias& a) { a.contact = "bob"; });
  vary(alias, [](Alias& a) { a.previous = "a9"; });
  vary(report, [&](Report& r) { r.action = other_hello; });
  vary(report, [](Report& r) { r.receipt = Receipt::opened; });
  vary(report, [](Report& r) { r.hard = !r.hard; });
  vary(report, [](Report& r) { r.retry = !r.retry; });
  vary(report, [&](Report& r) { r.data = value; });
  vary(enter, [](Enter& e) { e.campaign = "d"; });
  vary(enter, [](Enter& e) { e.contact = "bob"; });
  vary(enter, [](Enter& e) { e.key = "k2"; });
  vary(enter, [](Enter& e) { e.key.reset(); });
  vary(enter, [&](Enter& e) { e.properties = fewer; });
  for (std::size_t i = 0; i < originals.size(); ++i) {
    CAPTURE(i);
    Host fresh(greeting);
    REQUIRE(fresh.feed(originals[i]) == std::nullopt);
    CHECK(fresh.feed(others[i]) == ErrorCode::conflict);
    CHECK(fresh.feed(originals[i]) == std::nullopt);
    CHECK(fresh.statistics().duplicates == 1);
  }
}

TEST_CASE("repeat: no key is other content than the empty key", "[engine][S4][S27]") {
  Host host(greeting);
  Enter enter = host.an_enter("c", "");
  enter.envelope.message_id = "m";
  host.take_in(enter);
  enter.key.reset();
  CHECK(host.feed(enter) == ErrorCode::conflict);
}

TEST_CASE("repeat: a conflict moves no time and fires nothing, and lasts as long as the window",
          "[engine][S4]") {
  Host host(greeting);
  Event event = host.an_event("join");
  event.envelope.message_id = "m";
  host.take_in(event).enter("d").take();
  const Instant now = host.clock();
  const std::size_t bytes = host.journal().size();
  const Properties other{{"n", 2}};
  event.properties = other;
  event.envelope.received = now - hour_ms;
  CHECK(host.feed(event) == ErrorCode::conflict);
  event.envelope.received = now + 7 * day_ms - 1;
  CHECK(host.feed(event) == ErrorCode::conflict);
  CHECK(host.engine().now() == now);
  CHECK(host.journal().size() == bytes);
  CHECK(host.statistics().timers_fired == 0);
  event.envelope.received = now + 7 * day_ms;
  CHECK(host.feed(event) == std::nullopt);
  CHECK(host.statistics().timers_fired == 1);
}

TEST_CASE("repeat: the window is measured on engine time, not on an early `received`",
          "[engine][S4]") {
  Host host(greeting);
  Event event = host.an_event("join");
  event.envelope.message_id = "m";
  host.take_in(event).after(7 * day_ms).advance();
  const Properties other{{"n", 2}};
  event.properties = other;
  CHECK(host.feed(event) == std::nullopt);
  CHECK(host.statistics().duplicates == 0);
}

TEST_CASE("repeat: one `received` later is still the same message, and moves time",
          "[engine][S4][S0]") {
  Host host(greeting);
  Event event = host.an_event("join");
  event.envelope.message_id = "m";
  host.take_in(event).enter("d").take();
  event.envelope.received = host.clock() + 2 * hour_ms;
  host.take_in(event);
  CHECK(host.told({"duplicate", "entered"}) == Lines{"entered", "entered", "duplicate"});
  CHECK(host.take() == Lines{"later"});
}

TEST_CASE("triggers: both times of an input are journaled", "[engine][S5][S0]") {
  Host host(greeting);
  const Instant occurred = host.clock() - 3 * hour_ms;
  host.after(hour_ms).late_event("join", occurred);
  record::FrameReader reader(host.journal());
  record::Frame frame;
  bool found = false;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    if (frame.kind != record::InputKind::event) continue;
    found = true;
    CHECK(frame.at == host.clock());
    const auto input = record::decode<record::EventInput>(frame.input);
    REQUIRE(input);
    CHECK(input->occurred == occurred);
  }
  CHECK(found);
}

TEST_CASE("attributes: of two writes at one time and without ids the one fed last stays",
          "[engine][S5]") {
  Host host(greeting);
  host.identify({{"plan", "first"}}).identify({{"plan", "second"}}).event("join").take();
  CHECK(host.action("hello").data == Properties{{"plan", "second"}});
}

}  // namespace itinera::test
