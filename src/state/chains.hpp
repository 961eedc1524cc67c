// SPDX-License-Identifier: Apache-2.0
// How deep in a chain of what steps set off (S33) a journey was entered. A chain goes on behind a
// send, perhaps in another frame of the instant, so that the state must tell: the flags of the
// record `entered` do, above the others, and Journey::strand, of which only strands have need.
#pragma once

#include <algorithm>
#include <cstdint>

#include "record/records.hpp"
#include "state/state.hpp"

namespace itinera::engine {

inline constexpr unsigned chain_shift = 2;
static_assert((record::Entered::has_key | record::Entered::holdout) < 1 << chain_shift);
inline constexpr std::uint8_t chain_depth_max = 0xFF >> chain_shift;
static_assert(chain_depth_max < Journey::aside_strand);

inline std::uint8_t chain_flags(std::uint32_t depth) {
  return static_cast<std::uint8_t>(std::min<std::uint32_t>(depth, chain_depth_max) << chain_shift);
}

// What the journey or strand sets off behind its send is one deeper. A chain ends with its instant;
// at a depth beyond what the record can tell it is cut.
inline std::uint32_t chain_depth_of(const State& state, std::uint32_t journey) {
  const Journey& j = state.journeys[state.whole(journey)];
  if (j.entered != state.now) return 0;
  return j.strand < chain_depth_max ? j.strand
                                    : std::max<std::uint32_t>(j.strand, state.limits.chain_depth);
}

}  // namespace itinera::engine
