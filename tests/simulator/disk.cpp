// SPDX-License-Identifier: Apache-2.0
#include "simulator/disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "itinera/store_wrapper.hpp"
#include "store/sqlite_store.hpp"
#include "support/faulty_disk.hpp"

namespace itinera::simulator {
namespace {

class MemoryMedium final : public Medium {
 public:
  Result<std::unique_ptr<Store>> open() override { return memory_store(disk_); }
  [[nodiscard]] bool is_shared() const override { return true; }
  [[nodiscard]] std::size_t writes() const override { return 0; }
  void die(bool, std::size_t, std::uint64_t) override {}
  void restart() override {}
  std::string fail(std::uint64_t, std::size_t) override { return {}; }
  [[nodiscard]] bool has_failed() const override { return false; }

 private:
  std::shared_ptr<MemoryDisk> disk_ = memory_disk();
};

class SqliteMedium final : public Medium {
 public:
  Result<std::unique_ptr<Store>> open() override {
    return store::open_sqlite("store", {.vfs = disk_->name(), .wal_bytes = 200'000});
  }
  [[nodiscard]] bool is_shared() const override { return false; }
  [[nodiscard]] std::size_t writes() const override { return disk_->operations(); }
  void die(bool power, std::size_t writes, std::uint64_t lottery) override {
    image_ = power ? disk_->after_power_failure(writes, lottery) : disk_->image();
  }
  void restart() override { disk_ = std::make_unique<test::FaultyDisk>(image_); }
  std::string fail(std::uint64_t lottery, std::size_t countdown) override {
    using test::DiskFault;
    static constexpr std::pair<DiskFault, const char*> faults[] = {
        {DiskFault::short_write, "a short write"},
        {DiskFault::disk_full, "a full disk"},
        {DiskFault::failed_sync, "a failed sync"},
        {DiskFault::failed_read, "a failed read"}};
    const auto& [fault, name] = faults[lottery % std::size(faults)];
    disk_->fail(fault, countdown);
    return name;
  }
  [[nodiscard]] bool has_failed() const override { return disk_->has_failed(); }

 private:
  std::unique_ptr<test::FaultyDisk> disk_ = std::make_unique<test::FaultyDisk>();
  test::DiskImage image_;
};

Error gone() { return {ErrorCode::io_failed, "the process is dead"}; }
Error failed() { return {ErrorCode::io_failed, "the disk failed, as the seed wants it"}; }

bool is_death(Fault fault) { return fault >= Fault::death_before; }
bool comes_before(Fault fault) {
  return fault == Fault::error_before || fault == Fault::death_before;
}

}  // namespace

std::unique_ptr<Medium> memory_medium() { return std::make_unique<MemoryMedium>(); }
std::unique_ptr<Medium> sqlite_medium() { return std::make_unique<SqliteMedium>(); }

// The store of one process.
class Process final : public StoreWrapper {
 public:
  Process(std::unique_ptr<Store> inner, Disk& disk, std::uint64_t number)
      : StoreWrapper(std::move(inner)), disk_(disk), number_(number) {}

  Result<std::uint64_t> epoch() override {
    return quietly([&] { return StoreWrapper::epoch(); });
  }
  Result<Extent> extent() override {
    return quietly([&] { return StoreWrapper::extent(); });
  }
  Result<std::vector<Snapshot>> snapshots() override {
    return quietly([&] { return StoreWrapper::snapshots(); });
  }
  Result<void> claim(std::uint64_t epoch) override {
    return call("claim", [&] { return StoreWrapper::claim(epoch); });
  }
  Result<std::vector<JournalGroup>> read(Position after, std::size_t bytes_max) override {
    return call("read", [&] { return StoreWrapper::read(after, bytes_max); });
  }
  Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                         std::span<const std::byte> bytes) override {
    return call("put_chunk", [&] { return StoreWrapper::put_chunk(snapshot, number, bytes); });
  }
  Result<void> complete(const Snapshot& snapshot, std::uint32_t generations) override {
    return call("complete", [&] { return StoreWrapper::complete(snapshot, generations); });
  }
  Result<void> drop(std::string_view name) override {
    return call("drop", [&] { return StoreWrapper::drop(name); });
  }
  Result<void> drop_one(const Snapshot& snapshot) override {
    return call("drop", [&] {
      Result<void> done = StoreWrapper::drop_one(snapshot);
      const std::lock_guard lock(disk_.mutex_);
      if (!done) return done;
      disk_.rotten_.erase(snapshot.position);
      if (snapshot.name == "engine") std::erase(disk_.snapshots_, snapshot.position);
      return done;
    });
  }

