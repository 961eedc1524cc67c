// SPDX-License-Identifier: Apache-2.0
#include "state/migrations.hpp"

#include <algorithm>

#include "state/apply.hpp"
#include "state/attempts.hpp"
#include "state/verify.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Migrated;

// How one of a journey's parts, itself, a strand or a send aside, moves.
struct Part {
  std::uint32_t place = no_place;
  NodeIndex node = model::end_node;
  std::uint8_t how = Migrated::stays;
};

// The parts of the journey as the record lists them: those that go with it unsaid are left out.
// Empty: it does not list them.
std::vector<Part> parts_of(const State& state, const Migrated& r) {
  std::vector<Part> parts{{r.journey, r.node, r.how}};
  base::Reader in(r.parts);
  const auto goes_unsaid = [&](std::uint32_t strand) {
    return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
      return part.how == Migrated::comes && part.place != strand &&
             state.is_within(strand, part.place);
    });
  };
  const auto add = [&](std::uint32_t place) {
    const auto node = in.number<NodeIndex>();
    parts.push_back({place, node, in.number<std::uint8_t>()});
  };
  for (std::uint32_t at = state.next_strand(r.journey, r.journey); at != no_place;
       at = state.next_strand(at, r.journey)) {
    if (!goes_unsaid(at)) add(at);
  }
  for (const std::uint32_t aside : state.asides_of(r.journey)) add(aside);
  return in.ok() && in.at_end() ? parts : std::vector<Part>{};
}

bool is_movable(Phase phase) {
  switch (phase) {
    case Phase::waiting:
    case Phase::awaiting:
    case Phase::ready:
    case Phase::held:
    case Phase::parked:
    case Phase::forked:
    case Phase::done:
    case Phase::stalled: return true;
    case Phase::gone:
    case Phase::moving:
    case Phase::lingering:
    case Phase::open_goals: break;
  }
  return false;
}

// What stands in a context under the node of a step.
bool is_of_step(const ContextItem& item) {
  switch (item.tag) {
    case ContextTag::visits:
    case ContextTag::skipped:
    case ContextTag::attempt:
    case ContextTag::arrived:
    case ContextTag::legs: return true;
    case ContextTag::gathered: return item.name != no_name;
    default: return false;
  }
}

// The same item of another step. Nodes are two bytes wide where no value follows them.
void put_moved(const ContextItem& item, NodeIndex node, base::Writer& out) {
  out.number(item.tag);
  if (item.tag == ContextTag::visits || item.tag == ContextTag::skipped) {
    out.number(node);
    out.bytes(item.whole.subspan(skipped_item_size));
    return;
  }
  out.number(NameId{node});
  out.bytes(item.value);
}

NodeIndex step_called(const CampaignPlan& plan, std::string_view id) {
  const auto found = std::find_if(plan.nodes.begin(), plan.nodes.end(),
                                  [&](const NodePlan& node) { return node.step->id == id; });
  return found == plan.nodes.end() ? model::end_node
                                   : static_cast<NodeIndex>(found - plan.nodes.begin());
}

// Visits of steps that are one now are added up, so that no later one is taken for an earlier one.
void add_visits(const ContextItem& item, NodeIndex node, base::Bytes& context) {
  if (node == model::end_node) return;
  const std::optional<ContextItem> known = find_context(context, ContextTag::visits, node);
  if (known) {
    const auto at = static_cast<std::size_t>(known->whole.data() - context.data());
    base::store_le(context.data() + at + 3, known->visits + item.visits);
    return;
  }
  base::Writer out(context);
  put_moved(item, node, out);
}

