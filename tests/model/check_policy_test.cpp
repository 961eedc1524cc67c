// SPDX-License-Identifier: Apache-2.0
// What check() says of policies, and of what campaigns and sends say of theirs.
#include "itinera/time.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

namespace {

constexpr std::int32_t hour = 3'600'000;

const std::vector<std::string> both_channels{"sms", "email"};

QuietHours quiet(std::int32_t from_hour, std::int32_t to_hour, MessageFilter about = {}) {
  return {{from_hour * hour, to_hour * hour, {}}, std::move(about), false, {}, {"w.yaml", 7, 3}};
}

FrequencyCap cap(std::uint32_t max, MessageFilter about = {}) {
  FrequencyCap result;
  result.max = max;
  result.per = FrequencyCap::Per::day;
  result.about = std::move(about);
  result.at = {"w.yaml", 8, 3};
  return result;
}

Workspace with(Policy policy) {
  Workspace workspace = shop();
  workspace.policy = std::move(policy);
  return workspace;
}

Diagnostics found_in(Policy policy) { return check_one(cart_recovery(), with(std::move(policy))); }

Summary summary_of(Policy policy) { return summary(found_in(std::move(policy))); }

// Of a campaign with these steps in a shop with a cap on everything.
Summary of_steps(const Sequence& steps) {
  return summary(check_one(placed(with_steps(steps)), with({.caps = {cap(1)}})));
}

}  // namespace

