// SPDX-License-Identifier: Apache-2.0
// Consent rules, the policy of a workspace, and what campaigns and sends say of theirs.
#include "itinera/policy.hpp"

#include "itinera/time.hpp"
#include "model/model_codec.hpp"
#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/test_file.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;
using Names = std::vector<std::string>;

namespace {

// A workspace with `rules` (indented by two) as its policy, and two campaigns to speak of.
LoadedWorkspace ruled(std::string_view rules) {
  const std::vector<SourceFile> files{
      {"w.yaml",
       fmt::format(
           "workspace: shop\n"
           "channels: {{email: {{address: contact.email}}, sms: {{address: contact.sms}}}}\n"
           "topics: [news, marketing]\n"
           "policy:\n{}",
           rules)},
      {"a.yaml", "campaign: a\nentry: [host]\nsteps: [{send: email}]\n"},
      {"b.yaml", "campaign: b\nentry: [host]\nsteps: [{send: email}]\n"}};
  return load_workspace(files);
}

Codes wrong_with(std::string_view rules) { return codes(ruled(rules).diagnostics); }

// Written as YAML and read again, which must change nothing.
std::string written(const Workspace& workspace) {
  const Result<std::string> text = to_yaml(workspace);
  REQUIRE(text.has_value());
  const LoadedWorkspace back = load_workspace(std::vector<SourceFile>{{"w.yaml", *text}});
  base::Bytes before;
  base::Bytes after;
  model::encode(workspace, {}, before);
  model::encode(back.workspace, {}, after);
  CHECK(before == after);
  return *text;
}

template <class Kind>
Kind only_step(std::string_view step) {
  const LoadedWorkspace loaded = load(campaign(step));
  INFO(text_of(loaded.diagnostics));
  REQUIRE_FALSE(has_errors(loaded.diagnostics));
  return std::get<Kind>(loaded.campaigns.front().steps.front().kind);
}

}  // namespace

TEST_CASE("policy: a channel says whose word it needs", "[yaml][policy]") {
  using Rule = Channel::ConsentRule;
  const LoadedWorkspace loaded = load_workspace(std::vector<SourceFile>{
      {"w.yaml",
       "workspace: shop\nchannels:\n"
       "  a: {address: contact.a, consent: opt_in}\n  b: {address: contact.b, consent: opt_out}\n"
       "  c: {address: contact.c, consent: none}\n  d: {address: contact.d}\n"}});
  CHECK(loaded.diagnostics.empty());
  const std::vector<Channel>& channels = loaded.workspace.channels;
  REQUIRE(channels.size() == 4);
  CHECK(channels[0].consent == Rule::opt_in);
  CHECK(channels[1].consent == Rule::opt_out);
  CHECK(channels[2].consent == Rule::none);
  CHECK(channels[3].consent == Rule::none);
  CHECK(written(loaded.workspace).find("a: {address: contact.a, consent: opt_in}") !=
        std::string::npos);
}

TEST_CASE("policy: quiet hours are a mapping or a list", "[yaml][policy][S14]") {
  const LoadedWorkspace one = ruled("  quiet_hours: {from: \"21:00\", to: \"08:00\"}\n");
  CHECK(text_of(one.diagnostics).empty());
  REQUIRE(one.workspace.policy.quiet_hours.size() == 1);
  const QuietHours& plain = one.workspace.policy.quiet_hours.front();
  CHECK(plain.window == Window{21 * 3'600'000, 8 * 3'600'000, Weekdays()});
  CHECK(plain.about.channels.empty());
  CHECK_FALSE(plain.holidays);
  CHECK(plain.zone.empty());
  CHECK(plain.at == SourceLocation{"w.yaml", 5, 16});

  const LoadedWorkspace two = ruled(
      "  quiet_hours:\n"
      "    - {from: \"21:00\", to: \"08:00\", days: Mon-Fri, channels: [sms, email], topic: news,\n"
      "       campaigns: a, holidays: true, zone: contact}\n"
      "    - {from: \"12:00\", to: \"13:00\", channel: sms, zone: Europe/Paris}\n");
  CHECK(text_of(two.diagnostics).empty());
  REQUIRE(two.workspace.policy.quiet_hours.size() == 2);
  const QuietHours& first = two.workspace.policy.quiet_hours[0];
  CHECK(first.window.days.bits == 0x1F);
  CHECK(first.about.channels == Names{"sms", "email"});
  CHECK(first.about.topics == Names{"news"});
  CHECK(first.about.campaigns == Names{"a"});
  CHECK(first.holidays);
  CHECK(first.zone.empty());
  CHECK(two.workspace.policy.quiet_hours[1].about.channels == Names{"sms"});
  CHECK(two.workspace.policy.quiet_hours[1].zone == "Europe/Paris");
  const std::string text = written(two.workspace);
  for (const char* part : {"channels: [sms, email]", "topic: news", "campaign: a"}) {
    CHECK(text.find(part) != std::string::npos);
  }
  written(one.workspace);

  const LoadedWorkspace day = ruled("  quiet_hours: {from: \"00:00\", to: \"24:00\", days: Sun}\n");
  CHECK(text_of(day.diagnostics).empty());
  CHECK(day.workspace.policy.quiet_hours.front().window.to_ms == day_ms);
  written(day.workspace);
}

