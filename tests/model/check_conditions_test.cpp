// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "itinera/time.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

namespace {

// An expression that stands at 7:11 of its file.
Expression at_7_11(const char* text) { return {.text = text, .at = {"c.yaml", 7, 11}}; }

Summary exit_on_condition(const char* text) {
  Campaign campaign = cart_recovery();
  campaign.exits[1].trigger.condition = at_7_11(text);
  return summary(check_one(campaign));
}

Summary entry_when(const char* text) {
  Campaign campaign = cart_recovery();
  campaign.entries[0].when = at_7_11(text);
  return summary(check_one(campaign));
}

}  // namespace

TEST_CASE("conditions: consented, reachable and outcome name what there is",
          "[model][check][conditions]") {
  const auto asking = [](std::string when) {
    return findings_of(Sequence()
                           .send("email", {.id = "hello"})
                           .wait("1h", {.id = "pause"})
                           .send("email", {.when = std::move(when)}));
  };
  CHECK(asking("consented('email') && reachable('sms')").empty());
  CHECK(asking("consented('email', 'any topic')").empty());
  CHECK(asking("outcome('hello') == 'opened'").empty());
  CHECK(asking("consented('emial')").size() == 1);
  CHECK(asking("reachable('pigeon')").size() == 1);
  CHECK(asking("outcome('helo') == ''").size() == 1);
  CHECK(asking("outcome('pause') == ''").size() == 1);
  CHECK(asking("consented(contact.channel)").size() == 1);
  CHECK(asking("outcome('hello')").size() == 1);
}

TEST_CASE("conditions: an error is reported at its place in the file", "[model][check][cel]") {
  CHECK(entry_when("event.total >=") == Summary{"condition_syntax 7:25"});
  CHECK(entry_when("nosuch") == Summary{"condition_unknown 7:11"});
  CHECK(entry_when("1 + \"a\" == 2") == Summary{"condition_type 7:13"});
}

TEST_CASE("conditions: a place in C++ is replaced by the text", "[model][check][cel]") {
  Campaign campaign = cart_recovery();
  campaign.entries[0].when.text = "nosuch";
  const Diagnostics found = check_one(campaign);
  REQUIRE(found.size() == 1);
  CHECK(found[0].message.find("(in nosuch)") != std::string::npos);
}

TEST_CASE("conditions: must be true or false, or found out when asked", "[model][check][cel]") {
  CHECK(entry_when("event.whatever").empty());
  CHECK(entry_when("1 + 2") == Summary{"condition_type 7:11"});
  CHECK(entry_when("\"yes\"") == Summary{"condition_type 7:11"});
}

TEST_CASE("conditions: keys, times, addresses and values have types of their own",
          "[model][check][cel]") {
  Campaign campaign = cart_recovery();
  campaign.entries[0].key = at_7_11("[1]");
  CHECK(summary(check_one(campaign)) == Summary{"condition_type 7:11"});
  campaign.entries[0].key = at_7_11("1 + 2");
  CHECK(check_one(campaign).empty());
  campaign.goals[0].value = at_7_11("\"much\"");
  CHECK(summary(check_one(campaign)) == Summary{"condition_type 7:11"});
  Workspace workspace = shop();
  workspace.channels[0].address = at_7_11("5");
  CHECK(summary(check_one(cart_recovery(), workspace)) == Summary{"condition_type 7:11"});
  CHECK(summary(check_one(with_steps(Sequence().wait_until("true")))) ==
        Summary{"condition_type 0:0"});
  CHECK(check_one(with_steps(Sequence().wait_until("now"))).empty());
  CHECK(check_one(with_steps(Sequence().wait_until("\"2026-01-01\""))).empty());
}

TEST_CASE("conditions: see what their place lets them see", "[model][check][cel]") {
  const auto when = [](const char* text) {
    return summary(check_one(with_steps(Sequence().send("sms", {.when = text}))));
  };
  CHECK(when("entry.total > 5.0 && journey.key == \"a\" && contact.x").empty());
  CHECK(when("event.total > 5.0") == Summary{"condition_unknown 0:0"});
  CHECK(when("journey.nowhere == 1") == Summary{"condition_unknown 0:0"});
  CHECK(entry_when("journey.key == \"a\"") == Summary{"condition_unknown 7:11"});
  CHECK(exit_on_condition("event.x == 1") == Summary{"condition_unknown 7:11"});
  CHECK(check_one(
            with_steps(
                Sequence().set({{"journey.tries", 1}}).send("sms", {.when = "journey.tries == 1"})))
            .empty());
}

