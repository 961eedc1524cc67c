// SPDX-License-Identifier: Apache-2.0
#include "itinera/lab.hpp"

#include <string>
#include <vector>

#include "lab/shop.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

const std::string head = R"(test: t
campaign: cart
variants: {arm: coupon}
contact: {id: ola, email: ola@example.com, push_token: t1}
timeline:
)";

// What a test with this timeline says; empty if it passes.
std::string verdict(const std::string& timeline) {
  const TestRun made = run(head + timeline);
  REQUIRE(made.diagnostics.empty());
  REQUIRE(made.reports.size() == 1);
  CHECK(made.passed() == made.reports[0].passed());
  return to_text(made.reports[0]);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

TEST_CASE("lab: tests report what a channel declares, and see waits move", "[lab][S2][S13]") {
  const std::vector<SourceFile> files{{"workspace.yaml", R"(workspace: b2b
zone: Europe/Warsaw
holidays: [2026-03-03]
channels:
  linkedin: {address: contact.linkedin, consent: none, receipts: [connected]}
)"},
                                      {"campaigns/invite.yaml", R"(campaign: invite
entry: [{event: visited}]
steps:
  - {send: linkedin, id: invite}
  - wait_for: {connected: invite}
    within: 7d
    reset_on: {event: visited}
    then:
      - wait: {business_days: 1}
        at: "09:00"
      - {send: linkedin, id: hello, at: "10:00"}
)"}};
  const auto tested = [&](const std::string& receipt) {
    return run(R"(test: t
campaign: invite
contact: {id: ola, linkedin: ola}
timeline:
  - at: 2026-03-02T10:00:00+01:00
    event: visited
    expect: [{send: linkedin, step: invite}]
  - after: 1h
    event: visited
    expect: [{decision: reset, step: wait_for-1}]
  - after: 1h
    report: {)" + receipt +
                   R"(: invite}
    expect: [{decision: waited, step: wait-1}]
  - after: 1h
    identify: {zone: Europe/London}
    expect: [{decision: resolved_zone, step: wait-1}]
  - at: 2026-03-04T09:00:00Z
    expect: [{decision: waited, step: hello}]
  - after: 1h
    expect: [{send: linkedin, step: hello}]
)",
               load_workspace(files));
  };
  const TestRun good = tested("connected");
  REQUIRE(good.diagnostics.empty());
  REQUIRE(good.reports.size() == 1);
  CHECK(to_text(good.reports[0]) == "");
  const TestRun misspelt = tested("conected");
  REQUIRE(misspelt.reports.size() == 1);
  CHECK(to_text(misspelt.reports[0]).find("no channel declares the receipt 'conected'") !=
        std::string::npos);
}

TEST_CASE("lab: a test passes that lists what is emitted, in order", "[lab]") {
  CHECK(verdict(R"(
  - at: 2026-03-02T10:00:00+01:00
    event: cart_abandoned
    properties: {cart: c9, total: 120}
    expect: [{decision: entered, key: c9}]
  - after: 59m
    expect: []
  - after: 1m
    expect: [{send: email, step: reminder, template: cart-reminder, data: {total: 120.0}}]
  - after: 10m
    report: {opened: reminder}
    expect:
      - {decision: resolved, reason: opened}
      - {send: push, step: offer}
      - {send: email, step: coupon, at: 2026-03-02T11:10:00+01:00}
      - {decision: assigned, reason: coupon}
      - {no: finished}
  - after: 1d
    expect: [{decision: finished, campaign: cart}]
)") == "");
}

TEST_CASE("lab: a text in data stands for the instant that it says, and for no other", "[lab]") {
  const std::vector<SourceFile> files{{"workspace.yaml", shop},
                                      {"campaigns/now.yaml", R"(campaign: now
entry: [{event: begin}]
steps: [{send: email, id: mail, data: {at: =now}}]
)"}};
  const auto tested = [&](const std::string& at) {
    return run(R"(test: t
campaign: now
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T10:00:00+01:00, event: begin, expect: [{send: email, data: {at: )" +
                   at + "}}]}\n",
               load_workspace(files));
  };
  CHECK(tested("2026-03-02T09:00:00Z").passed());
  CHECK(tested("2026-03-02T10:00:00+01:00").passed());
  for (const char* other : {"2026-03-02T10:00:00Z", "now", "1772442000", "\"\""}) {
    CAPTURE(other);
    CHECK_FALSE(tested(other).passed());
  }
}

TEST_CASE("lab: a failure shows expected beside emitted, and the decisions up to there", "[lab]") {
  const std::string said = verdict(R"(
  - at: 2026-03-02T09:00:00Z
    event: cart_abandoned
    properties: {cart: c9, total: 120}
  - after: 1h
    expect:
      - {send: email, step: reminder, data: {total: 99}}
      - {send: push, step: offer}
)");
  CHECK(first_line(said) ==
        "tests/cart.yaml:12:9: t: expected send email, step reminder, data {total: 99}, emitted "
        "was send email, step reminder, data {total: 120}");
  CHECK(said.substr(said.find('\n')) ==
        R"(
    expected                                     emitted
  > send email, step reminder, data {total: 99}  send email, step reminder, data {total: 120}
    send push, step offer                        (nothing)
  decisions up to there:
    2026-03-02T09:00:00Z  entered, cart v1, contact ola, key c9
    2026-03-02T09:00:00Z  waited until 2026-03-02T10:00:00Z, step wait-1, cart v1, contact ola, )"
        "key c9\n"
        R"(    2026-03-02T10:00:00Z  resolved, step wait-1, cart v1, contact ola, key c9
    2026-03-02T10:00:00Z  emitted, step reminder, by email, cart v1, contact ola, key c9
    2026-03-02T10:00:00Z  waited until 2026-03-03T10:00:00Z, step reaction, cart v1, contact ola)"
        ", key c9\n");
}

TEST_CASE("lab: what nobody expected fails, wherever it comes", "[lab]") {
  const std::string begun = R"(
  - at: 2026-03-02T09:00:00Z
    event: cart_abandoned
    properties: {cart: c9}
)";
  CHECK(first_line(verdict(begun + "  - {after: 1h, expect: []}\n")) ==
        "tests/cart.yaml:10:5: t: nobody expected send email, step reminder, contact ola, key c9, "
        "at 2026-03-02T10:00:00Z");
  CHECK(first_line(verdict(begun + "  - {after: 1h, contact: ola, event: seen}\n"))
            .find("at the end of the test nobody expected send email, step reminder") !=
        std::string::npos);
  CHECK(first_line(verdict(begun + "  - {after: 1h, expect: [{send: email}, {send: push}]}\n"))
            .find("send push was not emitted") != std::string::npos);
}

TEST_CASE("lab: decisions may be left out, those listed occur in their order", "[lab]") {
  const auto expecting = [](const std::string& items) {
    return first_line(verdict(R"(
  - at: 2026-03-02T09:00:00Z
    event: cart_abandoned
    properties: {cart: c9}
  - after: 30m
    event: order_placed
    properties: {total: 12}
    expect: )" + items + "\n"));
  };
  CHECK(expecting("[entered, converted, exited]") == "");
  CHECK(expecting("[{decision: converted, goal: order}, {decision: exited, reason: goal}]") == "");
  CHECK(expecting("[{no: finished}, {no: exited, reason: exit}]") == "");
  CHECK(expecting("[exited, converted]").find("converted occurred, but before") !=
        std::string::npos);
  CHECK(expecting("[{decision: exited, key: c8}]").find("exited, key c8 did not occur") !=
        std::string::npos);
  CHECK(expecting("[{no: converted}]").find("expected no converted, but it occurred") !=
        std::string::npos);
  CHECK(expecting("[{decision: convertd}]").find("did you mean 'converted'?") != std::string::npos);
}

TEST_CASE("lab: a send that a decision held back is told by its channel", "[lab]") {
  const TestRun made = run(R"(test: no token, no push
campaign: cart
contact: {id: ola, email: ola@example.com}
variants: {arm: control}
timeline:
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c9}}
  - {after: 1h, expect: [{send: email}]}
  - {after: 1h, report: {opened: reminder}, expect: [{not_sent: push, reason: no_address}]}
  - {after: 1h, expect: [{no: emitted}]}
)");
  REQUIRE(made.reports.size() == 1);
  CHECK(to_text(made.reports[0]) == "");
}

TEST_CASE("lab: two lines at one instant take back what the first emitted", "[lab][S28]") {
  CHECK(verdict(R"(
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c9}}
  - {after: 1h, expect: [{send: email}]}
  - {after: 1h, report: {opened: reminder}}
  - {event: order_placed, properties: {total: 1}, expect: [{decision: withdrawn_exit, step: offer}]}
)") == "");
  CHECK(verdict(R"(
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c9}}
  - {after: 1h, expect: [{send: email}]}
  - {after: 1h, report: {opened: reminder}}
  - {after: 1s, event: order_placed, properties: {total: 1}, expect: [{send: push}, {send: email}]}
)") == "");
}

