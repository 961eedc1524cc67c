// SPDX-License-Identifier: Apache-2.0
#include "itinera/time.hpp"
#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/tables.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;

namespace {

// The last step of a campaign of a send and of `steps`, which are sound.
template <class Kind>
Kind last(std::string_view steps) {
  const LoadedWorkspace loaded = load(campaign(fmt::format("  - send: email\n{}", steps)));
  INFO(steps);
  for (const Diagnostic& found : loaded.diagnostics) {
    INFO(to_text(found));
    CHECK(found.severity == Severity::warning);
  }
  return std::get<Kind>(loaded.campaigns.at(0).steps.back().kind);
}

// What is found in `steps`, which begin in line 5.
Codes found_in(std::string_view steps) { return codes(load(campaign(steps)).diagnostics); }

}  // namespace

TEST_CASE("any step takes id, when, note and max_visits", "[yaml][step]") {
  const LoadedWorkspace loaded =
      load(campaign("  - {send: email, id: a, when: contact.vip == true, note: n, max_visits: 3}\n"
                    "  - send: email\n"));
  CHECK_FALSE(has_errors(loaded.diagnostics));  // that nothing goes to `a` is a warning
  const Steps& steps = loaded.campaigns.at(0).steps;
  CHECK(steps[0].id == "a");
  CHECK(steps[0].named);
  CHECK(steps[0].when.text == "contact.vip == true");
  CHECK(steps[0].note == "n");
  CHECK(steps[0].max_visits == 3u);
  CHECK(steps[1].id == "send-2");
  CHECK_FALSE(steps[1].named);
  CHECK(found_in("  - {send: email, max_visits: 0}\n") == Codes{"bad_value 5:31"});
  CHECK(found_in("  - {send: email, id: ''}\n") == Codes{"bad_value 5:23"});
}

TEST_CASE("a step is a mapping with the key of its kind", "[yaml][step]") {
  CHECK(found_in("  - exit\n") == Codes{"wrong_type 5:5"});
  CHECK(found_in("  - {id: a, when: contact.b}\n") == Codes{"missing_key 5:5"});
  CHECK(found_in("  - {id: a, sned: email}\n") == Codes{"unknown_key 5:13"});
  const auto twice = load(campaign("  - {send: email, exit: done}\n")).diagnostics;
  REQUIRE(codes(twice) == Codes{"unknown_key 5:19"});
  CHECK(twice[0].hint == "it cannot stand beside `send`: begin another item with `- `");
}

TEST_CASE("send names one channel, a template and data", "[yaml][step]") {
  const auto send =
      last<Send>("  - send: email\n    template: t\n    data: {a: =contact.b, c: null}\n");
  CHECK(send.channel == "email");
  CHECK(send.template_name == "t");
  REQUIRE(send.data.size() == 2);
  CHECK(send.data[0].expression.text == "contact.b");
  CHECK(send.data[1].literal.is_null());
  CHECK(found_in("  - send: [email, sms]\n").empty());
  CHECK(found_in("  - send: {email: 1}\n") == Codes{"wrong_type 5:11"});
  CHECK(found_in("  - send:\n") == Codes{"wrong_type 5:5"});
  CHECK(found_in("  - {send: email, data: [a]}\n") == Codes{"wrong_type 5:25"});
}

