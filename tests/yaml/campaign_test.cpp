// SPDX-License-Identifier: Apache-2.0
#include "model/model_codec.hpp"
#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/tables.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;

namespace {

constexpr std::string_view cart_recovery =
    "campaign: cart-recovery\n"                                                          // 1
    "version: 3\n"                                                                       // 2
    "topic: marketing\n"                                                                 // 3
    "priority: 60\n"                                                                     // 4
    "zone: Europe/Paris\n"                                                               // 5
    "note: who leaves a cart behind\n"                                                   // 6
    "entry:\n"                                                                           // 7
    "  - event: cart_abandoned\n"                                                        // 8
    "    when: event.total >= 50.0\n"                                                    // 9
    "    key: event.cart_id\n"                                                           // 10
    "  - host\n"                                                                         // 11
    "reentry: after 7d since entry\n"                                                    // 12
    "while_running: another\n"                                                           // 13
    "goals:\n"                                                                           // 14
    "  order: {event: order_placed, when: event.cart_id == journey.key,\n"               // 15
    "          value: event.total, within: 7d, exits: true}\n"                           // 16
    "  thanked: {}\n"                                                                    // 17
    "exits:\n"                                                                           // 18
    "  - {event: cart_emptied, when: event.cart_id == journey.key}\n"                    // 19
    "  - condition: contact.tier == \"gold\"\n"                                          // 20
    "  - {complained: any}\n"                                                            // 21
    "steps:\n"                                                                           // 22
    "  - wait: 1h\n"                                                                     // 23
    "  - send: email\n"                                                                  // 24
    "    id: reminder\n"                                                                 // 25
    "    template: cart-reminder\n"                                                      // 26
    "    data: {total: =entry.total, campaign: spring, lines: [1, 2.5]}\n"               // 27
    "  - wait_for: {opened: reminder}\n"                                                 // 28
    "    within: 24h\n"                                                                  // 29
    "    then:\n"                                                                        // 30
    "      - {goal: thanked, value: \"1.5\"}\n"                                          // 31
    "    else:\n"                                                                        // 32
    "      - exit: cold\n"                                                               // 33
    "  - id: finale\n"                                                                   // 34
    "    split:\n"                                                                       // 35
    "      - {variant: coupon, weight: 50, steps: [{send: email, template: coupon}]}\n"  // 36
    "      - {variant: control, weight: 50}\n";                                          // 37

Expression cel(std::string text) { return {std::move(text), {}}; }

Step step(std::string id, Step::Kind kind) {
  Step result;
  result.id = std::move(id);
  result.kind = std::move(kind);
  return result;
}

// The same campaign, written in C++.
Campaign expected_campaign() {
  Campaign c;
  c.name = "cart-recovery";
  c.version = 3;
  c.topic = "marketing";
  c.priority = 60;
  c.zone = "Europe/Paris";
  c.note = "who leaves a cart behind";
  c.entries.push_back(
      {Entry::Kind::event, "cart_abandoned", cel("event.total >= 50.0"), cel("event.cart_id"), {}});
  c.entries.push_back({Entry::Kind::host, "", {}, {}, {}});
  c.reentry = {Reentry::Kind::after, 7LL * 86'400'000, true};
  c.while_running = WhileRunning::another;
  Trigger ordered;
  ordered.event = "order_placed";
  c.goals.push_back({"order",
                     ordered,
                     cel("event.cart_id == journey.key"),
                     cel("event.total"),
                     7LL * 86'400'000,
                     true,
                     {}});
  c.goals.push_back({"thanked", {}, {}, {}, {}, false, {}});
  Trigger emptied;
  emptied.event = "cart_emptied";
  Trigger gold;
  gold.kind = Trigger::Kind::condition;
  gold.condition = cel("contact.tier == \"gold\"");
  Trigger complained;
  complained.kind = Trigger::Kind::receipt;
  complained.receipt = Receipt::complained;
  complained.step = "any";
  c.exits.push_back({emptied, cel("event.cart_id == journey.key"), {}});
  c.exits.push_back({gold, {}, {}});
  c.exits.push_back({complained, {}, {}});

  Wait hour;
  hour.form = Wait::For{{0, 0, 3'600'000}};
  Send reminder{.channel = "email", .template_name = "cart-reminder"};
  reminder.data.push_back({"total", {}, cel("entry.total"), {}});
  reminder.data.push_back({"campaign", "spring", {}, {}});
  reminder.data.push_back({"lines", Value::List{1, 2.5}, {}, {}});
  WaitFor opened;
  Trigger trigger;
  trigger.kind = Trigger::Kind::receipt;
  trigger.receipt = Receipt::opened;
  trigger.step = "reminder";
  opened.cases.push_back({trigger, {}, "", {}, {}});
  opened.within_ms = 86'400'000;
  opened.then.push_back(step("goal-1", ReachGoal{"thanked", cel("1.5")}));
  opened.otherwise.push_back(step("exit-1", Exit{"cold"}));
  Split finale;
  finale.variants.push_back(
      {"coupon", 50, {step("send-2", Send{.channel = "email", .template_name = "coupon"})}, {}});
  finale.variants.push_back({"control", 50, {}, {}});
  c.steps = {step("wait-1", hour), step("reminder", reminder), step("wait_for-1", opened),
             step("finale", finale)};
  c.steps[1].named = true;
  c.steps[3].named = true;
  return c;
}

base::Bytes bytes_of(const Workspace& workspace, std::span<const Campaign> campaigns) {
  base::Bytes bytes;
  model::encode(workspace, campaigns, bytes);
  return bytes;
}

std::string head(std::string_view lines) {
  return fmt::format("campaign: c\nentry: [host]\nsteps: [{{send: email}}]\n{}", lines);
}

}  // namespace

