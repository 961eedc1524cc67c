// SPDX-License-Identifier: Apache-2.0
// What changes while a campaign is paused: dates and zones that are waited for, steps, and where
// journeys stand. The Host's clock begins on Monday 2 March 2026 at 09:00 UTC, 04:00 in New York.
#include "engine/migrating.hpp"

namespace itinera::test {
namespace {

Envelope at_clock(const Host& host) { return {host.clock(), std::nullopt, {}, {}}; }
Pause pausing(const Host& host, PauseMode mode) { return {"c", mode, false, at_clock(host)}; }
Resume resuming(const Host& host) { return {"c", at_clock(host)}; }

std::string waiting(std::string_view wait) {
  return version(1, fmt::format("  - {{{}, id: w}}\n  - {{send: id, id: a}}\n"
                                "  - {{send: id, id: b}}\n",
                                wait));
}

// Came to its wait on Monday, and stands still since Tuesday, 09:00 UTC.
Host frozen(std::string_view wait, const Properties& attributes) {
  Host host(waiting(wait));
  host.identify(attributes).event("go").after(day_ms);
  host.take_in(pausing(host, PauseMode::freeze)).after(day_ms);
  return host;
}

}  // namespace

TEST_CASE("pause: a date that moves while it is frozen is the new one", "[engine][S31][S13]") {
  const std::string start = "2026-03-10T12:00:00Z";
  Host host = frozen("wait: {until: contact.start}, follow: true", {{"start", start}});
  const bool later = GENERATE(true, false);
  const char* const moved = later ? "2026-04-10T12:00:00Z" : "2026-03-06T12:00:00Z";
  host.identify({{"start", moved}});
  reopened(host).after(day_ms).take_in(resuming(host));
  const std::string at(moved);
  CHECK(run_to(reopened(host), "2026-05-01T00:00:00Z") == Lines{at + " a", at + " b"});
}

TEST_CASE("pause: a date that has moved into the past is judged when the campaign goes on",
          "[engine][S31][S6][S7][S13]") {
  struct Row {
    const char* fields;
    Value start;
    Lines taken;
    Lines ended;
  };
  const Value past = "2026-03-03T08:00:00Z";
  const Value same = "2026-03-05T08:00:00Z";  // it passes before the campaign goes on
  const Row row = GENERATE_REF(Row{"", past, {"a", "b"}, {"finished"}},
                               Row{", if_past: skip", past, {"b"}, {"finished"}},
                               Row{", if_past: exit", past, {}, {"exited (past_date)"}},
                               Row{"", Value(), {}, {"exited (missing_date)"}},
                               Row{", on_missing: continue", Value(), {"a", "b"}, {"finished"}},
                               Row{", on_missing: skip", Value("soon"), {"b"}, {"finished"}},
                               Row{", if_past: skip", same, {"a", "b"}, {"finished"}},
                               Row{", if_past: exit", same, {"a", "b"}, {"finished"}});
  CAPTURE(row.fields);
  Host host = frozen(fmt::format("wait: {{until: contact.start}}, follow: true{}", row.fields),
                     {{"start", same}});
  host.identify({{"start", row.start}});
  reopened(host).at("2026-03-05T09:00:00Z").take_in(resuming(host));
  CHECK(reopened(host).advance().take() == row.taken);
  CHECK(host.told({"finished", "exited"}) == row.ended);
}

TEST_CASE("pause: what is for a time on the wall is for that of the zone that has come meanwhile",
          "[engine][S31][S13]") {
  struct Row {
    const char* wait;
    const char* due;
  };
  const Row row =
      GENERATE(Row{"wait: {business_days: 5}, at: '09:00'", "2026-03-10T00:00:00Z"},
               Row{"wait: 2026-03-10, at: '12:00'", "2026-03-10T03:00:00Z"},
               Row{"wait: {until: contact.day}", "2026-03-11T15:00:00Z"},
               Row{"wait: {until: contact.day}, follow: true", "2026-03-11T15:00:00Z"},
               Row{"wait: {time: '09:00', days: Fri}", "2026-03-06T00:00:00Z"},
               // What is past in Tokyo goes on with the campaign.
               Row{"wait: {until: contact.evening}", "2026-03-05T09:00:00Z"},
               // An instant, a length, and a zone of the step's own are as they were.
               Row{"wait: {until: contact.start}", "2026-03-10T12:00:00Z"},
               Row{"wait: 3d", "2026-03-07T09:00:00Z"},
               Row{"wait: 2026-03-10, at: '12:00', zone: Europe/Paris", "2026-03-10T11:00:00Z"});
  CAPTURE(row.wait);
  Host host = frozen(row.wait, {{"zone", "America/New_York"},
                                {"day", "2026-03-12"},
                                {"evening", "2026-03-05T17:30:00"},
                                {"start", "2026-03-10T12:00:00Z"}});
  host.identify({{"zone", "Europe/London"}}).after(1).identify({{"zone", "Asia/Tokyo"}});
  reopened(host).at("2026-03-05T09:00:00Z").take_in(resuming(host));
  CHECK(reopened(host).engine().next_deadline() == instant(row.due));
  host.at(instant(row.due)).advance();
  CHECK(host.take() == Lines{"a", "b"});
}

TEST_CASE("pause: what is released while it is frozen goes on with the campaign",
          "[engine][S31][S21]") {
  struct Row {
    const char* before;
    const char* after;
    Lines taken = {"next"};
  };
  const Row row = GENERATE(Row{"wait: {time: '12:00'}", "wait: {time: '18:00'}"},
                           Row{"wait: '0 12 * * *'", "wait: '0 18 * * *'"},
                           Row{"wait: {until: contact.day}, follow: true",
                               "wait: {until: contact.day}, follow: true, offset: 1d"},
                           Row{"send: id, at: '12:00'", "send: id, at: '18:00'", {"w", "next"}},
                           Row{"wait: 3h", "wait: 5h"});
  CAPTURE(row.before);
  const auto steps = [](const char* step) {
    return fmt::format("  - {{{}, id: w}}\n  - {{send: id, id: next}}\n", step);
  };
  Host host(version(1, steps(row.before)));
  host.identify({{"day", "2026-03-12"}}).event("go");
  host.take_in(pausing(host, PauseMode::freeze)).after(hour_ms);
  host.publish(version(2, steps(row.after)), moving(WaitChange::release));
  CHECK(host.told({"released"}) == Lines{"released w"});
  CHECK(reopened(host).take().empty());
  host.after(hour_ms).take_in(resuming(host));
  CHECK(reopened(host).advance().take() == row.taken);
}

TEST_CASE("pause: drop skips no step that a journey was brought to while it stood still",
          "[engine][S31][S22]") {
  const auto steps = [](int number, std::string_view second) {
    return version(number, fmt::format("  - {{wait: 1h, id: w}}\n  - {{{}}}\n"
                                       "  - {{wait: 1h, id: rest}}\n  - {{send: id, id: last}}\n",
                                       second));
  };
  Host host(steps(1, "send: id, id: old"));
  host.event("go").take_in(pausing(host, PauseMode::drop)).after(hour_ms).advance();
  CHECK(host.told({"stalled"}) == Lines{"stalled old"});
  const auto go_on = [&] {
    reopened(host).after(1).take_in(resuming(host));
    return reopened(host).take();
  };
  host.after(1);
  SECTION("by an operator") {
    host.take_in(Move{"c", "ola", std::nullopt, "last", at_clock(host)});
    CHECK(go_on() == Lines{"last"});
  }
  SECTION("by an answer that names another step there was") {
    host.publish(steps(2, "audience: {add: vip}, id: fresh"),
                 moving(WaitChange::keep, {to("old", "last")}));
    CHECK(go_on() == Lines{"last"});
  }
  SECTION("by an answer that names a step of another kind") {
    host.publish(steps(2, "audience: {add: vip}, id: fresh"),
                 moving(WaitChange::keep, {to("old", "rest")}));
    CHECK(go_on().empty());
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00.002Z last"});
  }
  SECTION("the same step, though by another name, is skipped") {
    host.publish(steps(2, "send: id, id: new"), moving(WaitChange::keep, {to("old", "new")}));
    CHECK(go_on().empty());
    CHECK(host.told({"skipped_when"}) == Lines{"skipped_when (paused) new"});
  }
}

TEST_CASE("pause: working dates that were left are left when the campaign goes on",
          "[engine][S31][S10]") {
  struct Row {
    const char* wait;
    const char* resumed;
    const char* due;
  };
  // Came on Monday, 10:00 in Warsaw, and stands still since Tuesday, 10:00.
  const Row row = GENERATE(
      Row{"wait: {business_days: 2}", "2026-03-03T12:00:00Z", "2026-03-04T09:00:00Z"},
      Row{"wait: {business_days: 2}", "2026-03-05T12:00:00Z", "2026-03-06T09:00:00Z"},
      Row{"wait: {business_days: 2}", "2026-03-06T12:00:00Z", "2026-03-09T09:00:00Z"},
      Row{"wait: {business_days: 1}, at: '12:00'", "2026-03-06T10:00:00Z", "2026-03-06T11:00:00Z"},
      Row{"wait: {business_days: 1}, at: '12:00'", "2026-03-06T12:00:00Z", "2026-03-09T11:00:00Z"});
  CAPTURE(row.wait, row.resumed);
  Host host = frozen(row.wait, {});
  reopened(host).at(row.resumed).take_in(resuming(host));
  CHECK(reopened(host).engine().next_deadline() == instant(row.due));
}

}  // namespace itinera::test
