// SPDX-License-Identifier: Apache-2.0
#include "itinera/campaign_diff.hpp"

#include "diff/between.hpp"
#include "model/model_codec.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

TEST_CASE("diff: the same campaign has no difference, wherever it is written", "[diff]") {
  Campaign elsewhere = placed(cart_recovery());
  elsewhere.at = {"other.yaml", 7, 1};
  CHECK(diff(cart_recovery(), elsewhere).empty());
  elsewhere.version = 4;
  CHECK(changes_of(diff(cart_recovery(), elsewhere)) == Lines{"version 3 -> 4"});
}

TEST_CASE("diff: what is new, and what is gone, stands where it is written", "[diff]") {
  CHECK(steps_between(mails({"a", "b", "c"}), mails({"x", "b", "c", "y"})) ==
        Lines{"step a is gone, it stood first: send email, template t-a",
              "step x is new, first: send email, template t-x",
              "step y is new, after c: send email, template t-y"});
}

TEST_CASE("diff: fields are told in the words of files", "[diff]") {
  const auto steps = [](const char* wait, const SendOptions& options) {
    return Sequence().wait(wait, {.id = "pause"}).send("email", options);
  };
  CHECK(steps_between(steps("1h", {.id = "m", .when = "contact.x == 1", .template_name = "old"}),
                      steps("2h", {.id = "m",
                                   .template_name = "new",
                                   .data = {{"n", "=contact.n"}},
                                   .expires = "4h",
                                   .on_skip = "pause"})) ==
        Lines{"step pause: wait 1h -> 2h", "step m: template old -> new",
              "step m: now data.n =contact.n", "step m: now expires 4h",
              "step m: now on_skip pause", "step m: no when any more; it was contact.x == 1"});
}

TEST_CASE("diff: as few steps as can be have moved", "[diff]") {
  CHECK(steps_between(mails({"a", "b", "c", "d"}), mails({"d", "a", "b", "c"})) ==
        Lines{"step d has moved: it stands first now, and stood after c"});
}

TEST_CASE("diff: of steps that moved together the first is told", "[diff]") {
  CHECK(steps_between(mails({"a", "b", "c", "d", "e"}), mails({"d", "e", "a", "b", "c"})) ==
        Lines{"step d has moved: it stands first now, and stood after c"});
  const Sequence flat = mails({"a", "b", "c"});
  const Sequence nested = mails({"a"}).branch({{"contact.vip", mails({"b", "c"})}}, {.id = "vip"});
  CHECK(steps_between(flat, nested) ==
        Lines{"step vip is new, after a: branch contact.vip",
              "step b has moved: it stands first in contact.vip of vip now, and stood after a"});
}

TEST_CASE("diff: a step that went into another, and what stood in one that is gone", "[diff]") {
  const Sequence flat = mails({"a", "b"});
  const Sequence nested = mails({"a"}).branch({{"contact.vip", mails({"b"})}}, {.id = "vip"});
  CHECK(steps_between(flat, nested) ==
        Lines{"step vip is new, after a: branch contact.vip",
              "step b has moved: it stands first in contact.vip of vip now, and stood after a"});
  CHECK(steps_between(nested, flat) ==
        Lines{"step vip is gone, it stood after a: branch contact.vip",
              "step b has moved: it stands after a now, and stood first in contact.vip of vip"});
}

TEST_CASE("diff: what is gone is told behind the step that it stood behind, wherever that is now",
          "[diff]") {
  CHECK(steps_between(mails({"a", "x", "b", "c"}), mails({"b", "c", "a"})) ==
        Lines{"step a has moved: it stands after c now, and stood first",
              "step x is gone, it stood after a: send email, template t-x"});
  CHECK(steps_between(mails({"a", "x", "y", "b"}), mails({"a", "n", "b"})) ==
        Lines{"step x is gone, it stood after a: send email, template t-x",
              "step y is gone, it stood after x: send email, template t-y",
              "step n is new, after a: send email, template t-n"});
}

