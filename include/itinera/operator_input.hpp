// SPDX-License-Identifier: Apache-2.0
// What the host feeds of its own accord, on nobody's behalf: campaigns that are paused, addresses
// that are closed, journeys and tasks that somebody moves. Part of input.hpp, as are its rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "itinera/ids.hpp"
#include "itinera/time.hpp"

namespace itinera {

// When, and as which message. With a `message_id` a repeat from the same `source` within the
// dedupe window changes nothing (decision `duplicate`), or is refused if its content differs
// (error `conflict`); without one, nothing is deduplicated (S4).
struct Envelope {
  Instant received = {};
  std::optional<Instant> occurred = {};
  std::string_view message_id = {};
  std::string_view source = {};
};

// An operator's hand: the contact's journeys in a campaign, of one key or of all, come to that
// step, wherever they stand, and go on from there: of the version that takes entries, or where none
// does, of their own. Not into a parallel.
struct Move {
  std::string_view campaign = {};
  std::string_view contact = {};
  std::optional<std::string_view> key = {};
  std::string_view step = {};
  Envelope envelope = {};
};

// The host closes an address of a channel to every message, transactional ones too (reason
// `listed`); or opens it again, whatever has closed it.
struct Suppress {
  std::string_view channel = {};
  std::string_view address = {};
  bool listed = true;  // false: it is open again
  Envelope envelope = {};
};

// What becomes of a journey's waits while its campaign is paused (S31). `queue`: they go on, and
// what falls due waits for Resume. `freeze`: they are longer by the pause; times of day and
// recurrences are resolved anew. `drop`: as `queue`, but the step behind a wait that fell due is
// skipped.
enum class PauseMode : std::uint8_t { queue, freeze, drop };

// Until Resume no journey of the campaign takes a step, and none of its messages goes out;
// `expires` still holds, and so do exits and goals. One that is paused already stays as it is.
struct Pause {
  std::string_view campaign = {};
  PauseMode mode = PauseMode::queue;
  bool entries = false;  // true: contacts still enter, and stand before their first step
  Envelope envelope = {};
};

// The campaign goes on, whoever has paused it.
struct Resume {
  std::string_view campaign = {};
  Envelope envelope = {};
};

// A task that is open goes from one person or system to another, as the story of its journey says
// from now on. It stays the action that it is; its deadline stays unless `within_ms`, from now,
// says otherwise (a task without a deadline gets none).
struct Reassign {
  ActionId action = {};
  std::string_view to = {};
  std::string_view by = {};
  std::string_view note = {};
  std::optional<std::int64_t> within_ms = {};
  Envelope envelope = {};
};

// A journey that another engine has begun goes on here: `token` is what that one's
// Engine::resume_token() gave, or what came with its task. The same token again is a repeat, unless
// it has a message id of its own.
struct TakeOver {
  std::string_view token = {};
  std::string_view contact = {};  // who it is here; empty: as the token says
  Envelope envelope = {};
};

}  // namespace itinera
