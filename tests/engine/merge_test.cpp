// SPDX-License-Identifier: Apache-2.0
// Two contacts that turn out to be one (S30).
#include <algorithm>
#include <array>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view people =
    "workspace: shop\n"
    "channels:\n"
    "  email: {address: contact.email, consent: opt_in}\n"
    "  id: {address: contact.id}\n";

constexpr std::string_view journey = R"(
campaign: c
entry: [{event: join, key: event.cart}]
goals: {bought: {event: order}}
steps:
  - {send: id, id: first}
  - {wait_for: {event: go}, within: 5d, id: w}
  - {send: id, id: second}
  - {wait: 1d}
  - {send: id, id: third}
)";

const Properties no_key{{"cart", "k"}};

Merge a_merge(const Host& host, std::string_view from, std::string_view into) {
  return Merge{from, into, {host.clock(), std::nullopt, {}, {}}};
}

Host& merge(Host& host, std::string_view from, std::string_view into) {
  return host.take_in(a_merge(host, from, into));
}

Identify says(const Host& host, std::string_view contact, std::span<const Consent> consents) {
  Identify identify = host.an_identify({}, contact);
  identify.consents = consents;
  return identify;
}

}  // namespace

TEST_CASE("merge: a journey in flight goes on for the contact that stays", "[engine][merge][S30]") {
  Host host(journey, people);
  const bool anonymous = GENERATE(true, false);
  const std::string_view from = anonymous ? "anonymous:a1" : "jan";
  if (anonymous) {
    host.anonymous_event("join", "a1", no_key);
  } else {
    host.event("join", no_key, "jan");
  }
  CHECK(host.take() == Lines{"first@" + std::string(from)});
  host.after(hour_ms);
  if (anonymous) {
    host.alias("a1");
  } else {
    merge(host, "jan", "ola");
  }
  host.crash();
  CHECK(host.statistics().journeys_in_flight == 1);
  // What was sent to the other is reported of, and what either id does, both did.
  host.report(Receipt::opened, "first").event("go", {}, anonymous ? "anonymous:a1" : "jan");
  CHECK(host.take() == Lines{"second"});
  CHECK(host.after(day_ms).advance().take() == Lines{"third"});
  CHECK(host.statistics().reports_unmatched == 0);
}

TEST_CASE("merge: later actions have the ids that they would have had", "[engine][merge][S30]") {
  Host apart(journey, people);
  apart.event("join", no_key, "jan").event("go", {}, "jan").take();
  Host one(journey, people);
  one.event("join", no_key, "jan");
  merge(one, "jan", "ola").crash();
  one.event("go").take();
  CHECK(one.action("second").id == apart.action("second").id);
  CHECK(one.action("second").contact == "ola");
  // Of another journey of the contact's own, entered at the same instant, they are others.
  Host own(journey, people);
  own.event("join", no_key).event("go").take();
  CHECK(own.action("second").id != apart.action("second").id);
}

TEST_CASE("merge: of two in the same campaign and key the one further along stays",
          "[engine][merge][S30]") {
  Host host(journey, people);
  const bool jan_leads = GENERATE(true, false);
  host.event("join", no_key, "jan").after(1).event("join", no_key);
  host.event("go", {}, jan_leads ? "jan" : "ola").take();
  merge(host, "jan", "ola").crash();
  CHECK(host.told({"exited"}) == Lines{"exited (merged)"});
  CHECK(host.statistics().journeys_in_flight == 1);
  CHECK(host.after(day_ms).advance().take() == Lines{"third"});
}

TEST_CASE("merge: of two equally far the older stays, and what the other had emitted is withdrawn",
          "[engine][merge][S30]") {
  Host host(journey, people);
  host.event("join", no_key, "jan").take();
  host.after(1).event("join", no_key);
  merge(host, "jan", "ola");
  CHECK(host.told({"exited", "withdrawn_exit"}) ==
        Lines{"withdrawn_exit first", "exited (merged)"});
  CHECK(host.take().empty());
  // The older one runs out of its time first.
  CHECK(host.at("2026-03-07T10:00:00Z").advance().take() == Lines{"second"});
}

