// SPDX-License-Identifier: Apache-2.0
#include "state/views.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/stable_hash.hpp"
#include "state/attempts.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Decision;

// Since when a journey stands where it does.
struct Since {
  Instant at;
  bool certain = false;
};

// Whether the journey, the strand or the send aside at that place stands at a step. Those of a
// parallel stand in its strands, those that linger in their sends aside.
bool stands(const Journey& j) {
  switch (j.phase) {
    case Phase::waiting:
    case Phase::awaiting:
    case Phase::ready:
    case Phase::held:
    case Phase::parked:
    case Phase::stalled: return true;
    case Phase::gone:
    case Phase::moving:
    case Phase::forked:
    case Phase::done:
    case Phase::lingering:
    case Phase::open_goals: break;
  }
  return false;
}

// Null: its campaign has no step at all.
const NodePlan* node_of(const State& state, const Journey& j) {
  const std::vector<NodePlan>& nodes = state.plan_of(j).nodes;
  if (j.node < nodes.size()) return &nodes[j.node];
  return nodes.empty() ? nullptr : nodes.data();  // before its first step
}

// What is known of attempts is the journey's, not a strand's.
Attempt attempt_of(const State& state, std::uint32_t place) {
  const Journey& whole = state.journeys[state.whole(place)];
  return attempt_at(state.blobs.view(whole.context), state.journeys[place].node);
}

bool is_frozen(const State& state, std::uint32_t place) {
  const Journey& j = state.journeys[place];
  const bool waits = j.phase == Phase::waiting || j.phase == Phase::awaiting;
  return waits && j.due == record::no_deadline && state.halt_of(j) != nullptr &&
         state.halts.frozen.contains(place);
}

// Of a held send that has a place in the line of an account; null: none.
const Accounts::Place* line_place(const State& state, std::uint32_t place) {
  const auto found = state.accounts.places.find(place);
  return found == state.accounts.places.end() || found->second.called ? nullptr : &found->second;
}

Turn turn_at(const State& state, const Accounts::Place& place) {
  return next_turn(*state.zones, state.plans.senders[place.sender],
                   state.accounts.all[place.sender], place.operation, state.now);
}

Awaited held_by_account(const State& state, const Accounts::Place& place) {
  const Turn turn = turn_at(state, place);
  if (turn.at <= state.now) return Awaited::line;
  if (state.accounts.all[place.sender].rested_until >= turn.at) return Awaited::rest;
  if (turn.because == Decision::held_hours) return Awaited::hours;
  return turn.because == Decision::held_pace ? Awaited::pace : Awaited::quota;
}

Awaited held_by(const State& state, std::uint32_t place) {
  using HeldFor = Journey::HeldFor;
  switch (state.journeys[place].held_for) {
    case HeldFor::slot: return Awaited::cap;
    case HeldFor::presence: return Awaited::presence;
    case HeldFor::resume: return Awaited::resume;
    case HeldFor::time: break;
  }
  const Accounts::Place* const line = line_place(state, place);
  return line == nullptr ? Awaited::quiet_hours : held_by_account(state, *line);
}

Awaited awaited_at(const State& state, std::uint32_t place, const NodePlan& node) {
  const Journey& j = state.journeys[place];
  if (j.phase == Phase::held) return held_by(state, place);
  if (j.phase == Phase::ready) return Awaited::gate;
  if (j.phase == Phase::parked) return Awaited::group;
  if (j.phase == Phase::stalled || is_frozen(state, place)) return Awaited::resume;
  const bool retries = node.retry != nullptr;
  if (retries && attempt_of(state, place).pending) return Awaited::retry;
  switch (node.kind) {
    case StepKind::wait_for: return Awaited::trigger;
    case StepKind::call: return Awaited::answer;
    case StepKind::task: return Awaited::person;
    case StepKind::digest: return Awaited::entries;
    case StepKind::send: return j.phase == Phase::awaiting ? Awaited::outcome : Awaited::time;
    default: return Awaited::time;
  }
}

