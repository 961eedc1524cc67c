// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace itinera {

// 128 bits of the stable hash (base/stable_hash.hpp), high half first.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};

// Names one run of a contact through a campaign: hash of (workspace id, campaign, contact, key,
// entry instant, ordinal of that contact's entries into that campaign at that instant).
struct JourneyId {
  Hash128 hash = {};
  friend auto operator<=>(const JourneyId&, const JourneyId&) = default;
};

// Names one action for ever, and is its idempotency key: hash of (journey id, step, iteration,
// attempt, leg). The same after restart, replay and restore.
struct ActionId {
  Hash128 hash = {};
  friend auto operator<=>(const ActionId&, const ActionId&) = default;
};

// 32 lower-case hexadecimal digits.
std::string to_text(Hash128 hash);
std::optional<Hash128> hash_from_text(std::string_view text);

}  // namespace itinera
