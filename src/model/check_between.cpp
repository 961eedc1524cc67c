// SPDX-License-Identifier: Apache-2.0
// `emit`, `start` and `stop`: campaigns that do not exist, and rings of campaigns that set each
// other off for ever without a wait (S33), also by moving contacts from segment to segment. Splits
// by themselves, and those that should share nobody.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/buckets.hpp"
#include "model/checks.hpp"
#include "model/condition_check.hpp"
#include "model/step_voice.hpp"
#include "model/ways.hpp"

namespace itinera::model {
namespace {

bool has_host_entry(const Campaign& campaign) {
  return std::any_of(campaign.entries.begin(), campaign.entries.end(),
                     [](const Entry& entry) { return entry.kind == Entry::Kind::host; });
}

class BetweenCheck {
 public:
  BetweenCheck(std::span<const Subject> campaigns, bool all_known, const SegmentMoves& moves,
               Findings& findings)
      : campaigns_(campaigns), all_known_(all_known), moves_(moves), findings_(findings) {
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
    check_spaces();
  }

 private:
  struct StepOf {
    const Subject* subject;
    const Step* step;
  };
  using Tellers = std::vector<std::pair<std::size_t, std::size_t>>;  // a step, and the hub it tells

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

  // The vertex of an event or a campaign: tellers lead to it, and it leads to where journeys begin
  // or go on because of it. So many tellers and many listeners stay few edges.
  std::size_t hub(char kind, std::string_view name) {
    const auto [at, is_new] = hubs_.try_emplace({kind, std::string(name)}, edges_.size());
    if (is_new) edges_.emplace_back();
    return at->second;
  }
  std::size_t hub_of_segment(std::size_t segment, bool in) {
    return hub(in ? 'i' : 'o', fmt::format("{}", segment));
  }
  void lead(std::size_t from, std::size_t to) { edges_[from].push_back(to); }
  std::size_t hub_of_event(std::string_view name) { return hub('e', name); }
  std::size_t hub_of_campaign(std::string_view name) { return hub('c', name); }

  void add_listeners(std::size_t campaign) {
    const Subject& subject = campaigns_[campaign];
    const std::size_t first = first_[campaign];
    if (subject.graph.nodes.empty()) return;
    edges_[hub_of_campaign(subject.campaign.name)].push_back(first);
    for (const Entry& entry : subject.campaign.entries) {
      if (entry.kind == Entry::Kind::event) edges_[hub_of_event(entry.event)].push_back(first);
    }
    for (const Node& node : subject.graph.nodes) {
      const auto* wait = std::get_if<WaitFor>(&node.step->kind);
      if (wait == nullptr) continue;
      for (std::size_t i = 0; i < wait->cases.size(); ++i) {
        const Trigger& trigger = wait->cases[i].trigger;
        if (trigger.kind != Trigger::Kind::event || node.targets[i] == end_node) continue;
        edges_[hub_of_event(trigger.event)].push_back(first + node.targets[i]);
      }
    }
  }

  void add_teller(std::size_t step) {
    const Step::Kind& kind = steps_[step].step->kind;
    const auto* emit = std::get_if<EmitEvent>(&kind);
    const auto* start = std::get_if<StartCampaign>(&kind);
    if (emit == nullptr && start == nullptr) return;
    const std::size_t told =
        emit != nullptr ? hub_of_event(emit->event) : hub_of_campaign(start->campaign);
    edges_[step].push_back(told);
    tellers_.emplace_back(step, told);
  }

