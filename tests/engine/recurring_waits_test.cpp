// SPDX-License-Identifier: Apache-2.0
// S6, S8-S11, S25: waits for business days and recurrences. The Host's clock begins on Monday
// 2 March 2026 at 09:00 UTC, 10:00 in Warsaw.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr const char* shop_with_holidays = R"(
workspace: shop
zone: Europe/Warsaw
holidays: [2026-04-06, 2026-03-04, 2026-04-06]
channels:
  id: {address: contact.id}
)";

std::string waiting_for(std::string_view wait) {
  return fmt::format(
      "campaign: c\nentry: [{{event: join}}]\nsteps:\n  - {{{}}}\n  - {{send: id, id: a}}\n"
      "  - {{send: id, id: b}}\n",
      wait);
}

std::string looping(std::string_view wait) {
  return fmt::format(
      "campaign: c\nentry: [{{event: join}}]\nsteps:\n  - {{{}, id: round}}\n"
      "  - {{send: id, id: hello}}\n  - {{goto: round}}\n",
      wait);
}

// When the first `count` actions leave, by a host that looks at every deadline.
Lines times(Host& host, std::size_t count) {
  Lines lines;
  while (host.actions().size() < count) {
    host.take();
    if (!host.next_deadline()) break;
    host.at(*host.next_deadline()).advance();
  }
  for (std::size_t i = 0; i < std::min(count, host.actions().size()); ++i) {
    lines.push_back(to_text(host.actions()[i].at));
  }
  return lines;
}

struct Due {
  const char* fields;
  const char* from;
  const char* due;  // null: at once
};

// Whoever joins at `from` and waits again and again.
struct Loop {
  const char* wait;
  const char* from;
  Lines due;  // the first three
};

void check_loop(const Loop& loop, std::string_view begins) {
  CAPTURE(loop.wait);
  Host host(looping(loop.wait), shop, {}, begins);
  host.at(loop.from).event("join");
  CHECK(times(host, 3) == loop.due);
}

}  // namespace

TEST_CASE("business days: the nth working date after today's, at the same local time",
          "[engine][S10]") {
  const Due row = GENERATE(
      Due{"wait: {business_days: 1}", "2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z"},
      Due{"wait: {business_days: 2}", "2026-03-02T09:00:00Z", "2026-03-05T09:00:00Z"},
      Due{"wait: {business_days: 1}", "2026-03-06T09:00:00Z", "2026-03-09T09:00:00Z"},
      Due{"wait: {business_days: 1, days: Mon-Sat}", "2026-03-06T09:00:00Z",
          "2026-03-07T09:00:00Z"},
      // Sunday 23:30 in UTC is Monday 00:30 in Warsaw.
      Due{"wait: {business_days: 1}", "2026-03-08T23:30:00Z", "2026-03-09T23:30:00Z"},
      // Over Easter, and into summer time.
      Due{"wait: {business_days: 1}", "2026-04-03T09:00:00Z", "2026-04-07T09:00:00Z"},
      Due{"wait: {business_days: 1}", "2026-03-27T09:00:00Z", "2026-03-30T08:00:00Z"},
      Due{"wait: {business_days: 1}, at: '08:00'", "2026-03-02T09:00:00Z", "2026-03-03T07:00:00Z"},
      Due{"wait: {business_days: 0}", "2026-03-02T09:00:00Z", nullptr},
      Due{"wait: {business_days: 0}", "2026-03-04T09:00:00Z", "2026-03-05T09:00:00Z"},
      Due{"wait: {business_days: 0}, at: '12:00'", "2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z"},
      Due{"wait: {business_days: 0}, at: '08:00'", "2026-03-02T09:00:00Z", "2026-03-03T07:00:00Z"},
      Due{"wait: {business_days: 0}, at: '08:00', if_past: continue", "2026-03-02T09:00:00Z",
          nullptr});
  CAPTURE(row.fields, row.from);
  Host host(waiting_for(row.fields), shop_with_holidays, {}, "2026-03-01T00:00:00Z");
  host.at(row.from).event("join");
  CHECK(host.take() == (row.due == nullptr ? Lines{"a", "b"} : Lines{}));
  if (row.due != nullptr) CHECK(host.next_deadline() == instant(row.due));
}

TEST_CASE("business days: a loop of them comes once a working date", "[engine][S10][S25]") {
  const char* const wait = GENERATE("wait: {business_days: 1}", "wait: {business_days: 0}");
  Host host(looping(wait), shop_with_holidays, {}, "2026-03-03T09:00:00Z");
  host.event("join");
  const Lines all = times(host, wait == std::string_view("wait: {business_days: 0}") ? 4 : 3);
  CHECK(Lines(all.end() - 3, all.end()) ==
        Lines{"2026-03-05T09:00:00Z", "2026-03-06T09:00:00Z", "2026-03-09T09:00:00Z"});
}

