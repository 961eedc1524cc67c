// SPDX-License-Identifier: Apache-2.0
// The SQLite store on a disk that fails, and after power failures at every instant.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "store/sqlite_store.hpp"
#include "support/catch.hpp"
#include "support/faulty_disk.hpp"

namespace itinera::test {
namespace {

using base::as_bytes;
using base::as_text;

// Small, so that a short run copies the WAL several times.
constexpr std::size_t small_wal = 40'000;

Result<std::unique_ptr<Store>> open_on(const FaultyDisk& disk) {
  return store::open_sqlite("store", {.vfs = disk.name(), .wal_bytes = small_wal});
}

// The n-th group: from one byte to several pages.
std::string group(std::size_t n) {
  const std::size_t size = n % 5 == 0 ? 9'000 + n * 37 : n * 131 % 900 + 1;
  return std::string(size, static_cast<char>('a' + n % 26)) + std::to_string(n);
}

// What a host knows to be durable, with the operation of the disk at which it knew.
struct Known {
  std::size_t operation = 0;
  std::uint64_t epoch = 0;
  Extent extent;
  Position state = 0;  // of the newest complete snapshot
};

// A host at work: groups, snapshots of two chunks, truncation. Stops at the first error.
class Host {
 public:
  explicit Host(FaultyDisk& disk) : disk_(disk) { know(); }

  void work(std::size_t groups) {
    Result<std::unique_ptr<Store>> store = open_on(disk_);
    if (!store) return note(store.error());
    store_ = std::move(*store);
    if (!done(store_->claim(1))) return;
    now_.epoch = 1;
    know();
    for (std::size_t n = 1; n <= groups; ++n) {
      if (!append(n)) return;
      if (n % 7 == 0 && !snapshot(n - 3)) return;
      if (n % 14 == 0 && !truncate(now_.state - 5)) return;
    }
    store_.reset();  // closing copies the WAL too
    know();
  }

  [[nodiscard]] const std::vector<Known>& known() const { return known_; }
  // The newest that was known before the disk's operation.
  [[nodiscard]] const Known& known_at(std::size_t operation) const {
    std::size_t i = known_.size() - 1;
    while (known_[i].operation > operation) --i;
    return known_[i];
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] Store* store() { return store_.get(); }
  // Dies, as a process does: nothing is closed in order. (SQLite's memory is, on a disk that is
  // thrown away after.)
  void die() { store_.reset(); }

 private:
  bool append(std::size_t n) {
    const Result<Position> position = store_->append(as_bytes(group(n)));
    if (!position) return done(position.error());
    REQUIRE(*position == n);
    now_.extent.durable = n;
    know();
    return true;
  }

  bool snapshot(Position position) {
    const Snapshot state{"state", position, 2};
    const std::string text = group(position);
    if (!done(store_->put_chunk(state, 0, as_bytes(text)))) return false;
    if (!done(store_->put_chunk(state, 1, as_bytes("end")))) return false;
    if (!done(store_->complete(state, 1))) return false;
    now_.state = position;
    know();
    return true;
  }

  bool truncate(Position up_to) {
    if (!done(store_->truncate(up_to))) return false;
    now_.extent.truncated = up_to;
    know();
    return true;
  }

  bool done(const Result<void>& result) {
    if (!result) note(result.error());
    return result.has_value();
  }
  void note(const Error& error) { error_ = error; }
  void know() {
    now_.operation = disk_.operations();
    known_.push_back(now_);
  }

