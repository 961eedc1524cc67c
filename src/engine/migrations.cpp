// SPDX-License-Identifier: Apache-2.0
// Journeys in flight move to the version that is published (S21, S22), or to a step that an
// operator names.
#include <algorithm>

#include "calendar/civil.hpp"
#include "engine/migration_plan.hpp"
#include "engine/process.hpp"
#include "engine/wait_targets.hpp"
#include "model/model_codec.hpp"
#include "state/attempts.hpp"
#include "state/digest_lists.hpp"

namespace itinera::engine {

using record::Decision;
using record::Migrated;
using record::Reason;
using Fate = MigrationRow::Fate;

// What becomes of one part of a journey.
struct Movement {
  std::uint32_t place = no_place;
  std::uint8_t how = Migrated::stays;
  NodeIndex node = model::end_node;     // where it stands then
  NodeIndex walk_to = model::end_node;  // of one that comes: where it goes on
  bool edited = false;
  Phase phase = Phase::gone;
  std::optional<Instant> arrived = {};  // when it came to its wait, as far as that can be told
};

namespace {

// So long before `due`, on the wall as calendar::add() counts.
Instant before(const ZoneTable& zones, ZoneIndex zone, Instant due, const Period& period) {
  return calendar::add(zones, zone, due - period.ms, {-period.months, -period.days, 0});
}

// What a wait for an answer, or for something to happen, lasts at most.
std::optional<std::int64_t> within_of(const NodePlan& node) {
  if (const auto* const wait = std::get_if<WaitFor>(&node.step->kind)) return wait->within_ms;
  return node.within;
}

// Whether a deadline leads anywhere.
bool has_deadline(const NodePlan& node) {
  return node.kind != StepKind::wait_for || node.targets.size() > node.cases.size();
}

}  // namespace

// The deadline that stands, and what it was reckoned from: the other way round.
std::optional<Instant> Process::arrival_of(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  const NodePlan& node = state_.plan_of(j).nodes[j.node];
  const Instant due = state_.due_of(journey);
  if (due == record::no_deadline) return std::nullopt;
  if (const auto* const digest = std::get_if<Digest>(&node.step->kind)) {
    if (digest->sliding) return std::nullopt;
    return due - digest->window_ms;
  }
  if (const std::optional<std::int64_t> within = within_of(node)) return due - *within;
  const auto* const wait = std::get_if<Wait>(&node.step->kind);
  const auto* const length = wait == nullptr ? nullptr : std::get_if<Wait::For>(&wait->form);
  if (length == nullptr || wait->anchor != Wait::Anchor::step) return std::nullopt;
  facts_.about(j.contact, journey);
  return before(*state_.zones, facts_.zone_for(node.zone).zone, due, length->period);
}

Movement Process::movement_of(const VersionMove& move, const PartMove& part, std::uint16_t to) {
  const Journey& j = state_.journeys[part.place];
  Movement made{part.place, Migrated::stays, part.fate.to, part.fate.to, part.fate.edited, j.phase};
  if (part.lost) {
    made.how = Migrated::ends;
    return made;
  }
  const bool stands = j.phase == Phase::done || j.phase == Phase::parked ||
                      j.phase == Phase::stalled || j.phase == Phase::forked;
  if (part.fate.fate == Fate::moves) {
    const bool stays = stands && j.phase != Phase::forked;
    made.how = stays ? Migrated::stays : Migrated::comes;
    return made;
  }
  if (stands) return made;
  const NodePlan& node = state_.plans.versions[to]->nodes[part.fate.to];
  const bool released = part.fate.edited && move.waits() == WaitChange::release;
  const bool was_to_try = j.phase == Phase::awaiting &&
                          attempt_at(context_of(part.place), j.node).pending &&
                          node.retry == nullptr;
  const bool is_sent = j.phase == Phase::awaiting && node.cases.empty() && !was_to_try;
  const bool is_over = j.phase == Phase::awaiting && released && !has_deadline(node);
  const bool waits_no_more = j.phase == Phase::waiting && node.send && !node.send->at_ms;
  if (was_to_try || is_sent || is_over || waits_no_more) made.how = Migrated::comes;
  if (is_sent || is_over) made.walk_to = node.next;
  if (made.how == Migrated::stays && part.fate.edited) made.arrived = arrival_of(part.place);
  return made;
}

std::vector<std::uint32_t> Process::journeys_of(const VersionMove& move) const {
  std::vector<std::uint32_t> places;
  for (std::uint32_t at = 0; at < state_.journeys.size(); ++at) {
    if (move.concerns(state_.journeys[at])) places.push_back(at);
  }
  std::sort(places.begin(), places.end(), [this](std::uint32_t a, std::uint32_t b) {
    return send_before(state_, state_.ready_key(a), state_.ready_key(b));
  });
  return places;
}

void Process::remap(const VersionMove& move, std::uint16_t to) {
  base::Bytes nodes;
  base::Writer out(nodes);
  for (const NodeIndex node : move.becomes()) out.number(node);
  commit(record::Remapped{move.from(), to, nodes});
}

void Process::migrate(const VersionMove& move) {
  const std::vector<std::uint32_t> places = journeys_of(move);
  if (places.empty()) return;
  const std::uint16_t to =
      move.to() == nullptr ? no_version : find_version(state_.plans, *move.to());
  if (to != no_version) remap(move, to);
  for (const std::uint32_t place : places) {
    // What went on before it may have ended it.
    if (move.concerns(state_.journeys[place])) migrate(move, place, to);
  }
}

void Process::migrate(const VersionMove& move, std::uint32_t journey, std::uint16_t to) {
  const std::vector<PartMove> parts = move.parts_of(journey);
  const Fate fate = parts.front().fate.fate;
  if (fate == Fate::exits) return end(journey, Decision::exited, Reason::removed);
  if (fate == Fate::pinned || to == no_version) return;
  std::vector<Movement> movements;
  for (const PartMove& part : parts) movements.push_back(movement_of(move, part, to));
  go_over(movements, move.waits());
}

// The first is the journey's own.
void Process::go_over(std::span<const Movement> movements, WaitChange waits) {
  const Movement& whole = movements.front();
  std::vector<std::uint16_t> serving;
  base::Bytes parts;
  base::Writer out(parts);
  for (const Movement& each : movements) {
    if (&each != &whole) {
      out.number(each.node);
      out.number(each.how);
    }
    const std::uint16_t sender = each.how == Migrated::stays ? no_sender : turn_of(each.place);
    if (sender != no_sender) serving.push_back(sender);
  }
  const Journey& moved = state_.journeys[whole.place];
  const NameId group = state_.plan_of(moved).group;
  commit(Migrated{whole.place, whole.node, whole.how, parts});
  const std::uint16_t version = moved.version;
  // Who runs in a group and leaves it makes room there; who waits has another group to wait for.
  const NameId now = state_.plan_of(moved).group;
  if (now != group) pass_turn(moved.contact, moved.phase == Phase::parked ? now : group);
  for (const Movement& each : movements) {
    const Journey& j = state_.journeys[each.place];
    // Another part, going on, may have ended it.
    if (j.version != version || j.node != each.node) continue;
    if (each.how == Migrated::comes && j.phase == Phase::moving) walk(each.place, each.walk_to);
    if (each.how == Migrated::stays && j.phase == each.phase && each.edited) refit(each, waits);
  }
  for (const Movement& each : movements) {
    const Journey& j = state_.journeys[each.place];
    const bool stands = j.version == version && j.node == each.node && j.phase == Phase::forked;
    if (stands && each.how == Migrated::stays && each.edited) rejoin(each.place);
  }
  for (const std::uint16_t sender : serving) serve(sender);
}

// A parallel that waited for all its strands, and waits for any one now, may have come to its end.
void Process::rejoin(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  const NodePlan& node = state_.plan_of(j).nodes[j.node];
  if (std::get<Parallel>(node.step->kind).join != Parallel::Join::any) return;
  for (std::uint32_t at = state_.next_strand(journey, journey); at != no_place;
       at = state_.next_strand(at, journey)) {
    const Journey& strand = state_.journeys[at];
    if (strand.head == journey && strand.phase == Phase::done) {
      return come_together(journey, strand.strand);
    }
  }
}

// The step at which it stands says something else now.
void Process::refit(const Movement& movement, WaitChange waits) {
  const Journey& j = state_.journeys[movement.place];
  const NodePlan& node = state_.plan_of(j).nodes[j.node];
  if (j.phase == Phase::held) return commit(record::Ready{movement.place, j.node});
  if (j.phase != Phase::waiting && j.phase != Phase::awaiting) return;
  const bool tries_again =
      node.retry != nullptr && attempt_at(context_of(movement.place), j.node).pending;
  if (j.phase == Phase::awaiting && node.send) return;
  if (tries_again) return;
  const bool is_full =
      node.kind == StepKind::digest &&
      gathered_at(context_of(movement.place), j.node) >= std::get<Digest>(node.step->kind).max;
  // Nobody releases a person, or a system, from an answer that was asked for.
  const bool asks = node.kind == StepKind::call || node.kind == StepKind::task;
  if (is_full || (waits == WaitChange::release && !asks)) {
    return commit(record::Rearmed{movement.place, j.node, Decision::released, 0, state_.now});
  }
  const bool leads_nowhere =
      state_.due_of(movement.place) != record::no_deadline && !has_deadline(node);
  if (waits == WaitChange::recompute || leads_nowhere) recompute(movement);
}

// The deadline as the step has it now, from when the journey came there; never before now.
void Process::recompute(const Movement& movement) {
  const std::uint32_t journey = movement.place;
  const Journey& j = state_.journeys[journey];
  const NodePlan& node = state_.plan_of(j).nodes[j.node];
  const Instant arrived = std::min(movement.arrived.value_or(state_.now), state_.now);
  std::uint8_t zone_from = 0;
  Instant due = record::no_deadline;
  const auto after = [&](std::int64_t ms) {
    return ms < latest_instant - arrived ? arrived + ms : latest_instant;
  };
  facts_.about(j.contact, journey);
  if (node.kind == StepKind::wait) {
    const WaitOutcome outcome = outcome_of(journey, node, j.node, arrived);
    if (outcome.exits) return end(journey, Decision::exited, outcome.reason);
    due = outcome.due;
    zone_from = outcome.zone_from;
  } else if (node.send) {
    const Facts::ZoneChoice choice = facts_.zone_for({});
    due = calendar::next_local_time(*state_.zones, choice.zone, state_.now, *node.send->at_ms, {},
                                    true)
              .value_or(state_.now);
    zone_from = static_cast<std::uint8_t>(choice.from | record::Waited::of_wall_time);
  } else if (const auto* const digest = std::get_if<Digest>(&node.step->kind)) {
    due = after(digest->window_ms);
  } else if (const std::optional<std::int64_t> within = within_of(node)) {
    due = after(*within);
  }
  if (due != record::no_deadline) due = std::clamp(due, state_.now, latest_instant);
  if (due == state_.due_of(journey)) return;
  commit(record::Rearmed{journey, j.node, Decision::recomputed, zone_from, due});
}

// To the step of the version that takes entries; of a campaign that is published no more, of the
// journey's own.
void Process::take(const Move& input, const Taken& taken) {
  const Who who = find(input.contact);
  record::MoveInput frame;
  frame.contact = who.place;
  frame.contact_id = who.id;
  frame.campaign = input.campaign;
  frame.has_key = input.key ? 1 : 0;
  frame.key = input.key.value_or(std::string_view{});
  frame.step = input.step;
  frame.message = message_key(input);
  begin(frame, taken);
  if (repeats(frame.message) || who.place == no_place) return;
  const Family& family = *state_.plans.family(input.campaign);
  for (const Listener& each : journeys_in(who.place, family, input.key)) {
    if (listener(each.journey) != each) continue;
    const Journey& j = state_.journeys[each.journey];
    if (j.phase == Phase::lingering) continue;  // it has no step left to leave
    const std::uint16_t to = family.current == no_version ? j.version : family.current;
    const CampaignPlan& plan = *state_.plans.versions[to];
    const VersionMove move(state_, j.version, &plan.campaign, {});
    const auto is_it = [&](const NodePlan& node) { return node.step->id == input.step; };
    const auto found = std::find_if(plan.nodes.begin(), plan.nodes.end(), is_it);
    if (found == plan.nodes.end()) continue;
    remap(move, to);
    const auto node = static_cast<NodeIndex>(found - plan.nodes.begin());
    std::vector<Movement> movements{{each.journey, Migrated::comes, node, node}};
    if (j.phase == Phase::parked || j.phase == Phase::stalled) {
      movements.front().how = Migrated::stays;
    }
    for (const std::uint32_t aside : state_.asides_of(each.journey)) {
      const NodeIndex at = move.becomes()[state_.journeys[aside].node];
      const bool lost = at == model::end_node;
      movements.push_back({aside, lost ? Migrated::ends : Migrated::stays, at, at});
    }
    if (plan.has_moments) touch(j.contact);
    go_over(movements, WaitChange::keep);
  }
  settle();
}

}  // namespace itinera::engine