TEST_CASE("recurrences: the next occurrence, at the wait's own time in the contact's zone",
          "[engine][S8][S9][S10][S11]") {
  const Due row = GENERATE(
      Due{"wait: 'FREQ=WEEKLY;BYDAY=TU', at: '10:00'", "2026-03-02T09:00:00Z",
          "2026-03-03T09:00:00Z"},
      Due{"wait: {recurrence: 'FREQ=MONTHLY;BYDAY=-1FR'}, at: '09:00'", "2026-03-02T09:00:00Z",
          "2026-03-27T08:00:00Z"},
      Due{"wait: 'FREQ=MONTHLY', at: '09:00', from: 2026-01-31", "2026-03-02T09:00:00Z",
          "2026-03-31T07:00:00Z"},
      Due{"wait: 'FREQ=DAILY;INTERVAL=3', from: 2026-03-01", "2026-03-02T09:00:00Z",
          "2026-03-03T23:00:00Z"},
      // Without an anchor it is the date of arrival.
      Due{"wait: 'FREQ=WEEKLY', at: '09:00'", "2026-03-02T09:00:00Z", "2026-03-09T08:00:00Z"},
      Due{"wait: 'FREQ=WEEKLY', at: '11:00'", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"},
      Due{"wait: '0 9 * * MON,WED'", "2026-03-02T09:00:00Z", "2026-03-04T08:00:00Z"},
      Due{"wait: '0 10 * * MON'", "2026-03-02T09:00:00Z", nullptr},
      Due{"wait: '*/15 * * * *'", "2026-03-02T09:00:01Z", "2026-03-02T09:15:00Z"},
      Due{"wait: '30 2 * * *'", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
      Due{"wait: '30 2 * * *'", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
      Due{"wait: '0 9 * * *', zone: America/New_York", "2026-03-02T09:00:00Z",
          "2026-03-02T14:00:00Z"},
      Due{"wait: 2026-12-24, at: '09:00'", "2026-03-02T09:00:00Z", "2026-12-24T08:00:00Z"},
      Due{"wait: {recurrence: 2026-12-24}", "2026-03-02T09:00:00Z", "2026-12-23T23:00:00Z"});
  CAPTURE(row.fields, row.from);
  Host host(waiting_for(row.fields), shop, {}, "2026-03-01T00:00:00Z");
  host.at(row.from).event("join");
  CHECK(host.take() == (row.due == nullptr ? Lines{"a", "b"} : Lines{}));
  if (row.due != nullptr) CHECK(host.next_deadline() == instant(row.due));
}

TEST_CASE("recurrences: what `if_past` does where one has passed today, or the last has",
          "[engine][S6]") {
  struct Row {
    const char* fields;
    Lines taken;
    Lines ended;
  };
  const Row row = GENERATE(
      Row{"wait: '0 9 * * *'", {}, {}}, Row{"wait: '0 9 * * *', if_past: next", {}, {}},
      Row{"wait: '0 9 * * *', if_past: continue", {"a", "b"}, {"finished"}},
      Row{"wait: '0 9 * * *', if_past: skip", {"b"}, {"finished"}},
      Row{"wait: 'FREQ=DAILY', at: '09:00', if_past: exit", {}, {"exited (past_date)"}},
      Row{"wait: '0 9 * * TUE', if_past: exit", {}, {}},
      // A single date is past whatever its day.
      Row{"wait: 2026-02-28", {"a", "b"}, {"finished"}},
      Row{"wait: 2026-02-28, if_past: skip", {"b"}, {"finished"}},
      Row{"wait: 2026-02-28, if_past: exit", {}, {"exited (past_date)"}},
      // A rule that has ended has no next one.
      Row{"wait: 'FREQ=DAILY;UNTIL=20260228'", {}, {"exited (past_date)"}},
      Row{"wait: 'FREQ=DAILY;COUNT=3', from: 2026-02-20", {}, {"exited (past_date)"}},
      Row{"wait: 'FREQ=DAILY;UNTIL=20260228', if_past: continue", {"a", "b"}, {"finished"}},
      Row{"wait: 'FREQ=DAILY;UNTIL=20260228', if_past: skip", {"b"}, {"finished"}});
  CAPTURE(row.fields);
  Host host(waiting_for(row.fields));
  host.event("join");
  CHECK(host.take() == row.taken);
  CHECK(host.told({"finished", "exited"}) == row.ended);
}

TEST_CASE("recurrences: a loop takes each local date once, and a slot of a cron line once",
          "[engine][S9][S25]") {
  const Loop loop =
      GENERATE(Loop{"wait: 'FREQ=WEEKLY;BYDAY=MO,WE', at: '10:00'",
                    "2026-03-02T09:00:00Z",
                    {"2026-03-02T09:00:00Z", "2026-03-04T09:00:00Z", "2026-03-09T09:00:00Z"}},
               Loop{"wait: '0 10 * * *', if_past: continue",
                    "2026-03-02T12:00:00Z",
                    {"2026-03-02T12:00:00Z", "2026-03-03T09:00:00Z", "2026-03-04T09:00:00Z"}},
               Loop{"wait: '0,30 10 * * *'",
                    "2026-03-02T09:00:00Z",
                    {"2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z", "2026-03-03T09:00:00Z"}},
               Loop{"wait: '30 2 * * *'",
                    "2026-10-24T12:00:00Z",
                    {"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", "2026-10-27T01:30:00Z"}},
               Loop{"wait: '30 * * * *'",
                    "2026-10-25T00:00:00Z",
                    {"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"}});
  check_loop(loop, "2026-03-01T00:00:00Z");
}

TEST_CASE("recurrences: what lay in a gap that ends at midnight was of the date before it",
          "[engine][S8][S9][S25]") {
  // In Nuuk 23:00 to midnight is missing on Saturday, 28 March 2026; Apia had no 30 December 2011.
  const Lines nights{"2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"};
  const Loop loop = GENERATE_COPY(
      Loop{"wait: {time: '23:30'}, zone: America/Nuuk", "2026-03-27T12:00:00Z", nights},
      Loop{"wait: 'FREQ=DAILY', at: '23:30', zone: America/Nuuk", "2026-03-27T12:00:00Z", nights},
      Loop{"wait: '30 23 * * *', zone: America/Nuuk", "2026-03-27T12:00:00Z", nights},
      Loop{"wait: {business_days: 0, days: Mon-Sun}, at: '23:30', zone: America/Nuuk",
           "2026-03-27T12:00:00Z", nights},
      // What is due at the gap's end by its own time is of the date that begins there.
      Loop{"wait: {time: '00:00'}, zone: America/Nuuk",
           "2026-03-28T12:00:00Z",
           {"2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z", "2026-03-31T01:00:00Z"}},
      Loop{"wait: {time: '09:00'}, zone: Pacific/Apia",
           "2011-12-29T18:00:00Z",
           {"2011-12-29T19:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z"}},
      Loop{"wait: '0 0 * * *', zone: Pacific/Apia",
           "2011-12-29T18:00:00Z",
           {"2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z", "2012-01-01T10:00:00Z"}});
  check_loop(loop, "2011-01-01T00:00:00Z");
}

TEST_CASE("windows: a loop comes into each once, wherever the clock changes",
          "[engine][S8][S9][S25]") {
  const Loop loop = GENERATE(
      // The window is open in both passes of the hour that Warsaw has twice.
      Loop{"wait: {window: '21:00-02:30'}",
           "2026-10-24T12:00:00Z",
           {"2026-10-24T19:00:00Z", "2026-10-25T20:00:00Z", "2026-10-26T20:00:00Z"}},
      Loop{"wait: {window: '02:10-02:50'}",
           "2026-10-24T12:00:00Z",
           {"2026-10-25T00:10:00Z", "2026-10-26T01:10:00Z", "2026-10-27T01:10:00Z"}},
      // In 2010 St. John's went from 00:01 back to 23:01 of the date before.
      Loop{"wait: {window: '22:00-23:59'}, zone: America/St_Johns",
           "2010-11-06T12:00:00Z",
           {"2010-11-07T00:30:00Z", "2010-11-08T01:30:00Z", "2010-11-09T01:30:00Z"}},
      // Havana has the first hour of a date twice, and the first of the two counts.
      Loop{"wait: {window: '00:30-05:00'}, zone: America/Havana",
           "2026-10-31T03:00:00Z",
           {"2026-10-31T04:30:00Z", "2026-11-01T04:30:00Z", "2026-11-02T05:30:00Z"}},
      Loop{"wait: {window: '00:00-05:00'}, zone: America/Nuuk",
           "2026-03-28T01:00:00Z",
           {"2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"}},
      Loop{"wait: {window: '20:00-23:30'}, zone: America/Nuuk",
           "2026-03-28T12:00:00Z",
           {"2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z", "2026-03-30T21:00:00Z"}});
  check_loop(loop, "2010-01-01T00:00:00Z");
}

TEST_CASE("recurrences: a loop ends with its rule", "[engine][S6][S25]") {
  Host host(looping("wait: 'FREQ=DAILY;COUNT=2', from: 2026-03-03, at: '09:00'"));
  host.event("join");
  CHECK(times(host, 3) == Lines{"2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z"});
  CHECK(host.told({"exited"}) == Lines{"exited (past_date)"});
}

TEST_CASE("recurrences: what was resolved is not resolved again by a restart", "[engine][S10]") {
  Host host(looping("wait: '0 10 * * *'"), shop_with_holidays);
  host.event("join").take();
  host.at("2026-03-02T20:00:00Z").crash();
  host.at("2026-03-03T09:00:00Z").advance();
  CHECK(host.take() == Lines{"hello"});
  host.crash();
  CHECK(host.take().empty());
  CHECK(host.next_deadline() == instant("2026-03-04T09:00:00Z"));
}

}  // namespace itinera::test
