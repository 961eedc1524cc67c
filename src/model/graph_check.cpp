// SPDX-License-Identifier: Apache-2.0
// What only the graph can tell: steps without a way to them, cycles without a wait, receipts of
// steps that cannot have run. Which cycles are accepted, and why: docs/decisions/loops.md.
#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <map>

#include "itinera/time.hpp"
#include "model/checks.hpp"
#include "model/dot_text.hpp"
#include "model/walk.hpp"
#include "model/ways.hpp"

namespace itinera::model {

namespace {

using BoostGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
using Vertex = boost::graph_traits<BoostGraph>::vertex_descriptor;

class GraphCheck {
 public:
  GraphCheck(const Subject& subject, Findings& findings)
      : subject_(subject),
        nodes_(subject.graph.nodes),
        all_(nodes_.size()),
        hasty_(nodes_.size()),
        findings_(findings) {
    const std::vector<std::vector<WayOut>> ways = ways_out(subject);
    for (std::size_t from = 0; from < nodes_.size(); ++from) {
      for (const WayOut& way : ways[from]) {
        boost::add_edge(from, way.to, all_);
        if (!way.waits) boost::add_edge(from, way.to, hasty_);
      }
    }
    for (const Node& node : nodes_) ids_.push_back(node.step->id);
  }

  void check() {
    ways_known_ = !subject_.gaps.steps && subject_.gaps.kindless.empty();
    reached_.assign(nodes_.size(), false);
    if (!nodes_.empty()) mark_from(0, reached_);
    check_jumps();
    check_unreachable();
    check_cycles();
    check_receipts();
  }

 private:
  const Step& step(std::size_t node) const { return *nodes_[node].step; }

  // Marks `from` and all that can be reached from it. What is marked before is not entered again.
  void mark_from(Vertex from, std::vector<bool>& marked) const {
    std::vector<Vertex> open;
    if (!marked[from]) open.push_back(from);
    marked[from] = true;
    while (!open.empty()) {
      const Vertex node = open.back();
      open.pop_back();
      const auto [begin, end] = boost::adjacent_vertices(node, all_);
      for (auto next = begin; next != end; ++next) {
        if (marked[*next]) continue;
        marked[*next] = true;
        open.push_back(*next);
      }
    }
  }

  void check_jumps() {
    std::vector<bool> led_to(nodes_.size(), false);
    for (const Node& node : nodes_) {
      for (const Jump& jump : jumps_of(*node.step)) {
        const SourceLocation at = place_of(node.step->words, jump.key, node.step->at);
        const NodeIndex target = subject_.graph.find(*jump.step);
        if (target == end_node) {
          ways_known_ = false;  // it may have been meant to lead anywhere
          unknown_step(at, jump.key, *jump.step);
        } else {
          led_to[target] = true;
          check_strand(node, jump.key, at, nodes_[target]);
        }
      }
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!step(i).max_visits || led_to[i] || !ways_known_) continue;
      findings_.warning(ErrorCode::suspicious, place_of(step(i).words, "max_visits", step(i).at),
                        fmt::format("{}: max_visits stands on the step that a goto leads to, and "
                                    "none leads here",
                                    title_of(step(i))),
                        "move it to the first step of the loop");
    }
  }

  // A jump stays in its strand: who left it would leave the others to themselves.
  void check_strand(const Node& from, std::string_view key, const SourceLocation& at,
                    const Node& target) {
    if (from.parallel == target.parallel && from.strand == target.strand) return;
    const bool inside = from.parallel != end_node;
    const bool by_goto = key == "goto";
    findings_.error(ErrorCode::bad_value, at,
                    fmt::format("{}{} leads {} {}", title_of(*from.step),
                                by_goto ? "" : fmt::format(": `{}`", key),
                                inside ? "out of a strand of" : "into",
                                title_of(step(inside ? from.parallel : target.parallel))),
                    !inside   ? "lead to the parallel itself"
                    : by_goto ? "let the strand end, and put the goto behind the parallel"
                              : "lead to a step of the strand");
  }

