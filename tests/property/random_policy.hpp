// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "itinera/campaign.hpp"
#include "property/choices.hpp"

namespace itinera::property {

// What stands in the way of a send, and where it leads.
void random_gates(Choices& choices, Send& send);

// A campaign's own part: topic, exclusive group, holdout.
void random_rules(Choices& choices, Campaign& campaign);

// What an exit hears of the contact's account.
Trigger random_account_trigger(Choices& choices);

// A policy and senders, with rules that are met within a few days.
void random_policy(Choices& choices, Workspace& workspace);

}  // namespace itinera::property
