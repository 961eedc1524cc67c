// SPDX-License-Identifier: Apache-2.0
// How a journey moves: one function per step kind.
#include "engine/process.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/buckets.hpp"
#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "state/attempts.hpp"
#include "state/views.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

using record::Decision;
using record::Reason;

namespace {

std::uint32_t bucket_for(Split::Hash hash, std::string_view seed, std::string_view id) {
  switch (hash) {
    case Split::Hash::growthbook: break;
    case Split::Hash::optimizely: return base::optimizely_bucket_of(seed, id);
    case Split::Hash::growthbook_v1: return base::old_bucket_of(seed, id);
  }
  return base::bucket_of(seed, id);
}

// GrowthBook has one hash for namespaces, whatever the experiment's; Optimizely draws an exclusion
// group's experiment as it draws an experiment's variation.
bool lies_in(const SplitSpace& space, Split::Hash hash, std::string_view id) {
  const std::uint32_t bucket = hash == Split::Hash::optimizely
                                   ? base::optimizely_bucket_of(space.id, id)
                                   : base::old_bucket_of("__" + space.id, id);
  return bucket >= space.from && bucket < space.to;
}

}  // namespace

void Process::walk(std::uint32_t journey, NodeIndex at) {
  const CampaignPlan& plan = state_.plan_of(state_.journeys[journey]);
  if (plan.has_moments) touch(state_.journeys[journey].contact);
  const bool fell_due = std::exchange(fell_due_, false);
  for (std::uint32_t steps = 0;; ++steps) {
    if (state_.journeys[journey].is_strand() && ends_strand(journey, at)) return join(journey);
    if (at == model::end_node) return finish(journey, at);
    if (steps == 0 && !state_.halts.paused.empty() && stalls(journey, at, fell_due)) return;
    const NodePlan& node = plan.nodes[at];
    if (node.on_cycle || (state_.migrations.any && has_been_at(journey, at))) {
      commit(record::Visited{journey, at});
      const std::uint32_t visits = iteration_of(journey, node, at) + 1;
      if (node.leads_in && visits > node.visits_max) {
        return end(journey, Decision::exited, Reason::loop_limit);
      }
    }
    if (steps == state_.limits.steps_per_move) {
      return end(journey, Decision::exited, Reason::loop_limit);
    }
    // A send's `when` is the gate's business.
    if (node.when != nullptr && node.kind != StepKind::send && !holds(node.when, journey, at)) {
      commit(record::Skipped{journey, at, Decision::skipped_when, Reason::none});
      at = node.next;
      continue;
    }
    const std::optional<NodeIndex> next = step(journey, node, at);
    if (!next) return;
    at = *next;
  }
}

std::optional<NodeIndex> Process::step(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  switch (node.kind) {
    case StepKind::send: return send(journey, node, at);
    case StepKind::wait: return wait(journey, node, at);
    case StepKind::wait_for: return wait_for(journey, node, at);
    case StepKind::digest: return digest(journey, node, at);
    case StepKind::branch: return branch(journey, node, at);
    case StepKind::split: return split(journey, node, at);
    case StepKind::parallel: return fork(journey, node, at);
    case StepKind::set: return set(journey, node, at);
    case StepKind::goal: return reach_goal(journey, node, at);
    case StepKind::go_to: return node.targets.front();
    case StepKind::exit: finish(journey, at); return std::nullopt;
    case StepKind::audience:
      if (is_silent(journey)) return pass_silently(journey, node, at);
      emit(journey, node, at, {}, {});
      return node.next;
    case StepKind::consent: change_consent(journey, node, at); return node.next;
    case StepKind::call:
    case StepKind::task: return ask(journey, node, at);
    case StepKind::emit:
    case StepKind::start:
    case StepKind::stop: return set_off(journey, node, at);
  }
  return std::nullopt;
}

std::optional<NodeIndex> Process::branch(std::uint32_t journey, const NodePlan& node,
                                         NodeIndex at) {
  for (std::size_t i = 0; i < node.whens.size(); ++i) {
    if (!holds(node.whens[i], journey, at)) continue;
    commit(record::Branched{journey, at, static_cast<std::uint16_t>(i)});
    return node.targets[i];
  }
  commit(record::Branched{journey, at, record::no_case});
  return node.targets.back();
}

