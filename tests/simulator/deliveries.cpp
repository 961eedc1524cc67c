// SPDX-License-Identifier: Apache-2.0
#include "simulator/deliveries.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "property/host.hpp"

namespace itinera::simulator {

void Deliveries::taken(std::span<const Ledger::Taken> actions) {
  for (const Ledger::Taken& each : actions) owed_[each.id] = each.again;
}

std::string Deliveries::give(const Action& action, Instant now, std::optional<Instant> until) {
  ++tally_["actions"];
  std::string words = property::to_words(action);
  if (action.maybe_executed) words.resize(words.size() - property::again_word.size());
  // Persist, then act: what a crash would take back must not have been done.
  if (!ledger_.is_taken(action.id)) return "its frames are not durable: " + words;
  const auto owed = owed_.find(action.id);
  if (owed == owed_.end()) return "given, and no frame has taken it since: " + words;
  if (owed->second != action.maybe_executed) {
    return fmt::format("{}, and the host is told otherwise: {}",
                       owed->second ? "offered once more" : "taken for the first time", words);
  }
  owed_.erase(owed);
  if (!until && !given_here_.insert(action.id).second) {
    return "given to a sink twice by one process: " + words;
  }
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
    if (given.words != words && !ledger_.is_readdressed(action.id)) {
      return fmt::format("once {}, and now {}", given.words, words);
    }
    if (!action.maybe_executed) return "given again, and does not say so: " + words;
    const bool is_lost = given.acknowledged && ledger_.has_moved(action.id);
    if (is_lost) given.told = given.settled = false;
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
  for (const ActionId& id : in_process_) {
    reported(id);
    given_[id].acknowledged = true;
  }
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
  owed_.clear();
  given_here_.clear();
  leased_.clear();
}

// What is kept need not be given any more once something has come of it.
std::string Deliveries::nothing_is_kept_back() {
  std::string wrong;
  for (const auto& [id, again] : owed_) {
    const bool must = ledger_.keeps() ? ledger_.is_open(id) : !again;
    if (!must || !wrong.empty()) continue;
    wrong = fmt::format("{} was {}, and the host was not given it", to_text(id.hash),
                        again ? "offered once more" : "taken");
  }
  owed_.clear();
  return wrong;
}

std::string Deliveries::no_lease_has_ended(Instant now) const {
  for (const auto& [id, until] : leased_) {
    if (until > now || !ledger_.is_open(id)) continue;
    return fmt::format("the lease of {} ended at {}, and it was not offered again",
                       to_text(id.hash), to_text(until));
  }
  return {};
}

std::size_t Deliveries::leases(Instant now) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(leased_, [&](const auto& each) { return each.second > now; }));
}

std::optional<Instant> Deliveries::first_lease_end() const {
  const auto first =
      std::ranges::min_element(leased_, {}, [](const auto& each) { return each.second; });
  if (first == leased_.end()) return std::nullopt;
  return first->second;
}

}  // namespace itinera::simulator
