// SPDX-License-Identifier: Apache-2.0
// A campaign written as YAML and the same built in C++ are the same Campaign.
#include "itinera/campaign_builder.hpp"

#include "itinera/campaign_check.hpp"
#include "model/model_codec.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"
#include "yaml/support.hpp"

namespace itinera::yaml_test {
namespace {

// What test::cart_recovery() builds.
constexpr std::string_view cart_recovery = R"(
campaign: cart-recovery
version: 3
topic: marketing
entry:
  - event: cart_abandoned
    when: event.total >= 50.0
    key: event.cart_id
reentry: after 7d
goals:
  order: {event: order_placed, when: event.cart_id == journey.key, value: event.total, within: 7d,
          exits: true}
exits:
  - {event: cart_emptied, when: event.cart_id == journey.key}
  - {condition: contact.tier == "gold"}
steps:
  - wait: 1h
  - send: email
    id: reminder
    template: cart-reminder
    data: {total: =entry.total, name: =contact.first_name, campaign: spring}
  - wait_for: {opened: reminder}
    within: 24h
    then: [{send: push, template: cart-offer}]
    else: [{send: sms, template: cart-nudge}]
  - wait: 3d
  - id: finale
    split:
      - {variant: coupon, weight: 50, steps: [{send: email, template: coupon-10}]}
      - {variant: control, weight: 50}
)";

constexpr std::string_view every_wait = R"(
campaign: waits
entry: [host]
steps:
  - wait: 1d12h
  - {wait: P1M, anchor: entry, if_past: skip, zone: Europe/Paris}
  - {wait: 90m, anchor: last_emitted, if_past: exit, id: third, when: contact.vip, note: a break}
  - wait: {until: contact.starts_at}
    offset: -2d
    at: "09:30"
    zone: Asia/Tokyo
    if_past: continue
    on_missing: continue
  - {wait: {until: entry.ends_at}, offset: 1h30m, on_missing: skip}
  - {wait: {until: entry.ends_at}, on_missing: exit, if_past: exit}
  - wait: {time: "09:00"}
  - {wait: {time: "17:45", days: "Mon-Wed,Sat"}, if_past: next}
  - wait: {window: "14:00-16:00"}
  - {wait: {window: "22:00-06:30", days: Mon-Fri}, zone: UTC}
)";

Sequence all_waits() {
  return Sequence()
      .wait("1d12h")
      .wait("P1M",
            {.zone = "Europe/Paris", .if_past = Wait::IfPast::skip, .anchor = Wait::Anchor::entry})
      .wait("90m", {.id = "third",
                    .when = "contact.vip",
                    .note = "a break",
                    .if_past = Wait::IfPast::exit,
                    .anchor = Wait::Anchor::last_emitted})
      .wait_until("contact.starts_at", {.offset = "-2d",
                                        .at = "09:30",
                                        .zone = "Asia/Tokyo",
                                        .if_past = Wait::IfPast::go_on,
                                        .on_missing = Wait::OnMissing::go_on})
      .wait_until("entry.ends_at", {.offset = "1h30m", .on_missing = Wait::OnMissing::skip})
      .wait_until("entry.ends_at",
                  {.if_past = Wait::IfPast::exit, .on_missing = Wait::OnMissing::exit})
      .wait_until_time("09:00")
      .wait_until_time("17:45", {.days = "Mon-Wed,Sat", .if_past = Wait::IfPast::next})
      .wait_until_inside("14:00-16:00")
      .wait_until_inside("Mon-Fri 22:00-06:30", {.zone = "UTC"});
}

constexpr std::string_view every_other_step = R"(
campaign: steps
version: 12
topic: news
priority: 90
zone: America/New_York
note: everything that is no wait
entry:
  - host
  - event: joined
  - {event: returned, when: has(event.code) && event.code != "", key: event.code}
reentry: after 36h since entry
while_running: restart
holdout: {percent: 2.5%, seed: mine}
exclusive: onboarding
brake: {failed: 10%, of: 100, then: pause}
goals:
  asked: {}
  paid: {event: paid, when: event.total > 5.0, value: event.total, within: 7d}
  answered: {replied: hello, exits: true}
  rich: {condition: contact.points >= 100, within: 2w}
