// SPDX-License-Identifier: Apache-2.0
#include "calendar/recurrence.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <ctime>
#include <string>

#include "calendar/text.hpp"
#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {
namespace {

RecurrenceRule rule(std::string_view text) {
  INFO(text);
  const auto parsed = parse_recurrence_rule(text);
  if (!parsed) FAIL(parsed.error().message);
  return *parsed;
}

// The first `size` occurrences from `start` on, with blanks between; "never" after the last one.
std::string occurrences(std::string_view text, std::string_view start, int size,
                        std::string_view where = "UTC") {
  const LocalTime from = local(start);
  std::string out;
  Instant t = to_instant(system_zones(), zone(where), from) - 1;
  for (int i = 0; i < size; ++i) {
    const auto next = next_occurrence(system_zones(), zone(where), t, rule(text), from);
    out += out.empty() ? "" : " ";
    if (!next) return out + "never";
    REQUIRE(*next > t);
    out += to_text(*next);
    t = *next;
  }
  return out;
}

// The same, dates only.
std::string dates(std::string_view text, std::string_view start, int size) {
  const std::string all = occurrences(text, start, size);
  std::string out;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find(' ', at), all.size());
    if (!out.empty()) out += ' ';
    out += all.substr(at, std::min<std::size_t>(10, end - at));
    at = end + 1;
  }
  return out;
}

std::string refusal(std::string_view text) {
  INFO(text);
  const auto parsed = parse_recurrence_rule(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == ErrorCode::bad_value);
  CHECK(parsed.error().message.find("; write FREQ=") != std::string::npos);
  CHECK(parsed.error().message.size() < 300);
  return parsed.error().message;
}

bool refuses(std::string_view text, std::string_view part) {
  const std::string message = refusal(text);
  INFO(message);
  CHECK(message.find(part) != std::string::npos);
  return true;
}

}  // namespace

TEST_CASE("What a rule leaves open it has from its anchor", "[calendar][recurrence]") {
  CHECK(dates("FREQ=DAILY", "2026-03-02", 2) == "2026-03-02 2026-03-03");
  CHECK(dates("FREQ=WEEKLY", "2026-03-02", 2) == "2026-03-02 2026-03-09");
  CHECK(dates("FREQ=MONTHLY", "2026-03-02", 2) == "2026-03-02 2026-04-02");
  CHECK(dates("FREQ=YEARLY", "2026-03-02", 2) == "2026-03-02 2027-03-02");
  CHECK(dates("FREQ=YEARLY;BYMONTH=6", "2026-03-02", 2) == "2026-06-02 2027-06-02");
}

TEST_CASE("The anchor itself occurs only where the rule says so", "[calendar][recurrence]") {
  CHECK(dates("FREQ=WEEKLY;BYDAY=WE;COUNT=2", "2026-03-02", 3) == "2026-03-04 2026-03-11 never");
  CHECK(dates("FREQ=MONTHLY;BYDAY=-1FR", "2026-03-31", 2) == "2026-04-24 2026-05-29");
}

TEST_CASE("A day that a month lacks is left out, and the anchor day stays",
          "[calendar][recurrence][S11]") {
  CHECK(dates("FREQ=MONTHLY", "2026-01-31", 4) == "2026-01-31 2026-03-31 2026-05-31 2026-07-31");
  CHECK(dates("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", 3) == "2026-01-31 2026-02-28 2026-03-31");
  CHECK(dates("FREQ=YEARLY", "2096-02-29", 3) == "2096-02-29 2104-02-29 2108-02-29");
}

TEST_CASE("INTERVAL counts from the anchor's period, weeks from WKST", "[calendar][recurrence]") {
  CHECK(dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU", "1997-08-05", 3) ==
        "1997-08-05 1997-08-10 1997-08-19");
  CHECK(dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "1997-08-05", 3) ==
        "1997-08-05 1997-08-17 1997-08-19");
  CHECK(dates("FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10", "1997-09-10", 3) ==
        "1997-09-10 1999-03-10 2000-09-10");
}