TEST_CASE("a campaign file and the same campaign in C++ are one", "[yaml][campaign]") {
  const LoadedWorkspace loaded = load(cart_recovery);
  CHECK(text_of(loaded.diagnostics).empty());
  const std::vector<Campaign> expected{expected_campaign()};
  CHECK(bytes_of(loaded.workspace, loaded.campaigns) == bytes_of(loaded.workspace, expected));
}

TEST_CASE("everything in a campaign knows its place", "[yaml][campaign]") {
  const Campaign c = load(cart_recovery).campaigns.at(0);
  CHECK(c.at == SourceLocation{"c.yaml", 1, 1});
  CHECK(c.entries[0].at == SourceLocation{"c.yaml", 8, 5});
  CHECK(c.entries[0].when.at == SourceLocation{"c.yaml", 9, 11});
  CHECK(c.entries[1].at == SourceLocation{"c.yaml", 11, 5});
  CHECK(c.goals[0].at == SourceLocation{"c.yaml", 15, 3});
  CHECK(c.goals[0].value.at == SourceLocation{"c.yaml", 16, 18});
  CHECK(c.exits[1].trigger.at == SourceLocation{"c.yaml", 20, 16});
  CHECK(c.steps[1].at == SourceLocation{"c.yaml", 24, 5});
  const auto& send = std::get<Send>(c.steps[1].kind);
  CHECK(send.data[0].at == SourceLocation{"c.yaml", 27, 12});
  CHECK(send.data[0].expression.at == SourceLocation{"c.yaml", 27, 20});
  const auto& wait = std::get<WaitFor>(c.steps[2].kind);
  CHECK(std::get<ReachGoal>(wait.then[0].kind).value.at == SourceLocation{"c.yaml", 31, 33});
  CHECK(std::get<Split>(c.steps[3].kind).variants[1].at == SourceLocation{"c.yaml", 37, 9});
}

