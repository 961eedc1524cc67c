// SPDX-License-Identifier: Apache-2.0
// The format as data: which keys each mapping takes. The readers read by these tables, and what
// else is made of the format (its documentation, a schema for editors) can be made from them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace itinera::yaml {

// What stands behind a key.
enum class Expects : std::uint8_t {
  text,
  text_or_empty,
  condition,    // CEL
  boolean,      // true or false
  count,        // an integer, not negative
  counts,       // a list of them
  number,       // 0.04
  elapsed,      // an exact duration: 1d = 24 h
  period,       // a duration as people mean it: 1d = a calendar day
  percent,      // 5%, 2.5%
  time_of_day,  // "09:00"
  weekdays,     // Mon-Fri, or a list
  window,       // "14:00-16:00"
  instant,      // 2026-03-02T10:00:00+01:00
  choice,       // one of Field::choices
  data,         // a mapping of names to literals, or to CEL behind `=`
  literals,     // a mapping of names to literals
  names,        // a list of texts
  some_names,   // the same, or one text for a list of one
  list,
  mapping,
  any,  // what the reader of that key says
};

struct Field {
  std::string_view key;
  Expects expects = Expects::text;
  bool required = false;
  std::string_view later = {};  // not built yet, and this is what can be done instead
  std::span<const std::string_view> choices = {};
  std::string_view elsewhere = {};  // people write it here, and this is where it belongs
};

struct Table {
  std::string_view name;  // "a campaign", "a case of a branch"
  std::span<const Field> fields;
  // The key that tells a step, a line or an expectation what it is. Empty for other mappings.
  std::string_view kind = {};
  std::string_view later = {};  // a kind that is not built yet, and what can be done instead

  [[nodiscard]] const Field* find(std::string_view key) const;
};

// Both arrays, one behind the other.
template <class T, std::size_t M, std::size_t N>
constexpr std::array<T, M + N> join(const std::array<T, M>& a, const std::array<T, N>& b) {
  std::array<T, M + N> result{};
  for (std::size_t i = 0; i < M; ++i) result[i] = a[i];
  for (std::size_t i = 0; i < N; ++i) result[M + i] = b[i];
  return result;
}

extern const Table workspace_table;
extern const Table channel_table;
extern const Table limits_table;
extern const Table retain_table;
extern const Table schema_table;
extern const Table sender_table;
extern const Table quota_table;  // besides these keys it takes any operation
extern const Table warm_up_table;
extern const Table policy_table;
extern const Table quiet_hours_table;
extern const Table cap_table;
extern const Table brake_table;
extern const Table holdout_table;
extern const Table split_space_table;
extern const Table campaign_table;
extern const Table entry_cap_table;
extern const Table entry_table;
extern const Table ramp_table;
extern const Table goal_table;
extern const Table exit_table;
extern const Table wait_form_table;
extern const Table wait_case_table;
extern const Table audience_form_table;
extern const Table consent_form_table;
extern const Table retry_table;
extern const Table escalate_table;
extern const Table branch_case_table;
extern const Table strand_table;
extern const Table variant_table;

// One table a kind of step, told by `kind`.
std::span<const Table> step_tables();

// Of simulations.
extern const Table simulation_table;
extern const Table simulated_event_table;
extern const Table simulated_receipt_table;

// Of unit tests (format.md, Tests).
extern const Table test_table;
extern const Table contact_table;  // besides these keys it takes any attribute
extern const Table rejection_table;
extern const Table alias_table;
extern const Table suppress_table;
extern const Table merge_table;
extern const Table line_table;           // a line that feeds nothing
std::span<const Table> line_tables();    // one a kind of input, told by `kind`
std::span<const Table> expect_tables();  // one a kind of expectation, told by `kind`

}  // namespace itinera::yaml
