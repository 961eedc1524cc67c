// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory_resource>
#include <span>
#include <vector>

#include "itinera/action.hpp"

namespace itinera::runtime {

// Actions that outlive the engine's next call, in the order added.
class ActionCopies {
 public:
  void add(const Actions& actions);
  void add(const Action& action);
  // Valid until the next add() or clear().
  [[nodiscard]] std::span<const Action> all() const { return actions_; }
  [[nodiscard]] bool empty() const { return actions_.empty(); }
  void clear();

 private:
  std::vector<Action> actions_;
  std::pmr::monotonic_buffer_resource texts_;
  std::deque<Properties> data_;
};

}  // namespace itinera::runtime
