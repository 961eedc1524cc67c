// SPDX-License-Identifier: Apache-2.0
// What is dropped goes a little at a time, and what finds no room leaves the store as it was.
#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "itinera/store.hpp"
#include "store/sqlite_host.hpp"
#include "store/sqlite_store.hpp"
#include "support/catch.hpp"
#include "support/faulty_disk.hpp"

using namespace itinera::test::sqlite;  // NOLINT(google-build-using-namespace)
using itinera::Snapshot;
using itinera::test::DiskFault;
using itinera::test::DiskImage;
using itinera::test::FaultyDisk;

namespace {

constexpr std::size_t small_wal = 500'000;
constexpr std::uint32_t many = 40;

std::unique_ptr<Store> with_many_chunks(const std::string& path) {
  auto opened =
      itinera::store::open_sqlite(path, {.patience_ms = short_patience_ms, .wal_bytes = small_wal});
  if (!opened) FAIL(opened.error().message);
  std::unique_ptr<Store> store = std::move(*opened);
  REQUIRE(store->claim(1));
  REQUIRE(store->append(as_bytes("one")));
  const Snapshot snapshot{"state", 1, many};
  for (std::uint32_t number = 0; number < many; ++number) {
    REQUIRE(store->put_chunk(snapshot, number, as_bytes(std::string(100'000, 'x'))));
  }
  REQUIRE(store->complete(snapshot, 1));
  return store;
}

int chunks_left(const std::string& path) {
  return std::stoi(Shell(path).run("SELECT count(*) FROM chunk"));
}

}  // namespace

TEST_CASE("sqlite: to drop what has many chunks takes no longer than to drop what has few",
          "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  const auto store = with_many_chunks(path);
  REQUIRE(store->drop("state"));
  CHECK(store->snapshots().value().empty());
  CHECK(chunks_left(path) == many);
  int calls = 0;
  for (int left = many; left > 0; ++calls) {
    REQUIRE(store->clear_some().value());
    const int now = chunks_left(path);
    CHECK(left - now <= 4);
    REQUIRE(now < left);
    left = now;
    REQUIRE(store->append(as_bytes("between")));
  }
  CHECK(calls >= 10);
  CHECK_FALSE(store->clear_some().value());
  // What is overwritten does not come together beside the file.
  CHECK(fs::file_size(path + "-wal") < 3 * small_wal);
}

TEST_CASE("sqlite: a claim that has much to clear leaves no large file beside the store",
          "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  auto store = with_many_chunks(path);
  REQUIRE(store->drop("state"));
  REQUIRE(store->claim(2));
  CHECK(chunks_left(path) == 0);
  CHECK(fs::file_size(path + "-wal") < 3 * small_wal);
}

TEST_CASE("sqlite: a snapshot that finds the disk full leaves the store as it was, and in use",
          "[store][sqlite][faults]") {
  std::size_t failures = 0;
  for (std::size_t countdown = 1;; ++countdown) {
    CAPTURE(countdown);
    FaultyDisk disk;
    const auto open = [](const FaultyDisk& on) {
      return itinera::store::open_sqlite("store", {.vfs = on.name(), .wal_bytes = 40'000}).value();
    };
    const auto store = open(disk);
    REQUIRE(store->claim(1));
    REQUIRE(store->append(as_bytes("one")));
    REQUIRE(store->put_chunk({"state", 1, 1}, 0, as_bytes("older")));
    REQUIRE(store->complete({"state", 1, 1}, 2));
    disk.fail(DiskFault::disk_full, countdown);
    const auto appended = store->append(as_bytes("two"));
    const Snapshot newer{"state", 2, 2};
    if (disk.has_failed()) continue;  // the append: that ends it, as ever
    REQUIRE(appended);
    auto done = store->put_chunk(newer, 0, as_bytes(std::string(50'000, 'x')));
    if (done) done = store->put_chunk(newer, 1, as_bytes("end"));
    if (done) done = store->complete(newer, 2);
    if (done) done = store->drop("state");
    if (!disk.has_failed()) break;
    ++failures;
    if (!done) CHECK(done.error().code == ErrorCode::io_failed);
    // The room comes back.
    REQUIRE(store->append(as_bytes("three")).value() == 3);
    for (const DiskImage& image :
         {disk.image(), disk.after_power_failure(disk.operations(), countdown)}) {
      FaultyDisk other(image);
      const auto again = open(other);
      CHECK(again->read(0, 1u << 20).value().size() == 3);
      REQUIRE(again->claim(2));
      REQUIRE(again->put_chunk({"state", 3, 1}, 0, as_bytes("newest")));
      REQUIRE(again->complete({"state", 3, 1}, 2));
    }
    REQUIRE(store->put_chunk({"state", 3, 1}, 0, as_bytes("newest")));
    REQUIRE(store->complete({"state", 3, 1}, 2));
    CHECK(as_text(store->chunk({"state", 3, 1}, 0).value()) == "newest");
  }
  CHECK(failures > 5);
}
