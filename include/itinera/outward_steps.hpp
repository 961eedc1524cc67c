// SPDX-License-Identifier: Apache-2.0
// The step kinds that reach beyond their journey and go on at once. Part of step.hpp, as are the
// rules of its enumerators.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "itinera/trigger.hpp"

namespace itinera {

// Puts the contact on a list that the host keeps, such as an ads audience, or takes it off.
struct ChangeAudience {
  enum class Change : std::uint8_t { add, remove };
  Change change = Change::add;
  std::string list = {};
};

// Lets an event of the contact happen, which entries and the contact's other journeys hear.
struct EmitEvent {
  std::string event = {};
  std::vector<Datum> data = {};  // its properties
};

// Enters the contact into a campaign, by its `host` entry.
struct StartCampaign {
  std::string campaign = {};
  Expression key = {};           // empty: no key
  std::vector<Datum> data = {};  // what the campaign sees as `entry`
};

// Ends the contact's journeys in a campaign.
struct StopCampaign {
  std::string campaign = {};
  Expression key = {};  // empty: whatever their key
};

// Grants or denies consent on the contact's behalf, as at the end of a double opt-in.
struct ChangeConsent {
  enum class State : std::uint8_t { granted, denied };
  std::string channel = {};
  std::string topic = {};  // empty: the channel as a whole
  State state = State::granted;
  std::string source = {};  // where it was said, for the record
};

}  // namespace itinera
