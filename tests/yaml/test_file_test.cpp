// SPDX-License-Identifier: Apache-2.0
#include "yaml/test_file.hpp"

#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/tables.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using yaml::Expectation;
using yaml::LoadedTests;
using yaml::TestCase;
using yaml::TestLine;
using Codes = std::vector<std::string>;

namespace {

LoadedTests load_tests(std::string_view text) {
  const std::vector<SourceFile> files{{"t.yaml", std::string(text)}};
  return yaml::load_tests(files);
}

// A test whose timeline is `lines`, from line 6 on.
std::string timeline(std::string_view lines) {
  return fmt::format("test: t\ncampaign: c\ncontact: {{id: ola}}\ntimeline:\n  - at: {}\n{}",
                     "2026-03-02T10:00:00Z", lines);
}

std::vector<TestLine> lines_of(std::string_view lines) {
  const LoadedTests loaded = load_tests(timeline(lines));
  INFO(lines << text_of(loaded.diagnostics));
  REQUIRE(loaded.tests.size() == 1);
  return loaded.tests[0].timeline;
}

Codes found(std::string_view lines) { return codes(load_tests(timeline(lines)).diagnostics); }

// The items of an `expect` in line 7.
std::vector<Expectation> expected(std::string_view items) {
  return *lines_of(fmt::format("  - expect: {}\n", items)).at(1).expect;
}
Codes found_in_expect(std::string_view items) {
  return found(fmt::format("  - expect: {}\n", items));
}

// The first line feeds `fields`, which begin in 6:5.
template <class Input>
Input input(std::string_view fields) {
  return std::get<Input>(lines_of(fmt::format("  - {}\n", fields)).at(1).input);
}

constexpr std::int64_t start_ms = 1'772'445'600'000;  // 2026-03-02T10:00:00Z

}  // namespace

TEST_CASE("a test is read whole", "[yaml][tests]") {
  const LoadedTests loaded = load_tests(
      "test: who opens the e-mail gets the push\n"
      "campaign: cart-recovery\n"
      "note: for the docs\n"
      "variants: {finale: control}\n"
      "contact: {id: ola, email: ola@example.pl, phone: \"+48500100200\", visits: 3}\n"
      "timeline:\n"
      "  - at: 2026-03-02T10:00:00+01:00\n"
      "    event: cart_abandoned\n"
      "    properties: {cart_id: c9, total: 120.0}\n"
      "  - after: 1h\n"
      "    expect: [{send: email, step: reminder, data: {total: 120.0}}]\n"
      "  - after: 1d\n"
      "    report: {opened: reminder}\n"
      "    expect: [finished]\n");
  CHECK(text_of(loaded.diagnostics).empty());
  REQUIRE(loaded.tests.size() == 1);
  const TestCase& test = loaded.tests[0];
  CHECK(test.name == "who opens the e-mail gets the push");
  CHECK(test.campaign == "cart-recovery");
  CHECK(test.at == SourceLocation{"t.yaml", 1, 1});
  CHECK(test.variants == std::vector<std::pair<std::string, std::string>>{{"finale", "control"}});
  REQUIRE(test.contacts.size() == 1);
  CHECK(test.contacts[0].id == "ola");
  CHECK(test.contacts[0].attributes ==
        Properties{{"email", "ola@example.pl"}, {"phone", "+48500100200"}, {"visits", 3}});
  CHECK_FALSE(test.contacts[0].history_unknown);
  REQUIRE(test.timeline.size() == 3);
  CHECK(test.timeline[0].at.ms == start_ms - 3'600'000);
  CHECK(test.timeline[0].location == SourceLocation{"t.yaml", 7, 5});
  CHECK_FALSE(test.timeline[0].expect.has_value());
  CHECK(test.timeline[1].at.ms == start_ms);
  CHECK(test.timeline[1].input.index() == 0);
  CHECK(test.timeline[1].expect->at(0).location == SourceLocation{"t.yaml", 11, 14});
  CHECK(test.timeline[2].at.ms == start_ms + 86'400'000);
}

