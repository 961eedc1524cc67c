// SPDX-License-Identifier: Apache-2.0
// How actions come into being, pass the gates or do not, and what is reported of them.
#include <algorithm>
#include <bit>
#include <utility>

#include "state/apply.hpp"
#include "state/attempts.hpp"
#include "state/governance.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

bool was_skipped(const State& state, const Journey& journey, NodeIndex node) {
  return find_context(state.blobs.view(journey.context), ContextTag::skipped, node).has_value();
}

void put_used_receipts(State& state, std::uint32_t strand, std::uint32_t action,
                       std::uint32_t receipts) {
  base::Bytes item;
  base::Writer(item).number(ContextTag::used_receipt);
  base::Writer(item).number(action);
  base::Writer(item).number(receipts);
  put_context(state, state.journeys[strand], ContextTag::used_receipt, action, item);
}

// A journey that passes a step, perhaps through the gate.
void move_to(State& state, std::uint32_t place, NodeIndex node) {
  Journey& journey = state.journeys[place];
  if (journey.phase == Phase::ready) leave_queue(state, place);
  set_phase(state, journey, Phase::moving);
  journey.node = node;
}

// A send that may escalate has gone by this channel, past those that it liked better. Where nothing
// is left to wait for, nothing is left to know.
void note_leg(State& state, std::uint32_t place, NodeIndex node, std::uint8_t leg) {
  Journey& journey = state.journeys[place];
  Legs legs = legs_at(state.blobs.view(journey.context), node);
  legs.sent |= 1u << leg;
  legs.gone |= 1u << leg | std::exchange(state.passed_legs, 0);
  const SendPlan& send = *state.plan_of(journey).nodes[node].send;
  const bool last = !legs.leaves(send.legs.size());
  if (last && send.on_fail.kind == Way::Kind::go_on) return forget_send(state, place, node);
  base::Bytes packed;
  base::pack(Value(std::int64_t{legs.gone} | std::int64_t{legs.sent} << 32), packed);
  put_item(state, journey, ContextTag::legs, node, packed);
}

bool is_by_account(record::Decision decision) {
  return decision == record::Decision::held_quota || decision == record::Decision::held_hours ||
         decision == record::Decision::held_pace || decision == record::Decision::held_line;
}

// What keeps its place in the line of an account, though it is out of it while it meets the gates.
void step_out(State& state, std::uint32_t place) {
  const auto found = state.accounts.places.find(place);
  if (found == state.accounts.places.end()) return;
  Account& account = state.accounts.all[found->second.sender];
  account.waiting -= static_cast<std::uint32_t>(
      account.lines[found->second.operation].erase(found->second.waiter));
}

// Behind those of its priority that came before it; one that comes again has its old place.
void stand_in_line(State& state, std::uint32_t place, NodeIndex node) {
  const Journey& journey = state.journeys[place];
  const NodePlan& plan = state.plan_of(journey).nodes[node];
  const LegPlan& leg = plan.send->leg(plan.send->legs.size() > 1 ? state.chosen_leg : 0);
  const std::uint16_t sender = state.account_of(place, leg.name);
  const std::string& operation = std::get<Send>(plan.step->kind).operation;
  const auto known = state.accounts.places.find(place);
  const bool again = known != state.accounts.places.end() && known->second.sender == sender;
  const CampaignPlan& campaign = state.plan_of(journey);
  const Account::Waiter waiter =
      again ? known->second.waiter : Account::Waiter{campaign.campaign.priority,
                                                     state.now,
                                                     campaign.rank,
                                                     state.contacts[journey.contact].hash,
                                                     state.accounts.came++,
                                                     place};
  state.accounts.places.insert_or_assign(place, Accounts::Place{sender, operation, waiter, false});
  state.accounts.all[sender].line_up(operation, waiter);
}

void enter_queue(State& state, std::uint32_t place, NodeIndex node) {
  Journey& journey = state.journeys[place];
  if (journey.phase == Phase::held) step_out(state, place);
  journey.node = node;
  journey.due = record::no_deadline;
  set_phase(state, journey, Phase::ready);
  state.ready.push(state.ready_key(place), [&state](const ReadySend& a, const ReadySend& b) {
    return send_before(state, a, b);
  });
}

