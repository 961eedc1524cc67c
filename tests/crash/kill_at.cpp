// SPDX-License-Identifier: Apache-2.0
// Loaded into a process before its libraries (LD_PRELOAD), this kills it, as kill -9 does, in the
// middle of a write; or as a power failure does, which takes what was not synced as well:
//
//   KILL_PATH   the file that is meant, and every file whose path begins so
//   KILL_AT     after so many bytes written to them; the last of these arrive, those behind do not
//   KILL_LOSES  with a number: of what was not synced, every 512 bytes are there or are what they
//               were before, as that number decides
//   KILL_COUNT  or: a file that receives, at the end, how many bytes were written to them
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>

namespace {

constexpr off_t sector_size = 512;

template <class Call>
Call next_of(const char* name) {
  void* const found = ::dlsym(RTLD_NEXT, name);
  Call call = nullptr;
  std::memcpy(&call, &found, sizeof call);
  return call;
}

using Write = ssize_t (*)(int, const void*, std::size_t, off_t);
using Sync = int (*)(int);

// What a file had when it was last synced, where it has something else now.
struct Unsynced {
  off_t size = 0;
  std::map<off_t, std::string> sectors;  // by number; shorter where the file ended
};

std::mutex mutex;  // of what follows
unsigned long long written = 0;
std::map<std::string, Unsynced> unsynced;  // by path

// The file's path, if it is meant.
std::optional<std::string> meant(int file) {
  const char* const path = std::getenv("KILL_PATH");
  if (path == nullptr) return {};
  char found[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), found, sizeof found);
  if (size < 0) return {};
  std::string name(found, static_cast<std::size_t>(size));
  if (!name.starts_with(path)) return {};
  return name;
}

// How many of `size` bytes may still be written.
std::size_t left_of(std::size_t size) {
  const char* const limit = std::getenv("KILL_AT");
  if (limit == nullptr) return size;
  const unsigned long long all = std::strtoull(limit, nullptr, 10);
  return written + size <= all ? size : static_cast<std::size_t>(all - written);
}

// Before anything is written there.
void keep(const std::string& path, int file, off_t from, off_t to) {
  const auto [at, first] = unsynced.try_emplace(path);
  struct stat is{};
  if (first && ::fstat(file, &is) == 0) at->second.size = is.st_size;
  for (off_t sector = from / sector_size; sector * sector_size < to; ++sector) {
    const auto [kept, fresh] = at->second.sectors.try_emplace(sector, sector_size, '\0');
    if (!fresh) continue;
    const ssize_t size = ::pread(file, kept->second.data(), sector_size, sector * sector_size);
    kept->second.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  }
}

// As the platter may be found when the power has failed.
void lose(Write write) {
  const char* const seed = std::getenv("KILL_LOSES");
  if (seed == nullptr) return;
  std::mt19937_64 coins(std::strtoull(seed, nullptr, 10));
  for (const auto& [path, before] : unsynced) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) continue;
    const unsigned long long share = coins() % 257;  // nothing, everything, or any part is lost
    for (const auto& [sector, bytes] : before.sectors) {
      if (coins() % 256 >= share) continue;
      std::string old = bytes;
      old.resize(sector_size, '\0');
      if (write(file, old.data(), old.size(), sector * sector_size) < 0) std::abort();
    }
    // Of a file that has grown, the new size is lost with everything.
    if (share == 256 && ::ftruncate(file, before.size) != 0) std::abort();
    ::close(file);
  }
}

ssize_t write_or_die(const char* name, int file, const void* bytes, std::size_t size, off_t at) {
  const auto next = next_of<Write>(name);
  const std::optional<std::string> path = meant(file);
  if (!path) return next(file, bytes, size, at);
  const std::lock_guard lock(mutex);
  const std::size_t left = left_of(size);
  if (std::getenv("KILL_LOSES") != nullptr) keep(*path, file, at, at + static_cast<off_t>(left));
  const ssize_t done = next(file, bytes, left, at);
  if (left < size) {
    lose(next);
    ::kill(::getpid(), SIGKILL);
  }
  if (done > 0) written += static_cast<unsigned long long>(done);
  return done;
}

int sync_and_note(const char* name, int file) {
  const std::optional<std::string> path = meant(file);
  const std::lock_guard lock(mutex);
  const int done = next_of<Sync>(name)(file);
  if (path && done == 0) unsynced.erase(*path);
  return done;
}

struct Closing {
  ~Closing() {
    const char* const path = std::getenv("KILL_COUNT");
    if (path == nullptr) return;
    const std::string text = std::to_string(written) + "\n";
    const int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ::write(file, text.data(), text.size()) < 0) std::abort();
    ::close(file);
  }
} closing;

}  // namespace

extern "C" {

ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t at) {
  return write_or_die("pwrite", file, bytes, size, at);
}
ssize_t pwrite64(int file, const void* bytes, std::size_t size, off_t at) {
  return write_or_die("pwrite64", file, bytes, size, at);
}
int fsync(int file) { return sync_and_note("fsync", file); }
int fdatasync(int file) { return sync_and_note("fdatasync", file); }

}  // extern "C"
