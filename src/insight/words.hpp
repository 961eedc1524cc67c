// SPDX-License-Identifier: Apache-2.0
// What numbers of the journal are called.
#pragma once

#include <cstdint>
#include <string_view>

#include "itinera/step.hpp"
#include "record/kinds.hpp"

namespace itinera::insight {

// "event", "timers"; empty: of a later version.
std::string_view name_of(record::InputKind kind);

// The name of way `which` out of a step, as its author would call it; empty if there is none.
std::string_view choice_of(const Step& step, std::uint16_t which);

// Of record::Waited::zone_from, where the zone is one that stands in (S12).
std::string_view zone_owner(std::uint8_t zone_from);

// The event or the campaign that the step tells of; empty: none.
std::string_view told_of(const Step& step);

// The channel of that number of a send; empty if it has none.
std::string_view channel_of(const Send& send, std::size_t leg);

}  // namespace itinera::insight
