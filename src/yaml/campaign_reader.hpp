// SPDX-License-Identifier: Apache-2.0
// Documents as what they say. Each function reads as much as it can, reports all that is wrong, and
// notes in `gaps` what is missing.
#pragma once

#include "itinera/campaign.hpp"
#include "model/gaps.hpp"
#include "yaml/fields.hpp"

namespace itinera::yaml {

Workspace read_workspace(const Node& node, Report& report, model::WorkspaceGaps& gaps);
Campaign read_campaign(const Node& node, Report& report, model::Gaps& gaps);

// A list of steps, as deep as they nest. What is no step at all is an empty one of `gaps`.
Steps read_steps(const Node* list, Report& report, model::Gaps& gaps);

// Keys of a workspace.
Schema read_schema(const Fields& workspace, Report& report);
Retain read_retain(const Fields& workspace, Report& report);

Entry read_entry(const Node& node, Report& report);
// `{total: 10000, day: 45}`, a key of a campaign.
EntryCap read_entry_cap(const Fields& fields, Report& report, WordPlaces& words);

// `{add: list}` or `{remove: list}`.
ChangeAudience read_audience(const Node& node, Report& report);

// `{channel: email, topic: news, state: granted, source: web form}`.
ChangeConsent read_consent(const Node& node, Report& report);

// One of the `senders`.
Sender read_sender(const Member& member, Report& report);

// What stands behind `policy`. The places of what stands in its `holdout` go into `words`.
Policy read_policy(const Node& node, Report& report, WordPlaces& words);

// `{percent: 5%, seed: s}`, a key of a campaign and of a policy.
Holdout read_holdout(const Fields& fields, Report& report, WordPlaces& words);
std::optional<Brake> read_brake(const Fields& fields, Report& report);

// The keys of a `send` that say by which of several channels it goes, and from which account.
void read_choice(const Fields& fields, Send& send, Report& report);

// The keys of a `send` that say what gates do with it, and what comes of that.
void read_gates(const Fields& fields, Send& send);

// The trigger of a mapping whose table has a trigger's keys; nothing if it has none.
std::optional<Trigger> read_trigger(const Fields& fields, Report& report);

}  // namespace itinera::yaml
