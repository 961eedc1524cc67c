// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "base/bytes.hpp"

namespace itinera::property {

using Reached = std::map<std::string, std::size_t, std::less<>>;

// Reads a journal as a regulator would, and says what in it breaks the policy that its workspaces
// state; nothing if nothing does. It knows the bytes of records and inputs, and has rules and
// clocks of its own:
//   nothing is handed over without consent, or to an address that is closed, at emission and at
//   taking; nothing is emitted in quiet hours; no cap and no quota of a sender is exceeded in any
//   window or day; a sender sends within its hours, no faster than its rate; no action id comes
//   twice; what is held goes on when its time comes; a campaign that is paused emits nothing; an
//   account rests when a report says so; where one contact of an account reacts, the journeys that
//   end by that end.
// `reached` receives, by the name of a rule, how often it was met where it could have been broken.
std::string judge(base::ByteView journal, Reached* reached = nullptr);

}  // namespace itinera::property
