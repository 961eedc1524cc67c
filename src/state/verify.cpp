// SPDX-License-Identifier: Apache-2.0
#include "state/verify.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "state/attempts.hpp"
#include "state/chains.hpp"
#include "state/digest_lists.hpp"

namespace itinera::engine {
namespace {

constexpr std::size_t id_size_max = 0xFFFF;

bool is_one_value(base::ByteView packed) {
  base::Reader in(packed);
  base::skip_packed(in);
  return in.ok() && in.at_end();
}

const Journey* journey_at(const State& state, std::uint32_t place) {
  if (place >= state.journeys.size() || state.journeys[place].phase == Phase::gone) return nullptr;
  return &state.journeys[place];
}

const NodePlan* node_of(const State& state, const Journey& journey, NodeIndex node) {
  const std::vector<NodePlan>& nodes = state.plan_of(journey).nodes;
  return node < nodes.size() ? &nodes[node] : nullptr;
}

const EntryPlan* entry_at(const State& state, std::uint16_t version, std::uint8_t entry) {
  if (version >= state.plans.versions.size()) return nullptr;
  const std::vector<EntryPlan>& entries = state.plans.versions[version]->entries;
  return entry < entries.size() ? &entries[entry] : nullptr;
}

// Whether something may be armed for it.
bool can_come(const State& state, Instant due) {
  return due == record::no_deadline || (due >= state.now && due <= latest_instant);
}

bool is_deadline(Instant t) {
  return t == record::no_deadline || (t >= earliest_instant && t <= latest_instant);
}

// A journey that is at that node, or on the way to it. A send aside is on no way.
const NodePlan* moving_at(const State& state, std::uint32_t place, NodeIndex node) {
  const Journey* const journey = journey_at(state, place);
  if (journey == nullptr || journey->phase != Phase::moving) return nullptr;
  if (journey->is_aside() && journey->node != node) return nullptr;
  return node_of(state, *journey, node);
}

// The same, or ready there.
const NodePlan* moving_or_ready_at(const State& state, std::uint32_t place, NodeIndex node) {
  const Journey* const journey = journey_at(state, place);
  if (journey == nullptr) return nullptr;
  const bool ready = journey->phase == Phase::ready && journey->node == node;
  return ready ? node_of(state, *journey, node) : moving_at(state, place, node);
}

// A journey that waits for what becomes of a call or a message that may be retried.
const NodePlan* retried_at(const State& state, std::uint32_t place, NodeIndex node) {
  const Journey* const journey = journey_at(state, place);
  if (journey == nullptr || journey->phase != Phase::awaiting || journey->node != node) {
    return nullptr;
  }
  const NodePlan* const plan = node_of(state, *journey, node);
  return plan != nullptr && plan->retry != nullptr ? plan : nullptr;
}

// Whether the action is the journey's, and `receipt` a kind that exists.
bool is_receipt(const State& state, std::uint32_t journey, std::uint32_t action,
                std::uint8_t receipt) {
  return journey_at(state, journey) != nullptr && action < state.actions.size() &&
         state.actions[action].journey == state.whole(journey) &&
         state.actions[action].id != Hash128{} && receipt < state.plans.receipts.size();
}

}  // namespace

bool fits(const State& state, const record::ContactCreated& r) {
  if (r.contact != state.contacts.next_place() || r.id.empty() || r.id.size() > id_size_max) {
    return false;
  }
  return state.find_contact(r.id, base::stable_hash(r.id).high) == no_place;
}
bool fits(const State& state, const record::Linked& r) {
  return is_contact(state, r.contact) && is_contact(state, r.from) && r.contact != r.from &&
         state.contacts[r.contact].linked == no_place;
}
bool fits(const State& state, const record::Merged& r) {
  return is_contact(state, r.contact) && is_contact(state, r.from) && r.contact != r.from &&
         state.contacts[r.contact].linked == no_place && state.contacts[r.from].linked == no_place;
}
bool fits(const State& state, const record::Grouped& r) {
  return is_contact(state, r.contact) && state.is_person(r.contact) &&
         r.account.size() <= id_size_max;
}
bool fits(const State& state, const record::Verified& r) {
  const std::uint32_t has = state.handles.find(handle_hash(r.type, r.value)).contact;
  return is_contact(state, r.contact) && state.contacts[r.contact].linked == no_place &&
         (has == no_place || has == r.contact);
}
bool fits(const State& state, const record::Forgotten& r) {
  // Of one that is away the ids may be forgotten, each by itself.
  const bool is_one = is_known(state, r.contact) &&
                      (state.is_person(r.contact) || state.contacts[r.contact].is_away);
  if (!is_one || state.contacts[r.contact].journeys != no_place) {
    return false;
  }
  std::vector<std::uint32_t> places{r.contact};
  if (const auto ids = state.ids.find(r.contact); ids != state.ids.end()) {
    places.insert(places.end(), ids->second.begin(), ids->second.end());
  }
  if (r.places.size() != 4 * places.size()) return false;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (base::load_le<std::uint32_t>(r.places.data() + 4 * i) != places[i]) return false;
  }
  return true;
}
bool fits(const State& state, const record::AttributeSet& r) {
  return is_contact(state, r.contact) && is_one_value(r.value);
}
bool fits(const State& state, const record::Remembered& r) {
  const EventPlan* const plan = state.plans.event(state.input.event);
  return is_contact(state, r.contact) && plan != nullptr && plan->remembered;
}
bool fits(const State& state, const record::HistoryMarked& r) {
  return is_contact(state, r.contact);
}
bool fits(const State& state, const record::Entered& r) {
  return r.journey == state.journeys.next_place() && is_contact(state, r.contact) &&
         entry_at(state, r.version, r.entry) != nullptr;
}
bool fits(const State& state, const record::Refused& r) {
  return is_contact_or_none(state, r.contact);
}
bool fits(const State& state, const record::Visited& r) {
  const NodePlan* const node = moving_at(state, r.journey, r.node);
  return node != nullptr && (node->on_cycle || state.migrations.any);
}
bool fits(const State& state, const record::Waited& r) {
  const NodePlan* const node = moving_at(state, r.journey, r.node);
  if (node == nullptr) return false;
  const bool waits = node->kind == StepKind::wait || node->kind == StepKind::digest;
  const bool before_send = node->send && node->send->at_ms;
  if (!waits && node->cases.empty() && !before_send) return false;
  return is_deadline(r.due);
}
bool fits(const State& state, const record::Rearmed& r) {
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && journey->node == r.node &&
         (journey->phase == Phase::waiting || journey->phase == Phase::awaiting) &&
         can_come(state, r.due);
}
bool fits(const State& state, const record::Resolved& r) {
  const Journey* const journey = journey_at(state, r.journey);
  if (journey == nullptr) return false;
  const bool at_wait = journey->node == r.node &&
                       (journey->phase == Phase::waiting || journey->phase == Phase::awaiting);
  const bool at_fork = journey->node == r.node && journey->phase == Phase::forked &&
                       state.open_strand(r.journey) == no_place;
  const bool sends_on = journey->node == r.node && state.sends_on(r.journey);
  return at_wait || at_fork || sends_on || moving_at(state, r.journey, r.node) != nullptr;
}
bool fits(const State& state, const record::Branched& r) {
  return moving_at(state, r.journey, r.node) != nullptr;
}
bool fits(const State& state, const record::Assigned& r) {
  const NodePlan* const node = moving_at(state, r.journey, r.node);
  return node != nullptr && node->kind == StepKind::split && r.variant < node->targets.size();
}
bool fits(const State& state, const record::VariableSet& r) {
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && journey->phase == Phase::moving && is_one_value(r.value);
}
bool fits(const State& state, const record::Ready& r) {
  const Journey* const journey = journey_at(state, r.journey);
  if (journey == nullptr) return false;
  const bool stays = (journey->phase == Phase::waiting || journey->phase == Phase::held ||
                      retried_at(state, r.journey, r.node) != nullptr) &&
                     journey->node == r.node;
  const NodePlan* const node =
      stays ? node_of(state, *journey, r.node) : moving_at(state, r.journey, r.node);
  return node != nullptr && node->kind == StepKind::send;
}
bool fits(const State& state, const record::Emitted& r) {
  const NodePlan* const retried = retried_at(state, r.journey, r.node);
  const bool asks_again = retried != nullptr && retried->kind == StepKind::call;
  const NodePlan* const node = asks_again ? retried : moving_or_ready_at(state, r.journey, r.node);
  return node != nullptr && emits(node->kind) && r.action == state.actions.next_place() &&
         r.id != Hash128{} && are_properties(r.data);
}
bool fits(const State& state, const record::Skipped& r) {
  return moving_or_ready_at(state, r.journey, r.node) != nullptr;
}
bool fits(const State& state, const record::ReceiptNoted& r) {
  return is_receipt(state, r.journey, r.action, r.receipt);
}
bool fits(const State& state, const record::ReceiptKept& r) {
  return is_receipt(state, r.journey, r.action, r.receipt) && is_one_value(r.data);
}
bool fits(const State& state, const record::ReceiptUsed& r) {
  return is_receipt(state, r.journey, r.action, r.receipt);
}
bool fits(const State& state, const record::EventUsed& r) {
  return journey_at(state, r.journey) != nullptr;
}
bool fits(const State& state, const record::Converted& r) {
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && r.goal < state.plan_of(*journey).goals.size() &&
         (r.value.empty() || is_one_value(r.value));
}
bool fits(const State& state, const record::Ended& r) {
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && !journey->is_strand() && journey->phase != Phase::open_goals &&
         r.open_until < record::no_deadline;
}
bool fits(const State& state, const record::Closed& r) {
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && journey->phase == Phase::open_goals;
}
bool fits(const State& state, const record::Withdrawn& r) {
  if (journey_at(state, r.journey) == nullptr || r.action >= state.actions.size()) return false;
  const ActionState& action = state.actions[r.action];
  return action.journey == r.journey && action.id == r.id && r.id != Hash128{} &&
         state.is_offered(action);
}
// Strands begin one after the other, before any of them moves.
bool fits(const State& state, const record::Forked& r) {
  const Journey* const head = journey_at(state, r.head);
  if (head == nullptr || r.journey != state.journeys.next_place() || head->is_aside()) return false;
  const NodePlan* const node = node_of(state, *head, r.node);
  if (node == nullptr || node->kind != StepKind::parallel || !state.may_fork(r.head, r.node) ||
      r.number >= std::min(node->targets.size(), Parallel::strands_max)) {
    return false;
  }
  if (head->phase == Phase::moving) return r.number == 0;
  if (head->phase != Phase::forked || head->node != r.node) return false;
  std::uint32_t last = r.head;
  for (std::uint32_t at = last; at != no_place; at = state.next_strand(at, r.head)) last = at;
  return state.journeys[last].head == r.head && state.journeys[last].strand + 1 == r.number;
}
bool fits(const State& state, const record::Joined& r) {
  const Journey* const strand = journey_at(state, r.journey);
  if (strand == nullptr || !strand->is_strand() || strand->is_aside() ||
      strand->phase == Phase::done) {
    return false;
  }
  const Journey& head = state.journeys[strand->head];
  return head.phase == Phase::forked && head.node == r.node;
}
bool fits(const State& state, const record::SetOff& r) {
  const NodePlan* const node = moving_at(state, r.journey, r.node);
  return node != nullptr && node->name != no_name;
}
bool fits(const State& state, const record::Caused& r) {
  const bool known =
      r.event.empty() || state.plans.told_event(state.plans.names.find(r.event)) != nullptr;
  return known && is_contact(state, r.contact) && are_properties(r.properties);
}
bool fits(const State& state, const record::Watched& r) {
  return is_contact(state, r.contact) && r.contact <= timer_mask && can_come(state, r.due);
}
bool fits(const State& state, const record::WatchedAll&) {
  const bool is_news = state.input.kind == record::InputKind::publish ||
                       state.input.kind == record::InputKind::zone_data;
  return is_news && state.contacts.size() <= timer_mask;
}
bool fits(const State& state, const record::MembershipChanged& r) {
  return is_contact(state, r.contact) && r.segment < state.plans.segments.size();
}
bool fits(const State& state, const record::Redefined& r) {
  return r.segment < state.plans.segments.size() &&
         r.members.size() == (state.contacts.size() + 7) / 8;
}
bool fits(const State& state, const record::Queued& r) {
  const std::size_t lines = state.arrivals.lines.size();
  if (r.line > lines || lines >= timer_mask || entry_at(state, r.version, r.entry) == nullptr) {
    return false;
  }
  for (std::size_t at = 0; at + 4 <= r.contacts.size(); at += 4) {
    if (!is_contact(state, base::load_le<std::uint32_t>(r.contacts.data() + at))) return false;
  }
  return r.contacts.size() % 4 == 0 && can_come(state, r.due);
}
bool fits(const State& state, const record::Released& r) {
  return r.line < state.arrivals.lines.size() &&
         r.count <= state.arrivals.lines[r.line].contacts.size() && can_come(state, r.due) &&
         r.period >= earliest_instant && r.period <= state.now;
}
bool fits(const State& state, const record::Requeued& r) {
  return r.line < state.arrivals.lines.size() &&
         (r.version == no_version || entry_at(state, r.version, r.entry) != nullptr);
}
bool fits(const State& state, const record::Scheduled& r) {
  const std::size_t schedules = state.arrivals.schedules.size();
  const EntryPlan* const entry = entry_at(state, r.version, r.entry);
  return r.schedule <= schedules && schedules < schedules_max && entry != nullptr &&
         entry->kind == Entry::Kind::schedule && can_come(state, r.due);
}
bool fits(const State& state, const record::CapDay& r) {
  return r.version < state.plans.versions.size();
}
bool fits(const State& state, const record::ConsentSet& r) {
  const std::size_t longest = std::max({r.channel.size(), r.topic.size(), r.source.size()});
  return is_contact(state, r.contact) && !r.channel.empty() && longest <= id_size_max &&
         r.granted <= 1;
}
bool fits(const State& state, const record::Gathered& r) {
  const Journey* const journey = journey_at(state, r.journey);
  if (journey == nullptr || journey->phase != Phase::waiting || journey->node != r.node) {
    return false;
  }
  const NodePlan* const node = node_of(state, *journey, r.node);
  if (node == nullptr || node->kind != StepKind::digest || r.due < state.now) return false;
  // It has no end while its campaign's time stands still.
  const bool frozen = r.due == record::no_deadline && journey->due == record::no_deadline;
  if (r.due > latest_instant && !frozen) return false;
  const base::ByteView context = state.blobs.view(state.journeys[state.whole(r.journey)].context);
  return gathered_at(context, r.node) < std::get<Digest>(node->step->kind).max &&
         (node->as == no_name ||
          state.has_room(r.journey, packed_properties(state.input.properties)));
}
bool fits(const State& state, const record::Retried& r) {
  const NodePlan* const node = retried_at(state, r.journey, r.node);
  if (node == nullptr || r.attempt < 1) return false;
  // One that was to come by an earlier version of the step is still to come.
  const base::ByteView context = state.blobs.view(state.journeys[state.whole(r.journey)].context);
  if (r.attempt > std::max(node->retry->times, attempt_at(context, r.node).number)) return false;
  return r.due >= state.now && r.due <= latest_instant && is_deadline(r.deadline);
}
bool fits(const State& state, const record::Traced& r) {
  if (!is_contact(state, r.contact) || r.trace > static_cast<std::uint8_t>(Trace::changed)) {
    return false;
  }
  const EventPlan* const plan =
      state.plans.event(state.plans.names.find(name_of(Trace{r.trace}, r.of)));
  return plan != nullptr && plan->remembered;
}
bool fits(const State& state, const record::Held& r) {
  const NodePlan* const node = moving_or_ready_at(state, r.journey, r.node);
  if (node == nullptr || !node->send || r.due <= state.now) return false;
  const bool by_account =
      r.decision == record::Decision::held_quota || r.decision == record::Decision::held_hours ||
      r.decision == record::Decision::held_pace || r.decision == record::Decision::held_line;
  const bool by_somebody =
      r.decision == record::Decision::held_presence || r.decision == record::Decision::held_paused;
  if (by_somebody) return can_come(state, r.due);
  if (!by_account) return r.due <= latest_instant;
  const LegPlan& leg = node->send->leg(node->send->legs.size() > 1 ? state.chosen_leg : 0);
  return state.account_of(r.journey, leg.name) < state.accounts.all.size() &&
         can_come(state, r.due);
}
bool fits(const State& state, const record::AccountGiven& r) {
  const NodePlan* const node = moving_or_ready_at(state, r.journey, r.node);
  return node != nullptr && node->send && r.sender < state.accounts.all.size();
}
bool fits(const State& state, const record::Served& r) {
  if (r.sender >= state.accounts.all.size() || !can_come(state, r.due)) return false;
  if (r.journey == no_place) return true;
  const auto place = state.accounts.places.find(r.journey);
  return place != state.accounts.places.end() && place->second.sender == r.sender;
}
bool fits(const State& state, const record::Rested& r) {
  return r.sender < state.accounts.all.size() && can_come(state, r.until);
}
bool fits(const State& state, const record::Suppressed& r) {
  return is_contact_or_none(state, r.contact) && !r.channel.empty() &&
         r.reason <= record::Reason::paused;
}
bool fits(const State& state, const record::LateReceipt& r) {
  const SentMessage* const sent = state.sent.find(r.action);
  return sent != nullptr && is_contact(state, r.contact) && r.version == sent->version &&
         r.node == sent->node && r.leg == sent->leg && r.receipt < state.plans.receipts.size();
}
bool fits(const State& state, const record::Recalled& r) {
  if (state.input.kind != record::InputKind::taken || !is_contact(state, r.contact) ||
      r.entry >= state.handed.entries.size()) {
    return false;
  }
  const OutboxEntry& entry = state.handed.entries[r.entry];
  return entry.id == r.id && !entry.withdrawn && entry.version == r.version && entry.node == r.node;
}
bool fits(const State& state, const record::Chose& r) {
  const NodePlan* const node = moving_or_ready_at(state, r.journey, r.node);
  return node != nullptr && node->send &&
         r.candidates.size() % record::Chose::candidate_size == 0 &&
         (r.leg == record::Chose::no_leg || r.leg < node->send->legs.size());
}
bool fits(const State& state, const record::Escalated& r) {
  const Journey* const journey = journey_at(state, r.journey);
  if (journey == nullptr || journey->phase != Phase::awaiting || journey->node != r.node) {
    return false;
  }
  const NodePlan* const node = node_of(state, *journey, r.node);
  return node != nullptr && node->send && std::get<Send>(node->step->kind).escalate;
}
bool fits(const State& state, const record::Parked& r) {
  const Journey* const journey = journey_at(state, r.journey);
  if (journey == nullptr || journey->is_strand()) return false;
  const bool begins = journey->phase == Phase::moving && journey->entered_in == state.frame;
  return r.decision == record::Decision::held_exclusive ? begins : journey->phase == Phase::parked;
}
bool fits(const State& state, const record::PassedOver& r) {
  const EntryPlan* const entry = entry_at(state, r.version, r.entry);
  return is_contact(state, r.contact) && entry != nullptr && !entry->zone &&
         (entry->kind == Entry::Kind::date || entry->kind == Entry::Kind::schedule) &&
         r.until >= state.now && r.until <= latest_instant;
}
bool fits(const State& state, const record::SetAside& r) {
  const NodePlan* const node = moving_or_ready_at(state, r.head, r.node);
  return node != nullptr && node->send && r.journey == state.journeys.next_place() &&
         !state.journeys[r.head].is_aside();
}
bool fits(const State& state, const record::AsideDone& r) {
  const Journey* const aside = journey_at(state, r.journey);
  return aside != nullptr && aside->is_aside();
}
bool fits(const State& state, const record::Lingered& r) {
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && !journey->is_strand() && !state.asides_of(r.journey).empty() &&
         (journey->phase == Phase::moving || journey->phase == Phase::forked) &&
         (r.node == model::end_node || node_of(state, *journey, r.node) != nullptr);
}
bool fits(const State& state, const record::GaveUp& r) {
  if (retried_at(state, r.journey, r.node) != nullptr) return true;
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && journey->node == r.node && state.sends_on(r.journey);
}
bool fits(const State& state, const record::Reassigned& r) {
  const Journey* const journey = journey_at(state, r.journey);
  if (journey == nullptr || journey->phase != Phase::awaiting || journey->node != r.node) {
    return false;
  }
  const NodePlan* const node = node_of(state, *journey, r.node);
  const bool is_task = node != nullptr && node->kind == StepKind::task &&
                       is_receipt(state, r.journey, r.action, 0) &&
                       state.node_of(r.action) == r.node;
  const bool stays = r.due == record::no_deadline;
  return is_task && (stays || (node->within && can_come(state, r.due) && r.due > state.now));
}
bool fits(const State& state, const record::TakenOver& r) {
  const Journey* const journey = journey_at(state, r.journey);
  const bool begins = journey != nullptr && !journey->is_strand() &&
                      journey->phase == Phase::moving && journey->entered_in == state.frame &&
                      journey->entered == state.now;
  if (!begins || node_of(state, *journey, r.node) == nullptr) return false;
  if (r.entered < earliest_instant || r.entered > state.now) return false;
  if (std::bit_width(r.goals) > state.plan_of(*journey).goals.size()) return false;
  base::Reader visits(r.visits);
  while (visits.left() != 0) {
    const NodePlan* const node = node_of(state, *journey, visits.number<NodeIndex>());
    visits.number<std::uint32_t>();
    const Instant due{visits.number<std::int64_t>()};
    if (!visits.ok() || node == nullptr || !node->on_cycle || !is_deadline(due)) {
      return false;
    }
  }
  if (!is_deadline(r.due)) return false;
  base::Reader before(r.before);
  return r.before.empty() ||
         (base::unpack(before).get<Value::List>() != nullptr && before.ok() && before.at_end());
}
bool fits(const State& state, const record::Stalled& r) {
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && journey->phase == Phase::moving && !journey->is_aside() &&
         r.fell_due <= 1 && state.halt_of(*journey) != nullptr &&
         node_of(state, *journey, r.node) != nullptr;
}
bool fits(const State& state, const record::Unstalled& r) {
  const Journey* const journey = journey_at(state, r.journey);
  return journey != nullptr && journey->phase == Phase::stalled;
}
bool fits(const State& state, const record::Braked& r) {
  return r.version < state.plans.versions.size() &&
         r.node < state.plans.versions[r.version]->nodes.size();
}
bool fits(const State& state, const record::Chained& r) {
  const Journey* const journey = journey_at(state, r.journey);
  const bool is_whole = journey != nullptr && !journey->is_strand();
  const bool is_one =
      r.contact == no_place ? is_whole : r.journey == no_place && is_contact(state, r.contact);
  return is_one && r.depth <= chain_depth_max;
}
bool fits(const State&, const record::Duplicate&) { return true; }
bool fits(const State&, const record::Counted&) { return true; }

bool settled(const State& state) {
  return state.moving == 0 && (state.ready.empty() || state.instant_unfinished);
}

}  // namespace itinera::engine
