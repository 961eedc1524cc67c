// SPDX-License-Identifier: Apache-2.0
// `emit`, `start` and `stop`: campaigns that do not exist, and rings of campaigns that set each
// other off for ever without a wait (S33).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/checks.hpp"
#include "model/ways.hpp"

namespace itinera::model {
namespace {

using Edges = std::vector<std::vector<std::size_t>>;  // by the step they leave

bool has_host_entry(const Campaign& campaign) {
  return std::any_of(campaign.entries.begin(), campaign.entries.end(),
                     [](const Entry& entry) { return entry.kind == Entry::Kind::host; });
}

class BetweenCheck {
 public:
  BetweenCheck(std::span<const Subject> campaigns, bool all_known, Findings& findings)
      : campaigns_(campaigns), all_known_(all_known), findings_(findings) {
    for (const Subject& each : campaigns) {
      first_.push_back(steps_.size());
      by_name_[each.campaign.name] = &each;  // of several versions one will do
      for (const Node& node : each.graph.nodes) steps_.push_back({&each, node.step});
    }
    for (const auto& [name, subject] : by_name_) names_.emplace_back(name);
  }

  void check() {
    for (const Subject& each : campaigns_) {
      for (const Node& node : each.graph.nodes) check_target(*node.step);
    }
    check_rings();
  }

 private:
  struct StepOf {
    const Subject* subject;
    const Step* step;
  };

  void check_target(const Step& step) {
    const auto* start = std::get_if<StartCampaign>(&step.kind);
    const auto* stop = std::get_if<StopCampaign>(&step.kind);
    if (start == nullptr && stop == nullptr) return;
    const std::string& name = start != nullptr ? start->campaign : stop->campaign;
    const SourceLocation at = place_of(step.words, start != nullptr ? "start" : "stop", step.at);
    if (name.empty()) {
      findings_.missing(at, fmt::format("{} names no campaign", title_of(step)),
                        "write the name of the campaign");
      return;
    }
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
      if (all_known_) findings_.unknown_name(at, "campaign", name, names_);
    } else if (start != nullptr && !found->second->gaps.head &&
               !has_host_entry(found->second->campaign)) {
      findings_.error(ErrorCode::bad_value, at,
                      fmt::format("{}: campaign '{}' cannot be started: it has no `host` entry",
                                  title_of(step), name),
                      fmt::format("add `- host` to the entries of '{}'", name));
    }
  }

  // From a step that tells others to the steps at which their journeys go on or begin.
  void add_edges_across(std::size_t from, Edges& edges) {
    const Step::Kind& kind = steps_[from].step->kind;
    const auto* emit = std::get_if<EmitEvent>(&kind);
    const auto* start = std::get_if<StartCampaign>(&kind);
    if (emit == nullptr && start == nullptr) return;
    for (std::size_t i = 0; i < campaigns_.size(); ++i) {
      const Subject& other = campaigns_[i];
      if (other.graph.nodes.empty()) continue;
      const bool enters =
          start != nullptr
              ? other.campaign.name == start->campaign
              : std::any_of(other.campaign.entries.begin(), other.campaign.entries.end(),
                            [&](const Entry& entry) {
                              return entry.kind == Entry::Kind::event && entry.event == emit->event;
                            });
      if (enters) add_edge_across(from, first_[i], edges);
      if (emit != nullptr) add_edges_to_waits(from, i, emit->event, edges);
    }
  }

  void add_edges_to_waits(std::size_t from, std::size_t campaign, std::string_view event,
                          Edges& edges) {
    for (const Node& node : campaigns_[campaign].graph.nodes) {
      const auto* wait = std::get_if<WaitFor>(&node.step->kind);
      if (wait == nullptr) continue;
      for (std::size_t i = 0; i < wait->cases.size(); ++i) {
        const Trigger& trigger = wait->cases[i].trigger;
        const bool hears = trigger.kind == Trigger::Kind::event && trigger.event == event;
        if (hears && node.targets[i] != end_node) {
          add_edge_across(from, first_[campaign] + node.targets[i], edges);
        }
      }
    }
  }

  void add_edge_across(std::size_t from, std::size_t to, Edges& edges) {
    edges[from].push_back(to);
    across_.emplace_back(from, to);
  }

  // A ring is a strong component of the ways without a wait in which one leads across.
  void check_rings() {
    Edges hasty(steps_.size());
    for (std::size_t i = 0; i < campaigns_.size(); ++i) {
      const std::vector<std::vector<Way>> ways = ways_out(campaigns_[i]);
      for (std::size_t node = 0; node < ways.size(); ++node) {
        for (const Way& way : ways[node]) {
          if (!way.waits) hasty[first_[i] + node].push_back(first_[i] + way.to);
        }
      }
    }
    for (std::size_t from = 0; from < steps_.size(); ++from) add_edges_across(from, hasty);
    const std::vector<std::size_t> ring = strong_components(hasty);
    std::map<std::size_t, std::vector<std::size_t>> tellers;  // by ring
    for (const auto& [from, to] : across_) {
      std::vector<std::size_t>& of_ring = tellers[ring[from]];
      if (ring[from] == ring[to] && (of_ring.empty() || of_ring.back() != from)) {
        of_ring.push_back(from);
      }
    }
    for (const auto& [number, steps] : tellers) {
      if (!steps.empty()) report(steps);
    }
  }

  void report(const std::vector<std::size_t>& tellers) {
    constexpr std::size_t shown_max = 10;
    std::string text;
    for (std::size_t i = 0; i < std::min(tellers.size(), shown_max); ++i) {
      const StepOf& teller = steps_[tellers[i]];
      const auto* emit = std::get_if<EmitEvent>(&teller.step->kind);
      text += fmt::format(
          "{}{} of campaign '{}' {} '{}'", i == 0 ? "" : ", ", title_of(*teller.step),
          teller.subject->campaign.name, emit != nullptr ? "emits" : "starts",
          emit != nullptr ? emit->event : std::get<StartCampaign>(teller.step->kind).campaign);
    }
    if (tellers.size() > shown_max) text += ", ...";
    findings_.error(ErrorCode::endless_cycle, steps_[tellers.front()].step->at,
                    fmt::format("campaigns set each other off without waiting: {}", text),
                    "put a `wait` into the ring, or tell only where something has changed");
  }

  std::span<const Subject> campaigns_;
  bool all_known_;
  Findings& findings_;
  std::map<std::string_view, const Subject*> by_name_;
  std::vector<std::string> names_;
  std::vector<StepOf> steps_;       // of all campaigns
  std::vector<std::size_t> first_;  // where each campaign's begin
  std::vector<std::pair<std::size_t, std::size_t>> across_;
};

}  // namespace

void check_between(std::span<const Subject> campaigns, bool all_known, Findings& findings) {
  BetweenCheck(campaigns, all_known, findings).check();
}

}  // namespace itinera::model
