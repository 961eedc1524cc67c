// SPDX-License-Identifier: Apache-2.0
// The channel of a send that has several (design.md 5).
#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

#include "base/stable_hash.hpp"
#include "engine/process.hpp"
#include "state/governance.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Decision;
using record::Reason;

// Legs by a number each, the smallest first; as they are written where these are the same.
template <class Number>
void sort_legs(LegList& legs, Number number_of) {
  std::array<decltype(number_of(std::uint8_t{})), Send::channels_max> numbers{};
  for (const std::uint8_t leg : legs) numbers[leg] = number_of(leg);
  std::sort(legs.begin(), legs.end(), [&](std::uint8_t a, std::uint8_t b) {
    return std::tie(numbers[a], a) < std::tie(numbers[b], b);
  });
}

std::size_t place_in(const std::vector<std::string>& list, const std::string& name) {
  return static_cast<std::size_t>(std::find(list.begin(), list.end(), name) - list.begin());
}

}  // namespace

bool Process::may_escalate(std::uint32_t journey, NodeIndex at) const {
  const Journey& j = state_.journeys[journey];
  const auto& send = std::get<Send>(state_.plan_of(j).nodes[at].step->kind);
  if (!send.escalate) return false;
  const Legs legs = legs_at(state_.blobs.view(j.context), at);
  return legs.sent != 0 && state_.now <= stale_after(journey, at) &&
         legs.leaves(state_.plan_of(j).nodes[at].send->legs.size());
}

// A text, or a list of texts, that the contact has as an attribute.
std::vector<std::string> Process::attribute_texts(NameId name) {
  std::vector<std::string> texts;
  const Value value = facts_.attribute_value(name);
  if (const auto* text = value.get<std::string>()) texts.push_back(*text);
  if (const auto* list = value.get<Value::List>()) {
    for (const Value& each : *list) {
      if (const auto* text = each.get<std::string>()) texts.push_back(*text);
    }
  }
  return texts;
}

LegList Process::by_liking(std::uint32_t journey, const Send& send, const SendPlan& plan,
                           std::uint32_t tried) {
  LegList legs;
  for (std::size_t i = 0; i < plan.legs.size(); ++i) {
    if ((tried >> i & 1) == 0) legs.push_back(static_cast<std::uint8_t>(i));
  }
  const std::vector<ChannelPlan>& channels = state_.plans.channels;
  const auto channel_of = [&](std::uint8_t leg) -> const ChannelPlan* {
    const std::uint16_t channel = plan.legs[leg].channel;
    return channel < channels.size() ? &channels[channel] : nullptr;
  };
  switch (send.prefer) {
    case Send::Prefer::listed: break;
    case Send::Prefer::preference: {
      const std::vector<std::string> wanted = attribute_texts(state_.plans.preferred_name);
      sort_legs(legs, [&](std::uint8_t leg) { return place_in(wanted, plan.legs[leg].name); });
      break;
    }
    case Send::Prefer::engaged: {
      const std::uint32_t contact = state_.journeys[journey].contact;
      sort_legs(legs,
                [&](std::uint8_t leg) { return -engagement(state_, contact, plan.legs[leg].key); });
      break;
    }
    case Send::Prefer::device: {
      const std::vector<std::string> seen = attribute_texts(state_.plans.device_name);
      sort_legs(legs, [&](std::uint8_t leg) {
        const ChannelPlan* const channel = channel_of(leg);
        const bool suits = channel != nullptr &&
                           (channel->devices.empty() ||
                            std::any_of(seen.begin(), seen.end(), [&](const std::string& device) {
                              return place_in(channel->devices, device) < channel->devices.size();
                            }));
        return suits ? 0 : 1;
      });
      break;
    }
    case Send::Prefer::cost:
      sort_legs(legs, [&](std::uint8_t leg) {
        const ChannelPlan* const channel = channel_of(leg);
        return channel == nullptr ? 0.0 : channel->cost;
      });
      break;
  }
  return legs;
}

std::uint16_t Process::turn_of(std::uint32_t journey) const {
  if (state_.accounts.places.empty()) return no_sender;
  const auto place = state_.accounts.places.find(journey);
  const bool called = place != state_.accounts.places.end() && place->second.called;
  return called ? place->second.sender : no_sender;
}

std::vector<std::uint16_t> Process::turns_of(std::uint32_t journey) const {
  std::vector<std::uint16_t> senders;
  if (state_.accounts.places.empty()) return senders;
  for (std::uint32_t at = journey; at != no_place; at = state_.next_strand(at, journey)) {
    if (const std::uint16_t sender = turn_of(at); sender != no_sender) senders.push_back(sender);
  }
  return senders;
}

// The journey's own account on that channel; else, of those that may send it, the one for which the
// fewest wait, then the one that has sent least today, then by chance.
std::uint16_t Process::account_for(std::uint32_t journey, NodeIndex at, const LegPlan& leg) {
  const std::uint16_t own = state_.account_of(journey, leg.name);
  if (std::find(leg.senders.begin(), leg.senders.end(), own) != leg.senders.end()) return own;
  const std::string_view contact = state_.id_of(state_.contacts[state_.journeys[journey].contact]);
  const auto load = [&](std::uint16_t sender) {
    const Account& account = state_.accounts.all[sender];
    const std::uint32_t sent = state_.now < account.day_ends ? account.sent : 0;
    const std::string_view name = state_.plans.senders[sender].rules.name;
    return std::tuple(account.waiting, sent, base::stable_hash_of(name, contact).high);
  };
  const std::uint16_t chosen =
      *std::min_element(leg.senders.begin(), leg.senders.end(),
                        [&](std::uint16_t a, std::uint16_t b) { return load(a) < load(b); });
  commit(record::AccountGiven{journey, at, chosen});
  return chosen;
}

