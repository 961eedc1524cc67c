// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "itinera/ids.hpp"
#include "itinera/input.hpp"
#include "itinera/time.hpp"

namespace itinera::runtime {

// By which the same report is known again.
std::string content_id(const Report& report);

// Who has an action, and until when: known to one process and to nobody after it.
class Leases {
 public:
  [[nodiscard]] bool empty() const { return ends_.empty(); }
  [[nodiscard]] std::size_t running() const { return ends_.size(); }
  // The same, and nothing is offered once more.
  [[nodiscard]] bool idle() const { return ends_.empty() && offered_.empty(); }

  // The action is offered once more, and has no lease yet.
  void offer(const ActionId& action) { offered_.insert(action); }
  // Whether it is still to be given: nothing has been reported of it since.
  [[nodiscard]] bool is_offered(const ActionId& action) const { return offered_.contains(action); }

  void begin(const ActionId& action, Instant until);
  // Something was reported of it.
  void settle(const ActionId& action);
  // Takes away those that end at `t` or before, the earliest first.
  std::vector<ActionId> end_by(Instant t);

 private:
  void end(const ActionId& action);

  std::map<ActionId, Instant> ends_;
  std::set<std::pair<Instant, ActionId>> by_end_;
  std::set<ActionId> offered_;
};

}  // namespace itinera::runtime
