// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace itinera {

// Every bound of the library, with its default and its reason. Files and inputs are written by
// strangers; reaching a bound is a diagnostic, an Error or a record, never a crash or a hang. What
// a workspace says itself, `min_loop_wait` and `dedupe`, stands in Workspace (campaign.hpp).
struct Limits {
  // Files.
  std::uint32_t file_bytes = 4u << 20;  // one YAML file
  std::uint32_t yaml_depth = 64;        // nesting; a campaign rarely needs ten
  std::uint32_t yaml_nodes = 200'000;   // per file
  std::uint32_t steps_per_campaign = 4'096;
  std::uint32_t campaigns = 10'000;
  std::uint32_t segments = 1'000;

  // Conditions.
  std::uint32_t condition_bytes = 8'192;
  std::uint32_t condition_depth = 64;  // nesting of the syntax tree
  std::uint32_t condition_nodes = 4'096;
  std::uint32_t comprehension_depth = 4;      // nested macros
  std::uint32_t condition_steps = 100'000;    // executed instructions; then an error value
  std::uint32_t condition_memory = 1u << 20;  // bytes built by one evaluation; then an error value

  // Inputs.
  std::uint32_t id_bytes = 512;              // contact, message, campaign and event names
  std::uint32_t properties = 1'000;          // per input
  std::uint32_t input_bytes = 1u << 20;      // packed properties of one input
  std::uint32_t value_depth = 32;            // nesting of lists and maps in a property
  std::int64_t occurred_ahead_ms = 300'000;  // later than `received` by more is clamped (S0)

  // Journeys.
  std::uint32_t max_visits = 1'000;       // of one step by one journey (S25)
  std::uint32_t chain_depth = 16;         // what one input may set off in turn (S33)
  std::uint32_t steps_per_move = 10'000;  // steps one journey takes without waiting
  // In flight; then refused_entry, reason limit. With those that ended and whose goals are open:
  // then the oldest of these is closed.
  std::uint32_t journeys_per_contact = 1'000;
  std::uint32_t variables_bytes = 65'536;  // packed variables of one journey
  std::uint32_t messages_aside = 1'000;  // of one journey (`while_held: aside`); the next one stays
  // Ids that stand for one contact, and verified handles of one; then refused_link, reason limit.
  std::uint32_t identities = 100;
  std::uint32_t account_members = 1'000;  // contacts of one account; then refused_account
  std::uint32_t consents = 256;           // per contact; then an Identify with another is refused
  std::uint32_t history_events = 10'000;  // kept per contact and event type, newest win

  // Sends of closed journeys: so long, and of so many of them, the newest, what is reported is
  // heeded (docs/policy.md).
  std::int64_t late_receipts_ms = 30LL * 86'400'000;
  std::uint32_t late_receipts = 10'000'000;

  // Taken actions of which nothing was reported (not to be changed under a journal that has some),
  // kept to be offered again (Reoffer); the oldest go first, counted. A host that never feeds a
  // Reoffer has none.
  std::uint32_t open_actions = 1'000'000;

  // Deduplication (S4).
  std::uint32_t dedupe_ids = 10'000'000;  // remembered at most; the oldest go first, counted
};

}  // namespace itinera
