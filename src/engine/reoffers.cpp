// SPDX-License-Identifier: Apache-2.0
// What was taken and of which nothing was reported: offered again under the same id, or its outcome
// stays unknown (S32).
#include "engine/reoffers.hpp"

#include "base/stable_hash.hpp"
#include "engine/process.hpp"
#include "state/governance.hpp"

namespace itinera::engine {

using record::Reason;

void Process::take(const Reoffer& reoffer, const Taken& taken) {
  base::Bytes ids;
  base::Writer out(ids);
  for (const ActionId& id : reoffer.actions) {
    out.number(id.hash.high);
    out.number(id.hash.low);
  }
  begin(record::ReofferInput{ids}, taken);
  for (std::uint32_t at = state_.open.first_offered(); at != OpenAction::none;) {
    const std::uint32_t next = state_.open.after(at);
    if (const auto unknown = unwanted_outcome(state_, at)) commit(*unknown);
    at = next;
  }
}

void Process::take(const Acknowledge& acknowledge, const Taken& taken) {
  begin(record::AcknowledgeInput{acknowledge.takes, static_cast<std::uint8_t>(acknowledge.keep)},
        taken);
}

// As far as is known it has reached the contact, so it keeps what it
// took of caps and quotas either way.
std::optional<record::UnknownOutcome> unwanted_outcome(const State& state, std::uint32_t open) {
  const OpenAction& action = state.open[open];
  const std::uint32_t contact = state.find_linked(action.contact);
  record::UnknownOutcome unknown{no_place,
                                 action.id,
                                 contact,
                                 action.version,
                                 action.node,
                                 action.leg,
                                 static_cast<Reason>(action.unwanted)};
  if (unknown.reason != Reason::none) return unknown;
  const NodePlan& node = state.plans.versions[action.version]->nodes[action.node];
  if (!node.send) return std::nullopt;
  const LegPlan& leg = node.send->leg(action.leg);
  if (leg.channel >= state.plans.channels.size()) return std::nullopt;
  const base::ByteView content = state.blobs.view(action.content);
  const std::string_view address =
      base::as_text(content.subspan(action.key_size, action.address_size));
  const auto objection =
      objection_to(state, contact, *node.send, leg, address_hash(leg.name, address));
  if (!objection) return std::nullopt;
  unknown.reason = objection->reason;
  return unknown;
}

// Of one that is no longer kept, because its contact was forgotten or something was reported of it,
// the answer is no; where some are not kept at all, or for want of room, it may be one of those.
bool wants(const State& state, const Action& action) {
  const std::uint32_t open = state.open.find(action.id.hash);
  if (open != OpenAction::none) return !unwanted_outcome(state, open);
  const bool has_room = state.limits.open_actions > 0 && state.statistics.open_dropped == 0;
  if (state.open.keeps() && has_room) return false;
  return state.find_contact(action.contact, base::stable_hash(action.contact).high) != no_place;
}

// What leaves the outbox once more is judged once more, as all is that is taken (S19).
bool Process::recall_again() {
  const std::vector<OutboxEntry>& entries = state_.handed.entries;
  bool recalls = false;
  for (std::uint32_t i = 0; i < entries.size() && entries[i].maybe_executed; ++i) {
    const std::uint32_t open = state_.open.find(entries[i].id);
    if (open == OpenAction::none) continue;
    std::optional<record::UnknownOutcome> unknown = unwanted_outcome(state_, open);
    if (!unknown) continue;
    unknown->entry = i;
    commit(*unknown);
    recalls = true;
  }
  return recalls;
}

}  // namespace itinera::engine