TEST_CASE("merge: other keys, and campaigns of which several may run, stay beside each other",
          "[engine][merge][S30]") {
  SECTION("another key") {
    Host host(journey, people);
    const Properties other{{"cart", "k2"}};
    host.event("join", no_key, "jan").event("join", other);
    merge(host, "jan", "ola");
    CHECK(host.statistics().journeys_in_flight == 2);
  }
  SECTION("while_running: another") {
    Host host(std::string(journey) + "while_running: another\n", people);
    host.event("join", no_key, "jan").event("join", no_key);
    merge(host, "jan", "ola");
    CHECK(host.statistics().journeys_in_flight == 2);
    host.event("go").crash();
    CHECK(host.take().size() == 4);
  }
}

TEST_CASE("merge: one of an exclusive group stays, of the higher priority",
          "[engine][merge][S30]") {
  const std::string group = std::string(people) + "policy: {exclusive: {g: replace}}\n";
  Host host(R"(
campaign: low
exclusive: g
priority: 10
entry: [{event: low}]
steps: [{send: id, id: a}, {wait: 1d}, {send: id, id: low}]
---
campaign: high
exclusive: g
priority: 90
entry: [{event: high}]
steps: [{wait: 1d}, {send: id, id: high}]
)",
            group);
  host.event("low").take();
  host.event("high", {}, "jan");
  merge(host, "jan", "ola");
  CHECK(host.told({"exited"}) == Lines{"exited (merged)"});
  CHECK(host.after(day_ms).advance().take() == Lines{"high"});
}

TEST_CASE("merge: a refusal wins unless a grant is newer", "[engine][merge][S30][S19]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{send: email, id: mail}]\n", people);
  const std::int64_t grant_later = GENERATE(-1, 0, 1);
  const bool refused_by_from = GENERATE(true, false);
  const std::vector<Consent> no{{"email", "", false, {}}};
  const std::vector<Consent> yes{{"email", "", true, {}}};
  Identify refusal = says(host, refused_by_from ? "jan" : "ola", no);
  Identify grant = says(host, refused_by_from ? "ola" : "jan", yes);
  refusal.envelope.occurred = host.clock() - 10;
  refusal.envelope.message_id = "a";
  grant.envelope.occurred = host.clock() - 10 + grant_later;
  grant.envelope.message_id = "b";
  host.take_in(refusal).take_in(grant).identify({{"email", "o@example.com"}});
  merge(host, "jan", "ola").event("join");
  CHECK(host.take() == (grant_later > 0 ? Lines{"mail"} : Lines{}));
}

TEST_CASE("merge: an action that one has emitted and the other has refused is not handed over",
          "[engine][merge][S30][S19]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{send: email, id: mail}]\n", people);
  const std::vector<Consent> no{{"email", "", false, {}}};
  const std::vector<Consent> yes{{"email", "", true, {}}};
  host.take_in(says(host, "jan", yes)).identify({{"email", "j@example.com"}}, "jan");
  host.after(1).take_in(says(host, "ola", no)).event("join", {}, "jan");
  merge(host, "jan", "ola");
  CHECK(host.take().empty());
  CHECK(host.told({"withdrawn_consent"}).size() == 1);
}

TEST_CASE("merge: caps count what was sent to either", "[engine][merge][S30][S17]") {
  Host host("campaign: c\nreentry: always\nentry: [{event: join}]\nsteps: [{send: id, id: mail}]\n",
            std::string(people) + "policy: {caps: [{max: 2, per: 7d}]}\n");
  host.event("join").event("join", {}, "jan").take();
  merge(host, "jan", "ola").crash();
  host.event("join");
  CHECK(host.told({"skipped_cap"}) == Lines{"skipped_cap mail"});
}

