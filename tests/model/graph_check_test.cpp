// SPDX-License-Identifier: Apache-2.0
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

namespace {

// top, then `middle`, then back to top.
Summary loop_of(const Sequence& middle) {
  Campaign campaign = CampaignBuilder("c")
                          .on_event("e")
                          .steps(Sequence().send("sms", {.id = "top"}))
                          .steps(middle)
                          .steps(Sequence().go_to("top"))
                          .build()
                          .value();
  return summary(check_one(placed(campaign)));
}

const Summary endless{"endless_cycle 10:3"};

}  // namespace

TEST_CASE("graph check: steps without a way to them are warned of, once a place",
          "[model][check][graph]") {
  CHECK(findings_of(Sequence().send("sms").exit().send("sms").wait("1d").send("sms")) ==
        Summary{"warning unreachable_step 30:3"});
  CHECK(
      findings_of(Sequence()
                      .branch({{"contact.x", Sequence().exit()}}, {.otherwise = Sequence().exit()})
                      .send("sms")) == Summary{"warning unreachable_step 40:3"});
  CHECK(findings_of(Sequence().exit("done", {.when = "contact.x"}).send("sms")).empty());
  const Sequence led_to = Sequence().go_to("late").exit().send("sms", {.id = "late"});
  CHECK(findings_of(led_to) == Summary{"warning unreachable_step 20:3"});
}

TEST_CASE("graph check: the step after a wait that skips can be jumped over",
          "[model][check][graph]") {
  const Sequence steps = Sequence()
                             .wait_until("contact.x", {.if_past = Wait::IfPast::skip})
                             .exit("too early")
                             .send("sms");
  CHECK(findings_of(steps).empty());
}

TEST_CASE("graph check: a cycle without a wait is named", "[model][check][S25]") {
  const Campaign campaign = placed(with_steps(
      Sequence().send("sms", {.id = "a"}).send("sms", {.id = "b"}).go_to("a", {.id = "back"})));
  const Diagnostics found = check_one(campaign);
  REQUIRE(summary(found) == endless);
  CHECK(found[0].message == "these steps can repeat without waiting: a -> b -> back -> a");
  CHECK(found[0].hint ==
        "every loop needs a wait of at least 1m that is never skipped, or an event to wait for");
}

TEST_CASE("graph check: a goto to itself is a cycle", "[model][check][S25]") {
  CHECK(findings_of(Sequence().go_to("x", {.id = "x"})) == endless);
}

TEST_CASE("graph check: a wait of at least a minute makes a loop", "[model][check][S25]") {
  CHECK(loop_of(Sequence().wait("1m")).empty());
  CHECK(loop_of(Sequence().wait("1d")).empty());
  CHECK(loop_of(Sequence().wait("P1M")).empty());
  CHECK(loop_of(Sequence().wait_until_time("09:00")).empty());
  CHECK(loop_of(Sequence().wait_until_time("09:00", {.if_past = Wait::IfPast::go_on})).empty());
  CHECK(loop_of(Sequence().wait_until_inside("09:00-17:00")).empty());
  CHECK(loop_of(Sequence().wait("59s")) == endless);
  CHECK(loop_of(Sequence().wait("30s").wait("30s")) == endless);
}

TEST_CASE("graph check: a wait that may pass at once makes no loop", "[model][check][S25]") {
  CHECK(loop_of(Sequence().wait("1d", {.when = "contact.x"})) == endless);
  CHECK(loop_of(Sequence().wait("1d", {.anchor = Wait::Anchor::entry})) == endless);
  CHECK(loop_of(Sequence().wait_until("contact.x")) == endless);
  CHECK(loop_of(Sequence().wait_until("contact.x", {.if_past = Wait::IfPast::skip})) == endless);
  // Skipping is of this wait and the step behind it, which here is the loop's only wait.
  const auto with = [](Wait::IfPast past) {
    return loop_of(Sequence().wait_until("contact.x", {.if_past = past}).wait("1d"));
  };
  CHECK(with(Wait::IfPast::skip) == endless);
  CHECK(with(Wait::IfPast::exit).empty());
}

TEST_CASE("graph check: an input awaited makes a loop, a condition does not",
          "[model][check][S25]") {
  CHECK(loop_of(Sequence().wait_for(event("visit"))).empty());
  CHECK(loop_of(Sequence().wait_for(opened("top"), {.within = "1h"})).empty());
  CHECK(loop_of(Sequence().wait_for(opened("top"), {.within = "1s"})) == endless);
  CHECK(loop_of(Sequence().wait_for(condition("contact.x"), {.within = "1h"})) == endless);
  CHECK(loop_of(Sequence().wait_for(event("visit"), {.when = "contact.x"})) == endless);
}

TEST_CASE("graph check: each strand of a loop must wait", "[model][check][S25]") {
  const Sequence waits = Sequence().wait("1m");
  const Sequence hurries = Sequence().send("sms");
  CHECK(loop_of(Sequence().parallel({waits, waits})).empty());
  CHECK(loop_of(Sequence().parallel({waits, hurries})) == endless);
  CHECK(loop_of(Sequence().parallel({hurries, hurries}).wait("1m")).empty());
}

