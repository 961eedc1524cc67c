// SPDX-License-Identifier: Apache-2.0
// One seed: a workspace and its campaigns, a few people, a host that forgets, and a machine that
// fails. Threads take turns as they like, and yet the same seed does the same: whatever hands
// frames to the disk is followed by settle(), or by a disk that holds the first group.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "itinera/runtime.hpp"
#include "property/choices.hpp"
#include "property/world.hpp"
#include "runtime/shards.hpp"
#include "simulator/checks.hpp"
#include "simulator/deliveries.hpp"
#include "simulator/disk.hpp"
#include "simulator/ledger.hpp"

namespace itinera::simulator {

class Simulation final : Runtime::Sink {
 public:
  // How it is run, where the seed does not say so.
  struct Manner {
    std::uint32_t inputs = 5'000;
    std::uint32_t shards = 1;
    bool is_verbose = false;
  };
  Simulation(std::uint64_t seed, const Manner& manner, Tally& tally);
  ~Simulation() override;
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // What is wrong, or nothing.
  std::string run();
  [[nodiscard]] std::uint64_t steps() const { return step_; }
  // That came about.
  [[nodiscard]] const base::Bytes& journal() const { return ledger_.journal(); }

 private:
  // What the host knows of a command.
  struct Sent {
    bool prepared = false;
    bool own_id = false;  // its message id is no other's
    bool refused = false;
    bool may_repeat = false;  // it came again after its id was forgotten
  };

  void act(std::span<const Action> actions) override;

  // --- What a step may be. Each leaves a runtime, or something that is wrong.
  void step();
  void feed(bool may_wait);
  void take();
  void advance(bool may_wait);
  void report_back();
  void snapshot();
  void acknowledge();
  void work_on_a_slow_disk();
  void crash(bool kept);
  void be_replaced();
  void follow_as_a_reader();
  void look();
  void finish();

  // --- Parts of them.
  void plan_a_fault();
  void plan_any(std::size_t countdown);
  void kill(bool kept);
  void rewind();
  Fault any_fault();
  std::uint64_t lottery();
  void publish();
  void prepare(std::size_t index);
  void name_action(property::Command& command);
  bool report(const Report& report);
  void took(std::size_t end, std::span<const Refusal> refusals);
  void made_durable();
  void taken_once(std::size_t index);
  // Until the disk has all that was handed to it.
  bool settle();
  // The same of a snapshot that nobody asked for.
  bool wait_for_snapshots();
  void draw_upkeep(std::uint64_t seed);
  // Every action that was taken has been given, or is told of by then.
  void look_at_deliveries();
  std::string decides_the_same();
  void pull();
  void reopen();
  Result<Runtime> open();
  void opened();
  // False: the call did nothing, or everything has been opened anew.
  template <class T>
  bool went_well(const Result<T>& result, const char* what);
  void overcome(const Error& error, const char* what);
  void wrong(std::string_view invariant, std::string_view what);
  template <class... Part>
  void say(const char* format, const Part&... parts);

  bool is_verbose_;
  Tally& tally_;
  property::Choices choices_;
  property::World world_;
  std::vector<Sent> sent_;
  std::vector<std::string> contacts_;
  Steps steps_;
  RuntimeOptions options_;
  bool is_shared_ = true;
  bool polls_ = false;
  bool is_narrow_ = false;        // few actions may wait
  bool makes_snapshots_ = false;  // the runtime, of its own accord
  std::uint64_t made_ = 0;        // snapshots by this runtime, as far as is known
  std::uint64_t failed_ = 0;      // the same of those that came to nothing
  bool is_asked_ = false;         // for one, of which nobody knows yet
  std::uint32_t fault_share_ = 0;
  std::int64_t dedupe_ms_ = 0;
  std::deque<property::Command> reports_;  // that the host made of its own
  Disk disk_;
  Ledger ledger_;
  Deliveries deliveries_;
  std::optional<runtime::Shards> follower_;  // knows the durable journal from its first frame on
  std::optional<Runtime> runtime_;
  std::size_t next_ = 0;     // command to be fed
  std::size_t durable_ = 0;  // the host was told so of those before
  std::int64_t offset_ = 0;  // of the host's clock
  Instant clock_;
  std::uint64_t step_ = 0;
  bool all_given_ = false;         // by this step: nothing that was taken waits for the host
  std::optional<Instant> polled_;  // by this step, and it got all there was
  std::string wrong_;
};

template <class... Part>
void Simulation::say(const char* format, const Part&... parts) {
  if (is_verbose_) fmt::print("{:>6} {}\n", step_, fmt::format(fmt::runtime(format), parts...));
}

template <class T>
bool Simulation::went_well(const Result<T>& result, const char* what) {
  if (result) return true;
  if (!wrong_.empty()) return false;
  if (result.error().code == ErrorCode::limit_reached) {
    ++tally_["bounds reached"];
    say("{}: {}", what, result.error().message);
    return false;
  }
  overcome(result.error(), what);
  return false;
}

}  // namespace itinera::simulator