TEST_CASE("diff: a step by another name is the same, and not to journeys", "[diff]") {
  const ModelDiff found =
      between(mails({"a", "b"}), Sequence()
                                     .send("email", {.id = "first", .template_name = "t-a"})
                                     .send("email", {.id = "b", .template_name = "t-b"}));
  CHECK(changes_of(found) == Lines{"step a is now called first"});
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings.front().find("--step c/a=first") != std::string::npos);
}

TEST_CASE("diff: another kind under the same id is another step", "[diff]") {
  CHECK(steps_between(Sequence().wait("1h", {.id = "a"}), mails({"a"})) ==
        Lines{"step a is gone, it stood first: wait 1h",
              "step a is new, first: send email, template t-a"});
}

TEST_CASE("diff: unnamed steps are told by what they do where their number changed", "[diff]") {
  const ModelDiff more =
      between(Sequence().wait("1h").wait("3h"), Sequence().wait("1h").wait("2h").wait("3h"));
  CHECK(changes_of(more) ==
        Lines{"step wait-2 is new, after wait-1: wait 2h", "step wait-2 is now called wait-3"});
  REQUIRE(more.warnings.size() == 2);
  CHECK(more.warnings[1].find("`wait` steps") != std::string::npos);
  CHECK(more.warnings[1].find("2 of them had no id") != std::string::npos);

  // As many as there were: journeys go by the number, and so does this.
  const ModelDiff shifted =
      between(Sequence().wait("1h").wait("3h"), Sequence().wait("3h").wait("5h"));
  CHECK(changes_of(shifted) == Lines{"step wait-1: wait 1h -> 3h", "step wait-2: wait 3h -> 5h"});
  REQUIRE(shifted.warnings.size() == 1);
  CHECK(shifted.warnings.front().find("what wait-2 did wait-1 does now") == 0);

  const ModelDiff edited = between(Sequence().wait("1h"), Sequence().wait("2h"));
  CHECK(edited.warnings.empty());
}

TEST_CASE("diff: more unnamed steps of a kind than are aligned are told by their number",
          "[diff]") {
  const auto waits = [](int from, int to) {
    Sequence steps;
    for (int minutes = from; minutes <= to; ++minutes) steps.wait(std::to_string(minutes) + "m");
    return steps;
  };
  const ModelDiff aligned = between(waits(2, 512), waits(1, 512));
  REQUIRE(aligned.changes.size() == 512);
  CHECK(to_text(aligned.changes[0]) == "step wait-1 is new, first: wait 1m");
  CHECK(to_text(aligned.changes[511]) == "step wait-511 is now called wait-512");

  const ModelDiff numbered = between(waits(2, 513), waits(1, 513));
  REQUIRE(numbered.changes.size() == 513);
  CHECK(to_text(numbered.changes[0]) == "step wait-1: wait 2m -> 1m");
  CHECK(to_text(numbered.changes[512]) == "step wait-513 is new, after wait-512: wait 8h33m");
  REQUIRE(numbered.warnings.size() == 1);
  CHECK(contains(numbered.warnings[0], "512 of them had no id"));

  const ModelDiff shifted = between(waits(2, 514), waits(1, 513));
  CHECK(shifted.changes.size() == 513);
  CHECK(shifted.warnings.empty());
}

TEST_CASE("diff: ways that lead elsewhere", "[diff]") {
  const auto ask = [](const Sequence& then, const Sequence& otherwise) {
    return mails({"reminder"})
        .wait_for(clicked("reminder"),
                  {.id = "ask", .within = "1d", .then = then, .otherwise = otherwise})
        .send("email", {.id = "nudge", .template_name = "n"})
        .send("email", {.id = "offer", .template_name = "o"});
  };
  CHECK(steps_between(ask({}, {}), ask(Sequence().go_to("offer", {.id = "on"}), {})) ==
        Lines{"after ask, `clicked reminder` now leads to offer; before to nudge",
              "step on is new, first in then of ask: goto offer"});
  CHECK(steps_between(ask({}, {}), ask({}, Sequence().exit("lost", {.id = "lost"}))) ==
        Lines{"after ask, `else` now leads to the end; before to nudge",
              "step lost is new, first in else of ask: exit lost"});
}