TEST_CASE("graph check: a goto stays in its strand", "[model][check][parallel]") {
  const auto checked = [](const Sequence& strand, const std::string& behind) {
    const Sequence inner = Sequence().wait("1d", {.id = "inner"});
    Sequence steps = Sequence().wait("1d", {.id = "before"});
    steps.parallel({strand, inner}, {.id = "both"});
    if (!behind.empty()) steps.go_to(behind, {.when = "contact.x"});
    return summary(check_one(with_steps(steps)));
  };
  const Sequence fine =
      Sequence().wait("1h", {.id = "again"}).go_to("again", {.when = "contact.x"});
  CHECK(checked(fine, {}).empty());
  const Sequence wait = Sequence().wait("1h");
  for (const char* const out : {"before", "both", "inner"}) {
    CAPTURE(out);
    CHECK(checked(Sequence().wait("1h").go_to(out, {.when = "contact.x"}), {}) ==
          Summary{"bad_value 0:0"});
  }
  CHECK(checked(wait, "before").empty());
  CHECK(checked(wait, "inner") == Summary{"bad_value 0:0"});
}

TEST_CASE("graph check: a strand may await what another sends", "[model][check][receipts]") {
  const Sequence sends = Sequence().send("sms", {.id = "sent"});
  const Sequence waits = Sequence().wait_for(opened("sent"), {.within = "1d"});
  CHECK(summary(check_one(with_steps(Sequence().parallel({waits, sends})))).empty());
  const Sequence early =
      Sequence().wait_for(opened("late"), {.within = "1d"}).send("sms", {.id = "late"});
  CHECK(summary(check_one(with_steps(Sequence().parallel({early, sends})))) ==
        Summary{"impossible_receipt 0:0"});
}

TEST_CASE("graph check: a parallel has between two and 32 strands, each with steps",
          "[model][check][parallel]") {
  const Sequence sends = Sequence().send("sms");
  const auto with = [&](std::size_t count) {
    return summary(check_one(with_steps(Sequence().parallel(std::vector<Sequence>(count, sends)))));
  };
  CHECK(with(1) == Summary{"missing_key 0:0"});
  CHECK(with(32).empty());
  CHECK(with(33) == Summary{"bad_value 0:0"});
  CHECK(summary(check_one(with_steps(Sequence().parallel({sends, Sequence()})))) ==
        Summary{"warning suspicious 0:0"});
}

TEST_CASE("graph check: an answer may come at once, so that only a deadline makes a loop",
          "[model][check][S25]") {
  const Sequence out = Sequence().exit("done");
  CHECK(loop_of(Sequence().call("x")) == endless);
  CHECK(loop_of(Sequence().task("x", {.within = "1h"})) == endless);
  CHECK(loop_of(Sequence().call("x", {.then = out})) == endless);
  CHECK(loop_of(Sequence().call("x", {.then = out, .otherwise = Sequence().wait("1m")})).empty());
  CHECK(loop_of(Sequence().wait("1m").call("x")).empty());
}

TEST_CASE("graph check: a digest makes a loop wait, unless one event fills it",
          "[model][check][S25]") {
  CHECK(loop_of(Sequence().digest("1m")).empty());
  CHECK(loop_of(Sequence().digest("59s")) == endless);
  CHECK(loop_of(Sequence().digest("1h", {.max = 2})).empty());
  CHECK(loop_of(Sequence().digest("1h", {.max = 1})) == endless);
}

TEST_CASE("graph check: calls and tasks are answered, and not opened", "[model][check][receipts]") {
  const auto on = [](Receipt awaited, std::string step) {
    return findings_of(Sequence()
                           .call("x", {.id = "x"})
                           .task("y", {.id = "y"})
                           .wait_for(receipt(awaited, std::move(step)), {.within = "1h"}));
  };
  CHECK(on(Receipt::completed, "x").empty());
  CHECK(on(Receipt::failed, "y").empty());
  CHECK(on(Receipt::completed, "any").empty());
  CHECK(on(Receipt::opened, "y").size() == 1);
}

TEST_CASE("graph check: every way around needs its wait", "[model][check][S25]") {
  CHECK(loop_of(Sequence().branch({{"contact.x", Sequence().wait("1d")}}, {})) == endless);
  CHECK(loop_of(Sequence().branch({{"contact.x", Sequence().wait("1d")}},
                                  {.otherwise = Sequence().wait("2d")}))
            .empty());
}

TEST_CASE("graph check: the workspace says how long a loop must wait", "[model][check][S25]") {
  Workspace workspace = shop();
  workspace.min_loop_wait_ms = 10'000;
  const auto loop = [](const char* wait) {
    return with_steps(Sequence().wait(wait, {.id = "top"}).go_to("top"));
  };
  CHECK(check_one(loop("10s"), workspace).empty());
  CHECK(summary(check_one(loop("9s"), workspace)) == Summary{"endless_cycle 0:0"});
  workspace.min_loop_wait_ms = 0;
  CHECK(summary(check_one(cart_recovery(), workspace)) == Summary{"bad_value 0:0"});
}

