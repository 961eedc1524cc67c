// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

const std::string workspace = R"(workspace: shop
channels: {email: {address: contact.email, consent: none}}
)";

CampaignCoverage covered(const std::string& campaign, const std::string& timelines,
                         const std::string& shop = workspace) {
  const std::vector<SourceFile> files{{"workspace.yaml", shop}, {"c.yaml", campaign}};
  const LoadedWorkspace loaded = load_workspace(files);
  for (const Diagnostic& each : loaded.diagnostics) UNSCOPED_INFO(to_text(each));
  REQUIRE_FALSE(has_errors(loaded.diagnostics));
  EngineOptions options;
  options.zones = load_zones().value();
  const std::vector<SourceFile> tests{{"t.yaml", timelines}};
  const TestRun run = run_tests(tests, loaded, options);
  for (const TestReport& report : run.reports) UNSCOPED_INFO(to_text(report));
  REQUIRE(run.passed());
  REQUIRE(run.coverage.size() == 1);
  return run.coverage.front();
}

std::string test_of(const std::string& timeline, const std::string& name = "t") {
  return "test: " + name + "\ncampaign: c\ncontact: {id: ola, email: ola@example.com}\n" + timeline;
}

// The ways with how often they were taken, one a line.
std::string times(const CampaignCoverage& coverage) {
  std::string text;
  for (const CoverageWay& way : coverage.ways) {
    text += std::to_string(way.at.line) + ' ' + way.step + ": " + way.what + " x" +
            std::to_string(way.times) + '\n';
  }
  return text;
}

const std::string choices = R"(campaign: c
entry:
  - {event: begin}
  - host
goals: {order: {event: ordered, exits: true}}
exits: [{event: left}]
steps:
  - wait_for:
      - {event: a}
      - {event: b, steps: [{send: email, id: of-b}]}
    within: 1h
    id: first
  - id: ways
    branch:
      - {when: 'has(contact.vip)', steps: [{send: email, id: vip}]}
  - {wait: 1d, id: night, when: '!has(contact.vip)'}
  - {send: email, id: last, when: 'has(contact.vip)'}
)";

}  // namespace

TEST_CASE("coverage: what no test took is told with file and line", "[lab][coverage]") {
  const CampaignCoverage coverage = covered(choices, test_of(R"(timeline:
  - at: 2026-03-02T10:00:00Z
    event: begin
  - after: 10m
    event: b
    expect: [{send: email, step: of-b}]
  - after: 2d
    expect: []
)"));
  CHECK(to_text(coverage) ==
        "c: 6 of 15 ways taken\n"
        "  c.yaml:4: entry host\n"
        "  c.yaml:5: goal order\n"
        "  c.yaml:6: exit rule\n"
        "  c.yaml:9: first: case a\n"
        "  c.yaml:8: first: timeout\n"
        "  c.yaml:15: ways: case has(contact.vip)\n"
        "  c.yaml:15: vip: done\n"
        "  c.yaml:16: night: skipped\n"
        "  c.yaml:17: last: done\n");
  CHECK_FALSE(coverage.complete());
}

TEST_CASE("coverage: a call is completed, failed or runs out", "[lab][coverage]") {
  const CampaignCoverage coverage = covered(R"(campaign: c
entry: [{event: begin}]
steps:
  - {call: x, id: x, within: 1h, else: [{exit: none, id: none}]}
  - {task: y, id: y}
)",
                                            test_of(R"(timeline:
  - {at: 2026-03-02T10:00:00Z, event: begin, expect: [{call: x}]}
  - {after: 1m, report: {completed: x}, expect: [{task: y}]}
)"));
  CHECK(to_text(coverage) ==
        "c: 2 of 7 ways taken\n"
        "  c.yaml:4: x: failed\n"
        "  c.yaml:4: x: timeout\n"
        "  c.yaml:4: none: done\n"
        "  c.yaml:5: y: completed\n"
        "  c.yaml:5: y: failed\n");
}

TEST_CASE("coverage: what becomes of a send are ways of it", "[lab][coverage][policy]") {
  const CampaignCoverage coverage = covered(R"(campaign: c
entry: [{event: begin}]
steps:
  - {send: email, id: a, expires: 1h, on_skip: last, on_expire: exit}
  - {send: email, id: b, when: 'has(contact.vip)', on_skip: continue}
  - {wait: 1h, id: last}
)",
                                            test_of(R"(timeline:
  - at: 2026-03-02T10:00:00Z
    event: begin
    expect: [{send: email, step: a}]
  - {after: 1h, expect: [finished]}
)"));
  CHECK(times(coverage) ==
        "2 : entry begin x1\n"
        "4 a: done x1\n"
        "4 a: not sent x0\n"
        "4 a: expired x0\n"
        "5 b: done x0\n"
        "5 b: skipped x1\n"
        "6 last: done x1\n");
}

TEST_CASE("coverage: a journey goes the way that its send takes", "[lab][coverage][policy]") {
  const std::string begin =
      "timeline:\n  - at: 2026-03-02T10:00:00Z\n    event: begin\n    expect: ";
  const std::string unreached = "test: skipped\ncampaign: c\ncontact: {id: ola}\n" + begin +
                                "[{not_sent: email}]\n  - {after: 1h, expect: [finished]}\n";
  const std::string failed =
      test_of(begin + "[{send: email}]\n  - {report: {bounced: a}, expect: [exited]}\n", "failed");
  const std::string sent =
      test_of(begin +
                  "[{send: email}]\n"
                  "  - {after: 1m, report: {sent: a}, expect: [{send: email, step: b}]}\n"
                  "  - {after: 1h, expect: [finished]}\n",
              "sent");
  const std::string late = test_of(begin +
                                       "[{send: email}]\n"
                                       "  - {after: 10m, expect: [{send: email, step: b}]}\n"
                                       "  - {after: 1h, expect: [finished]}\n",
                                   "late");
  const CampaignCoverage coverage =
      covered(R"(campaign: c
entry: [{event: begin}]
steps:
  - {send: email, id: a, on_skip: last, on_fail: exit, confirm_within: 10m}
  - {send: email, id: b}
  - {wait: 1h, id: last}
)",
              unreached + "---\n" + failed + "---\n" + sent + "---\n" + late);
  CHECK(times(coverage) ==
        "2 : entry begin x4\n"
        "4 a: done x2\n"
        "4 a: not sent x1\n"
        "4 a: failed x1\n"
        "5 b: done x2\n"
        "6 last: done x3\n");
}