  // From here on the group may be there as it was or so.
  Result<void> replace(Position position, std::span<const std::byte> frames) override {
    {
      const std::lock_guard lock(disk_.mutex_);
      disk_.replaced_[position].emplace_back(frames.begin(), frames.end());
      ++disk_.tally_["groups replaced"];
    }
    return call("replace", [&] { return StoreWrapper::replace(position, frames); });
  }
  Result<void> wipe() override {
    return call("wipe", [&] { return StoreWrapper::wipe(); });
  }

  // A crash may leave a part of what was to go.
  Result<void> truncate(Position up_to) override {
    return call(
        "truncate",
        [&] {
          Result<void> done = StoreWrapper::truncate(up_to);
          if (done) note_truncated(up_to);
          return done;
        },
        [&] {
          const Position from = disk_.truncated();
          if (up_to <= from + 1) return;
          const Position part = from + (up_to - from) / 2;
          if (StoreWrapper::truncate(part)) note_truncated(part);
        });
  }

  Result<std::vector<std::byte>> chunk(const Snapshot& snapshot, std::uint32_t number) override {
    Result<std::vector<std::byte>> read =
        call("chunk", [&] { return StoreWrapper::chunk(snapshot, number); });
    const std::lock_guard lock(disk_.mutex_);
    const auto rotten = disk_.rotten_.find(snapshot.position);
    if (!read || rotten == disk_.rotten_.end() || snapshot.name != "engine") return read;
    ++disk_.tally_[rotten->second ? "a chunk is gone" : "a chunk has rotted"];
    if (rotten->second) return Error{ErrorCode::damaged_journal, "a chunk is gone"};
    (*read)[read->size() / 2] ^= std::byte{0x40};
    return read;
  }

  Result<Position> append(std::span<const std::byte> frames) override {
    // Who does not wait for the disk gets ahead of it here.
    for (int turns = frames.size() % 8 == 0 ? 20 : 0; turns > 0; --turns) {
      std::this_thread::yield();
    }
    std::unique_lock lock(disk_.mutex_);
    disk_.pass_gate(lock, number_);
    const bool was_held = number_ <= disk_.dead_;
    const Fault fault = disk_.next_fault(number_, true);
    if (comes_before(fault) && !(was_held && std::exchange(disk_.kept_, false))) {
      count(fault, "append");
      ++disk_.tally_["a group of which nobody was told is gone"];
      return is_death(fault) ? gone() : failed();
    }
    const std::size_t writes = disk_.medium_->writes();
    const Result<Position> appended = StoreWrapper::append(frames);
    if (fault == Fault::none) {
      if (appended) {
        disk_.acknowledge(*appended, frames);
      } else if (appended.error().code != ErrorCode::fenced) {
        disk_.unsure_.emplace(frames.begin(), frames.end());
      }
      return appended;
    }
    disk_.unsure_.emplace(frames.begin(), frames.end());
    count(fault, "append");
    if (!is_death(fault)) return failed();
    if (!was_held) die(fault, writes);
    return gone();
  }

 private:
  void note_truncated(Position up_to) {
    const std::lock_guard lock(disk_.mutex_);
    disk_.truncated_ = std::max(disk_.truncated_, up_to);
  }

