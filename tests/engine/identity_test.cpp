// SPDX-License-Identifier: Apache-2.0
// From anonymous to known: identify and alias.
#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view text = R"(
campaign: c
entry: [{event: ask}]
while_running: another
steps:
  - send: id
    id: s
    data: {plan: =contact.plan, n: '=count("view", "30d")'}
---
campaign: slow
entry: [{event: join}]
exits: [{event: leave}]
steps: [{wait: 1d}]
)";

Value datum(Host& host, std::string_view name) {
  host.event("ask").take();
  for (const Property& each : host.action("s").data) {
    if (each.name == name) return each.value;
  }
  return {};
}

}  // namespace

TEST_CASE("anonymous: is a contact of its own until it is linked", "[engine][identity]") {
  Host host(text);
  host.anonymous_event("view", "a1").anonymous_event("view", "a1").anonymous_event("ask", "a1");
  CHECK(host.take() == Lines{"s@anonymous:a1"});
  CHECK(host.action("s").data.back().value == Value(2));
  CHECK(host.statistics().contacts == 1);
}

TEST_CASE("anonymous: its attributes and history become the contact's, by alias or identify",
          "[engine][identity]") {
  Host host(text);
  const bool by_alias = GENERATE(true, false);
  const bool known_before = GENERATE(true, false);
  if (known_before) host.event("view");
  Identify anonymous = host.an_identify({}, "");
  const Properties plan{{"plan", "free"}};
  anonymous.anonymous = "a1";
  anonymous.attributes = plan;
  host.take_in(anonymous).anonymous_event("view", "a1").after(hour_ms);
  if (by_alias) {
    host.alias("a1");
  } else {
    Identify identify = host.an_identify({});
    identify.anonymous = "a1";
    host.take_in(identify);
  }
  CHECK(datum(host, "plan") == Value("free"));
  CHECK(datum(host, "n") == Value(known_before ? 2 : 1));
  // From now on what the anonymous id does, the contact did; after a restart too.
  host.crash().anonymous_event("view", "a1");
  CHECK(datum(host, "n") == Value(known_before ? 3 : 2));
  host.anonymous_event("join", "a1").event("leave");
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

TEST_CASE("anonymous: of two values the later written one stays, whichever side has it",
          "[engine][identity][S5]") {
  const bool anonymous_is_later = GENERATE(true, false);
  Host host(text);
  const Properties anonymous_plan{{"plan", "from-anonymous"}};
  Identify anonymous = host.an_identify({}, "");
  anonymous.anonymous = "a1";
  anonymous.attributes = anonymous_plan;
  anonymous.envelope.occurred = host.clock() - (anonymous_is_later ? 1 : 3) * hour_ms;
  Identify known = host.an_identify({});
  const Properties known_plan{{"plan", "from-known"}};
  known.attributes = known_plan;
  known.envelope.occurred = host.clock() - 2 * hour_ms;
  host.take_in(anonymous).take_in(known).alias("a1");
  CHECK(datum(host, "plan") == Value(anonymous_is_later ? "from-anonymous" : "from-known"));
}

TEST_CASE("anonymous: linking is idempotent", "[engine][identity]") {
  Host host(text);
  host.anonymous_event("view", "a1").alias("a1").alias("a1").alias("a1");
  CHECK(datum(host, "n") == Value(1));
  CHECK(host.told({"linked"}).size() == 1);
  CHECK(host.statistics().relinked == 0);
}

TEST_CASE("anonymous: on a shared device the newest link counts from then on, and what was stays",
          "[engine][identity]") {
  Host host(text);
  host.anonymous_event("view", "a1").alias("a1", "bob").anonymous_event("view", "a1");
  host.alias("a1").anonymous_event("view", "a1");
  CHECK(datum(host, "n") == Value(1));
  host.event("ask", {}, "bob").take();
  CHECK(host.action("s").contact == "bob");
  CHECK(host.action("s").data.back().value == Value(2));
  CHECK(host.statistics().relinked == 1);
}

TEST_CASE("anonymous: one that was never seen may be linked ahead", "[engine][identity]") {
  Host host(text);
  host.alias("a1").anonymous_event("view", "a1");
  CHECK(datum(host, "n") == Value(1));
}

TEST_CASE("anonymous: several may be one contact", "[engine][identity]") {
  Host host(text);
  host.anonymous_event("view", "a1").anonymous_event("view", "a2").alias("a1").alias("a2");
  CHECK(datum(host, "n") == Value(2));
}

TEST_CASE("anonymous: with journeys in flight linking is refused, and changes nothing",
          "[engine][identity]") {
  Host host(text);
  host.anonymous_event("join", "a1");
  const std::size_t bytes = host.journal().size();
  CHECK(host.feed(host.an_alias("a1")) == ErrorCode::not_supported_yet);
  Identify identify = host.an_identify({});
  identify.anonymous = "a1";
  CHECK(host.feed(identify) == ErrorCode::not_supported_yet);
  CHECK(host.journal().size() == bytes);
  CHECK(host.statistics().contacts == 1);
  host.anonymous_event("leave", "a1");
  CHECK(host.feed(host.an_alias("a1")) == std::nullopt);
}

TEST_CASE("anonymous: journeys that end before the input do not stand in the way, stepped or leapt",
          "[engine][identity][S0]") {
  const bool steps = GENERATE(true, false);
  Host host(text);
  host.anonymous_event("join", "a1").after(day_ms + 1);
  if (steps) host.advance().after(1);
  CHECK(host.feed(host.an_alias("a1")) == std::nullopt);
  CHECK(host.statistics().journeys_in_flight == 0);
}

TEST_CASE("anonymous: linking makes conditions true at that input", "[engine][identity][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{condition: contact.plan == "paid"}]
steps: [{wait: 1d}]
)");
  const Properties plan{{"plan", "paid"}};
  Identify anonymous = host.an_identify({}, "");
  anonymous.anonymous = "a1";
  anonymous.attributes = plan;
  host.event("join").take_in(anonymous);
  CHECK(host.told({"exited"}).empty());
  host.alias("a1");
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

TEST_CASE("anonymous: a contact whose own id looks like an anonymous one makes no ring",
          "[engine][identity]") {
  Host host(text);
  host.alias("x", "anonymous:y").alias("y", "anonymous:x").alias("x", "anonymous:x");
  host.event("ask", {}, "anonymous:x").event("ask", {}, "anonymous:y");
  host.anonymous_event("ask", "x").anonymous_event("ask", "y");
  CHECK(host.take().size() == 4);
}

TEST_CASE("identify: without a contact or an anonymous id is refused; so is half an alias",
          "[engine][identity]") {
  Host host(text);
  CHECK(host.feed(host.an_identify({}, "")) == ErrorCode::invalid_argument);
  CHECK(host.feed(host.an_alias("")) == ErrorCode::invalid_argument);
  CHECK(host.feed(host.an_alias("a1", "")) == ErrorCode::invalid_argument);
}

}  // namespace itinera::test
