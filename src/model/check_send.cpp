// SPDX-License-Identifier: Apache-2.0
// A send by itself: its channels, the accounts it goes from, and what the policy's gates may do.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "itinera/time.hpp"
#include "model/dot_text.hpp"
#include "model/step_voice.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

bool is_in(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

class SendCheck : public StepVoice {
 public:
  SendCheck(const Subject& subject, const std::vector<std::string>& channels, Findings& findings)
      : StepVoice(subject, findings), channels_(channels) {}

  void check(const Send& send) {
    check_channels(send);
    check_presence(send);
    check_prefer(send);
    if (send.escalate) check_escalate(send, *send.escalate);
    check_senders(send);
    check_operation(send);
    if (send.at_ms && (*send.at_ms < 0 || *send.at_ms >= day_ms)) {
      bad("at", "a time of day lies outside the day", "write it as \"09:00\"");
    }
    check_gates(send);
  }

 private:
  void check_channels(const Send& send) {
    const std::vector<std::string_view> names = channels_of(send);
    if (names.size() > Send::channels_max) {
      bad("send", fmt::format("a send has at most {} channels", Send::channels_max),
          "leave out those that hardly anybody is reached by");
      return;
    }
    std::set<std::string_view> seen;
    for (const std::string_view name : names) {
      if (name.empty()) {
        missing("a send needs a channel", "write `send: email`");
      } else if (!seen.insert(name).second) {
        say(ErrorCode::duplicate_name, word("send"),
            fmt::format("channel '{}' is listed twice", name), "keep one of them");
      } else if (!subject_.workspace_gaps.channels && !is_in(channels_, name)) {
        findings_.unknown_name(word("send"), "channel", name, channels_);
      }
    }
  }

  // Whether some channel of the send that is known is such a one; true where nobody knows.
  template <class Is>
  bool has_channel(const Send& send, Is is) const {
    if (subject_.workspace_gaps.channels) return true;
    const std::vector<Channel>& channels = subject_.workspace.channels;
    const std::vector<std::string_view> names = channels_of(send);
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      const auto channel = std::find_if(channels.begin(), channels.end(),
                                        [&](const Channel& each) { return each.name == name; });
      return channel == channels.end() || is(*channel);
    });
  }

  void check_presence(const Send& send) {
    const auto pushed = [](const Channel& each) {
      return each.delivery == Channel::Delivery::push;
    };
    if (send.expires_ms || has_channel(send, pushed)) return;
    odd(word("send"), "without `expires` it waits for ever for a contact that does not come",
        "say how long it is worth having, such as `expires: 3d`");
  }

  void check_prefer(const Send& send) {
    if (send.prefer == Send::Prefer::listed) return;
    if (send.alternatives.empty()) {
      odd(word("prefer"), "`prefer` changes nothing: there is one channel only",
          "name several, such as `send: [push, sms, email]`, or leave it out");
    } else if (send.prefer == Send::Prefer::cost &&
               !has_channel(send, [](const Channel& each) { return each.cost != 0; })) {
      odd(word("prefer"), "`prefer: cost` changes nothing: none of its channels has a `cost`",
          "say in the workspace what a message costs, such as `cost: 0.04`");
    } else if (send.prefer == Send::Prefer::device &&
               !has_channel(send, [](const Channel& each) { return !each.devices.empty(); })) {
      odd(word("prefer"), "`prefer: device` changes nothing: none of its channels has `devices`",
          "say in the workspace what a channel suits, such as `devices: [mobile]`");
    }
  }

  void check_escalate(const Send& send, const Escalate& escalate) {
    if (escalate.after_ms <= 0) {
      bad("escalate", "`after` of `escalate` must be positive", "write `escalate: {after: 2h}`");
    }
    if (send.alternatives.empty()) {
      odd(word("escalate"), "`escalate` changes nothing: there is no other channel to go on to",
          "name several, such as `send: [push, sms, email]`, or leave it out");
    }
    if (escalate.unless == Receipt::declared) {
      check_declared(send, escalate.declared);
    } else if (escalate.unless == Receipt::failed || escalate.unless == Receipt::bounced) {
      odd(word("escalate"),
          fmt::format("`unless: {}` would end it where a message did not get through",
                      name_of(escalate.unless)),
          "name what says that the contact has reacted, such as `unless: clicked`");
    } else if (escalate.unless == Receipt::completed) {
      odd(word("escalate"), "no message is ever completed: only tasks and calls are",
          "name what says that the contact has reacted, such as `unless: clicked`");
    }
  }

  void check_declared(const Send& send, const std::string& receipt) {
    const auto declares = [&](const Channel& each) { return is_in(each.receipts, receipt); };
    if (has_channel(send, declares)) return;
    const std::vector<Channel>& channels = subject_.workspace.channels;
    const SourceLocation at = word("escalate");
    if (std::any_of(channels.begin(), channels.end(), declares)) {
      say(ErrorCode::impossible_receipt, at,
          fmt::format("none of its channels declares the receipt '{}'", receipt),
          "name a receipt that one of them has");
      return;
    }
    std::vector<std::string> known;
    for (int i = 0; i < static_cast<int>(Receipt::completed); ++i) {
      known.emplace_back(name_of(static_cast<Receipt>(i)));
    }
    for (const Channel& channel : channels) {
      known.insert(known.end(), channel.receipts.begin(), channel.receipts.end());
    }
    findings_.unknown_name(at, "receipt", receipt, known);
  }

  void check_senders(const Send& send) {
    if (subject_.workspace_gaps.senders || send.senders.empty()) return;
    const std::vector<Sender>& senders = subject_.workspace.senders;
    std::vector<std::string> names;
    for (const Sender& sender : senders) names.push_back(sender.name);
    const std::vector<std::string_view> channels = channels_of(send);
    std::set<std::string_view> seen;
    for (const std::string& name : send.senders) {
      const auto sender = std::find(names.begin(), names.end(), name);
      if (sender == names.end()) {
        findings_.unknown_name(word("sender"), "sender", name, names);
        continue;
      }
      if (!seen.insert(name).second) {
        say(ErrorCode::duplicate_name, word("sender"),
            fmt::format("sender '{}' is listed twice", name), "keep one of them");
      }
      const std::string& channel =
          senders[static_cast<std::size_t>(sender - names.begin())].channel;
      if (!channel.empty() &&
          std::find(channels.begin(), channels.end(), channel) == channels.end()) {
        say(ErrorCode::bad_value, word("sender"),
            fmt::format("sender '{}' sends by {}, and this step by {}", name, channel,
                        either_of(channels)),
            "name a sender of that channel, or leave it out");
      }
    }
  }

  void check_operation(const Send& send) {
    if (send.operation.empty()) return;
    if (!findings_.name(word("operation"), "operation", send.operation, subject_.limits.id_bytes) ||
        subject_.workspace_gaps.senders) {
      return;
    }
    const std::vector<Sender>& senders = subject_.workspace.senders;
    const auto bounds_it = [&](const Quota& quota) { return quota.operation == send.operation; };
    const bool bounded = std::any_of(senders.begin(), senders.end(), [&](const Sender& sender) {
      return is_in(send.senders, sender.name) &&
             std::any_of(sender.quotas.begin(), sender.quotas.end(), bounds_it);
    });
    if (bounded) return;
    odd(word("operation"),
        send.senders.empty()
            ? "`operation` changes nothing: the step names no `sender`"
            : fmt::format("`operation` changes nothing: no sender of the step has a quota for '{}'",
                          send.operation),
        send.senders.empty()
            ? std::string("add `sender: <name>`, or leave it out")
            : fmt::format("write `quota: {{per: day, {}: 20}}` there, or leave it out",
                          send.operation));
  }

  // Which step a way leads to, the graph asks.
  void check_gates(const Send& send) {
    if (send.while_held == Send::WhileHeld::aside) check_aside(send);
    if (send.expires_ms && *send.expires_ms <= 0) {
      bad("expires", "`expires` must be positive", "write `expires: 4h`");
    }
    if (!send.expires_ms && send.on_expire != Way()) {
      missing("`on_expire` needs `expires`: without it no message is ever too late",
              "add `expires: 4h`, or remove `on_expire`");
    }
    if (send.confirm_within_ms && *send.confirm_within_ms <= 0) {
      bad("confirm_within", "`confirm_within` must be positive", "write `confirm_within: 15m`");
    }
    if (send.confirm_within_ms && send.on_fail == Way() && send.retry.times == 0) {
      missing(
          "`confirm_within` needs `on_fail` or `retry`: without them nobody stays for the outcome",
          "add `on_fail: exit`, or remove `confirm_within`");
    }
    check_retry(send.retry, send.expires_ms, "expires");
    if (send.retry.times > 0 && send.escalate) {
      bad("retry", "`escalate` goes on to the next channel where a message fails, and never back",
          "remove `retry`, or leave `escalate` out");
    }
    const std::vector<FrequencyCap>& caps = subject_.workspace.policy.caps;
    const auto is_about = [&](const FrequencyCap& cap) { return concerns(cap, send); };
    if (send.on_cap != Send::OnCap::skip && !subject_.workspace_gaps.policy &&
        std::none_of(caps.begin(), caps.end(), is_about)) {
      odd(word("on_cap"), "`on_cap` changes nothing: no cap of the policy is about this message",
          "add one to `caps` of the workspace's `policy`, or leave it out");
    }
  }

  // A journey cannot both go on without its message and stay for what becomes of it.
  void check_aside(const Send& send) {
    const std::string_view stays = send.escalate           ? "escalate"
                                   : send.on_fail != Way() ? "on_fail"
                                   : send.retry.times > 0  ? "retry"
                                                           : "";
    if (!stays.empty()) {
      say(ErrorCode::bad_value, word("while_held"),
          fmt::format("`while_held: aside` goes on without the message, and `{}` stays for it",
                      stays),
          fmt::format("remove `{}`, or leave `while_held` out", stays));
    }
  }

  bool concerns(const FrequencyCap& cap, const Send& send) const {
    const Campaign& campaign = subject_.campaign;
    const auto names = [](const std::vector<std::string>& list, std::string_view name) {
      return list.empty() || is_in(list, name);
    };
    const std::vector<std::string_view> channels = channels_of(send);
    return (cap.transactional || send.message_class == MessageClass::marketing) &&
           std::any_of(channels.begin(), channels.end(),
                       [&](std::string_view each) { return names(cap.about.channels, each); }) &&
           names(cap.about.campaigns, campaign.name) &&
           names(cap.about.topics, send.topic.empty() ? campaign.topic : send.topic);
  }

  const std::vector<std::string>& channels_;
};

}  // namespace

void check_send(const Subject& subject, const Step& step, const Send& send,
                const std::vector<std::string>& channels, Findings& findings) {
  SendCheck check(subject, channels, findings);
  check.speak_of(step);
  check.check(send);
}

}  // namespace itinera::model