TEST_CASE("diff: ways of what the host answers, and of what a person does", "[diff]") {
  const auto call = [](const Sequence& then, const Sequence& otherwise) {
    return Sequence()
        .call("score", {.id = "ask", .within = "1h", .then = then, .otherwise = otherwise})
        .send("email", {.id = "nudge", .template_name = "n"})
        .send("email", {.id = "offer", .template_name = "o"});
  };
  CHECK(steps_between(call({}, {}), call(Sequence().go_to("offer", {.id = "on"}), {})) ==
        Lines{"after ask, `completed` now leads to offer; before to nudge",
              "step on is new, first in then of ask: goto offer"});
  const auto task = [](const char* team, const Sequence& otherwise) {
    return Sequence()
        .task("call them", {.id = "ring",
                            .team = team,
                            .within = "2d",
                            .then = mails({"thanks"}),
                            .otherwise = otherwise})
        .send("email", {.id = "nudge", .template_name = "n"});
  };
  CHECK(steps_between(task("sales", {}), task("care", Sequence().exit("lost", {.id = "lost"}))) ==
        Lines{"step ring: team sales -> care",
              "after ring, `else` now leads to the end; before to nudge",
              "step lost is new, first in else of ring: exit lost"});
  // Told of a new one: what it asks, and what stands in it for itself.
  CHECK(steps_between(mails({"nudge"}), task("sales", {})).front() ==
        "step ring is new, first: task call them, team sales, within 2d");
}

TEST_CASE("diff: cases that are new, gone, or listen to something else", "[diff]") {
  const auto ask = [](const std::vector<WaitForCase>& cases) {
    return mails({"a"}).wait_for_any(cases, {.id = "ask"}).send("email", {.id = "b"});
  };
  const WaitForCase opens{.trigger = opened("a")};
  const WaitForCase clicks{.trigger = clicked("a")};
  const WaitForCase buys{.trigger = event("bought")};
  CHECK(steps_between(ask({opens}), ask({opens, clicks})) ==
        Lines{"after ask, `clicked a` is a new way, to b"});
  CHECK(steps_between(ask({opens, clicks}), ask({clicks})) ==
        Lines{"after ask, `opened a` is no way any more; it led to b"});
  CHECK(steps_between(ask({opens, clicks}), ask({opens, buys})) ==
        Lines{"step ask: wait_for clicked a -> event bought"});
  CHECK(steps_between(ask({opens, clicks}), ask({clicks, opens})) ==
        Lines{"step ask: order opened a; clicked a -> clicked a; opened a"});
  CHECK(steps_between(ask({opens, clicks, buys}), ask({buys, clicks})) ==
        Lines{"step ask: order clicked a; event bought -> event bought; clicked a",
              "after ask, `opened a` is no way any more; it led to b"});
}

TEST_CASE("diff: strands, variants and what comes back of a call", "[diff]") {
  const auto side = [](const Sequence& second) {
    return Sequence().parallel({mails({"a"}), second}, {.id = "both"});
  };
  CHECK(steps_between(side(mails({"b"})), side(mails({"b", "c"}))) ==
        Lines{"step c is new, after b: send email, template t-c"});
  const auto test = [](std::uint32_t weight, const Sequence& steps) {
    return Sequence().split(
        {{.variant = "x", .weight = weight, .steps = steps}, {.variant = "y", .weight = 50}},
        {.id = "s"});
  };
  CHECK(steps_between(test(50, mails({"a"})), test(60, {})) ==
        Lines{"step s: weight of x 50 -> 60",
              "step a is gone, it stood first in variant x of s: send email, template t-a"});
}

