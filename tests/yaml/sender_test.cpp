// SPDX-License-Identifier: Apache-2.0
// Channels to choose from, and the accounts that messages are sent from.
#include "itinera/sender.hpp"

#include "itinera/time.hpp"
#include "model/model_codec.hpp"
#include "support/catch.hpp"
#include "yaml/support.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;
using Names = std::vector<std::string>;

namespace {

// Line 2 has the channels, line 4 begins with what `anna` is.
LoadedWorkspace with_sender(std::string_view anna) {
  return load_workspace(std::vector<SourceFile>{
      {"w.yaml", fmt::format("workspace: shop\n"
                             "channels: {{linkedin: {{address: contact.li}}}}\n"
                             "senders:\n"
                             "  anna: {}\n",
                             anna)}});
}

Sender sender(std::string_view anna) {
  const LoadedWorkspace loaded = with_sender(anna);
  INFO(text_of(loaded.diagnostics));
  REQUIRE(loaded.diagnostics.empty());
  return loaded.workspace.senders.at(0);
}

Codes wrong_with(std::string_view anna) { return codes(with_sender(anna).diagnostics); }

std::string hint_of(std::string_view anna) {
  const Diagnostics found = with_sender(anna).diagnostics;
  REQUIRE(found.size() == 1);
  return found[0].hint;
}

constexpr std::string_view shop_of_three =
    "workspace: shop\n"
    "channels:\n"
    "  push: {address: contact.push, cost: 0.001, devices: [mobile, tablet]}\n"
    "  sms: {address: contact.phone, cost: 0.04}\n"
    "  linkedin: {address: contact.li, delivery: push, receipts: [connected]}\n"
    "senders:\n"
    "  anna: {channel: linkedin, quota: {per: day, invite: 20}}\n"
    "  ben: {channel: linkedin}\n";

Send only_send(std::string_view step) {
  const LoadedWorkspace loaded = load(campaign(step), shop_of_three);
  INFO(text_of(loaded.diagnostics));
  REQUIRE(loaded.diagnostics.empty());
  return std::get<Send>(loaded.campaigns.front().steps.front().kind);
}

Codes found_in(std::string_view step) {
  return codes(load(campaign(step), shop_of_three).diagnostics);
}

void check_back(const Workspace& workspace) {
  const Result<std::string> text = to_yaml(workspace);
  REQUIRE(text.has_value());
  INFO(*text);
  const LoadedWorkspace back = load_workspace(std::vector<SourceFile>{{"w.yaml", *text}});
  CHECK(text_of(back.diagnostics).empty());
  base::Bytes before;
  base::Bytes after;
  model::encode(workspace, {}, before);
  model::encode(back.workspace, {}, after);
  CHECK(before == after);
}

}  // namespace

TEST_CASE("channels have a cost, devices and a delivery", "[yaml][channel]") {
  const LoadedWorkspace loaded =
      load_workspace(std::vector<SourceFile>{{"w.yaml", std::string(shop_of_three)}});
  CHECK(text_of(loaded.diagnostics).empty());
  const std::vector<Channel>& channels = loaded.workspace.channels;
  REQUIRE(channels.size() == 3);
  CHECK(channels[0].cost == 0.001);
  CHECK(channels[0].devices == Names{"mobile", "tablet"});
  CHECK(channels[1].cost == 0.04);
  CHECK(channels[1].devices.empty());
  CHECK(channels[2].cost == 0);
  CHECK(channels[2].delivery == Channel::Delivery::push);
  check_back(loaded.workspace);
  const auto found = [](std::string_view rest) {
    return codes(load_workspace(
                     std::vector<SourceFile>{{"w.yaml", fmt::format("workspace: w\nchannels:\n  a: "
                                                                    "{{address: contact.a, {}}}\n",
                                                                    rest)}})
                     .diagnostics);
  };
  CHECK(found("cost: 2").empty());
  CHECK(found("cost: -0.5") == Codes{"bad_value 3:3"});
  CHECK(found("cost: much") == Codes{"bad_value 3:33"});
  CHECK(found("cost: \"2\"") == Codes{"bad_value 3:33"});
  CHECK(found("cost: true") == Codes{"bad_value 3:33"});
  CHECK(found("cost: .5") == Codes{"bad_value 3:33"});
  CHECK(found("cost: [1]") == Codes{"wrong_type 3:33"});
  CHECK(found("devices: mobile") == Codes{"wrong_type 3:36"});
  CHECK(found("delivery: pull").empty());
  CHECK(found("delivery: fetch") == Codes{"bad_value 3:37"});
  CHECK(found("delivery: mail") == Codes{"bad_value 3:37"});
}