TEST_CASE("merge: reentry knows what either has run, and a split what it was given first",
          "[engine][merge][S30][S24]") {
  SECTION("reentry") {
    Host host(
        "campaign: c\nreentry: never\nentry: [{event: join}]\nsteps: [{send: id, id: mail}]\n",
        people);
    host.event("join", {}, "jan").take();
    merge(host, "jan", "ola").crash();
    host.event("join");
    CHECK(host.told({"refused_reentry"}) == Lines{"refused_reentry (never)"});
  }
  SECTION("split") {
    Host host(R"(
campaign: c
reentry: always
entry: [{event: join}]
steps:
  - id: s
    split:
      - {variant: a, weight: 50, steps: [{send: id, id: a}]}
      - {variant: b, weight: 50, steps: [{send: id, id: b}]}
)",
              people);
    const auto variant_of = [&](std::string_view contact) {
      host.event("join", {}, contact);
      return host.take().front().substr(0, 1);
    };
    std::string other;
    const std::string given = variant_of("ola");
    host.after(1);
    for (int i = 0; other.empty(); ++i) {
      const std::string id = "u" + std::to_string(i);
      if (variant_of(id) != given) other = id;
    }
    host.after(hour_ms);
    // Who stays has the one given first, whoever that was given to.
    merge(host, "ola", other).crash();
    CHECK(variant_of(other) == given);
  }
}

TEST_CASE("merge: attributes go by the last writer, and history is of both",
          "[engine][merge][S30][S5]") {
  Host host(R"(
campaign: c
entry: [{event: ask}]
steps: [{send: id, id: s, data: {plan: =contact.plan, n: '=count("view", "30d")'}}]
)",
            people);
  const bool from_is_later = GENERATE(true, false);
  const Properties from_plan{{"plan", "from"}};
  Identify jan = host.an_identify(from_plan, "jan");
  jan.envelope.occurred = host.clock() - (from_is_later ? 1 : 3) * hour_ms;
  const Properties into_plan{{"plan", "into"}};
  Identify ola = host.an_identify(into_plan);
  ola.envelope.occurred = host.clock() - 2 * hour_ms;
  host.take_in(jan).take_in(ola).event("view").event("view", {}, "jan");
  merge(host, "jan", "ola").crash();
  host.event("ask", {}, "jan").take();
  CHECK(host.action("s").contact == "ola");
  CHECK(host.action("s").data.front().value == Value(from_is_later ? "from" : "into"));
  CHECK(host.action("s").data.back().value == Value(2));
}

TEST_CASE("merge: is idempotent, may come before either is known, and follows further merges",
          "[engine][merge][S30]") {
  Host host(journey, people);
  merge(host, "jan", "ola");
  merge(host, "jan", "ola");
  merge(host, "ola", "jan");
  CHECK(host.told({"merged"}).size() == 1);
  host.event("join", no_key, "jan");
  merge(host, "ola", "eva").crash();
  CHECK(host.told({"merged"}).size() == 1);
  host.event("go", {}, "jan");
  CHECK(host.take() == Lines{"first", "second@eva"});
  CHECK(host.feed(a_merge(host, "x", "x")) == ErrorCode::invalid_argument);
  CHECK(host.feed(a_merge(host, "", "x")) == ErrorCode::invalid_argument);
}

TEST_CASE("merge: an alias of a contact that is known is a merge", "[engine][merge][S30]") {
  Host host(journey, people);
  host.event("join", no_key, "jan").take();
  host.alias("jan").event("go");
  CHECK(host.take() == Lines{"second"});
  CHECK(host.told({"merged", "linked"}) == Lines{"merged"});
}

TEST_CASE("merge: a wait by the wall goes by the clock of the one that both are",
          "[engine][merge][S30][S13]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{wait: {time: "15:00"}}, {send: id, id: s}]
)",
            people);
  host.event("join", {}, "jan").identify({{"zone", "America/New_York"}});
  merge(host, "jan", "ola");
  CHECK(host.told({"resolved_zone"}) == Lines{"resolved_zone wait-1"});
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T20:00:00Z s"});
}

