// SPDX-License-Identifier: Apache-2.0
#include "engine/migration_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/nearest.hpp"
#include "model/model_codec.hpp"

namespace itinera::engine {
namespace {

using Fate = MigrationRow::Fate;

// A frame is 256 MiB at most, and a journey that moves is told in some 60 bytes, with a message
// that it sends.
constexpr std::uint64_t moves_max = 2'000'000;

std::string with_hint(const std::string& message, std::string_view name,
                      std::span<const std::string> names) {
  const std::string hint = base::did_you_mean(name, names);
  return hint.empty() ? message : message + "; " + hint;
}

// The version of a name that takes entries once this is published; null: it has none.
const Campaign* newest_of(std::span<const Campaign> campaigns, std::string_view name) {
  const Campaign* newest = nullptr;
  for (const Campaign& each : campaigns) {
    if (each.name != name) continue;
    if (newest == nullptr || each.version > newest->version) newest = &each;
  }
  return newest;
}

std::vector<std::string> ids_of(const model::Graph& graph) {
  std::vector<std::string> ids;
  for (const model::Node& node : graph.nodes) ids.push_back(node.step->id);
  return ids;
}

// Whether each answer names a step of some version, and one of the version that comes.
Result<void> check_answers(const State& state, const Migration& migration, const Family& family,
                           const Campaign* to) {
  std::vector<std::string> before;
  for (const auto& plan : state.plans.versions) {
    if (&state.plans.families[plan->family] != &family) continue;
    for (const NodePlan& node : plan->nodes) before.push_back(node.step->id);
  }
  std::vector<std::string> after;
  if (to != nullptr) after = ids_of(model::flatten(*to));
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const StepAnswer& answer : migration.steps) {
    const auto same = [&](const StepAnswer& each) { return each.step == answer.step; };
    if (std::count_if(migration.steps.begin(), migration.steps.end(), same) > 1) {
      return Error{ErrorCode::invalid_argument,
                   fmt::format("migration of {}: step '{}' has two answers", migration.campaign,
                               answer.step)};
    }
    if (!has(before, answer.step)) {
      return Error{ErrorCode::invalid_argument,
                   with_hint(fmt::format("migration of {}: no version has a step '{}'",
                                         migration.campaign, answer.step),
                             answer.step, before)};
    }
    if (answer.kind != StepAnswer::Kind::to || has(after, answer.to)) continue;
    return Error{ErrorCode::invalid_argument,
                 with_hint(fmt::format("migration of {}: step '{}' is to become '{}', and what is "
                                       "published has no such step",
                                       migration.campaign, answer.step, answer.to),
                           answer.to, after)};
  }
  return {};
}

}  // namespace

VersionMove::VersionMove(const State& state, std::uint16_t from, const Campaign* to,
                         const Migration& migration)
    : state_(state), from_(from), to_(to), waits_(migration.waits), rest_(migration.rest) {
  if (to != nullptr) graph_ = std::make_unique<model::Graph>(model::flatten(*to));
  compare(migration);
}

StepFate VersionMove::rest() const {
  switch (rest_) {
    case Migration::Rest::refuse: break;
    case Migration::Rest::exit: return {Fate::exits, model::end_node, false};
    case Migration::Rest::pin: return {Fate::pinned, model::end_node, false};
  }
  return {};
}

StepFate VersionMove::answered(const StepAnswer& answer, NodeIndex node) const {
  if (answer.kind == StepAnswer::Kind::exit) return {Fate::exits, model::end_node, false};
  if (answer.kind == StepAnswer::Kind::pin || graph_ == nullptr) {
    return {Fate::pinned, model::end_node, false};
  }
  const NodeIndex to = graph_->find(answer.to);
  const Step& before = *state_.plans.versions[from_]->nodes[node].step;
  const Step& after = *graph_->nodes[to].step;
  if (before.kind.index() != after.kind.index()) return {Fate::moves, to, false};
  return {Fate::goes_on, to, model::content_of(before) != model::content_of(after)};
}