// What rated channels know of their messages.
void rate(State& state, std::uint32_t contact, const LegPlan& leg, Rate more) {
  if (leg.channel >= state.plans.channels.size() || !state.plans.channels[leg.channel].rated)
    return;
  const auto add = [](Rate& rate, const Rate& to_it) {
    rate.sent += to_it.sent;
    rate.engaged += to_it.engaged;
  };
  add(state.rates.of(contact, leg.key), more);
  const Hash128 common_key{leg.key, 0};
  const CommonRate* const all = state.common_rates.find(common_key);
  CommonRate common = all == nullptr ? CommonRate{} : *all;
  if (common.instant != state.now) {
    add(common.before, std::exchange(common.within, Rate{}));
    common.instant = state.now;
  }
  add(common.within, more);
  state.common_rates.put(common_key, common);
}

// A receipt has come of a message that went to `contact`, and of which `before` had, a bit each.
// Its slots are given back once: another message may count the same.
void note_reaction(State& state, std::uint32_t contact, const CountedItem& message,
                   std::uint8_t receipt, std::uint32_t before, bool& freed_slot) {
  const std::optional<SendPlan>& send =
      state.plans.versions[message.version]->nodes[message.node].send;
  if (!send) return;
  if (!freed_slot && frees_slot(state, receipt)) {
    uncount_message(state, contact, message);
    freed_slot = true;
  }
  bool reacted = false;
  for (std::size_t i = 0; i < state.plans.receipts.size(); ++i) {
    reacted = reacted || ((before >> i & 1) != 0 && engages(state, static_cast<std::uint8_t>(i)));
  }
  if (!reacted && engages(state, receipt)) rate(state, contact, send->leg(message.leg), {0, 1});
}

// What a message that goes out by one of its channels means to caps, rates, accounts, and to what
// may become of the send. The account it goes out from.
std::uint16_t note_message(State& state, const record::Emitted& r, ActionState& action) {
  const Journey& journey = state.journeys[action.journey];
  const CampaignPlan& plan = state.plan_of(journey);
  const SendPlan& send = *plan.nodes[r.node].send;
  std::uint16_t sender = no_sender;
  if (send.legs.size() > 1) action.leg = std::exchange(state.chosen_leg, std::uint8_t{0});
  const LegPlan& leg = send.leg(action.leg);
  action.address = address_hash(leg.name, r.address);
  if (leg.caps != 0) {
    count_message(state, journey.contact, {state.now, journey.version, r.node, action.leg});
  }
  rate(state, journey.contact, leg, {1, 0});
  if (!leg.senders.empty()) {
    sender = state.account_of(r.journey, leg.name);
    if (sender != no_sender) {
      note_sent(*state.zones, state.plans.senders[sender], state.accounts.all[sender],
                std::get<Send>(plan.nodes[r.node].step->kind).operation, state.now);
    }
  }
  leave_line(state, r.journey);
  if (std::get<Send>(plan.nodes[r.node].step->kind).escalate) {  // which may come here again
    note_arrival(state, r.journey, r.node);
    note_leg(state, r.journey, r.node, action.leg);
  } else if (plan.nodes[r.node].retry != nullptr) {
    note_arrival(state, r.journey, r.node);
    begin_attempt(state, r.journey, r.node);
  } else {
    forget_send(state, r.journey, r.node);
  }
  return sender;
}

// What nobody has taken was not sent, so that nobody can have ignored it. The sum of all may go
// below nothing within an instant, of what was sent before it.
void unrate(State& state, const OutboxEntry& entry) {
  const std::optional<SendPlan>& send = state.plans.versions[entry.version]->nodes[entry.node].send;
  if (!send) return;
  const LegPlan& leg = send->leg(entry.leg);
  const std::uint32_t contact = state.find_linked(entry.contact);
  const Rate* const own = state.rates.find(contact, leg.key);
  if (own != nullptr && own->sent > own->engaged) rate(state, contact, leg, {~std::uint32_t{0}, 0});
}

}  // namespace

