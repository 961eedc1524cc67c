// SPDX-License-Identifier: Apache-2.0
#include "runtime/leases.hpp"

namespace itinera::runtime {

void Leases::end(const ActionId& action) {
  const auto found = ends_.find(action);
  if (found == ends_.end()) return;
  by_end_.erase({found->second, action});
  ends_.erase(found);
}

void Leases::begin(const ActionId& action, Instant until) {
  offered_.erase(action);
  end(action);
  ends_.emplace(action, until);
  by_end_.emplace(until, action);
}

void Leases::settle(const ActionId& action) {
  offered_.erase(action);
  end(action);
}

std::vector<ActionId> Leases::end_by(Instant t) {
  std::vector<ActionId> ended;
  while (!by_end_.empty() && by_end_.begin()->first <= t) {
    const ActionId action = by_end_.begin()->second;
    ended.push_back(action);
    end(action);
  }
  return ended;
}

}  // namespace itinera::runtime