TEST_CASE("policy: caps roll, or go by the calendar", "[yaml][policy][S17]") {
  const LoadedWorkspace loaded = ruled(
      "  caps:\n"
      "    - {max: 3, per: 7d, topic: marketing}\n"
      "    - {max: 1, per: day, channel: sms}\n"
      "    - {max: 0, per: week, campaigns: [a, b]}\n"
      "    - {max: 1000, per: month, transactional: true}\n"
      "    - {max: 2, per: 24h}\n");
  CHECK_FALSE(has_errors(loaded.diagnostics));
  const std::vector<FrequencyCap>& caps = loaded.workspace.policy.caps;
  REQUIRE(caps.size() == 5);
  using Per = FrequencyCap::Per;
  CHECK(caps[0].max == 3);
  CHECK(caps[0].per == Per::rolling);
  CHECK(caps[0].per_ms == 7 * day_ms);
  CHECK(caps[0].about.topics == Names{"marketing"});
  CHECK(caps[1].per == Per::day);
  CHECK(caps[1].per_ms == 0);
  CHECK(caps[1].about.channels == Names{"sms"});
  CHECK(caps[2].per == Per::week);
  CHECK(caps[2].max == 0);
  CHECK(caps[2].about.campaigns == Names{"a", "b"});
  CHECK(caps[3].per == Per::month);
  CHECK(caps[3].transactional);
  CHECK(caps[4].per_ms == day_ms);
  CHECK(caps[4].at == SourceLocation{"w.yaml", 10, 7});
  written(loaded.workspace);
}

TEST_CASE("policy: 1d of a cap is pointed out, as it is no day of the calendar",
          "[yaml][policy][S17]") {
  const Diagnostics found = ruled("  caps: [{max: 1, per: 1d}]\n").diagnostics;
  REQUIRE(codes(found) == Codes{"?suspicious 5:24"});
  CHECK(found[0].hint == "`24h` is clearer; `day` is the calendar one");
  CHECK(wrong_with("  caps: [{max: 1, per: 24h}, {max: 1, per: 7d}]\n").empty());
}

TEST_CASE("policy: holdouts are percentages, with a seed of their own", "[yaml][policy]") {
  const LoadedWorkspace loaded = ruled("  holdout: {percent: 2.5%, seed: h1}\n");
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.workspace.policy.holdout.share == 250);
  CHECK(loaded.workspace.policy.holdout.seed == "h1");
  CHECK(written(loaded.workspace).find("holdout: {percent: 2.5%, seed: h1}") != std::string::npos);

  const LoadedWorkspace own =
      load("campaign: c\nentry: [host]\nholdout: {percent: 0.05%}\nsteps: [{send: email}]\n");
  CHECK(own.diagnostics.empty());
  CHECK(own.campaigns.front().holdout.share == 5);
  const Result<std::string> text = to_yaml(own.campaigns.front());
  REQUIRE(text.has_value());
  CHECK(text->find("holdout: {percent: 0.05%}") != std::string::npos);
  for (const char* wrong : {"5", ".5%", "5.125%", "1e1%", "-5%", "5 %", "%", "12345678%"}) {
    INFO(wrong);
    CHECK(wrong_with(fmt::format("  holdout: {{percent: \"{}\"}}\n", wrong)) ==
          Codes{"bad_value 5:22"});
  }
  CHECK(wrong_with("  holdout: {seed: s}\n") == Codes{"missing_key 5:12"});
}

TEST_CASE("policy: exclusive groups, and the campaigns in them", "[yaml][policy]") {
  using Meeting = ExclusiveGroup::Meeting;
  const LoadedWorkspace loaded = ruled("  exclusive: {a: replace, b: wait, c: refuse}\n");
  CHECK(loaded.diagnostics.empty());
  const std::vector<ExclusiveGroup>& groups = loaded.workspace.policy.exclusive;
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].name == "a");
  CHECK(groups[0].meeting == Meeting::replace);
  CHECK(groups[1].meeting == Meeting::wait);
  CHECK(groups[2].meeting == Meeting::refuse);
  CHECK(groups[2].at == SourceLocation{"w.yaml", 5, 36});
  CHECK(written(loaded.workspace).find("exclusive: {a: replace, b: wait, c: refuse}") !=
        std::string::npos);
  const Diagnostics found = ruled("  exclusive: {a: fight}\n").diagnostics;
  REQUIRE(codes(found) == Codes{"bad_value 5:18"});
  CHECK(found[0].hint.find("replace, wait or refuse") != std::string::npos);
}