void note_sender(State& state, std::uint32_t action, std::uint16_t sender) {
  std::vector<std::uint16_t>& senders = state.action_senders;
  if (action >= senders.size()) {
    if (sender == no_sender) return;
    senders.resize(std::size_t{action} + 1, no_sender);
  }
  senders[action] = sender;
}

void give_back(State& state, const OutboxEntry& entry) {
  unrate(state, entry);
  uncount_message(state, state.find_linked(entry.contact),
                  {entry.at, entry.version, entry.node, entry.leg});
  const bool is_known =
      entry.action < state.actions.size() && state.actions[entry.action].id == entry.id;
  if (is_known) {
    state.actions[entry.action].freed_slot = true;
  } else if (SentMessage* const sent = state.sent.find(entry.id)) {
    sent->freed_slot = true;
  }
  if (entry.sender == no_sender) return;
  const Step& step = *state.plans.versions[entry.version]->nodes[entry.node].step;
  note_unsent(state.accounts.all[entry.sender], std::get<Send>(step.kind).operation, entry.at);
}

const SentMessage* sent_lately(const State& state, const Hash128& action) {
  // Old ones are dropped when the next one comes, which may be much later.
  const SentMessage* const sent = state.sent.find(action);
  const Instant since = state.now - state.limits.late_receipts_ms;
  return sent == nullptr || sent->closed <= since ? nullptr : sent;
}

void note_arrival(State& state, std::uint32_t place, NodeIndex node) {
  Journey& journey = state.journeys[place];
  const auto* const send = std::get_if<Send>(&state.plan_of(journey).nodes[node].step->kind);
  if (send == nullptr || !send->expires_ms ||
      find_context(state.blobs.view(journey.context), ContextTag::arrived, node)) {
    return;
  }
  base::Bytes packed;
  base::pack(Value(state.now.ms), packed);
  put_item(state, journey, ContextTag::arrived, node, packed);
}

bool frees_slot(const State& state, std::uint8_t receipt) {
  const auto what = static_cast<Receipt>(receipt);
  return what == Receipt::failed || (what == Receipt::bounced && state.input.hard);
}

bool engages(const State& state, std::uint8_t receipt) {
  const std::string_view name = state.plans.receipts.name(receipt);
  return name == "opened" || name == "clicked" || name == "replied" || name == "connected";
}

bool has_gone_out(const State& state, std::uint32_t place, NodeIndex node) {
  const Journey& journey = state.journeys[place];
  if (!state.plan_of(journey).nodes[node].send) return false;
  return legs_at(state.blobs.view(journey.context), node).sent != 0;
}

void forget_send(State& state, std::uint32_t place, NodeIndex node) {
  Journey& journey = state.journeys[place];
  const NodePlan& plan = state.plan_of(journey).nodes[node];
  if (!plan.send) return;
  const auto forget = [&](ContextTag tag) {
    if (find_context(state.blobs.view(journey.context), tag, node)) {
      put_context(state, journey, tag, node, {});
    }
  };
  // What a journey has brought along that was moved, its step need not have by itself.
  const auto& send = std::get<Send>(plan.step->kind);
  if (send.expires_ms || state.migrations.any) forget(ContextTag::arrived);
  if (send.escalate || state.migrations.any) forget(ContextTag::legs);
  if (plan.retry != nullptr) forget_attempts(state, place, node);
}

void leave_line(State& state, std::uint32_t place) {
  if (state.accounts.places.empty()) return;
  step_out(state, place);
  state.accounts.places.erase(place);
}

void leave_queue(State& state, std::uint32_t place) { state.ready.remove(state.ready_key(place)); }

void note_receipt_used(State& state, std::uint32_t journey, std::uint32_t action,
                       std::uint32_t receipts) {
  if (!state.journeys[journey].is_strand()) {
    state.actions[action].used |= receipts;
    return;
  }
  const auto before = find_context(state.blobs.view(state.journeys[journey].context),
                                   ContextTag::used_receipt, action);
  put_used_receipts(state, journey, action, receipts | (before ? before->visits : 0));
}

void apply(State& state, const record::Ready& r) { enter_queue(state, r.journey, r.node); }