std::optional<Instant> until(const State& state, std::uint32_t place, Awaited awaited) {
  const Journey& j = state.journeys[place];
  if (awaited == Awaited::gate) return state.now;
  const bool stopped = awaited == Awaited::resume && j.phase != Phase::held;
  if (stopped || j.phase == Phase::parked) return std::nullopt;
  Instant due = j.due;
  const Accounts::Place* const line = line_place(state, place);
  if (j.phase == Phase::held && line != nullptr) {
    due = std::min(due, std::max(turn_at(state, *line).at, state.now));
  }
  if (due >= latest_instant) return std::nullopt;
  return due;
}

// When the step has emitted its first action of this visit.
std::optional<Instant> asked_at(const State& state, std::uint32_t place, const NodePlan& node) {
  const Journey& j = state.journeys[place];
  std::uint32_t older =
      node.retry != nullptr ? attempt_of(state, place).older() : state.legs_before(place, j.node);
  std::optional<Instant> found;
  for (std::uint32_t at = state.journeys[state.whole(place)].actions; at != no_place;
       at = state.actions[at].next) {
    if (state.node_of(at) != j.node) continue;
    found = state.actions[at].emitted;
    if (older-- == 0) break;
  }
  return found;
}

// Deadlines that count from the arrival, or from when they were armed anew.
std::optional<std::int64_t> length_of(const NodePlan& node) {
  if (node.plain_ms > 0) return node.plain_ms;
  if (const auto* wait = std::get_if<WaitFor>(&node.step->kind)) return wait->within_ms;
  if (const auto* digest = std::get_if<Digest>(&node.step->kind)) return digest->window_ms;
  return std::nullopt;
}

// The journey was somewhere else until then, as far as it has left a trace. Other strands, and
// sends that have stepped aside, leave theirs whenever they go out.
Instant moved_last(const State& state, std::uint32_t place) {
  const Journey& j = state.journeys[place];
  if (j.is_strand()) return j.entered;
  for (std::uint32_t at = j.actions; at != no_place; at = state.actions[at].next) {
    const Step& step = *state.step_of(at).step;
    const auto* const send = std::get_if<Send>(&step.kind);
    const bool aside = send != nullptr && send->while_held == Send::WhileHeld::aside;
    if (!aside) return std::max(j.entered, state.actions[at].emitted);
  }
  return j.entered;
}

Since since(const State& state, std::uint32_t place, const NodePlan& node) {
  const Journey& j = state.journeys[place];
  if (j.phase == Phase::parked) return {j.entered, true};
  if (const auto arrived = arrived_at(state.blobs.view(j.context), j.node)) return {*arrived, true};
  if (j.phase == Phase::awaiting) {
    if (const auto asked = asked_at(state, place, node)) return {*asked, true};
  }
  const Accounts::Place* const line = line_place(state, place);
  if (j.phase == Phase::held && line != nullptr) return {line->waiter.came, true};
  const Instant moved = moved_last(state, place);
  const Halt* const halt = state.halt_of(j);
  const bool stopped = j.phase == Phase::stalled ||
                       (j.phase == Phase::held && j.held_for == Journey::HeldFor::resume);
  if (stopped && halt != nullptr) return {std::max(moved, halt->since), false};
  const auto length = length_of(node);
  const Instant due = is_frozen(state, place) ? state.halts.frozen.find(place)->second.due : j.due;
  const bool waits = j.phase == Phase::waiting || j.phase == Phase::awaiting;
  if (!waits || !length || due == record::no_deadline) return {moved, false};
  return {std::clamp(due - *length, j.entered, state.now), true};
}

std::string detail_of(const State& state, std::uint32_t place, const NodePlan& node,
                      Awaited awaited) {
  const Journey& j = state.journeys[place];
  const CampaignPlan& plan = state.plan_of(j);
  if (const auto* call = std::get_if<Call>(&node.step->kind)) return call->name;
  if (const auto* task = std::get_if<Task>(&node.step->kind)) return task->ask;
  if (awaited == Awaited::group) {
    return plan.group == no_name ? std::string() : std::string(state.plans.names.text(plan.group));
  }
  const Accounts::Place* const line = line_place(state, place);
  if (j.phase != Phase::held || line == nullptr) return {};
  return state.plans.senders[line->sender].rules.name;
}

