// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

TEST_CASE("check: a good campaign has no finding", "[model][check]") {
  CHECK(check_one(cart_recovery()).empty());
}

TEST_CASE("check: everything is reported at once, in the order of files and lines",
          "[model][check]") {
  Campaign second = placed(with_steps(Sequence().send("fax").send("fex").exit().exit()));
  second.name = "d";
  for (Step& step : second.steps) step.at.file = "b.yaml";
  const Campaign first = placed(with_steps(Sequence().send("fax").wait("0ms")));
  const auto found = check(shop(), std::vector<Campaign>{first, second});
  REQUIRE(summary(found) == Summary{"unknown_name 10:3", "unknown_name 20:3",
                                    "warning unreachable_step 40:3", "unknown_name 10:3",
                                    "warning suspicious 20:3"});
  CHECK(found[0].location.file == "b.yaml");
  CHECK(found[4].location.file == "c.yaml");
}

TEST_CASE("check: unknown names come with the nearest one", "[model][check][names]") {
  const auto hint = [](const Sequence& steps) { return check_one(with_steps(steps)).at(0).hint; };
  CHECK(hint(Sequence().send("emial")) == "did you mean 'email'?");
  CHECK(hint(Sequence().send("telegram")) == "there is: email, push, sms");
  CHECK(hint(Sequence().wait("1d", {.id = "pause"}).go_to("puase")) == "did you mean 'pause'?");
  CHECK(hint(Sequence().reach_goal("x")) == "there is no goal at all");
  CHECK(hint(Sequence().send("sms", {.id = "offer"}).wait_for(opened("ofer"))) ==
        "did you mean 'offer'?");
  const Campaign topic =
      CampaignBuilder("c").topic("marketting").on_event("e").steps(cart_steps()).build().value();
  CHECK(check_one(topic).at(0).hint == "did you mean 'marketing'?");
}

TEST_CASE("check: steps, goals, variants, channels and campaigns have one name each",
          "[model][check][names]") {
  CHECK(findings_of(Sequence().wait("1d", {.id = "a"}).wait("1d", {.id = "a"})) ==
        Summary{"duplicate_name 20:3"});
  CHECK(findings_of(Sequence().wait("1d", {.id = "wait-2"}).wait("1d")) ==
        Summary{"duplicate_name 20:3"});
  const Sequence twice = Sequence().split({{"a", 1, Sequence().send("sms")}, {"a", 1}}, {});
  CHECK(summary(check_one(with_steps(twice))) == Summary{"duplicate_name 0:0"});
  const Campaign goals =
      cart_builder().goal("order", {.trigger = event("x")}).steps(cart_steps()).build().value();
  CHECK(summary(check_one(goals)) == Summary{"duplicate_name 0:0"});
  Workspace workspace = shop();
  workspace.channels.push_back(workspace.channels[0]);
  workspace.channels.back().at = {"workspace.yaml", 9, 1};
  workspace.topics.push_back("news");
  CHECK(summary(check_one(cart_recovery(), workspace)) ==
        Summary{"duplicate_name 0:0", "duplicate_name 9:1"});
  Campaign again = cart_recovery();
  again.at = {"again.yaml", 1, 1};
  CHECK(summary(check(shop(), std::vector<Campaign>{cart_recovery(), again})) ==
        Summary{"duplicate_name 1:1"});
  again.version = 4;
  CHECK(check(shop(), std::vector<Campaign>{cart_recovery(), again}).empty());
}

TEST_CASE("check: names are short printable texts, and `any` is no step", "[model][check][names]") {
  CHECK(findings_of(Sequence().wait("1d", {.id = "any"})) == Summary{"bad_value 10:3"});
  CHECK(findings_of(Sequence().wait("1d", {.id = "a\nb"})) == Summary{"bad_value 10:3"});
  CHECK(findings_of(Sequence().wait("1d", {.id = std::string(513, 'x')})) ==
        Summary{"too_large 10:3"});
  Campaign unnamed = cart_recovery();
  unnamed.name.clear();
  CHECK(summary(check_one(unnamed)) == Summary{"missing_key 0:0"});
}

