// SPDX-License-Identifier: Apache-2.0
// What a host was given, and what it has said of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "itinera/action.hpp"
#include "simulator/ledger.hpp"

namespace itinera::simulator {

class Deliveries {
 public:
  Deliveries(const Ledger& ledger, Tally& tally) : ledger_(ledger), tally_(tally) {}

  // Durable frames have taken these, so that the host is to be given them.
  void taken(std::span<const Ledger::Taken> actions);
  // The host is given it: to a sink, or by a lease that ends at `until`. Returns what is wrong.
  std::string give(const Action& action, Instant now, std::optional<Instant> until);

  // The runtime has taken the host's report of it.
  void reported(const ActionId& id);
  // The runtime was told that all which this process has given to a sink is done.
  void acknowledged();
  // All that the runtime was told is durable.
  void made_durable();
  // A new process: leases are gone, and what was told and not durable may be lost.
  void restarted();

  // All that was taken has been handed out. Returns what the host was not given.
  std::string nothing_is_kept_back();
  // Whoever polls has come to `now`. Returns whose lease has ended without a new offer.
  [[nodiscard]] std::string no_lease_has_ended(Instant now) const;
  // Leases that have not ended by `now`, and those that have not been given anew or told of.
  [[nodiscard]] std::size_t leases(Instant now) const;
  [[nodiscard]] std::size_t leases() const { return leased_.size(); }
  // When the first of those ends.
  [[nodiscard]] std::optional<Instant> first_lease_end() const;

  [[nodiscard]] std::span<const ActionId> newest() const { return order_; }
  [[nodiscard]] std::span<const ActionId> of_accounts() const { return by_account_; }
  [[nodiscard]] std::span<const ActionId> tasks() const { return tasks_; }

 private:
  struct Given {
    std::string words;
    bool told = false;     // the runtime knows what came of it
    bool settled = false;  // and so does the disk
    bool acknowledged = false;
  };

  const Ledger& ledger_;
  Tally& tally_;
  std::map<ActionId, Given> given_;
  std::vector<ActionId> order_;       // as first given
  std::vector<ActionId> by_account_;  // of them, what goes out from an account
  std::vector<ActionId> tasks_;
  std::vector<ActionId> told_;  // and not durable yet
  std::vector<ActionId> in_process_;
  std::map<ActionId, bool> owed_;  // to be given by this process; true: offered once more
  std::set<ActionId> given_here_;  // to a sink of this process
  std::map<ActionId, Instant> leased_;
};

}  // namespace itinera::simulator
