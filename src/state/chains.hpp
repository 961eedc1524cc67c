// SPDX-License-Identifier: Apache-2.0
// How deep in a chain of what steps set off (S33) a journey stands. A chain goes on behind a send,
// perhaps in another frame of the instant, and by way of a line, so that the state must tell: of a
// journey that enters, the flags of the record `entered` do, above the others; of one that entered
// before, and of a contact in a line, the record `chained`. Of a journey it is kept in
// Journey::strand, of which only strands have need.
#pragma once

#include <algorithm>
#include <cstdint>

#include "record/records.hpp"
#include "state/state.hpp"

namespace itinera::engine {

inline constexpr unsigned chain_shift = 2;
static_assert((record::Entered::has_key | record::Entered::holdout) < 1 << chain_shift);
inline constexpr std::uint8_t chain_depth_max = 0xFF >> chain_shift;
// In Journey::strand: the depth is of this instant, whenever the journey entered.
inline constexpr std::uint8_t chain_is_now = chain_depth_max + 1;
static_assert((chain_is_now | chain_depth_max) < Journey::aside_strand);

// As it can be told.
inline std::uint8_t told_depth(std::uint32_t depth) {
  return static_cast<std::uint8_t>(std::min<std::uint32_t>(depth, chain_depth_max));
}
inline std::uint8_t chain_flags(std::uint32_t depth) {
  return static_cast<std::uint8_t>(told_depth(depth) << chain_shift);
}
// A chain ends with its instant; at a depth beyond what can be told it is cut.
inline std::uint32_t depth_told(const State& state, std::uint8_t depth) {
  return depth < chain_depth_max ? depth : std::max<std::uint32_t>(depth, state.limits.chain_depth);
}

// What the journey or strand sets off behind its send is one deeper.
inline std::uint32_t chain_depth_of(const State& state, std::uint32_t journey) {
  const Journey& j = state.journeys[state.whole(journey)];
  if (j.entered != state.now && (j.strand & chain_is_now) == 0) return 0;
  return depth_told(state, j.strand & chain_depth_max);
}

// The same of a contact in a line, and of what its entry sets off.
inline std::uint32_t line_depth_of(const State& state, std::uint32_t contact) {
  const auto found = state.chains.contacts.find(contact);
  return found == state.chains.contacts.end() ? 0 : depth_told(state, found->second);
}

// Their instant is over.
inline void end_chains(State& state) {
  for (const std::uint32_t place : state.chains.journeys) {
    Journey& j = state.journeys[place];  // or another, at its place
    if (!j.is_strand() && (j.strand & chain_is_now) != 0) j.strand = 0;
  }
  state.chains.journeys.clear();
  state.chains.contacts.clear();
}

}  // namespace itinera::engine