  // What only looks, and may be called any number of times.
  template <class Work>
  auto quietly(Work work) -> decltype(work()) {
    {
      const std::lock_guard lock(disk_.mutex_);
      if (disk_.next_fault(number_, false) != Fault::none) return gone();
    }
    return work();
  }

  template <class Work>
  auto call(const char* name, Work work) -> decltype(work()) {
    return call(name, work, [] {});
  }

  template <class Work, class Part>
  auto call(const char* name, Work work, Part part) -> decltype(work()) {
    Fault fault = Fault::none;
    bool was_dead = false;
    {
      const std::lock_guard lock(disk_.mutex_);
      was_dead = number_ <= disk_.dead_;
      fault = disk_.next_fault(number_, true);
      if (was_dead) return gone();
      if (fault != Fault::none) count(fault, name);
    }
    if (comes_before(fault)) {
      if (is_death(fault)) die_now(fault, disk_.medium_->writes());
      return is_death(fault) ? gone() : failed();
    }
    const std::size_t writes = disk_.medium_->writes();
    if (fault == Fault::death_within && disk_.medium_->is_shared()) {
      part();
    } else {
      auto done = work();
      if (fault == Fault::none) return done;
    }
    if (!is_death(fault)) return failed();
    die_now(fault, writes);
    return gone();
  }

  void count(Fault fault, const char* name) {
    ++disk_.tally_[fmt::format("{} in {}", is_death(fault) ? "death" : "an error", name)];
  }
  void die_now(Fault fault, std::size_t writes) {
    const std::lock_guard lock(disk_.mutex_);
    die(fault, writes);
  }
  // The power fails behind one of the writes since.
  void die(Fault fault, std::size_t writes) {
    disk_.dead_ = disk_.processes_;
    disk_.change_.notify_all();
    const std::size_t more = disk_.medium_->writes() - writes;
    const std::size_t arrived =
        fault == Fault::death_within && more > 0 ? disk_.lottery_ % more : more;
    disk_.medium_->die(true, writes + arrived, disk_.lottery_);
  }

