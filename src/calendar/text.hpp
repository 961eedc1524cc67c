// SPDX-License-Identifier: Apache-2.0
// Times as people write them. Every error says what was expected and gives an example: "... is no
// duration: ...; write 1h30m".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "calendar/civil.hpp"
#include "calendar/cron.hpp"
#include "calendar/recurrence.hpp"
#include "itinera/result.hpp"
#include "itinera/time.hpp"
#include "itinera/value.hpp"

namespace itinera::calendar {

// The two parts of such an error: what is wrong, and what to do ("write 1h30m"), which may be
// empty.
struct Complaint {
  std::string_view problem;
  std::string_view remedy;
};
Complaint parts_of(std::string_view message);

// "1h30m", "7d", "2w" (format.md, Scalars: integers, units ms s m h d w, largest first) or ISO 8601
// ("P1M", "PT24H", "P1DT12H", fractions in the seconds only). A leading '-' only where `negative`
// allows it. In the short form d and w are calendar days (P1D, P7D).
Result<Period> parse_period(std::string_view text, bool negative = false);

// The same text as an exact length in milliseconds: 1d = 24 h, 1w = 168 h. Months and years are
// refused.
Result<std::int64_t> parse_elapsed(std::string_view text);

// RFC 3339 / ISO 8601 with an offset or Z: "2026-03-02T10:00:00+01:00"; fractions to the
// nanosecond. Years 1 to 9999.
Result<Timestamp> parse_timestamp(std::string_view text);
// The same, milliseconds (finer digits cut off).
Result<Instant> parse_instant(std::string_view text);

// An ISO date ("2026-03-02") or a wall time without offset ("2026-03-02T10:00", seconds optional).
struct LocalText {
  LocalTime local;
  bool date_only = false;
};
Result<LocalText> parse_local(std::string_view text);

// A bare ISO date, "2026-03-02".
Result<Date> parse_date(std::string_view text);

// "09:00" or "21:30:15" as milliseconds of the day.
Result<std::int32_t> parse_time_of_day(std::string_view text);

// "Mon-Fri", "Wed,Fri", "Sat-Mon" (wraps), English three-letter names in any case.
Result<Weekdays> parse_weekdays(std::string_view text);

// A time of day, or "24:00": where a window ends that lasts until midnight.
Result<std::int32_t> parse_end_of_window(std::string_view text);

// "14:00-16:00" or "Mon-Fri 09:00-17:00"; "00:00-24:00" is the whole day.
Result<Window> parse_window(std::string_view text);

// "FREQ=MONTHLY;BYDAY=-1FR": the parts that RecurrenceRule has, in any order and case. COUNT and
// INTERVAL at most 10,000, 64 entries a list. All other parts are refused by name.
Result<RecurrenceRule> parse_recurrence_rule(std::string_view text);

// "0 9 * * MON,WED": minute, hour, day of the month, month, weekday. Each is a *, or values and
// ranges with commas between them; a step (/15) after a * or a range. English three-letter names
// of months and weekdays in any case; Sunday is 0 and 7.
Result<Cron> parse_cron(std::string_view text);

// One of these two, told by the = that every rule has, or an ISO date ("2026-03-02").
Result<Recurrence> parse_recurrence(std::string_view text);

std::string to_text(const Period& period);  // canonical short form, ISO where months are in it
std::string to_text(LocalTime local);       // "2026-03-02T10:00:00"
std::string to_text(Date date);             // "2026-03-02"
std::string to_text(Weekdays days);         // "Mon-Fri", "Wed,Fri", "" for all
std::string to_text(const RecurrenceRule& rule);  // parts in the order of RFC 5545
std::string to_text(const Cron& cron);            // numbers instead of names
std::string to_text(const Recurrence& recurrence);
std::string to_text(const Window& window);  // "Mon-Fri 09:00-17:00", "09:00-17:00" of all days
std::string time_of_day_text(std::int32_t ms_of_day);  // "09:00"

// What `until` and `date` accept (format.md): a timestamp; a text, as parse_timestamp() or
// parse_local() (a bare date is `at_ms` of that day, in `zone`); a number (seconds below 1e11 in
// absolute value, else milliseconds). Empty: not a date.
std::optional<Instant> instant_of(const Value& value, const ZoneTable& zones, ZoneIndex zone,
                                  std::int32_t at_ms);

}  // namespace itinera::calendar
