// SPDX-License-Identifier: Apache-2.0
// In which shard a message came that has an id (S4): whoever it is about may have gone to another
// since, or have been forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "itinera/ids.hpp"
#include "runtime/lane.hpp"
#include "tables/keyed.hpp"

namespace itinera::runtime {

class Messages {
 public:
  // Whether it has come there within the window, the shard says.
  [[nodiscard]] std::optional<std::uint32_t> find(const Hash128& message) const {
    const std::uint8_t* const shard = shard_of_.empty() ? nullptr : shard_of_.find(message);
    return shard == nullptr ? std::nullopt : std::optional<std::uint32_t>(*shard);
  }
  void note(const Hash128& message, std::uint32_t shard) {
    shard_of_.put(message, static_cast<std::uint8_t>(shard));
    ++noted_;
  }
  // Lets go of those that no shard knows any more, where they are many. Nothing is to be fed.
  void tidy(const std::vector<Lane>& lanes, Instant now) {
    std::size_t known = 0;
    for (const Lane& lane : lanes) known += lane.messages();
    constexpr std::size_t few = 65'536;
    if (noted_ > 2 * known + few) gather(lanes, now);
  }
  // All that the shards know; one that has let nothing go for long may have an id that is
  // another's.
  void gather(const std::vector<Lane>& lanes, Instant now) {
    shard_of_ = {};
    noted_ = 0;
    for (std::uint32_t at = 0; at < lanes.size(); ++at) {
      lanes[at].for_each_message(now, [this, at](const Hash128& message) { note(message, at); });
    }
  }

 private:
  engine::Keyed<std::uint8_t> shard_of_;
  std::size_t noted_ = 0;  // since all were gathered
};

}  // namespace itinera::runtime