TEST_CASE("wait takes a duration, a date, a time of day or a window", "[yaml][step]") {
  const auto length = last<Wait>("  - {wait: 1d12h, anchor: entry, if_past: skip}\n");
  CHECK(std::get<Wait::For>(length.form).period == Period{0, 1, 12 * 3'600'000});
  CHECK(length.anchor == Wait::Anchor::entry);
  CHECK(length.if_past == Wait::IfPast::skip);
  CHECK(std::get<Wait::For>(last<Wait>("  - wait: P1M\n").form).period == Period{1, 0, 0});

  const auto until = last<Wait>(
      "  - wait: {until: entry.starts_at}\n    offset: -2d\n    zone: Europe/Paris\n"
      "    at: \"09:30\"\n    on_missing: continue\n    if_past: exit\n");
  CHECK(std::get<Wait::Until>(until.form).instant.text == "entry.starts_at");
  CHECK(until.offset == Period{0, -2, 0});
  CHECK(until.zone == "Europe/Paris");
  CHECK(until.at_ms == 34'200'000);
  CHECK(until.on_missing == Wait::OnMissing::go_on);
  CHECK(until.if_past == Wait::IfPast::exit);

  const auto time = last<Wait>("  - {wait: {time: \"09:00\", days: Mon-Fri}, if_past: next}\n");
  CHECK(std::get<Wait::TimeOfDay>(time.form).ms_of_day == 9 * 3'600'000);
  CHECK(std::get<Wait::TimeOfDay>(time.form).days == Weekdays{0x1F});
  CHECK(time.if_past == Wait::IfPast::next);

  const auto window = last<Wait>("  - wait: {window: \"14:00-16:00\", days: [Wed, Fri]}\n");
  CHECK(std::get<Wait::Inside>(window.form).window ==
        Window{14 * 3'600'000, 16 * 3'600'000, Weekdays{0x14}});
  const auto days_within = last<Wait>("  - wait: {window: Mon-Fri 14:00-16:00}\n");
  CHECK(std::get<Wait::Inside>(days_within.form).window.days == Weekdays{0x1F});
}

TEST_CASE("the words of a wait map to their meaning", "[yaml][step]") {
  const auto if_past = [](std::string_view word) {
    return last<Wait>(fmt::format("  - {{wait: {{time: \"09:00\"}}, if_past: {}}}\n", word))
        .if_past;
  };
  CHECK(if_past("continue") == Wait::IfPast::go_on);
  CHECK(if_past("next") == Wait::IfPast::next);
  CHECK(if_past("skip") == Wait::IfPast::skip);
  CHECK(if_past("exit") == Wait::IfPast::exit);
  const auto on_missing = [](std::string_view word) {
    return last<Wait>(fmt::format("  - {{wait: {{until: entry.at}}, on_missing: {}}}\n", word))
        .on_missing;
  };
  CHECK(on_missing("continue") == Wait::OnMissing::go_on);
  CHECK(on_missing("skip") == Wait::OnMissing::skip);
  CHECK(on_missing("exit") == Wait::OnMissing::exit);
  const auto anchor = [](std::string_view word) {
    return last<Wait>(fmt::format("  - {{wait: 1h, anchor: {}}}\n", word)).anchor;
  };
  CHECK(anchor("step") == Wait::Anchor::step);
  CHECK(anchor("last_emitted") == Wait::Anchor::last_emitted);
  CHECK(anchor("entry") == Wait::Anchor::entry);
}

TEST_CASE("a wait says what is wrong with it", "[yaml][step]") {
  CHECK(found_in("  - wait: soon\n") == Codes{"bad_value 5:11"});
  CHECK(found_in("  - wait: 1.5h\n") == Codes{"bad_value 5:11"});
  CHECK(found_in("  - wait: -1h\n") == Codes{"bad_value 5:11"});
  CHECK(found_in("  - wait: [1h]\n") == Codes{"wrong_type 5:11"});
  CHECK(found_in("  - wait:\n") == Codes{"wrong_type 5:5"});
  CHECK(found_in("  - wait: {}\n") == Codes{"missing_key 5:11"});
  CHECK(found_in("  - wait: {days: Mon}\n") == Codes{"missing_key 5:11"});
  CHECK(found_in("  - wait: {time: \"09:00\", until: entry.at}\n") == Codes{"bad_value 5:27"});
  CHECK(found_in("  - wait: {until: entry.at, days: Mon}\n") == Codes{"bad_value 5:29"});
  CHECK(found_in("  - wait: {time: 09:00}\n") == Codes{"bad_value 5:18"});
  CHECK(found_in("  - wait: {time: \"25:00\"}\n") == Codes{"bad_value 5:18"});
  CHECK(found_in("  - wait: {time: \"09:00\", days: Mo}\n") == Codes{"bad_value 5:33"});
  CHECK(found_in("  - wait: {time: \"09:00\", days: []}\n") == Codes{"bad_value 5:33"});
  CHECK(found_in("  - wait: {window: \"16:00\"}\n") == Codes{"bad_value 5:20"});
  CHECK(found_in("  - wait: {window: \"Mon 14:00-16:00\", days: Tue}\n") ==
        Codes{"bad_value 5:39"});
  CHECK(found_in("  - {wait: 1h, if_past: maybe}\n") == Codes{"bad_value 5:25"});
  const auto inside = load(campaign("  - wait: {until: entry.at, offset: 1d}\n")).diagnostics;
  REQUIRE(codes(inside) == Codes{"unknown_key 5:29"});
  CHECK(inside[0].hint == "it stands beside `wait`, indented like it");
}

