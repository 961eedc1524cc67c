// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/tables.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;

namespace {

LoadedWorkspace load_one(std::string_view text) {
  const std::vector<SourceFile> files{{"w.yaml", std::string(text)}};
  return load_workspace(files);
}

}  // namespace

TEST_CASE("a workspace is read whole, with the place of every part", "[yaml][workspace]") {
  const LoadedWorkspace loaded = load_one(
      "workspace: shop\n"
      "zone: Europe/Warsaw\n"
      "note: for the tests\n"
      "channels:\n"
      "  email: {address: contact.email, consent: none}\n"
      "  sms:\n"
      "    address: 'contact.phone'\n"
      "topics: [marketing, \"news\"]\n"
      "limits: {min_loop_wait: 5m, dedupe: 1d}\n");
  CHECK(text_of(loaded.diagnostics).empty());
  const Workspace& workspace = loaded.workspace;
  CHECK(workspace.name == "shop");
  CHECK(workspace.zone == "Europe/Warsaw");
  CHECK(workspace.note == "for the tests");
  CHECK(workspace.topics == Codes{"marketing", "news"});
  CHECK(workspace.min_loop_wait_ms == 300'000);
  CHECK(workspace.dedupe_ms == 86'400'000);
  REQUIRE(workspace.channels.size() == 2);
  CHECK(workspace.channels[0].name == "email");
  CHECK(workspace.channels[0].address.text == "contact.email");
  CHECK(workspace.channels[0].address.at == SourceLocation{"w.yaml", 5, 20});
  CHECK(workspace.channels[1].at == SourceLocation{"w.yaml", 6, 3});
  CHECK(workspace.channels[1].address.at == SourceLocation{"w.yaml", 7, 15});
}

TEST_CASE("what a workspace leaves out has its default", "[yaml][workspace]") {
  const LoadedWorkspace loaded = load_one("workspace: shop\n");
  CHECK(text_of(loaded.diagnostics).empty());
  CHECK(loaded.workspace.zone == "UTC");
  CHECK(loaded.workspace.min_loop_wait_ms == 60'000);
  CHECK(loaded.workspace.dedupe_ms == 7LL * 86'400'000);
}

TEST_CASE("there is exactly one workspace", "[yaml][workspace]") {
  CHECK(codes(load_workspace({}).diagnostics) == Codes{"missing_key 0:0"});
  CHECK(codes(load_one("workspace: a\n---\nworkspace: b\n").diagnostics) ==
        Codes{"duplicate_name 3:12"});
  const std::vector<SourceFile> campaign_only{{"c.yaml", campaign("  - wait: 1h\n")}};
  CHECK(codes(load_workspace(campaign_only).diagnostics) == Codes{"missing_key 0:0"});
}

TEST_CASE("a file that is neither workspace nor campaign says so", "[yaml][workspace]") {
  CHECK(codes(load("campain: x\n").diagnostics) == Codes{"missing_key 1:1"});
  CHECK(codes(load("- a\n").diagnostics) == Codes{"missing_key 1:1"});
  CHECK(codes(load("# nothing\n").diagnostics) == Codes{"missing_key 1:1"});
  CHECK(codes(load("test: t\ncampaign: c\ntimeline: []\n").diagnostics) ==
        Codes{"missing_key 1:1"});
}

TEST_CASE("an unknown key is an error with the nearest known one", "[yaml][workspace]") {
  const auto found = load_one("workspace: shop\nchanels: {}\n").diagnostics;
  REQUIRE(codes(found) == Codes{"unknown_key 2:1"});
  CHECK(found[0].message == "a workspace has no key `chanels`");
  CHECK(found[0].hint.find("'channels'") != std::string::npos);
  const auto far = load_one("workspace: shop\nlimits: {speed: 1}\n").diagnostics;
  REQUIRE(codes(far) == Codes{"unknown_key 2:10"});
  CHECK(far[0].hint == "`limits` takes: min_loop_wait, dedupe");
}

TEST_CASE("wrong shapes and values of a workspace are reported at once", "[yaml][workspace]") {
  CHECK(codes(load_one("workspace: shop\n"
                       "zone: [Europe/Warsaw]\n"
                       "channels: {email: {consent: maybe}, sms: 1}\n"
                       "topics: marketing\n"
                       "limits: {min_loop_wait: 1x, dedupe: 1M}\n")
                  .diagnostics) == Codes{"wrong_type 2:7", "missing_key 3:19", "bad_value 3:29",
                                         "wrong_type 3:42", "wrong_type 4:9", "bad_value 5:25",
                                         "bad_value 5:37"});
}

TEST_CASE("a channel may declare receipts", "[yaml][workspace]") {
  const auto loaded = load_one(
      "workspace: shop\nchannels: {li: {address: contact.li, receipts: [connected, redeemed]}}\n");
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.workspace.channels[0].receipts == std::vector<std::string>{"connected", "redeemed"});
  for (const char* name : {"opened", "opend", "event", "declared_in_a_thousand_ways"}) {
    INFO(name);
    const auto found = load_one(fmt::format(
        "workspace: shop\nchannels: {{li: {{address: contact.li, receipts: [{}]}}}}\n", name));
    CHECK(found.diagnostics.size() == (std::string_view(name).size() > 10 ? 0 : 1));
  }
  std::string many = "workspace: shop\nchannels: {li: {address: contact.li, receipts: [r1";
  for (int i = 2; i <= 22; ++i) many += fmt::format(", r{}", i);
  CHECK(load_one(many + "]}}\n").diagnostics.empty());
  CHECK(codes(load_one(many + ", r23]}}\n").diagnostics) == Codes{"too_large 2:11"});
}

TEST_CASE("holidays are ISO dates", "[yaml][workspace]") {
  const auto loaded = load_one("workspace: shop\nholidays: [2026-12-25, \"2026-12-26\"]\n");
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.workspace.holidays == std::vector<std::string>{"2026-12-25", "2026-12-26"});
  const auto bad = load_one("workspace: shop\nholidays: [2026-12-25, Christmas]\n").diagnostics;
  REQUIRE(codes(bad) == Codes{"bad_value 2:11"});
  CHECK(bad[0].message.find("Christmas") != std::string::npos);
}