void apply(State& state, const record::Escalated& r) { enter_queue(state, r.journey, r.node); }

void apply(State& state, const record::AccountGiven& r) {
  const std::string& channel = state.plans.senders[r.sender].rules.channel;
  base::Bytes packed;
  base::pack(Value(std::int64_t{r.sender}), packed);
  put_item(state, state.journeys[state.whole(r.journey)], ContextTag::account,
           state.plans.names.add(channel), packed);
}

void apply(State& state, const record::Served& r) {
  Account& account = state.accounts.all[r.sender];
  account.due = r.due;
  if (r.due != record::no_deadline) state.timers.arm(account_mark | r.sender, r.due, state.now);
  if (r.journey == no_place) return;
  ++account.turns;
  state.accounts.places.at(r.journey).called = true;
}

void apply(State& state, const record::Rested& r) {
  state.accounts.all[r.sender].rested_until = r.until;
}

void apply(State& state, const record::Chose& r) {
  state.chosen_leg = r.leg;
  state.passed_legs = 0;
  for (std::size_t at = 0; at + 3 <= r.candidates.size(); at += 3) {
    const auto leg = static_cast<std::uint8_t>(r.candidates[at]);
    if (leg == r.leg) break;
    if (leg < Send::channels_max) state.passed_legs |= 1u << leg;
  }
}

void apply(State& state, const record::Held& r) {
  Journey& journey = state.journeys[r.journey];
  if (journey.phase == Phase::ready) leave_queue(state, r.journey);
  note_arrival(state, r.journey, r.node);
  journey.node = r.node;
  journey.due = r.due;
  using HeldFor = Journey::HeldFor;
  journey.held_for = r.decision == record::Decision::held_cap        ? HeldFor::slot
                     : r.decision == record::Decision::held_presence ? HeldFor::presence
                     : r.decision == record::Decision::held_paused   ? HeldFor::resume
                                                                     : HeldFor::time;
  if (journey.held_for == HeldFor::presence) ++state.absent;
  if (journey.held_for == HeldFor::resume) state.halts.stopped.insert_or_assign(r.journey, false);
  if (is_by_account(r.decision)) {
    stand_in_line(state, r.journey, r.node);
  } else if (const auto turn = state.accounts.places.find(r.journey);
             turn != state.accounts.places.end()) {
    turn->second.called = false;  // its turn is over; it stands in line again where it stood
  }
  set_phase(state, journey, Phase::held);
  arm(state, r.journey, r.due, 0);
  ++state.statistics.sends_held;
}

void apply(State& state, const record::Emitted& r) {
  move_to(state, r.journey, r.node);
  const std::uint32_t whole = state.whole(r.journey);
  Journey& journey = state.journeys[whole];
  const CampaignPlan& plan = state.plan_of(journey);
  if (plan.is_asked_of(r.node) && was_skipped(state, journey, r.node)) {
    put_context(state, journey, ContextTag::skipped, r.node, {});
  }

  const std::uint32_t place = state.actions.add();
  ActionState& action = state.actions[place];
  action = {};
  action.id = r.id;
  action.emitted = state.now;
  action.journey = whole;
  action.next = journey.actions;
  action.sequence = state.next_sequence++;
  action.node = r.node;
  journey.actions = place;
  const bool is_send = plan.nodes[r.node].send.has_value();
  const std::uint16_t sender = is_send ? note_message(state, r, action) : no_sender;
  note_sender(state, place, sender);
  if (place < state.migrations.actions.size()) state.migrations.actions[place] = {};

  OutboxEntry& entry = state.outbox.entries.emplace_back();
  entry.id = r.id;
  entry.at = state.now;
  entry.action = journey.actions;
  entry.contact = journey.contact;
  entry.iteration = r.iteration;
  if (plan.nodes[r.node].retry != nullptr) {
    entry.attempt = attempt_at(state.blobs.view(journey.context), r.node).number;
  }
  entry.version = journey.version;
  entry.node = r.node;
  entry.leg = action.leg;
  entry.sender = sender;
  entry.has_key = journey.has_key;
  const base::ByteView key = state.blobs.view(journey.key);
  entry.address_at = state.outbox.bytes.size();
  entry.key_size = static_cast<std::uint32_t>(key.size());
  entry.address_size = static_cast<std::uint32_t>(r.address.size());
  entry.data_size = static_cast<std::uint32_t>(r.data.size());
  for (const base::ByteView part : {key, base::as_bytes(r.address), r.data}) {
    state.outbox.bytes.append(part);
  }
  ++state.statistics.actions_emitted;
  ++state.statistics.actions_waiting;
}