TEST_CASE("graph check: max_visits stands where a goto leads", "[model][check][S25]") {
  CHECK(findings_of(Sequence().wait("1d", {.id = "top", .max_visits = 3}).go_to("top")).empty());
  CHECK(findings_of(Sequence().wait("1d", {.max_visits = 3})) ==
        Summary{"warning suspicious 10:3"});
  CHECK(findings_of(Sequence().wait("1d", {.id = "top", .max_visits = 0}).go_to("top")) ==
        Summary{"bad_value 10:3"});
}

TEST_CASE("graph check: a receipt needs a step that may have sent something",
          "[model][check][receipts]") {
  const auto awaited = [](Trigger trigger, const Sequence& before, const Sequence& after) {
    trigger.at = {"c.yaml", 5, 7};
    return summary(check_one(CampaignBuilder("c")
                                 .on_event("e")
                                 .steps(before)
                                 .steps(Sequence().wait_for(trigger, {.id = "w", .within = "1d"}))
                                 .steps(after)
                                 .build()
                                 .value()));
  };
  const Sequence sending = Sequence().send("sms", {.id = "s"});
  const Sequence set = Sequence().set({{"x", 1}}, {.id = "x"});
  const Summary impossible{"impossible_receipt 5:7"};
  CHECK(awaited(opened("s"), sending, {}).empty());
  CHECK(awaited(opened("any"), sending, {}).empty());
  CHECK(awaited(opened("s"), {}, sending) == impossible);
  CHECK(awaited(opened("any"), {}, sending) == impossible);
  CHECK(awaited(opened("x"), set, {}) == impossible);
  CHECK(awaited(opened("nowhere"), sending, {}) == Summary{"unknown_name 5:7"});
  CHECK(awaited(opened(""), sending, {}) == Summary{"missing_key 5:7"});
  CHECK(awaited(receipt(Receipt::completed, "s"), sending, {}) ==
        Summary{"warning suspicious 5:7"});
  CHECK(awaited(opened("s"), {}, Sequence(sending).go_to("w")).empty());
}

TEST_CASE("graph check: a send on another way cannot have run before", "[model][check][receipts]") {
  const Sequence steps =
      Sequence().branch({{"contact.x", Sequence().send("sms", {.id = "left"})}},
                        {.otherwise = Sequence().wait_for(opened("left"), {.within = "1d"})});
  CHECK(summary(check_one(with_steps(steps))) == Summary{"impossible_receipt 0:0"});
}

TEST_CASE("graph check: receipts of goals and exits name steps that run",
          "[model][check][receipts]") {
  const auto exit_on = [](const Trigger& trigger, const Sequence& steps) {
    return summary(check_one(
        CampaignBuilder("c").on_event("e").exit_on(trigger).steps(steps).build().value()));
  };
  const Sequence sending = Sequence().send("sms", {.id = "s"});
  CHECK(exit_on(replied("s"), sending).empty());
  CHECK(exit_on(replied("any"), sending).empty());
  CHECK(exit_on(replied("any"), Sequence().wait("1d")) == Summary{"impossible_receipt 0:0"});
  CHECK(exit_on(replied("z"), sending) == Summary{"unknown_name 0:0"});
  CHECK(exit_on(replied("s"), Sequence().exit().send("sms", {.id = "s"})) ==
        Summary{"warning unreachable_step 0:0", "impossible_receipt 0:0"});
}

TEST_CASE("graph check: an account is heard of receipts that some channel declares",
          "[model][check][receipts]") {
  Trigger trigger;
  trigger.kind = Trigger::Kind::receipt;
  trigger.receipt = Receipt::declared;
  trigger.declared = "connected";
  trigger.step = "any";
  trigger.account = true;
  const Campaign campaign =
      CampaignBuilder("c").on_event("e").exit_on(trigger).steps(cart_steps()).build().value();
  CHECK(summary(check_one(campaign)) == Summary{"unknown_name 0:0"});
  Workspace workspace = shop();
  workspace.channels[0].receipts = {"connected"};
  CHECK(check_one(campaign, workspace).empty());
}

TEST_CASE("check: strands that gather into one variable are suspicious", "[model][check]") {
  const auto with = [](const Sequence& a, const Sequence& b) {
    return findings_of(Sequence().parallel({a, b}));
  };
  const Sequence gathers = Sequence().digest("1h", {.as = "list"});
  CHECK(with(gathers, gathers) == Summary{"warning suspicious 30:3"});
  CHECK(with(gathers, Sequence().call("x", {.as = "list"})) == Summary{"warning suspicious 30:3"});
  CHECK(with(gathers, Sequence().wait_for_any({{.trigger = event("x"), .as = "list"}}, {})) ==
        Summary{"warning suspicious 30:3"});
  CHECK(with(Sequence().parallel({gathers, Sequence().wait("1h")}), gathers) ==
        Summary{"warning suspicious 50:3"});
  CHECK(with(gathers, Sequence().digest("1h", {.as = "other"})).empty());
  CHECK(with(Sequence().digest("1h", {.as = "list"}).digest("1h", {.as = "list"}),
             Sequence().wait("1h"))
            .empty());
}
