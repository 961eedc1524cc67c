// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "itinera/action.hpp"
#include "record/records.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// What is to be said of an open action, by its place, that must not go out any more; empty: it may.
std::optional<record::UnknownOutcome> unwanted_outcome(const State& state, std::uint32_t open);

// As Engine::wants().
bool wants(const State& state, const Action& action);

}  // namespace itinera::engine
