// SPDX-License-Identifier: Apache-2.0
// CEL's timestamps and durations: their texts, their ranges, their parts in a zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/zone_table.hpp"
#include "expr/functions.hpp"
#include "itinera/value.hpp"

namespace itinera::expr {

// Carries whole seconds out of `nanos` (any value). Empty outside the years 1 to 9999.
std::optional<Timestamp> make_timestamp(std::int64_t seconds, std::int64_t nanos);

// The same for a duration, which must be shorter than the whole range of timestamps.
std::optional<TimeSpan> make_time_span(std::int64_t seconds, std::int64_t nanos);

// RFC 3339: "2009-02-13T23:31:30Z", with up to nine digits of a fraction and any offset.
std::optional<Timestamp> timestamp_of(std::string_view text);

// "1h30m", "-2.5s": numbers with units h, m, s, ms, us, ns; "0" alone is allowed.
std::optional<TimeSpan> time_span_of(std::string_view text);

// The window of a history function in elapsed milliseconds: "90d", "1w2d" (units w d h m s ms,
// largest first) or ISO 8601 without years and months, "P1DT12H". Empty for anything else, zero
// included.
std::optional<std::int64_t> window_ms_of(std::string_view text);

// A table that knows no zone but UTC.
const ZoneTable& utc_only();

// A part of `t` (get_full_year ... get_milliseconds) on the clock of `zone`: a name of `zones`,
// or an offset such as "+02:00" or "-09:30". Empty if there is no such zone.
std::optional<std::int64_t> part_of(Function part, const Timestamp& t, std::string_view zone,
                                    const ZoneTable& zones);

// get_hours, get_minutes, get_seconds: the whole duration in that unit; get_milliseconds: those
// after the whole seconds.
std::int64_t part_of(Function part, const TimeSpan& d);

}  // namespace itinera::expr