TEST_CASE("check: topics, groups and variables are names, too", "[model][check][names][limits]") {
  const std::string longest(512, 't');
  const auto by_topic = [](const std::string& topic) {
    Workspace any_topic = shop();
    any_topic.topics.clear();
    return summary(check_one(
        CampaignBuilder("c").topic(topic).on_event("e").steps(cart_steps()).build().value(),
        any_topic));
  };
  CHECK(by_topic(longest).empty());
  CHECK(by_topic(longest + "t") == Summary{"too_large 0:0"});
  const auto by_group = [](const std::string& group) {
    Workspace grouped = shop();
    grouped.policy.exclusive = {{group, ExclusiveGroup::Meeting::replace, {"w.yaml", 9, 3}}};
    return summary(check_one(cart_recovery(), grouped));
  };
  CHECK(by_group(longest).empty());
  CHECK(by_group(longest + "t") == Summary{"too_large 9:3"});
  CHECK(by_group("") == Summary{"missing_key 9:3"});
  const auto by_variable = [](const std::string& variable) {
    return findings_of(Sequence().wait_for_any({{.trigger = event("f"), .as = variable}}, {}));
  };
  CHECK(by_variable(longest).empty());
  CHECK(by_variable(longest + "t") == Summary{"too_large 0:0"});
}

