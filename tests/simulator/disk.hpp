// SPDX-License-Identifier: Apache-2.0
// What a simulated process stands on: a store that fails, dies and forgets when it is told to.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/byte_buffer.hpp"
#include "itinera/store.hpp"
#include "simulator/tally.hpp"

namespace itinera::simulator {

// What becomes of one call of the store.
enum class Fault : std::uint8_t {
  none,
  error_before,  // it fails, and nothing has happened
  error_after,   // it fails, and has happened
  death_before,  // the process dies, and nothing has happened
  death_within,  // the same in the midst of it
  death_after,   // the same, and it has happened
};

// Where bytes are when no process is there.
class Medium {
 public:
  virtual ~Medium() = default;
  virtual Result<std::unique_ptr<Store>> open() = 0;
  // Two processes may have it open at a time.
  [[nodiscard]] virtual bool is_shared() const = 0;
  // So many writes there were.
  [[nodiscard]] virtual std::size_t writes() const = 0;
  // The power fails, or but the process dies, after so many writes. What is closed in order later
  // has no effect.
  virtual void die(bool power, std::size_t writes, std::uint64_t lottery) = 0;
  // A process begins, when every store is closed.
  virtual void restart() = 0;
  // The file system fails below the store, after so many of its calls. Empty: it cannot.
  virtual std::string fail(std::uint64_t lottery, std::size_t countdown) = 0;
  [[nodiscard]] virtual bool has_failed() const = 0;
};
std::unique_ptr<Medium> memory_medium();
std::unique_ptr<Medium> sqlite_medium();

// Knows every group of which a process was told that it is durable, and holds the medium to that.
// Calls of stores come from their process's threads; every other call from one thread, while no
// process is within a call, but for hold() and what follows it.
class Disk {
 public:
  Disk(std::unique_ptr<Medium> medium, Tally& tally);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // What a process opens. Before that it looks whether what was acknowledged is there, and then at
  // most the group of which nobody was told; `wrong` says what is not so.
  Result<std::unique_ptr<Store>> open(std::string& wrong);

  // The `countdown`-th call from now on comes to that. Counted are calls whose number does not
  // depend on how threads take turns.
  void plan(Fault fault, std::size_t countdown, std::uint64_t lottery);
  void plan_below(std::uint64_t lottery, std::size_t countdown);
  // Whether a fault has come to pass since this was asked last, or one below the store since
  // restart(): after an error of its file a store does nothing more.
  bool has_fired();
  [[nodiscard]] bool is_dead() const;

  // The next append waits, once it is there, until release() or kill(); where the process dies of
  // something else before, nobody waits for it.
  void hold();
  void wait_until_held();
  void release();

  // Every process is dead. What append is held is `kept` or not: both may be.
  void kill(bool kept, bool power, std::uint64_t lottery);
  void restart();

  // A snapshot that can be spared has rotted: a chunk of it is gone, or other than it was.
  void rot(std::uint64_t lottery);

  // What became durable since this was asked last.
  base::Bytes take_fresh();
  [[nodiscard]] Position durable() const;
  [[nodiscard]] Position truncated() const;

 private:
  friend class Process;
  struct Group {
    std::size_t at = 0;  // in all_
    std::size_t size = 0;
  };

  std::string reconcile(Store& store);
  [[nodiscard]] bool is_as_written(Position position, const Group& group,
                                   base::ByteView frames) const;
  void acknowledge(Position position, base::ByteView frames);
  // What the call that now begins comes to. `process` may be dead already: death_before then.
  Fault next_fault(std::uint64_t process, bool counted);
  void pass_gate(std::unique_lock<std::mutex>& lock, std::uint64_t process);

  std::unique_ptr<Medium> medium_;
  Tally& sum_;                // of the host's thread: what is counted here joins it at the end
  mutable std::mutex mutex_;  // of everything below
  Tally tally_;
  std::condition_variable change_;
  Fault fault_ = Fault::none;
  std::size_t countdown_ = 0;
  std::uint64_t lottery_ = 0;
  bool fired_ = false;
  std::string below_;       // the fault of the file system that was planned
  bool is_broken_ = false;  // it has come to pass
  bool held_ = false;
  bool is_at_gate_ = false;
  bool kept_ = false;  // what is held, when it is killed
  std::uint64_t processes_ = 0;
  std::uint64_t dead_ = 0;  // the processes up to this one
  base::Bytes all_;         // every group, one after the other
  std::size_t told_ = 0;    // how much of it take_fresh() has given
  std::map<Position, Group> groups_;
  std::map<Position, std::vector<base::Bytes>> replaced_;  // groups, by something else
  Position durable_ = 0;
  Position truncated_ = 0;
  std::optional<base::Bytes> unsure_;  // nobody was told whether it is durable
  std::vector<Position> snapshots_;    // as of the newest open(), the newest first
  std::map<Position, bool> rotten_;    // true: a chunk is gone
};

}  // namespace itinera::simulator