TEST_CASE("coverage: each strand of a parallel goes its own way", "[lab][coverage]") {
  const CampaignCoverage coverage = covered(R"(campaign: c
entry: [{event: begin}]
steps:
  - id: both
    parallel:
      - steps:
          - {set: {journey.a: 1}, id: a}
          - {wait_for: {event: x}, id: x, within: 1h}
      - steps: [{wait: 2h, id: w}, {exit: out, when: contact.vip, id: out}]
  - {send: email, id: last}
)",
                                            test_of(R"(timeline:
  - {at: 2026-03-02T10:00:00Z, event: begin}
  - {after: 1h, expect: []}
  - {after: 1h, expect: [{send: email}]}
)"));
  CHECK(to_text(coverage) ==
        "c: 8 of 10 ways taken\n"
        "  c.yaml:8: x: case x\n"
        "  c.yaml:9: out: done\n");
}

TEST_CASE("coverage: what leaves no trace is seen in strands, and before them", "[lab][coverage]") {
  const CampaignCoverage coverage = covered(R"(campaign: c
entry: [{event: begin}]
exits: [{event: stop}]
steps:
  - {set: {journey.a: 1}}
  - parallel:
      - steps: [{wait: 1h}, {set: {journey.b: 1}}, {exit: out, when: 'has(contact.vip)'}]
      - steps: [{wait: 2h}]
)",
                                            test_of(R"(timeline:
  - {at: 2026-03-02T10:00:00Z, event: begin}
  - {after: 30m, event: stop}
  - {after: 1m, identify: {vip: true}}
  - {after: 1m, event: begin}
  - {after: 1h, expect: [finished]}
)"));
  CHECK(to_text(coverage) ==
        "c: 8 of 10 ways taken\n"
        "  c.yaml:7: exit-1: skipped\n"
        "  c.yaml:8: wait-2: done\n");
}