TEST_CASE("lab: after a crash what had been taken before does not come again, the rest comes once",
          "[lab][crash]") {
  const std::string begun = R"(
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c9}}
  - {after: 1h, expect: [{send: email}]}
  - {after: 1h, report: {opened: reminder}}
)";
  CHECK(verdict(begun + "  - {crash: before taking, expect: [{send: push}, {send: email}]}\n") ==
        "");
  CHECK(verdict(begun + "  - {expect: [{send: push}, {send: email}]}\n"
                        "  - {crash: before taking, expect: []}\n") == "");
  CHECK(verdict(begun + "  - {crash: before taking}\n"
                        "  - {event: order_placed, properties: {total: 1}, expect: []}\n") == "");
}

TEST_CASE("lab: a failure says that an input came after its instant was closed", "[lab][S0]") {
  const std::string said = verdict(R"(
  - {at: 2026-03-02T09:00:00Z, expect: []}
  - {event: cart_abandoned, properties: {cart: c9}}
  - {after: 1h, expect: [{send: email}]}
)");
  CHECK(said.find("the input of line 8 was taken at 2026-03-02T09:00:00.001Z, because the line "
                  "before it had closed its instant\n") != std::string::npos);
  CHECK(verdict(R"(
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c9}}
  - {after: 59m, expect: [{send: email}]}
)")
            .find("was taken at") == std::string::npos);
}