TEST_CASE("what a campaign leaves out has its default", "[yaml][campaign]") {
  const Campaign c = load(head("")).campaigns.at(0);
  CHECK(c.version == 1);
  CHECK(c.priority == 50);
  CHECK(c.reentry.kind == Reentry::Kind::always);
  CHECK(c.while_running == WhileRunning::ignore);
}

TEST_CASE("reentry is never, always, or after a duration", "[yaml][campaign]") {
  const auto reentry = [](std::string_view text) {
    const LoadedWorkspace loaded = load(head(fmt::format("reentry: {}\n", text)));
    CHECK(loaded.diagnostics.empty());
    return loaded.campaigns.at(0).reentry;
  };
  CHECK(reentry("never").kind == Reentry::Kind::never);
  CHECK(reentry("always").kind == Reentry::Kind::always);
  CHECK(reentry("after 36h").after_ms == 36 * 3'600'000);
  CHECK_FALSE(reentry("after 36h").since_entry);
  CHECK(reentry("\"after 1d since entry\"").since_entry);
  for (const char* wrong : {"sometimes", "7d", "after soon", "after 1M", "after 7d since birth"}) {
    INFO(wrong);
    CHECK(codes(load(head(fmt::format("reentry: {}\n", wrong))).diagnostics) ==
          Codes{"bad_value 4:10"});
  }
}

TEST_CASE("a host entry is a word, or a key that is true or empty", "[yaml][campaign]") {
  for (const char* host : {"[host]", "[{host: true}]", "[{host: }]"}) {
    const LoadedWorkspace loaded =
        load(fmt::format("campaign: c\nentry: {}\nsteps: [{{send: email}}]\n", host));
    INFO(host);
    CHECK(loaded.diagnostics.empty());
    CHECK(loaded.campaigns.at(0).entries.at(0).kind == Entry::Kind::host);
  }
  const auto entry_codes = [](std::string_view entry) {
    return codes(
        load(fmt::format("campaign: c\nentry: {}\nsteps: [{{send: email}}]\n", entry)).diagnostics);
  };
  CHECK(entry_codes("[{host: false}]") == Codes{"bad_value 2:16"});
  CHECK(entry_codes("[{event: a, host: true}]") == Codes{"bad_value 2:20"});
  CHECK(entry_codes("[{when: contact.a}]") == Codes{"missing_key 2:9"});
  CHECK(entry_codes("[3]") == Codes{"wrong_type 2:9"});
  CHECK(entry_codes("host") == Codes{"wrong_type 2:8"});
  CHECK(entry_codes("[{event: [a]}]") == Codes{"wrong_type 2:17"});
}

TEST_CASE("goals and exits take one trigger", "[yaml][campaign]") {
  CHECK(codes(load(head("goals: {g: {event: a, opened: any}}\n")).diagnostics) ==
        Codes{"bad_value 4:23"});
  CHECK(codes(load(head("exits: [{when: contact.a}]\n")).diagnostics) == Codes{"missing_key 4:9"});
  CHECK(codes(load(head("exits: [{evnt: a}]\n")).diagnostics) == Codes{"unknown_key 4:10"});
  CHECK(codes(load(head("exits: [x]\n")).diagnostics) == Codes{"wrong_type 4:9"});
  CHECK(codes(load(head("goals: [g]\n")).diagnostics) == Codes{"wrong_type 4:8"});
  CHECK(codes(load(head("goals: {g: {event: a, exits: yes}}\n")).diagnostics) ==
        Codes{"bad_value 4:30"});
}

TEST_CASE("goals and exits hear of the account, by a receipt or an event", "[yaml][campaign]") {
  const LoadedWorkspace loaded =
      load(head("exits: [{account: replied}, {account: left, when: event.why == 1}]\n"));
  CHECK(codes(loaded.diagnostics).empty());
  const std::vector<ExitRule>& exits = loaded.campaigns.at(0).exits;
  CHECK(exits.at(0).trigger.account);
  CHECK(exits.at(0).trigger.kind == Trigger::Kind::receipt);
  CHECK(exits.at(0).trigger.step == "any");
  CHECK(exits.at(1).trigger.account);
  CHECK(exits.at(1).trigger.event == "left");
  CHECK(codes(load(head("exits: [{account: replied, event: x}]\n")).diagnostics) ==
        Codes{"bad_value 4:28"});
}