TEST_CASE("COUNT counts from the anchor, UNTIL is still in", "[calendar][recurrence]") {
  CHECK(dates("FREQ=DAILY;COUNT=2", "2026-03-02", 3) == "2026-03-02 2026-03-03 never");
  CHECK(dates("FREQ=DAILY;UNTIL=20260303", "2026-03-02T23:00", 3) == "2026-03-02 2026-03-03 never");
  CHECK(dates("FREQ=DAILY;UNTIL=20260303T090000", "2026-03-02T09:00", 3) ==
        "2026-03-02 2026-03-03 never");
  CHECK(dates("FREQ=DAILY;UNTIL=20260303T085959", "2026-03-02T09:00", 3) == "2026-03-02 never");
  // 09:00 in Tokyo is midnight in UTC.
  CHECK(occurrences("FREQ=DAILY;UNTIL=20260303T000000Z", "2026-03-02T09:00", 3, "Asia/Tokyo") ==
        "2026-03-02T00:00:00Z 2026-03-03T00:00:00Z never");
}

TEST_CASE("Who asks in the middle gets what is next", "[calendar][recurrence]") {
  const LocalTime start = local("2026-03-02T09:00");
  const auto next = [&](std::string_view text, std::string_view t, bool inclusive = false,
                        std::optional<Date> after = std::nullopt) {
    const auto found =
        next_occurrence(system_zones(), ZoneIndex::utc, at(t), rule(text), start, inclusive, after);
    return found ? to_text(*found) : "never";
  };
  CHECK(next("FREQ=DAILY", "1999-01-01T00:00:00Z") == "2026-03-02T09:00:00Z");
  CHECK(next("FREQ=DAILY", "2026-03-05T09:00:00Z") == "2026-03-06T09:00:00Z");
  CHECK(next("FREQ=DAILY", "2026-03-05T09:00:00Z", true) == "2026-03-05T09:00:00Z");
  CHECK(next("FREQ=DAILY", "2026-03-05T08:00:00Z", false, local("2026-03-05").date) ==
        "2026-03-06T09:00:00Z");
  CHECK(next("FREQ=DAILY;COUNT=3", "2026-03-04T08:59:59Z") == "2026-03-04T09:00:00Z");
  CHECK(next("FREQ=DAILY;COUNT=3", "2026-03-04T09:00:00Z") == "never");
  CHECK(next("FREQ=YEARLY;INTERVAL=3", "2500-01-01T00:00:00Z") == "2500-03-02T09:00:00Z");
}

