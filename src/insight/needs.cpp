// SPDX-License-Identifier: Apache-2.0
#include "itinera/needs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "expr/program.hpp"
#include "model/data_schema.hpp"
#include "model/scope.hpp"
#include "model/walk.hpp"

namespace itinera {
namespace {

using model::Scope;
using Names = std::set<std::string>;

std::vector<std::string> sorted(const Names& names) { return {names.begin(), names.end()}; }

// One fold over the model.
class NeedsFold {
 public:
  NeedsFold(const Workspace& workspace, const Limits& limits) : limits_(limits) {
    for (const Channel& channel : workspace.channels) {
      channels_[channel.name].address = channel.address.text;
      asker_ = fmt::format("channel {}", channel.name);
      ask(channel.address, Scope::address);
    }
    for (const Sender& sender : workspace.senders) senders_[sender.name].channel = sender.channel;
    for (const Segment& segment : workspace.segments) {
      asker_ = fmt::format("segment {}", segment.name);
      ask(segment.condition, Scope::contact);
    }
    asker_ = "policy";
    for (const FrequencyCap& cap : workspace.policy.caps) {
      if (cap.account) accounts_.insert(asker_);
    }
    asker_ = "retain";
    for (const Retain::Event& event : workspace.retain.events) {
      EventNeed& need = event_need(event.name);
      need.all_properties = true;
      look_back(need, event.window_ms);
    }
    for (const std::string& name : workspace.retain.attributes) ask_attribute(name);
  }

  void add(const Campaign& campaign) {
    asker_ = fmt::format("campaign {}", campaign.name);
    entry_events_.clear();
    for (const Entry& entry : campaign.entries) {
      if (entry.kind == Entry::Kind::event) entry_events_.insert(entry.event);
    }
    for (const Entry& entry : campaign.entries) add_entry(entry);
    for (const Goal& goal : campaign.goals) {
      const Trigger* const trigger = goal.trigger ? &*goal.trigger : nullptr;
      if (trigger != nullptr) add_trigger(*trigger, goal.when);
      if (trigger != nullptr && trigger->kind == Trigger::Kind::event) {
        ask(goal.value, Scope::receiving, trigger->event);
      } else {
        ask(goal.value, Scope::step);
      }
    }
    for (const ExitRule& rule : campaign.exits) add_trigger(rule.trigger, rule.when);
    model::for_each_step(campaign.steps, [this](const Step& step) {
      ask(step.when, Scope::step);
      std::visit([this](const auto& kind) { add_step(kind); }, step.kind);
    });
  }

  WorkspaceNeeds take() {
    WorkspaceNeeds needs;
    for (const auto& [name, askers] : attributes_) {
      needs.attributes.push_back({name, sorted(askers)});
    }
    for (auto& [name, event] : events_) {
      if (event.asked_by.empty()) continue;  // only emitted, and nobody hears it
      needs.events.push_back({name, sorted(event.properties), event.all_properties,
                              event.history_ms, event.newest, event.whole, sorted(event.asked_by),
                              sorted(event.emitted_by)});
    }
    for (const auto& [name, askers] : receipts_) needs.receipts.push_back({name, sorted(askers)});
    for (const auto& [name, channel] : channels_) {
      needs.channels.push_back(
          {name, channel.address, sorted(channel.templates), sorted(channel.asked_by)});
    }
    for (const auto& [name, sender] : senders_) {
      needs.senders.push_back(
          {name, sender.channel, sorted(sender.operations), sorted(sender.asked_by)});
    }
    for (const auto& [name, askers] : lists_) needs.lists.push_back({name, sorted(askers)});
    for (const auto& [name, askers] : calls_) needs.calls.push_back({name, sorted(askers)});
    for (const auto& [name, askers] : teams_) needs.teams.push_back({name, sorted(askers)});
    for (const auto& [name, askers] : consents_) needs.consents.push_back({name, sorted(askers)});
    for (const auto& [name, askers] : set_) needs.set.push_back({name, sorted(askers)});
    needs.accounts_asked_by = sorted(accounts_);
    return needs;
  }

 private:
  struct EventNeed {
    Names properties = {};
    bool all_properties = false;
    std::optional<std::int64_t> history_ms = {};
    bool newest = false;
    bool whole = false;
    Names asked_by = {};
    Names emitted_by = {};
  };
  struct ChannelNeed {
    std::string address = {};
    Names templates = {};
    Names asked_by = {};
  };

