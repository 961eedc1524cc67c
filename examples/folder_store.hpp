// SPDX-License-Identifier: Apache-2.0
// A store that a host supplies itself: files in a folder, one for each group and each chunk. What
// it asks of the folder, a bucket of an object store or a table of a database can do as well.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/store.hpp"

// Files that are there whole or not at all. Names are those that FolderStore gives: letters,
// digits and dashes, in which numbers have twenty digits, so that their order is that of the names.
class Folder {
 public:
  // Creates the folder if it is missing.
  explicit Folder(std::string path);
  // Durable when it returns; takes the place of a file of that name.
  itinera::Result<void> put(const std::string& name, std::span<const std::byte> bytes) const;
  itinera::Result<std::vector<std::byte>> get(const std::string& name) const;
  itinera::Result<void> remove(const std::string& name) const;
  // All names that begin so, in order.
  itinera::Result<std::vector<std::string>> list(const std::string& prefix) const;

  // Keeps every other process, and every other Folder, from locking it.
  class Lock {
   public:
    explicit Lock(int file) : file_(file) {}
    Lock(Lock&& other) noexcept;
    Lock& operator=(Lock&&) = delete;
    ~Lock();

   private:
    int file_;
  };
  itinera::Result<Lock> lock() const;

 private:
  std::string path_;
};

// Keeps the promises of itinera::Store: tests hold it to the contract that ours fulfil.
class FolderStore final : public itinera::Store {
 public:
  explicit FolderStore(std::string path) : folder_(std::move(path)) {}

  itinera::Result<std::uint64_t> epoch() override;
  itinera::Result<void> claim(std::uint64_t epoch) override;
  itinera::Result<itinera::Extent> extent() override;
  itinera::Result<itinera::Position> append(std::span<const std::byte> frames) override;
  itinera::Result<std::vector<itinera::JournalGroup>> read(itinera::Position after,
                                                           std::size_t bytes_max) override;
  itinera::Result<void> truncate(itinera::Position up_to) override;
  itinera::Result<void> put_chunk(const itinera::Snapshot& snapshot, std::uint32_t number,
                                  std::span<const std::byte> bytes) override;
  itinera::Result<void> complete(const itinera::Snapshot& snapshot,
                                 std::uint32_t generations) override;
  itinera::Result<std::vector<itinera::Snapshot>> snapshots() override;
  itinera::Result<std::vector<std::byte>> chunk(const itinera::Snapshot& snapshot,
                                                std::uint32_t number) override;
  itinera::Result<void> drop(std::string_view name) override;
  itinera::Result<void> drop_one(const itinera::Snapshot& snapshot) override;
  // wipe() has nothing to do: a file that is replaced is gone.
  itinera::Result<void> replace(itinera::Position position,
                                std::span<const std::byte> frames) override;

 private:
  // Locks, and looks whether this is still the owner.
  itinera::Result<Folder::Lock> lock_as_owner();
  itinera::Result<std::uint64_t> newest(const std::string& prefix);
  itinera::Result<void> mark(const std::string& prefix, std::uint64_t number);
  itinera::Result<void> remove_all(const std::string& prefix);
  itinera::Result<void> check(const itinera::Snapshot& snapshot);
  itinera::Result<bool> is_complete(const itinera::Snapshot& snapshot);

  Folder folder_;
  std::uint64_t own_epoch_ = 0;
};
