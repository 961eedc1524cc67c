// SPDX-License-Identifier: Apache-2.0
// S13: waits whose deadline moves, with the contact's zone or with their date; `reset_on`; sends
// with a time of day. The Host's clock begins on Monday 2 March 2026 at 09:00 UTC, 10:00 in Warsaw.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string staying(std::string_view wait) {
  return fmt::format(
      "campaign: c\nentry: [{{event: join}}]\nsteps:\n  - {{{}}}\n  - {{send: id, id: a}}\n"
      "  - {{send: id, id: b}}\n",
      wait);
}

}  // namespace

TEST_CASE("moved: a wait for a wall time keeps it where the contact's zone changes",
          "[engine][S13]") {
  struct Row {
    const char* wait;
    const char* due;    // in Warsaw
    const char* moved;  // in New York
  };
  const Row row =
      GENERATE(Row{"wait: {time: '09:00'}", "2026-03-03T08:00:00Z", "2026-03-03T14:00:00Z"},
               Row{"wait: 1d", "2026-03-03T09:00:00Z", "2026-03-03T15:00:00Z"},
               Row{"wait: {window: '14:00-16:00'}", "2026-03-02T13:00:00Z", "2026-03-02T19:00:00Z"},
               Row{"wait: {business_days: 1}", "2026-03-03T09:00:00Z", "2026-03-03T15:00:00Z"},
               Row{"wait: '0 9 * * *'", "2026-03-03T08:00:00Z", "2026-03-03T14:00:00Z"},
               Row{"wait: 2026-03-10, at: '12:00'", "2026-03-10T11:00:00Z", "2026-03-10T16:00:00Z"},
               Row{"wait: {until: contact.due}", "2026-03-04T23:00:00Z", "2026-03-05T05:00:00Z"},
               // An instant is one everywhere, an exact length is one, and a zone of its own stays.
               Row{"wait: {until: contact.start}", "2026-03-05T18:00:00Z", "2026-03-05T18:00:00Z"},
               Row{"wait: {until: contact.start}, offset: -1d", "2026-03-04T18:00:00Z",
                   "2026-03-04T18:00:00Z"},
               Row{"wait: 24h", "2026-03-03T09:00:00Z", "2026-03-03T09:00:00Z"},
               Row{"wait: {time: '09:00'}, zone: Europe/Paris", "2026-03-03T08:00:00Z",
                   "2026-03-03T08:00:00Z"});
  CAPTURE(row.wait);
  Host host(staying(row.wait));
  host.identify({{"due", "2026-03-05"}, {"start", "2026-03-05T18:00:00Z"}}).event("join").take();
  CHECK(host.next_deadline() == instant(row.due));
  host.after(hour_ms).identify({{"zone", "America/New_York"}}).take();
  CHECK(host.next_deadline() == instant(row.moved));
  const bool moves = std::string_view(row.due) != row.moved;
  CHECK(host.told({"resolved_zone"}) == (moves ? Lines{"resolved_zone wait-1"} : Lines{}));
  // The old deadline is nothing any more, nor does a restart look again.
  host.crash();
  CHECK(host.at(instant(row.moved) - 1).advance().take().empty());
  CHECK(host.at(instant(row.moved)).advance().take() == Lines{"a", "b"});
}

TEST_CASE("moved: what has passed in the new zone is due now, a window when it opens next",
          "[engine][S13]") {
  Host host(staying("wait: {time: '14:00'}"));
  host.event("join").take();
  host.at("2026-03-02T10:00:00Z").identify({{"zone", "Asia/Tokyo"}}).take();
  CHECK(host.next_deadline() == instant("2026-03-02T10:00:00Z"));
  CHECK(host.advance().take() == Lines{"a", "b"});

  Host window(staying("wait: {window: '14:00-16:00'}"));
  window.event("join").take();
  window.at("2026-03-02T10:00:00Z").identify({{"zone", "Asia/Tokyo"}}).take();
  CHECK(window.next_deadline() == instant("2026-03-03T05:00:00Z"));
}