TEST_CASE("senders say all that an account bears", "[yaml][sender]") {
  const Sender anna = sender(
      "{channel: linkedin, quota: {per: day, all: 80, invite: 20, visit: 40},\n"
      "         hours: \"Mon-Fri 09:00-17:00\", zone: Europe/Paris, rate: 1/m,\n"
      "         warm_up: {day: [20, 40, 80]}, pace: 40s..180s}");
  CHECK(anna.name == "anna");
  CHECK(anna.channel == "linkedin");
  REQUIRE(anna.quotas.size() == 3);
  CHECK(anna.quotas[0].operation.empty());
  CHECK(anna.quotas[0].max == 80);
  CHECK(anna.quotas[1].operation == "invite");
  CHECK(anna.quotas[1].max == 20);
  CHECK(anna.quotas[2].operation == "visit");
  CHECK(anna.hours == Window{9 * 3'600'000, 17 * 3'600'000, {0x1F}});
  CHECK(anna.zone == "Europe/Paris");
  CHECK(anna.rate == 1);
  CHECK(anna.rate_per_ms == minute_ms);
  CHECK(anna.warm_up == std::vector<std::uint32_t>{20, 40, 80});
  CHECK(anna.pace_from_ms == 40 * second_ms);
  CHECK(anna.pace_to_ms == 180 * second_ms);
  CHECK(anna.at == SourceLocation{"w.yaml", 4, 3});
}

TEST_CASE("senders bear anything where nothing is said", "[yaml][sender]") {
  const Sender anna = sender("{channel: linkedin}");
  CHECK(anna.quotas.empty());
  CHECK_FALSE(anna.hours.has_value());
  CHECK(anna.zone.empty());
  CHECK(anna.rate == 0);
  CHECK(anna.warm_up.empty());
  CHECK(anna.pace_to_ms == 0);
  CHECK(sender("{channel: linkedin, hours: \"09:00-17:00\"}").hours->days == Weekdays());
  CHECK(sender("{channel: linkedin, rate: 500/h}").rate_per_ms == hour_ms);
  CHECK(sender("{channel: linkedin, rate: 3/s}").rate == 3);
  const Sender even = sender("{channel: linkedin, pace: 1m}");
  CHECK(even.pace_from_ms == minute_ms);
  CHECK(even.pace_to_ms == minute_ms);
}

TEST_CASE("senders come back from YAML", "[yaml][sender][format]") {
  for (const char* anna :
       {"{channel: linkedin}",
        "{channel: linkedin, quota: {per: day, invite: 20, all: 80}, pace: 1m}",
        "{channel: linkedin, hours: \"Mon-Fri 22:00-06:30\", zone: Europe/Paris, rate: 100/m}",
        "{channel: linkedin, hours: \"Mon-Fri 00:00-24:00\"}",
        "{channel: linkedin, hours: \"09:00-17:00\", warm_up: {day: [5]}, pace: 40s..1h}"}) {
    INFO(anna);
    LoadedWorkspace loaded = with_sender(anna);
    CHECK(text_of(loaded.diagnostics).empty());
    if (loaded.workspace.senders.front().quotas.size() < 2) {
      check_back(loaded.workspace);
    } else {
      CHECK(to_yaml(loaded.workspace)->find("{per: day, all: 80, invite: 20}") !=
            std::string::npos);
    }
    // What the format has no words for is refused, not lost.
    loaded.workspace.senders.front().rate = 5;
    loaded.workspace.senders.front().rate_per_ms = 7;
    CHECK_FALSE(to_yaml(loaded.workspace).has_value());
  }
}

