// SPDX-License-Identifier: Apache-2.0
// Resume tokens: what another engine needs to go on with a journey where this one stopped, as one
// text. docs/durability.md shows the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/result.hpp"
#include "itinera/value.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// A journey, by names that mean the same wherever its campaign is published.
struct HandOver {
  struct Visit {
    std::string step;
    std::uint32_t visits = 0;
    Instant last_due;
  };
  std::string workspace;
  std::string campaign;
  std::uint64_t content = 0;  // CampaignPlan::content of the version it follows
  std::string contact;
  bool has_key = false;
  std::string key;
  std::string step;  // where it goes on
  bool holdout = false;
  Instant entered;
  std::uint16_t ordinal = 0;
  Instant due = record::no_deadline;  // of a wait for a length of time: when it is over
  Value::Map entry;
  Value::Map variables;
  std::vector<std::string> goals;  // reached
  std::vector<Visit> visits;       // of steps on a way back, before this visit
  Value::List chapters;            // of its story
};

// The journey, as it would go on at `at`; `journey` may be a strand.
HandOver hand_over_of(const State& state, std::uint32_t journey, NodeIndex at);
std::string token_of(const HandOver& journey);

// Errors: damaged_token, unsupported_version (of a newer library), limit_reached. Whatever the
// text, the result is within the limits.
Result<HandOver> read_token(std::string_view token, const Limits& limits);

// As Engine::resume_token().
Result<std::string> token_for(const State& state, std::string_view campaign,
                              std::string_view contact, std::optional<std::string_view> key);

// The version in which such a journey goes on: that of its own content, else the one that takes
// entries; no_version: neither is there.
std::uint16_t version_for(const Plans& plans, const HandOver& journey);

}  // namespace itinera::engine
