// SPDX-License-Identifier: Apache-2.0
// What must hold of every script. Each returns what is wrong, in words, or nothing.
#pragma once

#include <cstddef>
#include <string>

#include "property/host.hpp"

namespace itinera::property {

// The same calls again, on another engine.
std::string replay_equals_live(const Script& script);

// Advances in between, strictly between inputs.
std::string leap_equals_steps(const Script& script, Choices& choices);

// Feeds that follow one another as one span.
std::string batch_equals_singles(const Script& script);

// The journal cut at each frame (at most `cuts_max` of them, evenly spread), an engine restored
// from it, and the rest of the calls.
std::string restore_equals_going_on(const Script& script, std::size_t cuts_max);

// The journal cut inside frames: what is restored is the state at the frame before.
std::string torn_equals_frame_before(const Script& script, Choices& choices);

// Inputs of different people with equal `received`, in another order: the same for each.
std::string order_of_people_is_nothing(const Script& script, Choices& choices);

// Campaigns given to publish() in another order: the same for each contact.
std::string order_of_campaigns_is_nothing(const Script& script, Choices& choices);

// The journal cut at each frame (at most `cuts_max` of them): a snapshot of what is restored,
// loaded and followed to the end, is the same, byte for byte, as a snapshot of the whole.
std::string snapshot_equals_restoring(const Script& script, std::size_t cuts_max);

// Who was forgotten is taken out of the journal: it restores to the same state, byte for byte, and
// their ids stand nowhere before they were forgotten. `found` grows by the frames in which they had
// stood.
std::string erased_equals_forgotten(const Script& script, std::size_t& found);

// What the engine counted when it went on is what it counts after a restore, at the end.
// What comes out a second time says so, and what says so is the same as before. Only a journey that
// comes back from another system may do something twice.
std::string nothing_comes_twice_unsaid(const Script& script);
std::string restore_counts_the_same(const Script& script);

}  // namespace itinera::property