TEST_CASE("senders: each wrong word has its place and a hint", "[yaml][sender]") {
  CHECK(wrong_with("{quota: {per: day, all: 1}}") == Codes{"missing_key 4:9"});
  CHECK(wrong_with("{channel: linkdin}") == Codes{"unknown_name 4:3"});
  CHECK(hint_of("{channel: linkdin}") == "did you mean 'linkedin'?");
  CHECK(wrong_with("{channel: linkedin, quotas: 1}") == Codes{"unknown_key 4:29"});

  CHECK(wrong_with("{channel: linkedin, quota: 80}") == Codes{"wrong_type 4:36"});
  CHECK(wrong_with("{channel: linkedin, quota: {all: 80}}") == Codes{"missing_key 4:36"});
  CHECK(wrong_with("{channel: linkedin, quota: {per: day}}") == Codes{"bad_value 4:36"});
  CHECK(wrong_with("{channel: linkedin, quota: {per: week, all: 80}}") == Codes{"bad_value 4:42"});
  CHECK(hint_of("{channel: linkedin, quota: {per: 1h, all: 80}}").find("per: day") !=
        std::string::npos);
  CHECK(wrong_with("{channel: linkedin, quota: {per: day, all: many}}") == Codes{"bad_value 4:52"});
  CHECK(wrong_with("{channel: linkedin, quota: {per: day, invite: 1000001}}") ==
        Codes{"bad_value 4:55"});
  CHECK(wrong_with("{channel: linkedin, quota: {per: day, invite: [1]}}") ==
        Codes{"wrong_type 4:55"});
  CHECK(wrong_with("{channel: linkedin, quota: {per: day, all: 0}}") == Codes{"?suspicious 4:3"});

  CHECK(wrong_with("{channel: linkedin, hours: Mon-Fri}") == Codes{"bad_value 4:36"});
  CHECK(wrong_with("{channel: linkedin, hours: \"09:00-09:00\"}") == Codes{"bad_value 4:36"});
  for (const char* rate : {"fast", "0/s", "3", "3/d", "3/min", "-1/s", "99999999999/s", "1001/s"}) {
    INFO(rate);
    CHECK(wrong_with(fmt::format("{{channel: linkedin, rate: {}}}", rate)).size() == 1);
  }
  CHECK(hint_of("{channel: linkedin, rate: 80/d}").find("quota") != std::string::npos);
  CHECK(wrong_with("{channel: linkedin, warm_up: [20]}") == Codes{"wrong_type 4:38"});
  CHECK(wrong_with("{channel: linkedin, warm_up: {day: 20}}") == Codes{"wrong_type 4:44"});
  CHECK(wrong_with("{channel: linkedin, warm_up: {day: []}}") == Codes{"bad_value 4:44"});
  CHECK(wrong_with("{channel: linkedin, warm_up: {week: [1]}}").size() == 2);
  CHECK(wrong_with("{channel: linkedin, warm_up: {day: [20, 0]}}") == Codes{"bad_value 4:3"});
  for (const char* pace : {"slow", "40s..", "..40s", "40s..3m..5m", "3m..40s", "1M..2M"}) {
    INFO(pace);
    CHECK(wrong_with(fmt::format("{{channel: linkedin, pace: {}}}", pace)).size() == 1);
  }
}

TEST_CASE("send names several channels, and how one is chosen", "[yaml][step][channel]") {
  const Send send = only_send(
      "  - {send: [push, sms, linkedin], prefer: engaged, escalate: {after: 2h, unless: clicked},\n"
      "     sender: [anna, ben], operation: invite}\n");
  CHECK(send.channel == "push");
  CHECK(send.alternatives == Names{"sms", "linkedin"});
  CHECK(send.prefer == Send::Prefer::engaged);
  REQUIRE(send.escalate.has_value());
  CHECK(send.escalate->after_ms == 2 * hour_ms);
  CHECK(send.escalate->unless == Receipt::clicked);
  CHECK(send.senders == Names{"anna", "ben"});
  CHECK(send.operation == "invite");

  const Send one = only_send("  - send: [sms]\n");
  CHECK(one.channel == "sms");
  CHECK(one.alternatives.empty());
  CHECK(one.prefer == Send::Prefer::listed);
  CHECK_FALSE(one.escalate.has_value());
  CHECK(one.senders.empty());
  CHECK(only_send("  - {send: linkedin, sender: anna}\n").senders == Names{"anna"});

  constexpr Send::Prefer prefers[] = {Send::Prefer::listed, Send::Prefer::preference,
                                      Send::Prefer::engaged, Send::Prefer::device,
                                      Send::Prefer::cost};
  const char* const words[] = {"listed", "preference", "engaged", "device", "cost"};
  for (std::size_t i = 0; i < std::size(words); ++i) {
    INFO(words[i]);
    CHECK(only_send(fmt::format("  - {{send: [push, sms], prefer: {}}}\n", words[i])).prefer ==
          prefers[i]);
  }
  const Send usual = only_send("  - {send: [push, sms], escalate: {after: 1d}}\n");
  CHECK(usual.escalate->after_ms == day_ms);
  CHECK(usual.escalate->unless == Receipt::opened);
  const Send connected =
      only_send("  - {send: [push, linkedin], escalate: {after: 1d, unless: connected}}\n");
  CHECK(connected.escalate->unless == Receipt::declared);
  CHECK(connected.escalate->declared == "connected");
}

