// SPDX-License-Identifier: Apache-2.0
// What campaigns of one workspace do to each other.
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

namespace {

Campaign on(const char* name, const char* event, const Sequence& steps) {
  return CampaignBuilder(name).on_event(event).steps(steps).build().value();
}

Diagnostics check_all(std::vector<Campaign> campaigns) { return check(shop(), campaigns); }

}  // namespace

TEST_CASE("between: campaigns that are started and stopped must exist", "[model][check]") {
  const Diagnostics found =
      check_all({on("alpha", "e", Sequence().start("beto").stop("beto").stop("alpha")),
                 CampaignBuilder("beta").by_host().steps(Sequence().wait("1h")).build().value()});
  REQUIRE(found.size() == 2);
  CHECK(found[0].code == ErrorCode::unknown_name);
  CHECK(found[0].message == "there is no campaign 'beto'");
  CHECK(found[0].hint == "did you mean 'beta'?");
  CHECK(found[1].code == ErrorCode::unknown_name);
}

TEST_CASE("between: only a campaign with a `host` entry can be started", "[model][check]") {
  const Diagnostics found = check_all(
      {on("alpha", "e", Sequence().start("beta")), on("beta", "f", Sequence().wait("1h"))});
  REQUIRE(found.size() == 1);
  CHECK(found[0].message ==
        "step 'start-1': campaign 'beta' cannot be started: it has no `host` "
        "entry");
  CHECK(found[0].hint == "add `- host` to the entries of 'beta'");
}

TEST_CASE("between: rings of campaigns without a wait are named", "[model][check][S33]") {
  const Diagnostics found =
      check_all({on("alpha", "e", Sequence().emit("f")), on("beta", "f", Sequence().emit("e"))});
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == ErrorCode::endless_cycle);
  CHECK(found[0].message ==
        "campaigns set each other off without waiting: step 'emit-1' of campaign 'alpha' emits "
        "'f', step 'emit-1' of campaign 'beta' emits 'e'");
}

TEST_CASE("between: rings through segments without a wait are warned of", "[model][check][S33]") {
  Workspace workspace = shop();
  const auto segment = [&](const char* name, const char* condition) {
    Segment& made = workspace.segments.emplace_back();
    made.name = name;
    made.condition.text = condition;
  };
  segment("gold", "contact.tier == \"gold\" && contact.active");
  segment("silver", "contact.tier == \"silver\"");
  segment("not_gold", "!in_segment(\"gold\")");
  segment("asked", "!consented(\"sms\")");
  const auto in = [](const char* name, const char* entered, const Sequence& steps) {
    return CampaignBuilder(name).enter_by_segment(entered).steps(steps).build().value();
  };
  const auto found = [&](std::vector<Campaign> campaigns) {
    Diagnostics all = check(workspace, campaigns);
    std::erase_if(all, [](const Diagnostic& each) {  // of what this test does not name
      return each.message.starts_with("nothing names segment");
    });
    return all;
  };
  const auto set = [](const char* tier) { return Sequence().set({{"tier", tier}}); };
  const Diagnostics ring = found({in("a", "gold", set("silver")), in("b", "silver", set("gold"))});
  REQUIRE(summary(ring) == Summary{"warning suspicious 0:0"});
  CHECK(ring[0].message ==
        "by what they set, campaigns may bring contacts from segment to segment in a ring, without "
        "waiting: step 'set-1' of campaign 'a', step 'set-1' of campaign 'b'");
  // A wait breaks it; so does a value that brings nobody in, and another attribute.
  CHECK(found({in("a", "gold", Sequence().wait("1d").set({{"tier", "silver"}})),
               in("b", "silver", set("gold"))})
            .empty());
  CHECK(found({in("a", "gold", set("bronze")), in("b", "silver", set("gold"))}).empty());
  CHECK(found({in("a", "gold", Sequence().set({{"level", "silver"}})),
               in("b", "silver", set("gold"))})
            .empty());
  Campaign once = in("a", "gold", set("silver"));
  once.reentry.kind = Reentry::Kind::never;
  CHECK(found({once, in("b", "silver", set("gold"))}).empty());
  // Of what is computed, nobody knows; segments ask for segments; waits listen, too.
  CHECK(found({in("a", "gold", set("=contact.next"))}).size() == 1);
  CHECK(found({in("a", "not_gold", set("gold")), in("b", "gold", set("bronze"))}).size() == 1);
  Trigger left;
  left.kind = Trigger::Kind::segment;
  left.segment = "gold";
  left.leaves = true;
  const Sequence waits = Sequence().wait_for(left, {.id = "w"}).set({{"tier", "gold"}}).go_to("w");
  CHECK(found({CampaignBuilder("a").on_event("e").steps(waits).build().value(),
               in("b", "gold", set("bronze"))})
            .size() == 1);
  // Consent that is granted takes somebody out, one that is denied lets them stay; both may turn.
  const Sequence grants = Sequence().grant_consent("sms");
  const Sequence denies = Sequence().deny_consent("sms");
  CHECK(found({in("a", "asked", grants)}).empty());
  CHECK(found({in("a", "asked", denies)}).empty());
  const Campaign asked = CampaignBuilder("b")
                             .enter_by_segment("asked", {.change = Entry::Change::leaves})
                             .steps(denies)
                             .build()
                             .value();
  CHECK(found({in("a", "asked", grants), asked}).size() == 1);
}