TEST_CASE("diff: entries, goals, exits and the rules of who comes in", "[diff]") {
  Campaign after = cart_recovery();
  after.version = 4;
  after.reentry = {};
  after.entry_cap.day = 100;
  after.entries.front().when.text = "event.total >= 60.0";
  after.entries.emplace_back().kind = Entry::Kind::host;
  after.goals.front().within_ms = 86'400'000;
  after.goals.front().exits = false;
  after.exits.erase(after.exits.begin());
  CHECK(changes_of(diff(cart_recovery(), after)) ==
        Lines{"version 3 -> 4", "reentry after 7d -> always", "now entry_cap.day 100",
              "entry event cart_abandoned: when event.total >= 50.0 -> event.total >= 60.0",
              "entry host is new", "goal order: within 7d -> 24h",
              "goal order: no exits any more; it was true",
              "exit event cart_emptied is gone: when event.cart_id == journey.key"});
}

TEST_CASE("diff: one version with two contents cannot be published", "[diff]") {
  const ModelDiff found = diff(with_steps(mails({"a"})), with_steps(mails({"a", "b"})));
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings.front().find("both say version 1") == 0);
}

TEST_CASE("diff: whatever differs is told, if only as another order", "[diff]") {
  const auto mail = [](const Properties& data) {
    return Sequence().send("email", {.id = "m", .data = data});
  };
  CHECK(steps_between(mail({{"a", "1"}, {"b", "2"}}), mail({{"b", "2"}, {"a", "1"}})) ==
        Lines{"step m: the same, in another order"});
}

TEST_CASE("diff: the order of entries, goals and exits is told whatever else differs", "[diff]") {
  Campaign before = cart_recovery();
  Entry second;
  second.event = "second";
  second.key.text = "event.id";
  Entry third;
  third.event = "third";
  before.entries.insert(before.entries.end(), {second, third});
  before.goals.push_back({.name = "paid", .trigger = event("paid")});
  Campaign after = before;
  after.version = 4;
  std::swap(after.entries[1], after.entries[2]);
  std::swap(after.goals.front(), after.goals.back());
  after.goals.back().exits = false;
  std::swap(after.exits.front(), after.exits.back());
  CHECK(changes_of(diff(before, after)) ==
        Lines{"version 3 -> 4",
              "entry event third has moved: it stands after event cart_abandoned now, and stood "
              "after event second",
              "goal paid has moved: it stands first now, and stood after order",
              "goal order: no exits any more; it was true",
              "exit contact.tier == \"gold\" has moved: it stands first now, and stood after "
              "event cart_emptied"});
}

TEST_CASE("diff: the order of cases and variants is told whatever else differs", "[diff]") {
  const BranchWay one{.when = "contact.a > 1", .steps = mails({"m3"})};
  const BranchWay two{.when = "contact.a > 2", .steps = mails({"m4"})};
  const auto branch = [](const std::vector<BranchWay>& cases, const char* note) {
    return Sequence().branch(cases, {.id = "br", .note = note});
  };
  CHECK(steps_between(branch({one, two}, "one"), branch({two, one}, "two")) ==
        Lines{"step br: note one -> two",
              "step br: order contact.a > 1; contact.a > 2 -> contact.a > 2; contact.a > 1"});
  const auto split = [](const char* first, std::uint32_t weight, const char* second) {
    return Sequence().split(
        {{.variant = first, .weight = weight}, {.variant = second, .weight = 50}}, {.id = "s"});
  };
  CHECK(steps_between(split("x", 50, "y"), split("y", 60, "x")) ==
        Lines{"step s: weight of y 50 -> 60",
              "step s: order variant x; variant y -> variant y; variant x"});
}