Standing standing_of(const State& state, std::uint32_t place, const NodePlan& node) {
  const Journey& j = state.journeys[place];
  Standing standing;
  standing.step = node.step->id;
  standing.aside = j.is_aside();
  if (j.is_strand() && !j.is_aside()) standing.strand = j.strand;
  standing.awaited = awaited_at(state, place, node);
  standing.until = until(state, place, standing.awaited);
  const Since there = since(state, place, node);
  standing.since = there.at;
  standing.certain = there.certain;
  standing.detail = detail_of(state, place, node, standing.awaited);
  if (standing.awaited == Awaited::trigger) {
    for (const WaitCase& each : std::get<WaitFor>(node.step->kind).cases) {
      standing.triggers.push_back(each.trigger);
    }
  }
  return standing;
}

std::vector<JourneyView::Assignment> variants_of(const State& state, const Journey& j) {
  std::vector<JourneyView::Assignment> variants;
  const CampaignPlan& plan = state.plan_of(j);
  for (const NodePlan& node : plan.nodes) {
    const auto* const split = std::get_if<Split>(&node.step->kind);
    if (split == nullptr) continue;
    const KeptVariant* const kept =
        state.variants.find(j.contact, variant_key(plan.family, node.step->id));
    if (kept == nullptr) continue;
    for (const Variant& variant : split->variants) {
      if (base::stable_hash(variant.name).high != kept->name) continue;
      variants.push_back({node.step->id, variant.name});
    }
  }
  return variants;
}

// All but where it stands. `place` may be a strand's.
JourneyView view_of(const State& state, std::uint32_t place) {
  const Journey& j = state.journeys[state.whole(place)];
  const CampaignPlan& plan = state.plan_of(j);
  JourneyView view;
  view.id = {journey_id_of(state, state.whole(place))};
  view.contact = state.id_of(state.contacts[j.contact]);
  view.campaign = plan.campaign.name;
  view.version = plan.campaign.version;
  if (j.has_key) view.key = state.key_of(j);
  view.entered = j.entered;
  view.holdout = j.holdout;
  view.paused = state.halt_of(j) != nullptr;
  view.variants = variants_of(state, j);
  for (std::size_t i = 0; i < plan.goals.size(); ++i) {
    if ((j.goals >> i & 1) != 0) view.goals.push_back(plan.campaign.goals[i].name);
  }
  return view;
}

// In the order of a journey's steps.
void add_standing(const State& state, std::uint32_t place, std::vector<std::uint32_t>& places) {
  if (stands(state.journeys[place]) && node_of(state, state.journeys[place]) != nullptr) {
    places.push_back(place);
  }
}

// Whether nothing but an input can move what stands there, or a gate holds it.
bool is_stuck(const State& state, std::uint32_t place, const NodePlan& node) {
  const Awaited awaited = awaited_at(state, place, node);
  return is_held(awaited) || awaited == Awaited::resume || !until(state, place, awaited);
}

}  // namespace

Result<std::vector<JourneyView>> journeys_of(const State& state, std::string_view contact) {
  const std::uint32_t person = state.find_contact(contact, base::stable_hash(contact).high);
  if (person == no_place) {
    return Error{ErrorCode::unknown_contact,
                 std::string("there is no contact `").append(contact).append("`")};
  }
  std::vector<JourneyView> views;
  std::vector<std::uint32_t> places;
  for (std::uint32_t at = state.contacts[person].journeys; at != no_place;
       at = state.journeys[at].next) {
    if (state.journeys[at].is_strand() || state.journeys[at].phase == Phase::open_goals) continue;
    places.clear();
    for (std::uint32_t each = at; each != no_place; each = state.next_strand(each, at)) {
      add_standing(state, each, places);
    }
    for (const std::uint32_t each : state.asides_of(at)) add_standing(state, each, places);
    std::stable_sort(places.begin(), places.end(), [&](std::uint32_t a, std::uint32_t b) {
      const auto visit = [](const Journey& j) { return j.is_aside() ? j.goals : no_place; };
      const Journey& x = state.journeys[a];
      const Journey& y = state.journeys[b];
      return std::tuple(x.node, visit(x)) < std::tuple(y.node, visit(y));
    });
    JourneyView& view = views.emplace_back(view_of(state, at));
    for (const std::uint32_t each : places) {
      view.standings.push_back(standing_of(state, each, *node_of(state, state.journeys[each])));
    }
  }
  return views;
}

