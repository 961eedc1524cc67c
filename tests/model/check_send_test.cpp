// SPDX-License-Identifier: Apache-2.0
// What check() says of channels to choose from, and of the accounts that send.
#include <limits>

#include "itinera/time.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

namespace {

Sender anna() {
  Sender sender;
  sender.name = "anna";
  sender.channel = "sms";
  sender.quotas = {{"", 80}, {"invite", 20}};
  sender.hours = Window{9 * 3'600'000, 17 * 3'600'000, {0x1F}};
  sender.rate = 1;
  sender.rate_per_ms = minute_ms;
  sender.warm_up = {20, 40};
  sender.pace_from_ms = 40 * second_ms;
  sender.pace_to_ms = 180 * second_ms;
  sender.at = {"w.yaml", 7, 3};
  return sender;
}

// A shop whose push suits phones, whose SMS cost something, and for which Anna writes SMS.
Workspace staffed() {
  Workspace workspace = shop();
  workspace.channels[1].devices = {"mobile"};
  workspace.channels[2].cost = 0.04;
  workspace.channels[2].receipts = {"redeemed"};
  workspace.senders = {anna()};
  return workspace;
}

Diagnostics found_with(const Sequence& steps, const Workspace& workspace = staffed()) {
  return check_one(placed(with_steps(steps)), workspace);
}

Summary of(const Sequence& steps, const Workspace& workspace = staffed()) {
  return summary(found_with(steps, workspace));
}

// Of a workspace in which only the sender may be wrong.
Diagnostics found_of(const Sender& sender) {
  Workspace workspace = shop();
  workspace.senders = {sender};
  return check_one(cart_recovery(), workspace);
}

template <class Change>
Summary changed(Change change) {
  Sender sender = anna();
  change(sender);
  return summary(found_of(sender));
}

}  // namespace

TEST_CASE("send check: several channels are sound", "[model][check][channel]") {
  CHECK(of(Sequence().send_by({"push", "sms", "email"})).empty());
  CHECK(of(Sequence().send_by({"push", "sms"}, {.prefer = Send::Prefer::engaged,
                                                .escalate_after = "2h",
                                                .escalate_unless = "clicked",
                                                .senders = {"anna"},
                                                .operation = "invite"}))
            .empty());
}

TEST_CASE("send check: each channel is there, and once", "[model][check][channel]") {
  const Diagnostics found = found_with(Sequence().send_by({"push", "smss"}));
  REQUIRE(summary(found) == Summary{"unknown_name 10:3"});
  CHECK(found[0].hint == "did you mean 'sms'?");
  CHECK(of(Sequence().send_by({"push", "sms", "push"})) == Summary{"duplicate_name 10:3"});
  CHECK(of(Sequence().send_by({"push", ""})) == Summary{"missing_key 10:3"});
  CHECK(of(Sequence().send_by({})) == Summary{"missing_key 10:3"});
  Workspace many = staffed();
  std::vector<std::string> names;
  for (std::size_t i = 0; i <= Send::channels_max; ++i) {
    Channel channel = many.channels.front();
    names.push_back(channel.name = "c" + std::to_string(i));
    many.channels.push_back(channel);
  }
  CHECK(of(Sequence().send_by(names), many) == Summary{"bad_value 10:3"});
  names.pop_back();
  CHECK(of(Sequence().send_by(names), many).empty());
}

TEST_CASE("send check: prefer needs something to go by", "[model][check][channel]") {
  using Prefer = Send::Prefer;
  CHECK(of(Sequence().send("sms", {.prefer = Prefer::cost})) == Summary{"warning suspicious 10:3"});
  CHECK(of(Sequence().send_by({"push", "sms"}, {.prefer = Prefer::cost})).empty());
  CHECK(of(Sequence().send_by({"push", "email"}, {.prefer = Prefer::cost})) ==
        Summary{"warning suspicious 10:3"});
  CHECK(of(Sequence().send_by({"push", "email"}, {.prefer = Prefer::device})).empty());
  CHECK(of(Sequence().send_by({"sms", "email"}, {.prefer = Prefer::device})) ==
        Summary{"warning suspicious 10:3"});
  CHECK(of(Sequence().send_by({"sms", "email"}, {.prefer = Prefer::preference})).empty());
}

TEST_CASE("send check: an escalation has a next channel, a time and a receipt",
          "[model][check][channel]") {
  const auto unless = [](std::string receipt) {
    return Sequence().send_by({"push", "email"},
                              {.escalate_after = "1h", .escalate_unless = std::move(receipt)});
  };
  CHECK(of(unless("")).empty());
  CHECK(of(unless("delivered")).empty());
  CHECK(of(Sequence().send("sms", {.escalate_after = "1h"})) == Summary{"warning suspicious 10:3"});
  CHECK(of(Sequence().send_by({"push", "sms"}, {.escalate_after = "0s"})) ==
        Summary{"bad_value 10:3"});
  for (const char* receipt : {"failed", "bounced", "completed"}) {
    CHECK(of(unless(receipt)) == Summary{"warning suspicious 10:3"});
  }
  const Diagnostics found = found_with(unless("opend"));
  REQUIRE(summary(found) == Summary{"unknown_name 10:3"});
  CHECK(found[0].hint == "did you mean 'opened'?");
  CHECK(of(unless("redeemed")) == Summary{"impossible_receipt 10:3"});
  CHECK(of(Sequence().send_by({"push", "sms"},
                              {.escalate_after = "1h", .escalate_unless = "redeemed"}))
            .empty());
}