  FaultyDisk& disk_;
  std::unique_ptr<Store> store_;
  std::vector<Known> known_;
  Known now_;
  std::optional<Error> error_;
};

// Nothing, or what is wrong with what a store has that is opened on the image after it was known
// that `known`.
std::string trouble(const DiskImage& image, const Known& known, std::size_t groups_ever) {
  FaultyDisk disk(image);
  Result<std::unique_ptr<Store>> opened = open_on(disk);
  if (!opened) return "cannot be opened: " + opened.error().message;
  Store& store = **opened;
  if (store.epoch().value() < known.epoch) return "an epoch is lost";
  const Extent extent = store.extent().value();
  if (extent.durable < known.extent.durable) {
    return "only " + std::to_string(extent.durable) + " groups of " +
           std::to_string(known.extent.durable);
  }
  if (extent.durable > groups_ever) return "more groups than there ever were";
  if (extent.truncated < known.extent.truncated) return "truncated anew";
  const auto groups = store.read(extent.truncated, 1u << 30);
  if (!groups) return "cannot be read: " + groups.error().message;
  if (groups->size() != extent.durable - extent.truncated) return "another number of groups";
  for (const JournalGroup& one : *groups) {
    if (as_text(one.frames) != group(one.position)) return "another group";
  }
  const auto snapshots = store.snapshots();
  if (!snapshots) return "cannot list snapshots: " + snapshots.error().message;
  const Position state = snapshots->empty() ? 0 : snapshots->front().position;
  if (state < known.state) return "a snapshot is lost";
  if (state > 0 && as_text(store.chunk(snapshots->front(), 0).value()) != group(state)) {
    return "another chunk";
  }
  if (state > 0 && as_text(store.chunk(snapshots->front(), 1).value()) != "end") {
    return "another last chunk";
  }
  if (!store.claim(9)) return "cannot be claimed";
  if (!store.append(as_bytes(group(extent.durable + 1)))) return "cannot be written to";
  return store.read(extent.durable, 1).value().size() == 1 ? "" : "what is appended is not there";
}

}  // namespace

TEST_CASE("faults: after a power failure at any instant every acknowledged group is there",
          "[store][sqlite][faults]") {
  constexpr std::size_t groups = 30;
  FaultyDisk disk;
  Host host(disk);
  host.work(groups);
  REQUIRE_FALSE(host.error());
  REQUIRE(host.known().back().extent == Extent{20, groups});
  std::size_t later = 0;
  for (std::size_t operation = 0; operation <= disk.operations(); ++operation) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      CAPTURE(operation, seed);
      const DiskImage image = disk.after_power_failure(operation, operation * 31 + seed);
      REQUIRE(trouble(image, host.known_at(operation), groups) == "");
      ++later;
    }
  }
  CHECK(later > 400);
}

TEST_CASE("faults: a disk that fails is told of, and what was acknowledged is there",
          "[store][sqlite][faults]") {
  constexpr std::size_t groups = 20;
  const auto fault = GENERATE(DiskFault::short_write, DiskFault::disk_full, DiskFault::failed_sync,
                              DiskFault::failed_read, DiskFault::failed_cut);
  std::size_t failures = 0;
  for (std::size_t countdown = 1;; ++countdown) {
    FaultyDisk disk;
    disk.fail(fault, countdown);
    Host host(disk);
    host.work(groups);
    if (!disk.has_failed()) break;
    ++failures;
    CAPTURE(static_cast<int>(fault), countdown);
    if (host.error()) {
      CAPTURE(host.error()->message);
      CHECK((host.error()->code == ErrorCode::io_failed ||
             host.error()->code == ErrorCode::damaged_journal));
      CHECK_THAT(host.error()->message, Catch::StartsWith("store: "));
    }
    const std::size_t operations = disk.operations();
    const DiskImage power_failure = disk.after_power_failure(operations, countdown);
    const Known& known = host.known().back();
    CHECK(trouble(power_failure, known, groups) == "");
    // The process dies, the machine goes on: what it finds is what the cache shows.
    CHECK(trouble(disk.image(), known, groups) == "");
    host.die();
    CHECK(trouble(disk.image(), known, groups) == "");
  }
  CHECK(failures > 0);
}

TEST_CASE("faults: after an error of the disk the store refuses everything",
          "[store][sqlite][faults]") {
  FaultyDisk disk;
  const std::unique_ptr<Store> store = open_on(disk).value();
  REQUIRE(store->claim(1));
  REQUIRE(store->append(as_bytes("one")));
  disk.fail(GENERATE(DiskFault::short_write, DiskFault::failed_sync, DiskFault::disk_full), 1);
  const auto failed = store->append(as_bytes("two"));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::io_failed);
  disk.fail(DiskFault::none, 0);
  CHECK(store->append(as_bytes("three")).error() == failed.error());
  CHECK(store->extent().error() == failed.error());
  CHECK(store->epoch().error() == failed.error());
  CHECK(store->read(0, 1).error() == failed.error());
  CHECK(store->snapshots().error() == failed.error());
  CHECK(store->chunk({"state", 1, 1}, 0).error() == failed.error());
  CHECK(store->claim(2).error() == failed.error());
  CHECK(store->truncate(0).error() == failed.error());
  CHECK(store->drop("state").error() == failed.error());
}

TEST_CASE("faults: the disk of these tests forgets what was not synced", "[store][faults]") {
  // Otherwise they would hold whatever the store does.
  FaultyDisk disk;
  Host host(disk);
  host.work(5);
  bool forgets = false;
  for (std::size_t operation = 0; operation <= disk.operations() && !forgets; ++operation) {
    const DiskImage image = disk.after_power_failure(operation, operation);
    for (const Known& known : host.known()) {
      if (known.operation > operation) forgets = forgets || !trouble(image, known, 5).empty();
    }
  }
  CHECK(forgets);
}

}  // namespace itinera::test