namespace {

// The journey or strand at that place stands at the step, too.
void count_standing(StepOccupancy& step, const State& state, std::uint32_t place,
                    const NodePlan& node) {
  const Awaited awaited = awaited_at(state, place, node);
  std::uint64_t& count = is_held(awaited)             ? step.held
                         : awaited == Awaited::person ? step.asked
                         : awaited == Awaited::resume ? step.stopped
                                                      : step.waiting;
  ++count;
  const Since there = since(state, place, node);
  if (step.step.empty() || there.at < step.since) {
    step.since = there.at;
    step.certain = there.certain;
  }
  if (step.step.empty()) step.step = node.step->id;
}

}  // namespace

std::vector<StepOccupancy> occupancy(const State& state) {
  std::vector<std::vector<StepOccupancy>> steps(state.plans.versions.size());
  for (std::uint32_t place = 0; place < state.journeys.size(); ++place) {
    const Journey& j = state.journeys[place];
    if (!stands(j)) continue;
    const NodePlan* const node = node_of(state, j);
    if (node == nullptr) continue;
    const CampaignPlan& plan = state.plan_of(j);
    std::vector<StepOccupancy>& of_version = steps[j.version];
    of_version.resize(plan.nodes.size());
    StepOccupancy& step = of_version[static_cast<std::size_t>(node - plan.nodes.data())];
    count_standing(step, state, place, *node);
  }
  std::vector<std::size_t> versions(steps.size());
  std::iota(versions.begin(), versions.end(), std::size_t{0});
  std::sort(versions.begin(), versions.end(), [&](std::size_t a, std::size_t b) {
    const Campaign& x = state.plans.versions[a]->campaign;
    const Campaign& y = state.plans.versions[b]->campaign;
    return std::tie(x.name, x.version) < std::tie(y.name, y.version);
  });
  std::vector<StepOccupancy> all;
  for (const std::size_t version : versions) {
    const Campaign& campaign = state.plans.versions[version]->campaign;
    for (StepOccupancy& step : steps[version]) {
      if (step.step.empty()) continue;
      step.campaign = campaign.name;
      step.version = campaign.version;
      all.push_back(std::move(step));
    }
  }
  return all;
}

StuckReport stuck(const State& state, std::int64_t older_than_ms, std::size_t max) {
  StuckReport report;
  const std::int64_t age = std::max<std::int64_t>(older_than_ms, 0);
  struct Found {
    Instant since;
    std::uint32_t place = no_place;
  };
  // A heap whose front is the one that would be told last: memory is bounded by `max`.
  std::vector<Found> oldest;
  const auto before = [&state](const Found& a, const Found& b) {
    return a.since != b.since ? a.since < b.since : state.before(a.place, b.place);
  };
  for (std::uint32_t place = 0; place < state.journeys.size(); ++place) {
    const Journey& j = state.journeys[place];
    if (!stands(j)) continue;
    const NodePlan* const node = node_of(state, j);
    if (node == nullptr || !is_stuck(state, place, *node)) continue;
    const Found found{since(state, place, *node).at, place};
    if (state.now - found.since < age) continue;
    ++report.total;
    if (max == 0) continue;
    if (oldest.size() == max) {
      if (!before(found, oldest.front())) continue;
      std::pop_heap(oldest.begin(), oldest.end(), before);
      oldest.pop_back();
    }
    oldest.push_back(found);
    std::push_heap(oldest.begin(), oldest.end(), before);
  }
  std::sort_heap(oldest.begin(), oldest.end(), before);
  for (const Found& found : oldest) {
    report.journeys.push_back(view_at(state, found.place));
  }
  return report;
}

JourneyView view_at(const State& state, std::uint32_t place) {
  JourneyView view = view_of(state, place);
  const Journey& j = state.journeys[place];
  const NodePlan* const node = node_of(state, j);
  if (stands(j) && node != nullptr) view.standings.push_back(standing_of(state, place, *node));
  return view;
}

}  // namespace itinera::engine
