// SPDX-License-Identifier: Apache-2.0
// Whether what is said of a contact that goes, or that has come, can be applied.
#include <bit>
#include <vector>

#include "base/stable_hash.hpp"
#include "crossing/crossing.hpp"
#include "model/walk.hpp"
#include "snapshot/sound.hpp"
#include "state/chains.hpp"
#include "state/verify.hpp"

namespace itinera::engine {
namespace {

using record::JourneyCame;
using record::RowCame;

// A name that nobody has used here has no number yet: any will do.
NumberOf number_in(const State& state) {
  return [&state](std::string_view name) {
    const NameId known = state.plans.names.find(name);
    return known == no_name ? NameId{0} : known;
  };
}

bool comes(const State& state) { return state.input.kind == record::InputKind::come; }

// One that is here, and stands for nobody else.
bool is_here(const State& state, std::uint32_t contact) {
  return is_contact(state, contact) && state.is_person(contact);
}
// The same, or an id of one.
bool has_come(const State& state, std::uint32_t contact) {
  return comes(state) && is_contact(state, contact) && !state.contacts[contact].is_away;
}

bool is_instant(Instant t) { return t >= earliest_instant && t <= latest_instant; }
bool is_deadline(const State& state, Instant t) {
  return t == record::no_deadline || (t >= state.now && t <= latest_instant);
}

const CampaignPlan* version_at(const State& state, std::uint16_t version) {
  return version < state.plans.versions.size() ? state.plans.versions[version].get() : nullptr;
}

bool can_be_due(Phase phase) {
  return phase == Phase::waiting || phase == Phase::awaiting || phase == Phase::held ||
         phase == Phase::open_goals;
}

const Journey* journey_at(const State& state, std::uint32_t place) {
  if (place >= state.journeys.size() || state.journeys[place].phase == Phase::gone) return nullptr;
  return &state.journeys[place];
}

// A strand comes behind its head, or another strand of it, as the last of the contact's; a send
// that has stepped aside in any order.
bool is_strand(const State& state, const JourneyCame& r) {
  const Journey* const head = journey_at(state, r.head);
  if (head == nullptr || head->contact != r.contact || head->version != r.version) return false;
  std::uint32_t depth = 1;
  for (const Journey* at = head; at->is_strand(); at = &state.journeys[at->head]) ++depth;
  if (depth > model::nesting_max) return false;
  if (r.strand == Journey::aside_strand) return !head->is_strand();
  std::uint32_t last = state.contacts[r.contact].journeys;
  if (last == no_place) return false;
  while (state.journeys[last].next != no_place) last = state.journeys[last].next;
  const bool is_behind = last == r.head || state.is_within(last, r.head);
  if (!is_behind || head->phase != Phase::forked) return false;
  const bool is_there = r.strand < state.plan_of(*head).nodes[head->node].targets.size();
  return is_there || static_cast<Phase>(r.phase) == Phase::done;
}

template <class R>
bool is_content(const State& state, const R& r) {
  return has_come(state, r.contact) && r.id != Hash128{} &&
         is_emitter(state, r.version, r.node, r.leg) && are_properties(r.data);
}

}  // namespace

bool fits(const State&, const record::DepartInput& input) { return input.to < record::shards_max; }
bool fits(const State&, const record::ComeInput& input) { return input.from < record::shards_max; }

bool fits(const State& state, const record::Departed& r) {
  if (state.input.kind != record::InputKind::depart || !is_here(state, r.contact)) return false;
  const base::Bytes places = packed_places(places_of(state, r.contact));
  return std::equal(places.begin(), places.end(), r.places.begin(), r.places.end());
}

bool fits(const State& state, const record::ContactCame& r) {
  constexpr std::size_t id_size_max = 0xFFFF;
  if (!comes(state) || r.id.empty() || r.id.size() > id_size_max) return false;
  if (r.contact != place_to_come(state, r.id, base::stable_hash(r.id).high)) return false;
  if (r.person != r.contact && !is_here(state, r.person)) return false;
  const auto attributes = attributes_here(r.attributes, number_in(state));
  const auto history = history_here(state, r.history, number_in(state));
  return attributes && history && are_attributes(state, *attributes) &&
         is_history(state, *history) && are_counted(state, r.counted) && r.history_unknown <= 1 &&
         r.depth <= chain_depth_max && is_deadline(state, r.watched) && r.contact <= timer_mask;
}

bool fits(const State& state, const RowCame& r) {
  if (!has_come(state, r.contact)) return false;
  switch (r.table) {
    case RowCame::Table::rate:
    case RowCame::Table::run:
    case RowCame::Table::variant:
    case RowCame::Table::passed: return true;
    case RowCame::Table::handle: {
      const std::uint32_t owner = state.handles.find(r.key).contact;
      return owner == no_place || owner == r.contact;
    }
    case RowCame::Table::short_run: return r.key.high < state.plans.families.size();
    case RowCame::Table::segment: return r.key.high < state.plans.segments.size();
    case RowCame::Table::line: {
      const CampaignPlan* const plan =
          r.key.high < no_version ? version_at(state, static_cast<std::uint16_t>(r.key.high))
                                  : nullptr;
      return plan != nullptr && r.key.low < plan->entries.size() && is_deadline(state, {r.a}) &&
             state.arrivals.lines.size() < timer_mask;
    }
  }
  return false;
}

bool fits(const State& state, const record::BegunCame& r) {
  using record::InputKind;
  const InputKind kind = state.input.kind;
  return (kind == InputKind::depart || kind == InputKind::come) &&
         version_at(state, r.version) != nullptr;
}

bool fits(const State& state, const JourneyCame& r) {
  if (!comes(state) || r.journey != state.journeys.next_place() || !is_here(state, r.contact)) {
    return false;
  }
  const CampaignPlan* const plan = version_at(state, r.version);
  const auto phase = static_cast<Phase>(r.phase);
  const bool strand = r.head != no_place;
  if (plan == nullptr || phase == Phase::gone || phase == Phase::moving || phase == Phase::ready ||
      phase > Phase::open_goals ||
      r.held_for > static_cast<std::uint8_t>(Journey::HeldFor::resume)) {
    return false;
  }
  const bool due = is_deadline(state, r.due) && (r.due == record::no_deadline || can_be_due(phase));
  if (!due || !is_instant(r.entered) || !can_stand(*plan, r.node, phase, strand)) return false;
  const bool frozen = (r.flags & JourneyCame::frozen) != 0;
  if (frozen && (!is_instant(r.frozen_due) || !is_instant(r.frozen_from))) return false;
  if (strand) return is_strand(state, r);
  return std::bit_width(r.goals) <= plan->goals.size() &&
         r.strand <= (chain_is_now | chain_depth_max);
}

bool fits(const State& state, const record::ActionCame& r) {
  const Journey* const journey = comes(state) ? journey_at(state, r.journey) : nullptr;
  if (journey == nullptr || journey->is_strand() || r.id == Hash128{} ||
      r.action != state.actions.next_place()) {
    return false;
  }
  const bool has_moved = r.version != no_version;
  const std::uint16_t version = has_moved ? r.version : journey->version;
  if (!is_emitter(state, version, r.node, r.leg)) return false;
  const CampaignPlan& plan = state.plan_of(*journey);
  return !has_moved || (version_at(state, version)->family == plan.family &&
                        (r.now_node == model::end_node || r.now_node < plan.nodes.size()));
}

bool fits(const State& state, const record::ContextCame& r) {
  const Journey* const journey = comes(state) ? journey_at(state, r.journey) : nullptr;
  if (journey == nullptr || journey->context != 0) return false;
  const auto context = context_here(state, r.progress, r.content, number_in(state));
  return context && is_context(state, *journey, *context);
}

bool fits(const State& state, const record::OutCame& r) {
  if (!is_content(state, r)) return false;
  if (r.action == no_place) return true;
  if (r.action >= state.actions.size()) return false;
  const ActionState& action = state.actions[r.action];
  return action.id == r.id && state.is_taken(action) &&
         state.journeys[action.journey].contact == state.find_linked(r.contact);
}

bool fits(const State& state, const record::OpenCame& r) {
  return is_content(state, r) && r.unwanted <= static_cast<std::uint8_t>(record::Reason::removed);
}

bool fits(const State& state, const record::SentCame& r) {
  return has_come(state, r.contact) && r.id != Hash128{} &&
         is_emitter(state, r.version, r.node, r.leg) &&
         state.plans.versions[r.version]->nodes[r.node].send && is_instant(r.closed);
}

}  // namespace itinera::engine
