// SPDX-License-Identifier: Apache-2.0
#include "runtime/lane.hpp"

#include "base/bytes.hpp"
#include "engine/engine.hpp"
#include "model/model_codec.hpp"

namespace itinera::runtime {

Result<void> Lane::may_publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                               Instant received) const {
  return engine.core_->may_publish(workspace, campaigns, received);
}

bool Lane::is_published(const Workspace& workspace, std::span<const Campaign> campaigns) const {
  base::Bytes model;
  model::encode(workspace, campaigns, model);
  return engine.core_->is_published(model);
}

bool Lane::knows(const ActionId& action) const {
  return engine.core_->state().knows_taken(action.hash);
}

Instant Lane::closed() const { return engine.core_->state().closed; }

bool Lane::hears_of_reports() const { return engine.core_->state().reports_come; }

void Lane::hear_of_report(const record::Suppressed* told, std::uint8_t from, Instant received) {
  engine.core_->hear_of_report(told, from, received);
  keep_frames();
}

void Lane::move_to(Instant t, const Stop& stop) { engine.core_->move_to(t, stop); }

}  // namespace itinera::runtime