  // There is no such step, unless it is one that could not be read.
  void unknown_step(const SourceLocation& at, std::string_view key, std::string_view id) {
    const std::size_t name = id.find_last_not_of("0123456789");
    const bool given = name != std::string_view::npos && name + 1 < id.size() && id[name] == '-';
    if (id.empty()) {
      findings_.missing(at, "a step is named by its id, and here is none",
                        fmt::format("write `{}: <id>`", key));
    } else if (!subject_.gaps.steps && (!given || subject_.gaps.kindless.empty())) {
      findings_.unknown_name(at, "step", id, ids_);
    }
  }

  // One finding for each place where a way breaks off, not for every step behind it.
  void check_unreachable() {
    if (!ways_known_) return;
    std::vector<bool> covered = reached_;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (covered[i]) continue;
      const auto before = std::count(covered.begin(), covered.end(), true);
      mark_from(i, covered);
      const auto behind = std::count(covered.begin(), covered.end(), true) - before - 1;
      findings_.warning(
          ErrorCode::unreachable_step, step(i).at,
          fmt::format("no way leads to {}{}", title_of(step(i)),
                      behind == 0   ? ""
                      : behind == 1 ? ", nor to the step behind it"
                                    : fmt::format(", nor to the {} steps behind it", behind)),
          "remove it, or lead there with a goto");
    }
  }