TEST_CASE("A recurrence in a gap comes when it ends, in an overlap once",
          "[calendar][recurrence][S8][S9]") {
  CHECK(occurrences("FREQ=DAILY", "2026-03-28T02:30", 3, "Europe/Berlin") ==
        "2026-03-28T01:30:00Z 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  CHECK(occurrences("FREQ=DAILY", "2026-10-24T02:30", 3, "Europe/Berlin") ==
        "2026-10-24T00:30:00Z 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
  // Weekdays are those of the local date: Monday in Auckland is Sunday in UTC.
  CHECK(occurrences("FREQ=WEEKLY;BYDAY=MO", "2026-06-01T09:00", 1, "Pacific/Auckland") ==
        "2026-05-31T21:00:00Z");
  const auto gap_end = at("2026-03-29T01:00:00Z");
  CHECK(next_occurrence(system_zones(), zone("Europe/Berlin"), gap_end, rule("FREQ=DAILY"),
                        local("2026-03-28T02:30"), true) == gap_end);
}

TEST_CASE("A rule that never occurs is known to, soon", "[calendar][recurrence][hostile]") {
  for (const char* text :
       {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;COUNT=10000;BYMONTHDAY=-31;BYMONTH=4"}) {
    INFO(text);
    // Anchored on a Monday in February.
    CHECK(dates(text, "2026-02-02", 1) == "never");
  }
  CHECK(dates("FREQ=YEARLY;INTERVAL=10000", "2026-03-02", 2) == "2026-03-02 never");
  CHECK(dates("FREQ=DAILY", "9999-12-31", 2) == "9999-12-31 never");
  // Rare, and not never: 29 February on a Monday, in every fourth year.
  CHECK(dates("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2026-03-02", 2) ==
        "2044-02-29 2072-02-29");
}

TEST_CASE("A rule that cannot come from its start is known to without a search",
          "[calendar][recurrence][hostile]") {
  // From a Monday in February. By processor time: a search through four centuries would take
  // thousands of times as long.
  const std::clock_t begin = std::clock();
  for (const char* text : {"FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=DAILY;INTERVAL=7000;BYDAY=TU",
                           "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3"}) {
    const RecurrenceRule asked = rule(text);
    for (int i = 0; i < 1'000; ++i) {
      REQUIRE_FALSE(next_occurrence(system_zones(), ZoneIndex::utc, at("2026-02-02T00:00:00Z"),
                                    asked, local("2026-02-02T00:00"))
                        .has_value());
    }
  }
  CHECK(std::clock() - begin < CLOCKS_PER_SEC);
}

TEST_CASE("A rule that a host made up is bounded too", "[calendar][recurrence][hostile]") {
  RecurrenceRule wild;
  wild.interval = 0;
  wild.months = {0, 13, -5, 99};
  wild.days = {{99, 99}};
  wild.positions = {0};
  CHECK_FALSE(next_occurrence(system_zones(), ZoneIndex::utc, {0}, wild, {}).has_value());
}

TEST_CASE("Texts of rules: any order and case, canonical back", "[calendar][recurrence][text]") {
  const auto canonical = [](std::string_view text) { return to_text(rule(text)); };
  CHECK(canonical("freq=weekly;byday=we,MO,+mo;") == "FREQ=WEEKLY;BYDAY=MO,WE");
  CHECK(canonical("BYSETPOS=-1;BYDAY=FR,MO;WKST=SU;INTERVAL=2;FREQ=MONTHLY;COUNT=7") ==
        "FREQ=MONTHLY;INTERVAL=2;COUNT=7;BYDAY=MO,FR;BYSETPOS=-1;WKST=SU");
  CHECK(canonical("FREQ=YEARLY;BYDAY=-1FR,20MO;BYMONTHDAY=-3,2") ==
        "FREQ=YEARLY;BYMONTHDAY=-3,2;BYDAY=-1FR,20MO");
  for (const char* text : {"FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231T180000",
                           "FREQ=DAILY;UNTIL=20261231T180000Z", "FREQ=YEARLY;BYMONTH=1,12"}) {
    CHECK(canonical(text) == text);
  }
}

TEST_CASE("What the subset lacks is refused by name, with a hint", "[calendar][recurrence][text]") {
  CHECK(refuses("FREQ=DAILY;BYHOUR=9", "BYHOUR is not taken: the time of day stands beside"));
  CHECK(refuses("FREQ=YEARLY;BYYEARDAY=100", "BYYEARDAY is not taken: name the days by BYMONTH"));
  CHECK(refuses("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO is not taken"));
  CHECK(refuses("FREQ=MONTHLY;SKIP=BACKWARD", "SKIP is not taken"));
  CHECK(refuses("FREQ=HOURLY", "FREQ=HOURLY is not taken: times within a day need a cron line"));
  CHECK(refuses("FREQ=DAILY;EVERY=2", "its parts are FREQ, INTERVAL"));
}

TEST_CASE("Wrong rules say what is wrong", "[calendar][recurrence][text]") {
  CHECK(refuses("", "FREQ is missing"));
  CHECK(refuses("INTERVAL=2", "FREQ is missing"));
  CHECK(refuses("RRULE:FREQ=DAILY", "its parts are"));
  CHECK(refuses("FREQ=FORTNIGHTLY", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY"));
  CHECK(refuses("FREQ=DAILY;FREQ=DAILY", "FREQ stands there twice"));
  CHECK(refuses("FREQ=DAILY;;COUNT=2", "each part is a name"));
  CHECK(refuses("FREQ=DAILY;INTERVAL=0", "INTERVAL is a number from 1 to 10000"));
  CHECK(refuses("FREQ=DAILY;COUNT=10001", "COUNT is a number from 1 to 10000"));
  CHECK(refuses("FREQ=DAILY;COUNT=2;UNTIL=20261231", "not by both"));
  CHECK(refuses("FREQ=DAILY;UNTIL=20260230", "UNTIL is a date such as"));
  CHECK(refuses("FREQ=DAILY;UNTIL=2026-12-31", "without signs"));
  CHECK(refuses("FREQ=DAILY;UNTIL=20261231T18", "UNTIL is a date such as"));
  CHECK(refuses("FREQ=DAILY;UNTIL=20261231X180000", "UNTIL is a date such as"));
  CHECK(refuses("FREQ=DAILY;BYMONTH=13", "BYMONTH takes numbers from 1 to 12"));
  CHECK(refuses("FREQ=DAILY;BYMONTH=-1", "BYMONTH takes numbers from 1 to 12"));
  CHECK(refuses("FREQ=DAILY;BYMONTHDAY=0", "or -1 (the last) to -31"));
  CHECK(refuses("FREQ=DAILY;BYMONTHDAY=1 2", "only a , may stand"));
  CHECK(refuses("FREQ=DAILY;BYDAY=MON", "the days in BYDAY are MO"));
  CHECK(refuses("FREQ=MONTHLY;BYDAY=54MO", "goes from 1 to 53"));
  CHECK(refuses("FREQ=MONTHLY;BYDAY=-FR", "stands before a number, such as -1FR"));
  CHECK(refuses("FREQ=WEEKLY;BYDAY=1MO", "needs FREQ=MONTHLY or FREQ=YEARLY"));
  CHECK(refuses("FREQ=WEEKLY;BYMONTHDAY=1", "does not go with FREQ=WEEKLY"));
  CHECK(refuses("FREQ=MONTHLY;BYSETPOS=1", "another BY part"));
  CHECK(refuses("FREQ=DAILY;WKST=MONDAY", "WKST is MO"));
  std::string many = "FREQ=MONTHLY;BYMONTHDAY=1";
  for (int i = 0; i < 64; ++i) many += ",1";
  CHECK(refuses(many, "more than 64 entries"));
}

TEST_CASE("A recurrence is a rule, a cron line or a date", "[calendar][recurrence][text]") {
  const LocalTime start = local("2026-03-02T09:00");
  const auto next = [&](std::string_view text, std::string_view t) -> std::string {
    const auto recurrence = parse_recurrence(text);
    if (!recurrence) return recurrence.error().message;
    CHECK(to_text(*recurrence) == text);
    const auto found = next_occurrence(system_zones(), ZoneIndex::utc, at(t), *recurrence, start);
    return found ? to_text(*found) : "never";
  };
  CHECK(next("FREQ=DAILY", "2026-03-03T10:00:00Z") == "2026-03-04T09:00:00Z");
  CHECK(next("30 8 * * *", "2026-03-03T10:00:00Z") == "2026-03-04T08:30:00Z");
  CHECK(next("2026-03-05", "2026-03-03T10:00:00Z") == "2026-03-05T09:00:00Z");
  CHECK(next("2026-03-05", "2026-03-05T09:00:00Z") == "never");
  CHECK(next("2026-03-05T10:00", "2026-03-03T10:00:00Z").find("in `at`") != std::string::npos);
  CHECK(next("2026-02-30", "2026-03-03T10:00:00Z").find("no such day") != std::string::npos);
  CHECK(next("EVERY=DAY", "2026-03-03T10:00:00Z").find("its parts are") != std::string::npos);
  CHECK(next("every day", "2026-03-03T10:00:00Z").find("five are needed") != std::string::npos);
}

namespace {

template <class T>
std::vector<T> some_of(std::vector<T> all, std::size_t most) {
  std::vector<T> some;
  const auto size = *rc::gen::inRange<std::size_t>(0, most + 1);
  while (some.size() < size) some.push_back(*rc::gen::elementOf(all));
  std::sort(some.begin(), some.end());
  some.erase(std::unique(some.begin(), some.end()), some.end());
  return some;
}

RecurrenceRule any_rule() {
  using Frequency = RecurrenceRule::Frequency;
  RecurrenceRule made;
  made.frequency =
      *rc::gen::element(Frequency::daily, Frequency::weekly, Frequency::monthly, Frequency::yearly);
  made.interval = *rc::gen::inRange(1, 5);
  made.week_start = *rc::gen::inRange(0u, 7u);
  made.months = some_of<int>({1, 2, 3, 6, 11, 12}, 3);
  if (made.frequency != Frequency::weekly) {
    made.month_days = some_of<int>({1, 2, 13, 29, 30, 31, -1, -2, -31}, 3);
  }
  std::vector<RecurrenceRule::Day> days;
  const bool numbered = made.frequency == Frequency::monthly || made.frequency == Frequency::yearly;
  for (unsigned weekday = 0; weekday < 7; ++weekday) {
    days.push_back({0, weekday});
    if (numbered) days.insert(days.end(), {{1, weekday}, {-1, weekday}, {5, weekday}});
  }
  made.days = some_of(days, 3);
  return made;
}

// Whether `date` is the nth of its weekday among the days from `first` to `last`, by counting.
bool counts_as(int nth, Date date, Date first, Date last) {
  const int step = nth > 0 ? 1 : -1;
  int left = nth * step;
  for (Date day = step > 0 ? first : last; first <= day && day <= last; day.days += step) {
    if (weekday_of(day) == weekday_of(date) && --left == 0) return day == date;
  }
  return false;
}

// Of one date, and of the rule's periods by counting on from the anchor: slow, and nothing like
// the search.
bool occurs_on(const RecurrenceRule& made, Date start, Date date) {
  using Frequency = RecurrenceRule::Frequency;
  const YearMonthDay from = parts_of(start);
  const YearMonthDay to = parts_of(date);
  const auto month_of = [](YearMonthDay day) {
    return day.year * 12 + static_cast<int>(day.month);
  };
  const auto week_of = [&](Date day) {
    while (weekday_of(day) != made.week_start) --day.days;
    return day.days / 7;
  };
  const bool open = made.month_days.empty() && made.days.empty();
  const auto in = [](const std::vector<int>& list, int value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  int periods = date.days - start.days;
  if (made.frequency == Frequency::weekly) {
    periods = week_of(date) - week_of(start);
    if (open && weekday_of(date) != weekday_of(start)) return false;
  } else if (made.frequency == Frequency::monthly) {
    periods = month_of(to) - month_of(from);
    if (open && to.day != from.day) return false;
  } else if (made.frequency == Frequency::yearly) {
    periods = to.year - from.year;
    if (open && to.day != from.day) return false;
    if (open && made.months.empty() && to.month != from.month) return false;
  }
  const Date month_first = date_of(to.year, to.month, 1);
  const Date month_last = date_of(to.year, to.month, 31);
  if (date < start || periods % made.interval != 0) return false;
  if (!made.months.empty() && !in(made.months, static_cast<int>(to.month))) return false;
  if (!made.month_days.empty() && !in(made.month_days, static_cast<int>(to.day)) &&
      !in(made.month_days, date.days - month_last.days - 1)) {
    return false;
  }
  const bool of_year = made.frequency == Frequency::yearly && made.months.empty();
  return made.days.empty() ||
         std::any_of(made.days.begin(), made.days.end(), [&](RecurrenceRule::Day day) {
           return day.weekday == weekday_of(date) &&
                  (day.nth == 0 ||
                   counts_as(day.nth, date, of_year ? date_of(to.year, 1, 1) : month_first,
                             of_year ? date_of(to.year, 12, 31) : month_last));
         });
}

}  // namespace

TEST_CASE("The next occurrence is the first date that a naive search finds",
          "[calendar][property][recurrence]") {
  CHECK(rc::check("next_occurrence", [] {
    const RecurrenceRule made = any_rule();
    const Date start{*rc::gen::inRange(18'000, 20'000)};
    const LocalTime anchor{start, *rc::gen::inRange<std::int32_t>(0, 86'400'000)};
    const Instant t{*rc::gen::inRange<std::int64_t>(18'000, 22'000) * day_ms +
                    *rc::gen::inRange<std::int64_t>(0, day_ms)};
    const auto next = next_occurrence(system_zones(), ZoneIndex::utc, t, made, anchor);
    const LocalTime now = to_local(system_zones(), ZoneIndex::utc, t);
    Date expected = now.ms_of_day < anchor.ms_of_day ? now.date : Date{now.date.days + 1};
    const Date end{expected.days + 3'000};
    while (expected < end && !occurs_on(made, start, expected)) ++expected.days;
    if (expected == end) {
      RC_ASSERT(!next || to_local(system_zones(), ZoneIndex::utc, *next).date >= end);
    } else {
      RC_ASSERT(next.has_value() && *next > t);
      RC_ASSERT(to_local(system_zones(), ZoneIndex::utc, *next) ==
                (LocalTime{expected, anchor.ms_of_day}));
    }
    RC_ASSERT(parse_recurrence_rule(to_text(made)).value() == made);
  }));
}

TEST_CASE("COUNT ends after so many dates, BYSETPOS=-1 is a period's last",
          "[calendar][property][recurrence]") {
  CHECK(rc::check("count", [] {
    RecurrenceRule made = any_rule();
    const LocalTime anchor{{*rc::gen::inRange(18'000, 20'000)}, 0};
    RecurrenceRule counted = made;
    counted.count = *rc::gen::inRange(1, 6);
    Instant t = Instant{anchor.date.days * day_ms} - 1;
    for (int i = 0; i < counted.count; ++i) {
      const auto next = next_occurrence(system_zones(), ZoneIndex::utc, t, made, anchor);
      RC_ASSERT(next == next_occurrence(system_zones(), ZoneIndex::utc, t, counted, anchor));
      if (!next) return;
      t = *next;
    }
    RC_ASSERT(!next_occurrence(system_zones(), ZoneIndex::utc, t, counted, anchor));
  }));
  CHECK(dates("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", 3) ==
        "2026-01-30 2026-02-27 2026-03-31");
  CHECK(dates("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", 3) ==
        "1997-09-04 1997-10-07 1997-11-06");
}

}  // namespace itinera::calendar
