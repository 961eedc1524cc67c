// SPDX-License-Identifier: Apache-2.0
// What happens after an input or an instant's timers: cascades run, and ready sends pass the gates
// one by one, in S0's order, each followed by what its emission sets off.
#include <algorithm>

#include "engine/process.hpp"
#include "state/chains.hpp"
#include "state/governance.hpp"

namespace itinera::engine {

using record::Decision;
using record::Reason;

namespace {

// Of an escalation: whether whatever it has sent has failed or bounced, and nothing has arrived.
bool all_failed(const State& state, std::uint32_t journey, NodeIndex at) {
  const auto bit = [](Receipt receipt) { return 1u << static_cast<unsigned>(receipt); };
  std::uint32_t left = state.legs_before(journey, at) + 1;
  std::uint32_t action = state.journeys[state.whole(journey)].actions;
  for (; action != no_place && left > 0; action = state.actions[action].next) {
    if (state.node_of(action) != at) continue;
    const std::uint32_t receipts = state.actions[action].receipts;
    if ((receipts & (bit(Receipt::failed) | bit(Receipt::bounced))) == 0) return false;
    if ((receipts & (bit(Receipt::sent) | bit(Receipt::delivered))) != 0) return false;
    --left;
  }
  return left == 0;
}

}  // namespace

void Process::commit(const record::Ready& r) {
  const std::uint32_t whole = state_.whole(r.journey);
  if (depth_ > chain_depth_of(state_, whole)) {
    commit(record::Chained{whole, no_place, told_depth(depth_)});
  }
  frame_.record(r);
  apply(state_, r);
}

void Process::settle() {
  if (newcomer_ != no_place) sort_out(newcomer_, {});
  run_cascades();
  while (pass_gates(instant_chunk, instant_part_bytes) != 0) {
  }
}

std::size_t Process::pass_gates(std::size_t count, std::size_t bytes) {
  const auto before = [this](const ReadySend& a, const ReadySend& b) {
    return send_before(state_, a, b);
  };
  std::size_t passed = 0;
  for (; passed < count && frame_.size() < bytes && !state_.ready.empty(); ++passed) {
    if (const ReadySend* next = state_.ready.ahead(8)) {
      __builtin_prefetch(&state_.journeys[next->journey]);
    }
    if (const ReadySend* next = state_.ready.ahead(4)) {
      const Journey& j = state_.journeys[next->journey];
      __builtin_prefetch(&state_.contacts[j.contact]);
      state_.blobs.prefetch(j.context);
    }
    gate(state_.ready.front(before).journey);
    run_cascades();
  }
  return passed;
}

// A turn that an account has given is over when the send has met the gates, whatever came of it.
void Process::gate(std::uint32_t journey) {
  const std::uint16_t sender = turn_of(journey);
  depth_ = chain_depth_of(state_, journey);
  pass(journey);
  depth_ = 0;
  if (sender != no_sender) serve(sender);
}

// Decides over one send. The gates of design.md 4 stand here in order; each that says no gives the
// reason.
void Process::pass(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  const NodeIndex at = j.node;
  const NodePlan& node = state_.plan_of(j).nodes[at];
  const SendPlan& send = *node.send;
  const std::uint32_t contact = j.contact;
  if (state_.halt_of(j) != nullptr) return await_resume(journey, at);
  // What has grown stale is that, whatever the gates would say of it by now.
  if (state_.now > stale_after(journey, at)) {
    const bool stood = node.retry != nullptr || send.at_ms;
    const Reason still = stood ? Reason::paused : Reason::none;
    const bool lined_up = state_.accounts.places.contains(journey);
    return skip_send(journey, at, Decision::expired, lined_up ? Reason::quota : still);
  }
  if (!holds(node.when, journey, at)) {
    return skip_send(journey, at, Decision::skipped_when, Reason::none);
  }
  if (send.marketing && is_silent(journey)) {  // goes on as if it had been sent
    pass_silently(journey, node, at);
    return leave_send(journey, at, WayPlan{}, Reason::none);
  }
  facts_.about(contact, journey);
  const bool chooses = send.legs.size() > 1;
  const std::optional<std::uint8_t> chosen = chooses ? choose(journey, at) : std::uint8_t{0};
  if (!chosen) return;
  const LegPlan& leg = send.legs[*chosen];
  const expr::Cell address = address_on(leg);
  if (!chooses) {
    if (const auto objection = objection_on(contact, send, leg, address)) {
      if (objection->reason == Reason::absent) return await_presence(journey, at);
      return skip_send(journey, at, objection->decision, objection->reason);
    }
  }
  if (leg.quiet != 0) {
    const Instant open = quiet_until(state_, facts_, leg);
    if (open > state_.now) return hold(journey, at, Decision::held_quiet_hours, open);
  }
  if (leg.caps != 0) {
    const Instant free = capped_until(state_, facts_, contact, leg);
    if (free > state_.now) return meet_cap(journey, at, free);
  }
  if (!leg.senders.empty() && !take_turn(journey, at, leg)) return;
  if (node.data.empty()) {
    emit(journey, node, at, address.as_text(), {});
  } else {
    const std::string kept_address(address.as_text());  // the data's evaluation reuses its memory
    const base::Bytes data = values_of(node, journey, at);
    emit(journey, node, at, kept_address, data);
  }
  await_reaction(journey, at);
}

// After the emission: on to the next step, unless what is reported of the message decides.
void Process::await_reaction(std::uint32_t journey, NodeIndex at) {
  const Journey& j = state_.journeys[journey];
  if (j.is_aside()) return end_aside(journey);
  const NodePlan& node = state_.plan_of(j).nodes[at];
  const auto& step = std::get<Send>(node.step->kind);
  std::int64_t wait_ms = 0;
  if (may_escalate(journey, at)) {
    wait_ms = step.escalate->after_ms;
  } else if (node.send->on_fail.kind != Way::Kind::go_on || node.retry != nullptr) {
    wait_ms = step.confirm_within_ms.value_or(Send::confirm_ms);
  }
  const Instant due = state_.after(wait_ms);
  if (due <= state_.now) return walk(journey, node.next);
  commit(record::Waited{journey, at, Reason::none, 0, due});
}

expr::Cell Process::address_on(const LegPlan& leg) {
  if (leg.channel >= state_.plans.channels.size()) return {};
  return facts_.value_of(*state_.plans.channels[leg.channel].address);
}

std::optional<Objection> Process::objection_on(std::uint32_t contact, const SendPlan& send,
                                               const LegPlan& leg,
                                               const expr::Cell& address) const {
  if (address.kind != expr::Cell::Kind::text || address.size == 0) {
    const bool pulled =
        leg.channel < state_.plans.channels.size() && state_.plans.channels[leg.channel].pulled;
    return Objection{Decision::no_address, pulled ? Reason::absent : Reason::none};
  }
  const ChannelPlan& channel = state_.plans.channels[leg.channel];
  const bool asks = channel.consent != Channel::ConsentRule::none;
  const bool is_listed = !state_.suppressed.empty();
  if (!asks && !is_listed) return std::nullopt;
  const std::uint64_t hash = is_listed ? address_hash(leg.name, address.as_text()) : 0;
  return objection_to(state_, contact, send, leg, hash);
}

// A gate has said no for good: to the send, or to another channel of one that has gone out.
void Process::skip_send(std::uint32_t journey, NodeIndex at, Decision decision, Reason reason) {
  const SendPlan& send = *state_.plan_of(state_.journeys[journey]).nodes[at].send;
  const bool gone_out = has_gone_out(state_, journey, at);
  const bool failed = gone_out && all_failed(state_, journey, at);
  commit(record::Skipped{journey, at, decision, reason});
  if (gone_out) return leave_send(journey, at, failed ? send.on_fail : WayPlan{}, Reason::failed);
  const bool expired = decision == Decision::expired;
  leave_send(journey, at, expired ? send.on_expire : send.on_skip,
             expired ? Reason::expired : Reason::skipped);
}

void Process::leave_send(std::uint32_t journey, NodeIndex at, const WayPlan& way, Reason reason) {
  if (state_.journeys[journey].is_aside()) return end_aside(journey);
  if (way.kind == Way::Kind::exit) return end(journey, Decision::exited, reason);
  const NodeIndex next = state_.plan_of(state_.journeys[journey]).nodes[at].next;
  walk(journey, way.kind == Way::Kind::go_to ? way.to : next);
}

// When a send that the journey has come to goes stale; no_deadline if it never does.
Instant Process::stale_after(std::uint32_t journey, NodeIndex at) const {
  const Journey& j = state_.journeys[journey];
  const auto& send = std::get<Send>(state_.plan_of(j).nodes[at].step->kind);
  if (!send.expires_ms) return record::no_deadline;
  const Instant arrived = arrived_at(state_.blobs.view(j.context), at).value_or(state_.now);
  return *send.expires_ms < latest_instant - arrived ? arrived + *send.expires_ms : latest_instant;
}

// S15: a send that could only go when it is stale does not go at all.
void Process::hold(std::uint32_t journey, NodeIndex at, Decision decision, Instant due) {
  if (due > stale_after(journey, at)) {
    return skip_send(journey, at, Decision::expired, Reason::quiet_hours);
  }
  stay(journey, at, decision, std::min(due, latest_instant));
}

void Process::stay(std::uint32_t journey, NodeIndex at, Decision decision, Instant due) {
  const std::uint32_t held = held_at(journey, at);
  commit(record::Held{held, at, decision, due});
  if (held != journey) walk(journey, state_.plan_of(state_.journeys[journey]).nodes[at].next);
}

// S16. A slot may be given back before `free`, so that what waits for one goes stale no sooner than
// its time is over.
void Process::meet_cap(std::uint32_t journey, NodeIndex at, Instant free) {
  const NodePlan& node = state_.plan_of(state_.journeys[journey]).nodes[at];
  const auto on_cap = std::get<Send>(node.step->kind).on_cap;
  const bool exits = on_cap == Send::OnCap::exit && !has_gone_out(state_, journey, at);
  if (on_cap != Send::OnCap::hold && !exits) {
    return skip_send(journey, at, Decision::skipped_cap, Reason::none);
  }
  if (exits) {
    commit(record::Skipped{journey, at, Decision::skipped_cap, Reason::none});
    if (state_.journeys[journey].is_aside()) return end_aside(journey);
    return end(journey, Decision::exited, Reason::cap);
  }
  const Instant stale = stale_after(journey, at);
  if (state_.now >= stale) return skip_send(journey, at, Decision::expired, Reason::cap);
  stay(journey, at, Decision::held_cap, std::min({free, stale, latest_instant}));
}

// On a channel where messages are pulled: until the contact is there, or the message goes stale.
void Process::await_presence(std::uint32_t journey, NodeIndex at) {
  const Instant stale = stale_after(journey, at);
  if (state_.now >= stale) return skip_send(journey, at, Decision::expired, Reason::absent);
  stay(journey, at, Decision::held_presence, stale);
}

bool Process::is_present(std::uint32_t journey) {
  const Journey& j = state_.journeys[journey];
  const std::vector<LegPlan>& legs = state_.plan_of(j).nodes[j.node].send->legs;
  return std::any_of(legs.begin(), legs.end(), [&](const LegPlan& leg) {
    facts_.about(j.contact, journey);
    const expr::Cell address = address_on(leg);
    return address.kind == expr::Cell::Kind::text && address.size > 0;
  });
}

// Something about the contact has come: perhaps it is there now.
void Process::meet(std::uint32_t contact) {
  std::vector<std::uint32_t> met;
  const auto ask = [&](std::uint32_t place) {
    const Journey& j = state_.journeys[place];
    const bool waits = j.phase == Phase::held && j.held_for == Journey::HeldFor::presence;
    if (waits && is_present(place)) met.push_back(place);
  };
  for (std::uint32_t at = state_.contacts[contact].journeys; at != no_place;
       at = state_.journeys[at].next) {
    ask(at);
    for (const std::uint32_t aside : state_.asides_of(at)) ask(aside);
  }
  for (const std::uint32_t journey : met) {
    commit(record::Ready{journey, state_.journeys[journey].node});
  }
}

// The contact's clock is another, or what counts for it: what is held passes the gates again.
void Process::release_held(std::uint32_t contact, bool only_for_slot) {
  std::vector<std::uint32_t> held;
  const auto look_at = [&](std::uint32_t place) {
    const Journey& j = state_.journeys[place];
    const bool for_slot = j.held_for == Journey::HeldFor::slot;
    if (j.phase == Phase::held && (for_slot || !only_for_slot)) held.push_back(place);
  };
  for (std::uint32_t at = state_.contacts[contact].journeys; at != no_place;
       at = state_.journeys[at].next) {
    look_at(at);
    for (const std::uint32_t aside : state_.asides_of(at)) look_at(aside);
  }
  for (const std::uint32_t journey : held) {
    commit(record::Ready{journey, state_.journeys[journey].node});
  }
}

// A slot has been given back, perhaps one that counts for the contact's account.
void Process::release_slot(std::uint32_t contact) {
  release_held(contact, true);
  for (const std::uint32_t each : counted_with(contact)) release_held(each, true);
}

// Those for whom messages to the contact count too.
std::vector<std::uint32_t> Process::counted_with(std::uint32_t contact) const {
  std::vector<std::uint32_t> colleagues;
  if (!state_.plans.caps_account) return colleagues;
  colleagues = state_.colleagues_of(contact);
  std::erase(colleagues, contact);
  return colleagues;
}

// Who leaves an account takes along the slots that its messages have: those who stay are told.
std::vector<std::uint32_t> Process::left_behind_by(std::uint32_t contact) const {
  return state_.contacts[contact].counted == 0 ? std::vector<std::uint32_t>{}
                                               : counted_with(contact);
}

// What became of a send is known, or it is no longer waited for. `which`: of its cases. It has gone
// wrong by one of the last two, failed and bounced; only where it escalates does silence matter,
// and that a message went out or arrived settles nothing before the last channel.
void Process::confirm(std::uint32_t journey, NodeIndex at, std::uint16_t which) {
  const Journey& j = state_.journeys[journey];
  const NodePlan& node = state_.plan_of(j).nodes[at];
  const bool silent = which == record::no_case;
  const bool failed = !silent && which + 2u >= node.cases.size();
  if (std::get<Send>(node.step->kind).escalate) {
    const bool has_next = legs_at(state_.blobs.view(j.context), at).leaves(node.send->legs.size());
    const bool reacted = which == 0;
    if (!silent && !failed && !reacted && has_next) return;
    if (failed && j.phase != Phase::awaiting) return;  // the next channel is chosen already
    if ((silent || failed) && may_escalate(journey, at)) {
      return commit(record::Escalated{journey, at});
    }
  }
  const std::uint16_t turn = turn_of(journey);
  commit(record::Resolved{journey, at, which});
  leave_send(journey, at, failed ? node.send->on_fail : WayPlan{}, Reason::failed);
  if (turn != no_sender) serve(turn);
}

// Sends that are held and step aside, so that their journeys go on without them.

// What is held at that send: the journey, or the send alone, which leaves the journey moving.
std::uint32_t Process::held_at(std::uint32_t journey, NodeIndex at) {
  const Journey& j = state_.journeys[journey];
  const auto& send = std::get<Send>(state_.plan_of(j).nodes[at].step->kind);
  if (send.while_held != Send::WhileHeld::aside || j.is_aside() || send.retry.times > 0) {
    return journey;
  }
  if (state_.asides_of(state_.whole(journey)).size() >= state_.limits.messages_aside) {
    commit(record::Counted{record::Counter::asides_full, journey, at});
    return journey;
  }
  const std::uint32_t aside = state_.journeys.next_place();
  commit(record::SetAside{aside, journey, at});
  return aside;
}

// It has gone out, or never will; a journey that has nothing else left ends with it.
void Process::end_aside(std::uint32_t aside) {
  const std::uint32_t journey = state_.journeys[aside].head;
  commit(record::AsideDone{aside});
  const Journey& j = state_.journeys[journey];
  if (j.phase == Phase::lingering && state_.asides_of(journey).empty()) finish(journey, j.node);
}

// A journey, or a strand of one, has come to the end, or to the exit step `at`.
void Process::finish(std::uint32_t journey, NodeIndex at) {
  const std::uint32_t whole = state_.whole(journey);
  if (state_.asides_of(whole).empty()) {
    const bool written = at != model::end_node;
    return end(journey, Decision::finished, written ? Reason::written : Reason::none, at);
  }
  const std::vector<std::uint16_t> serving = turns_of(whole);
  commit(record::Lingered{whole, at});
  for (const std::uint16_t sender : serving) serve(sender);
}

}  // namespace itinera::engine
