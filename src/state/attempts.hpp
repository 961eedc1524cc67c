// SPDX-License-Identifier: Apache-2.0
// Calls and messages that have failed, and are tried once more.
#pragma once

#include <cstdint>

#include "record/records.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// Where the call or the send at a step stands in this visit.
struct Attempt {
  std::uint32_t number = 0;                // from 0
  Instant deadline = record::no_deadline;  // of a call's answer, while it is pending; else the
                                           // journey's own
  bool pending = false;                    // still to be asked for
  // How many actions of this visit there are before the newest.
  [[nodiscard]] std::uint32_t older() const { return pending ? number - 1 : number; }
  // Whether a deadline that has come at `now` is the next attempt's, and not the answer's.
  [[nodiscard]] bool goes_on(Instant now) const { return pending && now < deadline; }
};
Attempt attempt_at(base::ByteView context, NodeIndex node);

// Parts of apply(): the attempt that was to come has been made; the answer has come, or never does.
void begin_attempt(State& state, std::uint32_t place, NodeIndex node);
void forget_attempts(State& state, std::uint32_t place, NodeIndex node);

}  // namespace itinera::engine