std::optional<NodeIndex> Process::split(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  const Journey& j = state_.journeys[journey];
  const auto& split = std::get<Split>(node.step->kind);
  const std::string_view id = state_.id_of(state_.contacts[j.contact]);
  const std::uint32_t bucket = bucket_for(split.hash, node.seed, id);
  std::optional<std::uint16_t> chosen = kept_variant(journey, *node.step, split);
  if (!chosen && split.space && !lies_in(*split.space, split.hash, id)) {
    commit(record::Skipped{journey, at, record::Decision::not_assigned, Reason::other_space});
    return node.next;
  }
  if (!chosen) chosen = base::range_of(node.ranges, bucket);
  if (!chosen) {
    commit(record::Skipped{journey, at, record::Decision::not_assigned, Reason::coverage});
    return node.next;
  }
  commit(record::Assigned{journey, at, *chosen, static_cast<std::uint16_t>(bucket)});
  return node.targets[*chosen];
}

// The variant that the contact was given before, unless that is gone or has no weight any more.
std::optional<std::uint16_t> Process::kept_variant(std::uint32_t journey, const Step& step,
                                                   const Split& split) const {
  const Journey& j = state_.journeys[journey];
  const KeptVariant* const kept =
      state_.variants.find(j.contact, variant_key(state_.plan_of(j).family, step.id));
  if (kept == nullptr) return std::nullopt;
  const auto same =
      std::find_if(split.variants.begin(), split.variants.end(), [&](const Variant& v) {
        return v.weight > 0 && base::stable_hash(v.name).high == kept->name;
      });
  if (same == split.variants.end()) return std::nullopt;
  return static_cast<std::uint16_t>(same - split.variants.begin());
}

bool Process::ends_strand(std::uint32_t strand, NodeIndex at) const {
  const Journey& j = state_.journeys[strand];
  const NodeIndex parallel = state_.journeys[j.head].node;
  return at == model::end_node || at == state_.plan_of(j).nodes[parallel].next;
}

// Strands go as far as they can, one after the other. If that is enough for them to join, the
// journey goes on at once.
std::optional<NodeIndex> Process::fork(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  if (!state_.may_fork(journey, at)) {  // of a model that nobody has checked
    end(journey, Decision::exited, Reason::loop_limit);
    return std::nullopt;
  }
  std::vector<std::uint32_t> strands;
  for (std::size_t i = 0; i < std::min(node.targets.size(), Parallel::strands_max); ++i) {
    strands.push_back(state_.journeys.next_place());
    commit(record::Forked{strands.back(), journey, at, static_cast<std::uint8_t>(i)});
  }
  forking_.push_back(journey);
  for (std::size_t i = 0; i < strands.size(); ++i) {
    // What a strand before it has ended is not begun.
    const Journey& strand = state_.journeys[strands[i]];
    const bool there = strand.phase == Phase::moving && strand.head == journey;
    if (there) walk(strands[i], node.targets[i]);
  }
  forking_.pop_back();
  if (state_.journeys[journey].phase != Phase::moving) return std::nullopt;
  return node.next;
}

// A strand has come to its end: if it is the one that the journey waits for, that goes on.
void Process::join(std::uint32_t strand) {
  const std::uint32_t number = state_.journeys[strand].strand;
  const std::uint32_t journey = state_.journeys[strand].head;
  const NodeIndex at = state_.journeys[journey].node;
  const NodePlan& node = state_.plan_of(state_.journeys[journey]).nodes[at];
  const bool any = std::get<Parallel>(node.step->kind).join == Parallel::Join::any;
  commit(record::Joined{strand, at, Decision::joined});
  if (!any && state_.open_strand(journey) != no_place) return;
  come_together(journey, any ? static_cast<std::uint16_t>(number) : record::no_case);
}

// The journey goes on behind its parallel, and strands that are on their way are left behind.
void Process::come_together(std::uint32_t journey, std::uint16_t which) {
  const NodeIndex at = state_.journeys[journey].node;
  const NodePlan& node = state_.plan_of(state_.journeys[journey]).nodes[at];
  std::uint32_t open = state_.open_strand(journey);
  std::vector<std::uint16_t> serving;  // accounts at which those have a turn
  for (; open != no_place; open = state_.open_strand(journey)) {
    const std::vector<std::uint16_t> turns = turns_of(open);
    serving.insert(serving.end(), turns.begin(), turns.end());
    commit(record::Joined{open, at, Decision::left_behind});
  }
  commit(record::Resolved{journey, at, which});
  for (const std::uint16_t sender : serving) serve(sender);
  const bool on_its_way = !forking_.empty() && forking_.back() == journey;
  if (!on_its_way) walk(journey, node.next);
}

