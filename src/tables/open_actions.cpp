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
  if (place == first_offered_) first_offered_ = action.after;
  (action.before == OpenAction::none ? first_ : pool_[action.before].after) = action.after;
  (action.after == OpenAction::none ? last_ : pool_[action.after].before) = action.before;
}

std::vector<std::uint32_t> OpenActions::to(std::span<const std::uint32_t> contacts) const {
  std::vector<std::uint32_t> places = of_contact_.find(contacts, [this](auto visit) {
    for (std::uint32_t at = first_; at != OpenAction::none; at = pool_[at].after) {
      visit(pool_[at].contact, at);
    }
  });
  std::erase_if(places, [this](std::uint32_t at) { return pool_[at].id == Hash128{}; });
  return places;
}

void OpenActions::add(const OpenAction& action) {
  const std::uint32_t place = pool_.add(action);
  put_last(place);
  if (action.offered && first_offered_ == OpenAction::none) first_offered_ = place;
  index_.insert(action.id.high, place);
  of_contact_.changed();
}

void OpenActions::come(const OpenAction& action) {
  const std::uint32_t offered = first_offered_;
  if (offered == OpenAction::none) return add(action);
  const std::uint32_t place = pool_.add(action);
  OpenAction& come = pool_[place];
  come.after = offered;
  come.before = std::exchange(pool_[offered].before, place);
  (come.before == OpenAction::none ? first_ : pool_[come.before].after) = place;
  index_.insert(action.id.high, place);
  of_contact_.changed();
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
  if (first_offered_ == OpenAction::none) first_offered_ = place;
  ++offered_;
  of_contact_.changed();
}

void OpenActions::readdress(std::uint32_t from, std::uint32_t to) {
  for (std::uint32_t at = first_; at != OpenAction::none; at = pool_[at].after) {
    if (pool_[at].contact == from) pool_[at].contact = to;
  }
  of_contact_.changed();
}

void OpenActions::take(std::uint32_t place, std::uint64_t take) {
  if (place == first_offered_) first_offered_ = pool_[place].after;
  pool_[place].offered = false;
  pool_[place].take = take;
  --offered_;
}

}  // namespace itinera::engine
