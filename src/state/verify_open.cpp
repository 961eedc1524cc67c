// SPDX-License-Identifier: Apache-2.0
// Whether what a journal says of actions that are offered again can be.
#include "state/verify.hpp"

namespace itinera::engine {

bool fits(const State&, const record::ReofferInput& input) {
  return input.actions.size() % record::ReofferInput::id_size == 0;
}
bool fits(const State&, const record::AcknowledgeInput& input) { return input.keep <= 1; }

bool fits(const State& state, const record::UnknownOutcome& r) {
  const std::uint32_t place = state.open.find(r.id);
  if (place == OpenAction::none || !is_contact(state, r.contact)) return false;
  const OpenAction& action = state.open[place];
  if (action.version != r.version || action.node != r.node || action.leg != r.leg) return false;
  if (state.input.kind == record::InputKind::reoffer) return r.entry == no_place && action.offered;
  if (state.input.kind != record::InputKind::taken || r.entry >= state.handed.entries.size()) {
    return false;
  }
  const OutboxEntry& entry = state.handed.entries[r.entry];
  return entry.id == r.id && entry.maybe_executed && !entry.withdrawn;
}

}  // namespace itinera::engine