  // Experiments of one namespace are there to share nobody.
  void check_spaces() {
    struct Part {
      const SplitSpace* space;
      const StepOf* of;
    };
    std::map<std::pair<bool, std::string_view>, std::vector<Part>> spaces;
    for (const StepOf& each : steps_) {
      const auto* const split = std::get_if<Split>(&each.step->kind);
      if (split == nullptr || !split->space || split->space->id.empty()) continue;
      const bool by_optimizely = split->hash == Split::Hash::optimizely;
      spaces[{by_optimizely, split->space->id}].push_back({&*split->space, &each});
    }
    for (auto& [id, parts] : spaces) {
      std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
        // Of equal ones that first which is written first: they lie in one vector.
        return std::tie(a.space->from, a.of) < std::tie(b.space->from, b.of);
      });
      const Part* widest = nullptr;  // of those before, the one that ends last
      for (const Part& part : parts) {
        const bool shares = widest != nullptr && part.space->from < widest->space->to &&
                            !is_same_step(*widest->of, *part.of);
        if (shares) {
          findings_.warning(
              ErrorCode::suspicious, place_of(part.of->step->words, "namespace", part.of->step->at),
              fmt::format("{}: its part of the namespace '{}' overlaps that of {} of campaign '{}'",
                          title_of(*part.of->step), part.space->id, title_of(*widest->of->step),
                          widest->of->subject->campaign.name),
              "give each of them a part of its own");
        }
        if (widest == nullptr || part.space->to > widest->space->to) widest = &part;
      }
    }
  }

  // In two versions of a campaign.
  static bool is_same_step(const StepOf& a, const StepOf& b) {
    return a.subject->campaign.name == b.subject->campaign.name && a.step->id == b.step->id;
  }

  // A ring is a strong component of the ways without a wait in which a step tells others.
  void check_rings() {
    edges_.resize(steps_.size());
    for (std::size_t i = 0; i < campaigns_.size(); ++i) {
      const std::vector<std::vector<WayOut>> ways = ways_out(campaigns_[i]);
      for (std::size_t node = 0; node < ways.size(); ++node) {
        for (const WayOut& way : ways[node]) {
          if (!way.waits) edges_[first_[i] + node].push_back(first_[i] + way.to);
        }
      }
    }
    for (std::size_t i = 0; i < campaigns_.size(); ++i) add_listeners(i);
    for (std::size_t step = 0; step < steps_.size(); ++step) add_teller(step);
    for (const auto& [number, steps] : rings_of(tellers_)) report(steps);
    add_segments();
    for (const auto& [number, steps] : rings_of(movers_)) {
      if (turns(steps)) warn(steps);
    }
  }

  // Whether these steps, sorted, may bring somebody into a segment and out of it: nobody comes in
  // again who was never taken out.
  bool turns(const std::vector<std::size_t>& steps) const {
    std::map<std::size_t, SegmentMoves::Move> ways;
    for (const auto& [step, told] : movers_) {
      if (!std::binary_search(steps.begin(), steps.end(), step)) continue;
      for (const SegmentMoves::Move& each : moved_.at(told)) {
        SegmentMoves::Move& way = ways.try_emplace(each.segment, each).first->second;
        way.in = way.in || each.in;
        way.out = way.out || each.out;
      }
    }
    return std::any_of(ways.begin(), ways.end(),
                       [](const auto& way) { return way.second.in && way.second.out; });
  }

  // The steps that stand in a ring with what they tell, by ring.
  std::map<std::size_t, std::vector<std::size_t>> rings_of(const Tellers& tellers) const {
    std::map<std::size_t, std::vector<std::size_t>> by_ring;
    if (tellers.empty()) return by_ring;
    const std::vector<std::size_t> ring = strong_components(edges_);
    for (const auto& [step, told] : tellers) {
      std::vector<std::size_t>& steps = by_ring[ring[step]];
      const bool is_new = steps.empty() || steps.back() != step;
      if (ring[step] == ring[told] && is_new) steps.push_back(step);
    }
    std::erase_if(by_ring, [](const auto& each) { return each.second.empty(); });
    return by_ring;
  }