TEST_CASE("a wait for business days or a recurrence", "[yaml][step]") {
  const auto days = last<Wait>("  - wait: {business_days: 2}\n    at: \"09:00\"\n");
  CHECK(std::get<Wait::BusinessDays>(days.form).count == 2);
  CHECK(std::get<Wait::BusinessDays>(days.form).days == Weekdays{0x1F});
  CHECK(days.at_ms == 32'400'000);
  const auto six = last<Wait>("  - wait: {business_days: 1, days: Mon-Sat}\n");
  CHECK(std::get<Wait::BusinessDays>(six.form).days == Weekdays{0x3F});
  for (const char* form : {"\"0 9 * * MON,WED\"", "\"FREQ=MONTHLY;BYDAY=-1FR\"", "2026-12-24"}) {
    INFO(form);
    const auto bare = last<Wait>(fmt::format("  - wait: {}\n", form));
    const auto named = last<Wait>(fmt::format("  - wait: {{recurrence: {}}}\n", form));
    CHECK(std::get<Wait::Recurrence>(bare.form).rule ==
          std::get<Wait::Recurrence>(named.form).rule);
    CHECK(std::get<Wait::Recurrence>(bare.form).rule.size() >= 10);
  }
  const auto anchored = last<Wait>("  - {wait: FREQ=DAILY;INTERVAL=2, from: 2026-03-01}\n");
  CHECK(std::get<Wait::Recurrence>(anchored.form).from == "2026-03-01");
}

TEST_CASE("dates that are followed, waits that are armed anew, sends with a time", "[yaml][step]") {
  const auto until = last<Wait>("  - {wait: {until: contact.due}, follow: true}\n");
  CHECK(std::get<Wait::Until>(until.form).follow);
  CHECK(found_in("  - {wait: 1d, follow: true}\n") == Codes{"bad_value 5:16"});
  CHECK(found_in("  - {wait: {until: now + days(1)}, follow: true}\n") ==
        Codes{"time_not_solvable 5:20"});
  const auto wait = last<WaitFor>(
      "  - wait_for: {event: paid}\n    within: 1h\n"
      "    reset_on: {event: viewed, when: event.x == 1}\n");
  REQUIRE(wait.reset_on);
  CHECK(wait.reset_on->event == "viewed");
  CHECK(wait.reset_when.text == "event.x == 1");
  CHECK(found_in("  - {wait_for: {event: a}, reset_on: {event: b}}\n") == Codes{"missing_key 5:5"});
  CHECK(found_in("  - {wait_for: {event: a}, within: 1h, reset_on: {when: event.x}}\n") ==
        Codes{"missing_key 5:50"});
  CHECK(last<Send>("  - {send: email, at: \"09:00\"}\n").at_ms == 32'400'000);
  CHECK(found_in("  - {send: email, at: best}\n") == Codes{"not_supported_yet 5:23"});
  CHECK(found_in("  - {send: email, at: \"25:00\"}\n") == Codes{"bad_value 5:23"});
}

