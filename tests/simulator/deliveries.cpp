// SPDX-License-Identifier: Apache-2.0
#include "simulator/deliveries.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "property/host.hpp"

namespace itinera::simulator {

std::string Deliveries::give(const Action& action, Instant now, std::optional<Instant> until) {
  ++tally_["actions"];
  std::string words = property::to_words(action);
  if (action.maybe_executed) words.resize(words.size() - property::again_word.size());
  // Persist, then act: what a crash would take back must not have been done.
  if (!ledger_.is_taken(action.id)) return "its frames are not durable: " + words;
  const auto [found, is_new] = given_.try_emplace(action.id);
  Given& given = found->second;
  if (is_new) {
    order_.push_back(action.id);
    if (!action.sender.empty()) by_account_.push_back(action.id);
    if (action.kind == Action::Kind::task) tasks_.push_back(action.id);
    given.words = words;
    if (action.maybe_executed) ++tally_["actions lost between the disk and the host"];
  } else {
    ++tally_["actions given again"];
    // Its id is an idempotency key: who has seen it looks no further.
    if (given.words != words) return fmt::format("once {}, and now {}", given.words, words);
    if (!action.maybe_executed) return "given again, and does not say so: " + words;
    if (given.settled) return "given again after the disk knew what came of it: " + words;
    if (given.told) return "given again after the runtime was told of it: " + words;
    const auto leased = leased_.find(action.id);
    if (leased != leased_.end() && leased->second > now) {
      return "given again while its lease runs: " + words;
    }
  }
  leased_.erase(action.id);
  if (until) {
    leased_[action.id] = *until;
  } else {
    in_process_.push_back(action.id);
  }
  return {};
}

void Deliveries::reported(const ActionId& id) {
  leased_.erase(id);
  const auto found = given_.find(id);
  if (found == given_.end()) return;
  found->second.told = true;
  told_.push_back(id);
}

void Deliveries::acknowledged() {
  for (const ActionId& id : in_process_) reported(id);
  in_process_.clear();
}

void Deliveries::made_durable() {
  for (const ActionId& id : told_) given_[id].settled = true;
  told_.clear();
}

void Deliveries::restarted() {
  for (const ActionId& id : told_) given_[id].told = given_[id].settled;
  told_.clear();
  in_process_.clear();
  leased_.clear();
}

std::size_t Deliveries::leases(Instant now) const {
  return static_cast<std::size_t>(std::count_if(
      leased_.begin(), leased_.end(), [&](const auto& each) { return each.second > now; }));
}

}  // namespace itinera::simulator