  // What sets attributes and consents moves contacts from segment to segment. Whether the values
  // fit is known only in part, so rings through these are warned of.
  void add_segments() {
    for (std::size_t step = 0; step < steps_.size(); ++step) add_mover(step);
    if (movers_.empty()) return;
    std::map<std::string_view, std::size_t> places;
    const std::vector<Segment>& segments = campaigns_.front().workspace.segments;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      places.emplace(segments[i].name, i);
      for (const std::size_t asker : moves_.askers_of(i)) {
        for (const bool in : {true, false}) {
          for (const bool asker_in : {true, false}) {
            lead(hub_of_segment(i, in), hub_of_segment(asker, asker_in));
          }
        }
      }
    }
    for (std::size_t i = 0; i < campaigns_.size(); ++i) add_segment_listeners(i, places);
  }

  void add_mover(std::size_t step) {
    const Step::Kind& kind = steps_[step].step->kind;
    if (const auto* set = std::get_if<Set>(&kind)) {
      for (const Datum& datum : set->values) {
        if (!moves_.reads(datum.name)) continue;
        const std::string value = datum.expression.empty() ? to_json(datum.literal) : "=";
        move(step, datum.name + '\x1F' + value, [&] { return moves_.by(datum); });
      }
    }
    const auto* consent = std::get_if<ChangeConsent>(&kind);
    if (consent == nullptr || !moves_.reads_consent(consent->channel)) return;
    const bool granted = consent->state == ChangeConsent::State::granted;
    move(step, '\x1F' + consent->channel + '\x1F' + consent->topic + (granted ? "+" : "-"),
         [&] { return moves_.by(*consent); });
  }

  // Steps that set the same share a vertex.
  template <class Moves>
  void move(std::size_t step, const std::string& what, Moves moves) {
    const bool is_new = !hubs_.contains({'m', what});
    const std::size_t told = hub('m', what);
    lead(step, told);
    movers_.emplace_back(step, told);
    if (!is_new) return;
    const std::vector<SegmentMoves::Move>& moved = moved_[told] = moves();
    for (const SegmentMoves::Move& each : moved) {
      if (each.in) lead(told, hub_of_segment(each.segment, true));
      if (each.out) lead(told, hub_of_segment(each.segment, false));
    }
  }

  // Who came in once comes in again only where `reentry` lets them.
  void add_segment_listeners(std::size_t campaign,
                             const std::map<std::string_view, std::size_t>& places) {
    const Subject& subject = campaigns_[campaign];
    const std::size_t first = first_[campaign];
    const auto listen = [&](std::string_view segment, bool in, std::size_t step) {
      const auto place = places.find(segment);
      if (place != places.end()) lead(hub_of_segment(place->second, in), step);
    };
    const bool again = subject.campaign.reentry.kind == Reentry::Kind::always;
    for (const Entry& entry : subject.campaign.entries) {
      if (entry.kind != Entry::Kind::segment || !again || subject.graph.nodes.empty()) continue;
      listen(entry.segment, entry.change == Entry::Change::enters, first);
    }
    for (const Node& node : subject.graph.nodes) {
      const auto* wait = std::get_if<WaitFor>(&node.step->kind);
      for (std::size_t i = 0; wait != nullptr && i < wait->cases.size(); ++i) {
        const Trigger& trigger = wait->cases[i].trigger;
        if (trigger.kind != Trigger::Kind::segment || node.targets[i] == end_node) continue;
        listen(trigger.segment, !trigger.leaves, first + node.targets[i]);
      }
    }
  }

  void warn(const std::vector<std::size_t>& movers) {
    constexpr std::size_t shown_max = 10;
    std::string text;
    for (std::size_t i = 0; i < std::min(movers.size(), shown_max); ++i) {
      const StepOf& mover = steps_[movers[i]];
      text += fmt::format("{}{} of campaign '{}'", i == 0 ? "" : ", ", title_of(*mover.step),
                          mover.subject->campaign.name);
    }
    if (movers.size() > shown_max) text += ", ...";
    findings_.warning(ErrorCode::suspicious, steps_[movers.front()].step->at,
                      fmt::format("by what they set, campaigns may bring contacts from segment to "
                                  "segment in a ring, without waiting: {}",
                                  text),
                      "put a `wait` into the ring, or enter by what these steps do not set");
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
  const SegmentMoves& moves_;
  Findings& findings_;
  std::map<std::string_view, const Subject*> by_name_;
  std::vector<std::string> names_;
  std::vector<StepOf> steps_;       // of all campaigns
  std::vector<std::size_t> first_;  // where each campaign's begin
  // Vertices are the steps, then the hubs.
  std::vector<std::vector<std::size_t>> edges_;
  std::map<std::pair<char, std::string>, std::size_t> hubs_;
  Tellers tellers_;
  Tellers movers_;
  std::map<std::size_t, std::vector<SegmentMoves::Move>> moved_;  // by the hub of what is set
};