exits:
  - {unsubscribed: any}
  - event: left
steps:
  - send: email
    id: hello
    when: '!has(contact.quiet)'
    note: the first word
    max_visits: 5
    template: hello-1
    data: {n: 7, share: 0.5, yes_or_no: true, nothing: null, text: plain, formula: =1 + entry.n,
           many: [1, two, {three: 3}]}
  - wait_for:
      - {event: paid, when: event.total > journey.least, as: payment,
         steps: [{goal: paid, value: journey.payment.total}]}
      - {clicked: hello, as: click}
      - {condition: contact.points > 3, steps: [{exit: points}]}
    id: any-of-these
    within: 3d
    since: journey
    then: [{set: {tier: gold, journey.least: =entry.n, points: 4}}]
    else: [{send: sms, when: contact.vip}]
  - {wait_for: {event: seen, when: event.page == "a", as: page}, since: 2h, within: 1d}
  - branch:
      - when: contact.points > 50
        steps:
          - split:
              - {variant: a, weight: 1, steps: [{send: push}]}
              - {variant: b, weight: 0}
              - {variant: c, weight: 2, steps: [{exit: c, when: contact.vip}]}
            seed: shared
            note: nested
      - {when: 'ever("seen")', steps: []}
    else: [{goal: asked, when: contact.vip}]
    id: fork
  - parallel: [{steps: [{wait: 1h}, {send: sms}]}, {steps: [{wait: 2h}]}]
    join: any
    id: both
  - wait: 1d
  - {goto: hello, when: contact.points < 9}
  - {send: sms, id: offer, at: "10:00", topic: news, class: transactional, on_cap: exit,
     expires: 4h, on_skip: last, on_expire: exit, on_fail: hello, confirm_within: 10m}
  - {send: sms, on_cap: hold, on_skip: continue, while_held: aside}
  - {send: sms, retry: 2}
  - {send: sms, retry: {times: 3, after: 5m}}
  - {send: [push, email], prefer: device, escalate: {after: 2h, unless: clicked},
     sender: [anna, ben], operation: invite}
  - {send: [sms, push], prefer: listed, escalate: {after: 1d}, sender: anna}
  - {send: [sms, push], escalate: {after: 1d, unless: redeemed}}
  - {exit: end, id: last}
)";

Sequence all_other_steps() {
  const Properties data{{"n", 7},
                        {"share", 0.5},
                        {"yes_or_no", true},
                        {"nothing", Value{}},
                        {"text", "plain"},
                        {"formula", "=1 + entry.n"},
                        {"many", Value::List{1, "two", Value::Map{{"three", 3}}}}};
  const Sequence nested = Sequence().split(
      {{.variant = "a", .weight = 1, .steps = Sequence().send("push")},
       {.variant = "b", .weight = 0},
       {.variant = "c", .weight = 2, .steps = Sequence().exit("c", {.when = "contact.vip"})}},
      {.note = "nested", .seed = "shared"});
  return Sequence()
      .send("email", {.id = "hello",
                      .when = "!has(contact.quiet)",
                      .note = "the first word",
                      .max_visits = 5,
                      .template_name = "hello-1",
                      .data = data})
      .wait_for_any(
          {{.trigger = event("paid"),
            .when = "event.total > journey.least",
            .as = "payment",
            .steps = Sequence().reach_goal("paid", {.value = "journey.payment.total"})},
           {.trigger = clicked("hello"), .as = "click"},
           {.trigger = condition("contact.points > 3"), .steps = Sequence().exit("points")}},
          {.id = "any-of-these",
           .within = "3d",
           .since = "journey",
           .then = Sequence().set({{"tier", "gold"}, {"journey.least", "=entry.n"}, {"points", 4}}),
           .otherwise = Sequence().send("sms", {.when = "contact.vip"})})
      .wait_for_any({{.trigger = event("seen"), .when = "event.page == \"a\"", .as = "page"}},
                    {.within = "1d", .since = "2h"})
      .branch({{.when = "contact.points > 50", .steps = nested}, {.when = "ever(\"seen\")"}},
              {.id = "fork", .otherwise = Sequence().reach_goal("asked", {.when = "contact.vip"})})
      .parallel({Sequence().wait("1h").send("sms"), Sequence().wait("2h")},
                {.id = "both", .join = Parallel::Join::any})
      .wait("1d")
      .go_to("hello", {.when = "contact.points < 9"})
      .send("sms", {.id = "offer",
                    .at = "10:00",
                    .topic = "news",
                    .message_class = MessageClass::transactional,
                    .on_cap = Send::OnCap::exit,
                    .expires = "4h",
                    .on_skip = "last",
                    .on_expire = "exit",
                    .on_fail = "hello",
                    .confirm_within = "10m"})
      .send("sms", {.on_cap = Send::OnCap::hold, .while_held = Send::WhileHeld::aside})
      .send("sms", {.retry = 2})
      .send("sms", {.retry = 3, .retry_after = "5m"})
      .send_by({"push", "email"}, {.prefer = Send::Prefer::device,
                                   .escalate_after = "2h",
                                   .escalate_unless = "clicked",
                                   .senders = {"anna", "ben"},
                                   .operation = "invite"})
      .send_by({"sms", "push"}, {.escalate_after = "24h", .senders = {"anna"}})
      .send_by({"sms", "push"}, {.escalate_after = "24h", .escalate_unless = "redeemed"})
      .exit("end", {.id = "last"});
}