TEST_CASE("coverage: a goal that ends a journey, an exit rule and the host's entry are ways",
          "[lab][coverage]") {
  const CampaignCoverage coverage = covered(choices, test_of(R"(timeline:
  - at: 2026-03-02T10:00:00Z
    event: begin
  - after: 10m
    event: ordered
  - after: 10m
    start: c
  - after: 10m
    event: left
  - after: 10m
    identify: {vip: true}
  - event: begin
  - after: 2h
    expect: [{send: email, step: vip}, {send: email, step: last}]
)"));
  const std::string text = times(coverage);
  CAPTURE(text);
  for (const char* line : {"3 : entry begin x2", "4 : entry host x1", "5 : goal order x1",
                           "6 : exit rule x1", "8 first: timeout x1", "night: skipped x1",
                           "night: done x0", "last: done x1", "last: skipped x0"}) {
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("coverage: steps that leave nothing in the journal lie between others that do",
          "[lab][coverage]") {
  const CampaignCoverage coverage = covered(R"(campaign: c
entry: [{event: begin}]
goals: {done: {exits: true}}
steps:
  - {set: {journey.n: 0}, id: zero}
  - {set: {journey.n: =journey.n + 1}, id: count}
  - {wait: 1h, id: top, max_visits: 5}
  - {goto: jump, id: skip, when: journey.n > 5}
  - {set: {journey.n: =journey.n + 1}, id: more}
  - {goto: top, id: again, when: journey.n < 4}
  - {send: email, id: jump, when: journey.n > 5}
  - {goal: done, id: reach}
  - {set: {journey.n: 9}, id: never}
)",
                                            test_of(R"(timeline:
  - at: 2026-03-02T10:00:00Z
    event: begin
  - after: 1d
    expect: [{decision: exited, reason: goal}]
)"));
  CHECK(times(coverage) ==
        "2 : entry begin x1\n3 : goal done x1\n5 zero: done x1\n6 count: done x1\n7 top: done x3\n"
        "8 skip: done x0\n8 skip: skipped x3\n9 more: done x3\n10 again: done x2\n"
        "10 again: skipped x1\n11 jump: done x0\n11 jump: skipped x1\n12 reach: done x1\n"
        "13 never: done x0\n");
}

TEST_CASE("coverage: waits for a date have the ways that their fields give them",
          "[lab][coverage][S6][S7]") {
  const std::string campaign = R"(campaign: c
entry: [{event: begin}]
steps:
  - {wait: {until: entry.day}, id: a, if_past: skip, on_missing: skip}
  - {send: email, id: b}
  - {wait: {until: entry.day}, id: e, if_past: exit}
  - {wait: {until: entry.day}, id: f, offset: 1d}
  - {wait: {until: now + days(1)}, id: g}
)";
  const auto begun = [](const std::string& day) {
    return "timeline:\n  - {at: \"2026-03-02T10:00:00Z\", event: begin, properties: {" + day +
           "}}\n  - {after: 10d, expect: []}\n";
  };
  const CampaignCoverage none = covered(campaign, test_of(begun("")));
  CHECK(times(none) ==
        "2 : entry begin x1\n4 a: done x0\n4 a: past: skip x0\n4 a: no date: skip x1\n"
        "5 b: done x0\n6 e: done x0\n6 e: past: exit x0\n6 e: no date: exit x1\n7 f: done x0\n"
        "8 g: done x0\n");
  const CampaignCoverage past = covered(campaign, test_of(begun("day: \"2026-03-01\"")));
  CHECK(times(past) ==
        "2 : entry begin x1\n4 a: done x0\n4 a: past: skip x1\n4 a: no date: skip x0\n"
        "5 b: done x0\n6 e: done x0\n6 e: past: exit x1\n6 e: no date: exit x0\n7 f: done x0\n"
        "8 g: done x0\n");
}

TEST_CASE("coverage: a date that goes while a journey follows it ends the wait without a date",
          "[lab][coverage][S7]") {
  const CampaignCoverage gone = covered(R"(campaign: c
entry: [{event: begin}]
steps:
  - {wait: {until: contact.day}, id: a, follow: true}
  - {wait: 1d, id: b}
)",
                                        test_of(R"(timeline:
  - at: "2026-03-02T10:00:00Z"
    identify: {day: "2026-03-09"}
  - {after: 1m, event: begin}
  - {after: 1h, identify: {day: none}, expect: [{decision: exited, reason: missing_date}]}
)"));
  CHECK(times(gone) == "2 : entry begin x1\n4 a: done x0\n4 a: no date: exit x1\n5 b: done x0\n");
}

TEST_CASE("coverage: variants without weight need no test, pinned ones count as they went",
          "[lab][coverage]") {
  const std::string campaign = R"(campaign: c
entry: [{event: begin}]
steps:
  - id: arm
    split: [{variant: x, weight: 1}, {variant: y, weight: 1}, {variant: z, weight: 0}]
  - {send: email, id: hello}
)";
  const auto pinned = [](const std::string& variant) {
    return test_of("variants: {arm: " + variant + R"(}
timeline:
  - at: 2026-03-02T10:00:00Z
    event: begin
    expect: [{send: email}]
)",
                   variant);
  };
  CHECK(to_text(covered(campaign, pinned("x"))) ==
        "c: 4 of 5 ways taken\n  c.yaml:5: arm: variant y\n");
  CHECK(covered(campaign, pinned("x") + "---\n" + pinned("y")).complete());
}

