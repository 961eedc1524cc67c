// SPDX-License-Identifier: Apache-2.0
// What holds for any instant, zone, period and text.
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <utility>

#include "calendar/text.hpp"
#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

Instant any_instant() {
  return {*rc::gen::inRange<std::int64_t>(earliest_instant.ms, latest_instant.ms + 1)};
}
// Where zones change their clocks.
Instant modern_instant() {
  return {*rc::gen::inRange<std::int64_t>(at("1900-01-01T00:00:00Z").ms,
                                          at("2101-01-01T00:00:00Z").ms)};
}
ZoneIndex any_zone() {
  return static_cast<ZoneIndex>(*rc::gen::inRange<std::size_t>(0, system_zones().size()));
}
// Within a day and a half of one of the zone's changes.
Instant near_a_change(ZoneIndex where) {
  const auto changes = system_zones().transitions(where);
  const Instant change = changes[*rc::gen::inRange<std::size_t>(0, changes.size())].from;
  const std::int64_t reach = 36 * hour_ms;
  return std::max(change, at("1900-01-03T00:00:00Z")) + *rc::gen::inRange(-reach, reach);
}
Window any_window() {
  const auto from = *rc::gen::inRange<std::int32_t>(0, 24 * 60) * 60'000;
  const auto length = *rc::gen::inRange<std::int32_t>(1, 24 * 60) * 60'000;
  const auto bits = *rc::gen::inRange<std::uint8_t>(1, 128);
  return {from, static_cast<std::int32_t>((from + length) % day_ms), Weekdays{bits}};
}

}  // namespace

TEST_CASE("The wall time of an instant leads back to it", "[calendar][property]") {
  CHECK(rc::check("instant -> local -> instant", [] {
    const ZoneIndex where = any_zone();
    const Instant t = *rc::gen::arbitrary<bool>() ? near_a_change(where) : modern_instant();
    const Resolved resolved = resolve(system_zones(), where, to_local(system_zones(), where, t));
    RC_ASSERT(resolved.kind != Resolved::Kind::gap);
    RC_ASSERT(resolved.earlier <= t && t <= resolved.later);
    if (resolved.kind == Resolved::Kind::normal) RC_ASSERT(resolved.earlier == t);
    for (const Instant at : {resolved.earlier, resolved.later}) {
      RC_ASSERT(to_local(system_zones(), where, at) == to_local(system_zones(), where, t));
    }
  }));
}

TEST_CASE("A later wall time is never an earlier instant", "[calendar][property][S8][S9]") {
  CHECK(rc::check("to_instant is monotone", [] {
    const ZoneIndex where = any_zone();
    const LocalTime a = to_local(system_zones(), where, near_a_change(where));
    const LocalTime b = to_local(system_zones(), where, near_a_change(where));
    const LocalTime c{a.date, *rc::gen::inRange<std::int32_t>(0, 86'400'000)};
    for (const auto& [x, y] : {std::pair{a, b}, std::pair{a, c}}) {
      const Instant low = to_instant(system_zones(), where, std::min(x, y));
      RC_ASSERT(low <= to_instant(system_zones(), where, std::max(x, y)));
    }
  }));
}

TEST_CASE("A period forward never leads back", "[calendar][property]") {
  CHECK(rc::check("add moves on", [] {
    const ZoneIndex where = any_zone();
    const Instant t = near_a_change(where);
    // A day is longer than any clock change but the skipped days of the Pacific.
    const Period forward{*rc::gen::inRange<std::int32_t>(0, 30),
                         *rc::gen::inRange<std::int32_t>(2, 400),
                         *rc::gen::inRange<std::int64_t>(0, day_ms)};
    RC_ASSERT(add(system_zones(), where, t, forward) > t);
    const Period back{-forward.months, -forward.days, -forward.ms};
    RC_ASSERT(add(system_zones(), where, t, back) < t);
    const Period exact{0, 0, forward.ms};
    RC_ASSERT(add(system_zones(), where, t, exact) - t == forward.ms);
  }));
}