TEST_CASE("moved: zones that are none, or the same, move nothing", "[engine][S12][S13]") {
  Host host(staying("wait: {time: '09:00'}"));
  host.identify({{"zone", "Europe/Warsaw"}}).event("join").take();
  host.identify({{"zone", "Europe/Warsaw"}}).identify({{"zone", "Nowhere/Land"}}).take();
  CHECK(host.next_deadline() == instant("2026-03-03T08:00:00Z"));
  CHECK(host.told({"resolved_zone"}).empty());
  host.identify({{"zone", "Europe/London"}}).take();
  CHECK(host.next_deadline() == instant("2026-03-03T09:00:00Z"));
}

TEST_CASE("moved: a deadline that a migration has kept is not of the zone that the step names now",
          "[engine][S13][S21]") {
  const auto in = [](int number, std::string_view zone) {
    return fmt::format(
        "campaign: c\nversion: {}\nentry: [{{event: join}}]\n"
        "steps:\n  - {{wait: {{time: '09:00'}}, id: w{}}}\n  - {{send: id, id: a}}\n",
        number, zone);
  };
  Host host(in(1, ""));
  host.identify({{"zone", "America/New_York"}}).event("join").take();
  const Instant due = instant("2026-03-02T14:00:00Z");
  CHECK(host.next_deadline() == due);
  host.after(hour_ms).publish(in(2, ", zone: Europe/Paris"), Migration{"c"});
  host.after(1).identify({{"zone", "Asia/Tokyo"}}).crash().take();
  CHECK(host.engine().next_deadline() == due);
  CHECK(host.told({"resolved_zone"}).empty());
  CHECK(host.at(due).advance().take() == Lines{"a"});
}

TEST_CASE("moved: a zone may come by a link, or by the `set` of another journey",
          "[engine][S13][S33]") {
  Host linked(staying("wait: {time: '09:00'}"));
  linked.event("join");
  const Properties zone{{"zone", "America/New_York"}};
  Identify anonymous = linked.an_identify(zone, "");
  anonymous.anonymous = "device";
  linked.take_in(anonymous).alias("device").take();
  CHECK(linked.next_deadline() == instant("2026-03-03T14:00:00Z"));

  Host set(staying("wait: {time: '09:00'}") +
           "---\ncampaign: mover\nentry: [{event: move}]\n"
           "steps: [{set: {zone: Asia/Tokyo}}, {set: {zone: America/New_York}}]\n");
  set.event("join").event("move").take();
  CHECK(set.next_deadline() == instant("2026-03-03T14:00:00Z"));
}

TEST_CASE("moved: a daily loop keeps to one round a local date", "[engine][S13][S25]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {wait: {time: '09:00'}, id: round}
  - {send: id, id: hello}
  - {goto: round}
)");
  host.event("join").at("2026-03-03T08:00:00Z").advance();
  CHECK(host.take() == Lines{"hello"});
  host.after(hour_ms).identify({{"zone", "America/New_York"}}).take();
  CHECK(host.next_deadline() == instant("2026-03-04T14:00:00Z"));
}

TEST_CASE("followed: a date that moves takes its wait with it", "[engine][S13]") {
  Host host(staying("wait: {until: contact.start}, offset: -1h, follow: true"));
  host.identify({{"start", "2026-03-05T18:00:00Z"}}).event("join").take();
  CHECK(host.next_deadline() == instant("2026-03-05T17:00:00Z"));
  host.identify({{"start", "2026-03-09T18:00:00Z"}}).take();
  CHECK(host.next_deadline() == instant("2026-03-09T17:00:00Z"));
  host.identify({{"start", "2026-03-04T18:00:00Z"}}).identify({{"tier", "gold"}}).take();
  CHECK(host.next_deadline() == instant("2026-03-04T17:00:00Z"));
  CHECK(host.told({"followed"}) == Lines{"followed wait-1", "followed wait-1"});
  host.crash();
  CHECK(host.at("2026-03-04T17:00:00Z").advance().take() == Lines{"a", "b"});
  CHECK(host.at("2026-03-20T00:00:00Z").advance().take().empty());
}