// What everything but the steps looks like in C++.
CampaignBuilder frame_of_steps() {
  return CampaignBuilder("steps")
      .version(12)
      .holdout("2.5%", "mine")
      .exclusive("onboarding")
      .brake("10%", 100)
      .topic("news")
      .priority(90)
      .zone("America/New_York")
      .note("everything that is no wait")
      .by_host()
      .on_event("joined")
      .on_event("returned", {.when = "has(event.code) && event.code != \"\"", .key = "event.code"})
      .reentry_after("36h", true)
      .while_running(WhileRunning::restart)
      .goal("asked")
      .goal("paid", {.trigger = event("paid"),
                     .when = "event.total > 5.0",
                     .value = "event.total",
                     .within = "7d"})
      .goal("answered", {.trigger = replied("hello"), .exits = true})
      .goal("rich", {.trigger = condition("contact.points >= 100"), .within = "2w"})
      .exit_on(receipt(Receipt::unsubscribed, "any"))
      .exit_on(event("left"));
}

// The campaign of `text`, which has no errors.
Campaign read(std::string_view text) {
  const LoadedWorkspace loaded = load(
      text, std::string(shop) +
                "  push: {address: contact.push_token, devices: [mobile], receipts: [redeemed]}\n"
                "senders: {anna: {channel: push, quota: {per: day, invite: 5}}, ben: {channel: "
                "push}}\n"
                "policy: {caps: [{max: 1, per: day, transactional: true}], "
                "exclusive: {onboarding: wait}}\n");
  INFO(text_of(loaded.diagnostics));
  REQUIRE_FALSE(has_errors(loaded.diagnostics));
  REQUIRE(loaded.campaigns.size() == 1);
  return loaded.campaigns.front();
}

Campaign built(const CampaignBuilder& builder) {
  Result<Campaign> campaign = builder.build();
  if (!campaign) FAIL(campaign.error().message);
  return *std::move(campaign);
}

}  // namespace

TEST_CASE("the cart campaign is the same from YAML and from C++", "[yaml][builder]") {
  CHECK(model::same_content(read(cart_recovery), test::cart_recovery()));
}

TEST_CASE("every kind of step, entry, goal and exit is the same from YAML and from C++",
          "[yaml][builder]") {
  const Campaign written = read(every_other_step);
  CHECK(model::same_content(written, built(frame_of_steps().steps(all_other_steps()))));
  CHECK(model::same_content(read(every_wait),
                            built(CampaignBuilder("waits").by_host().steps(all_waits()))));
  // All ten kinds stand in these two.
  std::vector<bool> kinds(std::variant_size_v<Step::Kind>);
  for (const std::string_view text : {every_wait, every_other_step}) {
    const Campaign campaign = read(text);
    model::for_each_step(campaign.steps,
                         [&](const Step& step) { kinds[step.kind.index()] = true; });
  }
  CHECK(std::count(kinds.begin(), kinds.end(), true) == 10);
}

