// SPDX-License-Identifier: Apache-2.0
#include "property/random_policy.hpp"

#include <string>
#include <string_view>

#include "property/random_words.hpp"
#include "property/random_world.hpp"

namespace itinera::property {
namespace {

Expression cel_text(std::string_view text) { return {std::string(text), {}}; }

}  // namespace

void random_gates(Choices& choices, Send& send) {
  static constexpr Way::Kind ways[] = {Way::Kind::go_on, Way::Kind::go_on, Way::Kind::exit};
  static constexpr Send::Prefer liked[] = {Send::Prefer::listed, Send::Prefer::preference,
                                           Send::Prefer::engaged, Send::Prefer::device,
                                           Send::Prefer::cost};
  if (choices.chance(1, 3)) return;
  if (choices.chance(1, 4)) send.topic = choices.chance(1, 2) ? "news" : "offers";
  if (choices.chance(1, 5)) send.message_class = MessageClass::transactional;
  send.on_cap = static_cast<Send::OnCap>(choices.below(3));
  if (choices.chance(1, 2)) send.expires_ms = choices.one_of(spans);
  if (choices.chance(1, 3)) send.on_skip.kind = choices.one_of(ways);
  if (choices.chance(1, 3) && send.expires_ms) send.on_expire.kind = choices.one_of(ways);
  if (choices.chance(1, 4)) send.on_fail.kind = Way::Kind::exit;
  if (choices.chance(1, 3)) {
    send.alternatives.push_back(send.channel == "email" ? "push" : "email");
    send.prefer = choices.one_of(liked);
    if (choices.chance(1, 2)) send.escalate = {choices.one_of(spans), Receipt::opened, {}};
  }
  if (!send.escalate && choices.chance(1, 4)) send.retry = {1 + choices.below(3), hour_ms};
  const bool stays = send.escalate || send.on_fail != Way() || send.retry.times > 0;
  if (!stays && choices.chance(1, 3)) {
    send.while_held = Send::WhileHeld::aside;
  }
  if (choices.chance(1, 2)) {
    if (send.channel == "email" || !send.alternatives.empty()) send.senders.push_back("anna");
    if (send.channel == "push" || !send.alternatives.empty()) send.senders.push_back("ben");
    if (choices.chance(1, 2)) send.operation = "invite";
  }
}

void random_rules(Choices& choices, Campaign& campaign) {
  if (choices.chance(1, 2)) campaign.topic = "news";
  if (choices.chance(1, 2)) campaign.exclusive = "g";
  if (choices.chance(1, 8)) campaign.holdout = {3'000, {}};
  if (choices.chance(1, 6)) campaign.brake = Brake{2'500, 4};
  if (!choices.chance(1, 2)) return;
  ExitRule& answered = campaign.exits.emplace_back();  // by whoever of the account
  answered.trigger.account = true;
  answered.trigger.kind = Trigger::Kind::receipt;
  answered.trigger.receipt = Receipt::replied;
  answered.trigger.step = "any";
}

Trigger random_account_trigger(Choices& choices) {
  Trigger trigger;
  trigger.account = true;
  if (choices.chance(1, 2)) {
    trigger.event = choices.one_of(events);
    return trigger;
  }
  trigger.kind = Trigger::Kind::receipt;
  trigger.receipt = choices.chance(1, 2) ? Receipt::replied : Receipt::opened;
  trigger.step = "any";
  return trigger;
}

void random_policy(Choices& choices, Workspace& workspace) {
  for (Channel& channel : workspace.channels) {
    channel.consent = static_cast<Channel::ConsentRule>(choices.below(3));
    channel.cost = choices.below(3);
    if (choices.chance(1, 2)) channel.devices = {"mobile"};
    if (choices.chance(1, 5)) channel.delivery = Channel::Delivery::pull;
  }
  Policy& policy = workspace.policy;
  for (std::uint32_t n = choices.below(3); n > 0; --n) {
    QuietHours& quiet = policy.quiet_hours.emplace_back();
    const auto from = static_cast<std::int32_t>(choices.below(24));
    const auto length = 1 + static_cast<std::int32_t>(choices.below(10));
    quiet.window = {from * 3'600'000 + 1'800'000, (from + length) % 24 * 3'600'000, {}};
    if (choices.chance(1, 3)) quiet.window.days = {0x15};
    if (choices.chance(1, 3)) quiet.about.channels = {choices.one_of(channels)};
    if (choices.chance(1, 4)) quiet.about.topics = {"news"};
    quiet.holidays = choices.chance(1, 3);
    if (choices.chance(1, 4)) quiet.zone = "America/New_York";
  }
  for (std::uint32_t n = choices.below(3); n > 0; --n) {
    FrequencyCap& cap = policy.caps.emplace_back();
    cap.max = 1 + choices.below(3);
    cap.per = static_cast<FrequencyCap::Per>(choices.below(4));
    if (cap.per == FrequencyCap::Per::rolling) cap.per_ms = choices.one_of(spans);
    if (choices.chance(1, 3)) cap.about.channels = {choices.one_of(channels)};
    if (choices.chance(1, 4)) cap.about.topics = {"news"};
    cap.transactional = choices.chance(1, 4);
    cap.account = choices.chance(1, 3);
  }
  if (choices.chance(1, 4)) policy.holdout = {2'000, "h"};
  policy.exclusive.push_back({"g", static_cast<ExclusiveGroup::Meeting>(choices.below(3)), {}});
  for (const char* name : {"anna", "ben"}) {
    Sender& sender = workspace.senders.emplace_back();
    sender.name = name;
    sender.channel = sender.name == "anna" ? "email" : "push";
    if (choices.chance(2, 3)) sender.quotas.push_back({"", 1 + choices.below(4)});
    if (choices.chance(1, 2)) sender.quotas.push_back({"invite", 1});
    if (choices.chance(1, 2)) {
      sender.hours = Window{9 * 3'600'000, 17 * 3'600'000, {0x1F}};
      sender.zone = "Europe/Paris";
    }
    if (choices.chance(1, 3)) {
      sender.rate = 1 + choices.below(2);
      sender.rate_per_ms = hour_ms;
    }
    if (choices.chance(1, 3)) sender.warm_up = {1, 2};
    if (choices.chance(2, 3)) {
      sender.pace_from_ms = minute_ms;
      sender.pace_to_ms = 6 * hour_ms;
    }
  }
}

Workspace random_workspace(Choices& choices) {
  Workspace workspace;
  workspace.name = "shop";
  workspace.zone = choices.chance(1, 2) ? "Europe/Warsaw" : "UTC";
  workspace.channels.push_back(
      {.name = "email", .address = cel_text("contact.email"), .receipts = {"connected"}});
  workspace.channels.push_back(
      {.name = "push", .address = cel_text("contact.push_token"), .receipts = {"connected"}});
  random_policy(choices, workspace);
  if (choices.chance(1, 4)) workspace.dedupe_ms = day_ms;
  if (choices.chance(1, 2)) workspace.holidays = {"2026-04-06", "2026-03-30"};
  workspace.segments = {
      {"gold", cel_text("contact.tier == \"gold\""), {}},
      {"quiet", cel_text("since_last(\"visit\") >= duration(\"20h\")"), {}},
      {"buyers", cel_text("count(\"order\", \"3d\") > 0 && !in_segment(\"quiet\")"), {}}};
  return workspace;
}

}  // namespace itinera::property