TEST_CASE("followed: a date that has passed, or is gone, is judged as on arrival",
          "[engine][S6][S7][S13]") {
  struct Row {
    const char* fields;
    Value start;
    Lines taken;
    Lines ended;
  };
  const Value past = "2026-03-02T08:00:00Z";
  const Row row = GENERATE_REF(Row{"", past, {"a", "b"}, {"finished"}},
                               Row{", if_past: skip", past, {"b"}, {"finished"}},
                               Row{", if_past: exit", past, {}, {"exited (past_date)"}},
                               Row{"", Value(), {}, {"exited (missing_date)"}},
                               Row{", on_missing: continue", Value(), {"a", "b"}, {"finished"}},
                               Row{", on_missing: skip", Value("soon"), {"b"}, {"finished"}});
  CAPTURE(row.fields);
  Host host(staying(fmt::format("wait: {{until: contact.start}}, follow: true{}", row.fields)));
  host.identify({{"start", "2026-03-05T18:00:00Z"}}).event("join");
  host.identify({{"start", row.start}});
  CHECK(host.take() == row.taken);
  CHECK(host.told({"finished", "exited"}) == row.ended);
}

TEST_CASE("followed: history moves it too", "[engine][S13]") {
  Host host(staying("wait: {until: 'last(\"order\") + duration(\"24h\")'}, follow: true"));
  host.event("order").event("join").after(hour_ms).event("order").take();
  CHECK(host.next_deadline() == instant("2026-03-03T10:00:00Z"));
}

TEST_CASE("reset: the full `within` counts anew, before any case is asked", "[engine][S1]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: viewed, when: event.n > 1}
    id: quiet
    within: 2h
    reset_on: {event: viewed, when: event.n < 3}
    then: [{send: id, id: often}]
    else: [{send: id, id: still}]
)");
  host.event("join").after(hour_ms).event("viewed", {{"n", 2}}).take();
  CHECK(host.next_deadline() == instant("2026-03-02T12:00:00Z"));
  CHECK(host.told({"reset", "resolved"}) == Lines{"reset quiet"});
  host.crash();
  SECTION("a case") {
    CHECK(host.after(hour_ms).event("viewed", {{"n", 3}}).take() == Lines{"often"});
  }
  SECTION("too late") {
    host.at("2026-03-02T12:00:00Z").event("viewed", {{"n", 2}}).advance();
    CHECK(host.take() == Lines{"still"});
  }
}

TEST_CASE("reset: a condition arms anew while it holds, and takes nothing from the cases",
          "[engine][S1]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait_for: {event: paid}
    within: 2h
    reset_on: {condition: contact.busy}
    then: [{send: id, id: thanks}]
)");
  host.event("join").after(hour_ms).identify({{"busy", true}}).take();
  CHECK(host.next_deadline() == instant("2026-03-02T12:00:00Z"));
  CHECK(host.after(hour_ms).event("paid").take() == Lines{"thanks"});
}

TEST_CASE("reset: a receipt that it takes is used", "[engine][S33]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: offer}
  - {wait_for: {event: paid}, within: 2h, reset_on: {clicked: offer}}
  - {wait_for: {clicked: offer}, within: 1h, then: [{send: id, id: twice}]}
)");
  host.event("join").take();
  host.after(hour_ms).report(Receipt::clicked, "offer").event("paid").take();
  CHECK(host.told({"resolved"}) == Lines{"resolved (case) wait_for-1"});
  CHECK(host.report(Receipt::clicked, "offer").take() == Lines{"twice"});
}