// The step of the version that comes which has the same id and is of the same kind, if there is
// one. Steps without an id of their own are counted: where they are not as many as they were, none
// of them can be told from another.
NodeIndex VersionMove::same_as(const Step& step) const {
  const NodeIndex same = graph_ == nullptr ? model::end_node : graph_->find(step.id);
  if (same == model::end_node) return same;
  const Step& after = *graph_->nodes[same].step;
  if (after.kind.index() != step.kind.index()) return model::end_node;
  if (step.named && after.named) return same;
  const auto is_alike = [&](const auto& node) {
    return node.step->kind.index() == step.kind.index();
  };
  const std::vector<NodePlan>& before = state_.plans.versions[from_]->nodes;
  const auto were = std::count_if(before.begin(), before.end(), is_alike);
  const auto are = std::count_if(graph_->nodes.begin(), graph_->nodes.end(), is_alike);
  return were == are ? same : model::end_node;
}

// A step is the same, or an answer says what it is.
void VersionMove::compare(const Migration& migration) {
  const std::vector<NodePlan>& nodes = state_.plans.versions[from_]->nodes;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Step& step = *nodes[i].step;
    StepFate fate = rest();
    const NodeIndex same = same_as(step);
    if (same != model::end_node) {
      const Step& after = *graph_->nodes[same].step;
      fate = {Fate::goes_on, same, model::content_of(step) != model::content_of(after)};
    }
    becomes_.push_back(same);
    const auto answer = std::find_if(migration.steps.begin(), migration.steps.end(),
                                     [&](const StepAnswer& each) { return each.step == step.id; });
    if (answer != migration.steps.end()) {
      fate = answered(*answer, static_cast<NodeIndex>(i));
      fate.answered = true;
      if (fate.fate == Fate::goes_on) becomes_.back() = fate.to;
    }
    fates_.push_back(fate);
  }
}

StepFate VersionMove::fate_of(NodeIndex node) const {
  if (node < fates_.size()) return fates_[node];
  return graph_ == nullptr ? rest() : StepFate{Fate::goes_on, model::end_node, false};
}

bool VersionMove::concerns(const Journey& journey) const {
  const bool ends_all = graph_ == nullptr && rest_ == Migration::Rest::exit;
  const bool in_flight = journey.phase != Phase::gone && journey.phase != Phase::open_goals &&
                         (journey.phase != Phase::lingering || ends_all);
  return in_flight && !journey.is_strand() && journey.version == from_;
}

// Nobody comes into a parallel but by its beginning, nor out of the strand that it is in. `head`:
// what becomes of the parallel.
StepFate VersionMove::fate_of_part(const Journey& part, const StepFate* head) const {
  StepFate fate = fate_of(part.node);
  const bool moves = fate.fate == Fate::goes_on || fate.fate == Fate::moves;
  if (!moves || part.is_aside() || fate.to == model::end_node) return fate;
  const model::Node& node = graph_->nodes[fate.to];
  const bool inside = head == nullptr ? node.parallel == model::end_node
                                      : node.parallel == head->to && node.strand == part.strand;
  if (inside) return fate;
  // The rest is said of what has no answer: this one has one that leads nowhere.
  return fate.answered ? StepFate{} : rest();
}

std::optional<std::string> VersionMove::barrier(const StepAnswer& answer) const {
  const model::Graph before = model::flatten(state_.plans.versions[from_]->campaign);
  const NodeIndex at = before.find(answer.step);
  if (at == model::end_node) return std::nullopt;
  const model::Node& was = before.nodes[at];
  const model::Node& is = graph_->nodes[graph_->find(answer.to)];
  if (was.parallel == model::end_node) {
    if (is.parallel == model::end_node) return "";
    return fmt::format("which is inside a parallel that '{}' is not in", answer.step);
  }
  const StepFate& head = fates_[was.parallel];
  // What leaves a parallel takes its strands with it, whatever is said of these.
  const bool leads =
      head.fate != Fate::goes_on || (head.to == is.parallel && was.strand == is.strand);
  if (leads) return "";
  return fmt::format("which is not in the strand that '{}' is in", answer.step);
}