TEST_CASE("every input of a line is read", "[yaml][tests]") {
  const auto event = input<yaml::TestEvent>(
      "{event: Order Completed, properties: {total: 1}, occurred: 2026-03-02T09:00:00Z, "
      "message_id: 17, source: web, anonymous: a1}");
  CHECK(event.name == "Order Completed");
  CHECK(event.properties == Properties{{"total", 1}});
  CHECK(event.occurred == Instant{start_ms - 3'600'000});
  CHECK(event.message_id == "17");
  CHECK(event.source == "web");
  CHECK(event.anonymous == "a1");

  const auto identify = input<yaml::TestIdentify>(
      "{identify: {plan: paid, zone: Europe/Paris, old: null}, anonymous: a1, message_id: m}");
  CHECK(identify.attributes ==
        Properties{{"plan", "paid"}, {"zone", "Europe/Paris"}, {"old", Value()}});
  CHECK(identify.anonymous == "a1");
  CHECK(identify.message_id == "m");
  CHECK(input<yaml::TestIdentify>("{identify: {}, verified: {email: o@example.com}}").verified ==
        Properties{{"email", "o@example.com"}});
  CHECK(
      codes(load_tests(
                "test: t\ncampaign: c\ntimeline:\n"
                "  - {at: 2026-03-02T10:00:00Z, contact: c, identify: {}, verified: {email: []}}\n")
                .diagnostics) == Codes{"wrong_type 4:76"});

  const auto aliased = lines_of("  - {alias: {previous: a1, contact: ola}}\n").at(1);
  CHECK(std::get<yaml::TestAlias>(aliased.input).previous == "a1");
  CHECK(aliased.contact == "ola");

  const auto merge = input<yaml::TestMerge>("{merge: {from: ola, into: anonymous:x}}");
  CHECK(merge.from == "ola");
  CHECK(merge.into == "anonymous:x");
  CHECK(input<yaml::TestForget>("{forget: ola}").contact == "ola");
  CHECK(input<yaml::TestGroup>("{group: acme}").account == "acme");
  CHECK(input<yaml::TestGroup>("{group: \"\"}").account.empty());

  const auto report = input<yaml::TestReport>(
      "{report: {bounced: reminder}, hard: false, key: c9, iteration: 2, data: {why: full}}");
  CHECK(report.receipt == Receipt::bounced);
  CHECK(report.step == "reminder");
  CHECK_FALSE(report.hard);
  CHECK(report.retry);
  CHECK(report.key == "c9");
  CHECK(report.iteration == 2u);
  CHECK(report.data == Properties{{"why", "full"}});

  CHECK(input<yaml::TestPublish>("publish: campaigns/c-2.yaml").file == "campaigns/c-2.yaml");
  CHECK_FALSE(input<yaml::TestPublish>("publish: c-2.yaml").migrate.has_value());
  const auto moving = input<yaml::TestPublish>(
      "{publish: c-2.yaml, migrate: recompute, steps: {a: b, c: exit, d: pin}, existing: enter}");
  CHECK(moving.migrate == WaitChange::recompute);
  CHECK(moving.existing == Entry::Existing::enter);
  REQUIRE(moving.steps.size() == 3);
  CHECK(moving.steps[0].step == "a");
  CHECK(moving.steps[0].kind == StepAnswer::Kind::to);
  CHECK(moving.steps[0].to == "b");
  CHECK(moving.steps[1].kind == StepAnswer::Kind::exit);
  CHECK(moving.steps[2].kind == StepAnswer::Kind::pin);
  const auto moved = input<yaml::TestMove>("{move: c, step: s, key: k}");
  CHECK(moved.campaign == "c");
  CHECK(moved.step == "s");
  CHECK(moved.key == "k");
  const auto begun = input<yaml::TestStart>("{start: c, key: k, properties: {arm: b}}");
  CHECK(begun.campaign == "c");
  CHECK(begun.key == "k");
  CHECK(begun.properties == Properties{{"arm", "b"}});
  CHECK(input<yaml::TestStop>("stop: c").campaign == "c");
  CHECK_FALSE(input<yaml::TestStop>("stop: c").key.has_value());
  const auto reassigned = input<yaml::TestReassign>(
      "{reassign: ask, key: k, to: ben, by: anna, text: on leave, within: 2h}");
  CHECK(reassigned.step == "ask");
  CHECK(reassigned.key == "k");
  CHECK(reassigned.to == "ben");
  CHECK(reassigned.by == "anna");
  CHECK(reassigned.note == "on leave");
  CHECK(reassigned.within_ms == 2 * hour_ms);
  CHECK(input<yaml::TestTakeOver>("{take_over: ask, damaged: true}").damaged);
  CHECK_FALSE(input<yaml::TestTakeOver>("take_over: ask").damaged);
  const auto paused = input<yaml::TestPause>("{pause: c, mode: freeze, entries: continue}");
  CHECK(paused.campaign == "c");
  CHECK(paused.mode == PauseMode::freeze);
  CHECK(paused.entries);
  CHECK(input<yaml::TestPause>("pause: c").mode == PauseMode::queue);
  CHECK_FALSE(input<yaml::TestPause>("{pause: c, entries: refuse}").entries);
  CHECK(input<yaml::TestResume>("resume: c").campaign == "c");
  const auto closed = input<yaml::TestSuppress>("suppress: {channel: email, address: a@b.c}");
  CHECK(closed.channel == "email");
  CHECK(closed.address == "a@b.c");
  CHECK(closed.listed);
  CHECK_FALSE(
      input<yaml::TestSuppress>("suppress: {channel: e, address: a, listed: false}").listed);
  CHECK_FALSE(input<yaml::TestCrash>("crash: before taking").after_taking);
  CHECK(input<yaml::TestCrash>("crash: after taking").after_taking);
}

