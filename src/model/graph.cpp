// SPDX-License-Identifier: Apache-2.0
#include "model/graph.hpp"

#include <array>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "model/walk.hpp"

namespace itinera::model {
namespace {

class Flattener {
 public:
  explicit Flattener(const Campaign& campaign) {
    // Numbers are given in document order first, so that a way can lead forward.
    for_each_step(campaign.steps, [&](const Step& step) {
      if (graph_.nodes.size() >= nodes_max) return;
      const auto index = static_cast<NodeIndex>(graph_.nodes.size());
      graph_.nodes.push_back({.step = &step, .targets = {}});
      index_of_.emplace(&step, index);
      by_id_.emplace(step.id, index);
    });
    connect(campaign.steps, end_node);
  }

  Graph take() { return std::move(graph_); }

 private:
  // Where a list that rejoins at `rejoin` begins.
  NodeIndex first_of(const Steps& list, NodeIndex rejoin) const {
    if (list.empty()) return rejoin;
    const auto found = index_of_.find(&list.front());
    return found == index_of_.end() ? end_node : found->second;
  }

  void connect(const Steps& list, NodeIndex rejoin) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto found = index_of_.find(&list[i]);
      if (found == index_of_.end()) return;  // cut off, and so is all after it
      NodeIndex next = rejoin;
      if (i + 1 < list.size()) {
        const auto following = index_of_.find(&list[i + 1]);
        next = following == index_of_.end() ? end_node : following->second;
      }
      Node& node = graph_.nodes[found->second];
      node.next = next;
      node.parallel = parallel_;
      node.strand = strand_;
      connect_ways(list[i], found->second, next);
    }
  }

  void connect_ways(const Step& step, NodeIndex node, NodeIndex next) {
    std::vector<NodeIndex> targets;
    const auto add = [&](const Steps& list, NodeIndex rejoin) {
      targets.push_back(first_of(list, rejoin));
      connect(list, rejoin);
    };
    if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
      const NodeIndex then = first_of(wait->then, next);
      for (const WaitCase& wait_case : wait->cases) add(wait_case.steps, then);
      connect(wait->then, next);
      const bool runs_out = wait->within_ms || !wait->otherwise.empty();
      if (runs_out) targets.push_back(first_of(wait->otherwise, next));
      connect(wait->otherwise, next);
    } else if (const auto* branch = std::get_if<Branch>(&step.kind)) {
      for (const BranchCase& branch_case : branch->cases) add(branch_case.steps, next);
      add(branch->otherwise, next);
    } else if (const auto* split = std::get_if<Split>(&step.kind)) {
      for (const Variant& variant : split->variants) add(variant.steps, next);
    } else if (const auto* parallel = std::get_if<Parallel>(&step.kind)) {
      const auto outer = std::pair(parallel_, strand_);
      parallel_ = node;
      strand_ = 0;
      for (const Strand& strand : parallel->strands) {
        add(strand.steps, next);
        ++strand_;
      }
      std::tie(parallel_, strand_) = outer;
    } else if (const auto* answer = answer_of(step)) {
      add(answer->then, next);
      add(answer->otherwise, next);
      if (answer->within_ms) targets.push_back(targets.back());
    } else {
      for (const Jump& jump : jumps_of(step)) {
        const auto found = by_id_.find(*jump.step);
        targets.push_back(found == by_id_.end() ? end_node : found->second);
      }
    }
    graph_.nodes[node].targets = std::move(targets);
  }

  Graph graph_;
  NodeIndex parallel_ = end_node;  // around the list at hand
  std::uint16_t strand_ = 0;
  // Asked only, never walked through: the order of addresses is seen nowhere.
  std::map<const Step*, NodeIndex> index_of_;
  std::map<std::string_view, NodeIndex> by_id_;  // the first of each id
};

}  // namespace

NodeIndex Graph::find(std::string_view step_id) const {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].step->id == step_id) return static_cast<NodeIndex>(i);
  }
  return end_node;
}

NodeIndex Graph::behind_next(const Node& node) const {
  const bool ends_strand = node.parallel != end_node && nodes[node.parallel].next == node.next;
  return node.next == end_node || ends_strand ? node.next : nodes[node.next].next;
}

Graph flatten(const Campaign& campaign) { return Flattener(campaign).take(); }

void name_steps(Campaign& campaign) {
  std::array<std::uint32_t, std::variant_size_v<Step::Kind>> counts{};
  for_each_step(campaign.steps, [&](Step& step) {
    const std::uint32_t n = ++counts[step.kind.index()];
    if (step.id.empty()) step.id = fmt::format("{}-{}", kind_name(step), n);
  });
}

}  // namespace itinera::model
