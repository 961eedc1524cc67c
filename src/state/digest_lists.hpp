// SPDX-License-Identifier: Apache-2.0
// What a journey has gathered at its digests, and what it keeps of its entry for them.
#pragma once

#include <cstdint>

#include "record/records.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// Properties, name and packed value in turn, as one packed map.
base::Bytes packed_properties(base::ByteView properties);

// What a journey keeps of the event or the `enter` by which it entered, a packed map; empty where
// there was none, or all that needs it is done.
base::ByteView kept_entry(base::ByteView context);

// The same, for the first digest on the way of the journey, or of the strand; empty where it has
// come to one before.
base::ByteView begins_digest(const State& state, std::uint32_t journey);

// How many are in the list of the digest at `node`.
std::uint32_t gathered_at(base::ByteView context, NodeIndex node);

// Part of apply(): what is kept of the input by which a journey of `plan` enters, appended to
// `context`; the list of a digest that is begun; and that there has been one on that way, by which
// a journey is through with its entry.
void keep_entry(const State& state, const CampaignPlan& plan, const record::Entered& r,
                base::ByteBuffer& context);
void begin_digest(State& state, std::uint32_t place, NodeIndex node);
void note_digest(State& state, std::uint32_t place);

}  // namespace itinera::engine