TEST_CASE("policy: what is wrong with a rule is said where it stands", "[yaml][policy]") {
  CHECK(wrong_with("  quiet: {}\n") == Codes{"unknown_key 5:3"});
  CHECK(wrong_with("  quiet_hours: 21:00\n") == Codes{"wrong_type 5:16"});
  CHECK(wrong_with("  quiet_hours: {from: \"21:00\"}\n") == Codes{"missing_key 5:16"});
  CHECK(wrong_with("  quiet_hours: {from: 9, to: \"00:00\"}\n") == Codes{"bad_value 5:23"});
  CHECK(wrong_with("  caps: {max: 1, per: 7d}\n") == Codes{"wrong_type 5:9"});
  CHECK(wrong_with("  caps: [{max: 1}]\n") == Codes{"missing_key 5:10"});
  CHECK(wrong_with("  caps: [{max: 1001, per: day}]\n") == Codes{"bad_value 5:16"});
  CHECK(wrong_with("  caps: [{max: 1, per: fortnight}]\n") == Codes{"bad_value 5:24"});
  CHECK(wrong_with("  caps: [{max: 1, per: day, channel: sms, channels: [email]}]\n") ==
        Codes{"bad_value 5:43"});
  CHECK(wrong_with("  caps: [{max: 1, per: day, channels: []}]\n") == Codes{"bad_value 5:39"});
  CHECK(wrong_with("  exclusive: [a]\n") == Codes{"wrong_type 5:14"});
}

TEST_CASE("policy: a send says what gates do with it", "[yaml][policy][S15][S16]") {
  const Send send = only_step<Send>(
      "  - {send: email, id: s, topic: news, class: transactional, on_cap: hold, expires: 2h,\n"
      "     while_held: stay, on_skip: exit, on_expire: last, on_fail: last, confirm_within: 10m}\n"
      "  - {wait: 1h, id: last}\n");
  CHECK(send.topic == "news");
  CHECK(send.message_class == MessageClass::transactional);
  CHECK(send.on_cap == Send::OnCap::hold);
  CHECK(send.expires_ms == 2 * hour_ms);
  CHECK(send.while_held == Send::WhileHeld::stay);
  CHECK(send.on_skip == Way{Way::Kind::exit, {}});
  CHECK(send.on_expire == Way{Way::Kind::go_to, "last"});
  CHECK(send.on_fail == Way{Way::Kind::go_to, "last"});
  CHECK(send.confirm_within_ms == 10 * minute_ms);
  const Send plain = only_step<Send>(
      "  - {send: email, class: marketing, on_cap: skip, on_skip: continue, on_fail: continue}\n");
  CHECK(plain.message_class == MessageClass::marketing);
  CHECK(plain.on_cap == Send::OnCap::skip);
  CHECK(plain.on_skip == Way());
  CHECK(only_step<Send>("  - {send: email, on_cap: exit}\n").on_cap == Send::OnCap::exit);
  CHECK(only_step<Send>("  - {send: email, while_held: aside}\n").while_held ==
        Send::WhileHeld::aside);
  CHECK(codes(load(campaign("  - {send: email, on_cap: drop, class: vip}\n")).diagnostics) ==
        Codes{"bad_value 5:27", "bad_value 5:40"});
}

TEST_CASE("policy: what a send says comes back from YAML", "[yaml][policy][format]") {
  const std::string steps =
      "  - {send: email, id: s, topic: news, class: transactional, on_cap: hold, expires: 2h,\n"
      "     on_skip: exit, on_expire: last, on_fail: last, confirm_within: 10m}\n"
      "  - {wait: 1h, id: last}\n  - {send: email, while_held: aside}\n"
      "  - {send: email, retry: {times: 2, after: 5m}}\n";
  Campaign read = load(campaign(steps)).campaigns.front();
  const Result<std::string> text = to_yaml(read);
  REQUIRE(text.has_value());
  CHECK(model::same_content(load(*text).campaigns.front(), read));
  // What the format has no words for is refused, not lost.
  Send& send = std::get<Send>(read.steps.front().kind);
  send.on_skip = {Way::Kind::go_to, "continue"};
  CHECK_FALSE(to_yaml(read).has_value());
  send.on_skip = {};
  CHECK(to_yaml(read).has_value());
}

TEST_CASE("policy: a test may have one of its own", "[yaml][policy][tests]") {
  const auto loaded = yaml::load_tests(std::vector<SourceFile>{
      {"t.yaml",
       "test: t\ncampaign: c\npolicy: {caps: [{max: 1, per: day}], holdout: {percent: 100%}}\n"
       "timeline: [{at: 2026-03-02T10:00:00Z}]\n---\ntest: u\ncampaign: c\npolicy: {}\n"
       "timeline: [{at: 2026-03-02T10:00:00Z}]\n---\ntest: v\ncampaign: c\n"
       "timeline: [{at: 2026-03-02T10:00:00Z}]\n"}});
  CHECK(loaded.diagnostics.empty());
  REQUIRE(loaded.tests.size() == 3);
  REQUIRE(loaded.tests[0].policy.has_value());
  CHECK(loaded.tests[0].policy->caps.size() == 1);
  CHECK(loaded.tests[0].policy->holdout.share == 10'000);
  CHECK(loaded.tests[1].policy.has_value());
  CHECK_FALSE(loaded.tests[2].policy.has_value());
}