// The channels that are behind a send that escalates, by name. One that it no longer has has been
// sent by all the same: it counts for the ids of those to come.
void put_legs(const ContextItem& item, const SendPlan& was, const SendPlan& is, NodeIndex node,
              base::Writer& out) {
  base::Reader in(item.value);
  const auto both = static_cast<std::uint64_t>(*base::unpack(in).get<std::int64_t>());
  std::uint64_t gone = 0;
  std::uint64_t sent = 0;
  std::size_t beyond = is.legs.size();
  for (std::size_t i = 0; i < was.legs.size(); ++i) {
    const auto same = std::find_if(is.legs.begin(), is.legs.end(), [&](const LegPlan& leg) {
      return leg.name == was.legs[i].name;
    });
    const bool kept = same != is.legs.end();
    const auto at = kept ? static_cast<std::size_t>(same - is.legs.begin()) : beyond++;
    if (at >= 31) continue;
    if (kept) gone |= (both >> i & 1) << at;
    sent |= (both >> (32 + i) & 1) << at;
  }
  out.number(item.tag);
  out.number(NameId{node});
  base::Bytes packed;
  base::pack(Value(static_cast<std::int64_t>(gone | sent << 32)), packed);
  out.bytes(packed);
}

// Of steps that are one now what comes first counts.
void remap_context(State& state, Journey& journey) {
  const Migrations& map = state.migrations;
  const CampaignPlan& from = *state.plans.versions[map.from];
  const CampaignPlan& plan = *state.plans.versions[map.to];
  base::Bytes context;
  base::Writer out(context);
  for (base::ByteView rest = state.blobs.view(journey.context); !rest.empty();) {
    const ContextItem item = take_context(rest);
    if (!is_of_step(item)) {
      out.bytes(item.whole);
      continue;
    }
    const auto old = static_cast<NodeIndex>(item.name);
    const NodeIndex node = map.node_of(old);
    if (item.tag == ContextTag::visits) {
      const NodeIndex same_id = step_called(plan, from.nodes[old].step->id);
      add_visits(item, node, context);
      if (same_id != node) add_visits(item, same_id, context);
      continue;
    }
    const bool lost = node == model::end_node ||
                      (item.tag == ContextTag::attempt && plan.nodes[node].retry == nullptr) ||
                      find_context(context, item.tag, node).has_value();
    if (lost) continue;
    if (item.tag == ContextTag::legs) {
      put_legs(item, *from.nodes[old].send, *plan.nodes[node].send, node, out);
    } else {
      put_moved(item, node, out);
    }
  }
  journey.context = state.blobs.replace(journey.context, context);
}

// It has been at that step, whether that was on a cycle or not.
void count_visit(State& state, std::uint32_t whole, NodeIndex node) {
  Journey& journey = state.journeys[whole];
  if (node == model::end_node ||
      find_context(state.blobs.view(journey.context), ContextTag::visits, node)) {
    return;
  }
  put_visits(state, journey, node, 1, earliest_instant);
}

// Whether it stands at a step by another name than before.
bool is_renamed(const State& state, NodeIndex was, NodeIndex is) {
  if (was == model::end_node || is == model::end_node) return false;
  const Migrations& map = state.migrations;
  return state.plans.versions[map.from]->nodes[was].step->id !=
         state.plans.versions[map.to]->nodes[is].step->id;
}

// Whether it stands at another step than before, and not at the same by another name.
bool is_elsewhere(const State& state, NodeIndex was, NodeIndex is) {
  const Migrations& map = state.migrations;
  if (was == model::end_node || is == model::end_node) return was != is;
  if (map.node_of(was) != is) return true;
  const CampaignPlan& from = *state.plans.versions[map.from];
  const NodePlan& node = state.plans.versions[map.to]->nodes[is];
  return is_renamed(state, was, is) && step_called(from, node.step->id) != model::end_node;
}

// What it stood still behind, or waited for elsewhere, was said of the step that it has left.
void forget_arrival(State& state, std::uint32_t place) {
  Journey& journey = state.journeys[place];
  const auto stopped = state.halts.stopped.find(place);
  if (stopped != state.halts.stopped.end()) stopped->second = false;
  if (journey.phase != Phase::parked) return;
  if (find_context(state.blobs.view(journey.context), ContextTag::wait_ends, no_name)) {
    put_context(state, journey, ContextTag::wait_ends, no_name, {});
  }
}

