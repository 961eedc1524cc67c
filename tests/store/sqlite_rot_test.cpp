// SPDX-License-Identifier: Apache-2.0
// What the disk gives back otherwise than it was given, or not at all, and files that are none.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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
using itinera::test::FaultyDisk;

namespace {

// Stands in a folder as long as it lives.
class Standing {
 public:
  explicit Standing(const Folder& folder) : before_(fs::current_path()) {
    fs::current_path(folder.path());
  }
  Standing(const Standing&) = delete;
  Standing& operator=(const Standing&) = delete;
  ~Standing() { fs::current_path(before_); }

 private:
  fs::path before_;
};

std::unique_ptr<Store> on(const FaultyDisk& disk) {
  return itinera::store::open_sqlite("store", {.vfs = disk.name()}).value();
}

// Of a name: `name@position`, each behind a space.
std::string listed(Store& store) {
  std::string text;
  const auto all = store.snapshots().value();
  for (const Snapshot& each : all) text += " " + each.name + "@" + std::to_string(each.position);
  return text;
}

}  // namespace

TEST_CASE("sqlite: a file is what its name says, whatever SQLite would make of it",
          "[store][sqlite]") {
  const Folder folder;
  const Standing here(folder);
  const std::string name =
      GENERATE(":memory:", "file:shop.itinera", "file:shop?mode=memory", "shop%20one", "-shop");
  CAPTURE(name);
  const mode_t before = ::umask(0);
  {
    const auto store = itinera::open_sqlite_store(name).value();
    REQUIRE(store->claim(1));
    REQUIRE(store->append(as_bytes("one")));
  }
  ::umask(before);
  CHECK(itinera::open_sqlite_store(name).value()->extent().value() == itinera::Extent{0, 1});
  const fs::path file = folder.path() / name;
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("sqlite: what would be written without a write-ahead log is not opened",
          "[store][sqlite]") {
  const FaultyDisk disk;  // of another file system SQLite reads the name as it likes
  const auto store = itinera::store::open_sqlite(":memory:", {.vfs = disk.name()});
  REQUIRE_FALSE(store);
  CHECK(store.error().code == ErrorCode::io_failed);
  CHECK(store.error().message ==
        ":memory:: cannot be kept with a write-ahead log: SQLite uses 'memory' there");
}

TEST_CASE("sqlite: where a snapshot stands, and how many chunks it has, is noticed to have changed",
          "[store][sqlite][damage]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  const char* const sql =
      GENERATE("UPDATE snapshot SET position = 3", "UPDATE snapshot SET chunks = chunks - 1",
               "UPDATE snapshot SET chunks = chunks + 1", "UPDATE snapshot SET name = 'statf'");
  CAPTURE(sql);
  Shell(path).run(sql);
  const auto store = opened(path);
  const auto all = store->snapshots().value();
  REQUIRE(all.size() == 1);
  const auto chunk = store->chunk(all.front(), 0);
  REQUIRE_FALSE(chunk);
  const bool has_none = all.front().chunks == 0;  // then it says that it is no snapshot of anything
  CHECK(chunk.error().code ==
        (has_none ? ErrorCode::invalid_argument : ErrorCode::damaged_journal));
  // It is dropped as it says it is, and makes room.
  REQUIRE(store->claim(2));
  REQUIRE(store->drop_one(all.front()));
  REQUIRE(store->put_chunk({"state", 3, 1}, 0, as_bytes("anew")));
  REQUIRE(store->complete({"state", 3, 1}, 1));
  CHECK(as_text(store->chunk({"state", 3, 1}, 0).value()) == "anew");
}

TEST_CASE("sqlite: a snapshot of an older version, whose row has no checksum, is read",
          "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  Shell(path).run("UPDATE snapshot SET chunks = chunks & 0xFFFFFFFF");
  CHECK(Shell(path).run("SELECT chunks FROM snapshot") == "1");
  const auto store = opened(path);
  CHECK(store->snapshots().value() == std::vector<Snapshot>{{"state", 2, 1}});
  CHECK(as_text(store->chunk({"state", 2, 1}, 0).value()) == "chunk");
  // Who reads that column as older versions do finds the number.
  REQUIRE(store->claim(2));
  REQUIRE(store->complete({"warehouse", 3, 0}, 1));
  CHECK(Shell(path).run("SELECT chunks & 0xFFFFFFFF FROM snapshot WHERE name='warehouse'") == "0");
  CHECK(Shell(path).run("SELECT chunks > 0xFFFFFFFF FROM snapshot WHERE name='warehouse'") == "1");
}

TEST_CASE("sqlite: a reader whose cursor has rotted has come to nowhere, until it says where",
          "[store][sqlite][damage]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  {
    const auto store = opened(path);
    REQUIRE(store->claim(2));
    REQUIRE(store->complete({"archive", 1, 0}, 1));
    REQUIRE(store->complete({"warehouse", 2, 0}, 1));
  }
  Shell(path).run("UPDATE snapshot SET position = 3 WHERE name = 'warehouse'");
  const auto store = opened(path);
  CHECK(listed(*store) == " archive@1 state@2 warehouse@0");
  REQUIRE(store->claim(3));
  CHECK_FALSE(store->truncate(1));  // what it has not read stays
  const Position to = GENERATE(2u, 3u);
  REQUIRE(store->complete({"warehouse", to, 0}, 1));
  CHECK(listed(*store) == " archive@1 state@2 warehouse@" + std::to_string(to));
  CHECK(store->truncate(1));
}