TEST_CASE("coverage: a crash tells nothing twice", "[lab][coverage]") {
  const CampaignCoverage coverage = covered(choices, test_of(R"(timeline:
  - at: 2026-03-02T10:00:00Z
    event: begin
  - after: 10m
    event: a
  - crash: before taking
)"));
  CHECK(coverage.ways.at(0).times == 1);
}

TEST_CASE("coverage: what the host reports decides which way a send takes",
          "[lab][coverage][policy]") {
  const CampaignCoverage coverage = covered(R"(campaign: c
entry: [{event: begin}]
steps:
  - {send: email, id: a, on_fail: last}
  - {send: email, id: b, on_fail: last}
  - {wait: 1h, id: last}
)",
                                            test_of(R"(timeline:
  - at: 2026-03-02T10:00:00Z
    event: begin
    expect: [{send: email, step: a}]
  - {report: {delivered: a}, expect: [{send: email, step: b}]}
  - {report: {failed: b}, expect: []}
  - {after: 61m, expect: [finished]}
)"));
  CHECK(times(coverage) ==
        "2 : entry begin x1\n"
        "4 a: done x1\n"
        "4 a: failed x0\n"
        "5 b: done x0\n"
        "5 b: failed x1\n"
        "6 last: done x1\n");
}

TEST_CASE("coverage: a send that goes down its channels is done once", "[lab][coverage][channel]") {
  const std::string three = R"(workspace: shop
channels:
  push: {address: contact.push}
  sms: {address: contact.phone}
  email: {address: contact.email}
)";
  const std::string campaign = R"(campaign: c
entry: [{event: begin}]
steps:
  - {send: [push, sms, email], id: a, escalate: {after: 1h}, on_skip: exit}
  - {wait: 1h, id: last}
)";
  const auto timeline = [&](const std::string& contact, const std::string& lines) {
    return "test: t\ncampaign: c\ncontact: {id: ola" + contact +
           "}\ntimeline:\n  - {at: 2026-03-02T10:00:00Z, event: begin, expect: " + lines;
  };
  const std::string done =
      "2 : entry begin x1\n"
      "4 a: done x1\n"
      "4 a: not sent x0\n"
      "5 last: done x1\n";
  // Down to the last, which nobody waits for.
  CHECK(times(covered(campaign,
                      timeline(", push: p, phone: s, email: e",
                               "[{send: push}]}\n"
                               "  - {after: 1h, expect: [escalated, {send: sms}]}\n"
                               "  - {after: 1h, expect: [{send: email}]}\n"
                               "  - {after: 1h, expect: [finished]}\n"),
                      three)) == done);
  // The contact reacts.
  CHECK(times(covered(campaign,
                      timeline(", push: p, phone: s, email: e",
                               "[{send: push}]}\n"
                               "  - {after: 1h, expect: [{send: sms}]}\n"
                               "  - {after: 1m, report: {opened: a}, expect: []}\n"
                               "  - {after: 1h, expect: [finished]}\n"),
                      three)) == done);
  // No other channel is left.
  CHECK(times(covered(campaign,
                      timeline(", phone: s",
                               "[{decision: chose_channel, channel: sms}, {send: sms}]}\n"
                               "  - {after: 1h, expect: [escalated]}\n"
                               "  - {after: 1h, expect: [finished]}\n"),
                      three)) == done);
  CHECK(times(covered(campaign, timeline("", "[exited]}\n"), three)) ==
        "2 : entry begin x1\n"
        "4 a: done x0\n"
        "4 a: not sent x1\n"
        "5 last: done x0\n");
}

}  // namespace itinera
