// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "itinera/store.hpp"

namespace itinera {

// A store that hands every call on to another: derive from it to watch some of them, to count, or
// to fail on purpose. `inner` must not be null.
class StoreWrapper : public Store {
 public:
  explicit StoreWrapper(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

  Result<std::uint64_t> epoch() override { return inner_->epoch(); }
  Result<void> claim(std::uint64_t epoch) override { return inner_->claim(epoch); }
  Result<Extent> extent() override { return inner_->extent(); }
  Result<Position> append(std::span<const std::byte> frames) override {
    return inner_->append(frames);
  }
  Result<std::vector<JournalGroup>> read(Position after, std::size_t bytes_max) override {
    return inner_->read(after, bytes_max);
  }
  Result<void> truncate(Position up_to) override { return inner_->truncate(up_to); }
  Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                         std::span<const std::byte> bytes) override {
    return inner_->put_chunk(snapshot, number, bytes);
  }
  Result<void> complete(const Snapshot& snapshot, std::uint32_t generations) override {
    return inner_->complete(snapshot, generations);
  }
  Result<std::vector<Snapshot>> snapshots() override { return inner_->snapshots(); }
  Result<std::vector<std::byte>> chunk(const Snapshot& snapshot, std::uint32_t number) override {
    return inner_->chunk(snapshot, number);
  }
  Result<void> drop(std::string_view name) override { return inner_->drop(name); }
  Result<void> drop_one(const Snapshot& snapshot) override { return inner_->drop_one(snapshot); }
  Result<void> replace(Position position, std::span<const std::byte> frames) override {
    return inner_->replace(position, frames);
  }
  Result<bool> clear_some() override { return inner_->clear_some(); }
  Result<void> wipe() override { return inner_->wipe(); }

 private:
  std::unique_ptr<Store> inner_;
};

}  // namespace itinera