  struct SenderNeed {
    std::string channel = {};
    Names operations = {};
    Names asked_by = {};
  };

  EventNeed& event_need(const std::string& name) {
    EventNeed& need = events_[name];
    need.asked_by.insert(asker_);
    return need;
  }

  static void look_back(EventNeed& need, std::int64_t window_ms) {
    need.history_ms = std::max(need.history_ms.value_or(0), window_ms);
  }

  // `event`: the name of the event that the expression sees.
  void ask(const Expression& expression, Scope scope, const std::string& event = {}) {
    if (expression.empty()) return;
    const expr::Declarations declared = model::declarations({}, scope, false);
    const auto compiled = expr::Program::compile(expression.text, declared, limits_);
    if (!compiled.program) return;
    for (const expr::Slot& slot : compiled.program->slots()) {
      if (slot.variable == "contact") ask_attribute(slot.field);
      if (slot.variable == expr::consent_slot) {
        std::string asked = slot.field;
        std::replace(asked.begin(), asked.end(), expr::topic_mark, '/');
        consents_[asked].insert(asker_);
      }
      if (slot.variable == "event") event_need(event).properties.insert(slot.field);
      if (slot.variable != "entry") continue;
      for (const std::string& entry : entry_events_) {
        event_need(entry).properties.insert(slot.field);
      }
    }
    for (const expr::HistoryCall& call : compiled.program->history_calls()) look_at(call);
  }

  // What the engine knows by itself is not asked of the host; what it knows that by is.
  void ask_attribute(const std::string& name) {
    if (name == model::last_channel) return ask_reactions();
    if (name != "id") attributes_[name].insert(asker_);
  }
  void ask_reactions() {
    for (const Receipt receipt : {Receipt::opened, Receipt::clicked, Receipt::replied}) {
      receipts_[std::string(name_of(receipt))].insert(asker_);
    }
  }

  void look_at(const expr::HistoryCall& call) {
    using Function = expr::HistoryCall::Function;
    if (call.function == Function::since_changed) return ask_attribute(call.event);
    if (call.function == Function::engaged) return ask_reactions();
    EventNeed& need = event_need(call.event);
    if (!call.property.empty()) need.properties.insert(call.property);
    if (call.filter != nullptr) {
      for (const expr::Slot& slot : call.filter->slots()) {
        if (slot.variable == "e") need.properties.insert(slot.field);
      }
    }
    if (call.window_ms) {
      look_back(need, *call.window_ms);
    } else if (call.function == Function::count || call.function == Function::sum ||
               call.filter != nullptr) {
      need.whole = true;
    } else {
      need.newest = true;
    }
  }

  void add_entry(const Entry& entry) {
    const bool by_event = entry.kind == Entry::Kind::event;
    if (by_event) event_need(entry.event);
    const Scope scope = by_event ? Scope::entry : Scope::contact;
    ask(entry.when, scope, entry.event);
    ask(entry.key, scope, entry.event);
    ask(entry.date, Scope::contact);
  }

  void add_trigger(const Trigger& trigger, const Expression& when) {
    if (trigger.account) accounts_.insert(asker_);
    switch (trigger.kind) {
      case Trigger::Kind::event:
        event_need(trigger.event);
        return ask(when, Scope::receiving, trigger.event);
      case Trigger::Kind::receipt:
        receipts_[std::string(receipt_name(trigger))].insert(asker_);
        break;
      case Trigger::Kind::condition: ask(trigger.condition, Scope::step); break;
      case Trigger::Kind::segment: break;
    }
    ask(when, Scope::step);
  }

  void add_data(const std::vector<Datum>& data) {
    for (const Datum& datum : data) ask(datum.expression, Scope::step);
  }