// The step that an action of a journey on the move went out by. Of what has not moved before, that
// is one of the version that is left, whichever the journey's own is by now.
const NodePlan& sent_by(const State& state, std::uint32_t action) {
  const std::vector<Migrations::Origin>& moved = state.migrations.actions;
  const bool before = action < moved.size() && moved[action].version != no_version;
  const std::uint16_t version = before ? moved[action].version : state.migrations.from;
  return state.plans.versions[version]->nodes[state.actions[action].node];
}

// It goes on at a step that the journey may have been at under that name: another visit of that.
void begin_visit(State& state, std::uint32_t whole, std::uint32_t place) {
  Journey& journey = state.journeys[whole];
  Journey& part = state.journeys[place];
  const auto known = find_context(state.blobs.view(journey.context), ContextTag::visits, part.node);
  std::uint32_t visits = known ? known->visits + 1 : 1;
  for (std::uint32_t at = journey.actions; at != no_place && !known; at = state.actions[at].next) {
    const NodePlan& node = state.plans.versions[state.migrations.to]->nodes[part.node];
    if (sent_by(state, at).step->id == node.step->id) visits = 2;
  }
  if (visits == 1) return;
  put_visits(state, journey, part.node, visits, earliest_instant);
  if (part.is_aside()) part.goals = visits - 1;
}

void remap_goals(const State& state, Journey& journey) {
  const std::vector<Goal>& before = state.plans.versions[state.migrations.from]->campaign.goals;
  const std::vector<Goal>& after = state.plans.versions[state.migrations.to]->campaign.goals;
  std::uint32_t reached = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto same = std::find_if(after.begin(), after.end(),
                                   [&](const Goal& goal) { return goal.name == before[i].name; });
    if (same == after.end()) continue;
    reached |= (journey.goals >> i & 1) << static_cast<unsigned>(same - after.begin());
  }
  journey.goals = reached;
}

void remap_actions(State& state, std::uint32_t whole) {
  std::vector<Migrations::Origin>& all = state.migrations.actions;
  for (std::uint32_t at = state.journeys[whole].actions; at != no_place;
       at = state.actions[at].next) {
    if (at >= all.size()) all.resize(std::size_t{at} + 1);
    Migrations::Origin& origin = all[at];
    if (origin.version == no_version) origin = {state.migrations.from, state.actions[at].node};
    origin.node = state.migrations.node_of(origin.node);
    count_visit(state, whole, origin.node);
    const CampaignPlan& plan = *state.plans.versions[state.migrations.to];
    count_visit(state, whole, step_called(plan, state.step_of(at).step->id));
  }
}

// It leaves where it stands, as one that goes on by itself does.
void leave_step(State& state, std::uint32_t place) {
  Journey& journey = state.journeys[place];
  if (journey.phase == Phase::forked) dissolve(state, place);
  if (journey.phase == Phase::ready) leave_queue(state, place);
  leave_line(state, place);
  forget_halt(state, place);
  if (journey.node != model::end_node) {
    if (state.plan_of(journey).nodes[journey.node].kind == StepKind::call) {
      forget_attempts(state, place, journey.node);
    }
    forget_send(state, place, journey.node);
  }
  journey.due = record::no_deadline;
  journey.of_wall_time = false;
  set_phase(state, journey, Phase::moving);
}

}  // namespace

void apply(State& state, const record::Remapped& r) {
  Migrations& map = state.migrations;
  map.any = true;
  map.frame = state.frame;
  map.from = r.from;
  map.to = r.to;
  map.nodes.clear();
  for (base::Reader in(r.nodes); !in.at_end();) map.nodes.push_back(in.number<NodeIndex>());
}

