// SPDX-License-Identifier: Apache-2.0
// The step that waits for a time.
//
// Enumerators and the alternatives of variants are on disk by number (docs/durability.md, The
// model): never reorder or remove one; add at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "itinera/period.hpp"
#include "itinera/trigger.hpp"

namespace itinera {

// Waits for a time. Exactly one form.
struct Wait {
  struct For {
    Period period;
  };  // wait: 1h
  struct Until {
    Expression instant;
    bool follow = false;  // S13: evaluated anew when what it reads may have changed
  };  // else once, on arrival
  struct TimeOfDay {
    std::int32_t ms_of_day = 0;
    Weekdays days = {};
  };
  struct Inside {
    Window window;
  };  // go on at once if inside
  // The nth working date after today's, at the same time of day, or `at`. 0: today if it is one,
  // else the next. Worked on are the `days` that are no holidays of the workspace.
  struct BusinessDays {
    std::uint32_t count = 1;
    Weekdays days = {.bits = 0x1F};  // Monday to Friday
  };
  // The next occurrence of a rule: a cron line, a rule of RFC 5545, or one date (docs/time.md,
  // Recurrences). Of the latter two `at` is the time of day.
  struct Recurrence {
    std::string rule = {};
    std::string from = {};  // an ISO date, the rule's anchor; empty: the date of arrival
  };
  enum class Anchor : std::uint8_t { step, last_emitted, entry };           // S20; of For only
  enum class IfPast : std::uint8_t { automatic, go_on, next, skip, exit };  // S6
  enum class OnMissing : std::uint8_t { exit, go_on, skip };                // S7; of Until only

  std::variant<For, Until, TimeOfDay, Inside, BusinessDays, Recurrence> form = {};
  Period offset = {};                      // of Until; may be negative
  std::string zone = {};                   // empty: the contact's (S12)
  std::optional<std::int32_t> at_ms = {};  // the time of a date that has none; default 00:00
  // Durations and dates go on; times of day, business days and recurrences take the next.
  IfPast if_past = IfPast::automatic;
  OnMissing on_missing = OnMissing::exit;
  Anchor anchor = Anchor::step;
};

}  // namespace itinera