std::vector<PartMove> VersionMove::parts_of(std::uint32_t journey) const {
  const Journey& whole = state_.journeys[journey];
  if (whole.phase == Phase::lingering) return {{journey, rest(), false}};
  std::vector<PartMove> parts{{journey, fate_of_part(whole, nullptr), false}};
  for (std::uint32_t at = state_.next_strand(journey, journey); at != no_place;
       at = state_.next_strand(at, journey)) {
    const Journey& strand = state_.journeys[at];
    const auto head = std::find_if(parts.begin(), parts.end(),
                                   [&](const PartMove& each) { return each.place == strand.head; });
    // What leaves a parallel takes its strands with it.
    if (head == parts.end() || head->fate.fate != Fate::goes_on) continue;
    if (strand.phase == Phase::done) {
      parts.push_back({at, {Fate::goes_on, head->fate.to, false}, false});
    } else {
      const StepFate above = head->fate;
      parts.push_back({at, fate_of_part(strand, &above), false});
    }
  }
  for (const std::uint32_t aside : state_.asides_of(journey)) {
    StepFate fate = fate_of_part(state_.journeys[aside], nullptr);
    const bool lost = fate.fate == Fate::exits || fate.fate == Fate::moves;
    if (lost) fate = {Fate::goes_on, model::end_node, false};
    parts.push_back({aside, fate, lost});
  }
  for (const Fate of_all : {Fate::pinned, Fate::exits}) {
    const bool is_said = std::any_of(parts.begin(), parts.end(), [&](const PartMove& each) {
      return !each.lost && each.fate.fate == of_all;
    });
    if (!is_said) continue;
    for (PartMove& part : parts) part = {part.place, {of_all, model::end_node, false}, false};
    break;
  }
  return parts;
}

MigrationRow VersionMove::row_of(const PartMove& part) const {
  const CampaignPlan& plan = *state_.plans.versions[from_];
  const Journey& j = state_.journeys[part.place];
  MigrationRow row;
  row.campaign = plan.campaign.name;
  row.version = plan.campaign.version;
  if (j.node != model::end_node) row.step = plan.nodes[j.node].step->id;
  row.fate = part.lost ? Fate::exits : part.fate.fate;
  const bool has_target = part.fate.to != model::end_node && !part.lost &&
                          (row.fate == Fate::goes_on || row.fate == Fate::moves);
  if (has_target) row.to = graph_->nodes[part.fate.to].step->id;
  row.edited = part.fate.edited;
  row.journeys = 1;
  return row;
}

namespace {

// Whether each answer that names a step leads there from one version at least.
Result<void> check_ways(std::span<const VersionMove> moves, const Migration& migration) {
  for (const StepAnswer& answer : migration.steps) {
    if (answer.kind != StepAnswer::Kind::to) continue;
    std::string why;
    for (const VersionMove& move : moves) {
      const std::optional<std::string> barrier = move.barrier(answer);
      if (!barrier) continue;
      why = *barrier;
      if (why.empty()) break;
    }
    if (why.empty()) continue;
    return Error{ErrorCode::invalid_argument,
                 fmt::format("migration of {}: step '{}' is to become '{}', {}", migration.campaign,
                             answer.step, answer.to, why)};
  }
  return {};
}

}  // namespace