  Disk& disk_;
  std::uint64_t number_;
};

Disk::Disk(std::unique_ptr<Medium> medium, Tally& tally)
    : medium_(std::move(medium)), sum_(tally) {}
Disk::~Disk() {
  for (const auto& [what, count] : tally_) sum_[what] += count;
}

Result<std::unique_ptr<Store>> Disk::open(std::string& wrong) {
  Result<std::unique_ptr<Store>> store = medium_->open();
  if (!store) return store.error();
  wrong = reconcile(**store);
  const std::lock_guard lock(mutex_);
  return std::unique_ptr<Store>(std::make_unique<Process>(std::move(*store), *this, ++processes_));
}

std::string Disk::reconcile(Store& store) {
  const Result<Extent> extent = store.extent();
  if (!extent) return medium_->has_failed() ? std::string() : extent.error().message;
  if (extent->durable < durable_) {
    return fmt::format("the store ends at {}, and {} was acknowledged", extent->durable, durable_);
  }
  truncated_ = std::max(truncated_, extent->truncated);
  for (Position at = extent->truncated; at < extent->durable;) {
    const Result<std::vector<JournalGroup>> read = store.read(at, 1u << 20);
    if (!read) return medium_->has_failed() ? std::string() : read.error().message;
    if (read->empty()) return fmt::format("no group follows {}", at);
    for (const JournalGroup& group : *read) {
      at = group.position;
      const auto known = groups_.find(at);
      const base::ByteView frames = group.frames;
      if (known == groups_.end()) {
        if (at <= durable_ || !unsure_ || !std::ranges::equal(*unsure_, frames)) {
          return fmt::format("nobody has written the group at {}", at);
        }
        unsure_.reset();
        acknowledge(at, frames);
        ++tally_["a group of which nobody was told is there"];
      } else if (!is_as_written(at, known->second, frames)) {
        return fmt::format("the group at {} is other than it was acknowledged", at);
      }
    }
  }
  if (unsure_) ++tally_["a group of which nobody was told is gone"];
  unsure_.reset();
  const Result<std::vector<Snapshot>> snapshots = store.snapshots();
  if (!snapshots) return medium_->has_failed() ? std::string() : snapshots.error().message;
  snapshots_.clear();
  for (const Snapshot& each : *snapshots) {
    if (each.name == "engine") snapshots_.push_back(each.position);
  }
  return {};
}

// Or as it was replaced, when somebody was erased from it.
bool Disk::is_as_written(Position position, const Group& group, base::ByteView frames) const {
  if (std::ranges::equal(base::ByteView(all_).subspan(group.at, group.size), frames)) return true;
  const auto replaced = replaced_.find(position);
  return replaced != replaced_.end() &&
         std::ranges::any_of(replaced->second, [frames](const base::Bytes& each) {
           return std::ranges::equal(each, frames);
         });
}

void Disk::acknowledge(Position position, base::ByteView frames) {
  groups_[position] = {all_.size(), frames.size()};
  all_.insert(all_.end(), frames.begin(), frames.end());
  durable_ = position;
}

void Disk::plan(Fault fault, std::size_t countdown, std::uint64_t lottery) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  countdown_ = countdown;
  lottery_ = lottery;
}

void Disk::plan_below(std::uint64_t lottery, std::size_t countdown) {
  const std::lock_guard lock(mutex_);
  if (below_.empty()) below_ = medium_->fail(lottery, countdown);
}

bool Disk::has_fired() {
  const std::lock_guard lock(mutex_);
  if (!below_.empty() && medium_->has_failed()) {
    ++tally_[std::exchange(below_, {})];
    is_broken_ = true;
  }
  return std::exchange(fired_, false) || is_broken_;
}

bool Disk::is_dead() const {
  const std::lock_guard lock(mutex_);
  return dead_ == processes_;
}

Fault Disk::next_fault(std::uint64_t process, bool counted) {
  if (process <= dead_) return Fault::death_before;
  if (!counted || fault_ == Fault::none || --countdown_ > 0) return Fault::none;
  fired_ = true;
  return std::exchange(fault_, Fault::none);
}

void Disk::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void Disk::wait_until_held() {
  std::unique_lock lock(mutex_);
  change_.wait(lock, [&] { return is_at_gate_ || dead_ == processes_; });
}

void Disk::release() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
  }
  change_.notify_all();
}

void Disk::pass_gate(std::unique_lock<std::mutex>& lock, std::uint64_t process) {
  if (!held_ || process <= dead_) return;
  is_at_gate_ = true;
  change_.notify_all();
  change_.wait(lock, [&] { return !held_ || process <= dead_; });
  is_at_gate_ = false;
}

void Disk::kill(bool kept, bool power, std::uint64_t lottery) {
  {
    const std::lock_guard lock(mutex_);
    if (dead_ < processes_) {
      // What SQLite was not told cannot be in its file.
      kept_ = kept && is_at_gate_ && medium_->is_shared();
      medium_->die(power, medium_->writes(), lottery);
      dead_ = processes_;
    }
    held_ = false;
    fault_ = Fault::none;
  }
  change_.notify_all();
}

void Disk::restart() {
  medium_->restart();
  below_.clear();
  is_broken_ = false;
  fired_ = false;
  kept_ = false;
}

void Disk::rot(std::uint64_t lottery) {
  std::vector<Position> sound;
  for (const Position each : snapshots_) {
    if (each >= truncated_ && !rotten_.contains(each)) sound.push_back(each);
  }
  if (sound.empty() || (sound.size() == 1 && truncated_ > 0)) return;
  rotten_[sound.front()] = lottery % 2 == 0;
}

base::Bytes Disk::take_fresh() {
  const std::lock_guard lock(mutex_);
  base::Bytes fresh(all_.begin() + static_cast<std::ptrdiff_t>(told_), all_.end());
  told_ = all_.size();
  return fresh;
}

Position Disk::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

Position Disk::truncated() const {
  const std::lock_guard lock(mutex_);
  return truncated_;
}

}  // namespace itinera::simulator
