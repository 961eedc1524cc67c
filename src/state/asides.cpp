// SPDX-License-Identifier: Apache-2.0
// Sends that are held and have stepped aside, so that their journeys go on without them.
#include <optional>

#include "state/apply.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

void free_aside(State& state, std::uint32_t place) {
  Journey& aside = state.journeys[place];
  leave_line(state, place);
  if (aside.phase == Phase::ready) leave_queue(state, place);
  set_phase(state, aside, Phase::gone);
  forget_halt(state, place);
  state.blobs.release(aside.context);
  aside = Journey{};
  state.journeys.release(place);
}

// What it has waited for its account, the message that steps aside has waited.
std::optional<Accounts::Place> place_of(const State& state, std::uint32_t journey) {
  const auto found = state.accounts.places.find(journey);
  if (found == state.accounts.places.end()) return std::nullopt;
  return found->second;
}

}  // namespace

void free_asides(State& state, std::uint32_t journey) {
  const auto found = state.asides.find(journey);
  if (found == state.asides.end()) return;
  for (const std::uint32_t aside : found->second) free_aside(state, aside);
  state.asides.erase(found);
}

void apply(State& state, const record::SetAside& r) {
  Journey& head = state.journeys[r.head];
  const std::uint32_t whole = state.whole(r.head);
  Journey aside = strand_of(head, whole, r.node);
  aside.strand = Journey::aside_strand;
  const base::ByteView context = state.blobs.view(state.journeys[whole].context);
  const auto visits = find_context(context, ContextTag::visits, r.node);
  if (visits) aside.goals = visits->visits - 1;
  const auto arrived = find_context(state.blobs.view(head.context), ContextTag::arrived, r.node);
  if (arrived) {
    const base::Bytes item(arrived->whole.begin(), arrived->whole.end());
    aside.context = state.blobs.add(item);
  }
  if (head.phase == Phase::ready) leave_queue(state, r.head);
  const std::optional<Accounts::Place> turn = place_of(state, r.head);
  leave_line(state, r.head);
  set_phase(state, head, Phase::moving);
  head.node = r.node;
  forget_send(state, r.head, r.node);
  set_phase(state, aside, Phase::moving);
  const std::uint32_t place = state.journeys.add(aside);
  state.asides[whole].insert(place);
  if (!turn) return;
  state.accounts.places.insert_or_assign(place, *turn);
  state.accounts.places.at(place).waiter.journey = place;
}

void apply(State& state, const record::AsideDone& r) {
  const auto found = state.asides.find(state.journeys[r.journey].head);
  found->second.erase(r.journey);
  if (found->second.empty()) state.asides.erase(found);
  free_aside(state, r.journey);
}

void apply(State& state, const record::Lingered& r) {
  Journey& journey = state.journeys[r.journey];
  if (journey.phase == Phase::forked) free_strands(state, r.journey);
  journey.node = r.node;
  journey.due = record::no_deadline;
  set_phase(state, journey, Phase::lingering);
}

}  // namespace itinera::engine
