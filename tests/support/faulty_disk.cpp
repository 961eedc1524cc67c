// SPDX-License-Identifier: Apache-2.0
#include "support/faulty_disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <utility>

namespace itinera::test {
namespace {

constexpr std::size_t sector_size = 512;
constexpr int page_size = 4096;

// Small and good enough: SplitMix64.
class Coins {
 public:
  explicit Coins(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // True in `share` of 256.
  bool toss(std::uint64_t share) { return next() % 256 < share; }

 private:
  std::uint64_t state_;
};

struct Operation {
  enum class Kind : std::uint8_t { write, cut, sync, remove, lost_sync };
  Kind kind = Kind::write;
  std::string file;
  std::size_t at = 0;  // of a write; the size of a cut
  std::string bytes = {};
  bool folder = false;        // of a removal or a sync: the folder is synced too
  std::uint64_t lottery = 0;  // of a lost sync
};

void write_at(std::string& content, std::size_t at, std::string_view bytes) {
  if (content.size() < at + bytes.size()) content.resize(at + bytes.size(), '\0');
  content.replace(at, bytes.size(), bytes);
}

// A file as the platter has it, and what has not arrived there.
struct Platter {
  std::optional<std::string> durable;
  std::vector<Operation> pending;

  // The folder has been synced: what was removed is gone.
  void settle_removals() {
    for (std::size_t i = pending.size(); i > 0; --i) {
      if (pending[i - 1].kind != Operation::Kind::remove) continue;
      durable.reset();
      pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
  }

  // What of the pending arrives, arrives.
  void settle(Coins& coins, std::uint64_t share) {
    for (const Operation& operation : pending) arrive(operation, coins, share);
    pending.clear();
  }

 private:
  void arrive(const Operation& operation, Coins& coins, std::uint64_t share) {
    if (operation.kind == Operation::Kind::remove) {
      if (coins.toss(share)) durable.reset();
      return;
    }
    if (operation.kind == Operation::Kind::cut) {
      if (coins.toss(share) && durable) durable->resize(std::min(durable->size(), operation.at));
      return;
    }
    const std::string_view bytes = operation.bytes;
    for (std::size_t done = 0; done < bytes.size();) {
      const std::size_t at = operation.at + done;
      const std::size_t size = std::min(sector_size - at % sector_size, bytes.size() - done);
      if (coins.toss(share)) {
        if (!durable) durable.emplace();
        write_at(*durable, at, bytes.substr(done, size));
      }
      done += size;
    }
  }
};

constexpr std::uint64_t all_of_it = 256;

}  // namespace

struct FaultyDisk::State {
  std::string name;
  sqlite3_vfs vfs{};
  DiskImage before;                           // what the platter had at the beginning
  std::mutex mutex;                           // of everything below
  std::map<std::string, std::string> cached;  // what reads see
  std::map<std::string, std::vector<std::unique_ptr<char[]>>> shared;  // by file, its shm
  std::set<std::string> unsynced_names;  // journals made since: their first sync is the folder's
  std::vector<Operation> log;
  DiskFault fault = DiskFault::none;
  std::size_t countdown = 0;
  bool failed = false;
  std::string spoilt;

  bool fails(DiskFault now) {
    if (failed || fault != now || --countdown > 0) return false;
    failed = true;
    return true;
  }
};

namespace {

struct OpenFile {
  sqlite3_file base;
  FaultyDisk::State* disk;
  char path[256];