TEST_CASE("send at: the journey stays at the send until the wall shows its time", "[engine][S13]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{event: leave}]
steps:
  - {send: id, id: hello, at: '09:00', when: '!has(contact.off)'}
)");
  host.event("join").take();
  CHECK(host.next_deadline() == instant("2026-03-03T08:00:00Z"));
  SECTION("then it goes") {
    host.crash().at("2026-03-03T08:00:00Z").advance();
    CHECK(host.take() == Lines{"hello"});
    CHECK(host.actions()[0].at == instant("2026-03-03T08:00:00Z"));
  }
  SECTION("its `when` is asked then") {
    host.identify({{"off", 1}}).at("2026-03-03T08:00:00Z").advance();
    CHECK(host.take().empty());
  }
  SECTION("it moves with the contact") {
    host.identify({{"zone", "America/New_York"}}).take();
    CHECK(host.next_deadline() == instant("2026-03-03T14:00:00Z"));
  }
  SECTION("an exit ends it") {
    host.event("leave").at("2026-03-04T08:00:00Z").advance();
    CHECK(host.take().empty());
  }
}

TEST_CASE("send at: its time is now", "[engine][S6]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{send: id, id: a, at: '10:00'}]\n");
  CHECK(host.event("join").take() == Lines{"a"});
}

TEST_CASE("moved: a zone that comes with another date is of that date", "[engine][S13][S33]") {
  Host host(staying("wait: {until: contact.due}, follow: true"));
  host.identify({{"due", "2026-03-02T12:00:00"}}).event("join");
  const bool by_merge = GENERATE(false, true);
  const Properties news{{"due", "2026-03-10T12:00:00"}, {"zone", "Asia/Tokyo"}};
  host.after(hour_ms);
  if (by_merge) {
    host.identify(news, "jan").take_in(Merge{"jan", "ola", {host.clock(), std::nullopt, {}, {}}});
  } else {
    host.identify(news);
  }
  CHECK(run_to(host.crash(), "2026-04-01T00:00:00Z") ==
        Lines{"2026-03-10T03:00:00Z a", "2026-03-10T03:00:00Z b"});
  CHECK(host.told({"resolved_zone"}).empty());
}

TEST_CASE("moved: a zone that an input has only for a moment moves nothing", "[engine][S13][S33]") {
  Host host(staying("wait: {time: '12:00'}"));
  const Properties warsaw{{"zone", "Europe/Warsaw"}};
  const Properties tokyo{{"zone", "Asia/Tokyo"}};
  host.identify(warsaw).event("join").after(minute_ms);
  SECTION("of a device that is linked") {
    Identify device = host.an_identify(tokyo, "");
    device.anonymous = "device";
    host.take_in(device).after(minute_ms);
    Identify known = host.an_identify(warsaw);
    known.anonymous = "device";
    host.take_in(known);
  }
  SECTION("by a journey that sets another one at once") {
    host.publish(staying("wait: {time: '12:00'}") +
                 "---\ncampaign: mover\nentry: [{event: move}]\n"
                 "steps: [{set: {zone: Asia/Tokyo}}, {set: {zone: Europe/Warsaw}}]\n");
    host.event("move");
  }
  CHECK(host.told({"resolved_zone"}).empty());
  CHECK(run_to(host.crash(), "2026-03-03T00:00:00Z") ==
        Lines{"2026-03-02T11:00:00Z a", "2026-03-02T11:00:00Z b"});
}

TEST_CASE("moved: a zone that is said again leaves a wait in the second pass of an overlap",
          "[engine][S13][S9]") {
  Host host(staying("wait: 1d2h"));
  host.at("2026-10-23T23:30:00Z").identify({{"zone", "Europe/Warsaw"}}).event("join");
  host.after(hour_ms).identify({{"zone", "Europe/Warsaw"}});
  CHECK(host.told({"resolved_zone"}).empty());
  CHECK(run_to(host, "2026-10-26T00:00:00Z") ==
        Lines{"2026-10-25T01:30:00Z a", "2026-10-25T01:30:00Z b"});
}

}  // namespace itinera::test
