// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "itinera/store.hpp"
#include "store/bounds.hpp"

namespace itinera {

class MemoryDisk {
 public:
  // By name, then the newest first.
  struct Key {
    std::string name;
    Position position = 0;
    friend bool operator<(const Key& a, const Key& b) {
      return a.name != b.name ? a.name < b.name : a.position > b.position;
    }
  };
  struct Kept {
    std::map<std::uint32_t, std::vector<std::byte>> chunks;
    bool complete = false;
    std::uint32_t count = 0;  // of a complete one
  };

  std::mutex mutex;  // of everything below: stores on it may be in use by several threads
  std::uint64_t epoch = 0;
  Extent extent;
  std::map<Position, std::vector<std::byte>> groups;
  std::map<Key, Kept> snapshots;
};

std::shared_ptr<MemoryDisk> memory_disk() { return std::make_shared<MemoryDisk>(); }

namespace {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {}

  Result<std::uint64_t> epoch() override {
    const std::lock_guard lock(disk_->mutex);
    return disk_->epoch;
  }

  Result<void> claim(std::uint64_t epoch) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = store::wrong_epoch(epoch, disk_->epoch)) return *error;
    disk_->epoch = own_epoch_ = epoch;
    std::erase_if(disk_->snapshots, [](const auto& entry) { return !entry.second.complete; });
    return {};
  }

  Result<Extent> extent() override {
    const std::lock_guard lock(disk_->mutex);
    return disk_->extent;
  }

  Result<Position> append(std::span<const std::byte> frames) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = not_owner()) return *error;
    if (auto error = store::wrong_group(frames.size())) return *error;
    const Position position = disk_->extent.durable + 1;
    disk_->groups.emplace(position, std::vector<std::byte>(frames.begin(), frames.end()));
    disk_->extent.durable = position;
    return position;
  }

  Result<std::vector<JournalGroup>> read(Position after, std::size_t bytes_max) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = store::wrong_start(after, disk_->extent)) return *error;
    std::vector<JournalGroup> groups;
    std::size_t bytes = 0;
    for (auto at = disk_->groups.upper_bound(after); at != disk_->groups.end(); ++at) {
      bytes += at->second.size();
      if (!groups.empty() && bytes > bytes_max) break;
      groups.push_back({at->first, at->second});
    }
    return groups;
  }

  Result<void> truncate(Position up_to) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = not_owner()) return *error;
    if (auto error = store::wrong_cut(up_to, disk_->extent, complete_ones())) return *error;
    disk_->groups.erase(disk_->groups.begin(), disk_->groups.upper_bound(up_to));
    disk_->extent.truncated = std::max(disk_->extent.truncated, up_to);
    return {};
  }

  Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                         std::span<const std::byte> bytes) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = not_owner()) return *error;
    if (auto error = store::wrong_snapshot(snapshot, disk_->extent)) return *error;
    if (auto error = store::wrong_chunk(snapshot, number, bytes.size())) return *error;
    MemoryDisk::Kept& kept = disk_->snapshots[{snapshot.name, snapshot.position}];
    if (kept.complete) return store::complete_already(snapshot);
    kept.chunks[number].assign(bytes.begin(), bytes.end());
    return {};
  }

  Result<void> complete(const Snapshot& snapshot, std::uint32_t generations) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = not_owner()) return *error;
    if (auto error = store::wrong_snapshot(snapshot, disk_->extent)) return *error;
    const MemoryDisk::Key key{snapshot.name, snapshot.position};
    const auto found = disk_->snapshots.find(key);
    const bool is_there = found != disk_->snapshots.end();
    if (is_there && found->second.complete) return {};
    for (std::uint32_t number = 0; number < snapshot.chunks; ++number) {
      if (!is_there || !found->second.chunks.contains(number)) {
        return store::missing_chunk(snapshot, number);
      }
    }
    MemoryDisk::Kept& kept = disk_->snapshots[key];
    kept.chunks.erase(kept.chunks.lower_bound(snapshot.chunks), kept.chunks.end());
    kept.count = snapshot.chunks;
    kept.complete = true;
    keep_newest(snapshot.name, std::max(generations, 1u));
    return {};
  }

  Result<std::vector<Snapshot>> snapshots() override {
    const std::lock_guard lock(disk_->mutex);
    return complete_ones();
  }

  Result<std::vector<std::byte>> chunk(const Snapshot& snapshot, std::uint32_t number) override {
    const std::lock_guard lock(disk_->mutex);
    const auto found = disk_->snapshots.find({snapshot.name, snapshot.position});
    if (found == disk_->snapshots.end() || !found->second.complete ||
        !found->second.chunks.contains(number)) {
      return store::missing_chunk(snapshot, number);
    }
    return found->second.chunks.at(number);
  }

  Result<void> drop(std::string_view name) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = not_owner()) return *error;
    std::erase_if(disk_->snapshots, [&](const auto& entry) { return entry.first.name == name; });
    return {};
  }

  Result<void> drop_one(const Snapshot& snapshot) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = not_owner()) return *error;
    disk_->snapshots.erase({snapshot.name, snapshot.position});
    return {};
  }

  Result<void> replace(Position position, std::span<const std::byte> frames) override {
    const std::lock_guard lock(disk_->mutex);
    if (auto error = not_owner()) return *error;
    if (auto error = store::wrong_group(frames.size())) return *error;
    if (auto error = store::wrong_place(position, disk_->extent)) return *error;
    disk_->groups[position].assign(frames.begin(), frames.end());
    return {};
  }

 private:
  [[nodiscard]] std::optional<Error> not_owner() const {
    return store::wrong_owner(own_epoch_, disk_->epoch);
  }

  [[nodiscard]] std::vector<Snapshot> complete_ones() const {
    std::vector<Snapshot> snapshots;
    for (const auto& [key, kept] : disk_->snapshots) {
      if (kept.complete) snapshots.push_back({key.name, key.position, kept.count});
    }
    return snapshots;
  }

  void keep_newest(const std::string& name, std::uint32_t generations) {
    std::erase_if(disk_->snapshots, [&](const auto& entry) {
      if (entry.first.name != name) return false;
      if (!entry.second.complete || generations == 0) return true;
      --generations;
      return false;
    });
  }

  std::shared_ptr<MemoryDisk> disk_;
  std::uint64_t own_epoch_ = 0;
};

}  // namespace

std::unique_ptr<Store> memory_store(std::shared_ptr<MemoryDisk> on) {
  return std::make_unique<MemoryStore>(std::move(on));
}

}  // namespace itinera
