// SPDX-License-Identifier: Apache-2.0
// How far a runtime is behind: for dashboards and alarms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "itinera/result.hpp"
#include "itinera/store.hpp"

namespace itinera {

// As of one call of Runtime::status(). Counts are since the runtime was opened, where nothing else
// is said.
struct RuntimeStatus {
  // Frames that are on their way to the disk, and actions that wait for theirs.
  std::uint64_t pending_bytes = 0;
  std::uint64_t pending_actions = 0;
  // Actions that may go, and that no sink and no poll() has been given.
  std::uint64_t waiting_actions = 0;
  std::uint64_t leases = 0;  // that are running

  Extent journal = {};
  // Bytes of frames behind the newest snapshot, pending ones too; without a snapshot all there are.
  std::uint64_t bytes_since_snapshot = 0;
  Position snapshot = 0;  // where the newest stands; 0: there is none
  std::uint64_t snapshots_made = 0;
  std::uint64_t snapshots_failed = 0;
  bool snapshot_under_way = false;  // one is being made or about to be: there is twice the memory
  // Of the newest attempt, if it failed: also of one that nobody asked for, and so nobody heard of.
  std::optional<Error> snapshot_error = {};

  bool unerased = false;                  // somebody who was forgotten is in the store still
  std::optional<Error> erase_error = {};  // of the newest attempt, if it failed

  // A reader that keeps a cursor.
  struct Reader {
    std::string name = {};
    Position position = 0;
    // Durable, and not behind its cursor yet: so many groups and bytes, or more where not all were
    // `counted`.
    std::uint64_t groups_behind = 0;
    std::uint64_t bytes_behind = 0;
    bool counted = true;
  };
  std::vector<Reader> readers = {};  // by name
};

}  // namespace itinera
