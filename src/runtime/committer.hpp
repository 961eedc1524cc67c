// SPDX-License-Identifier: Apache-2.0
// Group commit: appends what has arrived to a store, as one group, then what has arrived meanwhile,
// and so on. Under load the groups grow, without it nobody waits for more.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "itinera/store.hpp"

namespace itinera::runtime {

// Owns the store, and calls it from a thread of its own. The calls below may come from any thread,
// one at a time, but for use(): that may come at the same time, from several.
class Committer {
 public:
  // How many bytes had been submitted: what was submitted before is durable once durable() is as
  // great.
  using Mark = std::uint64_t;

  // Where no thread can be started that is its failure(), and the store is never called.
  explicit Committer(std::unique_ptr<Store> store);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  // Appends what was submitted, then closes the store.
  ~Committer();

  // From now on the frames of one instant, which come together, stand in one group, be it as large
  // as a group may be: several shards write them, and one must not be without the others.
  void keep_instants_whole();

  // Takes whole frames, and returns at once. After a failure it takes nothing.
  Mark submit(std::span<const std::byte> frames);

  // Returns when everything before `mark` is durable, or the store has failed: with its error then,
  // for ever.
  Result<void> wait(Mark mark);

  // Calls `work` with the store between two groups, and returns what it returns.
  // After a failure of an append that is the error.
  Result<void> use(const std::function<Result<void>(Store&)>& work);

  [[nodiscard]] Mark durable() const;
  [[nodiscard]] Mark submitted() const;
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  struct Use {
    const std::function<Result<void>(Store&)>* work = nullptr;
    std::optional<Result<void>> outcome;
  };

  void work();
  void be_used(std::unique_lock<std::mutex>& lock);
  Result<void> append(std::span<const std::byte> frames, bool whole_instants);

  std::unique_ptr<Store> store_;  // of the thread alone
  mutable std::mutex mutex_;      // of everything below
  std::condition_variable arrival_;
  std::condition_variable progress_;
  std::vector<std::byte> arrived_;
  Mark submitted_ = 0;
  Mark durable_ = 0;
  std::optional<Error> failure_;
  Use* use_ = nullptr;  // who waits for the store, or has it
  bool closing_ = false;
  bool whole_instants_ = false;
  std::thread thread_;
};

}  // namespace itinera::runtime