TEST_CASE("a line stands at its instant, after the one before, or with it", "[yaml][tests]") {
  const auto lines = lines_of("  - {event: a, contact: ola, error: conflict}\n  - after: 1h30m\n");
  CHECK(lines[1].at.ms == start_ms);
  CHECK(lines[1].contact == "ola");
  CHECK(lines[1].error == ErrorCode::conflict);
  CHECK(lines[2].at.ms == start_ms + 5'400'000);
  CHECK(found("  - {at: 2026-03-03T00:00:00Z, after: 1h}\n") == Codes{"bad_value 6:32"});
  CHECK(found("  - at: 2026-03-01T00:00:00Z\n") == Codes{"?suspicious 6:5"});
  // Time does not go back, so what comes after that line counts from the one above it.
  const auto back = lines_of("  - {at: 2026-03-01T10:00:00Z, event: a}\n  - after: 1d\n");
  CHECK(back[1].at.ms == start_ms);
  CHECK(back[2].at.ms == start_ms + 86'400'000);
  CHECK(found("  - at: 2026-03-02T11:00\n") == Codes{"bad_value 6:9"});
  CHECK(found("  - after: 1M\n") == Codes{"bad_value 6:12"});
  CHECK(found("  - after: 3000000d\n") == Codes{"bad_value 6:5"});
  CHECK(codes(load_tests("test: t\ncampaign: c\ntimeline:\n  - event: a\n").diagnostics) ==
        Codes{"missing_key 4:5"});
}

TEST_CASE("what is wrong with a line is said", "[yaml][tests]") {
  CHECK(found("  - {evnet: a}\n") == Codes{"unknown_key 6:6"});
  CHECK(found("  - {event: a, stop: c}\n") == Codes{"unknown_key 6:16"});
  CHECK(found("  - x\n") == Codes{"wrong_type 6:5"});
  CHECK(found("  - report: {opend: a}\n") == Codes{"unknown_key 6:14"});
  CHECK(found("  - report: {connected: a}\n").empty());
  CHECK(found("  - report: {opened: a, clicked: a}\n") == Codes{"bad_value 6:13"});
  CHECK(found("  - report: opened\n") == Codes{"wrong_type 6:13"});
  CHECK(found("  - crash: never\n") == Codes{"bad_value 6:12"});
  CHECK(found("  - {event: a, error: oops}\n") == Codes{"bad_value 6:23"});
  CHECK(found("  - {event: a, properties: {k: yes}}\n") == Codes{"bad_value 6:32"});
  CHECK(found("  - alias: {contact: ola}\n") == Codes{"missing_key 6:12"});
}

