// SPDX-License-Identifier: Apache-2.0
#include "tables/open_actions.hpp"

#include <utility>

namespace itinera::engine {

void OpenActions::put_last(std::uint32_t place) {
  OpenAction& action = pool_[place];
  action.before = last_;
  action.after = OpenAction::none;
  (last_ == OpenAction::none ? first_ : pool_[last_].after) = place;
  last_ = place;
}

void OpenActions::unlink(std::uint32_t place) {
  const OpenAction& action = pool_[place];
  (action.before == OpenAction::none ? first_ : pool_[action.before].after) = action.after;
  (action.after == OpenAction::none ? last_ : pool_[action.after].before) = action.before;
}

std::uint32_t OpenActions::first_offered() const {
  std::uint32_t place = OpenAction::none;
  for (std::uint32_t at = last_; at != OpenAction::none && pool_[at].offered;
       at = pool_[at].before) {
    place = at;
  }
  return place;
}

void OpenActions::add(const OpenAction& action) {
  const std::uint32_t place = pool_.add(action);
  put_last(place);
  index_.insert(action.id.high, place);
}

void OpenActions::come(const OpenAction& action) {
  const std::uint32_t offered = first_offered();
  if (offered == OpenAction::none) return add(action);
  const std::uint32_t place = pool_.add(action);
  OpenAction& come = pool_[place];
  come.after = offered;
  come.before = std::exchange(pool_[offered].before, place);
  (come.before == OpenAction::none ? first_ : pool_[come.before].after) = place;
  index_.insert(action.id.high, place);
}

void OpenActions::erase(std::uint32_t place) {
  unlink(place);
  OpenAction& action = pool_[place];
  if (action.offered) --offered_;
  index_.erase(action.id.high, place);
  action = OpenAction{};
  pool_.release(place);
}

void OpenActions::offer(std::uint32_t place) {
  if (pool_[place].offered) return;
  unlink(place);
  put_last(place);
  pool_[place].offered = true;
  ++offered_;
}

void OpenActions::take(std::uint32_t place, std::uint64_t take) {
  pool_[place].offered = false;
  pool_[place].take = take;
  --offered_;
}

}  // namespace itinera::engine
