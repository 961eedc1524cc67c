// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "itinera/diagnostic.hpp"
#include "itinera/period.hpp"

namespace itinera {

// How many messages a sender may send on one day of its calendar.
struct Quota {
  static constexpr std::uint32_t max_max = 1'000'000;
  std::string operation = {};  // such as "invite"; empty: of all together
  std::uint32_t max = 0;
};

// An account that messages of a channel are sent from, and that bears no more than so much
// (docs/policy.md, Senders). What finds no room now waits for it, by priority and then by age.
struct Sender {
  static constexpr std::uint32_t rate_max = 1'000;
  static constexpr std::size_t warm_up_max = 366;
  std::string name = {};
  std::string channel = {};
  std::vector<Quota> quotas = {};
  std::optional<Window> hours = {};  // empty: at any time
  std::string zone = {};             // of the hours and of the day; empty: the workspace's
  std::uint32_t rate = 0;            // messages in any rate_per_ms, 1..rate_max; 0: as many as come
  std::int64_t rate_per_ms = 0;
  // Of the first day on which it sends, the second, and so on: as many in all, and no more than its
  // quota says. Later days have the quota alone.
  std::vector<std::uint32_t> warm_up = {};
  // Between one message and the next as a person would leave it: a seeded random time in
  // [pace_from_ms, pace_to_ms].
  std::int64_t pace_from_ms = 0;
  std::int64_t pace_to_ms = 0;
  SourceLocation at = {};
};

}  // namespace itinera