TEST_CASE("steps that reach beyond the journey are the same from YAML and from C++",
          "[yaml][builder]") {
  const Campaign written = read(R"(
campaign: c
entry: [host]
steps:
  - {wait: 1h}
  - {audience: {add: vip}}
  - {audience: {remove: vip}, when: contact.x}
  - {emit: told, data: {n: =entry.n}}
  - {start: c, key: entry.k, data: {n: 1}, when: contact.x}
  - {stop: c, key: entry.k}
  - {call: twice, retry: 2}
  - {call: code, data: {n: 1}, within: 1h, retry: {times: 3, after: 5m}, as: code,
     then: [{wait: 1h}], else: [{exit: none}]}
  - {consent: {channel: email, topic: news, state: granted, source: web}, id: yes1}
  - {consent: {channel: sms, state: denied}}
  - {digest: 30m}
  - {digest: sliding 2h, as: views, max: 20, key: event.category, when: contact.x}
  - {task: Call them, id: t, team: sales, data: {n: 1}, within: 2d, as: notes, else: [{wait: 1d}]}
)");
  const Campaign made = built(CampaignBuilder("c").by_host().steps(
      Sequence()
          .wait("1h")
          .add_to_audience("vip")
          .remove_from_audience("vip", {.when = "contact.x"})
          .emit("told", {.data = {{"n", "=entry.n"}}})
          .start("c", {.when = "contact.x", .key = "entry.k", .data = {{"n", 1}}})
          .stop("c", {.key = "entry.k"})
          .call("twice", {.retry = 2})
          .call("code", {.data = {{"n", 1}},
                         .within = "1h",
                         .retry = 3,
                         .retry_after = "5m",
                         .as = "code",
                         .then = Sequence().wait("1h"),
                         .otherwise = Sequence().exit("none")})
          .grant_consent("email", {.id = "yes1", .topic = "news", .source = "web"})
          .deny_consent("sms")
          .digest("30m")
          .digest("2h", {.when = "contact.x",
                         .sliding = true,
                         .key = "event.category",
                         .max = 20,
                         .as = "views"})
          .task("Call them", {.id = "t",
                              .team = "sales",
                              .data = {{"n", 1}},
                              .within = "2d",
                              .as = "notes",
                              .otherwise = Sequence().wait("1d")})));
  CHECK(model::same_content(written, made));
}

TEST_CASE("the rules of re-entry are the same from YAML and from C++", "[yaml][builder]") {
  const auto from_yaml = [](std::string_view rules) {
    return read(fmt::format("campaign: c\nentry: [host]\n{}steps: [{{wait: 1h}}]\n", rules));
  };
  const auto builder = [] { return CampaignBuilder("c").by_host().steps(Sequence().wait("1h")); };
  CHECK(model::same_content(from_yaml(""), built(builder())));
  CHECK(model::same_content(from_yaml("reentry: always\n"), built(builder())));
  CHECK(model::same_content(from_yaml("reentry: never\n"), built(builder().reentry_never())));
  CHECK(model::same_content(from_yaml("reentry: after 90m\n"),
                            built(builder().reentry_after("90m"))));
  for (const auto& [word, what] :
       {std::pair("ignore", WhileRunning::ignore), std::pair("restart", WhileRunning::restart),
        std::pair("another", WhileRunning::another)}) {
    CHECK(model::same_content(from_yaml(fmt::format("while_running: {}\n", word)),
                              built(builder().while_running(what))));
  }
}

TEST_CASE("a difference in any one thing is seen", "[yaml][builder]") {
  const Campaign cart = read(cart_recovery);
  for (const auto& [what, other] :
       {std::pair("version: 3", "version: 4"), std::pair("wait: 3d", "wait: 72h"),
        std::pair("weight: 50}", "weight: 51}"), std::pair("=entry.total", "entry.total"),
        std::pair("exits: true", "exits: false"), std::pair("after 7d", "after 7d since entry"),
        std::pair("opened:", "clicked:")}) {
    std::string text(cart_recovery);
    text.replace(text.find(what), std::string_view(what).size(), other);
    CAPTURE(what, other);
    CHECK_FALSE(model::same_content(read(text), cart));
  }
}

}  // namespace itinera::yaml_test