TEST_CASE("every kind of expectation is read", "[yaml][tests]") {
  const auto send = expected(
      "[{send: email, step: s, template: t, address: a, data: {n: 1}, contact: ola, campaign: c, "
      "key: k, at: 2026-03-02T10:00:00Z, iteration: 1, count: 45}]")[0];
  CHECK(send.kind == Expectation::Kind::action);
  CHECK(send.name == "send");
  CHECK(send.channel == "email");
  CHECK(send.step == "s");
  CHECK(send.template_name == "t");
  CHECK(send.address == "a");
  CHECK(send.data == Properties{{"n", 1}});
  CHECK(send.contact == "ola");
  CHECK(send.campaign == "c");
  CHECK(send.key == "k");
  CHECK(send.at == Instant{start_ms});
  CHECK(send.iteration == 1u);
  CHECK(send.count == 45);

  const auto set = expected("[{set: {tier: gold}}]")[0];
  CHECK(set.name == "set");
  CHECK(set.data == Properties{{"tier", "gold"}});
  CHECK(set.count == 1);
  CHECK_FALSE(set.step.has_value());

  const auto decision = expected("[{decision: exited, reason: goal, goal: g, channel: sms}]")[0];
  CHECK(decision.kind == Expectation::Kind::decision);
  CHECK(decision.name == "exited");
  CHECK(decision.reason == "goal");
  CHECK(decision.goal == "g");
  CHECK(decision.channel == "sms");

  const auto bare = expected("[finished]")[0];
  CHECK(bare.kind == Expectation::Kind::decision);
  CHECK(bare.name == "finished");
  CHECK(bare.location == SourceLocation{"t.yaml", 6, 14});

  CHECK(expected("[{no: entered}]")[0].kind == Expectation::Kind::absent);
  const auto unsent = expected("[{not_sent: sms, reason: skipped_when}]")[0];
  CHECK(unsent.kind == Expectation::Kind::not_sent);
  CHECK(unsent.channel == "sms");
  CHECK(unsent.reason == "skipped_when");

  CHECK(expected("[]").empty());
}

TEST_CASE("what is wrong with an expectation is said", "[yaml][tests]") {
  CHECK(found_in_expect("[{sned: email}]") == Codes{"unknown_key 6:15"});
  CHECK(found_in_expect("[{step: a}]") == Codes{"missing_key 6:14"});
  CHECK(found_in_expect("[[a]]") == Codes{"wrong_type 6:14"});
  CHECK(found_in_expect("[{send: email, reason: a}]") == Codes{"unknown_key 6:28"});
  CHECK(found_in_expect("[{send: email, count: 0}]") == Codes{"bad_value 6:35"});
  CHECK(found_in_expect("[{send: email, decision: a}]") == Codes{"unknown_key 6:28"});
  CHECK(found_in_expect("[{no: entered, count: 3}]") == Codes{"unknown_key 6:28"});
  CHECK(found_in_expect("[{not_sent: email, count: 3}]").empty());
  CHECK(found_in_expect("{send: email}") == Codes{"wrong_type 6:13"});
}

TEST_CASE("contacts are one, several, or a population", "[yaml][tests]") {
  const auto contacts = [](std::string_view written) {
    const LoadedTests loaded = load_tests(
        fmt::format("test: t\ncampaign: c\n{}\ntimeline: [at: 2026-03-02T10:00:00Z]\n", written));
    INFO(text_of(loaded.diagnostics));
    REQUIRE(loaded.tests.size() == 1);
    return loaded.tests[0].contacts;
  };
  CHECK(contacts("note: none").empty());
  const auto several = contacts("contacts: [{id: a}, {id: b, history: unknown}]");
  REQUIRE(several.size() == 2);
  CHECK_FALSE(several[0].history_unknown);
  CHECK(several[1].history_unknown);
  const auto old = contacts("contacts: [{id: a}, {id: b, history: complete}]\nhistory: unknown");
  CHECK(old[0].history_unknown);
  CHECK_FALSE(old[1].history_unknown);
  const auto many = contacts(
      "contacts: [{count: 100, id: \"u{n}\", email: \"u{n}@example.com\", tags: [\"{n}{n}\"]}]");
  REQUIRE(many.size() == 100);
  CHECK(many[0].id == "u1");
  CHECK(many[99].attributes ==
        Properties{{"email", "u100@example.com"}, {"tags", Value::List{"100100"}}});
}

TEST_CASE("what is wrong with contacts is said", "[yaml][tests]") {
  const auto found_in = [](std::string_view written) {
    return codes(
        load_tests(fmt::format("test: t\ncampaign: c\n{}\ntimeline: [at: 2026-03-02T10:00:00Z]\n",
                               written))
            .diagnostics);
  };
  CHECK(found_in("contact: {email: a}") == Codes{"missing_key 3:10"});
  CHECK(found_in("contact: ola") == Codes{"wrong_type 3:10"});
  CHECK(found_in("contact: {id: a, history: short}") == Codes{"bad_value 3:27"});
  CHECK(found_in("contacts: [{id: a}, {id: a}]") == Codes{"duplicate_name 3:21"});
  CHECK(found_in("contacts: [{id: a, count: 2}]") == Codes{"duplicate_name 3:12"});
  CHECK(found_in("contacts: [{id: \"{n}\", count: 0}]") == Codes{"bad_value 3:31"});
  CHECK(found_in("contact: {id: a}\ncontacts: [{id: b}]") == Codes{"bad_value 4:1"});
  CHECK(found_in("contacts: [{id: \"{n}\", count: 200000, a: {b: [1, 2, 3, 4, 5]}}]") ==
        Codes{"too_large 3:24"});
}

