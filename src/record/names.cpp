// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <span>

#include "record/records.hpp"

namespace itinera::record {
namespace {

// Indexed by the enumeration's number. A number that no name stands for (a newer format's) has an
// empty one.
constexpr std::array<std::string_view, 66> decisions{"",
                                                     "entered",
                                                     "converted",
                                                     "finished",
                                                     "exited",
                                                     "refused_reentry",
                                                     "refused_entry",
                                                     "missing_key",
                                                     "duplicate",
                                                     "skipped_when",
                                                     "no_address",
                                                     "withdrawn_exit",
                                                     "assigned",
                                                     "waited",
                                                     "resolved",
                                                     "branched",
                                                     "emitted",
                                                     "closed",
                                                     "chain_limit",
                                                     "set_off",
                                                     "redefined",
                                                     "resolved_zone",
                                                     "followed",
                                                     "reset",
                                                     "forked",
                                                     "joined",
                                                     "left_behind",
                                                     "gathered",
                                                     "retried",
                                                     "suppressed",
                                                     "no_consent",
                                                     "held_quiet_hours",
                                                     "held_cap",
                                                     "skipped_cap",
                                                     "skipped_holdout",
                                                     "expired",
                                                     "withdrawn_consent",
                                                     "reported_late",
                                                     "held_exclusive",
                                                     "released",
                                                     "chose_channel",
                                                     "not_preferred",
                                                     "escalated",
                                                     "held_quota",
                                                     "held_hours",
                                                     "held_pace",
                                                     "account_given",
                                                     "rested",
                                                     "held_line",
                                                     "set_aside",
                                                     "lingers",
                                                     "gave_up",
                                                     "held_presence",
                                                     "refused_link",
                                                     "refused_account",
                                                     "refused_paused",
                                                     "held_paused",
                                                     "stalled",
                                                     "resumed",
                                                     "braked",
                                                     "not_assigned",
                                                     "reassigned",
                                                     "taken_over",
                                                     "unknown_outcome",
                                                     "migrated",
                                                     "recomputed"};

constexpr std::array<std::string_view, 44> reasons{"",
                                                   "exit",
                                                   "goal",
                                                   "stopped",
                                                   "replaced",
                                                   "loop_limit",
                                                   "chain_limit",
                                                   "missing_date",
                                                   "past_date",
                                                   "while_running",
                                                   "never",
                                                   "too_soon",
                                                   "same_input",
                                                   "unknown",
                                                   "limit",
                                                   "timeout",
                                                   "case",
                                                   "else",
                                                   "past",
                                                   "written",
                                                   "variables_limit",
                                                   "cap",
                                                   "joined",
                                                   "full",
                                                   "denied",
                                                   "unsubscribed",
                                                   "bounced",
                                                   "complained",
                                                   "listed",
                                                   "skipped",
                                                   "expired",
                                                   "failed",
                                                   "quiet_hours",
                                                   "holdout",
                                                   "exclusive",
                                                   "quota",
                                                   "absent",
                                                   "merged",
                                                   "forgotten",
                                                   "paused",
                                                   "coverage",
                                                   "namespace",
                                                   "unknown_step",
                                                   "removed"};

constexpr std::array<std::string_view, 10> counters{"",
                                                    "unknown_condition",
                                                    "occurred_clamped",
                                                    "invalid_zone",
                                                    "relinked",
                                                    "history_dropped",
                                                    "dedupe_dropped",
                                                    "missing_datum",
                                                    "unmatched_receipt",
                                                    "asides_full"};

std::string_view at(std::span<const std::string_view> names, std::size_t index) {
  return index < names.size() ? names[index] : std::string_view{};
}

}  // namespace

std::string_view name_of(Decision decision) {
  return at(decisions, static_cast<std::size_t>(decision));
}
std::string_view name_of(Reason reason) { return at(reasons, static_cast<std::size_t>(reason)); }
std::string_view name_of(Counter counter) {
  return at(counters, static_cast<std::size_t>(counter));
}

}  // namespace itinera::record