  // A strong component of the ways that neither wait nor use up an input is a cycle that can spin.
  void check_cycles() {
    std::vector<std::size_t> component(nodes_.size());
    boost::strong_components(
        hasty_, boost::make_iterator_property_map(component.begin(),
                                                  boost::get(boost::vertex_index, hasty_)));
    std::vector<bool> reported(nodes_.size(), false);  // by component
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!reached_[i] || reported[component[i]]) continue;
      const std::vector<Vertex> cycle = cycle_through(i, component);
      if (cycle.empty()) continue;
      reported[component[i]] = true;
      findings_.error(ErrorCode::endless_cycle, step(i).at,
                      fmt::format("these steps can repeat without waiting: {}", text_of(cycle)),
                      fmt::format("every loop needs a wait of at least {} that is never skipped, "
                                  "or an event to wait for",
                                  wait_text()));
    }
  }

  // The shortest cycle through `start` inside its component, `start` first and not repeated at the
  // end; empty if there is none.
  std::vector<Vertex> cycle_through(Vertex start, const std::vector<std::size_t>& component) const {
    std::map<Vertex, Vertex> came_from;
    std::vector<Vertex> open{start};
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto [begin, end] = boost::adjacent_vertices(open[i], hasty_);
      for (auto next = begin; next != end; ++next) {
        if (component[*next] != component[start]) continue;
        if (*next == start) {
          std::vector<Vertex> cycle{open[i]};
          while (cycle.back() != start) cycle.push_back(came_from.at(cycle.back()));
          std::reverse(cycle.begin(), cycle.end());
          return cycle;
        }
        if (came_from.emplace(*next, open[i]).second) open.push_back(*next);
      }
    }
    return {};
  }

  std::string text_of(const std::vector<Vertex>& cycle) const {
    constexpr std::size_t shown_max = 20;
    std::string text;
    for (std::size_t i = 0; i < std::min(cycle.size(), shown_max); ++i) {
      text += fmt::format("{} -> ", step(cycle[i]).id);
    }
    if (cycle.size() > shown_max) text += "... -> ";
    return text + step(cycle.front()).id;
  }

  std::string wait_text() const {
    const std::int64_t ms = subject_.workspace.min_loop_wait_ms;
    return ms % minute_ms == 0   ? fmt::format("{}m", ms / minute_ms)
           : ms % second_ms == 0 ? fmt::format("{}s", ms / second_ms)
                                 : fmt::format("{}ms", ms);
  }

  void check_receipts() {
    for (const Goal& goal : subject_.campaign.goals) {
      if (goal.trigger) check_receipt(*goal.trigger, end_node);
    }
    for (const ExitRule& exit : subject_.campaign.exits) check_receipt(exit.trigger, end_node);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto* wait = std::get_if<WaitFor>(&step(i).kind);
      if (wait == nullptr) continue;
      for (const WaitCase& wait_case : wait->cases) {
        check_receipt(wait_case.trigger, static_cast<NodeIndex>(i));
      }
      if (wait->reset_on) check_receipt(*wait->reset_on, static_cast<NodeIndex>(i));
    }
  }

  // `at`: the wait that awaits it, or end_node for a goal or an exit, which listen all the time.
  void check_receipt(const Trigger& trigger, NodeIndex at) {
    if (trigger.kind != Trigger::Kind::receipt) return;
    const auto impossible = [&](std::string message, std::string hint) {
      findings_.error(ErrorCode::impossible_receipt, trigger.at, std::move(message),
                      std::move(hint));
    };
    const std::string_view receipt = receipt_name(trigger);
    if (trigger.receipt == Receipt::declared && !is_declared(trigger)) return;
    if (trigger.account) return;  // of any step of any campaign
    if (trigger.step.empty()) {
      findings_.missing(trigger.at, fmt::format("`{}` needs the id of a step", receipt),
                        "or `any` for every step of this campaign");
    } else if (trigger.step == "any") {
      if (!can_follow(senders(), at)) {
        impossible(fmt::format("nothing can be {}: no step has sent anything before", receipt),
                   "await it behind a send");
      }
    } else if (const NodeIndex target = subject_.graph.find(trigger.step); target == end_node) {
      unknown_step(trigger.at, receipt_name(trigger), trigger.step);
    } else if (!is_reported(step(target))) {
      impossible(fmt::format("{} is a {} and emits nothing that could be {}",
                             title_of(step(target)), kind_name(step(target)), receipt),
                 "name a send, a call or a task");
    } else if (!can_follow({target}, at)) {
      impossible(at == end_node
                     ? fmt::format("{} never runs: no way leads to it", title_of(step(target)))
                     : fmt::format("{} cannot have run before: no way leads from it to here",
                                   title_of(step(target))),
                 "await it behind that step, or name another");
    } else if (!std::holds_alternative<Send>(step(target).kind)) {
      check_answered(trigger, step(target));
    } else if (!has_receipt(std::get<Send>(step(target).kind), trigger)) {
      impossible(
          fmt::format("{} goes by {}, which declares no receipt '{}'", title_of(step(target)),
                      either_of(channels_of(std::get<Send>(step(target).kind))), receipt),
          "name a send on a channel that declares it");
    } else if (trigger.receipt == Receipt::completed) {
      findings_.warning(ErrorCode::suspicious, trigger.at,
                        fmt::format("{} is a message; only tasks and calls are completed",
                                    title_of(step(target))),
                        "await delivered, opened, clicked or replied");
    }
  }

  static bool declares(const Channel& channel, const Trigger& trigger) {
    const auto& names = channel.receipts;
    return std::find(names.begin(), names.end(), trigger.declared) != names.end();
  }

  // Whether some channel declares the receipt; if none does, says so.
  bool is_declared(const Trigger& trigger) {
    const std::vector<Channel>& channels = subject_.workspace.channels;
    const auto has = [&](const Channel& channel) { return declares(channel, trigger); };
    if (subject_.workspace_gaps.channels || std::any_of(channels.begin(), channels.end(), has)) {
      return true;
    }
    std::vector<std::string> known{"event", "condition", "segment"};
    for (int i = 0; i < static_cast<int>(Receipt::declared); ++i) {
      known.emplace_back(name_of(static_cast<Receipt>(i)));
    }
    for (const Channel& channel : channels) {
      known.insert(known.end(), channel.receipts.begin(), channel.receipts.end());
    }
    std::string hint = findings_.did_you_mean(trigger.declared, known);
    if (hint.empty()) hint = "a channel declares it, such as `receipts: [connected]`";
    findings_.error(
        ErrorCode::unknown_name, trigger.at,
        fmt::format("`{}` is no trigger, and no channel declares such a receipt", trigger.declared),
        std::move(hint));
    return false;
  }

  // An unknown channel is reported with its send.
  bool has_receipt(const Send& send, const Trigger& trigger) const {
    if (trigger.receipt != Receipt::declared || subject_.workspace_gaps.channels) return true;
    const std::vector<Channel>& channels = subject_.workspace.channels;
    const std::vector<std::string_view> names = channels_of(send);
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      const auto channel = std::find_if(channels.begin(), channels.end(),
                                        [&](const Channel& each) { return each.name == name; });
      return channel == channels.end() || declares(*channel, trigger);
    });
  }

  void check_answered(const Trigger& trigger, const Step& asks) {
    const bool usual = trigger.receipt == Receipt::sent || trigger.receipt == Receipt::delivered ||
                       trigger.receipt == Receipt::failed || trigger.receipt == Receipt::completed;
    if (usual) return;
    findings_.warning(ErrorCode::suspicious, trigger.at,
                      fmt::format("{} is a {} and no message: it is not {}", title_of(asks),
                                  kind_name(asks), name_of(trigger.receipt)),
                      "await completed or failed");
  }

  // What the host reports of.
  static bool is_reported(const Step& step) {
    return std::holds_alternative<Send>(step.kind) || answer_of(step) != nullptr;
  }
  std::vector<NodeIndex> senders() const {
    std::vector<NodeIndex> result;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (is_reported(step(i))) result.push_back(static_cast<NodeIndex>(i));
    }
    return result;
  }

  // Whether someone at `at` may have passed one of `from`. A wait that nobody reaches is reported
  // as such, so all is possible there.
  bool can_follow(const std::vector<NodeIndex>& from, NodeIndex at) {
    if (!ways_known_ || (at != end_node && !reached_[at])) return true;
    auto [behind, is_new] = behind_.try_emplace(from);
    if (is_new) {
      behind->second.assign(nodes_.size(), false);
      for (const NodeIndex sender : from) {
        if (!reached_[sender]) continue;
        const auto [begin, end] = boost::adjacent_vertices(Vertex{sender}, all_);
        for (auto next = begin; next != end; ++next) mark_from(*next, behind->second);
        mark_beside(sender, behind->second);
      }
    }
    if (at != end_node) return behind->second[at];
    return std::any_of(from.begin(), from.end(),
                       [&](NodeIndex sender) { return reached_[sender]; });
  }

  // What runs beside it, in other strands of the parallels around it.
  void mark_beside(NodeIndex node, std::vector<bool>& marked) const {
    const Node* inner = &nodes_[node];
    while (inner->parallel != end_node) {
      const Node& around = nodes_[inner->parallel];
      for (std::size_t i = 0; i < around.targets.size(); ++i) {
        const bool beside = i != inner->strand && around.targets[i] != end_node;
        if (beside) mark_from(around.targets[i], marked);
      }
      inner = &around;
    }
  }

  const Subject& subject_;
  const std::vector<Node>& nodes_;
  BoostGraph all_;
  BoostGraph hasty_;        // only ways that neither wait nor use up an input
  bool ways_known_ = true;  // no way leads where nobody knows
  std::vector<bool> reached_;
  std::vector<std::string> ids_;
  std::map<std::vector<NodeIndex>, std::vector<bool>> behind_;  // what can follow these steps
  Findings& findings_;
};

}  // namespace

std::vector<std::size_t> strong_components(std::span<const std::vector<std::size_t>> edges) {
  BoostGraph graph(edges.size());
  for (std::size_t from = 0; from < edges.size(); ++from) {
    for (const std::size_t to : edges[from]) boost::add_edge(from, to, graph);
  }
  std::vector<std::size_t> component(edges.size());
  boost::strong_components(graph, boost::make_iterator_property_map(
                                      component.begin(), boost::get(boost::vertex_index, graph)));
  return component;
}

void check_graph(const Subject& subject, Findings& findings) {
  GraphCheck(subject, findings).check();
}

}  // namespace itinera::model
