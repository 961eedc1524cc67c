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

Result<std::vector<Snapshot>> SnapshotTable::complete_ones() const {
  std::vector<Snapshot> snapshots;
  Result<void> read = database_.each_row(
      "SELECT name, position, chunks FROM snapshot WHERE state = 'complete' "
      "ORDER BY name, position DESC",
      [&](const Statement& row) {
        snapshots.push_back({std::string(row.text(0)), static_cast<Position>(row.number(1)),
                             static_cast<std::uint32_t>(row.number(2))});
        return Result<void>();
      });
  if (!read) return read.error();
  return snapshots;
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
  if (row->id != 0) return row->id;
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
  const Result<Row> row = row_of(snapshot);
  if (!row) return row.error();
  if (row->complete) return {};
  if (Result<void> counted = count_chunks(snapshot, row->id); !counted) return counted;
  const std::string_view name = snapshot.name;
  const std::int64_t chunks = snapshot.chunks;
  Result<void> done =
      row->id == 0
          ? database_.run("INSERT INTO snapshot VALUES (NULL, ?, ?, 0, 'complete')", name,
                          static_cast<std::int64_t>(snapshot.position))
          : database_.run("UPDATE snapshot SET state = 'complete', chunks = ? WHERE id = ?", chunks,
                          row->id);
  if (!done) return done;
  done = database_.run("DELETE FROM chunk WHERE snapshot = ? AND number >= ?", row->id, chunks);
  if (!done) return done;
  done = database_.run(
      "UPDATE snapshot SET state = 'forgotten' WHERE name = ? AND id NOT IN (SELECT id FROM "
      "snapshot WHERE name = ? AND state = 'complete' ORDER BY position DESC LIMIT ?)",
      name, name, std::int64_t{std::max(generations, 1u)});
  if (!done) return done;
  // Chunks are left to put_chunk(), a few at a time; what has none, such as a cursor, goes at once.
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
      "SELECT chunk.snapshot, chunk.number, checksum, bytes FROM snapshot "
      "LEFT JOIN chunk ON chunk.snapshot = snapshot.id AND chunk.number = ?1 "
      "WHERE name = ?2 AND position = ?3 AND state = 'complete' AND chunks > ?1",
      [&](const Statement& row) -> Result<void> {
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
  if (!read) return read.error();
  if (!found) return at_home(missing_chunk(snapshot, number));
  return std::move(*found);
}

Result<void> SnapshotTable::forget_unfinished() const {
  return database_.run("UPDATE snapshot SET state = 'forgotten' WHERE state = 'unfinished'");
}

Result<void> SnapshotTable::forget(std::string_view name) const {
  return database_.run("UPDATE snapshot SET state = 'forgotten' WHERE name = ?", name);
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
    if (done.error().code == ErrorCode::damaged_journal) {
      left_ = *oldest;
      rot_ = done.error();
      has_just_left_ = true;
    }
    return done.error();
  }
  return true;
}

Result<void> SnapshotTable::clear_some_of(std::int64_t id) const {
  Result<void> done = database_.run(
      "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE snapshot = ? LIMIT ?)", id,
      chunks_cleared);
  if (!done) return done;
  return database_.run(
      "DELETE FROM snapshot WHERE id = ? AND NOT EXISTS (SELECT 1 FROM chunk WHERE snapshot = ?)",
      id, id);
}

void SnapshotTable::begin_clearing() {
  left_ = 0;
  rot_.reset();
}

}  // namespace itinera::store