TEST_CASE("lab: an input that must be refused, and one that must not", "[lab][S4]") {
  const std::string begun = R"(
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, message_id: m, properties: {cart: c9}}
  - {event: cart_abandoned, message_id: m, properties: {cart: c9}, expect: [duplicate]}
)";
  const std::string other = "  - {event: cart_abandoned, message_id: m, properties: {cart: c8}";
  CHECK(verdict(begun + other + ", error: conflict}\n") == "");
  CHECK(first_line(verdict(begun + other + "}\n")).find("the input was refused") !=
        std::string::npos);
  CHECK(first_line(verdict(begun + other + ", error: busy}\n"))
            .find("expected the error busy, but it was conflict") != std::string::npos);
  CHECK(first_line(verdict("  - {at: 2026-03-02T09:00:00Z, event: seen, error: conflict}\n"))
            .find("expected the error conflict, but the input was taken") != std::string::npos);
  CHECK(first_line(verdict("  - {at: 2026-03-02T09:00:00Z, report: {opened: reminder}}\n"))
            .find("no action of step 'reminder' was taken before") != std::string::npos);
}

TEST_CASE("lab: of a line for several contacts each must be refused", "[lab][S4]") {
  const auto said = [](const std::string& line) {
    const TestRun made = run(R"(test: t
campaign: cart
contacts: [{id: ada, email: a@example.com}, {id: bob, email: b@example.com}]
timeline:
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, contact: bob, message_id: m,
     properties: {cart: c9}}
)" + line);
    REQUIRE(made.reports.size() == 1);
    return first_line(to_text(made.reports[0]));
  };
  const std::string other = "{event: cart_abandoned, message_id: m, properties: {cart: c8}";
  const std::string same = "{event: cart_abandoned, message_id: m, properties: {cart: c9}";
  CHECK(said("  - " + other + ", error: conflict}\n") == "");
  CHECK(said("  - " + same + ", error: conflict}\n")
            .find("expected the error conflict, but the input of 'bob' was taken") !=
        std::string::npos);
  CHECK(said("  - " + other + "}\n").find("the input was refused") != std::string::npos);
}

TEST_CASE("lab: a test that passes for a misspelt name has failed", "[lab]") {
  const auto expecting = [](const std::string& items) {
    return verdict(
        "  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c9},\n"
        "     expect: [" +
        items + "]}\n");
  };
  CHECK(expecting("{no: finished, step: reminder}, {no: exited, reason: goal}, "
                  "{no: converted, goal: order}, {no: resolved, reason: opened}, "
                  "{no: assigned, reason: coupon}, {no: entered, campaign: cart, key: c8}") == "");
  CHECK(expecting("{no: finished, step: remindr}") ==
        "tests/cart.yaml:7:15: t: there is no step `remindr`\n  did you mean 'reminder'?\n");
  CHECK(first_line(expecting("{no: exited, reason: gaol}")) ==
        "tests/cart.yaml:7:15: t: there is no reason `gaol`");
  CHECK(first_line(expecting("{no: converted, goal: ordr}")) ==
        "tests/cart.yaml:7:15: t: there is no goal `ordr`");
  CHECK(first_line(expecting("{no: entered, campaign: crat}")) ==
        "tests/cart.yaml:7:15: t: there is no campaign `crat`");
  CHECK(first_line(expecting("{no: emitted, channel: emial}")) ==
        "tests/cart.yaml:7:15: t: there is no channel `emial`");
}

