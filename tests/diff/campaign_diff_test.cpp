// SPDX-License-Identifier: Apache-2.0
#include "itinera/campaign_diff.hpp"

#include "diff/diff_picture.hpp"
#include "model/model_codec.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

namespace {

using Lines = std::vector<std::string>;

Lines changes_of(const ModelDiff& found) {
  Lines lines;
  for (const ModelChange& change : found.changes) lines.push_back(to_text(change));
  return lines;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Campaign next_version(const Sequence& steps) {
  Campaign campaign = with_steps(steps);
  campaign.version = 2;
  return campaign;
}

// From one list of steps to another, as version 1 and 2 of a campaign, without the line of that.
ModelDiff between(const Sequence& before, const Sequence& after) {
  ModelDiff found = diff(with_steps(before), next_version(after));
  REQUIRE_FALSE(found.changes.empty());
  CHECK(to_text(found.changes.front()) == "version 1 -> 2");
  found.changes.erase(found.changes.begin());
  return found;
}

Lines steps_between(const Sequence& before, const Sequence& after) {
  return changes_of(between(before, after));
}

Sequence mails(const std::vector<std::string>& ids) {
  Sequence steps;
  for (const std::string& id : ids) steps.send("email", {.id = id, .template_name = "t-" + id});
  return steps;
}

}  // namespace

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

TEST_CASE("diff: every field of a send is told", "[diff]") {
  const auto found = steps_between(
      Sequence().send("email", {.id = "m"}),
      Sequence().send_by({"email", "push"}, {.id = "m",
                                             .when = "contact.x == 1",
                                             .note = "why",
                                             .max_visits = 3,
                                             .template_name = "t",
                                             .data = {{"n", "=contact.n"}},
                                             .at = "09:00",
                                             .prefer = Send::Prefer::cost,
                                             .escalate_after = "2h",
                                             .escalate_unless = "clicked",
                                             .senders = {"anna", "ben"},
                                             .operation = "invite",
                                             .topic = "news",
                                             .message_class = MessageClass::transactional,
                                             .on_cap = Send::OnCap::hold,
                                             .expires = "4h",
                                             .while_held = Send::WhileHeld::aside,
                                             .on_skip = "exit",
                                             .on_expire = "m",
                                             .on_fail = "exit",
                                             .confirm_within = "5m",
                                             .retry = 2,
                                             .retry_after = "3m"}));
  CHECK(found == Lines{"step m: send email -> email, push",
                       "step m: now template t",
                       "step m: now prefer cost",
                       "step m: now escalate after 2h unless clicked",
                       "step m: now data.n =contact.n",
                       "step m: now at 09:00",
                       "step m: now sender anna, ben",
                       "step m: now operation invite",
                       "step m: now topic news",
                       "step m: now class transactional",
                       "step m: now on_cap hold",
                       "step m: now expires 4h",
                       "step m: now while_held aside",
                       "step m: now on_skip exit",
                       "step m: now on_expire m",
                       "step m: now on_fail exit",
                       "step m: now confirm_within 5m",
                       "step m: now retry 2 times, the first after 3m",
                       "step m: now when contact.x == 1",
                       "step m: now max_visits 3",
                       "step m: now note why"});
}

TEST_CASE("diff: every field of a wait is told", "[diff]") {
  CHECK(steps_between(Sequence().wait_until("entry.due", {.id = "w"}),
                      Sequence().wait_until("entry.due", {.id = "w",
                                                          .offset = "-3d",
                                                          .at = "09:00",
                                                          .zone = "Europe/Rome",
                                                          .if_past = Wait::IfPast::skip,
                                                          .on_missing = Wait::OnMissing::skip,
                                                          .anchor = Wait::Anchor::entry,
                                                          .follow = true})) ==
        Lines{"step w: now offset -3d", "step w: now zone Europe/Rome", "step w: now at 09:00",
              "step w: now follow true", "step w: now if_past skip", "step w: now on_missing skip",
              "step w: now anchor entry"});
  CHECK(
      steps_between(Sequence().wait_until_next("0 9 * * MON", {.id = "w"}),
                    Sequence().wait_until_next("0 9 * * MON", {.id = "w", .from = "2026-03-02"})) ==
      Lines{"step w: now from 2026-03-02"});
  const auto both = [](const WaitForOptions& options, const std::string& as) {
    return Sequence().wait_for_any({{.trigger = event("bought"), .as = as}}, options);
  };
  const Sequence plain = both({.id = "w"}, "");
  CHECK(steps_between(plain, both({.id = "w",
                                   .within = "2h",
                                   .since = "journey",
                                   .reset_on = event("browsed"),
                                   .reset_when = "event.x == 1"},
                                  "order")) ==
        Lines{"step w: now within 2h", "step w: now since journey",
              "step w: now reset_on event browsed when event.x == 1",
              "step w: now as of event bought order", "after w, `else` is a new way, to the end"});
  CHECK(steps_between(plain, both({.id = "w", .since = "90m"}, "")) ==
        Lines{"step w: now since 1h30m"});
}

TEST_CASE("diff: every field of splits, strands, calls, tasks and digests is told", "[diff]") {
  const auto split = [](const SplitOptions& options) {
    return Sequence().split({{.variant = "x", .weight = 1}, {.variant = "y", .weight = 1}},
                            options);
  };
  CHECK(steps_between(split({.id = "s"}),
                      split({.id = "s",
                             .seed = "other",
                             .hash = Split::Hash::optimizely,
                             .coverage = "40%",
                             .space = SplitSpace{.id = "home", .from = 1'000, .to = 5'000}})) ==
        Lines{"step s: now seed other", "step s: now hash optimizely", "step s: now coverage 40%",
              "step s: now namespace 10% to 50% of home"});
  const auto strands = [](Parallel::Join join) {
    return Sequence().parallel({mails({"a"}), mails({"b"})}, {.id = "p", .join = join});
  };
  CHECK(steps_between(strands(Parallel::Join::all), strands(Parallel::Join::any)) ==
        Lines{"step p: now join any"});
  CHECK(steps_between(Sequence().call("score", {.id = "c", .as = "before"}),
                      Sequence().call("score", {.id = "c",
                                                .data = {{"n", "=contact.n"}},
                                                .within = "1h",
                                                .retry = 2,
                                                .retry_after = "3m",
                                                .as = "after"})) ==
        Lines{"step c: now within 1h", "step c: as before -> after",
              "step c: now data.n =contact.n", "step c: now retry 2 times, the first after 3m"});
  CHECK(steps_between(
            Sequence().digest("1d", {.id = "d"}),
            Sequence().digest(
                "2h", {.id = "d", .sliding = true, .key = "event.id", .max = 5, .as = "seen"})) ==
        Lines{"step d: digest 24h -> sliding 2h", "step d: now key event.id", "step d: now max 5",
              "step d: now as seen"});
}

TEST_CASE("diff: every field of what a step sets off is told", "[diff]") {
  const Properties data{{"n", "5"}};
  CHECK(steps_between(Sequence()
                          .set({{"tier", "gold"}}, {.id = "s"})
                          .reach_goal("paid", {.id = "g"})
                          .emit("seen", {.id = "e"})
                          .start("other", {.id = "b"})
                          .stop("other", {.id = "h"})
                          .grant_consent("email", {.id = "c"})
                          .add_to_audience("fans", {.id = "a"}),
                      Sequence()
                          .set({{"tier", "silver"}}, {.id = "s"})
                          .reach_goal("paid", {.id = "g", .value = "entry.total"})
                          .emit("seen", {.id = "e", .data = data})
                          .start("other", {.id = "b", .key = "entry.id", .data = data})
                          .stop("other", {.id = "h", .key = "entry.id"})
                          .deny_consent("email", {.id = "c", .topic = "news", .source = "form"})
                          .remove_from_audience("fans", {.id = "a"})) ==
        Lines{"step s: set.tier gold -> silver", "step g: now value entry.total",
              "step e: now data.n 5", "step b: now key entry.id", "step b: now data.n 5",
              "step h: now key entry.id", "step c: consent email granted -> email denied for news",
              "step c: now source form", "step a: audience add fans -> remove fans"});
  const auto numbered = between(Sequence().wait("1h"), Sequence().wait("1h", {.id = "wait-1"}));
  CHECK(changes_of(numbered) == Lines{"step wait-1: now id wait-1"});
}

TEST_CASE("diff: as few steps as can be have moved", "[diff]") {
  CHECK(steps_between(mails({"a", "b", "c", "d"}), mails({"d", "a", "b", "c"})) ==
        Lines{"step d has moved: it stands first now, and stood after c"});
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
        Lines{"step ask: the same, in another order"});
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

TEST_CASE("diff: every field of an entry is told, and goals that are new or gone", "[diff]") {
  Campaign before = with_steps(mails({"a"}));
  Entry date;
  date.kind = Entry::Kind::date;
  date.date.text = "contact.birthday";
  Entry broadcast;
  broadcast.kind = Entry::Kind::schedule;
  broadcast.schedule = "0 9 * * MON";
  Entry members;
  members.kind = Entry::Kind::segment;
  members.segment = "lapsed";
  before.entries = {date, broadcast, members};
  before.goals = {{.name = "order", .trigger = event("order_placed")}};
  Campaign after = before;
  after.version = 2;
  Entry& yearly = after.entries[0];
  yearly.yearly = true;
  yearly.offset.days = -3;
  yearly.at_ms = 10 * 3'600'000;
  yearly.zone = "Europe/Paris";
  yearly.key.text = "contact.id";
  after.entries[1].segment = "vip";
  after.entries[1].from = "2026-03-02";
  after.entries[2].existing = Entry::Existing::enter;
  after.entries[2].ramp = Ramp{.per_ms = 3'600'000, .max = 100};
  after.goals = {{.name = "paid",
                  .trigger = event("paid"),
                  .when = {.text = "event.ok"},
                  .value = {.text = "event.total"}}};
  after.exits = {{.trigger = event("left"), .when = {.text = "event.final"}}};
  after.while_running = WhileRunning::restart;
  after.entry_cap.total = 5;
  after.holdout.share = 500;
  after.exclusive = "offers";
  after.brake = Brake{.failed = 1'000, .of = 50};
  after.topic = "news";
  after.priority = 70;
  after.zone = "Asia/Tokyo";
  after.note = "why";
  CHECK(changes_of(diff(before, after)) ==
        Lines{"version 1 -> 2",
              "now topic news",
              "priority 50 -> 70",
              "now zone Asia/Tokyo",
              "while_running ignore -> restart",
              "now entry_cap.total 5",
              "now holdout 5%",
              "now exclusive offers",
              "now brake 10% of 50 failed",
              "now note why",
              "entry date contact.birthday: now key contact.id",
              "entry date contact.birthday: now every year",
              "entry date contact.birthday: now offset -3d",
              "entry date contact.birthday: now at 10:00",
              "entry date contact.birthday: now zone Europe/Paris",
              "entry schedule 0 9 * * MON: now segment vip",
              "entry schedule 0 9 * * MON: now from 2026-03-02",
              "entry segment lapsed: now existing enter",
              "entry segment lapsed: now ramp 100 in 1h",
              "goal paid is new: reached by event paid, when event.ok, value event.total",
              "goal order is gone: reached by event order_placed",
              "exit event left is new: when event.final"});
}

TEST_CASE("diff: one version with two contents cannot be published", "[diff]") {
  const ModelDiff found = diff(with_steps(mails({"a"})), with_steps(mails({"a", "b"})));
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings.front().find("both say version 1") == 0);
}

TEST_CASE("diff: whatever differs is told, if only as another order", "[diff]") {
  Campaign before = cart_recovery();
  Campaign after = before;
  std::swap(after.exits.front(), after.exits.back());
  REQUIRE_FALSE(model::same_content(before, after));
  CHECK(changes_of(diff(before, after)) == Lines{"the same, in another order"});
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

TEST_CASE("diff: every field of channels, accounts and policy is told", "[diff]") {
  Workspace before = shop();
  before.senders = {{.name = "anna", .channel = "email", .zone = "Europe/Paris"}};
  before.policy.caps = {{.max = 3, .per = FrequencyCap::Per::day}};
  before.policy.exclusive = {{.name = "offers"}};
  Workspace after = before;
  Channel& channel = after.channels.front();
  channel.address.text = "contact.mail";
  channel.cost = 0.25;
  channel.devices = {"phone"};
  channel.receipts = {"connected"};
  channel.delivery = Channel::Delivery::pull;
  Sender& sender = after.senders.front();
  sender.channel = "push";
  sender.quotas = {{.max = 80}, {.operation = "invite", .max = 20}};
  sender.hours = Window{.from_ms = 9 * 3'600'000, .to_ms = 17 * 3'600'000};
  sender.zone = "Europe/Rome";
  sender.rate = 5;
  sender.rate_per_ms = 60'000;
  sender.warm_up = {10, 20};
  sender.pace_from_ms = 40'000;
  sender.pace_to_ms = 180'000;
  Policy& policy = after.policy;
  const Window night{.from_ms = 21 * 3'600'000, .to_ms = 8 * 3'600'000};
  policy.quiet_hours = {
      {.window = night, .about = {.channels = {"sms", "push"}}, .holidays = true}};
  policy.caps.front().about = {.topics = {"news"}, .campaigns = {"c"}};
  policy.caps.front().transactional = true;
  policy.caps.front().account = true;
  policy.holdout = {.share = 500, .seed = "s"};
  policy.exclusive.front().meeting = ExclusiveGroup::Meeting::refuse;
  after.topics.emplace_back("tips");
  after.holidays = {"2026-12-25"};
  after.retain.attributes = {"tier"};
  after.retain.events = {{.name = "bought", .window_ms = 30 * 86'400'000LL}};
  after.dedupe_ms = 86'400'000;
  after.min_loop_wait_ms = 120'000;
  after.name = "store";
  after.note = "why";
  after.schema.attributes = {{.name = "tier"}};
  after.schema.events = {
      {.name = "bought", .properties = {{.name = "total", .may_be_absent = true}}}};
  CHECK(
      changes_of(diff(before, {}, after, {})) ==
      Lines{"workspace shop -> store",
            "topics marketing, news -> marketing, news, tips",
            "now holidays 2026-12-25",
            "now schema attribute tier string",
            "now schema event bought.total optional(string)",
            "now retain event bought 30d",
            "now retain attributes tier",
            "min_loop_wait 1m -> 2m",
            "dedupe 7d -> 24h",
            "now note why",
            "channel email: address contact.email -> contact.mail",
            "channel email: now cost 0.25",
            "channel email: now devices phone",
            "channel email: now receipts connected",
            "channel email: now delivery pull",
            "sender anna: channel email -> push",
            "sender anna: now quota of all 80 a day",
            "sender anna: now quota of invite 20 a day",
            "sender anna: now hours 09:00-17:00",
            "sender anna: zone Europe/Paris -> Europe/Rome",
            "sender anna: now rate 5 in 1m",
            "sender anna: now warm_up 10, 20",
            "sender anna: now pace 40s..3m",
            "policy quiet_hours 21:00-08:00, channel sms or push, holidays is new",
            "policy cap 3 per day, topic news, campaign c, transactional too, of an account is new",
            "policy holdout is new: share 5%, seed s",
            "policy cap 3 per day is gone",
            "policy exclusive offers: meeting replace -> refuse"});
}

TEST_CASE("dot: two versions in one picture, each difference with a colour and a sign",
          "[diff][dot]") {
  const auto version = [](std::uint32_t number, const Sequence& steps) {
    Campaign campaign = with_steps(steps);
    campaign.version = number;
    return campaign;
  };
  const auto ask = [](const char* within, const Sequence& then) {
    return Sequence()
        .send("email", {.id = "mail", .template_name = "same"})
        .wait_for(clicked("mail"), {.id = "ask", .within = within, .then = then});
  };
  Campaign after =
      version(2, ask("2d", Sequence().send("sms", {.id = "offer", .template_name = "fresh"})));
  after.priority = 70;
  const std::string dot = model::to_dot(
      version(1, ask("1d", Sequence().send("push", {.id = "nudge", .template_name = "stale"}))),
      after);
  CAPTURE(dot);
  CHECK(contains(dot, "version\u00a01\u00a0->\u00a02"));
  CHECK(contains(dot, "n0 [label=\"E-mail: same\", fillcolor=\"#ffffff\""));
  CHECK(contains(dot,
                 "\"~ Clicked mail?\\nwithin 2 days\\nwithin: 24h -> 2d\", fillcolor=\"#fff0c2\""));
  CHECK(contains(dot, "\"+ SMS: fresh\", fillcolor=\"#d4f4dc\""));
  CHECK(contains(dot,
                 "gone2 [label=\"- Push: stale\", fillcolor=\"#fbe3e4\", color=\"#c4232f\", "
                 "style=\"rounded,filled,dashed\"]"));
  CHECK(contains(dot, "n1 -> n2 [label=\" + clicked\", color=\"#1a7f37\""));
  CHECK(contains(dot, "n1 -> gone2 [label=\" - clicked\", color=\"#c4232f\""));
  CHECK(contains(dot, "\" ~ after 24 hours\\n -> after 2 days\", color=\"#b07a00\""));
  CHECK(contains(dot, "n0 -> n1 [label=\"\"]"));
  CHECK(contains(dot, "- Priority: 50 of 100\\l+ Priority: 70 of 100\\l"));
  CHECK(contains(dot, "+\u00a0new\u00a0\u00a0\u00a0-\u00a0gone\u00a0\u00a0\u00a0~\u00a0changed\""));
}

TEST_CASE("dot: what moved, what has another name, and ways between steps that stay",
          "[diff][dot]") {
  const auto mail = [](const char* id, const char* text) {
    return Sequence().send("email", {.id = id, .template_name = text});
  };
  const auto ask = [](const Sequence& then) {
    return Sequence()
        .wait_for(event("bought"), {.id = "ask", .within = "1d", .then = then})
        .send("email", {.id = "nudge", .template_name = "n"})
        .send("email", {.id = "offer", .template_name = "o"});
  };
  const std::string renamed =
      model::to_dot(with_steps(mail("a", "hello")), next_version(mail("first", "hello")));
  CHECK(contains(renamed, "\"~ E-mail: hello\\ncalled a -> first\""));
  const std::string moved =
      model::to_dot(with_steps(mails({"a", "b", "c"})), next_version(mails({"c", "a", "b"})));
  CHECK(contains(moved, "\"~ E-mail: t-c\\nstands elsewhere\""));
  // It is drawn, and does not pull the steps to where they stood.
  const std::string ways =
      model::to_dot(with_steps(ask({})), next_version(ask(Sequence().go_to("offer"))));
  CAPTURE(ways);
  CHECK(contains(
      ways,
      "constraint=false, color=\"#c4232f\", fontcolor=\"#c4232f\", penwidth=2, style=dashed]"));
}