base::ByteView Process::packed_value_of(const Condition& expression, std::uint32_t journey,
                                        NodeIndex at, base::Bytes& room) {
  room.clear();
  const expr::Cell value = facts_.value_of(expression);
  // What no action and no variable has room for is not even copied.
  PackedSize size(std::max(state_.limits.input_bytes, state_.limits.variables_bytes));
  if (!value.is_error() && size.has_room_for(value, base::value_depth_max)) {
    base::pack(expr::to_value(value), room);
    if (frame_bytes() + room.size() <= frame_data_bytes) return room;
  }
  commit(record::Counted{record::Counter::missing_datum, journey, at});
  room.clear();
  return {};
}

base::ByteView Process::value_of(const DatumPlan& datum, std::uint32_t journey, NodeIndex at,
                                 base::Bytes& room) {
  if (datum.expression == nullptr) return datum.literal;
  return packed_value_of(*datum.expression, journey, at, room);
}

// An action that grew beyond every bound would not fit into a frame; the datum is left out.
bool Process::fits_action(const base::Bytes& data, const DatumPlan& datum, base::ByteView value,
                          std::uint32_t journey, NodeIndex at) {
  const std::size_t size = data.size() + datum.name.size() + value.size();
  if (size <= state_.limits.input_bytes && frame_bytes() + size <= frame_data_bytes) return true;
  commit(record::Counted{record::Counter::missing_datum, journey, at});
  return false;
}

base::Bytes Process::values_of(const NodePlan& node, std::uint32_t journey, NodeIndex at) {
  base::Bytes data;
  base::Bytes room;
  for (const DatumPlan& datum : node.data) {
    facts_.about(state_.journeys[journey].contact, journey);
    const base::ByteView value = value_of(datum, journey, at, room);
    if (value.empty() || !fits_action(data, datum, value, journey, at)) continue;
    base::Writer out(data);
    out.text(datum.name);
    out.bytes(value);
  }
  return data;
}

std::optional<NodeIndex> Process::set(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  const std::uint32_t contact = state_.journeys[journey].contact;
  base::Bytes attributes;
  base::Bytes room;
  for (const DatumPlan& datum : node.data) {
    facts_.about(contact, journey);
    const base::ByteView value = value_of(datum, journey, at, room);
    if (value.empty()) continue;
    if (datum.variable) {
      if (!state_.has_room(journey, value)) {
        end(journey, Decision::exited, Reason::variables_limit);
        return std::nullopt;
      }
      commit(record::VariableSet{journey, datum.name, value});
      continue;
    }
    if (!fits_action(attributes, datum, value, journey, at)) continue;
    if (state_.plans.wants(datum.id)) {
      const Instant written = std::max(state_.now, attribute_occurred(state_, contact, datum.id));
      set_attribute({contact, datum.name, written, {}, value}, datum.id);
      tell_of_profile(contact, datum.id);
    }
    base::Writer out(attributes);
    out.text(datum.name);
    out.bytes(value);
  }
  if (!attributes.empty()) emit(journey, node, at, {}, attributes);
  return node.next;
}

// Journeys hear of it when the input is done.
void Process::tell_of_profile(std::uint32_t contact, NameId attribute) {
  Cascade& cascade = cascades_.emplace_back();
  cascade.contact = contact;
  cascade.depth = depth_ + 1;
  cascade.name = attribute;
}

void Process::change_consent(std::uint32_t journey, const NodePlan& node, NodeIndex at) {
  const std::uint32_t contact = state_.journeys[journey].contact;
  const auto& consent = std::get<ChangeConsent>(node.step->kind);
  const auto granted =
      static_cast<std::uint8_t>(consent.state == ChangeConsent::State::granted ? 1 : 0);
  const Instant said =
      std::max(state_.now, consent_counts_from(state_, contact, consent.channel, consent.topic));
  commit(record::ConsentSet{
      contact, consent.channel, consent.topic, granted, said, {}, consent.source});
  tell_of_profile(contact, state_.plans.consents_name);
  emit(journey, node, at, {}, {});
}

std::optional<NodeIndex> Process::reach_goal(std::uint32_t journey, const NodePlan& node,
                                             NodeIndex) {
  const Journey& j = state_.journeys[state_.whole(journey)];
  const GoalPlan& goal = state_.plan_of(j).goals[node.goal];
  const bool open = !goal.within_ms || state_.now - j.entered < *goal.within_ms;
  if (open && (j.goals >> node.goal & 1) == 0) {
    convert(journey, node.goal, node.value != nullptr ? node.value : goal.value);
    if (goal.exits) {
      end(journey, Decision::exited, Reason::goal);
      return std::nullopt;
    }
  }
  return node.next;
}