TEST_CASE("lab: a pinned split takes its variant, an unknown one fails the test", "[lab][S24]") {
  const auto pinned = [](const std::string& variants) {
    const TestRun made = run("test: t\ncampaign: cart\nvariants: " + variants + R"(
contact: {id: ola, email: ola@example.com}
timeline:
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c9}}
  - {after: 2h, expect: [{send: email, step: reminder}]}
  - {after: 2d, expect: [{decision: assigned, reason: control}]}
)");
    REQUIRE(made.reports.size() == 1);
    return first_line(to_text(made.reports[0]));
  };
  CHECK(pinned("{arm: control}") == "");
  CHECK(pinned("{arm: coupon}").find("nobody expected send email, step coupon") !=
        std::string::npos);
  CHECK(pinned("{arm: coupn}") == "tests/cart.yaml:1:1: t: split 'arm' has no variant 'coupn'");
  CHECK(pinned("{leg: control}") == "tests/cart.yaml:1:1: t: its campaign has no split 'leg'");
}

TEST_CASE("lab: a pin holds for the tested campaign, not for one with a split of the same name",
          "[lab][S24]") {
  const std::string split = R"(entry: [{event: go}]
steps:
  - split:
      - {variant: x, weight: WEIGHT, steps: [{send: email, template: NAME-x}]}
      - {variant: y, weight: 100, steps: [{send: email, template: NAME-y}]}
)";
  const auto campaign = [&](const std::string& name, const std::string& weight) {
    std::string text = "campaign: " + name + "\n" + split;
    text.replace(text.find("WEIGHT"), 6, weight);
    while (text.find("NAME") != std::string::npos) text.replace(text.find("NAME"), 4, name);
    return SourceFile{"campaigns/" + name + ".yaml", text};
  };
  const TestRun made = run(R"(test: t
campaign: a
variants: {split-1: x}
contact: {id: ola, email: ola@example.com}
timeline:
  - at: 2026-03-02T09:00:00Z
    event: go
    expect: [{send: email, template: a-x}, {send: email, template: b-y}]
)",
                           loaded({campaign("a", "1"), campaign("b", "0")}));
  REQUIRE(made.reports.size() == 1);
  CHECK(to_text(made.reports[0]) == "");
}

TEST_CASE("lab: a population takes a line each, and an item counts", "[lab]") {
  const std::string test = R"(test: t
campaign: cart
contacts: [{count: 3, id: "u{n}", email: "u{n}@example.com"}, {id: eva}]
timeline:
  - {at: 2026-03-02T09:00:00Z, event: cart_abandoned, properties: {cart: c9}}
  - after: 1h
    expect:
      - {send: email, step: reminder, count: 3}
      - {not_sent: email, contact: eva}
)";
  const TestRun made = run(test);
  REQUIRE(made.reports.size() == 1);
  CHECK(to_text(made.reports[0]) == "");
  std::string wrong = test;
  wrong.replace(wrong.find("count: 3}\n"), 9, "count: 4}");
  CHECK_FALSE(run(wrong).passed());
}

