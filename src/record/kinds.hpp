// SPDX-License-Identifier: Apache-2.0
// The numbers of the journal: kinds of frames and records, and the names of what was decided. All
// are on disk: never renumber, add at the end.
#pragma once

#include <cstdint>
#include <string_view>

namespace itinera::record {

inline constexpr std::uint32_t no_place = 0xFFFF'FFFF;
inline constexpr std::uint16_t no_case = 0xFFFF;

// What a frame was written for. The list is complete from the start, so that a reader of any
// version can name what it meets.
enum class InputKind : std::uint8_t {
  opened = 1,  // a new journal: format, library, zone data
  event = 2,
  identify = 3,
  alias = 4,
  report = 5,
  enter = 6,  // the host enrols a contact
  stop = 7,   // the host ends a journey
  publish = 8,
  taken = 9,       // actions were handed to the host
  timers = 10,     // one due instant, or a part of a large one
  gates = 11,      // the sends that a large instant made ready
  zone_data = 12,  // other zone data at opening
  pause = 13,
  resume = 14,
  migrate = 15,
  merge = 16,
  forget = 17,
  move = 18,         // an operator moves a journey
  reoffer = 19,      // what was taken and not reported is offered again
  group = 20,        // membership of an account
  request = 21,      // shard to shard: a slot of a shared resource is asked for
  grant = 22,        // and given
  suppress = 23,     // the host closes an address, or opens it again
  reassign = 24,     // a task goes to somebody else
  take_over = 25,    // a journey that another system began goes on here
  acknowledge = 26,  // what was taken is the host's for good
  heard = 27,        // shard to shard: reports come, and what one has said of an address
  depart = 28,       // shard to shard: a contact goes there
  come = 29,         // and is here from then on
};

enum class RecordKind : std::uint8_t {
  contact_created = 1,
  linked = 2,
  attribute_set = 3,
  remembered = 4,
  history_marked = 5,
  entered = 6,
  refused = 7,
  visited = 8,
  waited = 9,
  resolved = 10,
  branched = 11,
  assigned = 12,
  variable_set = 13,
  ready = 14,
  emitted = 15,
  skipped = 16,
  receipt_noted = 17,
  converted = 18,
  ended = 19,
  closed = 20,
  withdrawn = 21,
  duplicate = 22,
  counted = 23,
  receipt_kept = 24,
  receipt_used = 25,
  event_used = 26,
  set_off = 27,
  caused = 28,
  watched = 29,
  watched_all = 30,
  membership_changed = 31,
  redefined = 32,
  queued = 33,
  released = 34,
  requeued = 35,
  scheduled = 36,
  cap_day = 37,
  rearmed = 38,
  consent_set = 39,
  forked = 40,
  joined = 41,
  gathered = 42,
  retried = 43,
  traced = 44,
  held = 45,
  suppressed = 46,
  late_receipt = 47,
  recalled = 48,
  parked = 49,
  chose = 50,
  escalated = 51,
  account_given = 52,
  served = 53,
  rested = 54,
  passed_over = 60,
  set_aside = 61,
  aside_done = 62,
  lingered = 63,
  gave_up = 64,
  merged = 65,
  forgotten = 66,
  grouped = 67,
  stalled = 68,
  unstalled = 69,
  braked = 70,
  reassigned = 71,
  taken_over = 72,
  verified = 73,
  unknown_outcome = 74,
  remapped = 75,
  migrated = 76,
  zone_known = 77,
  chained = 78,
  departed = 79,
  contact_came = 80,
  row_came = 81,
  journey_came = 82,
  action_came = 83,
  context_came = 84,
  open_came = 85,
  sent_came = 86,
  out_came = 87,
  begun_came = 88,
};

// The name of an outcome, as people and tests use it (format.md, decisions). docs/reasons.md lists
// them; a test holds that page against this list.
enum class Decision : std::uint8_t {
  entered = 1,
  converted = 2,
  finished = 3,
  exited = 4,
  refused_reentry = 5,
  refused_entry = 6,
  missing_key = 7,
  duplicate = 8,
  skipped_when = 9,
  no_address = 10,
  withdrawn_exit = 11,
  assigned = 12,
  waited = 13,
  resolved = 14,
  branched = 15,
  emitted = 16,
  closed = 17,
  chain_limit = 18,
  set_off = 19,
  redefined = 20,
  resolved_zone = 21,
  followed = 22,
  reset = 23,
  forked = 24,
  joined = 25,
  left_behind = 26,
  gathered = 27,
  retried = 28,
  suppressed = 29,
  no_consent = 30,
  held_quiet_hours = 31,
  held_cap = 32,
  skipped_cap = 33,
  skipped_holdout = 34,
  expired = 35,
  withdrawn_consent = 36,
  reported_late = 37,
  held_exclusive = 38,
  released = 39,
  chose_channel = 40,
  not_preferred = 41,
  escalated = 42,
  held_quota = 43,
  held_hours = 44,
  held_pace = 45,
  account_given = 46,
  rested = 47,
  held_line = 48,
  set_aside = 49,
  lingers = 50,
  gave_up = 51,
  held_presence = 52,
  refused_link = 53,
  refused_account = 54,
  refused_paused = 55,
  held_paused = 56,
  stalled = 57,
  resumed = 58,
  braked = 59,
  not_assigned = 60,
  reassigned = 61,
  taken_over = 62,
  unknown_outcome = 63,
  migrated = 64,
  recomputed = 65,
};
std::string_view name_of(Decision decision);

enum class Reason : std::uint8_t {
  none = 0,
  exit = 1,
  goal = 2,
  stopped = 3,
  replaced = 4,
  loop_limit = 5,
  chain_limit = 6,
  missing_date = 7,
  past_date = 8,
  while_running = 9,
  never = 10,
  too_soon = 11,
  same_input = 12,
  unknown = 13,
  limit = 14,
  timeout = 15,
  first_case = 16,
  otherwise = 17,
  past = 18,
  written = 19,
  variables_limit = 20,
  cap = 21,
  joined = 22,
  full = 23,
  denied = 24,
  unsubscribed = 25,
  bounced = 26,
  complained = 27,
  listed = 28,
  skipped = 29,
  expired = 30,
  failed = 31,
  quiet_hours = 32,
  holdout = 33,
  exclusive = 34,
  quota = 35,
  absent = 36,
  merged = 37,
  forgotten = 38,
  paused = 39,
  coverage = 40,
  other_space = 41,
  unknown_step = 42,
  removed = 43,
};
std::string_view name_of(Reason reason);

// Things that are counted rather than told one by one.
enum class Counter : std::uint8_t {
  unknown_condition = 1,  // a condition that was neither true nor false
  occurred_clamped = 2,   // an occurred too far ahead of received
  invalid_zone = 3,       // a zone id that the zone data do not know
  relinked = 4,           // an anonymous id that two contacts lay claim to
  history_dropped = 5,    // an old event that a bound of the history pushed out
  dedupe_dropped = 6,     // a message id forgotten before its time, for want of room
  missing_datum = 7,      // a datum of an action or a `set` whose expression had no value
  unmatched_receipt = 8,  // a report of an action whose journey is gone, or that never was
  asides_full = 9,        // a send that would step aside, of a journey that has too many aside
};
std::string_view name_of(Counter counter);

}  // namespace itinera::record