TEST_CASE("The next time of day is the first of them", "[calendar][property][S8][S9]") {
  CHECK(rc::check("next_local_time", [] {
    const ZoneIndex where = any_zone();
    const Instant t = near_a_change(where);
    const auto time = *rc::gen::inRange<std::int32_t>(0, 86'400'000);
    const Weekdays days{*rc::gen::inRange<std::uint8_t>(1, 128)};
    const auto next = next_local_time(system_zones(), where, t, time, days);
    RC_ASSERT(next.has_value() && *next > t);
    RC_ASSERT(next_local_time(system_zones(), where, *next, time, days, true) == next);
    // None lies between: whoever asks on the way gets the same answer.
    const Instant between = t + *rc::gen::inRange<std::int64_t>(0, *next - t);
    RC_ASSERT(next_local_time(system_zones(), where, between, time, days) == next);
  }));
}

TEST_CASE("A window's next instant is inside, and none before it is", "[calendar][property][S14]") {
  CHECK(rc::check("next_in_window", [] {
    const ZoneIndex where = any_zone();
    const Instant t = near_a_change(where);
    const Window window = any_window();
    const auto next = next_in_window(system_zones(), where, t, window);
    RC_ASSERT(next.has_value() && *next >= t);
    RC_ASSERT(inside(system_zones(), where, *next, window));
    RC_ASSERT(inside(system_zones(), where, t, window) == (*next == t));
    if (*next == t) return;
    RC_ASSERT(!inside(system_zones(), where, *next - 1, window));
    const Instant between = t + *rc::gen::inRange<std::int64_t>(0, *next - t);
    RC_ASSERT(!inside(system_zones(), where, between, window));
  }));
}

TEST_CASE("What is written reads back equal", "[calendar][property]") {
  CHECK(rc::check("instants", [] {
    const Instant t = any_instant();
    RC_ASSERT(parse_instant(to_text(t)).value() == t);
  }));
  CHECK(rc::check("wall times", [] {
    const LocalTime wall = to_local(system_zones(), ZoneIndex::utc, any_instant());
    RC_ASSERT(parse_local(to_text(wall)).value().local == wall);
    RC_ASSERT(parse_local(to_text(wall.date)).value().local.date == wall.date);
    RC_ASSERT(parse_time_of_day(time_of_day_text(wall.ms_of_day)).value() == wall.ms_of_day);
  }));
  CHECK(rc::check("periods", [] {
    const int sign = *rc::gen::element(-1, 1);
    const Period period{sign * *rc::gen::inRange<std::int32_t>(0, 120'000),
                        sign * *rc::gen::inRange<std::int32_t>(0, 3'000'000),
                        sign * *rc::gen::inRange<std::int64_t>(0, 3'000'000 * day_ms)};
    RC_ASSERT(parse_period(to_text(period), true).value() == period);
    const Period days_only{0, period.days, 0};
    RC_ASSERT(parse_period(to_text(days_only), true).value() == days_only);
  }));
  for (unsigned bits = 1; bits < 127; ++bits) {
    const Weekdays days{static_cast<std::uint8_t>(bits)};
    CHECK(parse_weekdays(to_text(days)).value() == days);
  }
}

TEST_CASE("No text is too wild to be read or refused", "[calendar][property][hostile]") {
  CHECK(rc::check("any text", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::oneOf(rc::gen::elementOf(std::string("0123456789PYMWDTHS-:+.,Zwdhms /MonFri*")),
                       rc::gen::arbitrary<char>()));
    (void)parse_period(text, true);
    (void)parse_elapsed(text);
    (void)parse_timestamp(text);
    (void)parse_local(text);
    (void)parse_time_of_day(text);
    (void)parse_weekdays(text);
    (void)parse_window(text);
    (void)parse_recurrence(text);
    (void)parse_recurrence_rule("FREQ=MONTHLY;UNTIL=" + text);
    (void)parse_recurrence_rule("FREQ=MONTHLY;BYDAY=" + text);
    (void)parse_cron("0 9 * * " + text);
    (void)instant_of(Value(text), system_zones(), ZoneIndex::utc, 0);
  }));
  CHECK(rc::check("any number", [] {
    (void)instant_of(Value(*rc::gen::arbitrary<std::int64_t>()), system_zones(), ZoneIndex::utc, 0);
    (void)instant_of(Value(*rc::gen::arbitrary<double>()), system_zones(), ZoneIndex::utc, 0);
  }));
}

}  // namespace itinera::calendar
