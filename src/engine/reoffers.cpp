// SPDX-License-Identifier: Apache-2.0
// What was taken and of which nothing was reported: offered again under the same id, or its outcome
// stays unknown (S32).
#include "engine/process.hpp"

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
    if (const auto unknown = outcome_of(at)) commit(*unknown);
    at = next;
  }
}

void Process::take(const Acknowledge& acknowledge, const Taken& taken) {
  begin(record::AcknowledgeInput{acknowledge.takes, static_cast<std::uint8_t>(acknowledge.keep)},
        taken);
}

// Empty: it may go out again. As far as is known it has reached the contact, so it keeps what it
// took of caps and quotas either way.
std::optional<record::UnknownOutcome> Process::outcome_of(std::uint32_t open) const {
  const OpenAction& action = state_.open[open];
  const std::uint32_t contact = state_.find_linked(action.contact);
  record::UnknownOutcome unknown{no_place,
                                 action.id,
                                 contact,
                                 action.version,
                                 action.node,
                                 action.leg,
                                 static_cast<Reason>(action.unwanted)};
  if (unknown.reason != Reason::none) return unknown;
  const NodePlan& node = state_.plans.versions[action.version]->nodes[action.node];
  if (!node.send) return std::nullopt;
  const LegPlan& leg = node.send->leg(action.leg);
  if (leg.channel >= state_.plans.channels.size()) return std::nullopt;
  const base::ByteView content = state_.blobs.view(action.content);
  const std::string_view address =
      base::as_text(content.subspan(action.key_size, action.address_size));
  const auto objection =
      objection_to(state_, contact, *node.send, leg, address_hash(leg.name, address));
  if (!objection) return std::nullopt;
  unknown.reason = objection->reason;
  return unknown;
}

// What leaves the outbox once more is judged once more, as all is that is taken (S19).
bool Process::recall_again() {
  const std::vector<OutboxEntry>& entries = state_.handed.entries;
  bool recalls = false;
  for (std::uint32_t i = 0; i < entries.size() && entries[i].maybe_executed; ++i) {
    const std::uint32_t open = state_.open.find(entries[i].id);
    if (open == OpenAction::none) continue;
    std::optional<record::UnknownOutcome> unknown = outcome_of(open);
    if (!unknown) continue;
    unknown->entry = i;
    commit(*unknown);
    recalls = true;
  }
  return recalls;
}

}  // namespace itinera::engine
