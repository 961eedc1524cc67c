// SPDX-License-Identifier: Apache-2.0
// record::Erasure over a journal of several shards, each of which names its contacts by places of
// its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_buffer.hpp"
#include "record/erasure.hpp"

namespace itinera::runtime {

// The calls and their order are those of record::Erasure.
class Erasures {
 public:
  Erasures(std::uint32_t shards, bool whole) : all_(shards, record::Erasure(whole)) {}

  [[nodiscard]] bool find(std::uint64_t position, std::span<const std::byte> group);
  [[nodiscard]] bool any() const;
  [[nodiscard]] std::uint64_t last() const;
  void stand_in_by(Hash128 salt);
  [[nodiscard]] bool gather(std::uint64_t position, std::span<const std::byte> group);
  [[nodiscard]] bool erase(std::uint64_t position, std::span<const std::byte> group,
                           base::ByteBuffer& out);

 private:
  template <class Read>
  bool each(std::span<const std::byte> group, Read read);

  std::vector<record::Erasure> all_;  // by shard
};

}  // namespace itinera::runtime