TEST_CASE("check: a step has so many cases as records can number, and people read",
          "[model][check][limits]") {
  const auto cases = [](std::size_t count) {
    WaitFor wait;
    Branch branch;
    Split split;
    for (std::size_t i = 0; i < count; ++i) {
      WaitCase& wait_case = wait.cases.emplace_back();
      wait_case.trigger.kind = Trigger::Kind::event;
      wait_case.trigger.event = "e" + std::to_string(i);
      branch.cases.emplace_back().when.text = "contact.a == " + std::to_string(i);
      Variant& variant = split.variants.emplace_back();
      variant.name = "v" + std::to_string(i);
      variant.weight = 1;
    }
    split.variants[0].steps = with_steps(Sequence().send("sms", {.id = "s"})).steps;
    Campaign campaign = with_steps(Sequence().wait("1d").wait("1d").wait("1d"));
    campaign.steps[0].kind = wait;
    campaign.steps[1].kind = branch;
    campaign.steps[2].kind = split;
    return summary(check_one(placed(campaign)));
  };
  CHECK(cases(1'000).empty());
  CHECK(cases(1'001) == Summary{"too_large 10:3", "too_large 20:3", "too_large 30:3"});
}

TEST_CASE("check: a literal that no action or journey has room for", "[model][check][limits]") {
  Limits limits;
  limits.input_bytes = 1'000;
  limits.variables_bytes = 500;
  const auto found = [&](const Sequence& steps) {
    return check(shop(), std::vector<Campaign>{placed(with_steps(steps))}, limits);
  };
  const std::string most(900, 'x');
  CHECK(found(Sequence().send("sms", {.data = {{"html", most}}})).empty());
  CHECK(found(Sequence().send("sms", {.data = {{"html", most}, {"a", "=contact.a"}}})).empty());
  const Diagnostics alone = found(Sequence().send("sms", {.data = {{"html", most + most}}}));
  REQUIRE(summary(alone) == Summary{"too_large 0:0"});
  CHECK(alone[0].message == "step 'send-1': 'html' has 1805 bytes, more than 1000");
  CHECK(alone[0].hint == "keep it elsewhere and say where, or raise Limits::input_bytes");
  // Together; of those behind it nothing is said.
  const Diagnostics both =
      found(Sequence().send("sms", {.data = {{"a", most}, {"b", most}, {"c", most}}}));
  REQUIRE(summary(both) == Summary{"too_large 0:0"});
  CHECK(both[0].message == "step 'send-1': with 'b' its values have 1812 bytes, more than 1000");
  CHECK(found(Sequence().emit("f", {.data = {{"a", most}, {"b", most}}})).size() == 1);
  // Attributes go out in an action, variables stay with the journey.
  CHECK(found(Sequence().set({{"a", most}})).empty());
  CHECK(found(Sequence().set({{"a", most}, {"b", most}})).size() == 1);
  const std::string little(400, 'x');
  CHECK(found(Sequence().set({{"journey.a", little}, {"b", most}})).empty());
  CHECK(found(Sequence().set({{"journey.a", little}, {"journey.b", little}})).size() == 1);
  const Diagnostics variable = found(Sequence().set({{"journey.a", most}}));
  REQUIRE(summary(variable) == Summary{"too_large 0:0"});
  CHECK(variable[0].hint == "keep it elsewhere and say where, or raise Limits::variables_bytes");
}

TEST_CASE("check: channels and senders are few enough to be looked through by each send",
          "[model][check][limits]") {
  Workspace workspace = shop();
  const auto grow = [&](std::size_t channels, std::size_t senders) {
    while (workspace.channels.size() < channels) {
      Channel channel = workspace.channels[0];
      channel.name = "c" + std::to_string(workspace.channels.size());
      channel.at = {"w.yaml", static_cast<std::uint32_t>(workspace.channels.size()), 1};
      workspace.channels.push_back(channel);
    }
    while (workspace.senders.size() < senders) {
      Sender& sender = workspace.senders.emplace_back();
      sender.name = "s" + std::to_string(workspace.senders.size());
      sender.channel = "sms";
      sender.at = {"w.yaml", 100'000 + static_cast<std::uint32_t>(workspace.senders.size()), 1};
    }
  };
  grow(1'000, 1'000);
  CHECK(check_one(cart_recovery(), workspace).empty());
  grow(1'001, 1'001);
  CHECK(summary(check_one(cart_recovery(), workspace)) ==
        Summary{"too_large 1000:1", "too_large 101001:1"});
}

TEST_CASE("check: a campaign needs a way in", "[model][check][entries]") {
  const Campaign none = CampaignBuilder("c").steps(Sequence().send("sms")).build().value();
  CHECK(summary(check_one(none)) == Summary{"missing_key 0:0"});
  Campaign keyed = CampaignBuilder("c").by_host().by_host().steps(cart_steps()).build().value();
  CHECK(summary(check_one(keyed)) == Summary{"warning suspicious 0:0"});
  keyed.entries.pop_back();
  keyed.entries[0].key.text = "contact.x";
  CHECK(summary(check_one(keyed)) == Summary{"bad_value 0:0"});
}

TEST_CASE("check: a campaign without steps is suspicious", "[model][check]") {
  CHECK(findings_of(Sequence()) == Summary{"warning suspicious 0:0"});
}

TEST_CASE("check: priority is 0 to 100, versions count from 1", "[model][check][values]") {
  const Campaign campaign = CampaignBuilder("c")
                                .version(0)
                                .priority(101)
                                .on_event("e")
                                .steps(cart_steps())
                                .build()
                                .value();
  CHECK(summary(check_one(campaign)) == Summary{"bad_value 0:0", "bad_value 0:0"});
}

TEST_CASE("check: goals need something that reaches them", "[model][check][goals]") {
  const auto with_goal = [](const GoalOptions& goal, const Sequence& steps) {
    return summary(
        check_one(CampaignBuilder("c").on_event("e").goal("g", goal).steps(steps).build().value()));
  };
  const Sequence reaching = Sequence().reach_goal("g", {.value = "2.5"});
  CHECK(with_goal({}, reaching).empty());
  CHECK(with_goal({}, Sequence().send("sms")) == Summary{"warning suspicious 0:0"});
  CHECK(with_goal({.within = "1d"}, reaching) == Summary{"warning suspicious 0:0"});
  CHECK(with_goal({.when = "contact.x"}, reaching) == Summary{"bad_value 0:0"});
  CHECK(with_goal({.trigger = event("")}, reaching) == Summary{"missing_key 0:0"});
  CHECK(with_goal({.trigger = condition("")}, reaching) == Summary{"missing_key 0:0"});
}

TEST_CASE("check: weights of a split", "[model][check][S24]") {
  const auto split = [](std::uint32_t a, std::uint32_t b) {
    return findings_of(Sequence().split({{"a", a, Sequence().send("sms")}, {"b", b}}, {}));
  };
  CHECK(split(1, 1).empty());
  CHECK(split(0, 1).empty());
  CHECK(split(0, 0) == Summary{"bad_weights 10:3"});
  CHECK(split(4'000'000'000, 1) == Summary{"bad_weights 10:3"});
  CHECK(split(1, 20'000) == Summary{"warning suspicious 0:0"});
  CHECK(findings_of(Sequence().split({}, {})) == Summary{"bad_weights 10:3"});
  CHECK(findings_of(Sequence().split({{"a", 1}, {"b", 1}}, {})) ==
        Summary{"warning suspicious 10:3"});
}

TEST_CASE("check: whom a split is about", "[model][check][S24]") {
  const auto split = [](SplitOptions options) {
    return findings_of(Sequence().split({{"a", 1, Sequence().send("sms")}, {"b", 1}}, options));
  };
  CHECK(split({.coverage = "40%", .space = SplitSpace{"n", 0, 4'000}}).empty());
  CHECK(split({.seed = "1886780721", .hash = Split::Hash::optimizely}).empty());
  CHECK(split({.hash = Split::Hash::optimizely}) == Summary{"warning suspicious 10:3"});
  CHECK(split({.hash = Split::Hash::growthbook_v1}) == Summary{"warning suspicious 10:3"});
  CHECK(split({.hash = static_cast<Split::Hash>(7)}) == Summary{"bad_value 10:3"});
  CHECK(split({.coverage = "0%"}) == Summary{"warning suspicious 10:3"});
  CHECK(split({.coverage = "101%"}) == Summary{"bad_value 10:3"});
  CHECK(split({.space = SplitSpace{"n", 4'000, 4'000}}) == Summary{"bad_value 10:3"});
  CHECK(split({.space = SplitSpace{"n", 0, 10'001}}) == Summary{"bad_value 10:3"});
  CHECK(split({.space = SplitSpace{"", 0, 1}}) == Summary{"missing_key 10:3"});
}

TEST_CASE("check: `else` of a wait_for needs `within`", "[model][check][waits]") {
  const Sequence steps =
      Sequence().wait_for(event("a"), {.otherwise = Sequence().wait("1d", {.id = "never"})});
  CHECK(findings_of(steps) == Summary{"missing_key 10:3"});
  CHECK(findings_of(Sequence().wait_for_any({}, {.within = "1h"})) == Summary{"missing_key 10:3"});
  CHECK(findings_of(Sequence().wait_for(opened("any"), {.since = "1h"})) ==
        Summary{"impossible_receipt 0:0", "warning suspicious 10:3"});
}

TEST_CASE("check: a wait has the fields of its form", "[model][check][waits]") {
  CHECK(findings_of(Sequence().wait("1d", {.offset = "1d"})) == Summary{"bad_value 10:3"});
  CHECK(findings_of(Sequence().wait("1d", {.at = "09:00"})) == Summary{"bad_value 10:3"});
  CHECK(findings_of(Sequence().wait_until("contact.x", {.anchor = Wait::Anchor::entry})) ==
        Summary{"bad_value 10:3"});
  CHECK(findings_of(Sequence().wait("1d", {.on_missing = Wait::OnMissing::skip})) ==
        Summary{"bad_value 10:3"});
  CHECK(findings_of(Sequence().wait_until("")) == Summary{"missing_key 10:3"});
  CHECK(findings_of(Sequence().wait("0ms")) == Summary{"warning suspicious 10:3"});
  Campaign campaign = placed(with_steps(Sequence().wait("1d").wait_until_time("09:00")));
  std::get<Wait>(campaign.steps[0].kind).form = Wait::For{{0, -1, 0}};
  std::get<Wait>(campaign.steps[1].kind).form = Wait::TimeOfDay{0, Weekdays{0}};
  CHECK(summary(check_one(campaign)) == Summary{"bad_value 10:3", "bad_value 20:3"});
}

TEST_CASE("check: a recurrence has the fields of its form, and comes at all",
          "[model][check][waits][S11]") {
  const auto found = [](std::string rule, const WaitOptions& options = {}) {
    return findings_of(Sequence().wait_until_next(std::move(rule), options));
  };
  const Summary bad{"bad_value 10:3"};
  CHECK(found("FREQ=MONTHLY;BYMONTHDAY=31", {.at = "09:00", .from = "2026-01-31"}).empty());
  CHECK(found("0 9 29 2 *").empty());
  CHECK(found("every day") == bad);
  CHECK(found("0 9 * * *", {.at = "09:00"}) == bad);
  CHECK(found("0 9 * * *", {.from = "2026-01-31"}) == bad);
  CHECK(found("2026-12-24", {.from = "2026-01-31"}) == bad);
  CHECK(found("2026-12-24", {.if_past = Wait::IfPast::next}) == bad);
  CHECK(found("FREQ=DAILY", {.from = "31 January"}) == bad);
  CHECK(found("FREQ=DAILY", {.offset = "-1d"}) == bad);
  CHECK(found("FREQ=DAILY;COUNT=3") == Summary{"warning suspicious 10:3"});
  // Those that come for some who arrive only.
  const Summary odd{"warning suspicious 10:3"};
  CHECK(found("FREQ=DAILY;INTERVAL=7;BYDAY=MO") == odd);
  CHECK(found("FREQ=DAILY;INTERVAL=7;BYDAY=MO", {.from = "2026-03-02"}).empty());
  CHECK(found("FREQ=DAILY;INTERVAL=7;BYDAY=MO", {.from = "2026-03-03"}) == bad);
  for (const char* rule :
       {"FREQ=DAILY;INTERVAL=14;BYDAY=MO,WE", "FREQ=DAILY;INTERVAL=7;BYDAY=MO;UNTIL=19991231",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3", "FREQ=MONTHLY;INTERVAL=2;BYMONTH=3,5,7"}) {
    CAPTURE(rule);
    CHECK(found(rule) == odd);
  }
  for (const char* rule :
       {"FREQ=DAILY;INTERVAL=6;BYDAY=MO", "FREQ=DAILY;INTERVAL=7", "FREQ=DAILY;UNTIL=19991231",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=WEEKLY;INTERVAL=7;BYDAY=MO",
        "FREQ=MONTHLY;INTERVAL=12", "FREQ=MONTHLY;INTERVAL=5;BYMONTH=3",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTH=3,8", "FREQ=YEARLY;BYMONTH=3"}) {
    CAPTURE(rule);
    CHECK(found(rule).empty());
  }
  // Those that never come.
  CHECK(found("0 0 31 2 *") == bad);
  CHECK(found("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30") == bad);
  CHECK(found("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29").empty());
  CHECK(found("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", {.from = "2028-01-01"}).empty());
  CHECK(found("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", {.from = "2027-01-01"}) == bad);
  CHECK(found("FREQ=DAILY;UNTIL=20251231", {.from = "2026-01-01"}) == bad);
}

TEST_CASE("check: business days have the fields of their form", "[model][check][waits][S10]") {
  const auto found = [](std::uint32_t count, const WaitOptions& options = {}) {
    return findings_of(Sequence().wait_business_days(count, options));
  };
  const Summary bad{"bad_value 10:3"};
  CHECK(found(2, {.days = "Mon-Sat", .at = "09:00"}).empty());
  CHECK(found(0, {.at = "09:00", .if_past = Wait::IfPast::skip}).empty());
  CHECK(found(1, {.if_past = Wait::IfPast::skip}) == bad);
  CHECK(found(20'000) == bad);
  CHECK(found(1, {.offset = "1d"}) == bad);
  Workspace workspace = shop();
  workspace.holidays = {"2026-12-25", "2026-02-30"};
  CHECK(check(workspace, {}).size() == 1);
}

TEST_CASE("check: a loop may wait for business days and recurrences that go on for ever",
          "[model][check][S25]") {
  const auto round = [](std::string rule, const WaitOptions& options = {}) {
    return findings_of(Sequence()
                           .send("sms", {.id = "again"})
                           .wait_until_next(std::move(rule), options)
                           .go_to("again"));
  };
  const Summary endless{"endless_cycle 10:3"};
  CHECK(round("FREQ=WEEKLY").empty());
  CHECK(round("* * * * *").empty());
  CHECK(round("0 9 * * *", {.if_past = Wait::IfPast::go_on}).empty());
  CHECK(round("FREQ=DAILY;UNTIL=20261231").empty());
  CHECK(round("FREQ=DAILY;UNTIL=20261231", {.if_past = Wait::IfPast::go_on}) == endless);
  CHECK(round("2026-12-24") == endless);
  CHECK(findings_of(Sequence().send("sms", {.id = "again"}).wait_business_days(0).go_to("again"))
            .empty());
  Workspace slow = shop();
  slow.min_loop_wait_ms = 3'600'000;
  Campaign often = with_steps(
      Sequence().send("sms", {.id = "again"}).wait_until_next("*/15 * * * *").go_to("again"));
  CHECK(check(slow, std::vector<Campaign>{often}).size() == 1);
}

TEST_CASE("check: a single date has no next occurrence", "[model][check][S6]") {
  CHECK(findings_of(Sequence().wait_until("contact.x", {.if_past = Wait::IfPast::next})) ==
        Summary{"bad_value 10:3"});
  CHECK(findings_of(Sequence().wait_until_time("09:00", {.if_past = Wait::IfPast::next})).empty());
}

TEST_CASE("check: two dates in a row that go on when past would give a burst",
          "[model][check][S6]") {
  const auto dates = [](Wait::IfPast first, Wait::IfPast second) {
    return findings_of(Sequence()
                           .wait_until("contact.a", {.if_past = first})
                           .send("sms")
                           .wait_until("contact.b", {.if_past = second})
                           .send("sms"));
  };
  using enum Wait::IfPast;
  CHECK(dates(automatic, go_on) == Summary{"warning suspicious 30:3"});
  CHECK(dates(skip, automatic).empty());
  CHECK(dates(automatic, exit).empty());
  // The same of recurrences and times of day that are told to go on.
  const auto times = [](Sequence first, Wait::IfPast second) {
    return findings_of(first.send("sms").wait_until_time("12:00", {.if_past = second}).send("sms"));
  };
  CHECK(times(Sequence().wait_until_next("2026-12-24"), go_on) ==
        Summary{"warning suspicious 30:3"});
  CHECK(times(Sequence().wait_until_next("0 9 * * *", {.if_past = go_on}), go_on) ==
        Summary{"warning suspicious 30:3"});
  CHECK(times(Sequence().wait_until_next("0 9 * * *"), go_on).empty());
  CHECK(times(Sequence().wait_until_next("2026-12-24"), automatic).empty());
}

TEST_CASE("check: warns where what a message provokes would be missed", "[model][check][S2]") {
  const auto awaiting = [](const Trigger& trigger, const WaitForOptions& options) {
    return findings_of(Sequence().send("sms", {.id = "s"}).wait("1d").wait_for(trigger, options));
  };
  CHECK(awaiting(event("visit"), {.within = "1d"}) == Summary{"warning suspicious 30:3"});
  CHECK(awaiting(event("visit"), {.within = "1d", .since = "journey"}).empty());
  CHECK(awaiting(opened("s"), {.within = "1d"}).empty());
  CHECK(findings_of(Sequence().send("sms").wait_for(event("visit"), {.within = "1d"})).empty());
}

TEST_CASE("check: only attributes and variables can be set", "[model][check][set]") {
  const auto setting = [](const char* name) {
    return summary(check_one(with_steps(Sequence().set({{name, 1}}))));
  };
  CHECK(setting("tier").empty());
  CHECK(setting("journey.tries").empty());
  CHECK(setting("journey.key") == Summary{"bad_value 0:0"});
  CHECK(setting("journey.2") == Summary{"bad_value 0:0"});
  CHECK(setting("contact.tier") == Summary{"bad_value 0:0"});
  CHECK(setting("entry.x") == Summary{"bad_value 0:0"});
  CHECK(setting("") == Summary{"missing_key 0:0"});
  CHECK(findings_of(Sequence().set({})) == Summary{"missing_key 10:3"});
}

TEST_CASE("check: data are named once and nest within bounds", "[model][check][send]") {
  CHECK(summary(check_one(with_steps(Sequence().send("sms", {.data = {{"a", 1}, {"a", 2}}})))) ==
        Summary{"duplicate_name 0:0"});
  Value nested = 1;
  for (int i = 0; i < 32; ++i) nested = Value(Value::List{nested});
  CHECK(check_one(with_steps(Sequence().send("sms", {.data = {{"a", nested}}}))).empty());
  nested = Value(Value::List{nested});
  CHECK(summary(check_one(with_steps(Sequence().send("sms", {.data = {{"a", nested}}})))) ==
        Summary{"too_large 0:0"});
}

TEST_CASE("check: limits are held", "[model][check][limits]") {
  const Campaign campaign = cart_recovery();
  CHECK(summary(check(shop(), std::vector<Campaign>{campaign}, {.steps_per_campaign = 7})) ==
        Summary{"too_large 0:0"});
  CHECK(summary(check(shop(), std::vector<Campaign>{campaign}, {.campaigns = 0})) ==
        Summary{"too_large 0:0"});
  Campaign deep = campaign;
  for (int i = 0; i < 64; ++i) {
    Step step;
    step.kind = Branch{{}, std::exchange(deep.steps, {})};
    deep.steps.push_back(std::move(step));
  }
  CHECK(summary(check_one(deep)) == Summary{"too_large 0:0"});
}

TEST_CASE("check: warns when a new version moves steps without a name", "[model][check][ids]") {
  const auto version = [](std::uint32_t number, const Sequence& steps) {
    return placed(CampaignBuilder("c").version(number).on_event("e").steps(steps).build().value());
  };
  const Campaign old = version(
      1, Sequence().send("sms", {.template_name = "a"}).send("sms", {.template_name = "b"}));
  const Campaign inserted = version(2, Sequence()
                                           .send("email", {.template_name = "new"})
                                           .send("sms", {.template_name = "a"})
                                           .send("sms", {.template_name = "b"}));
  CHECK(summary(check(shop(), std::vector<Campaign>{inserted, old})) ==
        Summary{"warning suspicious 20:3"});
  const Campaign changed = version(
      2, Sequence().send("sms", {.template_name = "a"}).send("sms", {.template_name = "c"}));
  CHECK(check(shop(), std::vector<Campaign>{old, changed}).empty());
}

TEST_CASE("check: a deadline before the first retry is suspicious", "[model][check]") {
  const auto with = [](const char* within, const char* after) {
    return findings_of(Sequence().call("x", {.within = within, .retry = 3, .retry_after = after}));
  };
  CHECK(with("5m", "10m") == Summary{"warning suspicious 10:3"});
  CHECK(with("10m", "10m") == Summary{"warning suspicious 10:3"});
  CHECK(with("11m", "10m").empty());
  CHECK(with("", "10m").empty());
  CHECK(findings_of(Sequence().call("x", {.within = "5m"})).empty());
}

TEST_CASE("check: a digest that can never wait, or hardly ends, is suspicious", "[model][check]") {
  const Summary one{"warning suspicious 10:3"};
  CHECK(findings_of(Sequence().digest("1h", {.max = 1})) == one);
  CHECK(findings_of(Sequence().digest("1h", {.max = 2})).empty());
  CHECK(findings_of(Sequence().digest("1h").digest("1h", {.max = 1})).empty());
  Campaign by_segment = with_steps(Sequence().digest("1h", {.max = 1}));
  by_segment.entries.push_back({.kind = Entry::Kind::segment, .segment = "gold"});
  Workspace golden = shop();
  golden.segments.push_back({"gold", {"contact.tier == 'gold'"}});
  CHECK(summary(check_one(by_segment, golden)).empty());
  // A later round of a loop waits.
  CHECK(findings_of(Sequence().digest("1h", {.id = "d", .max = 1}).wait("1h").go_to("d")).empty());

  CHECK(findings_of(Sequence().digest("366d")).empty());
  CHECK(findings_of(Sequence().digest("367d", {.sliding = true})) == one);
  CHECK(findings_of(Sequence().digest("1h", {.key = "contact.tier"})) ==
        Summary{"warning suspicious 0:0"});
  CHECK(findings_of(Sequence().digest("1h", {.key = "event.tier"})).empty());
}