  [[nodiscard]] std::string& content() const { return disk->cached[path]; }
};

OpenFile& as_open(sqlite3_file* file) { return *static_cast<OpenFile*>(static_cast<void*>(file)); }

FaultyDisk::State& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<FaultyDisk::State*>(vfs->pAppData);
}

int close_file(sqlite3_file*) { return SQLITE_OK; }

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  const OpenFile& open = as_open(file);
  const std::lock_guard lock(open.disk->mutex);
  if (open.disk->fails(DiskFault::failed_read)) return SQLITE_IOERR_READ;
  const std::string& content = open.content();
  const auto wanted = static_cast<std::size_t>(size);
  const std::size_t begin = std::min(static_cast<std::size_t>(at), content.size());
  const std::size_t there = std::min(wanted, content.size() - begin);
  const std::string_view found = std::string_view(content).substr(begin, there);
  if (!open.disk->spoilt.empty() && found.find(open.disk->spoilt) != std::string_view::npos) {
    return SQLITE_IOERR_READ;
  }
  std::memcpy(to, content.data() + begin, there);
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  const OpenFile& open = as_open(file);
  const std::lock_guard lock(open.disk->mutex);
  std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(size));
  int code = SQLITE_OK;
  if (open.disk->fails(DiskFault::short_write)) code = SQLITE_IOERR_WRITE;
  if (open.disk->fails(DiskFault::disk_full)) code = SQLITE_FULL;
  if (code != SQLITE_OK) bytes = bytes.substr(0, bytes.size() / 2);
  write_at(open.content(), static_cast<std::size_t>(at), bytes);
  open.disk->log.push_back(
      {.file = open.path, .at = static_cast<std::size_t>(at), .bytes = std::string(bytes)});
  return code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const OpenFile& open = as_open(file);
  const std::lock_guard lock(open.disk->mutex);
  if (open.disk->fails(DiskFault::failed_cut)) return SQLITE_IOERR_TRUNCATE;
  const auto wanted = static_cast<std::size_t>(size);
  if (open.content().size() > wanted) open.content().resize(wanted);
  open.disk->log.push_back({.kind = Operation::Kind::cut, .file = open.path, .at = wanted});
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  const OpenFile& open = as_open(file);
  const std::lock_guard lock(open.disk->mutex);
  if (open.disk->fails(DiskFault::failed_sync)) {
    open.disk->log.push_back(
        {.kind = Operation::Kind::lost_sync, .file = open.path, .lottery = open.disk->log.size()});
    return SQLITE_IOERR_FSYNC;
  }
  const bool folder = open.disk->unsynced_names.erase(open.path) > 0;
  open.disk->log.push_back({.kind = Operation::Kind::sync, .file = open.path, .folder = folder});
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const OpenFile& open = as_open(file);
  const std::lock_guard lock(open.disk->mutex);
  *size = static_cast<sqlite3_int64>(open.content().size());
  return SQLITE_OK;
}

// There is one connection, so nothing is ever locked by another.
int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int is_reserved(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}
int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_of(sqlite3_file*) { return page_size; }
// As SQLite takes it of any file system of today: a write disturbs no byte beside it.
int character_of(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_shared(sqlite3_file* file, int region, int size, int, void volatile** to) {
  const OpenFile& open = as_open(file);
  const std::lock_guard lock(open.disk->mutex);
  auto& regions = open.disk->shared[open.path];
  while (regions.size() <= static_cast<std::size_t>(region)) {
    regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *to = regions[static_cast<std::size_t>(region)].get();
  return SQLITE_OK;
}
int lock_shared(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void barrier(sqlite3_file*) {}
int unmap_shared(sqlite3_file* file, int) {
  const OpenFile& open = as_open(file);
  const std::lock_guard lock(open.disk->mutex);
  open.disk->shared.erase(open.path);
  return SQLITE_OK;
}

const sqlite3_io_methods methods = {
    2,           close_file, read_file,    write_file,   truncate_file, sync_file,    file_size,
    lock_file,   lock_file,  is_reserved,  control_file, sector_of,     character_of, map_shared,
    lock_shared, barrier,    unmap_shared, nullptr,      nullptr};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  FaultyDisk::State& disk = disk_of(vfs);
  const std::lock_guard lock(disk.mutex);
  auto* const open = new (static_cast<void*>(file)) OpenFile{};
  // Of what has no name SQLite keeps no more than it needs in one call.
  std::strncpy(open->path, path == nullptr ? "unnamed" : path, sizeof open->path - 1);
  if ((flags & SQLITE_OPEN_CREATE) == 0 && !disk.cached.contains(open->path)) {
    return SQLITE_CANTOPEN;
  }
  if (!disk.cached.contains(open->path) && (flags & SQLITE_OPEN_MAIN_DB) == 0) {
    disk.unsynced_names.insert(open->path);
  }
  open->disk = &disk;
  open->base.pMethods = &methods;
  (void)open->content();
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs* vfs, const char* path, int synced) {
  FaultyDisk::State& disk = disk_of(vfs);
  const std::lock_guard lock(disk.mutex);
  if (disk.cached.erase(path) == 0) return SQLITE_IOERR_DELETE_NOENT;
  disk.log.push_back({.kind = Operation::Kind::remove, .file = path, .folder = synced != 0});
  return SQLITE_OK;
}

int is_there(sqlite3_vfs* vfs, const char* path, int, int* there) {
  FaultyDisk::State& disk = disk_of(vfs);
  const std::lock_guard lock(disk.mutex);
  *there = disk.cached.contains(path) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* to) {
  sqlite3_snprintf(size, to, "%s", path);
  return SQLITE_OK;
}

// The same each time: a run must be repeatable.
int chance(sqlite3_vfs*, int size, char* to) {
  std::memset(to, 7, static_cast<std::size_t>(size));
  return size;
}
int no_sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int no_time(sqlite3_vfs*, double* days) {
  *days = 2461100.5;
  return SQLITE_OK;
}
int no_error(sqlite3_vfs*, int, char*) { return 0; }

void note(std::map<std::string, Platter>& platters, const Operation& operation) {
  Platter& platter = platters[operation.file];
  Coins coins(operation.lottery);
  switch (operation.kind) {
    case Operation::Kind::write:
    case Operation::Kind::cut: platter.pending.push_back(operation); return;
    case Operation::Kind::sync:
      if (operation.folder) {
        for (auto& [name, other] : platters) other.settle_removals();
      }
      platter.settle(coins, all_of_it);
      return;
    case Operation::Kind::lost_sync: platter.settle(coins, all_of_it / 2); return;
    case Operation::Kind::remove:
      // What was not synced is not waited for any more; the name itself may outlive it.
      platter.pending.clear();
      if (operation.folder) {
        platter.durable.reset();
      } else {
        platter.pending.push_back(operation);
      }
      return;
  }
}

}  // namespace

FaultyDisk::FaultyDisk(const DiskImage& image) : state_(std::make_unique<State>()) {
  static int count = 0;
  state_->name = "faulty-" + std::to_string(++count);
  state_->before = image;
  state_->cached = image;
  state_->vfs = {2,
                 static_cast<int>(sizeof(OpenFile)),
                 sizeof(OpenFile::path) - 8,
                 nullptr,
                 state_->name.c_str(),
                 state_.get(),
                 open_file,
                 remove_file,
                 is_there,
                 full_path,
                 nullptr,
                 nullptr,
                 nullptr,
                 nullptr,
                 chance,
                 no_sleep,
                 no_time,
                 no_error,
                 nullptr,
                 nullptr,
                 nullptr,
                 nullptr};
  sqlite3_vfs_register(&state_->vfs, 0);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(&state_->vfs); }

const char* FaultyDisk::name() const { return state_->name.c_str(); }

void FaultyDisk::fail(DiskFault fault, std::size_t countdown) {
  const std::lock_guard lock(state_->mutex);
  state_->fault = fault;
  state_->countdown = countdown;
  state_->failed = false;
}

void FaultyDisk::spoil(std::string bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->spoilt = std::move(bytes);
}

bool FaultyDisk::has_failed() const {
  const std::lock_guard lock(state_->mutex);
  return state_->failed;
}

std::size_t FaultyDisk::operations() const {
  const std::lock_guard lock(state_->mutex);
  return state_->log.size();
}

DiskImage FaultyDisk::image() const {
  const std::lock_guard lock(state_->mutex);
  return state_->cached;
}

DiskImage FaultyDisk::after_power_failure(std::size_t operations, std::uint64_t seed) const {
  const std::lock_guard lock(state_->mutex);
  std::map<std::string, Platter> platters;
  for (const auto& [file, content] : state_->before) platters[file].durable = content;
  for (std::size_t i = 0; i < operations; ++i) note(platters, state_->log[i]);
  Coins coins(seed);
  // Nothing, everything, or any part of it arrives.
  const std::uint64_t share = coins.next() % (all_of_it + 1);
  DiskImage image;
  for (auto& [file, platter] : platters) {
    platter.settle(coins, share);
    if (platter.durable) image[file] = *platter.durable;
  }
  return image;
}

}  // namespace itinera::test