TEST_CASE("send check: a declared receipt may be that of any of the channels",
          "[model][check][channel][graph]") {
  const auto awaiting = [](std::vector<std::string> channels) {
    return Sequence()
        .send_by(std::move(channels), {.id = "ask"})
        .wait_for(receipt("redeemed", "ask"), {.within = "1h"});
  };
  CHECK(of(awaiting({"push", "sms"})).empty());
  const Diagnostics found = found_with(awaiting({"push", "email"}));
  REQUIRE(found.size() == 1);
  CHECK(found[0].message ==
        "step 'ask' goes by push or email, which declares no receipt 'redeemed'");
}

TEST_CASE("send check: a cap is about a send that may go by its channel",
          "[model][check][channel][policy]") {
  Workspace capped = staffed();
  capped.policy.caps = {{1, FrequencyCap::Per::day, 0, {{"sms"}, {}, {}}, false, {}}};
  const SendOptions hold{.on_cap = Send::OnCap::hold};
  CHECK(of(Sequence().send_by({"push", "sms"}, hold), capped).empty());
  CHECK(of(Sequence().send_by({"push", "email"}, hold), capped) ==
        Summary{"warning suspicious 10:3"});
}

TEST_CASE("send check: senders are there and send by a channel of the step",
          "[model][check][sender]") {
  const Diagnostics found = found_with(Sequence().send("sms", {.senders = {"ana"}}));
  REQUIRE(summary(found) == Summary{"unknown_name 10:3"});
  CHECK(found[0].hint == "did you mean 'anna'?");
  CHECK(of(Sequence().send("sms", {.senders = {"anna", "anna"}})) ==
        Summary{"duplicate_name 10:3"});
  CHECK(of(Sequence().send("push", {.senders = {"anna"}})) == Summary{"bad_value 10:3"});
  CHECK(of(Sequence().send_by({"push", "sms"}, {.senders = {"anna"}})).empty());
  CHECK(of(Sequence().send("sms", {.senders = {"anna"}, .operation = "visit"})) ==
        Summary{"warning suspicious 10:3"});
  CHECK(of(Sequence().send("sms", {.operation = "invite"})) == Summary{"warning suspicious 10:3"});
  CHECK(of(Sequence().send("sms", {.senders = {"anna"}, .operation = "\n"})) ==
        Summary{"bad_value 10:3"});
}

TEST_CASE("sender check: names and channels", "[model][check][sender]") {
  CHECK(found_of(anna()).empty());
  CHECK(changed([](Sender& s) { s.name.clear(); }) == Summary{"missing_key 7:3"});
  CHECK(changed([](Sender& s) { s.channel.clear(); }) == Summary{"missing_key 7:3"});
  CHECK(changed([](Sender& s) { s.channel = "smss"; }) == Summary{"unknown_name 7:3"});
  Workspace twice = shop();
  twice.senders = {anna(), anna()};
  CHECK(summary(check_one(cart_recovery(), twice)) == Summary{"duplicate_name 7:3"});
}

TEST_CASE("sender check: quotas", "[model][check][sender]") {
  CHECK(changed([](Sender& s) { s.quotas[0].max = Quota::max_max; }).empty());
  CHECK(changed([](Sender& s) { s.quotas[0].max = Quota::max_max + 1; }) ==
        Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.quotas[1].max = 0; }) == Summary{"warning suspicious 7:3"});
  CHECK(changed([](Sender& s) { s.quotas.push_back({"", 5}); }) == Summary{"duplicate_name 7:3"});
  CHECK(changed([](Sender& s) { s.quotas.push_back({"a\n", 5}); }) == Summary{"bad_value 7:3"});
}

TEST_CASE("sender check: hours, rate, warm-up and pace", "[model][check][sender]") {
  CHECK(changed([](Sender& s) { s.hours->days = {0}; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.hours->to_ms = s.hours->from_ms; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.hours->from_ms = -1; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.hours->to_ms = 24 * 3'600'000; }).empty());
  CHECK(changed([](Sender& s) { s.rate = 0; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.rate = Sender::rate_max; }).empty());
  CHECK(changed([](Sender& s) { s.rate = Sender::rate_max + 1; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.rate_per_ms = 0; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.warm_up.assign(Sender::warm_up_max, 1); }).empty());
  CHECK(changed([](Sender& s) { s.warm_up.assign(Sender::warm_up_max + 1, 1); }) ==
        Summary{"too_large 7:3"});
  CHECK(changed([](Sender& s) { s.warm_up = {5, 0}; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.warm_up = {Quota::max_max + 1}; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.pace_from_ms = s.pace_to_ms; }).empty());
  CHECK(changed([](Sender& s) { s.pace_from_ms = s.pace_to_ms + 1; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.pace_from_ms = -1; }) == Summary{"bad_value 7:3"});
  CHECK(changed([](Sender& s) { s.pace_to_ms = day_ms + 1; }) == Summary{"bad_value 7:3"});
}

TEST_CASE("channel check: a cost is a number, and not below 0", "[model][check][channel]") {
  const auto costing = [](double cost) {
    Workspace workspace = shop();
    workspace.channels.front().cost = cost;
    return summary(check_one(cart_recovery(), workspace));
  };
  CHECK(costing(0).empty());
  CHECK(costing(1e9).empty());
  CHECK(costing(-0.1) == Summary{"bad_value 0:0"});
  CHECK(costing(std::numeric_limits<double>::infinity()) == Summary{"bad_value 0:0"});
  CHECK(costing(std::numeric_limits<double>::quiet_NaN()) == Summary{"bad_value 0:0"});
  Workspace unnamed = shop();
  unnamed.channels.front().devices = {""};
  CHECK(summary(check_one(cart_recovery(), unnamed)) == Summary{"missing_key 0:0"});
}
