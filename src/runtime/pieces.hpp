// SPDX-License-Identifier: Apache-2.0
// Snapshots piece by piece between whoever makes or loads one and a store: a chunk a piece, so that
// neither has the whole in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "itinera/snapshot.hpp"
#include "runtime/groups.hpp"

namespace itinera::runtime {

// How many there are, which a store is told first.
class Counter final : public SnapshotWriter {
 public:
  Result<void> put(std::span<const std::byte>) override {
    ++pieces;
    return {};
  }
  std::uint32_t pieces = 0;
};

// `at_work`, asked before each piece, ends it with limit_reached when it says no. What is given to
// these must outlive them.
class Putter final : public SnapshotWriter {
 public:
  Putter(const UseStore& use, const Snapshot& snapshot, const std::function<bool()>& at_work)
      : use_(use), snapshot_(snapshot), at_work_(at_work) {}

  Result<void> put(std::span<const std::byte> piece) override {
    if (!at_work_()) return interrupted();
    return use_([&](Store& store) { return store.put_chunk(snapshot_, number_++, piece); });
  }

 private:
  const UseStore& use_;
  const Snapshot& snapshot_;
  const std::function<bool()>& at_work_;
  std::uint32_t number_ = 0;
};

// The other way.
class Chunks final : public SnapshotReader {
 public:
  Chunks(const UseStore& use, const Snapshot& snapshot, const std::function<bool()>& at_work)
      : use_(use), snapshot_(snapshot), at_work_(at_work) {}

  Result<std::span<const std::byte>> next() override {
    if (!at_work_()) return interrupted();
    if (number_ == snapshot_.chunks) return std::span<const std::byte>{};
    const Result<void> read = use_([this](Store& store) -> Result<void> {
      Result<std::vector<std::byte>> chunk = store.chunk(snapshot_, number_);
      if (!chunk) return chunk.error();
      chunk_ = std::move(*chunk);
      return {};
    });
    if (!read) {
      failed_ = true;
      return read.error();
    }
    ++number_;
    return std::span<const std::byte>(chunk_);
  }
  // Whether the store has not given one.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  const UseStore& use_;
  const Snapshot& snapshot_;
  const std::function<bool()>& at_work_;
  std::uint32_t number_ = 0;
  bool failed_ = false;
  std::vector<std::byte> chunk_;
};

}  // namespace itinera::runtime