TEST_CASE("rejects names what loading must find", "[yaml][tests]") {
  const LoadedTests loaded = load_tests(
      "test: t\ncampaign: c\nrejects: [{code: unknown_key, line: 3}, {code: endless_cycle}]\n");
  CHECK(loaded.diagnostics.empty());
  REQUIRE(loaded.tests.at(0).rejects.size() == 2);
  CHECK(loaded.tests[0].rejects[0].code == ErrorCode::unknown_key);
  CHECK(loaded.tests[0].rejects[0].line == 3u);
  CHECK(loaded.tests[0].rejects[0].location == SourceLocation{"t.yaml", 3, 11});
  CHECK_FALSE(loaded.tests[0].rejects[1].line.has_value());
  CHECK(codes(load_tests("test: t\ncampaign: c\nrejects: []\n").diagnostics) ==
        Codes{"bad_value 3:10"});
  CHECK(codes(load_tests("test: t\ncampaign: c\nrejects: [{code: what}]\n").diagnostics) ==
        Codes{"bad_value 3:18"});
  CHECK(codes(load_tests("test: t\ncampaign: c\nrejects: [{code: conflict}]\ntimeline: [at: "
                         "2026-03-02T10:00:00Z]\n")
                  .diagnostics) == Codes{"missing_key 1:1"});
  CHECK(codes(load_tests("test: t\ncampaign: c\n").diagnostics) == Codes{"missing_key 1:1"});
}

TEST_CASE("a file holds one test, several, or documents of tests", "[yaml][tests]") {
  const LoadedTests loaded = load_tests(
      "tests:\n"
      "  - {test: a, campaign: c, timeline: [at: 2026-03-02T10:00:00Z]}\n"
      "  - {test: b, campaign: c, timelime: []}\n"
      "  - {test: d, campaign: c, timeline: [at: 2026-03-02T10:00:00Z]}\n"
      "---\n"
      "{test: e, campaign: c, timeline: [at: 2026-03-02T10:00:00Z]}\n");
  CHECK(codes(loaded.diagnostics) == Codes{"unknown_key 3:28"});
  REQUIRE(loaded.tests.size() == 4);
  CHECK(loaded.tests[0].readable);
  CHECK(loaded.tests[1].name == "b");
  CHECK_FALSE(loaded.tests[1].readable);
  CHECK(loaded.tests[2].name == "d");
  CHECK(loaded.tests[3].name == "e");
  CHECK(codes(load_tests("tests: {test: a}\n").diagnostics) == Codes{"wrong_type 1:8"});
  CHECK(codes(load_tests("tests: []\ncampaign: c\n").diagnostics) == Codes{"unknown_key 2:1"});
  CHECK(codes(load_tests("campaign: c\n").diagnostics) == Codes{"missing_key 1:1"});
  CHECK(codes(load_tests("").diagnostics) == Codes{"missing_key 1:1"});
}

TEST_CASE("what cannot be read is a test that is not readable", "[yaml][tests]") {
  for (const char* text : {"", "campaign: c\n", "test: [\n", "tests: {test: a}\n"}) {
    const LoadedTests loaded = load_tests(text);
    INFO(text);
    REQUIRE(loaded.tests.size() == 1);
    CHECK_FALSE(loaded.tests[0].readable);
    CHECK(loaded.tests[0].at.file == "t.yaml");
  }
}

TEST_CASE("a line that is dropped takes no `at` from the next", "[yaml][tests]") {
  CHECK(codes(load_tests("test: t\ncampaign: c\ntimeline:\n"
                         "  - {at: 2026-03-02T10:00:00Z, merge: c}\n  - {event: a}\n")
                  .diagnostics) == Codes{"wrong_type 4:39"});
}

TEST_CASE("a test without lines, or with the name of another, is an error", "[yaml][tests]") {
  CHECK(codes(load_tests("test: t\ncampaign: c\ntimeline: []\n").diagnostics) ==
        Codes{"bad_value 3:11"});
  const std::string_view line = "timeline: [at: 2026-03-02T10:00:00Z]";
  const LoadedTests twice = load_tests(
      fmt::format("tests:\n  - {{test: a, campaign: c, {0}}}\n"
                  "  - {{test: a, campaign: d, {0}}}\n  - {{test: a, campaign: c, {0}}}\n",
                  line));
  CHECK(codes(twice.diagnostics) == Codes{"duplicate_name 4:6"});
  REQUIRE(twice.diagnostics.size() == 1);
  CHECK(twice.diagnostics[0].message.find("t.yaml:2") != std::string::npos);
}