// Whoever wants an account stands in its line first: turns are given once all inputs of the instant
// are in, so that who was fed first changes nothing (design.md 10).
bool Process::take_turn(std::uint32_t journey, NodeIndex at, const LegPlan& leg) {
  const std::uint16_t sender = account_for(journey, at, leg);
  const auto& send = std::get<Send>(state_.plan_of(state_.journeys[journey]).nodes[at].step->kind);
  const SenderPlan& plan = state_.plans.senders[sender];
  const Account& account = state_.accounts.all[sender];
  const Turn turn = next_turn(*state_.zones, plan, account, send.operation, state_.now);
  const bool free = turn.at <= state_.now;
  const bool called = turn_of(journey) == sender;
  if (free && called) return true;
  if (free && state_.now < latest_instant) {
    // Who has no turn when the instant is over passes the gates again right after it: by then it is
    // known what there is to wait for, and for how long.
    commit(record::Held{journey, at, Decision::held_line, state_.now + 1});
    offer(sender);
    return false;
  }
  const Instant stale = stale_after(journey, at);
  if (turn.at > stale) {
    skip_send(journey, at, Decision::expired, Reason::quota);
    return false;
  }
  // Exactly then it may still have its turn.
  const Instant gives_up = stale < latest_instant ? stale + 1 : record::no_deadline;
  const std::uint32_t held = held_at(journey, at);
  commit(record::Held{held, at, turn.because, gives_up});
  if (!called) offer(sender);
  if (held != journey) walk(journey, state_.plan_of(state_.journeys[journey]).nodes[at].next);
  return false;
}

void Process::offer(std::uint16_t sender) {
  const SenderPlan& plan = state_.plans.senders[sender];
  const Account& account = state_.accounts.all[sender];
  const Instant next = std::max(next_service(*state_.zones, plan, account, state_.now), state_.now);
  if (next < account.due) commit(record::Served{sender, no_place, next});
}

void Process::serve(std::uint16_t sender) {
  const SenderPlan& plan = state_.plans.senders[sender];
  const Account& account = state_.accounts.all[sender];
  const Account::Waiter* const first = first_in_line(*state_.zones, plan, account, state_.now);
  if (first == nullptr) {
    const Instant next = next_service(*state_.zones, plan, account, state_.now);
    if (next != account.due) commit(record::Served{sender, no_place, next});
    return;
  }
  const std::uint32_t journey = first->journey;
  commit(record::Served{sender, journey, record::no_deadline});
  commit(record::Ready{journey, state_.journeys[journey].node});
}

// A provider's limit: `failed`, because of "limit". The account rests until its next day begins;
// the same failure, delivered once more on another day, says nothing of that day.
void Process::rest(const Told& told) {
  const bool failed = static_cast<Receipt>(told.receipt) == Receipt::failed;
  if (!failed || !told.is_news || told.sender == no_sender) return;
  const bool limit = std::any_of(event_.begin(), event_.end(), [](const EventProperty& property) {
    return property.name == "reason" && property.value.kind == expr::Cell::Kind::text &&
           property.value.as_text() == "limit";
  });
  if (!limit) return;
  const Instant until = next_day(*state_.zones, state_.plans.senders[told.sender], state_.now);
  commit(record::Rested{told.sender, until});
  serve(told.sender);
}

std::optional<std::uint8_t> Process::choose(std::uint32_t journey, NodeIndex at) {
  const Journey& j = state_.journeys[journey];
  const NodePlan& node = state_.plan_of(j).nodes[at];
  const SendPlan& send = *node.send;
  const std::uint32_t tried = legs_at(state_.blobs.view(j.context), at).gone;
  bool all_absent = true;
  std::optional<std::uint8_t> chosen;
  std::optional<Objection> first;  // to the one liked best
  std::array<std::byte, record::Chose::candidate_size * Send::channels_max> found{};
  std::byte* end = found.data();
  for (const std::uint8_t leg : by_liking(journey, std::get<Send>(node.step->kind), send, tried)) {
    const expr::Cell address = address_on(send.legs[leg]);
    std::optional<Objection> objection = objection_on(j.contact, send, send.legs[leg], address);
    all_absent = all_absent && objection && objection->reason == Reason::absent;
    if (!objection && chosen) objection = Objection{Decision::not_preferred, Reason::none};
    if (!first) first = objection;
    if (!objection) chosen = leg;
    base::store_le(end, leg);
    base::store_le(end + 1, objection ? objection->decision : Decision::chose_channel);
    base::store_le(end + 2, objection ? objection->reason : Reason::none);
    end += record::Chose::candidate_size;
  }
  commit(record::Chose{journey, at, chosen.value_or(record::Chose::no_leg), {found.data(), end}});
  if (chosen) return chosen;
  if (all_absent && first && tried == 0) {  // one of them may yet be
    await_presence(journey, at);
    return std::nullopt;
  }
  const Objection why = first.value_or(Objection{Decision::no_address, Reason::none});
  skip_send(journey, at, why.decision, why.reason);
  return std::nullopt;
}

}  // namespace itinera::engine