// What was emitted and not taken yet is not to be sent any more (S28); newest first.
bool Process::withdraw_untaken(std::uint32_t journey, Reason reason) {
  const Journey& j = state_.journeys[journey];
  bool withdrawn = false;
  for (std::uint32_t at = j.actions; at != no_place; at = state_.actions[at].next) {
    const ActionState& action = state_.actions[at];
    if (state_.is_taken(action)) break;
    if (!state_.is_offered(action)) continue;
    // What a `set` or a `consent` has changed is changed: the host must hear of it.
    const StepKind kind = state_.step_of(at).kind;
    const bool changes = kind == StepKind::set || kind == StepKind::consent;
    if (changes && reason != Reason::forgotten) continue;
    commit(record::Withdrawn{journey, action.id, Decision::withdrawn_exit, at});
    if (const std::uint16_t sender = state_.sender_of(at); sender != no_sender) offer(sender);
    withdrawn = true;
  }
  return withdrawn;
}

void Process::end(std::uint32_t journey, Decision decision, Reason reason, NodeIndex node) {
  const bool by_itself = state_.journeys[journey].phase == Phase::moving;
  journey = state_.whole(journey);  // a strand ends it all
  const Journey& j = state_.journeys[journey];
  const std::uint32_t contact = j.contact;
  std::vector<std::uint16_t> serving = turns_of(journey);
  for (const std::uint32_t aside : state_.asides_of(journey)) {
    if (const std::uint16_t sender = turn_of(aside); sender != no_sender) serving.push_back(sender);
  }
  // A journey that ends by its own steps (loop_limit, missing_date, a `goal` step) keeps what it
  // sent.
  const bool withdraws = decision == Decision::exited && !by_itself;
  const bool withdrawn = withdraws && withdraw_untaken(journey, reason);
  Instant open_until = state_.now;
  const std::vector<GoalPlan>& goals = state_.plan_of(j).goals;
  // What the journey that goes on in its stead reaches is not reached twice.
  const bool stays_open = reason != Reason::merged && reason != Reason::forgotten;
  for (std::size_t i = 0; stays_open && i < goals.size(); ++i) {
    if (!goals[i].trigger || !goals[i].within_ms || (j.goals >> i & 1) != 0) continue;
    const std::int64_t within = std::min(*goals[i].within_ms, latest_instant - j.entered);
    open_until = std::max(open_until, j.entered + std::max<std::int64_t>(within, 0));
  }
  // Its place may be taken again while what it has told of still waits.
  for (Cascade& cascade : cascades_) {
    if (cascade.journey == journey) cascade.journey = no_place;
  }
  const NameId group = state_.plan_of(j).group;
  commit(record::Ended{journey, decision, reason, node, open_until});
  if (group != no_name) pass_turn(contact, group);
  if (withdrawn) release_slot(contact);
  for (const std::uint16_t sender : serving) serve(sender);
}

// Of a step that is on no cycle, by which a journey comes again that was moved.
bool Process::has_been_at(std::uint32_t journey, NodeIndex at) const {
  return find_context(context_of(journey), ContextTag::visits, at).has_value();
}

std::uint32_t Process::iteration_of(std::uint32_t journey, const NodePlan& node,
                                    NodeIndex at) const {
  if (state_.journeys[journey].is_aside()) return state_.journeys[journey].goals;
  if (!node.on_cycle && !state_.migrations.any) return 0;
  const auto item = find_context(context_of(journey), ContextTag::visits, at);
  return item ? item->visits - 1 : 0;
}

void Process::emit(std::uint32_t journey, const NodePlan& node, NodeIndex at,
                   std::string_view address, base::ByteView data) {
  const Journey& j = state_.journeys[journey];
  const std::uint32_t iteration = iteration_of(journey, node, at);
  const std::int64_t attempt =
      node.retry != nullptr ? attempt_at(context_of(journey), at).number : 0;
  // Of an escalation: by how many channels it has gone before.
  const bool may_go_again = !node.cases.empty() || state_.migrations.any;
  const std::int64_t leg =
      may_go_again ? std::popcount(legs_at(state_.blobs.view(j.context), at).sent) : 0;
  const Hash128 id =
      base::stable_hash_of(journey_id_of(state_, journey), std::string_view(node.step->id),
                           std::int64_t{iteration}, attempt, leg);
  commit(record::Emitted{journey, state_.actions.next_place(), at, iteration, id, address, data});
}

bool Process::holds(const Condition* condition, std::uint32_t journey, NodeIndex node) {
  if (condition == nullptr) return true;
  if (journey != no_place) facts_.about(state_.journeys[journey].contact, journey);
  const expr::Truth truth = facts_.truth_of(*condition);
  if (truth == expr::Truth::unknown) {
    commit(record::Counted{record::Counter::unknown_condition, journey, node});
  }
  return truth == expr::Truth::yes;
}

}  // namespace itinera::engine
