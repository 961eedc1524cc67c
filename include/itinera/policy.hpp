// SPDX-License-Identifier: Apache-2.0
// Policy: what holds for every marketing message of a workspace, whichever campaign sends it
// (docs/policy.md). Each rule names the channels, topics and campaigns it is about; a list that is
// empty names all.
//
// Enumerators are on disk by number (docs/durability.md, The model): never reorder or remove one;
// add at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "itinera/diagnostic.hpp"
#include "itinera/period.hpp"

namespace itinera {

// Which messages a rule is about.
struct MessageFilter {
  std::vector<std::string> channels = {};
  std::vector<std::string> topics = {};
  std::vector<std::string> campaigns = {};
};

// When nothing is sent (S14): while the wall shows a time in [from, to) of the window; with
// from > to it crosses midnight, and belongs to the day on which it began.
struct QuietHours {
  Window window = {};
  MessageFilter about = {};
  bool holidays = false;  // the workspace's holidays are quiet all day
  std::string zone = {};  // whose wall; empty: the contact's (S12)
  SourceLocation at = {};
};

// How many messages a contact may get (S16, S17).
struct FrequencyCap {
  // `rolling`: within any per_ms. The others: in each calendar day, week from Monday, or month, of
  // the contact's zone.
  enum class Per : std::uint8_t { rolling, day, week, month };
  static constexpr std::uint32_t max_max = 1000;
  std::uint32_t max = 0;  // 0..max_max
  Per per = Per::rolling;
  std::int64_t per_ms = 0;  // of rolling
  MessageFilter about = {};
  bool transactional = false;  // counts and holds back transactional messages too
  bool account = false;        // counts what all contacts of an account got, not each for itself
  SourceLocation at = {};
};

// Contacts who get no marketing, so that its effect can be measured: those whose bucket of `seed`,
// 0..9999, is below `share`.
struct Holdout {
  std::uint32_t share = 0;  // of ten thousand
  std::string seed = {};    // empty: the workspace's name, or the campaign's
};

// Campaigns of which a contact is in one at a time. What becomes of an entry into another one of
// higher priority; any other is refused.
struct ExclusiveGroup {
  enum class Meeting : std::uint8_t { replace, wait, refuse };
  std::string name = {};
  Meeting meeting = Meeting::replace;
  SourceLocation at = {};
};

struct Policy {
  std::vector<QuietHours> quiet_hours = {};
  std::vector<FrequencyCap> caps = {};
  Holdout holdout = {};
  std::vector<ExclusiveGroup> exclusive = {};
};

// What one policy may have at most.
inline constexpr std::size_t quiet_hours_max = 64;
inline constexpr std::size_t caps_max = 64;

}  // namespace itinera
