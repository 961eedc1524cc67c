// SPDX-License-Identifier: Apache-2.0
// Campaigns as files, and back.
#include "itinera/yaml.hpp"

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "model/model_codec.hpp"
#include "model/walk.hpp"
#include "property/random_world.hpp"
#include "support/catch.hpp"

namespace itinera::property {
namespace {

MessageFilter random_filter(Choices& choices) {
  const auto some = [&](const char* kind) {
    std::vector<std::string> names;
    for (std::uint32_t n = choices.below(3); n > 0; --n) names.push_back(kind + std::to_string(n));
    return names;
  };
  MessageFilter filter;
  filter.channels = some("channel ");
  filter.topics = some("topic: ");
  filter.campaigns = some("0");
  return filter;
}

Holdout random_holdout(Choices& choices) {
  Holdout holdout;
  if (choices.chance(1, 2)) holdout.share = choices.below(10'001);
  if (choices.chance(1, 2)) holdout.seed = "007";
  return holdout;
}

Policy random_policy(Choices& choices) {
  Policy policy;
  for (std::uint32_t n = choices.below(3); n > 0; --n) {
    QuietHours quiet;
    quiet.window.from_ms = static_cast<std::int32_t>(choices.below(86'400)) * 1'000;
    quiet.window.to_ms = static_cast<std::int32_t>(choices.below(86'401)) * 1'000;
    quiet.window.days.bits = static_cast<std::uint8_t>(1 + choices.below(127));
    quiet.about = random_filter(choices);
    quiet.holidays = choices.chance(1, 2);
    if (choices.chance(1, 2)) quiet.zone = "Europe/Warsaw";
    policy.quiet_hours.push_back(std::move(quiet));
  }
  for (std::uint32_t n = choices.below(3); n > 0; --n) {
    FrequencyCap cap;
    cap.max = choices.below(FrequencyCap::max_max + 1);
    cap.per = static_cast<FrequencyCap::Per>(choices.below(4));
    if (cap.per == FrequencyCap::Per::rolling) cap.per_ms = 1 + choices.below(1'000'000'000);
    cap.about = random_filter(choices);
    cap.transactional = choices.chance(1, 2);
    policy.caps.push_back(std::move(cap));
  }
  policy.holdout = random_holdout(choices);
  for (std::uint32_t n = choices.below(3); n > 0; --n) {
    const auto meeting = static_cast<ExclusiveGroup::Meeting>(choices.below(3));
    policy.exclusive.push_back({"group" + std::to_string(n), meeting, {}});
  }
  return policy;
}

Way random_way(Choices& choices) {
  const auto kind = static_cast<Way::Kind>(choices.below(3));
  return {kind, kind == Way::Kind::go_to ? "true" : ""};
}

void say_gates(Choices& choices, Send& send) {
  if (choices.chance(1, 2)) send.topic = "news";
  send.message_class = static_cast<MessageClass>(choices.below(2));
  send.on_cap = static_cast<Send::OnCap>(choices.below(3));
  if (choices.chance(1, 2)) send.expires_ms = choices.below(1'000'000'000);
  send.on_skip = random_way(choices);
  send.on_expire = random_way(choices);
  send.on_fail = random_way(choices);
  if (choices.chance(1, 2)) send.confirm_within_ms = choices.below(1'000'000'000);
}

}  // namespace

TEST_CASE("what is built in C++ is the same when it comes back from YAML", "[property][yaml]") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Choices choices(seed);
    Workspace workspace = random_workspace(choices);
    Campaign campaign = random_campaign(choices, "c", 1 + choices.below(3), 12);
    workspace.policy = random_policy(choices);
    for (Channel& channel : workspace.channels) {
      channel.consent = static_cast<Channel::ConsentRule>(choices.below(3));
    }
    campaign.holdout = random_holdout(choices);
    if (choices.chance(1, 2)) campaign.exclusive = "onboarding";
    model::for_each_step(campaign.steps, [&](Step& step) {
      if (auto* const send = std::get_if<Send>(&step.kind)) say_gates(choices, *send);
    });
    const Result<std::string> of_workspace = to_yaml(workspace);
    const Result<std::string> of_campaign = to_yaml(campaign);
    INFO(seed);
    if (!of_campaign) FAIL(of_campaign.error().message);
    REQUIRE(of_workspace);
    CAPTURE(*of_workspace, *of_campaign);
    const std::vector<SourceFile> files{{"workspace.yaml", *of_workspace},
                                        {"campaigns/c.yaml", *of_campaign}};
    const LoadedWorkspace back = load_workspace(files);
    REQUIRE(back.campaigns.size() == 1);
    REQUIRE(model::same_content(back.campaigns.front(), campaign));
    base::Bytes before;
    base::Bytes after;
    model::encode(workspace, {}, before);
    model::encode(back.workspace, {}, after);
    REQUIRE(before == after);
    // The writer and the formatter know one form.
    for (const SourceFile& file : files) REQUIRE(format_yaml(file).text == file.text);
  }
}

}  // namespace itinera::property