TEST_CASE("a wait hears of its own contact only", "[yaml][campaign]") {
  const auto found = [](const std::string& step) {
    return codes(load("campaign: c\nentry: [{event: a}]\nsteps:\n  - " + step + "\n").diagnostics);
  };
  CHECK(found("{wait_for: {account: replied}}") == Codes{"unknown_key 4:17"});
  CHECK(found("{wait_for: {event: b}, within: 1h, reset_on: {account: replied}}") ==
        Codes{"bad_value 4:60"});
}

TEST_CASE("numbers and words of a campaign's head are tested", "[yaml][campaign]") {
  CHECK(codes(load(head("priority: 101\n")).diagnostics) == Codes{"bad_value 4:11"});
  CHECK(codes(load(head("priority: 1.5\n")).diagnostics) == Codes{"bad_value 4:11"});
  CHECK(codes(load(head("version: 0\n")).diagnostics) == Codes{"bad_value 4:10"});
  CHECK(codes(load(head("version: \"1\"\n")).diagnostics) == Codes{"bad_value 4:10"});
  CHECK(codes(load(head("version: 4294967296\n")).diagnostics) == Codes{"bad_value 4:10"});
  CHECK(codes(load(head("while_running: wait\n")).diagnostics) == Codes{"bad_value 4:16"});
  CHECK(codes(load("campaign: c\n").diagnostics) == Codes{"missing_key 1:1", "missing_key 1:1"});
}

TEST_CASE("keys of campaigns, entries and triggers that come later are refused", "[yaml][later]") {
  for (const yaml::Field& field : yaml::campaign_table.fields) {
    if (field.later.empty()) continue;
    INFO(field.key);
    const auto found = load(head(fmt::format("{}: {{a: b}}\n", field.key))).diagnostics;
    REQUIRE(codes(found) == Codes{"not_supported_yet 4:1"});
    CHECK(found[0].hint == field.later);
  }
  for (const yaml::Field& field : yaml::entry_table.fields) {
    if (field.later.empty()) continue;
    INFO(field.key);
    CHECK(codes(load(fmt::format("campaign: c\nentry:\n  - {}: x\nsteps: [{{send: email}}]\n",
                                 field.key))
                    .diagnostics) == Codes{"not_supported_yet 3:5"});
  }
  for (const yaml::Field& field : yaml::goal_table.fields) {
    if (field.later.empty()) continue;
    INFO(field.key);
    CHECK(codes(load(head(fmt::format("goals:\n  g: {{{}: x}}\n", field.key))).diagnostics) ==
          Codes{"not_supported_yet 5:7"});
    CHECK(codes(load(head(fmt::format("exits:\n  - {}: x\n", field.key))).diagnostics) ==
          Codes{"not_supported_yet 5:5"});
  }
}

TEST_CASE("what the reader and what check() find is reported together", "[yaml][campaign]") {
  CHECK(codes(load("campaign: c\n"
                   "colour: red\n"
                   "entry: [{event: join, when: event.}]\n"
                   "steps:\n"
                   "  - send: post\n"
                   "  - goto: nowhere\n")
                  .diagnostics)
            .size() == 4);
}

TEST_CASE("what is only an echo of a part that could not be read is left out", "[yaml][campaign]") {
  CHECK(codes(load("campaign: c\n"
                   "entry: [host]\n"
                   "steps:\n"
                   "  - {digst: 1h, id: call}\n"
                   "  - {send: email, when: contact.a ==}\n"
                   "  - goto: call\n")
                  .diagnostics) == Codes{"unknown_key 4:6", "condition_syntax 5:37"});
}