TEST_CASE("between: experiments of one namespace whose parts overlap", "[model][check][S24]") {
  const auto takes = [](const char* name, const char* event, std::uint32_t from, std::uint32_t to,
                        const char* space = "checkout", std::uint32_t version = 1) {
    const Sequence steps =
        Sequence().split({{"a", 1, Sequence().send("sms")}, {"b", 1}},
                         {.id = "exp", .seed = "s", .space = SplitSpace{space, from, to}});
    return CampaignBuilder(name).version(version).on_event(event).steps(steps).build().value();
  };
  CHECK(check_all({takes("alpha", "e", 0, 4'000), takes("beta", "f", 4'000, 10'000)}).empty());
  CHECK(check_all({takes("alpha", "e", 0, 4'000), takes("beta", "f", 0, 4'000, "other")}).empty());
  const Diagnostics found =
      check_all({takes("alpha", "e", 0, 4'001), takes("beta", "f", 4'000, 10'000)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::warning);
  CHECK(found[0].message ==
        "step 'exp': its part of the namespace 'checkout' overlaps that of step 'exp' of campaign "
        "'alpha'");
}

TEST_CASE("between: a wait on the way makes no ring", "[model][check][S33]") {
  CHECK(check_all({on("alpha", "e", Sequence().emit("f")),
                   on("beta", "f", Sequence().wait("1h").emit("e"))})
            .empty());
}

TEST_CASE("between: a campaign that enters itself, and waits that wake each other, are rings",
          "[model][check][S33]") {
  CHECK(check_all({on("alpha", "e", Sequence().emit("e"))}).size() == 1);
  const auto echo = [](const char* name, const char* hears, const char* tells) {
    return on(
        name, "begin",
        Sequence().wait_for(event(hears), {.id = "ear", .within = "1h"}).emit(tells).go_to("ear"));
  };
  const Diagnostics found =
      check_all({echo("alpha", "ping", "pong"), echo("beta", "pong", "ping")});
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == ErrorCode::endless_cycle);
  CHECK(check_all({echo("alpha", "ping", "pong"), echo("beta", "pong", "other")}).empty());
}

TEST_CASE("between: keys and data of the steps are conditions like others", "[model][check]") {
  const Diagnostics found = check_all({on("alpha", "e",
                                          Sequence()
                                              .emit("f", {.data = {{"x", "=contact."}}})
                                              .stop("alpha", {.key = "[1]"})
                                              .add_to_audience(""))});
  REQUIRE(found.size() == 3);
  CHECK(found[0].code == ErrorCode::missing_key);
  CHECK(found[1].code == ErrorCode::condition_syntax);
  CHECK(found[2].code == ErrorCode::condition_type);
}

TEST_CASE("versions: a `reentry` that an older version did not ask is warned of",
          "[model][check][S23]") {
  const auto version = [](std::uint32_t number, bool never) {
    CampaignBuilder builder("c");
    builder.version(number).on_event("e").steps(Sequence().wait("1h"));
    if (never) builder.reentry_never();
    return builder.build().value();
  };
  const Diagnostics found = check_all({version(1, false), version(2, true)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == ErrorCode::suspicious);
  CHECK(check_all({version(1, true), version(2, true)}).empty());
  CHECK(check_all({version(1, true), version(2, false)}).empty());
}