TEST_CASE("a contact that a test does not declare is misspelt", "[yaml][tests]") {
  CHECK(found("  - {event: a, contact: olaa}\n") == Codes{"unknown_name 6:16"});
  CHECK(found("  - {alias: {previous: x, contact: olaa}}\n") == Codes{"unknown_name 6:27"});
  CHECK(found_in_expect("[{no: entered, contact: olaa}]") == Codes{"unknown_name 6:14"});
  CHECK(found_in_expect("[{decision: entered, contact: \"anonymous:x\"}]").empty());
  CHECK(load_tests(timeline("  - {event: a, contact: olaa}\n")).diagnostics.at(0).hint ==
        "did you mean 'ola'?");
  // Who comes later says so, and where nobody is declared everybody may come.
  CHECK(found("  - {identify: {a: 1}, contact: eva}\n  - {event: a, contact: eva}\n").empty());
  CHECK(found("  - {identify: {a: 1}, contact: olaa}\n  - {event: a, contact: olaa}\n").empty());
  CHECK(found("  - {identify: {a: 1}, contact: eva}\n").empty());
  CHECK(found("  - {identify: {a: 1}, contact: ola}\n").empty());
  CHECK(found("  - {identify: {a: 1}, contact: olaa}\n") == Codes{"?suspicious 6:24"});
  CHECK(codes(load_tests("test: t\ncampaign: c\ntimeline:\n"
                         "  - {at: 2026-03-02T10:00:00Z, event: a, contact: eva}\n")
                  .diagnostics)
            .empty());
}

TEST_CASE("lines, keys and expectations that come later are refused", "[yaml][later]") {
  for (const yaml::Table& table : yaml::line_tables()) {
    INFO(table.kind);
    if (!table.later.empty()) {
      CHECK(found(fmt::format("  - {}: x\n", table.kind)) == Codes{"not_supported_yet 6:5"});
    }
    for (const yaml::Field& field : table.fields) {
      if (field.later.empty()) continue;
      const Codes all = found(fmt::format("  - {}: x\n    {}: x\n", table.kind, field.key));
      CHECK(std::count(all.begin(), all.end(), "not_supported_yet 7:5") == 1);
    }
  }
  for (const yaml::Table& table : yaml::expect_tables()) {
    if (table.later.empty()) continue;
    INFO(table.kind);
    CHECK(found_in_expect(fmt::format("[{{{}: x}}]", table.kind)) ==
          Codes{"not_supported_yet 6:15"});
  }
}

TEST_CASE("consents of contacts: by channel, and below it by topic", "[yaml][tests]") {
  const auto loaded = load_tests(
      "test: t\ncampaign: c\n"
      "contact: {id: a, consent: {email: granted, push: {news: denied}}}\n"
      "timeline:\n"
      "  - {at: 2026-03-02T10:00:00Z, identify: {plan: paid, consent: {sms: denied}}}\n");
  CHECK(codes(loaded.diagnostics).empty());
  const auto& test = loaded.tests.at(0);
  REQUIRE(test.contacts.at(0).consents.size() == 2);
  CHECK(test.contacts[0].consents[0].channel == "email");
  CHECK(test.contacts[0].consents[0].granted);
  CHECK(test.contacts[0].consents[1].topic == "news");
  CHECK_FALSE(test.contacts[0].consents[1].granted);
  const auto& identify = std::get<yaml::TestIdentify>(test.timeline.at(0).input);
  CHECK(identify.attributes == Properties{{"plan", "paid"}});
  REQUIRE(identify.consents.size() == 1);
  CHECK(found("  - identify: {consent: {email: perhaps}}\n") == Codes{"bad_value 6:33"});
  CHECK(found("  - identify: {consent: granted}\n") == Codes{"wrong_type 6:25"});
}

TEST_CASE("any depth of nesting in a test file fails cleanly", "[yaml][tests][hostile]") {
  std::string text = "test: ";
  for (int i = 0; i < 20'000; ++i) text += "{a: ";
  CHECK_FALSE(load_tests(text).diagnostics.empty());
}
