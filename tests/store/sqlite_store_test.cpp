// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/bytes.hpp"
#include "store/contract.hpp"
#include "store/sqlite_host.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"

using namespace itinera::test::sqlite;  // NOLINT(google-build-using-namespace)

TEST_CASE("sqlite: the contract of a store", "[store][sqlite]") {
  const Folder folder;
  itinera::test::check_contract(
      [&] { return [path = folder.file("store")] { return opened(path); }; });
}

TEST_CASE("sqlite: of what was replaced or dropped not a byte stays, once it is wiped",
          "[store][sqlite][forget]") {
  const Folder folder;
  const std::string path = folder.file("store");
  const auto store = opened(path);
  REQUIRE(store->claim(1));
  // Small ones, which share a page, and large ones, which lie on pages of their own.
  const std::string secrets[] = {"secret-a", "secret-b" + std::string(70'000, 'b') + "secret-c",
                                 "secret-d", "secret-e" + std::string(20'000, 'e') + "secret-f"};
  for (int round = 0; round < 20; ++round) {
    for (const std::string& secret : secrets) {
      REQUIRE(store->append(as_bytes(std::to_string(round) + secret)));
    }
  }
  for (const Position at : {10u, 20u, 30u}) {
    REQUIRE(store->put_chunk({"state", at, 1}, 0, as_bytes(secrets[at / 10])));
    REQUIRE(store->complete({"state", at, 1}, 2));
  }
  const auto count = [&path] {
    std::size_t found = 0;
    for (const char* const beside : {"", "-wal", "-shm"}) {
      const std::string all = content_of(path + beside);
      for (std::size_t at = all.find("secret-"); at != std::string::npos;
           at = all.find("secret-", at + 1)) {
        ++found;
      }
    }
    return found;
  };
  CHECK(count() >= 120);
  for (Position at = 1; at <= 80; ++at) REQUIRE(store->replace(at, as_bytes("gone")));
  REQUIRE(store->drop("state"));
  CHECK(count() > 0);  // in the WAL
  {
    Shell reader(path);
    reader.run("BEGIN");
    reader.run("SELECT count(*) FROM journal");
    REQUIRE(store->append(as_bytes("more")));
    const auto wiped = store->wipe();
    REQUIRE_FALSE(wiped);
    CHECK(wiped.error().code == ErrorCode::limit_reached);
    REQUIRE(store->append(as_bytes("and more")));
  }
  REQUIRE(store->wipe());
  CHECK(count() == 0);
  CHECK(fs::file_size(path + "-wal") == 0);
  REQUIRE(store->append(as_bytes("and more")));
}

TEST_CASE("sqlite: closed, it is one file, which says what it is", "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  CHECK(fs::exists(path));
  CHECK_FALSE(fs::exists(path + "-wal"));
  CHECK_FALSE(fs::exists(path + "-shm"));
  Shell shell(path);
  CHECK(shell.run("PRAGMA application_id") == std::to_string(itinera::store::application_id));
  CHECK(shell.run("PRAGMA user_version") == "1");
  CHECK(shell.run("PRAGMA journal_mode") == "wal");
  CHECK(shell.run("SELECT group_concat(position || ' ' || frames) FROM journal") ==
        "1 one,2 two,3 three");
  CHECK(shell.run("PRAGMA integrity_check") == "ok");
}

TEST_CASE("sqlite: only its owner may read a new store, and the files beside it",
          "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  const mode_t before = ::umask(0);
  const auto store = opened(path);
  REQUIRE(store->claim(1));
  REQUIRE(store->append(as_bytes("one")));
  ::umask(before);
  const auto mode = fs::perms::owner_read | fs::perms::owner_write;
  CHECK(fs::status(path).permissions() == mode);
  CHECK(fs::status(path + "-wal").permissions() == mode);
  CHECK(fs::status(path + "-shm").permissions() == mode);
}

TEST_CASE("sqlite: what cannot be opened says the path and the system's word", "[store][sqlite]") {
  const Folder folder;
  const std::string missing = folder.file("no/such/store");
  CHECK(refusal(missing).message == missing + ": cannot open the store: No such file or directory");
  const std::string here = folder.path().string();
  CHECK(refusal(here).message == here + ": cannot open the store: Is a directory");
  const std::string pipe = folder.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(refusal(pipe).message == pipe + ": is not a regular file, so it cannot keep a store");
  CHECK(refusal(pipe).code == ErrorCode::io_failed);
}

TEST_CASE("sqlite: what is no store is refused, and stays as it is", "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("other");
  SECTION("a text") {
    write(path, std::string(5000, 'x'));
    CHECK(refusal(path).code == ErrorCode::damaged_journal);
    CHECK(content_of(path) == std::string(5000, 'x'));
  }
  SECTION("a database of another program") {
    Shell(path).run("CREATE TABLE journal (a); PRAGMA application_id = 7");
    const std::string before = content_of(path);
    CHECK(refusal(path).code == ErrorCode::invalid_argument);
    CHECK_THAT(refusal(path).message, Catch::Contains("is a database of another program"));
    CHECK(content_of(path) == before);
  }
  SECTION("a store of a newer format") {
    fill(path);
    Shell(path).run("PRAGMA user_version = 2");
    CHECK(refusal(path).code == ErrorCode::unsupported_version);
    CHECK(refusal(path).message == path +
                                       ": was written by a newer Itinera: its format is 2, and "
                                       "this one knows format 1");
  }
}

TEST_CASE("sqlite: an empty file is a new store, be it left by a crash at its making",
          "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  write(path, "");
  SECTION("without a byte") {}
  SECTION("without a table") { Shell(path).run("PRAGMA journal_mode = WAL; VACUUM"); }
  fill(path);
  CHECK(opened(path)->extent().value() == itinera::Extent{0, 3});
}

TEST_CASE("sqlite: tables that are not as they were made are damage", "[store][sqlite][damage]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  const char* sql = GENERATE("DROP TABLE chunk", "ALTER TABLE journal ADD COLUMN more INTEGER",
                             "CREATE INDEX i ON journal (epoch)",
                             "CREATE TRIGGER t AFTER INSERT ON journal BEGIN DELETE FROM journal; "
                             "END",
                             "DELETE FROM store");
  CAPTURE(sql);
  Shell(path).run(sql);
  CHECK(refusal(path).code == ErrorCode::damaged_journal);
}

TEST_CASE("sqlite: what others keep beside our tables disturbs nobody", "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  Shell(path).run("CREATE VIEW sizes AS SELECT position, length(frames) FROM journal");
  CHECK(opened(path)->extent().value() == itinera::Extent{0, 3});
}

TEST_CASE("sqlite: what was changed behind its back is noticed when it is read",
          "[store][sqlite][damage]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  const auto code = [&] {
    const auto store = itinera::store::open_sqlite(path, {.patience_ms = short_patience_ms});
    if (!store) return store.error().code;
    const auto groups = (*store)->read(0, 1u << 20);
    return groups ? ErrorCode::test_failed : groups.error().code;
  };
  CHECK(code() == ErrorCode::test_failed);
  SECTION("other frames") { Shell(path).run("UPDATE journal SET frames = x'00' WHERE position=2"); }
  SECTION("another owner") { Shell(path).run("UPDATE journal SET epoch = 2 WHERE position = 2"); }
  SECTION("a group less") { Shell(path).run("DELETE FROM journal WHERE position = 2"); }
  SECTION("the first group less") { Shell(path).run("DELETE FROM journal WHERE position = 1"); }
  SECTION("another end") { Shell(path).run("UPDATE store SET durable = 2"); }
  SECTION("the last group less") { Shell(path).run("DELETE FROM journal WHERE position = 3"); }
  SECTION("a group that cannot be") { Shell(path).run("UPDATE journal SET position=-position"); }
  CHECK(code() == ErrorCode::damaged_journal);
}

TEST_CASE("sqlite: a chunk that was changed is noticed", "[store][sqlite][damage]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  CHECK(as_text(opened(path)->chunk({"state", 2, 1}, 0).value()) == "chunk");
  SECTION("other bytes") { Shell(path).run("UPDATE chunk SET bytes = x'00'"); }
  SECTION("it is gone") { Shell(path).run("DELETE FROM chunk"); }
  CHECK(opened(path)->chunk({"state", 2, 1}, 0).error().code == ErrorCode::damaged_journal);
  // That nobody has put one is no damage.
  CHECK(opened(path)->chunk({"state", 2, 1}, 1).error().code == ErrorCode::invalid_argument);
  CHECK(opened(path)->chunk({"other", 2, 1}, 0).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("sqlite: what has rotted of a snapshot that nobody needs stops nobody",
          "[store][sqlite][damage]") {
  const Folder folder;
  const std::string path = folder.file("store");
  constexpr std::size_t page = itinera::store::page_size;
  {
    const auto store = opened(path);
    REQUIRE(store->claim(1));
    REQUIRE(store->append(as_bytes("one")));
    REQUIRE(store->append(as_bytes("two")));
    const std::string large(5 * page, 'x');  // on pages of its own, each of which names the next
    REQUIRE(store->put_chunk({"state", 1, 1}, 0, as_bytes(large)));
    REQUIRE(store->complete({"state", 1, 1}, 1));
    REQUIRE(store->put_chunk({"state", 2, 1}, 0, as_bytes("newer")));
  }
  std::string file = content_of(path);
  std::size_t rotten = 0;
  for (std::size_t at = 0; at + page <= file.size(); at += page) {
    if (file.find_first_not_of('x', at + 4) < at + page) continue;
    file.replace(at, 4, "\x7F\x7F\x7F\x7F");
    ++rotten;
  }
  REQUIRE(rotten > 1);
  write(path, file);
  const auto store = opened(path);
  REQUIRE(store->claim(2));
  REQUIRE(store->put_chunk({"state", 2, 1}, 0, as_bytes("newer")));
  REQUIRE(store->complete({"state", 2, 1}, 1));  // from here on nobody needs the other one
  REQUIRE(store->put_chunk({"other", 2, 1}, 0, as_bytes("beside it")));
  REQUIRE(store->claim(3));
  REQUIRE(store->append(as_bytes("three")));
  REQUIRE(store->put_chunk({"state", 3, 1}, 0, as_bytes("newest")));
  REQUIRE(store->complete({"state", 3, 1}, 1));
  REQUIRE(store->drop("nobody"));
  CHECK(as_text(store->chunk({"state", 3, 1}, 0).value()) == "newest");
  // That of what was dropped not a byte is left can not be said.
  const auto wiped = store->wipe();
  REQUIRE_FALSE(wiped);
  CHECK(wiped.error().code == ErrorCode::damaged_journal);
  REQUIRE(store->append(as_bytes("four")));
  REQUIRE(opened(path)->claim(4));
}

TEST_CASE("sqlite: a file cut off or overwritten anywhere is an error, not a crash",
          "[store][sqlite][damage]") {
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  const std::string whole = content_of(path);
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    std::string other = whole;
    if (at % 2 == 0) {
      other.resize(at);
    } else {
      other[at] = static_cast<char>(other[at] ^ 0x55);
    }
    CAPTURE(at);
    write(path, other);
    // Whatever is found, it is a prefix of what was written or an error.
    const auto store = itinera::store::open_sqlite(path, {.patience_ms = short_patience_ms});
    if (!store) continue;
    const auto groups = (*store)->read(0, 1u << 20);
    std::string text;
    for (std::size_t i = 0; groups && i < groups->size(); ++i) {
      text += as_text((*groups)[i].frames);
    }
    REQUIRE(std::string("onetwothree").starts_with(text));
    (void)(*store)->claim(9);
    (void)(*store)->snapshots();
    (void)(*store)->chunk({"state", 2, 1}, 0);
  }
}

TEST_CASE("sqlite: another process that writes is waited for, yet not for ever",
          "[store][sqlite][lock]") {
  const Folder folder;
  const std::string path = folder.file("store");
  const auto store = opened(path);
  REQUIRE(store->claim(1));
  {
    Shell shell(path);
    shell.run("BEGIN IMMEDIATE");
    const auto refused = store->append(as_bytes("one"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::io_failed);
    CHECK(refused.error().message ==
          path + ": is in use: another process has kept it locked for too long");
    CHECK(store->extent().value() == itinera::Extent{0, 0});
  }
  // It was not written, so nothing is unknown.
  CHECK(store->append(as_bytes("one")).value() == 1);
}

TEST_CASE("sqlite: reading goes on while another process reads or writes",
          "[store][sqlite][lock]") {
  const Folder folder;
  const std::string path = folder.file("store");
  const auto store = opened(path);
  REQUIRE(store->claim(1));
  REQUIRE(store->append(as_bytes("one")));
  Shell shell(path);
  shell.run("BEGIN; SELECT * FROM journal");
  REQUIRE(store->append(as_bytes("two")));
  CHECK(shell.run("SELECT count(*) FROM journal") == "1");
  shell.run("COMMIT; BEGIN IMMEDIATE");
  CHECK(store->read(0, 1u << 20).value().size() == 2);
}

TEST_CASE("sqlite: a file that may only be read is read", "[store][sqlite]") {
  if (::geteuid() == 0) return;  // nothing is forbidden to the superuser
  const Folder folder;
  const std::string path = folder.file("store");
  fill(path);
  fs::permissions(path, fs::perms::owner_read);
  const auto store = itinera::store::open_sqlite(path, {.patience_ms = short_patience_ms});
  if (store) CHECK_FALSE((*store)->claim(2));
}

TEST_CASE("sqlite: the WAL is copied into the file in good time", "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  auto store =
      itinera::store::open_sqlite(path, {.patience_ms = short_patience_ms, .wal_bytes = 100'000});
  REQUIRE(store);
  REQUIRE((*store)->claim(1));
  const std::string frames(10'000, 'x');
  for (int i = 0; i < 200; ++i) REQUIRE((*store)->append(as_bytes(frames)));
  CHECK(fs::file_size(path + "-wal") < 400'000);
  CHECK(fs::file_size(path) > 1'500'000);
}

TEST_CASE("sqlite: a new store has the large pages that groups are written by", "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  opened(path).reset();
  const std::string header = content_of(path);
  REQUIRE(header.size() > 18);
  // SQLite's format: at 16, two bytes, the greater first.
  const auto byte_at = [&](std::size_t i) { return static_cast<unsigned char>(header[i]); };
  CHECK(byte_at(16) * 256 + byte_at(17) == itinera::store::page_size);
}

TEST_CASE("sqlite: what is forgotten leaves no byte behind, and its room is used again",
          "[store][sqlite]") {
  const Folder folder;
  const std::string path = folder.file("store");
  {
    const auto store = opened(path);
    REQUIRE(store->claim(1));
    REQUIRE(store->append(as_bytes("ola@example.com " + std::string(40'000, 'x'))));
    REQUIRE(store->append(as_bytes("two")));
    REQUIRE(store->put_chunk({"state", 1, 1}, 0, as_bytes("kim@example.com")));
    REQUIRE(store->complete({"state", 1, 1}, 1));
    REQUIRE(store->put_chunk({"state", 2, 2}, 0, as_bytes("lee@example.com")));
    REQUIRE(store->put_chunk({"state", 2, 2}, 1, as_bytes("more")));
    REQUIRE(store->complete({"state", 2, 2}, 1));
    REQUIRE(store->truncate(1));
  }
  CHECK_THAT(content_of(path), Catch::Contains("lee@example.com"));
  // A claim clears away what was left to others.
  REQUIRE(opened(path)->claim(2));
  const std::string after = content_of(path);
  CHECK_THAT(after, !Catch::Contains("ola@example.com"));
  CHECK_THAT(after, !Catch::Contains("kim@example.com"));
  CHECK_THAT(after, !Catch::Contains("xxxxxxxxxxxxxxxx"));
}

TEST_CASE("sqlite: a long truncation goes in steps", "[store][sqlite]") {
  const Folder folder;
  const auto store = opened(folder.file("store"));
  REQUIRE(store->claim(1));
  const std::string frames(5u << 20, 'x');
  for (int i = 0; i < 10; ++i) REQUIRE(store->append(as_bytes(frames)));
  REQUIRE(store->complete({"state", 9, 0}, 1));
  REQUIRE(store->truncate(9));
  CHECK(store->extent().value() == itinera::Extent{9, 10});
  CHECK(store->read(9, 1).value().size() == 1);
}