TEST_CASE("diff: cases of one source, and of one label, are told apart", "[diff]") {
  const auto cases = [](const char* mail, const char* second) {
    return Sequence()
        .wait_for_any({{.trigger = event("x"), .when = "event.n > 1", .as = "big"},
                       {.trigger = event("x"), .as = "small"},
                       {.trigger = event("x"), .as = second}},
                      {.id = "w"})
        .send("email", {.id = "m", .template_name = mail});
  };
  CHECK(steps_between(cases("a", "rest"), cases("b", "rest")) == Lines{"step m: template a -> b"});
  CHECK(steps_between(cases("a", "rest"), cases("a", "more")) ==
        Lines{"step w: as of event x (2) rest -> more"});
  const auto guarded = [](const char* when, const char* as) {
    return Sequence().wait_for_any({{.trigger = event("x"), .when = when, .as = as}}, {.id = "w"});
  };
  CHECK(steps_between(guarded("event.n > 1", "big"), guarded("event.n > 2", "big")) ==
        Lines{"step w: wait_for event x when event.n > 1 -> event x when event.n > 2"});
  const auto twice = [](const char* second) {
    return Sequence()
        .branch({{"contact.a", Sequence().go_to("n", {.id = "g"})},
                 {"contact.a", Sequence().go_to("m", {.id = "h"})}},
                {.id = "br"})
        .send("email", {.id = "m"})
        .send("email", {.id = "n", .template_name = second});
  };
  CHECK(steps_between(twice("t"), twice("u")) == Lines{"step n: template t -> u"});
}

TEST_CASE("diff: workspaces, their channels, segments, accounts, policy and campaigns", "[diff]") {
  Workspace before = shop();
  Workspace after = shop();
  after.zone = "Europe/Paris";
  after.channels.pop_back();
  after.channels.front().consent = Channel::ConsentRule::opt_in;
  before.segments = {{.name = "vip", .condition = {.text = "contact.vip"}}};
  after.segments = {{.name = "vip", .condition = {.text = "contact.points > 5"}}};
  after.senders = {{.name = "anna", .channel = "email"}};
  before.policy.caps = {{.max = 3, .per = FrequencyCap::Per::rolling, .per_ms = 7 * 86'400'000LL}};
  after.policy.caps = {{.max = 2, .per = FrequencyCap::Per::day}};
  Campaign gone = with_steps(mails({"a"}));
  gone.name = "gone";
  Campaign fresh = gone;
  fresh.name = "fresh";
  const std::vector<Campaign> old_ones{cart_recovery(), gone};
  Campaign next = cart_recovery();
  next.version = 4;
  const std::vector<Campaign> new_ones{fresh, next};
  CHECK(changes_of(diff(before, old_ones, after, new_ones)) ==
        Lines{"zone Europe/Warsaw -> Europe/Paris", "channel email: consent none -> opt_in",
              "channel sms is gone: address contact.sms, consent none",
              "sender anna is new: channel email",
              "segment vip: condition contact.vip -> contact.points > 5",
              "policy cap 2 per day is new", "policy cap 3 per 7d is gone",
              "campaign fresh is new: version 1, 1 step", "version 3 -> 4",
              "campaign gone is gone: version 1, 1 step"});
  CHECK(diff(after, new_ones, after, new_ones).empty());
}

TEST_CASE("diff: a schema that asks for nothing differs from none", "[diff]") {
  Workspace before = shop();
  before.schema.events = {{.name = "bought", .properties = {{.name = "total"}}}};
  Workspace after = before;
  after.schema.events.push_back({.name = "go"});
  after.schema.attributes.emplace();
  CHECK(changes_of(diff(before, {}, after, {})) ==
        Lines{"now schema attributes none", "now schema event go no properties"});
  CHECK(changes_of(diff(after, {}, before, {})) ==
        Lines{"no schema attributes any more; it was none",
              "no schema event go any more; it was no properties"});
}

TEST_CASE("diff: whatever differs of a workspace is told, if only as another order", "[diff]") {
  Workspace before = shop();
  before.schema.events = {{.name = "a", .properties = {{.name = "x"}}},
                          {.name = "b", .properties = {{.name = "y"}}}};
  Workspace after = before;
  std::swap(after.schema.events.front(), after.schema.events.back());
  CHECK(changes_of(diff(before, {}, after, {})) == Lines{"the same, in another order"});
  Workspace moved = before;
  std::swap(moved.channels.front(), moved.channels.back());
  CHECK(changes_of(diff(before, {}, moved, {})) ==
        Lines{"channel sms has moved: it stands first now, and stood after push",
              "channel push has moved: it stands after sms now, and stood after email"});
}