TEST_CASE("a recurrence says what is wrong with it", "[yaml][step]") {
  CHECK(found_in("  - wait: \"0 25 * * *\"\n") == Codes{"bad_value 5:11"});
  CHECK(found_in("  - wait: {recurrence: FREQ=HOURLY}\n") == Codes{"bad_value 5:11"});
  CHECK(found_in("  - wait: 2026-02-30\n") == Codes{"bad_value 5:11"});
  CHECK(found_in("  - wait: \"0 0 30 2 *\"\n") == Codes{"bad_value 5:11"});
  CHECK(found_in("  - {wait: FREQ=DAILY, from: soon}\n") == Codes{"bad_value 5:30"});
  CHECK(found_in("  - {wait: 1d, from: 2026-03-01}\n") == Codes{"bad_value 5:16"});
  CHECK(found_in("  - wait: {recurrence: FREQ=DAILY, days: Mon}\n") == Codes{"bad_value 5:36"});
  CHECK(found_in("  - wait: {business_days: -1}\n") == Codes{"bad_value 5:27"});
  const auto inside = load(campaign("  - wait: {recurrence: FREQ=DAILY, from: 2026-03-01}\n"));
  REQUIRE(codes(inside.diagnostics) == Codes{"unknown_key 5:36"});
  CHECK(inside.diagnostics[0].hint == "it stands beside `wait`, indented like it");
}

TEST_CASE("wait_for takes one trigger or a list of cases", "[yaml][step]") {
  const auto single = last<WaitFor>(
      "  - wait_for: {event: paid, when: event.total > 5.0}\n    as: payment\n    within: 3d\n"
      "    since: journey\n    then: [{send: email}]\n    else: [{exit: unpaid}]\n");
  REQUIRE(single.cases.size() == 1);
  CHECK(single.cases[0].trigger.event == "paid");
  CHECK(single.cases[0].when.text == "event.total > 5.0");
  CHECK(single.cases[0].as == "payment");
  CHECK(single.within_ms == 3 * 86'400'000);
  CHECK(single.since == WaitFor::Since::journey);
  CHECK(single.then.size() == 1);
  CHECK(single.otherwise.size() == 1);

  const auto several = last<WaitFor>(
      "  - wait_for:\n"
      "      - {event: paid, as: payment, steps: [{send: email}]}\n"
      "      - {replied: any}\n"
      "      - {condition: contact.tier == 1}\n"
      "    since: 2h\n");
  REQUIRE(several.cases.size() == 3);
  CHECK(several.cases[0].as == "payment");
  CHECK(several.cases[0].steps.size() == 1);
  CHECK(several.cases[1].trigger.kind == Trigger::Kind::receipt);
  CHECK(several.cases[1].trigger.receipt == Receipt::replied);
  CHECK(several.cases[1].trigger.step == "any");
  CHECK(several.cases[2].trigger.kind == Trigger::Kind::condition);
  CHECK(several.since == WaitFor::Since::duration);
  CHECK(several.since_ms == 2 * 3'600'000);
  CHECK_FALSE(several.within_ms.has_value());

  CHECK(last<WaitFor>("  - wait_for: {event: a, as: b}\n").cases[0].as == "b");
}

TEST_CASE("every receipt is a trigger", "[yaml][step]") {
  for (int i = 0; i <= static_cast<int>(Receipt::completed); ++i) {
    const auto receipt = static_cast<Receipt>(i);
    const auto wait = last<WaitFor>(fmt::format("  - wait_for: {{{}: any}}\n", name_of(receipt)));
    CHECK(wait.cases.at(0).trigger.receipt == receipt);
  }
}

TEST_CASE("a wait_for says what is wrong with it", "[yaml][step]") {
  CHECK(found_in("  - wait_for: opened\n") == Codes{"wrong_type 5:15"});
  CHECK(found_in("  - wait_for: {as: a}\n") == Codes{"missing_key 5:15"});
  CHECK(found_in("  - wait_for: [{as: a}]\n") == Codes{"missing_key 5:16"});
  CHECK(found_in("  - wait_for: {openned: any}\n") == Codes{"unknown_key 5:16"});
  CHECK(found_in("  - wait_for: {event: a, opened: any}\n") == Codes{"bad_value 5:26"});
  CHECK(found_in("  - {wait_for: [{event: a}, {event: b}], as: c}\n") == Codes{"bad_value 5:42"});
  CHECK(found_in("  - {wait_for: {event: a, as: b}, as: c}\n") == Codes{"bad_value 5:35"});
  CHECK(found_in("  - {wait_for: {event: a}, since: birth}\n") == Codes{"bad_value 5:35"});
  CHECK(found_in("  - {wait_for: {event: a}, within: 1M}\n") == Codes{"bad_value 5:36"});
  CHECK(found_in("  - {wait_for: {event: a}, then: {send: email}}\n") == Codes{"wrong_type 5:34"});
  const auto inside = load(campaign("  - wait_for: {event: a, within: 1d}\n")).diagnostics;
  REQUIRE(codes(inside) == Codes{"unknown_key 5:26"});
  CHECK(inside[0].hint == "it stands beside `wait_for`, indented like it");
}

