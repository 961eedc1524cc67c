// SPDX-License-Identifier: Apache-2.0
// What the policy of the current workspace means to each send step of every version.
#include <algorithm>

#include "base/stable_hash.hpp"
#include "plan/plan_compiler.hpp"

namespace itinera::engine {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

bool names(const std::vector<std::string>& list, const std::string& name) {
  return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
}

bool is_about(const MessageFilter& filter, const std::string& channel, const std::string& topic,
              const std::string& campaign) {
  return names(filter.channels, channel) && names(filter.topics, topic) &&
         names(filter.campaigns, campaign);
}

// The longest that a calendar period can take, by any clock, with some hours to spare.
std::int64_t look_back_ms(const FrequencyCap& cap) {
  switch (cap.per) {
    case FrequencyCap::Per::rolling: return cap.per_ms;
    case FrequencyCap::Per::day: return 2 * day_ms;
    case FrequencyCap::Per::week: return 8 * day_ms;
    case FrequencyCap::Per::month: return 33 * day_ms;
  }
  return 0;
}

void lay_down(const Plans& plans, const Campaign& campaign, const Send& step, const SendPlan& send,
              LegPlan& leg) {
  const auto at = std::find_if(plans.channels.begin(), plans.channels.end(),
                               [&](const ChannelPlan& each) { return each.name == leg.name; });
  const bool known = at != plans.channels.end();
  leg.channel = known ? static_cast<std::uint16_t>(at - plans.channels.begin()) : no_version;
  leg.quiet = 0;
  leg.caps = 0;
  const Policy& policy = plans.workspace.policy;
  for (std::size_t i = 0; i < policy.quiet_hours.size() && send.marketing; ++i) {
    const bool about = is_about(policy.quiet_hours[i].about, leg.name, send.topic, campaign.name);
    leg.quiet |= std::uint64_t{about} << i;
  }
  for (std::size_t i = 0; i < policy.caps.size(); ++i) {
    const bool about = is_about(policy.caps[i].about, leg.name, send.topic, campaign.name) &&
                       (send.marketing || policy.caps[i].transactional);
    leg.caps |= std::uint64_t{about} << i;
  }
  leg.senders.clear();
  for (std::size_t i = 0; i < plans.senders.size(); ++i) {
    const Sender& sender = plans.senders[i].rules;
    const bool meant =
        std::find(step.senders.begin(), step.senders.end(), sender.name) != step.senders.end();
    if (plans.senders[i].current && meant && sender.channel == leg.name) {
      leg.senders.push_back(static_cast<std::uint16_t>(i));
    }
  }
  const EventPlan* const trace = plans.event(plans.names.find(name_of(Trace::engaged, leg.name)));
  leg.heeds_late = leg.caps != 0 || !leg.senders.empty() || campaign.brake.has_value() ||
                   (trace != nullptr && trace->remembered) ||
                   plans.wants(plans.last_channel_name) ||
                   (known && (at->rated || at->consent != Channel::ConsentRule::none));
}

// The channels on which some send asks who engages.
void rate_channels(Plans& plans) {
  for (const auto& plan : plans.versions) {
    for (const NodePlan& node : plan->nodes) {
      const auto* const send = std::get_if<Send>(&node.step->kind);
      if (send == nullptr || send->prefer != Send::Prefer::engaged) continue;
      for (const LegPlan& leg : node.send->legs) {
        for (ChannelPlan& channel : plans.channels) {
          channel.rated = channel.rated || channel.name == leg.name;
        }
      }
    }
  }
}

// A journal may hold what no check has seen: windows and times that cannot be become such as can.
void make_sound(Window& window) {
  const bool sound =
      window.from_ms >= 0 && window.from_ms < day_ms && window.to_ms >= 0 && window.to_ms <= day_ms;
  if (!sound) window = {0, 0, {0}};
}
void make_sound(std::int64_t& ms) {
  constexpr std::int64_t century_ms = 36'525 * day_ms;
  ms = std::clamp(ms, std::int64_t{0}, century_ms);
}

void make_sound(Workspace& workspace) {
  for (QuietHours& quiet : workspace.policy.quiet_hours) make_sound(quiet.window);
  for (FrequencyCap& cap : workspace.policy.caps) make_sound(cap.per_ms);
  for (Sender& sender : workspace.senders) {
    if (sender.hours) make_sound(*sender.hours);
    make_sound(sender.rate_per_ms);
    make_sound(sender.pace_from_ms);
    make_sound(sender.pace_to_ms);
    sender.pace_to_ms = std::max(sender.pace_to_ms, sender.pace_from_ms);
    sender.rate = std::min(sender.rate, Sender::rate_max);
  }
}

}  // namespace

std::uint64_t channel_key(std::string_view name) { return base::stable_hash_of(name).high; }

void lay_down_policy(Plans& plans, const ZoneTable& zones) {
  make_sound(plans.workspace);
  const Policy& policy = plans.workspace.policy;
  plans.quiet_zones.clear();
  for (const QuietHours& quiet : policy.quiet_hours) {
    std::optional<ZoneIndex>& zone = plans.quiet_zones.emplace_back();
    if (!quiet.zone.empty()) zone = zones.find(quiet.zone);
  }
  for (SenderPlan& sender : plans.senders) sender.current = false;
  for (const Sender& sender : plans.workspace.senders) {
    const auto known =
        std::find_if(plans.senders.begin(), plans.senders.end(),
                     [&](const SenderPlan& each) { return each.rules.name == sender.name; });
    SenderPlan& plan = known == plans.senders.end() ? plans.senders.emplace_back() : *known;
    plan.rules = sender;
    plan.zone = zones.find(sender.zone).value_or(plans.zone.value_or(ZoneIndex::utc));
    plan.current = true;
  }
  plans.caps_look_back_ms = 0;
  plans.caps_account = false;
  for (const FrequencyCap& cap : policy.caps) {
    plans.caps_account = plans.caps_account || cap.account;
    plans.caps_look_back_ms = std::max(plans.caps_look_back_ms, look_back_ms(cap));
  }
  rate_channels(plans);
  for (const auto& plan : plans.versions) {
    plan->group = no_name;
    plan->meeting.reset();
    for (const ExclusiveGroup& group : policy.exclusive) {
      if (group.name != plan->campaign.exclusive) continue;
      plan->group = plans.names.add(group.name);
      plan->meeting = group.meeting;
    }
    for (NodePlan& node : plan->nodes) {
      if (!node.send) continue;
      const Send& step = std::get<Send>(node.step->kind);
      for (LegPlan& leg : node.send->legs) lay_down(plans, plan->campaign, step, *node.send, leg);
    }
  }
}

}  // namespace itinera::engine