TEST_CASE("sqlite: with less of a journal than there is, a store is not opened",
          "[store][sqlite][damage]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  SECTION("the end lies before") { Shell(path).run("UPDATE store SET durable = 2"); }
  SECTION("the end lies behind") { Shell(path).run("UPDATE store SET durable = 4"); }
  SECTION("all groups are gone") { Shell(path).run("DELETE FROM journal"); }
  CHECK(refusal(path).code == ErrorCode::damaged_journal);
  CHECK_THAT(refusal(path).message, Catch::Contains("its newest group is"));
}

TEST_CASE("sqlite: a chunk that the disk does not give back is damage, not the end of the store",
          "[store][sqlite][faults]") {
  FaultyDisk disk;
  const std::string large(100'000, 'x');
  {
    const auto store = on(disk);
    REQUIRE(store->claim(1));
    for (const char* frames : {"one", "two", "three"}) REQUIRE(store->append(as_bytes(frames)));
    for (const Position at : {1u, 2u}) {
      REQUIRE(store->put_chunk({"state", at, 1}, 0, as_bytes(at == 1 ? "older" : large)));
      REQUIRE(store->complete({"state", at, 1}, 2));
    }
  }
  disk.spoil(std::string(8'000, 'x'));
  auto store = on(disk);
  const auto chunk = store->chunk({"state", 2, 1}, 0);
  REQUIRE_FALSE(chunk);
  CHECK(chunk.error().code == ErrorCode::damaged_journal);
  CHECK(as_text(store->chunk({"state", 1, 1}, 0).value()) == "older");
  // Forgotten, it is in nobody's way.
  REQUIRE(store->claim(2));
  REQUIRE(store->drop_one({"state", 2, 1}));
  REQUIRE(store->put_chunk({"state", 2, 1}, 0, as_bytes("anew")));
  REQUIRE(store->complete({"state", 2, 1}, 2));
  store.reset();
  store = on(disk);
  REQUIRE(store->claim(3));
  REQUIRE(store->append(as_bytes("four")));
  CHECK(as_text(store->chunk({"state", 2, 1}, 0).value()) == "anew");
  const auto wiped = store->wipe();
  REQUIRE_FALSE(wiped);
  CHECK(wiped.error().code == ErrorCode::damaged_journal);
}

TEST_CASE("sqlite: a group that the disk does not give back is the system's refusal",
          "[store][sqlite][faults]") {
  FaultyDisk disk;
  {
    const auto store = on(disk);
    REQUIRE(store->claim(1));
    REQUIRE(store->append(as_bytes(std::string(100'000, 'x'))));
  }
  disk.spoil(std::string(8'000, 'x'));
  CHECK(on(disk)->read(0, 1).error().code == ErrorCode::io_failed);
}