TEST_CASE("conditions: a wait, exit or goal waits for moments that can be computed",
          "[model][check][cel]") {
  CHECK(exit_on_condition("now > timestamp(\"2026-01-01T00:00:00Z\")").empty());
  CHECK(exit_on_condition("count(\"order\", \"30d\") > 3").empty());
  CHECK(exit_on_condition("now.getHours() > 8") == Summary{"time_not_solvable 7:15"});
  CHECK(entry_when("now.getHours() > 8").empty());
  CHECK(exit_on_condition("ever(\"order\")").empty());
  CHECK(entry_when("count(\"order\", \"30d\") > 3").empty());
  const Sequence waiting = Sequence().wait_for(condition("string(now) == \"x\""), {.within = "1d"});
  CHECK(summary(check_one(with_steps(waiting))) == Summary{"time_not_solvable 0:0"});
}

TEST_CASE("conditions: nothing after a case that is always true is ever taken",
          "[model][check][cel]") {
  const auto branch = [](const char* first, const char* second, const Sequence& otherwise) {
    return summary(check_one(placed(with_steps(
        Sequence().branch({{first, Sequence().send("sms")}, {second, Sequence().send("sms")}},
                          {.otherwise = otherwise})))));
  };
  CHECK(branch("contact.x", "true", {}).empty());
  CHECK(branch("true", "contact.x", {}) == Summary{"dead_branch 0:0"});
  CHECK(branch("contact.x", "1 < 2", Sequence().send("sms")) == Summary{"dead_branch 40:3"});
  CHECK(branch("contact.x", "false", {}) == Summary{"warning suspicious 0:0"});
  CHECK(branch("contact.x", "contact.x", {}) == Summary{"dead_branch 0:0"});
}

TEST_CASE("conditions: one that never changes is warned of", "[model][check][cel]") {
  CHECK(entry_when("false") == Summary{"warning suspicious 7:11"});
  CHECK(exit_on_condition("true") == Summary{"warning suspicious 7:11"});
  CHECK(exit_on_condition("1 == 2") == Summary{"warning suspicious 7:11"});
}

TEST_CASE("conditions: a branch case needs one", "[model][check][cel]") {
  CHECK(summary(check_one(with_steps(Sequence().branch({{"", Sequence().send("sms")}}, {})))) ==
        Summary{"missing_key 0:0"});
}

TEST_CASE("conditions: a window that is longer than all time is refused", "[model][check][cel]") {
  CHECK(exit_on_condition("count('buy', '3652058d') > 0").empty());
  for (const char* text : {"count('buy', '3652059d') > 0", "engaged('email', '9999999999h')",
                           "sum('buy', 'total', '9223372036854775807ms') > 1.0"}) {
    CHECK(exit_on_condition(text) == Summary{"condition_type 7:11"});
  }
  Workspace workspace = shop();
  workspace.retain.events = {{"buy", 3'652'058 * itinera::day_ms, {"w.yaml", 3, 5}}};
  CHECK(check_one(cart_recovery(), workspace).empty());
  workspace.retain.events[0].window_ms = std::numeric_limits<std::int64_t>::max();
  CHECK(summary(check_one(cart_recovery(), workspace)) == Summary{"bad_value 3:5"});
}

TEST_CASE("conditions: an address does not change with time", "[model][check][cel]") {
  Workspace workspace = shop();
  workspace.channels[0].address = at_7_11("now > timestamp(contact.since) ? contact.a : contact.b");
  CHECK(summary(check_one(cart_recovery(), workspace)) == Summary{"time_not_solvable 7:11"});
  workspace.channels[0].address = at_7_11("has(contact.since) ? contact.a : contact.b");
  CHECK(check_one(cart_recovery(), workspace).empty());
}

TEST_CASE("conditions: segments ask for each other so deep and no deeper", "[model][check][cel]") {
  const auto chain = [](std::size_t length) {
    Workspace workspace = shop();
    for (std::size_t i = 0; i < length; ++i) {
      const std::string below = "in_segment('s" + std::to_string(i - 1) + "')";
      Segment segment;
      segment.name = "s" + std::to_string(i);
      segment.at = {"w.yaml", static_cast<std::uint32_t>(i), 1};
      segment.condition.text = i == 0 ? "contact.tier == 'gold'" : below + " || " + below;
      workspace.segments.push_back(segment);
    }
    Campaign campaign = cart_recovery();
    campaign.exits[1].trigger.condition.text = "in_segment('s" + std::to_string(length - 1) + "')";
    return summary(check_one(campaign, workspace));
  };
  CHECK(chain(16).empty());
  CHECK(chain(17) == Summary{"too_large 16:1"});
  CHECK(chain(40) == Summary{"too_large 16:1"});  // told where it is too deep first
}
