// SPDX-License-Identifier: Apache-2.0
// What becomes of journeys in flight when a newer version of their campaign is published: looked at
// before anything is written, so that a publication can be refused, or tried.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/migration.hpp"
#include "itinera/result.hpp"
#include "model/graph.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// What becomes of whoever stands at a step.
struct StepFate {
  MigrationRow::Fate fate = MigrationRow::Fate::unanswered;
  NodeIndex to = model::end_node;  // of goes_on and moves
  bool edited = false;             // of goes_on
  bool answered = false;           // it was said of this very step
};

// How one part of a journey moves: itself, a strand, or a send aside.
struct PartMove {
  std::uint32_t place = no_place;
  StepFate fate;
  bool lost = false;  // a send aside whose step is gone
};

// From one version of a campaign to the one that is published. Points into that and into the state.
class VersionMove {
 public:
  // `to` may be null: the publication does not have the campaign.
  VersionMove(const State& state, std::uint16_t from, const Campaign* to,
              const Migration& migration);

  [[nodiscard]] std::uint16_t from() const { return from_; }
  [[nodiscard]] const Campaign* to() const { return to_; }
  [[nodiscard]] WaitChange waits() const { return waits_; }
  // For each step of `from` the step that it is now; end_node: none.
  [[nodiscard]] const std::vector<NodeIndex>& becomes() const { return becomes_; }

  // Whether the journey, none of its strands, is one that may move: in flight, with steps left.
  [[nodiscard]] bool concerns(const Journey& journey) const;
  // How its parts move, itself first. Where one is pinned, all are; where one ends, so do all.
  [[nodiscard]] std::vector<PartMove> parts_of(std::uint32_t journey) const;
  [[nodiscard]] MigrationRow row_of(const PartMove& part) const;
  // Why nobody can come by that answer to the step that it names; empty: somebody can. None: this
  // version has no such step.
  [[nodiscard]] std::optional<std::string> barrier(const StepAnswer& answer) const;

 private:
  [[nodiscard]] NodeIndex same_as(const Step& step) const;
  [[nodiscard]] StepFate fate_of(NodeIndex node) const;
  [[nodiscard]] StepFate answered(const StepAnswer& answer, NodeIndex node) const;
  [[nodiscard]] StepFate rest() const;
  [[nodiscard]] StepFate fate_of_part(const Journey& part, const StepFate* head) const;
  void compare(const Migration& migration);

  const State& state_;
  std::uint16_t from_;
  const Campaign* to_;
  WaitChange waits_;
  Migration::Rest rest_;
  std::unique_ptr<model::Graph> graph_;  // of `to`
  std::vector<StepFate> fates_;          // by step of `from`
  std::vector<NodeIndex> becomes_;
};

// The moves that migrations ask for. Errors: invalid_argument (an answer that names no campaign or
// step there is).
Result<std::vector<VersionMove>> plan_moves(const State& state, std::span<const Campaign> campaigns,
                                            std::span<const Migration> migrations);

// What would become of all that are in flight, by campaign, version and step.
std::vector<MigrationRow> rows_of(const State& state, std::span<const VersionMove> moves);

// The same, one by one, in the order of places: where a journey stands in several, each of them.
struct PlaceFate {
  std::uint32_t place = no_place;
  MigrationRow row;  // of this one alone
};
std::vector<PlaceFate> fates_of(const State& state, std::span<const VersionMove> moves);

// Error: conflict, where a step that somebody stands at has no answer; limit_reached, where more
// journeys would move than one frame holds.
Result<void> check_moves(std::span<const MigrationRow> rows);

}  // namespace itinera::engine