void apply(State& state, const record::Skipped& r) {
  const bool gone_out = has_gone_out(state, r.journey, r.node);
  leave_line(state, r.journey);
  move_to(state, r.journey, r.node);
  forget_send(state, r.journey, r.node);
  if (gone_out) return;  // by another channel
  Journey& journey = state.journeys[state.whole(r.journey)];
  if (!state.plan_of(journey).is_asked_of(r.node) || was_skipped(state, journey, r.node)) return;
  base::Bytes item;
  base::Writer(item).number(ContextTag::skipped);
  base::Writer(item).number(r.node);
  put_context(state, journey, ContextTag::skipped, r.node, item);
}

void apply(State& state, const record::ReceiptNoted& r) {
  ActionState& action = state.actions[r.action];
  const std::uint32_t bit = 1u << r.receipt;
  const Journey& sender = state.journeys[action.journey];
  const std::uint16_t version = state.version_of(r.action);
  note_reaction(state, sender.contact, {action.emitted, version, action.node, action.leg},
                r.receipt, action.receipts, action.freed_slot);
  note_outcome(state, version, action.node, action.id, r.receipt, action.receipts);
  action.receipts |= bit;
  action.used &= ~bit;  // reported once more: nobody has taken this one
  for (std::uint32_t at = state.next_strand(action.journey, action.journey); at != no_place;
       at = state.next_strand(at, action.journey)) {
    const auto used = find_context(state.blobs.view(state.journeys[at].context),
                                   ContextTag::used_receipt, r.action);
    if (used) put_used_receipts(state, at, r.action, used->visits & ~bit);
  }
}

void apply(State& state, const record::ReceiptKept& r) {
  Journey& journey = state.journeys[state.whole(r.journey)];
  put_item(state, journey, receipt_tag(r.receipt), r.action, r.data);
}

void apply(State& state, const record::ReceiptUsed& r) {
  note_receipt_used(state, r.journey, r.action, 1u << r.receipt);
  Journey& journey = state.journeys[r.journey];
  if (journey.is_strand()) return;                 // others may take it yet
  if (state.plan_of(journey).tells_story) return;  // a task may tell of it yet
  if (find_context(state.blobs.view(journey.context), receipt_tag(r.receipt), r.action)) {
    put_context(state, journey, receipt_tag(r.receipt), r.action, {});
  }
}

void apply(State& state, const record::Withdrawn& r) {
  const ActionState& action = state.actions[r.action];
  OutboxEntry& entry = state.outbox.entries[action.sequence - state.outbox.first_sequence];
  entry.withdrawn = true;
  give_back(state, entry);
  ++state.outbox.withdrawn;
  ++state.statistics.actions_withdrawn;
  --state.statistics.actions_waiting;
}

void apply(State& state, const record::Recalled& r) {
  OutboxEntry& entry = state.handed.entries[r.entry];
  entry.withdrawn = true;
  give_back(state, entry);
  close_open(state, r.id);
  ++state.statistics.actions_withdrawn;
}

void apply(State& state, const record::LateReceipt& r) {
  SentMessage& sent = *state.sent.find(r.action);
  note_reaction(state, state.find_linked(sent.contact),
                {sent.emitted, sent.version, sent.node, sent.leg}, r.receipt, sent.receipts,
                sent.freed_slot);
  note_outcome(state, sent.version, sent.node, r.action, r.receipt, sent.receipts);
  sent.receipts |= 1u << r.receipt;
  ++state.statistics.reports_late;
}

void apply(State& state, const record::Suppressed& r) {
  state.suppressed.put(suppression_key(r.address), r.reason);
  state.outbox.refused_since = true;
}

}  // namespace itinera::engine
