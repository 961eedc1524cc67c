// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "itinera/engine.hpp"
#include "itinera/store.hpp"
#include "runtime/groups.hpp"
#include "runtime/shards.hpp"

namespace itinera::runtime {

struct Recovered {
  Shards shards;
  Position position = 0;              // up to which it has read
  Position from = 0;                  // of the snapshot it began with; 0: with the first group
  std::vector<Snapshot> passed_over;  // newer ones, which cannot be read
  std::uint64_t bytes_since = 0;      // of the journal, behind `from`
  bool forgot = false;                // somebody, behind `from`
  bool unerased = false;              // somebody who was forgotten is in the store still
};

// Rebuilds the engines of a journal that may still be written to: from its newest snapshot that can
// be read, or the one before, and the groups behind that, up to the newest; from the first group on
// where there is no snapshot. `at_work`, asked now and then, ends it with limit_reached when it
// says no. Errors: damaged_journal where groups or snapshots are missing or cannot be read, those
// of Engine::load() and of the store. A store without a group and without a snapshot gives one new
// engine.
Result<Recovered> recover(const UseStore& use, const EngineOptions& options,
                          const std::function<bool()>& at_work);

// Follows the groups up to `up_to` that have come since it was recovered. After an error nothing is
// known of its engines.
Result<void> catch_up(const UseStore& use, const EngineOptions& options, Position up_to,
                      const std::function<bool()>& at_work, Recovered& state);

}  // namespace itinera::runtime
