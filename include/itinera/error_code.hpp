// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace itinera {

// Every way in which a file, a call or a journal can be wrong. docs/errors.md describes each one;
// a test holds that page against this list. Names never change; new ones are added at the end.
enum class ErrorCode : std::uint8_t {
  // Files (diagnostics with a place).
  yaml_syntax,        // not YAML at all
  yaml_feature,       // tags, anchors, aliases, and other YAML that the format does not use
  unknown_key,        // a key the format does not know
  duplicate_key,      // a key written twice in one mapping
  missing_key,        // a key that must be there
  wrong_type,         // a scalar where a mapping is needed, and the like
  bad_value,          // the right type, but no such value: a duration, a weekday, a number
  not_supported_yet,  // part of the format, not yet built
  too_large,          // a bound of Limits: depth, length, count
  duplicate_name,     // two campaigns, steps, goals or variants of one name
  unknown_name,       // a step, channel, goal, topic or campaign that does not exist
  // Conditions.
  condition_syntax,   // not CEL
  condition_type,     // CEL, but its types cannot fit
  condition_unknown,  // a name or function no condition knows
  condition_quoting,  // CEL that YAML has eaten: `!x`, ` #`, `: `, a leading quote or bracket
  time_not_solvable,  // a wait, exit or goal condition whose moment of change cannot be solved
  // Graphs.
  unreachable_step,    // (warning) no way leads to this step
  endless_cycle,       // a cycle without a wait of at least limits.min_loop_wait
  impossible_receipt,  // awaits a receipt of a step that cannot have run before
  dead_branch,         // a case after one that is always true
  bad_weights,         // weights that do not fit a split
  suspicious,          // (warning) legal, and probably not meant
  // Calls.
  invalid_argument,  // a call that can never be right
  unknown_campaign,
  unknown_contact,
  unknown_step,
  conflict,       // a repeated message id with other content
  limit_reached,  // a bound of Limits, reached by an input
  busy,           // an instant is unfinished: advance first
  // Journals and files of the host.
  damaged_journal,      // bytes that no engine has written, in the middle of a journal
  unsupported_version,  // a journal or model of a newer format
  io_failed,            // the operating system said no
  bad_input_line,       // a line of NDJSON that is no message
  test_failed,          // a unit test of a campaign found a difference
  damaged_token,        // a text that no engine has given out as a resume token
  fenced,               // another owner has taken the store over
  unknown_action,       // a report, to be refused then, of an action of which nothing is known
};

// All codes in the order of the enumeration.
std::span<const ErrorCode> all_error_codes();

// The name as in the enumeration: `name_of(ErrorCode::conflict) == "conflict"`.
std::string_view name_of(ErrorCode code);

}  // namespace itinera
