// SPDX-License-Identifier: Apache-2.0
// From anonymous to known: identify and alias.
#include "support/host.hpp"
#include "support/pieces.hpp"

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

TEST_CASE("anonymous: on a shared device the link that occurred first counts, and what was stays",
          "[engine][identity][S30]") {
  Host host(text);
  const bool earlier = GENERATE(true, false);
  host.anonymous_event("view", "a1").alias("a1", "bob").anonymous_event("view", "a1");
  Alias claim = host.an_alias("a1");
  claim.envelope.occurred = host.clock() - (earlier ? hour_ms : -1);
  host.take_in(claim).crash().anonymous_event("view", "a1");
  CHECK(datum(host, "n") == Value(earlier ? 1 : 0));
  host.event("ask", {}, "bob").take();
  CHECK(host.action("s").contact == "bob");
  CHECK(host.action("s").data.back().value == Value(earlier ? 2 : 3));
  CHECK(host.statistics().relinked == 1);
  CHECK(host.told({"linked"}).size() == (earlier ? 2 : 1));
}

TEST_CASE("anonymous: what went out from a shared device before it went over stays with the first",
          "[engine][identity][forget][S30]") {
  Host host(text);
  const bool is_taken = GENERATE(true, false);
  const Lines sent = GENERATE(Lines{"s@bob"}, Lines{});
  host.take_in(Reoffer{{}, host.an_alias("a1").envelope}).anonymous_event("ask", "a1");
  if (is_taken) CHECK(host.take() == Lines{"s@anonymous:a1"});
  Alias claim = host.alias("a1", "bob").an_alias("a1");
  claim.envelope.occurred = host.clock() - hour_ms;
  host.take_in(claim).crash();
  const std::string_view forgotten = sent.empty() ? "bob" : "ola";
  host.take_in(Forget{forgotten, host.an_alias("a1").envelope});
  host.take_in(Reoffer{{}, host.an_alias("a1").envelope});
  CHECK(host.take() == sent);
}

TEST_CASE("anonymous: a journey keeps its ids when the device it came by is forgotten with another",
          "[engine][identity][forget][S30]") {
  const auto ids = [](bool goes_over) {
    Host host(
        "campaign: c\nentry: [{event: ask}]\n"
        "steps: [{send: id, id: s}, {wait: 1d}, {send: id, id: t}]\n");
    host.anonymous_event("ask", "a1").alias("a1", "bob").take();
    if (goes_over) {
      Alias claim = host.an_alias("a1");
      claim.envelope.occurred = host.clock() - hour_ms;
      host.take_in(claim).take_in(Forget{"ola", claim.envelope}).anonymous_event("view", "a2");
    }
    auto engine = load_pieces(pieces_of(host.engine()), host.options());
    REQUIRE(engine);
    CHECK(engine->journeys_of("bob")->front().id == host.engine().journeys_of("bob")->front().id);
    host.after(day_ms).advance();
    CHECK(host.take() == Lines{"t@bob"});
    return std::pair(engine->journeys_of("bob")->front().id, host.action("t").id);
  };
  CHECK(ids(true) == ids(false));
}

TEST_CASE("anonymous: on a shared device the earliest claim counts, in whatever order they come",
          "[engine][identity][S30]") {
  std::vector<std::pair<std::string_view, int>> claims{{"ola", 5}, {"bob", 7}, {"ola", 10}};
  std::ranges::sort(claims);
  do {
    Host host(text);
    host.after(day_ms);
    for (const auto& [who, hour] : claims) {
      Alias claim = host.an_alias("a1", who);
      claim.envelope.occurred = host.clock() - day_ms + hour * hour_ms;
      host.take_in(claim);
    }
    host.crash().anonymous_event("ask", "a1");
    CHECK(host.take() == Lines{"s"});
  } while (std::ranges::next_permutation(claims).found);
}

TEST_CASE("anonymous: of two links at one instant that of the lesser id counts, in either order",
          "[engine][identity][S30]") {
  Host host(text);
  const bool bob_first = GENERATE(true, false);
  host.anonymous_event("view", "a1").alias("a1", bob_first ? "bob" : "ola");
  host.alias("a1", bob_first ? "ola" : "bob").anonymous_event("view", "a1");
  host.event("ask", {}, "bob").take();
  CHECK(host.action("s").data.back().value == Value(bob_first ? 2 : 1));
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