TEST_CASE("merge: the strands of a parallel move with their journey", "[engine][merge][S30]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - parallel:
      - steps: [{wait: 1h}, {send: id, id: a}]
      - steps: [{wait_for: {event: go}}, {send: id, id: b}]
  - {send: id, id: end}
)",
            people);
  host.event("join", {}, "jan").event("join", {}, "eva");
  merge(host, "jan", "ola").crash();
  host.event("go");
  CHECK(host.take() == Lines{"b"});
  CHECK(host.after(hour_ms).advance().take() == Lines{"a", "end", "a@eva"});
}

TEST_CASE("merge: beyond the limit of ids both stay what they are", "[engine][merge][limits]") {
  Limits limits;
  limits.identities = 2;
  Host host(journey, people, limits);
  host.alias("a1").alias("a2").event("join", no_key, "jan").take();
  const bool by_alias = GENERATE(true, false);
  if (by_alias) {
    host.alias("a3");
  } else {
    merge(host, "jan", "ola");
  }
  CHECK(host.told({"refused_link"}) == Lines{"refused_link (limit)"});
  host.crash().event("go", {}, "jan");
  CHECK(host.take() == Lines{"second@jan"});
  // What is linked already is none more.
  host.alias("a1");
  CHECK(host.told({"refused_link"}).empty());
}

TEST_CASE("merge: for whom one handle is verified is one person, with the id of the first",
          "[engine][merge][S30]") {
  Host host(journey, people);
  host.event("join", no_key, "jan").take();
  // Fed in either order, the same one stays.
  const bool ola_first = GENERATE(true, false);
  const auto verify = [&](std::string_view contact, Instant occurred) {
    const std::array handles{Handle{"email", "jan@example.com"}};
    Identify identify = host.an_identify({}, contact);
    identify.envelope.occurred = occurred;
    identify.verified = handles;
    host.take_in(identify);
  };
  const Instant first = host.clock();
  host.after(hour_ms);
  if (ola_first) verify("ola", first + 1);
  verify("jan", first);
  if (!ola_first) verify("ola", first + 1);
  CHECK(host.told({"merged"}) == Lines{"merged"});
  host.crash().event("go");
  CHECK(host.take() == Lines{"second@jan"});
  // Idempotent, under either id.
  verify("ola", first + 2);
  verify("jan", first + 3);
  CHECK(host.told({"merged"}).empty());
}

TEST_CASE("merge: equal attributes, handles of another kind and forgotten ones unite nobody",
          "[engine][merge][S30]") {
  Host host(journey, people);
  const Properties address{{"email", "jan@example.com"}};
  const auto verify = [&](std::string_view contact, std::string_view kind) {
    const std::array handles{Handle{kind, "jan@example.com"}};
    Identify identify = host.an_identify(address, contact);
    identify.verified = handles;
    host.take_in(identify);
  };
  host.identify(address, "eva");
  verify("jan", "email");
  verify("ola", "login");
  CHECK(host.told({"merged"}).empty());
  host.take_in(Forget{"jan", {host.clock(), std::nullopt, {}, {}}}).crash();
  verify("eva", "email");
  CHECK(host.told({"merged"}).empty());
  // It goes with its contact into a merge.
  merge(host, "eva", "ola").crash();
  verify("kim", "email");
  CHECK(host.told({"merged"}) == Lines{"merged", "merged"});
}