Result<std::vector<VersionMove>> plan_moves(const State& state, std::span<const Campaign> campaigns,
                                            std::span<const Migration> migrations) {
  std::vector<VersionMove> moves;
  for (const Migration& migration : migrations) {
    const auto same = [&](const Migration& each) { return each.campaign == migration.campaign; };
    if (std::count_if(migrations.begin(), migrations.end(), same) > 1) {
      return Error{ErrorCode::invalid_argument,
                   fmt::format("migration of {}: there are two of it", migration.campaign)};
    }
    const Family* const family = state.plans.family(migration.campaign);
    const Campaign* const to = newest_of(campaigns, migration.campaign);
    if (family == nullptr && to != nullptr) continue;  // nobody is on an older version
    if (family == nullptr) {
      std::vector<std::string> names;
      for (const Family& each : state.plans.families) names.push_back(each.name);
      return Error{
          ErrorCode::invalid_argument,
          with_hint(fmt::format("migration: there is no campaign '{}'", migration.campaign),
                    migration.campaign, names)};
    }
    if (Result<void> sound = check_answers(state, migration, *family, to); !sound) {
      return sound.error();
    }
    const std::size_t before = moves.size();
    for (const auto& plan : state.plans.versions) {
      if (&state.plans.families[plan->family] != family) continue;
      if (to != nullptr && plan->campaign.version == to->version) continue;
      moves.emplace_back(state, plan->version, to, migration);
    }
    const auto of_it = std::span<const VersionMove>(moves).subspan(before);
    if (Result<void> leads = check_ways(of_it, migration); !leads) return leads.error();
  }
  return moves;
}

namespace {

// Calls `visit(move, part)` with the number of a move and each part that stands somewhere.
template <class Visit>
void for_each_part(const State& state, std::span<const VersionMove> moves, Visit visit) {
  for (std::uint32_t at = 0; at < state.journeys.size(); ++at) {
    const Journey& journey = state.journeys[at];
    for (std::size_t i = 0; i < moves.size(); ++i) {
      if (!moves[i].concerns(journey)) continue;
      const std::vector<PartMove> parts = moves[i].parts_of(at);
      for (const PartMove& part : parts) {
        const Journey& j = state.journeys[part.place];
        const bool is_told = std::any_of(parts.begin(), parts.end(), [&](const PartMove& each) {
          return state.journeys[each.place].head == part.place && !each.lost;
        });
        if (j.phase == Phase::done || (j.phase == Phase::forked && is_told)) continue;
        visit(i, part);
      }
    }
  }
}

}  // namespace

std::vector<MigrationRow> rows_of(const State& state, std::span<const VersionMove> moves) {
  using Key = std::tuple<std::size_t, NodeIndex, Fate, NodeIndex, bool>;
  std::map<Key, MigrationRow> rows;
  for_each_part(state, moves, [&](std::size_t i, const PartMove& part) {
    const Key key{i, state.journeys[part.place].node, part.fate.fate, part.fate.to, part.lost};
    const auto [row, is_new] = rows.try_emplace(key);
    if (is_new) {
      row->second = moves[i].row_of(part);
    } else {
      ++row->second.journeys;
    }
  });
  std::vector<MigrationRow> list;
  for (auto& [key, row] : rows) list.push_back(std::move(row));
  return list;
}

std::vector<PlaceFate> fates_of(const State& state, std::span<const VersionMove> moves) {
  std::vector<PlaceFate> fates;
  for_each_part(state, moves, [&](std::size_t i, const PartMove& part) {
    fates.push_back({part.place, moves[i].row_of(part)});
  });
  return fates;
}

Result<void> check_moves(std::span<const MigrationRow> rows) {
  std::string steps;
  std::uint64_t unanswered = 0;
  std::uint64_t moving = 0;
  for (const MigrationRow& row : rows) {
    if (row.fate != Fate::pinned) moving += row.journeys;
    if (row.fate != Fate::unanswered) continue;
    unanswered += row.journeys;
    steps += fmt::format("{}{} of {} version {}: {}", steps.empty() ? "" : ", ",
                         row.step.empty() ? "before the first" : row.step, row.campaign,
                         row.version, row.journeys);
  }
  if (unanswered != 0) {
    return Error{ErrorCode::conflict,
                 fmt::format("{} journeys stand at steps that they cannot go on at ({}); say what "
                             "becomes of them: another step, exit or pin",
                             unanswered, steps)};
  }
  if (moving <= moves_max) return {};
  return Error{ErrorCode::limit_reached,
               fmt::format("{} journeys would move at once, {} can; pin some of their steps",
                           moving, moves_max)};
}

}  // namespace itinera::engine