TEST_CASE("keys of a workspace that come later are refused, not ignored", "[yaml][later]") {
  for (const yaml::Field& field : yaml::workspace_table.fields) {
    const auto found = load_one(fmt::format("workspace: shop\n{}: 1\n", field.key)).diagnostics;
    INFO(field.key);
    if (field.later.empty()) continue;
    REQUIRE(codes(found) == Codes{"not_supported_yet 2:1"});
    CHECK(found[0].hint == field.later);
  }
  for (const yaml::Field& field : yaml::channel_table.fields) {
    INFO(field.key);
    if (field.later.empty()) continue;
    const auto found = load_one(fmt::format("workspace: shop\n"
                                            "channels:\n"
                                            "  email: {{address: contact.email, {}: 1}}\n",
                                            field.key))
                           .diagnostics;
    REQUIRE(codes(found) == Codes{"not_supported_yet 3:35"});
  }
}

TEST_CASE("the order of the files never matters", "[yaml][workspace]") {
  std::vector<SourceFile> files{{"workspace.yaml", std::string(shop)},
                                {"b.yaml",
                                 "campaign: b\nentry: [host]\nsteps:\n  - send: email\n---\n"
                                 "campaign: a\nversion: 2\nentry: [host]\nsteps:\n  - sendd: x\n"},
                                {"a.yaml", "campaign: a\nentry: [host]\nsteps:\n  - send: post\n"}};
  const LoadedWorkspace first = load_workspace(files);
  REQUIRE(first.campaigns.size() == 3);
  CHECK(first.campaigns[0].name == "a");
  CHECK(first.campaigns[0].version == 1);
  CHECK(first.campaigns[1].version == 2);
  CHECK(first.campaigns[2].name == "b");
  CHECK(codes(first.diagnostics) == Codes{"unknown_name 4:11", "unknown_key 10:5"});
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  do {
    const LoadedWorkspace other = load_workspace(files);
    CHECK(text_of(other.diagnostics) == text_of(first.diagnostics));
    REQUIRE(other.campaigns.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(other.campaigns[i].at == first.campaigns[i].at);
  } while (std::next_permutation(
      files.begin(), files.end(),
      [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; }));
}
