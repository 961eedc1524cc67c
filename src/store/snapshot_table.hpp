// SPDX-License-Identifier: Apache-2.0
// The snapshots of a SQLite store: tables `snapshot` and `chunk`. The calls stand within the
// caller's transaction, and the caller has looked at the bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "itinera/store.hpp"
#include "store/sqlite.hpp"

namespace itinera::store {

// CRC-32C of both numbers, 8 bytes each, and of the bytes.
std::int64_t checksum(std::int64_t a, std::int64_t b, std::span<const std::byte> bytes);

class SnapshotTable {
 public:
  explicit SnapshotTable(const Database& database) : database_(database) {}

  // As Store::snapshots(), put_chunk(), complete() and chunk().
  [[nodiscard]] Result<std::vector<Snapshot>> complete_ones() const;
  [[nodiscard]] Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                                       std::span<const std::byte> bytes);
  [[nodiscard]] Result<void> complete(const Snapshot& snapshot, std::uint32_t generations) const;
  [[nodiscard]] Result<std::vector<std::byte>> chunk(const Snapshot& snapshot,
                                                     std::uint32_t number) const;

  // What is forgotten counts no more, and is cleared away by and by.
  [[nodiscard]] Result<void> forget_unfinished() const;
  [[nodiscard]] Result<void> forget(std::string_view name) const;
  [[nodiscard]] Result<void> forget(const Snapshot& snapshot) const;
  // Clears a few chunks away; returns whether there may be more. What cannot be read is an error,
  // and left until begin_clearing(): the same transaction, begun anew, does without it.
  [[nodiscard]] Result<bool> clear_some();
  // How many bytes have been cleared since it was asked.
  [[nodiscard]] std::size_t take_cleared() { return std::exchange(cleared_, 0); }
  [[nodiscard]] bool has_just_left() { return std::exchange(has_just_left_, false); }
  void begin_clearing();
  // What kept some from being cleared.
  [[nodiscard]] const std::optional<Error>& rot() const { return rot_; }

 private:
  // A row that is not forgotten.
  struct Row {
    std::int64_t id = 0;  // 0: there is none
    bool complete = false;
  };
  // A row that is complete, and whether it says what was written.
  struct Listed {
    std::int64_t id = 0;
    Snapshot snapshot;
    bool sound = false;
  };
  [[nodiscard]] Result<std::vector<Listed>> listed() const;
  [[nodiscard]] Result<void> forget_rotten_marks(std::string_view name) const;
  [[nodiscard]] Result<void> drop_empty() const;
  [[nodiscard]] Result<Row> row_of(const Snapshot& snapshot) const;
  [[nodiscard]] Result<std::int64_t> insert(const Snapshot& snapshot) const;  // as unfinished
  [[nodiscard]] Result<std::int64_t> row_to_fill(const Snapshot& snapshot) const;
  [[nodiscard]] Result<void> count_chunks(const Snapshot& snapshot, std::int64_t id) const;
  [[nodiscard]] Result<void> clear_some_of(std::int64_t id);
  [[nodiscard]] bool cannot_be_read(const Error& error) const;
  [[nodiscard]] Error at_home(Error error) const;

  const Database& database_;
  std::int64_t left_ = 0;  // snapshots up to that id were cleared, or cannot be
  bool has_just_left_ = false;
  std::size_t cleared_ = 0;
  std::optional<Error> rot_;
};

}  // namespace itinera::store