void apply(State& state, const Migrated& r) {
  const std::vector<Part> parts = parts_of(state, r);
  for (const Part& part : parts) {
    if (part.how == Migrated::comes) leave_step(state, part.place);
    if (part.how == Migrated::ends) apply(state, record::AsideDone{part.place});
  }
  for (const Part& part : parts) {
    if (part.how == Migrated::ends) continue;
    Journey& journey = state.journeys[part.place];
    const bool is_ready = journey.phase == Phase::ready;  // by what this instant has set free
    if (is_ready) leave_queue(state, part.place);
    const bool renamed = part.how == Migrated::stays && is_renamed(state, journey.node, part.node);
    const bool comes_late = journey.phase == Phase::stalled || journey.phase == Phase::parked;
    if (comes_late && is_elsewhere(state, journey.node, part.node)) {
      forget_arrival(state, part.place);
    }
    journey.version = state.migrations.to;
    journey.node = part.node;
    remap_context(state, journey);
    if (renamed) begin_visit(state, r.journey, part.place);
    if (!is_ready) continue;
    state.ready.push(state.ready_key(part.place), [&state](const ReadySend& a, const ReadySend& b) {
      return send_before(state, a, b);
    });
  }
  remap_goals(state, state.journeys[r.journey]);
  remap_actions(state, r.journey);
  for (const Part& part : parts) {
    if (part.how == Migrated::stays) count_visit(state, r.journey, part.node);
  }
}

bool can_stand(const CampaignPlan& plan, NodeIndex node, Phase phase, bool is_strand) {
  if (node >= plan.nodes.size()) {
    return node == model::end_node && !is_strand &&
           (phase == Phase::lingering || phase == Phase::open_goals || phase == Phase::parked);
  }
  const NodePlan& step = plan.nodes[node];
  switch (phase) {
    case Phase::waiting:
      return step.kind == StepKind::wait || step.kind == StepKind::digest ||
             (step.send && step.send->at_ms);
    case Phase::awaiting: return !step.cases.empty();
    case Phase::ready:
    case Phase::held: return step.send.has_value();
    case Phase::forked: return step.kind == StepKind::parallel;
    case Phase::parked:
    case Phase::lingering:
    case Phase::open_goals: return !is_strand;
    case Phase::done: return is_strand;
    case Phase::stalled: return true;
    case Phase::gone:
    case Phase::moving: break;
  }
  return false;
}

bool fits(const State& state, const record::Remapped& r) {
  const auto& versions = state.plans.versions;
  if (r.from >= versions.size() || r.to >= versions.size()) return false;
  const CampaignPlan& from = *versions[r.from];
  const CampaignPlan& to = *versions[r.to];
  if (from.family != to.family || r.nodes.size() != sizeof(NodeIndex) * from.nodes.size()) {
    return false;
  }
  base::Reader in(r.nodes);
  return std::all_of(from.nodes.begin(), from.nodes.end(), [&](const NodePlan& node) {
    const auto becomes = in.number<NodeIndex>();
    return becomes == model::end_node ||
           (becomes < to.nodes.size() && to.nodes[becomes].kind == node.kind);
  });
}

bool fits(const State& state, const Migrated& r) {
  const Migrations& map = state.migrations;
  if (map.frame != state.frame || r.journey >= state.journeys.size()) return false;
  const Journey& whole = state.journeys[r.journey];
  if (!is_movable(whole.phase) || whole.is_strand() || whole.version != map.from) return false;
  const CampaignPlan& to = *state.plans.versions[map.to];
  const std::vector<Part> parts = parts_of(state, r);
  const auto moves_well = [&](const Part& part) {
    const Journey& j = state.journeys[part.place];
    if (!is_movable(j.phase) || part.how > Migrated::ends) return false;
    if (part.how == Migrated::ends) return j.is_aside();
    if (j.is_strand() && !j.is_aside() && j.phase != Phase::done) {
      const auto head = std::find_if(parts.begin(), parts.end(),
                                     [&](const Part& each) { return each.place == j.head; });
      if (head == parts.end() || head->node >= to.nodes.size() ||
          j.strand >= to.nodes[head->node].targets.size()) {
        return false;
      }
    }
    if (part.how == Migrated::stays) {
      return can_stand(to, part.node, j.phase, j.is_strand());
    }
    return !j.is_aside() && j.phase != Phase::done && part.node < to.nodes.size();
  };
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), moves_well);
}

}  // namespace itinera::engine