  void add_step(const Send& send) {
    add_data(send.data);
    for (const std::string_view name : model::channels_of(send)) {
      ChannelNeed& channel = channels_[std::string(name)];
      channel.asked_by.insert(asker_);
      if (!send.template_name.empty()) channel.templates.insert(send.template_name);
    }
    for (const std::string& name : send.senders) {
      SenderNeed& sender = senders_[name];
      sender.asked_by.insert(asker_);
      if (!send.operation.empty()) sender.operations.insert(send.operation);
    }
    if (send.prefer == Send::Prefer::preference) attributes_["preferred_channel"].insert(asker_);
    if (send.prefer == Send::Prefer::device) attributes_["device"].insert(asker_);
    add_outcomes(send);
  }
  // What must be reported for the send to go on as it says.
  void add_outcomes(const Send& send) {
    const auto hear = [this](Receipt receipt) {
      receipts_[std::string(name_of(receipt))].insert(asker_);
    };
    if (send.escalate) {
      const bool declared = send.escalate->unless == Receipt::declared;
      receipts_[declared ? send.escalate->declared : std::string(name_of(send.escalate->unless))]
          .insert(asker_);
    }
    if (send.prefer == Send::Prefer::engaged) ask_reactions();
    const bool confirmed = send.on_fail.kind != Way::Kind::go_on;
    if (confirmed) {
      hear(Receipt::sent);
      hear(Receipt::delivered);
    }
    if (confirmed || send.escalate) {
      hear(Receipt::failed);
      hear(Receipt::bounced);
    }
  }
  void add_step(const Wait& wait) {
    if (const auto* until = std::get_if<Wait::Until>(&wait.form)) {
      ask(until->instant, Scope::step);
    }
  }
  void add_step(const WaitFor& wait) {
    if (wait.reset_on) add_trigger(*wait.reset_on, wait.reset_when);
    for (const WaitCase& each : wait.cases) {
      add_trigger(each.trigger, each.when);
      if (each.trigger.kind != Trigger::Kind::event) continue;
      EventNeed& need = event_need(each.trigger.event);
      if (!each.as.empty()) need.all_properties = true;
      if (wait.since == WaitFor::Since::journey) need.whole = true;
      if (wait.since == WaitFor::Since::duration) look_back(need, wait.since_ms);
    }
  }
  void add_step(const Branch& branch) {
    for (const BranchCase& each : branch.cases) ask(each.when, Scope::step);
  }
  void add_step(const Set& set) {
    constexpr std::string_view variable = "journey.";
    add_data(set.values);
    for (const Datum& datum : set.values) {
      if (!datum.name.starts_with(variable)) set_[datum.name].insert(asker_);
    }
  }
  void add_step(const ReachGoal& reach) { ask(reach.value, Scope::step); }
  void add_step(const ChangeAudience& audience) { lists_[audience.list].insert(asker_); }
  void add_step(const EmitEvent& emit) {
    add_data(emit.data);
    events_[emit.event].emitted_by.insert(asker_);
  }
  void add_step(const StartCampaign& start) {
    ask(start.key, Scope::step);
    add_data(start.data);
  }
  void add_step(const StopCampaign& stop) { ask(stop.key, Scope::step); }
  void add_answer() {
    for (const Receipt receipt : {Receipt::completed, Receipt::failed}) {
      receipts_[std::string(name_of(receipt))].insert(asker_);
    }
  }
  void add_step(const Call& call) {
    add_data(call.data);
    add_answer();
    calls_[call.name].insert(asker_);
  }
  void add_step(const Task& task) {
    add_data(task.data);
    add_answer();
    teams_[task.team].insert(asker_);
  }
  void add_step(const ChangeConsent& consent) {
    const std::string topic = consent.topic.empty() ? "" : "/" + consent.topic;
    consents_[consent.channel + topic].insert(asker_);
  }
  void add_step(const Digest& digest) {
    for (const std::string& event : entry_events_) {
      ask(digest.key, Scope::receiving, event);
      if (!digest.as.empty()) event_need(event).all_properties = true;
    }
  }
  void add_step(const Split&) {}
  void add_step(const Parallel&) {}
  void add_step(const Goto&) {}
  void add_step(const Exit&) {}

  const Limits& limits_;
  std::string asker_;
  Names entry_events_;  // of the campaign at hand
  std::map<std::string, Names> attributes_;
  std::map<std::string, EventNeed> events_;
  std::map<std::string, Names> receipts_;
  std::map<std::string, ChannelNeed> channels_;
  std::map<std::string, SenderNeed> senders_;
  std::map<std::string, Names> lists_;
  std::map<std::string, Names> calls_;
  std::map<std::string, Names> teams_;
  std::map<std::string, Names> consents_;
  std::map<std::string, Names> set_;
  Names accounts_;
};

}  // namespace

WorkspaceNeeds needs_of(const Workspace& workspace, std::span<const Campaign> campaigns,
                        const Limits& limits) {
  NeedsFold fold(workspace, limits);
  for (const Campaign& campaign : campaigns) {
    // Nobody could publish it, and the walk is as deep as the steps nest.
    if (!model::nested_deeper_than(campaign.steps, model::nesting_max)) fold.add(campaign);
  }
  return fold.take();
}

}  // namespace itinera
