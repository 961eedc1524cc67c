// SPDX-License-Identifier: Apache-2.0
// The engines of a store: one, or one a shard, which between them have its contacts. All write to
// the same journal, in which each frame says whose it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_buffer.hpp"
#include "itinera/engine.hpp"
#include "itinera/snapshot.hpp"

namespace itinera::runtime {

// Which of `count` shards has the contact of that id, or the one whose id has that stable hash.
// Never another: it is on disk by that.
std::uint32_t shard_of(std::string_view contact, std::uint32_t count);
std::uint32_t shard_of(const Hash128& contact, std::uint32_t count);

// The frames of a group by shard, of which there are `count`; nobody has looked at their checksums.
// Error: damaged_journal.
Result<std::vector<base::ByteBuffer>> parted(std::span<const std::byte> group, std::size_t count);

class Shards {
 public:
  // New engines. Errors: those of Engine::create().
  static Result<Shards> create(const EngineOptions& options, std::uint32_t count);
  // From a journal's first group: how many there are is how many `opened` frames it begins with.
  // Errors: those of Engine::restore(); damaged_journal, too, where it ends within a frame.
  static Result<Shards> restore(std::span<const std::byte> group, const EngineOptions& options);
  // From what save() wrote. Errors: those of Engine::load().
  static Result<Shards> load(SnapshotReader& from, const EngineOptions& options);

  // One engine as it writes itself; of several each piece says whose it is. Error: that of `to`.
  Result<void> save(SnapshotWriter& to) const;
  // As Engine::follow(), each what it wrote itself.
  Result<void> follow(std::span<const std::byte> group);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(engines_.size()); }
  // Whose are the contacts of that shard.
  [[nodiscard]] std::vector<Engine>& engines() { return engines_; }
  [[nodiscard]] const std::vector<Engine>& engines() const { return engines_; }

 private:
  std::vector<Engine> engines_;
};

}  // namespace itinera::runtime
