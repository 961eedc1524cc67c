// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expr/program.hpp"
#include "itinera/campaign.hpp"

namespace itinera::model {

// What a condition may see, by where it stands. All but an address may also ask the contact's
// history (count, sum, last, since_last, ever) and for segments (in_segment).
enum class Scope : std::uint8_t {
  entry,      // contact, event, now                     entry when and key
  address,    // contact, now                            a channel's address
  step,       // contact, entry, journey, now            when, until, data, set, branch, value
  receiving,  // as step, and `event`                    a goal, exit or wait on an event
  contact,    // contact, now                            a segment; an entry without an event
};

// The declarations of `scope` in `campaign`: `journey` has the variables that some step of the
// campaign sets (`set` with journey.x, `as`), and `key`; any where not all are known.
expr::Declarations declarations(const Campaign& campaign, Scope scope, bool variables_known = true);

// The journey variables that some step of the campaign sets, without "journey.", sorted.
std::vector<std::string> journey_variables(const Campaign& campaign);

}  // namespace itinera::model