TEST_CASE("policy check: a sound policy has no finding", "[model][check][policy]") {
  const MessageFilter about{{"sms", "push"}, {"news"}, {"cart-recovery"}};
  Policy policy;
  policy.quiet_hours = {quiet(21, 8, about), quiet(12, 13)};
  policy.caps = {cap(1, about), {.max = 3, .per_ms = 7 * day_ms}};
  policy.holdout = {10'000, "s"};
  policy.exclusive = {{"onboarding", ExclusiveGroup::Meeting::wait, {}}};
  CHECK(summary_of(policy).empty());
}

TEST_CASE("policy check: what a rule names must be there", "[model][check][policy][names]") {
  const Diagnostics found = found_in({.quiet_hours = {quiet(21, 8, {{"smss"}, {"newz"}, {"cart"}})},
                                      .caps = {cap(1, {{}, {"news"}, {"cart-recovry"}})}});
  REQUIRE(summary(found) ==
          Summary{"unknown_name 7:3", "unknown_name 7:3", "unknown_name 7:3", "unknown_name 8:3"});
  CHECK(found[0].hint == "did you mean 'sms'?");
  CHECK(found[1].hint == "did you mean 'news'?");
  CHECK(found[3].hint == "did you mean 'cart-recovery'?");
  // Where a workspace lists no topics, any will do.
  Workspace any_topic = with({.caps = {cap(1, {{}, {"newz"}, {}})}});
  any_topic.topics.clear();
  CHECK(summary(check_one(cart_recovery(), any_topic)).empty());
}

TEST_CASE("policy check: quiet hours that begin when they end are refused",
          "[model][check][policy][S14]") {
  CHECK(summary_of({.quiet_hours = {quiet(8, 8)}}) == Summary{"bad_value 7:3"});
  CHECK(summary_of({.quiet_hours = {quiet(0, 25)}}) == Summary{"bad_value 7:3"});
  CHECK(summary_of({.quiet_hours = {quiet(24, 8)}}) == Summary{"bad_value 7:3"});
  QuietHours no_day = quiet(21, 8);
  no_day.window.days = {0};
  CHECK(summary_of({.quiet_hours = {no_day}}) == Summary{"bad_value 7:3"});
  no_day.window.days = {0x80};
  CHECK(summary_of({.quiet_hours = {no_day}}) == Summary{"bad_value 7:3"});
  Workspace workspace = shop();
  Sender& sender = workspace.senders.emplace_back();
  sender.name = "anna";
  sender.channel = "sms";
  sender.at = {"w.yaml", 5, 3};
  sender.hours = Window{9 * hour, 17 * hour, {0x9F}};
  CHECK(summary(check_one(cart_recovery(), workspace)) == Summary{"bad_value 5:3"});
}

TEST_CASE("policy check: quiet hours leave some moment of the week",
          "[model][check][policy][S14]") {
  const Diagnostics found = found_in({.quiet_hours = {quiet(0, 12), quiet(12, 0)}});
  REQUIRE(summary(found) == Summary{"bad_value 7:3"});
  CHECK(found[0].message ==
        "quiet hours leave no moment of the week: nothing could ever be sent by email");
  CHECK(summary_of({.quiet_hours = {quiet(21, 8), quiet(7, 22)}}).size() == 1);
  CHECK(summary_of({.quiet_hours = {quiet(0, 24)}}).size() == 1);
  CHECK(summary_of({.quiet_hours = {quiet(0, 12), quiet(12, 23)}}).empty());
  // Of one channel only, and not where another wall, a topic or a campaign is meant.
  CHECK(summary_of({.quiet_hours = {quiet(0, 12), quiet(12, 0, {{"sms"}, {}, {}})}}).size() == 1);
  CHECK(summary_of(
            {.quiet_hours = {quiet(0, 12, {{"push"}, {}, {}}), quiet(12, 0, {{"sms"}, {}, {}})}})
            .empty());
  CHECK(summary_of({.quiet_hours = {quiet(0, 12), quiet(12, 0, {{}, {"news"}, {}})}}).empty());
  QuietHours elsewhere = quiet(12, 0);
  elsewhere.zone = "Asia/Tokyo";
  CHECK(summary_of({.quiet_hours = {quiet(0, 12), elsewhere}}).empty());
  QuietHours weekend = quiet(12, 0);
  weekend.window.days = {0x7E};
  QuietHours sunday = quiet(0, 24);
  sunday.window.days = {0x40};
  CHECK(summary_of({.quiet_hours = {sunday}}).empty());
  CHECK(summary_of({.quiet_hours = {quiet(0, 12), weekend}}).empty());
}

TEST_CASE("policy check: a cap lets something pass, in some time", "[model][check][policy][S16]") {
  CHECK(summary_of({.caps = {cap(0)}}) == Summary{"warning suspicious 8:3"});
  CHECK(summary_of({.caps = {cap(FrequencyCap::max_max + 1)}}) == Summary{"bad_value 8:3"});
  FrequencyCap rolling = cap(1);
  rolling.per = FrequencyCap::Per::rolling;
  CHECK(summary_of({.caps = {rolling}}) == Summary{"bad_value 8:3"});
  rolling.per_ms = 1;
  CHECK(summary_of({.caps = {rolling}}).empty());
}

TEST_CASE("policy check: rules have a bound", "[model][check][policy][limits]") {
  Policy policy;
  policy.quiet_hours.assign(quiet_hours_max, quiet(21, 8));
  policy.caps.assign(caps_max, cap(1));
  CHECK(summary_of(policy).empty());
  policy.quiet_hours.push_back(quiet(21, 8));
  policy.caps.push_back(cap(1));
  CHECK(summary_of(policy) == Summary{"too_large 7:3", "too_large 8:3"});
}

TEST_CASE("policy check: holdouts and exclusive groups", "[model][check][policy]") {
  CHECK(summary_of({.holdout = {10'001, {}}}) == Summary{"bad_value 0:0"});
  Campaign held = cart_recovery();
  held.holdout.share = 10'001;
  CHECK(summary(check_one(held)) == Summary{"bad_value 0:0"});
  const ExclusiveGroup group{"onboarding", ExclusiveGroup::Meeting::replace, {"w.yaml", 9, 3}};
  CHECK(summary_of({.exclusive = {group, group}}) == Summary{"duplicate_name 9:3"});
  Campaign grouped = cart_recovery();
  grouped.exclusive = "onbording";
  const Diagnostics found = check_one(grouped, with({.exclusive = {group}}));
  REQUIRE(summary(found) == Summary{"unknown_name 0:0"});
  CHECK(found[0].hint == "did you mean 'onboarding'?");
  grouped.exclusive = "onboarding";
  CHECK(check_one(grouped, with({.exclusive = {group}})).empty());
}

TEST_CASE("policy check: keys of a send that need another", "[model][check][policy][S15]") {
  CHECK(of_steps(Sequence().send("sms", {.expires = "4h", .on_expire = "exit"})).empty());
  CHECK(of_steps(Sequence().send("sms", {.on_expire = "exit"})) == Summary{"missing_key 10:3"});
  CHECK(of_steps(Sequence().send("sms", {.expires = "0s"})) == Summary{"bad_value 10:3"});
  CHECK(of_steps(Sequence().send("sms", {.on_fail = "exit", .confirm_within = "1m"})).empty());
  CHECK(of_steps(Sequence().send("sms", {.confirm_within = "1m"})) == Summary{"missing_key 10:3"});
  CHECK(of_steps(Sequence().send("sms", {.on_fail = "exit", .confirm_within = "0s"})) ==
        Summary{"bad_value 10:3"});
  CHECK(of_steps(Sequence().send("sms", {.topic = "newz"})) == Summary{"unknown_name 10:3"});
}

TEST_CASE("policy check: a message that steps aside is not stayed for",
          "[model][check][policy][S14]") {
  constexpr auto aside = Send::WhileHeld::aside;
  CHECK(
      of_steps(Sequence().send(
                   "sms",
                   {.expires = "4h", .while_held = aside, .on_skip = "exit", .on_expire = "exit"}))
          .empty());
  CHECK(of_steps(Sequence().send("sms", {.while_held = aside, .on_fail = "exit"})) ==
        Summary{"bad_value 10:3"});
  CHECK(of_steps(Sequence().send("sms", {.while_held = aside, .retry = 2})) ==
        Summary{"bad_value 10:3"});
  Campaign both = placed(
      with_steps(Sequence().send_by(both_channels, {.escalate_after = "2h", .while_held = aside})));
  CHECK(summary(check_one(both)) == Summary{"bad_value 10:3"});
}

TEST_CASE("policy check: how a message is tried again", "[model][check][policy][retry]") {
  CHECK(of_steps(Sequence().send("sms", {.retry = 3, .retry_after = "5m"})).empty());
  CHECK(of_steps(Sequence().send("sms", {.confirm_within = "1h", .retry = 3})).empty());
  CHECK(of_steps(Sequence().send("sms", {.retry = 101})) == Summary{"bad_value 10:3"});
  CHECK(of_steps(Sequence().send("sms", {.retry = 3, .retry_after = "25h"})) ==
        Summary{"bad_value 10:3"});
  CHECK(of_steps(Sequence().send("sms", {.expires = "5m", .retry = 3, .retry_after = "5m"})) ==
        Summary{"warning suspicious 10:3"});
  CHECK(of_steps(Sequence().send_by(both_channels, {.escalate_after = "2h", .retry = 1})) ==
        Summary{"bad_value 10:3"});
}

TEST_CASE("policy check: what is pulled should go stale", "[model][check][policy][pull]") {
  Workspace workspace = with({});
  for (Channel& channel : workspace.channels) channel.delivery = Channel::Delivery::pull;
  const auto found = [&](const SendOptions& options) {
    return summary(check_one(placed(with_steps(Sequence().send("sms", options))), workspace));
  };
  CHECK(found({}) == Summary{"warning suspicious 10:3"});
  CHECK(found({.expires = "3d"}).empty());
}

TEST_CASE("policy check: a brake must be able to act", "[model][check][policy][brake]") {
  const auto found = [](Brake brake) {
    Campaign campaign = placed(with_steps(Sequence().send("sms")));
    campaign.brake = brake;
    return check_one(campaign).size();
  };
  CHECK(found({1'000, 100}) == 0);
  CHECK(found({0, 1}) == 0);
  CHECK(found({1'000, 0}) == 1);
  CHECK(found({1'000, 1'001}) == 1);
  CHECK(found({10'000, 10}) == 1);
}

TEST_CASE("policy check: on_cap changes nothing where no cap is about the message",
          "[model][check][policy][S16]") {
  const auto found = [](const SendOptions& options, const FrequencyCap& rule) {
    Campaign campaign = placed(with_steps(Sequence().send("sms", options)));
    campaign.topic = "marketing";
    return summary(check_one(campaign, with({.caps = {rule}})));
  };
  const SendOptions hold{.on_cap = Send::OnCap::hold};
  const Summary odd{"warning suspicious 10:3"};
  CHECK(found(hold, cap(1)).empty());
  CHECK(found(hold, cap(1, {{"sms"}, {"marketing"}, {"c"}})).empty());
  CHECK(found(hold, cap(1, {{"email"}, {}, {}})) == odd);
  CHECK(found(hold, cap(1, {{}, {"news"}, {}})) == odd);
  CHECK(found({.topic = "news", .on_cap = Send::OnCap::exit}, cap(1, {{}, {"news"}, {}})).empty());
  const SendOptions receipt{.message_class = MessageClass::transactional,
                            .on_cap = Send::OnCap::hold};
  CHECK(found(receipt, cap(1)) == odd);
  FrequencyCap all = cap(1);
  all.transactional = true;
  CHECK(found(receipt, all).empty());
  CHECK(found({}, cap(1, {{"email"}, {}, {}})).empty());
}

TEST_CASE("policy check: no step is called as the words of a way",
          "[model][check][policy][names]") {
  for (const char* word : {"continue", "exit"}) {
    CHECK(of_steps(Sequence().send("sms", {.id = word})) == Summary{"bad_value 10:3"});
  }
}

TEST_CASE("policy check: a way of a send leads to a step that is there", "[model][check][policy]") {
  Campaign campaign = placed(
      with_steps(Sequence().send("sms", {.on_skip = "ofer"}).send("email", {.id = "offer"})));
  const Diagnostics found = check_one(campaign);
  REQUIRE(summary(found) == Summary{"unknown_name 10:3"});
  CHECK(found[0].hint == "did you mean 'offer'?");
}

TEST_CASE("policy check: a way of a send is a way", "[model][check][policy][S25]") {
  // What only a way leads to can be reached, and what a way leads back to is a loop.
  CHECK(of_steps(Sequence().send("sms", {.on_skip = "late"}).exit().send("email", {.id = "late"}))
            .empty());
  const Sequence back =
      Sequence().send("sms", {.id = "top", .max_visits = 3}).send("email", {.on_fail = "top"});
  CHECK(of_steps(back) == Summary{"endless_cycle 10:3"});
  CHECK(of_steps(Sequence()
                     .send("sms", {.id = "top", .max_visits = 3})
                     .wait("1h")
                     .send("email", {.on_fail = "top"}))
            .empty());
}

TEST_CASE("policy check: a way of a send stays in its strand", "[model][check][policy][parallel]") {
  const Sequence out =
      Sequence()
          .parallel({Sequence().send("sms", {.on_skip = "last"}), Sequence().send("email")})
          .wait("1h", {.id = "last"});
  const Diagnostics found = check_one(placed(with_steps(out)), with({.caps = {cap(1)}}));
  REQUIRE(summary(found) == Summary{"bad_value 20:3"});
  CHECK(found[0].message == "step 'send-1': `on_skip` leads out of a strand of step 'parallel-1'");
  CHECK(of_steps(Sequence()
                     .send("sms", {.on_skip = "in"})
                     .parallel({Sequence().send("sms", {.id = "in"}), Sequence().send("email")})) ==
        Summary{"bad_value 10:3"});
  CHECK(of_steps(Sequence().parallel(
                     {Sequence().send("sms", {.on_skip = "in"}).wait("1h").wait("2h", {.id = "in"}),
                      Sequence().send("email")}))
            .empty());
}