TEST_CASE("lab: a campaign that must not load says so where a test expects it", "[lab][rejects]") {
  const std::string broken =
      "campaign: broken\nentry: [{event: joined}]\nsteps:\n"
      "  - {goto: nowhere}\n  - {send: emial}\n";
  const LoadedWorkspace workspace = loaded({{"campaigns/broken.yaml", broken}});
  const auto judged = [&](const std::string& rejects) {
    return run("test: t\ncampaign: broken\nrejects: " + rejects + "\n", workspace);
  };
  for (const Diagnostic& diagnostic : workspace.diagnostics) UNSCOPED_INFO(to_text(diagnostic));
  const TestRun all = judged("[{code: unknown_name, line: 4}, {code: unknown_name, line: 5}]");
  REQUIRE(all.reports.size() == 1);
  CHECK(to_text(all.reports[0]) == "");
  CHECK(all.passed());

  const TestRun one = judged("[{code: unknown_name, line: 4}]");
  REQUIRE(one.reports[0].failures.size() == 1);
  CHECK(one.reports[0].failures[0].message == "nobody expected unknown_name in line 5");

  const TestRun other = judged("[{code: unknown_name}, {code: unknown_name}, {code: bad_weights}]");
  REQUIRE(other.reports[0].failures.size() == 1);
  CHECK(other.reports[0].failures[0].message == "no bad_weights was found");

  // Other campaigns are tested as ever, but an error that no test is about fails the run.
  const TestRun sound = run(head + "  - {at: 2026-03-02T09:00:00Z, expect: []}\n", workspace);
  REQUIRE(sound.reports.size() == 1);
  CHECK(sound.reports[0].passed());
  CHECK_FALSE(sound.passed());
}

TEST_CASE("lab: a test of a campaign that has errors, or is not there, fails", "[lab]") {
  const LoadedWorkspace workspace =
      loaded({{"campaigns/bad.yaml", "campaign: bad\nentry: [{event: e}]\nsteps: [{goto: x}]\n"}});
  const auto judged = [&](const std::string& campaign) {
    const TestRun made = run(
        "test: t\ncampaign: " + campaign + "\ntimeline: [{at: 2026-03-02T09:00:00Z, expect: []}]\n",
        workspace);
    REQUIRE(made.reports.size() == 1);
    return first_line(to_text(made.reports[0]));
  };
  CHECK(judged("bad") == "tests/cart.yaml:1:1: t: the file of its campaign has errors");
  CHECK(judged("carts") ==
        "tests/cart.yaml:1:1: t: there is no campaign 'carts'; did you mean 'cart'?");
}

TEST_CASE("lab: a test that cannot be read has failed, and is named", "[lab]") {
  const std::string text =
      "tests:\n"
      "  - {test: sound, campaign: cart, timeline: [at: 2026-03-02T09:00:00Z]}\n"
      "  - {test: misspelt, campaign: cart, timeline: [{at: 2026-03-02T09:00:00Z, evnt: x}]}\n";
  const std::vector<SourceFile> files{{"tests/a.yaml", text}, {"tests/b.yaml", "tests: ["}};
  const TestRun made = run_tests(files, loaded(), options());
  REQUIRE(made.reports.size() == 3);
  CHECK(made.reports[0].passed());
  CHECK(to_text(made.reports[1]) ==
        "tests/a.yaml:3:5: misspelt: it cannot be read, so it was not run\n");
  CHECK(to_text(made.reports[2]) ==
        "tests/b.yaml:1:1: a test without a name: it cannot be read, so it was not run\n");
  CHECK_FALSE(made.passed());
  // Of a filter the errors of other tests are no matter, but those of a file that has no names.
  CHECK(run_tests({files.data(), 1}, loaded(), options(), "sound").passed());
  CHECK_FALSE(run_tests(files, loaded(), options(), "sound").passed());
}

TEST_CASE("lab: a sound campaign beside one with errors says whose they are", "[lab]") {
  const LoadedWorkspace workspace =
      loaded({{"campaigns/two.yaml",
               "campaign: good\nentry: [{event: e}]\nsteps: [{send: email}]\n---\n"
               "campaign: bad\nentry: [{event: e}]\nsteps: [{goto: x}]\n"}});
  const TestRun made = run(
      "test: t\ncampaign: good\ntimeline: [{at: 2026-03-02T09:00:00Z, expect: []}]\n", workspace);
  REQUIRE(made.reports.size() == 1);
  CHECK(first_line(to_text(made.reports[0])) ==
        "tests/cart.yaml:1:1: t: the file of its campaign has errors");
}

TEST_CASE("lab: only tests whose name fits the filter run", "[lab]") {
  const std::vector<SourceFile> files{
      {"tests/a.yaml",
       "test: one\ncampaign: cart\ntimeline: [{at: 2026-03-02T09:00:00Z}]\n---\n"
       "test: two\ncampaign: cart\ntimeline: [{at: 2026-03-02T09:00:00Z}]\n"}};
  const LoadedWorkspace workspace = loaded();
  CHECK(run_tests(files, workspace, options()).reports.size() == 2);
  const TestRun made = run_tests(files, workspace, options(), "two");
  REQUIRE(made.reports.size() == 1);
  CHECK(made.reports[0].name == "two");
}

}  // namespace itinera
