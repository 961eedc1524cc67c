// SPDX-License-Identifier: Apache-2.0
// What stands beside a step in C++, where no further steps are nested in it (sequence.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "itinera/step.hpp"
#include "itinera/value.hpp"

namespace itinera {

// Fields that any step may have.
struct StepOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
};

struct SendOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string template_name = {};
  Properties data = {};
  std::string at = {};  // the time of day to wait for, "09:00"
  Send::Prefer prefer = Send::Prefer::listed;
  std::string escalate_after = {};   // "2h"; empty: it goes by one channel
  std::string escalate_unless = {};  // "opened", which is the default, or a declared receipt
  std::vector<std::string> senders = {};
  std::string operation = {};
  std::string topic = {};
  MessageClass message_class = MessageClass::marketing;
  Send::OnCap on_cap = Send::OnCap::skip;
  std::string expires = {};  // "4h"
  Send::WhileHeld while_held = Send::WhileHeld::stay;
  // "continue", "exit", or the id of a step.
  std::string on_skip = {};
  std::string on_expire = {};
  std::string on_fail = {};
  std::string confirm_within = {};  // "15m", which is the default
  std::uint32_t retry = 0;          // times
  std::string retry_after = {};     // "5m"; default 1m
};

struct WaitOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string days = {};    // of wait_until_time() and wait_business_days()
  std::string offset = {};  // of wait_until(): "-3d"
  std::string at = {};      // the time of a date that has none, "09:00"
  std::string from = {};    // of wait_until_next(): the rule's anchor, "2026-03-02"
  std::string zone = {};
  Wait::IfPast if_past = Wait::IfPast::automatic;
  Wait::OnMissing on_missing = Wait::OnMissing::exit;
  Wait::Anchor anchor = Wait::Anchor::step;
  bool follow = false;  // of wait_until()
};

struct ParallelOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  Parallel::Join join = Parallel::Join::all;
};

struct DigestOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  bool sliding = false;
  std::string key = {};  // CEL
  std::uint32_t max = 100;
  std::string as = {};
};

struct GoalStepOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string value = {};
};

struct EmitOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  Properties data = {};
};

struct StartOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string key = {};  // CEL
  Properties data = {};
};

struct StopOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string key = {};  // CEL; empty: all journeys of the campaign
};

struct ConsentOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string topic = {};
  std::string source = {};
};

}  // namespace itinera