TEST_CASE("branch takes cases and else", "[yaml][step]") {
  const auto branch = last<Branch>(
      "  - branch:\n"
      "      - {when: contact.a == 1, steps: [{send: email}, {send: sms}]}\n"
      "      - {when: contact.a == 2}\n"
      "    else:\n"
      "      - exit: other\n");
  REQUIRE(branch.cases.size() == 2);
  CHECK(branch.cases[0].when.text == "contact.a == 1");
  CHECK(branch.cases[0].steps.size() == 2);
  CHECK(branch.cases[1].at == SourceLocation{"c.yaml", 8, 9});
  CHECK(branch.otherwise.size() == 1);
  CHECK(found_in("  - branch: [{steps: [{send: email}]}]\n") == Codes{"missing_key 5:14"});
  CHECK(found_in("  - branch: {when: contact.a}\n") == Codes{"wrong_type 5:13"});
}

TEST_CASE("parallel takes strands and how they join", "[yaml][step]") {
  const auto parallel = last<Parallel>(
      "  - parallel:\n"
      "      - {steps: [{send: email}, {send: sms}]}\n"
      "      - steps: [{wait: 1d}]\n"
      "    join: any\n");
  REQUIRE(parallel.strands.size() == 2);
  CHECK(parallel.strands[0].steps.size() == 2);
  CHECK(parallel.strands[1].at == SourceLocation{"c.yaml", 8, 9});
  CHECK(parallel.join == Parallel::Join::any);
  CHECK(found_in("  - parallel: [{wait: 1d}, {steps: [{send: email}]}]\n") ==
        Codes{"unknown_key 5:17"});
  CHECK(found_in("  - parallel: {steps: []}\n") == Codes{"wrong_type 5:15"});
  CHECK(found_in("  - {parallel: [{steps: [{wait: 1d}]}, {steps: [{wait: 1d}]}], join: one}\n") ==
        Codes{"bad_value 5:70"});
}

