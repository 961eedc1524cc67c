// SPDX-License-Identifier: Apache-2.0
#include "diff/between.hpp"
#include "itinera/campaign_diff.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

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
              "step e: now data.n \"5\"", "step b: now key entry.id", "step b: now data.n \"5\"",
              "step h: now key entry.id", "step c: consent email granted -> email denied for news",
              "step c: now source form", "step a: audience add fans -> remove fans"});
  const auto numbered = between(Sequence().wait("1h"), Sequence().wait("1h", {.id = "wait-1"}));
  CHECK(changes_of(numbered) == Lines{"step wait-1: now id wait-1"});
}

TEST_CASE("diff: a text that a file must quote is told so", "[diff]") {
  struct Row {
    Value was;
    Value is;
    const char* told;
  };
  const Row row =
      GENERATE(Row{"5", std::int64_t{5}, "data.n \"5\" -> 5"},
               Row{"-1.5e3", -1500.0, "data.n \"-1.5e3\" -> -1500.0"},
               Row{"true", true, "data.n \"true\" -> true"},
               Row{"null", "nil", "data.n \"null\" -> nil"}, Row{"", "x", "data.n \"\" -> x"},
               Row{"[1]", Value::List{std::int64_t{1}}, "data.n \"[1]\" -> [1]"},
               Row{"\"5\"", "5", "data.n \"\\\"5\\\"\" -> \"5\""},
               Row{"5 days", "5d", "data.n 5 days -> 5d"});
  const auto mail = [](const Value& value) {
    return Sequence().emit("seen", {.id = "e", .data = {{"n", value}}});
  };
  CHECK(steps_between(mail(row.was), mail(row.is)) == Lines{std::string("step e: ") + row.told});
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
