// SPDX-License-Identifier: Apache-2.0
#include "store/file_store.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.hpp"
#include "support/catch.hpp"

namespace {

namespace fs = std::filesystem;
using itinera::ErrorCode;
using itinera::base::as_bytes;
using itinera::base::as_text;

// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "itinera-store-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::unique_ptr<itinera::Store> open_store(const std::string& path) {
  auto store = itinera::open_file_store(path);
  if (!store) FAIL(store.error().message);
  return std::move(store).value();
}

// Failures on demand. Plain counters, since the seam is made of plain functions.
struct Faults {
  int writes_left = -1;  // -1: no end; then ENOSPC
  int syncs_left = -1;
  int cuts_left = -1;
  std::size_t largest_write = static_cast<std::size_t>(-1);
  int interruptions = 0;
  int syncs = 0;
};
Faults faults;

bool fails(int& left) {
  if (left == 0) return true;
  if (left > 0) --left;
  return false;
}

ssize_t faulty_write(int file, const void* bytes, std::size_t size, off_t at) {
  if (faults.interruptions > 0) {
    --faults.interruptions;
    errno = EINTR;
    return -1;
  }
  if (fails(faults.writes_left)) {
    errno = ENOSPC;
    return -1;
  }
  return ::pwrite(file, bytes, std::min(size, faults.largest_write), at);
}
int faulty_sync(int file) {
  if (fails(faults.syncs_left)) {
    errno = EIO;
    return -1;
  }
  ++faults.syncs;
  return ::fdatasync(file);
}
int faulty_cut(int file, off_t size) {
  if (fails(faults.cuts_left)) {
    errno = EIO;
    return -1;
  }
  return ::ftruncate(file, size);
}
const itinera::store::DiskCalls faulty{faulty_write, faulty_sync, faulty_cut};

std::unique_ptr<itinera::Store> open_faulty(const std::string& path, Faults wanted) {
  faults = wanted;
  return itinera::store::open_file(path, faulty).value();
}

}  // namespace

TEST_CASE("file: what was appended is there when it is opened again", "[store][file]") {
  const Folder folder;
  const std::string path = folder.file("journal");
  {
    const auto store = open_store(path);
    CHECK(store->read().value().empty());
    REQUIRE(store->append(as_bytes("one ")));
    REQUIRE(store->append({}));
    REQUIRE(store->append(as_bytes("two")));
  }
  const auto store = open_store(path);
  CHECK(as_text(store->read().value()) == "one two");
  REQUIRE(store->append(as_bytes(" three")));
  CHECK(content_of(path) == "one two three");
}

TEST_CASE("file: a torn tail is cut off for good, and the next append stands there",
          "[store][file]") {
  const Folder folder;
  const std::string path = folder.file("journal");
  {
    const auto store = open_store(path);
    REQUIRE(store->append(as_bytes("whole|torn")));
    REQUIRE(store->truncate(6));
    CHECK(content_of(path) == "whole|");
    REQUIRE(store->append(as_bytes("next")));
    CHECK(store->truncate(11).error().code == ErrorCode::invalid_argument);
  }
  CHECK(as_text(open_store(path)->read().value()) == "whole|next");
}

TEST_CASE("file: a second owner is refused, until the first is gone", "[store][file][lock]") {
  const Folder folder;
  const std::string path = folder.file("journal");
  {
    const auto first = open_store(path);
    const auto second = itinera::open_file_store(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::io_failed);
    CHECK(second.error().message == path + ": is in use: a journal has one owner at a time");
  }
  CHECK(itinera::open_file_store(path));
}

TEST_CASE("file: only its owner may read a new journal", "[store][file]") {
  const Folder folder;
  const auto store = open_store(folder.file("journal"));
  CHECK(fs::status(folder.file("journal")).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("file: what cannot be opened says the path and the system's word", "[store][file]") {
  const Folder folder;
  const std::string missing = folder.file("no/such/journal");
  CHECK(itinera::open_file_store(missing).error().message ==
        missing + ": cannot open the journal: No such file or directory");
  const std::string here = folder.path().string();
  CHECK(itinera::open_file_store(here).error().message ==
        here + ": cannot open the journal: Is a directory");

  const std::string pipe = folder.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(itinera::open_file_store(pipe).error().message ==
        pipe + ": is not a regular file, so it cannot keep a journal");
}

TEST_CASE("file: without permission there is no journal", "[store][file]") {
  const Folder folder;
  const std::string path = folder.file("journal");
  {
    const auto store = open_store(path);
  }
  fs::permissions(path, fs::perms::owner_read);
  const auto store = itinera::open_file_store(path);
  if (::geteuid() == 0) {
    CHECK(store);  // nothing is forbidden to the superuser
    return;
  }
  REQUIRE_FALSE(store);
  CHECK(store.error().message == path + ": cannot open the journal: Permission denied");
}

TEST_CASE("file: short and interrupted writes are carried on with", "[store][file][faults]") {
  const Folder folder;
  const std::string path = folder.file("journal");
  const auto store = open_faulty(path, {.largest_write = 3, .interruptions = 2});
  REQUIRE(store->append(as_bytes("a frame of many bytes")));
  CHECK(content_of(path) == "a frame of many bytes");
  CHECK(faults.syncs == 1);
}

TEST_CASE("file: an append that ran out of space leaves nothing behind", "[store][file][faults]") {
  const Folder folder;
  const std::string path = folder.file("journal");
  const auto store = open_faulty(path, {.writes_left = 2, .largest_write = 4});
  const auto full = store->append(as_bytes("many bytes, and no room"));
  REQUIRE_FALSE(full);
  CHECK(full.error().message == path + ": cannot append: No space left on device");
  CHECK(content_of(path).empty());
  faults = {};
  REQUIRE(store->append(as_bytes("again")));
  CHECK(content_of(path) == "again");
}

TEST_CASE("file: an append that cannot be taken back ends the store", "[store][file][faults]") {
  const Folder folder;
  const auto store =
      open_faulty(folder.file("journal"), {.writes_left = 1, .cuts_left = 0, .largest_write = 4});
  const auto full = store->append(as_bytes("many bytes"));
  REQUIRE_FALSE(full);
  faults = {};
  CHECK(store->append(as_bytes("again")).error() == full.error());
  CHECK(store->read().error() == full.error());
  CHECK(store->truncate(0).error() == full.error());
}

TEST_CASE("file: a failed sync is final", "[store][file][faults]") {
  const Folder folder;
  const auto store = open_faulty(folder.file("journal"), {.syncs_left = 0});
  const auto failed = store->append(as_bytes("bytes"));
  REQUIRE_FALSE(failed);
  CHECK_THAT(failed.error().message, Catch::Contains("cannot sync"));
  faults = {};
  CHECK(store->append(as_bytes("again")).error() == failed.error());
  CHECK(faults.syncs == 0);
}

TEST_CASE("file: the system's own limit is met like a full disk", "[store][file][faults]") {
  const Folder folder;
  const std::string path = folder.file("journal");
  const auto store = open_store(path);
  REQUIRE(store->append(as_bytes("kept")));

  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 8;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto refused = store->append(as_bytes("too much for eight"));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);

  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == path + ": cannot append: File too large");
  CHECK(content_of(path) == "kept");
  REQUIRE(store->append(as_bytes(", and more")));
  CHECK(content_of(path) == "kept, and more");
}