TEST_CASE("split takes weighted variants and a seed", "[yaml][step]") {
  const auto split = last<Split>(
      "  - split:\n"
      "      - {variant: a, weight: 30, steps: [{send: email}]}\n"
      "      - {variant: b, weight: 70}\n"
      "    seed: s1\n");
  REQUIRE(split.variants.size() == 2);
  CHECK(split.variants[0].name == "a");
  CHECK(split.variants[0].weight == 30);
  CHECK(split.variants[0].steps.size() == 1);
  CHECK(split.seed == "s1");
  CHECK(split.hash == Split::Hash::growthbook);
  CHECK(split.coverage == 10'000);
  CHECK_FALSE(split.space);
  const auto moved = last<Split>(
      "  - split: [{variant: a, weight: 30, steps: [{send: email}]}, {variant: b, weight: 70}]\n"
      "    seed: \"1886780721\"\n"
      "    hash: optimizely\n"
      "    coverage: 2.5%\n"
      "    namespace: {id: checkout, from: 10%}\n");
  CHECK(moved.hash == Split::Hash::optimizely);
  CHECK(moved.coverage == 250);
  REQUIRE(moved.space);
  CHECK(moved.space->id == "checkout");
  CHECK(moved.space->from == 1'000);
  CHECK(moved.space->to == 10'000);
  CHECK(found_in("  - {split: [{variant: a, weight: 1, steps: [{exit: x}]}], hash: md5}\n") ==
        Codes{"bad_value 5:66"});
  CHECK(found_in(
            "  - {split: [{variant: a, weight: 1, steps: [{exit: x}]}], namespace: {to: 1%}}\n") ==
        Codes{"missing_key 5:71"});
  CHECK(found_in("  - split: [{variant: a, weight: 0.5}, {weight: -1}]\n") ==
        Codes{"bad_value 5:34", "missing_key 5:40", "bad_value 5:49"});
}

TEST_CASE("set, goal, goto and exit", "[yaml][step]") {
  const auto set = last<Set>("  - set: {journey.n: =1 + 1, tier: gold, old: true}\n");
  REQUIRE(set.values.size() == 3);
  CHECK(set.values[0].name == "journey.n");
  CHECK(set.values[0].expression.text == "1 + 1");
  CHECK(set.values[1].literal == Value("gold"));
  CHECK(set.values[2].literal == Value(true));
  CHECK(last<Exit>("  - exit: done with it\n").reason == "done with it");
  const LoadedWorkspace loaded = load(
      "campaign: c\nentry: [host]\ngoals: {g: {}}\nsteps:\n"
      "  - {id: a, wait: 1h}\n  - {goal: g, value: entry.total}\n  - goto: a\n");
  CHECK(loaded.diagnostics.empty());
  CHECK(std::get<ReachGoal>(loaded.campaigns[0].steps[1].kind).value.text == "entry.total");
  CHECK(std::get<Goto>(loaded.campaigns[0].steps[2].kind).step == "a");
  CHECK(found_in("  - exit:\n") == Codes{"wrong_type 5:5"});
  CHECK(found_in("  - set: [a]\n") == Codes{"wrong_type 5:10"});
}

TEST_CASE("call and task say what is asked, and how the answer is awaited", "[yaml][step]") {
  const auto call = last<Call>(
      "  - call: new_code\n    data: {percent: 10, who: =contact.id}\n    within: 1h\n"
      "    as: code\n    then: [{send: email}]\n    else: [{send: email}, {exit: no code}]\n");
  CHECK(call.name == "new_code");
  CHECK(call.data.size() == 2);
  CHECK(call.answer.within_ms == 3'600'000);
  CHECK(call.answer.as == "code");
  CHECK(call.answer.then.size() == 1);
  CHECK(call.answer.otherwise.size() == 2);
  const auto task = last<Task>("  - {task: Call them, team: sales, data: {n: 1}, as: notes}\n");
  CHECK(task.ask == "Call them");
  CHECK(task.team == "sales");
  CHECK(task.data.size() == 1);
  CHECK_FALSE(task.answer.within_ms);
  CHECK(task.answer.as == "notes");
  CHECK(found_in("  - {call: x, team: y}\n") == Codes{"unknown_key 5:15"});
  CHECK(found_in("  - {call: x, within: 0s}\n") == Codes{"bad_value 5:23"});
  CHECK(found_in("  - {call: x, as: key}\n") == Codes{"bad_value 5:19"});
  CHECK(found_in("  - {call: \"\"}\n").size() == 1);
  CHECK(found_in("  - {task: \"\"}\n").size() == 1);
  CHECK(found_in("  - {task: x, data: {story: 1}}\n") == Codes{"bad_value 5:22"});
  CHECK(found_in("  - {task: x, data: {n: =contact.}}\n").size() == 1);
}

TEST_CASE("a call says how often it is retried, and how soon", "[yaml][step]") {
  CHECK(last<Call>("  - {call: x}\n").retry.times == 0);
  const auto thrice = last<Call>("  - {call: x, retry: 3}\n");
  CHECK(thrice.retry.times == 3);
  CHECK(thrice.retry.after_ms == minute_ms);
  const auto later = last<Call>("  - {call: x, retry: {times: 2, after: 5m}}\n");
  CHECK(later.retry.times == 2);
  CHECK(later.retry.after_ms == 5 * minute_ms);
  CHECK(found_in("  - {call: x, retry: 0}\n") == Codes{"bad_value 5:22"});
  CHECK(found_in("  - {call: x, retry: 101}\n") == Codes{"bad_value 5:22"});
  CHECK(found_in("  - {call: x, retry: {after: 5m}}\n") == Codes{"missing_key 5:22"});
  CHECK(found_in("  - {call: x, retry: {times: 2, after: 25h}}\n") == Codes{"bad_value 5:22"});
  CHECK(found_in("  - {call: x, retry: {times: 2, after: 0s}}\n") == Codes{"bad_value 5:22"});
  CHECK(found_in("  - {task: x, retry: 3}\n") == Codes{"unknown_key 5:15"});
}

TEST_CASE("digest says how long, and what it gathers", "[yaml][step]") {
  const auto fixed = last<Digest>("  - {digest: 30m}\n");
  CHECK(fixed.window_ms == 30 * minute_ms);
  CHECK_FALSE(fixed.sliding);
  CHECK(fixed.max == 100);
  CHECK(fixed.as.empty());
  const auto sliding = last<Digest>(
      "  - {digest: sliding 2h, as: views, max: 20, key: event.category, when: contact.x == 1}\n");
  CHECK(sliding.window_ms == 2 * hour_ms);
  CHECK(sliding.sliding);
  CHECK(sliding.max == 20);
  CHECK(sliding.key.text == "event.category");
  CHECK(sliding.as == "views");
  for (const char* wrong : {"soon", "sliding", "\"sliding \"", "30m sliding", "0s", "P1M"}) {
    INFO(wrong);
    CHECK(found_in(fmt::format("  - {{digest: {}}}\n", wrong)) == Codes{"bad_value 5:14"});
  }
  CHECK(found_in("  - {digest: 1h, max: 1001}\n") == Codes{"bad_value 5:23"});
  CHECK(found_in("  - {digest: 1h, max: 0}\n") == Codes{"bad_value 5:23"});
  CHECK(found_in("  - {digest: 1h, as: key}\n") == Codes{"bad_value 5:22"});
  CHECK(found_in("  - {digest: 1h, key: nosuch}\n") == Codes{"condition_unknown 5:23"});
}

TEST_CASE("consent names a channel, perhaps a topic, and what was said", "[yaml][step]") {
  const auto consent = last<ChangeConsent>(
      "  - consent: {channel: email, topic: news, state: denied, source: web form}\n");
  CHECK(consent.channel == "email");
  CHECK(consent.topic == "news");
  CHECK(consent.state == ChangeConsent::State::denied);
  CHECK(consent.source == "web form");
  CHECK(found_in("  - consent: {channel: emial, state: granted}\n") == Codes{"unknown_name 5:14"});
  CHECK(found_in("  - consent: {channel: email}\n") == Codes{"missing_key 5:14"});
  CHECK(found_in("  - consent: {channel: email, state: maybe}\n") == Codes{"bad_value 5:38"});
  CHECK(found_in("  - consent: email\n") == Codes{"wrong_type 5:14"});
}

TEST_CASE("steps and keys of steps that come later are refused", "[yaml][later]") {
  for (const yaml::Table& table : yaml::step_tables()) {
    INFO(table.kind);
    if (!table.later.empty()) {
      const auto refused = load(campaign(fmt::format("  - {}: x\n", table.kind))).diagnostics;
      REQUIRE(codes(refused) == Codes{"not_supported_yet 5:5"});
      CHECK(refused[0].hint == table.later);
    }
    for (const yaml::Field& field : table.fields) {
      if (field.later.empty()) continue;
      INFO(field.key);
      const Codes all = found_in(fmt::format("  - {}: x\n    {}: x\n", table.kind, field.key));
      CHECK(std::count(all.begin(), all.end(), "not_supported_yet 6:5") == 1);
    }
  }
  for (const yaml::Field& field : yaml::wait_form_table.fields) {
    if (field.later.empty()) continue;
    CHECK(found_in(fmt::format("  - wait: {{{}: 2}}\n", field.key)) ==
          Codes{"not_supported_yet 5:12"});
  }
  for (const yaml::Field& field : yaml::wait_case_table.fields) {
    if (field.later.empty()) continue;
    CHECK(found_in(fmt::format("  - wait_for: {{{}: x}}\n", field.key)) ==
          Codes{"not_supported_yet 5:16"});
  }
}
