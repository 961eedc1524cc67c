// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/result.hpp"

namespace itinera {

// Behind which group a place in the journal lies. 0 lies before the first group; each append()
// gives a greater one. Nothing else may be read from the number: a store may leave some out.
using Position = std::uint64_t;

// Frames that became durable together, as they were appended.
struct JournalGroup {
  Position position = 0;  // behind it
  std::vector<std::byte> frames = {};

  friend bool operator==(const JournalGroup&, const JournalGroup&) = default;
};

// What there is of a journal: the groups behind `truncated`, up to and with `durable`.
struct Extent {
  Position truncated = 0;  // what lies before has been forgotten
  Position durable = 0;    // where the newest group ends

  friend bool operator==(const Extent&, const Extent&) = default;
};

// Names something that was derived from the journal up to `position`: the state of an engine, the
// checkpoint of a fold, or, without chunks, how far a reader has come.
struct Snapshot {
  std::string name = {};
  Position position = 0;
  std::uint32_t chunks = 0;

  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

// Where a journal lives, and snapshots beside it. It never looks into the bytes. Ours are below; a
// host may put a database or a log of its own behind these calls.
//
// A call that returns without an error has happened whole, and is durable to the degree that the
// implementation states; one that returns an error has happened whole or not at all, and only
// opening the store anew tells which. Opened again after a crash, a store holds every group
// whose append() returned, in order, then at most whole later ones.
//
// Whoever writes claims the store first, under an epoch greater than any before. From then on
// everything that an earlier owner wants to write is refused, so that of two processes which both
// believe to be the owner only one is. Reading needs no claim, and disturbs no owner.
//
// Not thread-safe: one call at a time. No call may throw. Errors of every call: io_failed (the
// system said no), damaged_journal (what is stored is not what was written). Of calls that write,
// further: fenced (claimed by somebody else since), invalid_argument (never claimed, or a bound is
// broken).
class Store {
 public:
  static constexpr std::size_t group_bytes_max = 512u << 20;
  static constexpr std::size_t chunk_bytes_max = 64u << 20;
  static constexpr std::uint32_t chunks_max = 1u << 20;
  static constexpr std::size_t name_bytes_max = 64;  // of a snapshot; at least one
  static constexpr std::uint64_t epoch_max = (std::uint64_t{1} << 63) - 1;

  virtual ~Store() = default;

  // The greatest epoch claimed so far; 0 if none was.
  virtual Result<std::uint64_t> epoch() = 0;

  // Makes this object the owner, and forgets snapshots that an earlier one left unfinished. Errors:
  // fenced (`epoch` is not greater than every one before), invalid_argument (beyond epoch_max).
  virtual Result<void> claim(std::uint64_t epoch) = 0;

  virtual Result<Extent> extent() = 0;

  // Adds a group of 1 to group_bytes_max bytes, and returns the position behind it. Returns when it
  // is durable.
  virtual Result<Position> append(std::span<const std::byte> frames) = 0;

  // The groups behind `after`, in order: as many as `bytes_max` holds, yet at least one; none where
  // nothing follows. Error: invalid_argument (`after` lies before extent().truncated).
  virtual Result<std::vector<JournalGroup>> read(Position after, std::size_t bytes_max) = 0;

  // Forgets the groups up to and with `up_to`; what was forgotten before stays so. May be
  // interrupted by a crash, and has then forgotten a part, from the oldest on. Error:
  // invalid_argument (no snapshot is complete, or one lies before `up_to`, or nothing does there).
  virtual Result<void> truncate(Position up_to) = 0;

  // Puts chunk `number` of `snapshot`, counted from 0, of up to chunk_bytes_max bytes; one that is
  // there already is replaced. The snapshot does not count until complete() says so, so the owner
  // may append between two chunks. Error: invalid_argument (its position is not within the extent,
  // it is complete already, `number` is not below its `chunks`).
  virtual Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                                 std::span<const std::byte> bytes) = 0;

  // From here on `snapshot` counts. Of its name the newest `generations`, at least one, stay;
  // older ones, and unfinished ones, are forgotten. Completing it twice changes nothing. Error:
  // invalid_argument (a chunk is missing, its position is not within the extent).
  virtual Result<void> complete(const Snapshot& snapshot, std::uint32_t generations) = 0;

  // The complete ones, by name, of one name the newest first.
  virtual Result<std::vector<Snapshot>> snapshots() = 0;

  // One chunk of a complete snapshot. Error: invalid_argument (there is none).
  virtual Result<std::vector<std::byte>> chunk(const Snapshot& snapshot, std::uint32_t number) = 0;

  // Forgets all snapshots of that name, unfinished ones too.
  virtual Result<void> drop(std::string_view name) = 0;

  // Forgets one snapshot, complete or not, so that it can be put anew; where there is none,
  // nothing. Asked for only where a snapshot has turned out to be unreadable: a store that cannot
  // do it leaves it at the error invalid_argument, which is what this does.
  virtual Result<void> drop_one(const Snapshot& snapshot);

  // Puts other frames in the place of a group, where it stays: those without somebody who is to be
  // forgotten. A store that cannot do it leaves it at the error invalid_argument, which is what
  // this does, and which is that of a position or a size that no group has.
  virtual Result<void> replace(Position position, std::span<const std::byte> frames);

  // Does a part of what wipe() has to do, of which nobody else is kept waiting for long, and
  // returns whether there may be more. There is none here.
  virtual Result<bool> clear_some();

  // Of what was replaced, dropped or truncated not a byte is left behind in the store. Error:
  // limit_reached (somebody is reading the store as it was; try later). This does nothing.
  virtual Result<void> wipe();
};

// What stores in memory keep, and may share: a second store opened on it is to the first what a
// second process is that opens the same file.
class MemoryDisk;
std::shared_ptr<MemoryDisk> memory_disk();

// Durable as long as its disk lives.
std::unique_ptr<Store> memory_store(std::shared_ptr<MemoryDisk> on = memory_disk());

// One file, a SQLite database in WAL mode, created if missing so that only its owner may read it.
// docs/durability.md shows its tables. append() returns when the file system has synced (fsync);
// beside the file lie FILE-wal and FILE-shm while it is open. Each call waits up to ten seconds
// for another process that is writing.
//
// After an io_failed error of a call that writes, the store refuses everything else, because nobody
// knows what the disk holds: open it again. Where there is no room it is known, and only append()
// and claim() end it. Errors: io_failed, with the path and the system's word for it;
// damaged_journal; unsupported_version (of a newer Itinera); invalid_argument (another program's
// database).
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path);

}  // namespace itinera
