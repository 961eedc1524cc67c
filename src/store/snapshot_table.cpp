// SPDX-License-Identifier: Apache-2.0
#include "store/snapshot_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "record/crc32c.hpp"
#include "store/bounds.hpp"

namespace itinera::store {
namespace {

// Cleared away with each chunk that is put: more than one, so that what is forgotten grows less.
constexpr std::int64_t chunks_cleared = 2;

// Column `chunks` of a complete snapshot: the low half is how many, the high half the checksum of
// its row, which older versions neither wrote nor look at. A row without one is theirs.
constexpr int seal_shift = 32;

std::int64_t sealed_count(std::int64_t id, const Snapshot& snapshot) {
  base::Bytes row;
  base::Writer(row).number(snapshot.chunks);
  base::Writer(row).text(snapshot.name);
  // Never negative, for those who compare the whole column, and never as if there were none.
  const std::int64_t seal =
      checksum(id, static_cast<std::int64_t>(snapshot.position), row) & 0x7FFF'FFFF;
  return (std::max(seal, std::int64_t{1}) << seal_shift) | snapshot.chunks;
}

}  // namespace

std::int64_t checksum(std::int64_t a, std::int64_t b, std::span<const std::byte> bytes) {
  std::array<std::byte, 16> head{};
  base::store_le(head.data(), a);
  base::store_le(head.data() + 8, b);
  return record::crc32c(bytes, record::crc32c(head));
}

Error SnapshotTable::at_home(Error error) const {
  error.message = fmt::format("{}: {}", database_.path(), error.message);
  return error;
}

Result<std::vector<SnapshotTable::Listed>> SnapshotTable::listed() const {
  std::vector<Listed> rows;
  Result<void> read = database_.each_row(
      "SELECT id, name, position, chunks FROM snapshot WHERE state = 'complete' "
      "ORDER BY name, position DESC",
      [&](const Statement& row) {
        const std::int64_t count = row.number(3);
        const Snapshot snapshot{std::string(row.text(1)), static_cast<Position>(row.number(2)),
                                static_cast<std::uint32_t>(count)};
        const bool sound =
            count >> seal_shift == 0 || count == sealed_count(row.number(0), snapshot);
        rows.push_back({row.number(0), snapshot, sound});
        return Result<void>();
      });
  if (!read) return read.error();
  return rows;
}

Result<std::vector<Snapshot>> SnapshotTable::complete_ones() const {
  Result<std::vector<Listed>> rows = listed();
  if (!rows) return rows.error();
  std::vector<Snapshot> snapshots;
  for (Listed& row : *rows) {
    // How far a reader, or an erasing, has come is not known then: less does no harm. What has
    // chunks is found out when these are read.
    if (!row.sound && row.snapshot.chunks == 0) row.snapshot.position = 0;
    snapshots.push_back(std::move(row.snapshot));
  }
  return snapshots;
}

bool SnapshotTable::cannot_be_read(const Error& error) const {
  return error.code == ErrorCode::damaged_journal ||
         (error.code == ErrorCode::io_failed &&
          database_.trouble() == Database::Trouble::unreadable);
}

Result<SnapshotTable::Row> SnapshotTable::row_of(const Snapshot& snapshot) const {
  Row found;
  Result<void> read = database_.each_row(
      "SELECT id, state = 'complete' FROM snapshot "
      "WHERE name = ? AND position = ? AND state <> 'forgotten'",
      [&](const Statement& row) {
        found = {row.number(0), row.number(1) != 0};
        return Result<void>();
      },
      std::string_view(snapshot.name), static_cast<std::int64_t>(snapshot.position));
  if (!read) return read.error();
  return found;
}

Result<std::int64_t> SnapshotTable::row_to_fill(const Snapshot& snapshot) const {
  Result<Row> row = row_of(snapshot);
  if (!row) return row.error();
  if (row->complete) return at_home(complete_already(snapshot));
  return row->id != 0 ? Result<std::int64_t>(row->id) : insert(snapshot);
}

Result<std::int64_t> SnapshotTable::insert(const Snapshot& snapshot) const {
  return database_.number("INSERT INTO snapshot VALUES (NULL, ?, ?, ?, 'unfinished') RETURNING id",
                          std::string_view(snapshot.name),
                          static_cast<std::int64_t>(snapshot.position),
                          std::int64_t{snapshot.chunks});
}

Result<void> SnapshotTable::put_chunk(const Snapshot& snapshot, std::uint32_t number,
                                      std::span<const std::byte> bytes) {
  const Result<std::int64_t> id = row_to_fill(snapshot);
  if (!id) return id.error();
  if (const Result<bool> cleared = clear_some(); !cleared) return cleared.error();
  return database_.run("INSERT OR REPLACE INTO chunk VALUES (NULL, ?, ?, ?, ?)", *id,
                       std::int64_t{number}, checksum(*id, number, bytes), bytes);
}

// Whether all of them are there.
Result<void> SnapshotTable::count_chunks(const Snapshot& snapshot, std::int64_t id) const {
  std::uint32_t expected = 0;
  Result<void> read = database_.each_row(
      "SELECT number FROM chunk WHERE snapshot = ? AND number < ? ORDER BY number",
      [&](const Statement& row) -> Result<void> {
        if (row.number(0) != expected) return at_home(missing_chunk(snapshot, expected));
        ++expected;
        return {};
      },
      id, std::int64_t{snapshot.chunks});
  if (!read) return read;
  if (expected < snapshot.chunks) return at_home(missing_chunk(snapshot, expected));
  return {};
}

Result<void> SnapshotTable::complete(const Snapshot& snapshot, std::uint32_t generations) const {
  const std::string_view name = snapshot.name;
  if (Result<void> done = forget_rotten_marks(name); !done) return done;
  const Result<Row> row = row_of(snapshot);
  if (!row) return row.error();
  if (row->complete) return {};
  if (Result<void> counted = count_chunks(snapshot, row->id); !counted) return counted;
  const Result<std::int64_t> id = row->id != 0 ? Result<std::int64_t>(row->id) : insert(snapshot);
  if (!id) return id.error();
  Result<void> done =
      database_.run("UPDATE snapshot SET state = 'complete', chunks = ? WHERE id = ?",
                    sealed_count(*id, snapshot), *id);
  if (!done) return done;
  done = database_.run("DELETE FROM chunk WHERE snapshot = ? AND number >= ?", *id,
                       std::int64_t{snapshot.chunks});
  if (!done) return done;
  done = database_.run(
      "UPDATE snapshot SET state = 'forgotten' WHERE name = ? AND id NOT IN (SELECT id FROM "
      "snapshot WHERE name = ? AND state = 'complete' ORDER BY position DESC LIMIT ?)",
      name, name, std::int64_t{std::max(generations, 1u)});
  if (!done) return done;
  return drop_empty();
}

// Nobody knows whether they are newer than what is completed now, which is sound.
Result<void> SnapshotTable::forget_rotten_marks(std::string_view name) const {
  const Result<std::vector<Listed>> rows = listed();
  if (!rows) return rows.error();
  for (const Listed& row : *rows) {
    if (row.sound || row.snapshot.chunks > 0 || row.snapshot.name != name) continue;
    Result<void> done =
        database_.run("UPDATE snapshot SET state = 'forgotten' WHERE id = ?", row.id);
    if (!done) return done;
  }
  return {};
}

// Chunks are cleared a few at a time; what has none, such as a cursor, goes at once.
Result<void> SnapshotTable::drop_empty() const {
  return database_.run(
      "DELETE FROM snapshot WHERE state = 'forgotten' "
      "AND NOT EXISTS (SELECT 1 FROM chunk WHERE snapshot = snapshot.id)");
}

Result<std::vector<std::byte>> SnapshotTable::chunk(const Snapshot& snapshot,
                                                    std::uint32_t number) const {
  std::optional<std::vector<std::byte>> found;
  const auto damage = [&](std::string_view what) {
    return Error{ErrorCode::damaged_journal,
                 fmt::format("{}: is damaged: chunk {} of snapshot `{}` is {}", database_.path(),
                             number, snapshot.name, what)};
  };
  Result<void> read = database_.each_row(
      "SELECT chunk.snapshot, chunk.number, checksum, bytes, snapshot.id, chunks FROM snapshot "
      "LEFT JOIN chunk ON chunk.snapshot = snapshot.id AND chunk.number = ?1 "
      "WHERE name = ?2 AND position = ?3 AND state = 'complete' AND chunks & 0xFFFFFFFF > ?1",
      [&](const Statement& row) -> Result<void> {
        const std::int64_t count = row.number(5);
        const Snapshot listed{snapshot.name, snapshot.position, static_cast<std::uint32_t>(count)};
        if (count >> seal_shift != 0 && count != sealed_count(row.number(4), listed)) {
          return damage("of a row that is not what was written");
        }
        if (row.number(0) == 0) return damage("missing");
        const std::span<const std::byte> bytes = row.bytes(3);
        if (checksum(row.number(0), row.number(1), bytes) != row.number(2)) {
          return damage("not what was written");
        }
        found.emplace(bytes.begin(), bytes.end());
        return {};
      },
      std::int64_t{number}, std::string_view(snapshot.name),
      static_cast<std::int64_t>(snapshot.position));
  if (!read && cannot_be_read(read.error())) {
    return damage(fmt::format("unreadable: {}", read.error().message));
  }
  if (!read) return read.error();
  if (!found) return at_home(missing_chunk(snapshot, number));
  return std::move(*found);
}

Result<void> SnapshotTable::forget_unfinished() const {
  return database_.run("UPDATE snapshot SET state = 'forgotten' WHERE state = 'unfinished'");
}

Result<void> SnapshotTable::forget(std::string_view name) const {
  Result<void> done = database_.run("UPDATE snapshot SET state = 'forgotten' WHERE name = ?", name);
  return done ? drop_empty() : done;
}

Result<void> SnapshotTable::forget(const Snapshot& snapshot) const {
  return database_.run("UPDATE snapshot SET state = 'forgotten' WHERE name = ? AND position = ?",
                       std::string_view(snapshot.name),
                       static_cast<std::int64_t>(snapshot.position));
}

Result<bool> SnapshotTable::clear_some() {
  const Result<std::int64_t> oldest =
      database_.number("SELECT min(id) FROM snapshot WHERE state = 'forgotten' AND id > ?", left_);
  if (!oldest) return oldest.error();
  if (*oldest == 0) return false;
  if (Result<void> done = clear_some_of(*oldest); !done) {
    if (cannot_be_read(done.error())) {
      left_ = *oldest;
      rot_ = Error{ErrorCode::damaged_journal, done.error().message};
      has_just_left_ = true;
    }
    return done.error();
  }
  return true;
}

Result<void> SnapshotTable::clear_some_of(std::int64_t id) {
  std::size_t bytes = 0;
  Result<void> done = database_.each_row(
      "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE snapshot = ? LIMIT ?) "
      "RETURNING length(bytes)",
      [&bytes](const Statement& row) {
        bytes += static_cast<std::size_t>(row.number(0));
        return Result<void>();
      },
      id, chunks_cleared);
  if (!done) return done;
  cleared_ += bytes;
  return database_.run(
      "DELETE FROM snapshot WHERE id = ? AND NOT EXISTS (SELECT 1 FROM chunk WHERE snapshot = ?)",
      id, id);
}

void SnapshotTable::begin_clearing() {
  left_ = 0;
  rot_.reset();
}

}  // namespace itinera::store
