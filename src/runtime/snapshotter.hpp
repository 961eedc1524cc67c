// SPDX-License-Identifier: Apache-2.0
// Makes snapshots while the engine goes on: a second engine is rebuilt from the store, as after a
// crash, and what it knows is written down. So no call of the first one waits, and each snapshot
// has shown that recovery works before the journal behind it may go. docs/decisions/snapshots.md.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "itinera/engine.hpp"
#include "itinera/runtime.hpp"
#include "runtime/committer.hpp"
#include "runtime/recovery.hpp"
#include "runtime/retention.hpp"

namespace itinera::runtime {

// Its thread begins with the first snapshot. The calls below come from one thread.
class Snapshotter {
 public:
  // `opened` says what there is by now. `committer` outlives it.
  Snapshotter(Committer& committer, EngineOptions options, const Upkeep& upkeep,
              const Recovered& opened);
  Snapshotter(const Snapshotter&) = delete;
  Snapshotter& operator=(const Snapshotter&) = delete;
  // Gives up the snapshot at hand, if there is one.
  ~Snapshotter();

  // So much more has been handed to the committer, at that time: begins a snapshot where it is time
  // for one.
  void grown(std::uint64_t bytes, Instant now);
  // Somebody has been forgotten, by now or in the `coming` bytes that are handed over next.
  void forgot(Instant now, std::uint64_t coming);

  // Makes one of all that is durable now, and returns when it counts, and what need not be kept any
  // more is gone. Errors: those of recover() and of the store.
  Result<void> make();
  // The same, of whoever was forgotten by now: they are nowhere in the store when it returns.
  // Errors further: those of erase_forgotten().
  Result<void> erase();

  // What it has made, and what lies behind that.
  void tell(RuntimeStatus& status) const;

 private:
  void work();
  void order();
  [[nodiscard]] bool at_work() const;
  Result<void> try_one();
  Result<void> make_one();
  void erase_behind(const Recovered& recovered, Committer::Mark durable);
  Result<void> write(const Recovered& recovered);
  Result<void> drop_spares();
  Result<void> drop_rotten(std::span<const Snapshot> rotten);
  Result<void> let_go(const Recovered& recovered);

  const Committer& committer_;
  UseStore use_;
  EngineOptions options_;
  Upkeep upkeep_;
  // Of the journal, behind the snapshot with which it was opened: by then.
  const std::uint64_t opened_bytes_;
  std::uint64_t bytes_since_;  // the newest snapshot was ordered
  // When somebody was forgotten of whom no snapshot has been ordered since.
  std::optional<Instant> forgot_;
  Retention retention_;       // of the thread
  mutable std::mutex mutex_;  // of everything below
  std::condition_variable change_;
  std::uint64_t ordered_ = 0;
  std::uint64_t begun_ = 0;
  std::uint64_t done_ = 0;
  Result<void> outcome_;           // of the newest that is done
  bool unerased_ = false;          // somebody who was forgotten is in the store still
  Committer::Mark forgot_at_ = 0;  // behind the newest forgetting
  Result<void> erased_;            // of the newest attempt
  std::uint64_t made_ = 0;
  std::uint64_t failed_ = 0;
  // How much lies between the snapshot with which it was opened and the newest, at least.
  std::uint64_t bytes_covered_ = 0;
  bool closing_ = false;
  std::optional<std::thread> thread_;
};

}  // namespace itinera::runtime
