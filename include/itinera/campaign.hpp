// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "itinera/data_schema.hpp"
#include "itinera/policy.hpp"
#include "itinera/sender.hpp"
#include "itinera/step.hpp"

namespace itinera {

// How many contacts may come in by one entry: at most `max` in each `per_ms`, in the order in which
// they became due; who became due at one instant, by the hash of the id.
struct Ramp {
  std::int64_t per_ms = 0;
  std::uint32_t max = 0;
};

// A way into a campaign.
struct Entry {
  enum class Kind : std::uint8_t { event, host, segment, date, schedule };
  enum class Change : std::uint8_t { enters, leaves };
  enum class Existing : std::uint8_t { ignore, enter };  // S34
  Kind kind = Kind::event;
  std::string event = {};  // of an event entry
  Expression when = {};    // may read `event` of an event entry
  Expression key = {};  // may read `event` of an event entry; absent at run time: missing_key (S27)
  // Of a segment entry: its name. Of a schedule: who is meant at each occurrence; empty: everybody.
  std::string segment = {};
  Change change = Change::enters;          // of a segment entry
  Existing existing = Existing::ignore;    // of a segment entry: who is in it at publication
  std::optional<Ramp> ramp = {};           // of a segment entry or a schedule
  Expression date = {};                    // of a date entry: a timestamp, an ISO text or a number
  bool yearly = false;                     // of a date entry; 29 February falls on the 28th (S11)
  Period offset = {};                      // of a date entry; may be negative
  std::string schedule = {};               // a cron line, an RFC 5545 rule or an ISO date
  std::string from = {};                   // of a schedule: the ISO date its rule counts from
  std::optional<std::int32_t> at_ms = {};  // of a date entry or a schedule; default 09:00
  std::string zone = {};                   // of a date entry or a schedule; empty: each contact's
  SourceLocation at = {};
  WordPlaces words = {};
};

// How many journeys a campaign may begin; more are `refused_entry`, reason `cap`.
struct EntryCap {
  std::optional<std::uint64_t> total = {};
  std::optional<std::uint64_t> day =
      {};  // by the calendar of the campaign's zone, or the workspace's
};

// One rule on every way in, for journeys that ended, per contact and key.
struct Reentry {
  enum class Kind : std::uint8_t { always, never, after };
  Kind kind = Kind::always;
  std::int64_t after_ms = 0;
  bool since_entry = false;  // else since the end
};

// For a journey of the same contact and key that is still in flight; tested before Reentry.
enum class WhileRunning : std::uint8_t { ignore, restart, another };

struct Goal {
  std::string name = {};
  std::optional<Trigger> trigger = {};  // empty: reached by a `goal` step only
  Expression when = {};                 // may read `event` if the trigger is an event
  Expression value = {};
  std::optional<std::int64_t> within_ms = {};  // from entry; keeps it open after the journey ended
  bool exits = false;
  SourceLocation at = {};
};

struct ExitRule {
  Trigger trigger = {};
  Expression when = {};
  SourceLocation at = {};
};

// A campaign pauses itself (mode `queue`) where of the newest `of` outcomes of one of its steps
// more than `failed` have failed or bounced.
struct Brake {
  static constexpr std::uint32_t of_max = 1000;
  std::uint32_t failed = 0;  // of ten thousand
  std::uint32_t of = 0;      // 1..of_max
};

// What one campaign may have at most. Fixed: journals keep a journey's goals as bits, and an entry
// as a byte.
inline constexpr std::size_t goals_max = 32;
inline constexpr std::size_t entries_max = 255;

// One version of a campaign, as its author wrote it: immutable once published, and data only.
// Conditions are source text. Made by load_workspace() (yaml.hpp) or CampaignBuilder; whether it is
// sound, check() says (campaign_check.hpp).
struct Campaign {
  std::string name = {};
  std::uint32_t version = 1;
  std::string topic = {};
  std::uint32_t priority = 50;  // 0..100, higher first (S0)
  std::string zone = {};        // empty: the workspace's
  std::string note = {};
  std::vector<Entry> entries = {};
  Reentry reentry = {};
  WhileRunning while_running = WhileRunning::ignore;
  EntryCap entry_cap = {};
  Holdout holdout = {};
  std::string exclusive = {};  // a group of the workspace's policy; empty: none
  std::optional<Brake> brake = {};
  std::vector<Goal> goals = {};
  std::vector<ExitRule> exits = {};
  Steps steps = {};
  SourceLocation at = {};
  WordPlaces words = {};
};

struct Channel {
  // Whether marketing needs the contact's word: `opt_in` sends only to those who granted it,
  // `opt_out` to all who have not denied it.
  enum class ConsentRule : std::uint8_t { none, opt_in, opt_out };
  // `pull`: the contact comes for its messages. It is present as long as `address` has a value; a
  // message waits for that.
  enum class Delivery : std::uint8_t { push, pull };
  std::string name = {};
  Expression address = {};  // a text, not empty: the contact can be reached
  ConsentRule consent = ConsentRule::none;
  double cost = 0;                        // of one message, in any one currency
  std::vector<std::string> devices = {};  // what it suits, for `prefer: device`; empty: any
  // Names of receipts that it has besides those of every channel, such as "connected".
  std::vector<std::string> receipts = {};
  Delivery delivery = Delivery::push;
  SourceLocation at = {};
};

// A named set of contacts: those for whom the condition is true. Entered and left at the input or
// the millisecond that changes it.
struct Segment {
  std::string name = {};
  Expression condition = {};  // sees `contact`, `now`, the history and other segments
  SourceLocation at = {};
};

// What an engine runs, beside its campaigns.
struct Workspace {
  std::string name = {};
  std::string zone = "UTC";
  std::vector<Channel> channels = {};
  std::vector<std::string> topics = {};    // empty: any
  std::vector<std::string> holidays = {};  // ISO dates on which nobody works, "2026-12-25"
  std::vector<Segment> segments = {};
  std::vector<Sender> senders = {};
  Policy policy = {};
  Schema schema = {};
  Retain retain = {};
  std::int64_t min_loop_wait_ms = 60'000;     // every cycle waits at least this long (S25)
  std::int64_t dedupe_ms = 7LL * 86'400'000;  // a message id is remembered this long (S4)
  std::string note = {};
  SourceLocation at = {};
  WordPlaces words = {};  // those of `limits` too
};

}  // namespace itinera