TEST_CASE("merge: verified handles have a limit, and need a contact", "[engine][merge][limits]") {
  Limits limits;
  limits.identities = 2;
  Host host(journey, people, limits);
  const auto verify = [&](std::string_view contact, std::string_view value) {
    const std::array handles{Handle{"email", value}};
    Identify identify = host.an_identify({}, contact);
    identify.verified = handles;
    host.take_in(identify);
  };
  verify("ola", "1");
  verify("ola", "2");
  CHECK(host.told({"refused_link"}).empty());
  verify("ola", "3");
  CHECK(host.told({"refused_link"}) == Lines{"refused_link (limit)"});
  verify("jan", "4");
  verify("jan", "1");  // three together
  CHECK(host.told({"refused_link", "merged"}) == Lines{"refused_link (limit)"});

  const std::array<Handle, 3> many{Handle{"a", "1"}, Handle{"a", "2"}, Handle{"a", "3"}};
  Identify identify = host.an_identify({});
  identify.verified = many;
  CHECK(host.feed(identify) == ErrorCode::limit_reached);
  const std::array<Handle, 1> empty{Handle{"email", ""}};
  identify.verified = empty;
  CHECK(host.feed(identify) == ErrorCode::invalid_argument);
  const std::array<Handle, 1> one{Handle{"email", "5"}};
  identify.verified = one;
  identify.contact = {};
  identify.anonymous = "a1";
  CHECK(host.feed(identify) == ErrorCode::invalid_argument);
}

TEST_CASE("merge: a chain of verified handles has one end, in whatever order it is fed",
          "[engine][merge][S30]") {
  Host host(journey, people);
  const Handle email{"email", "h"};
  const Handle phone{"phone", "p"};
  const Instant noon = host.clock();
  host.after(day_ms);
  const auto verify = [&](std::string_view contact, std::vector<Handle> handles, Instant occurred) {
    Identify identify = host.an_identify({}, contact);
    identify.envelope.occurred = occurred;
    identify.verified = handles;
    host.take_in(identify);
  };
  const bool backwards = GENERATE(true, false);
  if (backwards) verify("a", {email, phone}, noon + 2);
  if (backwards) verify("b", {phone}, noon + 1);
  verify("c", {email}, noon);
  if (!backwards) verify("b", {phone}, noon + 1);
  if (!backwards) verify("a", {email, phone}, noon + 2);
  host.crash().event("join", no_key, "a");
  CHECK(host.take() == Lines{"first@c"});
}

// Each sets free what is held, and the next finds it ready.
TEST_CASE("merge: one input may unite more than two", "[engine][merge][S30]") {
  Host host(journey,
            "workspace: shop\nzone: UTC\nchannels: {id: {address: contact.id}}\n"
            "policy: {quiet_hours: {from: \"08:00\", to: \"20:00\"}}\n");
  const std::array jans{Handle{"email", "jan@example.com"}};
  Identify jan = host.an_identify({}, "jan");
  jan.verified = jans;
  host.take_in(jan).event("join", no_key, "jan").after(1).event("join", {{"cart", "l"}}, "eva");
  host.after(1).event("join", {{"cart", "m"}});
  CHECK(host.take().empty());
  host.after(hour_ms);
  Identify ola = host.an_identify({});
  ola.verified = jans;
  if (GENERATE(true, false)) {
    host.anonymous_event("go", "a1");
    ola.anonymous = "a1";
  } else {
    merge(host, "eva", "kim");
    const std::array kims{Handle{"phone", "1"}};
    Identify kim = host.an_identify({}, "kim");
    kim.verified = kims;
    host.take_in(kim);
    const std::array both{jans.front(), kims.front()};
    ola.verified = both;
    host.take_in(ola);
  }
  ola.verified = jans;
  host.take_in(ola).crash();
  host.at("2026-03-02T20:00:00Z").advance();
  const Lines sent = host.take();
  CHECK(std::count(sent.begin(), sent.end(), "first@jan") >= 2);
}

// A device that nobody had seen is known by now, and yet is nobody.
TEST_CASE("merge: a device comes in by no date of its own", "[engine][merge][date][S30]") {
  Host host("campaign: c\nentry: [{date: '\"2026-03-29\"'}]\nsteps: [{send: id, id: hello}]\n",
            people);
  host.event("seen").alias("a1");
  CHECK(run_to(host, "2026-04-02T00:00:00Z") == Lines{"2026-03-29T09:00:00Z hello"});
}

}  // namespace itinera::test