constexpr std::uint64_t weights_max = 1'000'000'000;  // together

class SplitCheck : public StepVoice {
 public:
  SplitCheck(const Subject& subject, Findings& findings) : StepVoice(subject, findings) {}

  void check(const Split& split) {
    check_variants(split);
    check_hash(split);
    if (split.coverage > base::buckets) {
      bad("coverage", "a coverage of more than 100%", "leave it out for everybody");
    } else if (split.coverage == 0) {
      odd(word("coverage"), "a coverage of 0% lets nobody in", "remove the split, or cover some");
    }
    if (split.space) check_space(*split.space);
  }

 private:
  void check_variants(const Split& split) {
    if (split.variants.empty()) {
      bad_weights("a split needs variants", "write `split: [{variant: a, weight: 50}, ...]`");
      return;
    }
    check_count("split", split.variants.size(), "variants");
    std::set<std::string_view> names;
    std::uint64_t total = 0;
    bool any_steps = false;
    for (const Variant& variant : split.variants) {
      total += variant.weight;
      any_steps = any_steps || !variant.steps.empty();
      if (!findings_.name(variant.at, "variant", variant.name, subject_.limits.id_bytes)) continue;
      if (!names.insert(variant.name).second) {
        say(ErrorCode::duplicate_name, variant.at,
            fmt::format("variant '{}' is there twice", variant.name), "rename one of them");
      }
    }
    if (total == 0 || total > weights_max) {
      bad_weights(total == 0 ? "the weights of a split add up to nothing"
                             : "the weights of a split add up to more than a thousand million",
                  "weights are shares, such as 50 and 50");
      return;
    }
    if (!any_steps) {
      odd(word("split"), "all variants do the same: none has steps", "give one of them `steps`");
    }
    check_shares(split);
  }

  void bad_weights(std::string_view message, std::string hint) {
    if (!partly_) say(ErrorCode::bad_weights, word("split"), message, std::move(hint));
  }

  // A weight of 0 is how a variant is wound down, so it is no finding; a positive one without a
  // bucket is.
  void check_shares(const Split& split) {
    std::vector<std::uint32_t> weights;
    for (const Variant& variant : split.variants) weights.push_back(variant.weight);
    const std::uint32_t coverage = split.coverage == 0 ? base::buckets : split.coverage;
    const std::vector<base::BucketRange> ranges = base::ranges_of(weights, coverage);
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      if (weights[i] == 0 || ranges[i].from < ranges[i].to) continue;
      odd(split.variants[i].at,
          fmt::format("variant '{}' is too light to get any of {} buckets", split.variants[i].name,
                      base::buckets),
          "give it a larger share, or 0 to wind it down");
    }
  }

  void check_hash(const Split& split) {
    if (split.hash > Split::Hash::growthbook_v1) {
      bad("hash", "there is no such hash", "write growthbook, optimizely or growthbook-v1");
    } else if (split.hash == Split::Hash::growthbook_v1) {
      odd(word("hash"),
          "by growthbook-v1, who is in a variant of one experiment all but decides who is in which "
          "of another",
          "keep it only for an experiment that runs; the default is sound");
    } else if (split.hash == Split::Hash::optimizely && split.seed.empty()) {
      odd(word("hash"), "optimizely draws by the id of its experiment, and there is none",
          "write that id as `seed`");
    }
  }

  void check_space(const SplitSpace& space) {
    findings_.name(word("namespace"), "namespace", space.id, subject_.limits.id_bytes);
    if (space.from >= space.to || space.to > base::buckets) {
      bad("namespace", "a namespace's part must begin before it ends, and within 0% and 100%",
          "write `namespace: {id: checkout, from: 0%, to: 40%}`");
    }
  }
};

}  // namespace

void check_split(const Subject& subject, const Step& step, const Split& split, Findings& findings) {
  SplitCheck check(subject, findings);
  check.speak_of(step);
  check.check(split);
}

void check_between(std::span<const Subject> campaigns, bool all_known, const SegmentMoves& moves,
                   Findings& findings) {
  BetweenCheck(campaigns, all_known, moves, findings).check();
}

}  // namespace itinera::model
