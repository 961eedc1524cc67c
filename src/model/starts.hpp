// SPDX-License-Identifier: Apache-2.0
// Recurrences without a `from`: they count from the day on which somebody arrives, or a campaign is
// published.
#pragma once

#include "calendar/recurrence.hpp"

namespace itinera::model {

// Whether a rule that can come at all does so from any day. INTERVAL may keep to the weekday, or to
// the months, of some, while the rule names others: FREQ=DAILY;INTERVAL=7;BYDAY=MO never comes from
// a Tuesday.
inline bool comes_from_any_start(const calendar::Recurrence& recurrence) {
  using Frequency = calendar::RecurrenceRule::Frequency;
  const auto* const rule = std::get_if<calendar::RecurrenceRule>(&recurrence);
  if (rule == nullptr) return true;
  const bool daily = rule->frequency == Frequency::daily;
  if (!daily && rule->frequency != Frequency::monthly) return true;
  calendar::RecurrenceRule endless = *rule;
  endless.count = 0;
  endless.until.reset();
  endless.until_local.reset();
  for (unsigned i = 1; i <= (daily ? 7U : 12U); ++i) {
    const unsigned month = daily ? 1 : i;
    if (!calendar::ever_occurs(endless, calendar::date_of(2001, month, daily ? i : 1)))
      return false;
  }
  return true;
}

}  // namespace itinera::model