TEST_CASE("send: what is wrong with its channels and accounts has its place",
          "[yaml][step][channel]") {
  CHECK(found_in("  - send: []\n") == Codes{"bad_value 5:11"});
  CHECK(found_in("  - send: [push, pussh]\n") == Codes{"unknown_name 5:11"});
  CHECK(found_in("  - send: [push, push]\n") == Codes{"duplicate_name 5:11"});
  CHECK(found_in("  - send: [push, [sms]]\n") == Codes{"wrong_type 5:18"});
  CHECK(found_in("  - {send: [push, sms], prefer: cheap}\n") == Codes{"bad_value 5:33"});
  CHECK(found_in("  - {send: push, prefer: cost}\n") == Codes{"?suspicious 5:26"});
  CHECK(found_in("  - {send: [sms, linkedin], prefer: device}\n") == Codes{"?suspicious 5:37"});
  CHECK(found_in("  - {send: push, escalate: {after: 2h}}\n") == Codes{"?suspicious 5:28"});
  CHECK(found_in("  - {send: [push, sms], escalate: 2h}\n") == Codes{"wrong_type 5:35"});
  CHECK(found_in("  - {send: [push, sms], escalate: {unless: opened}}\n") ==
        Codes{"missing_key 5:35"});
  CHECK(found_in("  - {send: [push, sms], escalate: {after: 0s}}\n") == Codes{"bad_value 5:35"});
  CHECK(found_in("  - {send: [push, sms], escalate: {after: soon}}\n") == Codes{"bad_value 5:43"});
  CHECK(found_in("  - {send: [push, sms], escalate: {after: 1h, unless: opend}}\n") ==
        Codes{"unknown_name 5:35"});
  CHECK(found_in("  - {send: [push, sms], escalate: {after: 1h, unless: connected}}\n") ==
        Codes{"impossible_receipt 5:35"});
  CHECK(found_in("  - {send: linkedin, sender: ana}\n") == Codes{"unknown_name 5:30"});
  CHECK(found_in("  - {send: [push, sms], sender: anna}\n") == Codes{"bad_value 5:33"});
  CHECK(found_in("  - {send: linkedin, sender: []}\n") == Codes{"bad_value 5:30"});
  CHECK(found_in("  - {send: linkedin, sender: anna, operation: visit}\n") ==
        Codes{"?suspicious 5:47"});
  CHECK(found_in("  - {send: linkedin, operation: invite}\n") == Codes{"?suspicious 5:33"});
}

TEST_CASE("send: channels and accounts come back from YAML", "[yaml][step][channel][format]") {
  for (const char* step :
       {"  - {send: [push, sms, linkedin], prefer: cost, escalate: {after: 2h}}\n",
        "  - {send: [push, linkedin], escalate: {after: 90m, unless: connected}}\n",
        "  - {send: linkedin, sender: [anna, ben], operation: invite}\n",
        "  - {send: [linkedin, sms], sender: anna, prefer: preference}\n"}) {
    INFO(step);
    const Campaign read = load(campaign(step), shop_of_three).campaigns.front();
    const Result<std::string> text = to_yaml(read);
    REQUIRE(text.has_value());
    CHECK(model::same_content(load(*text, shop_of_three).campaigns.front(), read));
  }
}
