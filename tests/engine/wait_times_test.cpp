// SPDX-License-Identifier: Apache-2.0
// S6-S12, S20: waits for a time.
#include <fmt/format.h>

#include "record/frame.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

// One wait, written as a flow mapping without braces, between an entry and two sends.
std::string waiting(std::string_view wait, std::string_view more = "") {
  return fmt::format(
      "campaign: c\n{}entry: [{{event: join}}]\nsteps:\n  - {{{}}}\n  - {{send: id, id: a}}\n"
      "  - {{send: id, id: b}}\n",
      more, wait);
}

// The newest Waited record of a journal.
record::Waited newest_wait(base::ByteView journal) {
  std::optional<record::Waited> newest;
  record::FrameReader reader(journal);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    base::ByteView rest = frame.records;
    while (const auto raw = record::Frame::next(rest)) {
      if (raw->kind != record::RecordKind::waited) continue;
      newest = record::decode<record::Waited>(raw->fields);
    }
  }
  REQUIRE(newest);
  return *newest;
}

enum ZoneFrom : std::uint8_t { none = 0, of_contact = 1, of_campaign = 2, of_workspace = 3 };

}  // namespace

TEST_CASE("past: what `if_past` does where a date has passed", "[engine][S6]") {
  struct Row {
    const char* if_past;
    Lines taken;
    Lines ended;
  };
  const Row row = GENERATE(Row{"", {"a", "b"}, {"finished"}},
                           Row{", if_past: continue", {"a", "b"}, {"finished"}},
                           Row{", if_past: skip", {"b"}, {"finished"}},
                           Row{", if_past: exit", {}, {"exited (past_date)"}});
  Host host(waiting(fmt::format("wait: {{until: contact.due}}{}", row.if_past)));
  host.identify({{"due", "2026-03-02T08:59:59.999Z"}}).event("join");
  CHECK(host.take() == row.taken);
  CHECK(host.told({"finished", "exited"}) == row.ended);
}

TEST_CASE("past: equal to now is due, not past", "[engine][S6]") {
  const std::string_view if_past = GENERATE("skip", "exit", "continue");
  Host host(waiting(fmt::format("wait: {{until: contact.due}}, if_past: {}", if_past)));
  host.identify({{"due", "2026-03-02T09:00:00Z"}}).event("join");
  CHECK(host.take() == Lines{"a", "b"});
}

TEST_CASE("past: what `if_past` does where a duration's anchor lies too far back",
          "[engine][S6][S20]") {
  struct Row {
    const char* if_past;
    Lines taken;
    Lines ended;
  };
  const Row row = GENERATE(Row{"", {"a", "b"}, {"finished"}},
                           Row{", if_past: continue", {"a", "b"}, {"finished"}},
                           Row{", if_past: skip", {"b"}, {"finished"}},
                           Row{", if_past: exit", {}, {"exited (past_date)"}});
  Host host(fmt::format(
      "campaign: c\nentry: [{{event: join}}]\nsteps:\n  - wait: 2h\n"
      "  - {{wait: 1h, anchor: entry{}}}\n  - {{send: id, id: a}}\n  - {{send: id, id: b}}\n",
      row.if_past));
  host.event("join").after(2 * hour_ms).advance();
  CHECK(host.take() == row.taken);
  CHECK(host.told({"finished", "exited"}) == row.ended);
}

TEST_CASE("past: a time of day takes its next occurrence unless told otherwise", "[engine][S6]") {
  struct Row {
    const char* fields;
    Lines now;        // taken at once
    const char* due;  // or when it is due
    Lines ended;
  };
  // 10:00 in Warsaw, a Monday.
  const Row row = GENERATE(
      Row{"wait: {time: '09:00'}", {}, "2026-03-03T08:00:00Z", {}},
      Row{"wait: {time: '09:00'}, if_past: next", {}, "2026-03-03T08:00:00Z", {}},
      Row{"wait: {time: '09:00', days: Wed-Fri}", {}, "2026-03-04T08:00:00Z", {}},
      Row{"wait: {time: '09:00'}, if_past: continue", {"a", "b"}, nullptr, {"finished"}},
      Row{"wait: {time: '09:00'}, if_past: skip", {"b"}, nullptr, {"finished"}},
      Row{"wait: {time: '09:00'}, if_past: exit", {}, nullptr, {"exited (past_date)"}},
      Row{"wait: {time: '09:00', days: Tue}, if_past: exit", {}, "2026-03-03T08:00:00Z", {}},
      Row{"wait: {time: '10:00'}", {"a", "b"}, nullptr, {"finished"}},
      Row{"wait: {time: '10:00'}, if_past: skip", {"a", "b"}, nullptr, {"finished"}},
      Row{"wait: {time: '11:00'}, if_past: exit", {}, "2026-03-02T10:00:00Z", {}});
  CAPTURE(row.fields);
  Host host(waiting(row.fields));
  host.event("join");
  CHECK(host.take() == row.now);
  CHECK(host.told({"finished", "exited"}) == row.ended);
  if (row.due == nullptr) return;
  CHECK(host.next_deadline() == instant(row.due));
  host.at(row.due).advance();
  CHECK(host.take() == Lines{"a", "b"});
}

TEST_CASE("past: a window that is open lets go on now, `from` included and `to` not",
          "[engine][S6]") {
  struct Row {
    const char* from;
    const char* due;
  };
  const Row row =
      GENERATE(Row{"2026-03-02T13:00:00Z", nullptr}, Row{"2026-03-02T14:59:59.999Z", nullptr},
               Row{"2026-03-02T15:00:00Z", "2026-03-03T13:00:00Z"},
               Row{"2026-03-02T12:59:59.999Z", "2026-03-02T13:00:00Z"},
               Row{"2026-03-06T15:00:00Z", "2026-03-09T13:00:00Z"});
  Host host(waiting("wait: {window: '14:00-16:00', days: Mon-Fri}"));
  host.at(row.from).event("join");
  CHECK(host.take() == (row.due == nullptr ? Lines{"a", "b"} : Lines{}));
  if (row.due != nullptr) CHECK(host.next_deadline() == instant(row.due));
}

TEST_CASE("missing: what `on_missing` does where the date is absent or no date", "[engine][S7]") {
  struct Row {
    const char* on_missing;
    Lines taken;
    Lines ended;
  };
  const Row row = GENERATE(Row{"", {}, {"exited (missing_date)"}},
                           Row{", on_missing: exit", {}, {"exited (missing_date)"}},
                           Row{", on_missing: continue", {"a", "b"}, {"finished"}},
                           Row{", on_missing: skip", {"b"}, {"finished"}});
  const auto due = GENERATE(Value{}, Value("soon"), Value(""), Value("2026-02-30"), Value(true),
                            Value(Value::List{}), Value(1e300), Value("0000-01-01"));
  Host host(waiting(fmt::format("wait: {{until: contact.due}}{}", row.on_missing)));
  host.identify({{"due", due}}).event("join");
  CHECK(host.take() == row.taken);
  CHECK(host.told({"finished", "exited"}) == row.ended);
}

TEST_CASE("missing: what a journey sent before it left for want of a date stays sent",
          "[engine][S7][S28]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - {send: id, id: hello}
  - wait: {until: contact.birthday}
)");
  host.event("join");
  CHECK(host.take() == Lines{"hello"});
  CHECK(host.told({"exited", "withdrawn_exit"}) == Lines{"exited (missing_date)"});
}

TEST_CASE("dates: texts, numbers and timestamps, with time of a bare date and offset",
          "[engine][waits]") {
  struct Row {
    const char* fields;
    Value date;
    const char* due;
  };
  const Row row = GENERATE(
      Row{"wait: {until: contact.due}", "2026-03-10", "2026-03-09T23:00:00Z"},
      Row{"wait: {until: contact.due}, at: '09:00'", "2026-03-10", "2026-03-10T08:00:00Z"},
      Row{"wait: {until: contact.due}, offset: -3d", "2026-03-10", "2026-03-06T23:00:00Z"},
      Row{"wait: {until: contact.due}, offset: 90m", "2026-03-10T10:00:00Z",
          "2026-03-10T11:30:00Z"},
      Row{"wait: {until: contact.due}", 1'773'136'800, "2026-03-10T10:00:00Z"},
      Row{"wait: {until: contact.due}", 1'773'136'800'123, "2026-03-10T10:00:00.123Z"},
      Row{"wait: {until: contact.due}", Timestamp{1'773'136'800, 0}, "2026-03-10T10:00:00Z"},
      Row{"wait: {until: 'timestamp(contact.due) + duration(\"60s\")'}", "2026-03-10T10:00:00Z",
          "2026-03-10T10:01:00Z"});
  CAPTURE(row.fields);
  Host host(waiting(row.fields));
  host.identify({{"due", row.date}}).event("join").take();
  CHECK(host.next_deadline() == instant(row.due));
}

TEST_CASE("dates: `until` is evaluated once, on arrival", "[engine][waits]") {
  Host host(waiting("wait: {until: contact.due}"));
  host.identify({{"due", "2026-03-10T10:00:00Z"}}).event("join");
  host.identify({{"due", "2026-03-05T10:00:00Z"}}).take();
  CHECK(host.next_deadline() == instant("2026-03-10T10:00:00Z"));
}

TEST_CASE("gap: a time of day that does not occur is the instant at which the gap ends",
          "[engine][S8]") {
  Host host(waiting("wait: {time: '02:30'}"));
  host.at("2026-03-28T12:00:00Z").event("join").take();
  CHECK(host.next_deadline() == instant("2026-03-29T01:00:00Z"));
}

TEST_CASE("overlap: a time of day that occurs twice is the earlier", "[engine][S9]") {
  Host host(waiting("wait: {time: '02:30'}"));
  SECTION("seen from the day before") { host.at("2026-10-24T12:00:00Z").event("join").take(); }
  SECTION("seen from a second before") { host.at("2026-10-25T00:29:59Z").event("join").take(); }
  CHECK(host.next_deadline() == instant("2026-10-25T00:30:00Z"));
}

TEST_CASE("overlap: a daily loop fires once per local date, in gap, overlap and plain weeks",
          "[engine][S8][S9][S25]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait: {time: "02:30"}
    id: night
  - {send: id, id: hello}
  - {goto: night}
)",
            shop, {}, "2026-03-01T09:00:00Z");
  host.event("join").at("2026-03-27T12:00:00Z").advance().take();
  const std::size_t before = host.actions().size();
  host.at("2026-03-30T12:00:00Z").advance().take();
  REQUIRE(host.actions().size() == before + 3);
  CHECK(host.actions()[before].at == instant("2026-03-28T01:30:00Z"));
  CHECK(host.actions()[before + 1].at == instant("2026-03-29T01:00:00Z"));
  CHECK(host.actions()[before + 2].at == instant("2026-03-30T00:30:00Z"));
  host.at("2026-10-24T12:00:00Z").advance().take();
  const std::size_t autumn = host.actions().size();
  host.at("2026-10-26T12:00:00Z").advance().take();
  REQUIRE(host.actions().size() == autumn + 2);
  CHECK(host.actions()[autumn].at == instant("2026-10-25T00:30:00Z"));
  CHECK(host.actions()[autumn + 1].at == instant("2026-10-26T01:30:00Z"));
}

TEST_CASE("calendar: a day is a local day where the clock changes, 24 hours are exact",
          "[engine][S9]") {
  struct Row {
    const char* fields;
    const char* from;
    const char* due;
  };
  const Row row = GENERATE(Row{"wait: 1d", "2026-03-28T11:00:00Z", "2026-03-29T10:00:00Z"},
                           Row{"wait: 24h", "2026-03-28T11:00:00Z", "2026-03-29T11:00:00Z"},
                           Row{"wait: PT24H", "2026-03-28T11:00:00Z", "2026-03-29T11:00:00Z"},
                           Row{"wait: 1d", "2026-10-24T10:00:00Z", "2026-10-25T11:00:00Z"},
                           Row{"wait: 1w", "2026-03-28T11:00:00Z", "2026-04-04T10:00:00Z"},
                           Row{"wait: P1DT1H", "2026-03-28T11:00:00Z", "2026-03-29T11:00:00Z"});
  CAPTURE(row.fields);
  Host host(waiting(row.fields));
  host.at(row.from).event("join").take();
  CHECK(host.next_deadline() == instant(row.due));
}

TEST_CASE("local: weekdays are those of the contact's own date", "[engine][S10]") {
  struct Row {
    const char* fields;
    const char* zone;
    const char* from;
    const char* due;  // null: at once
  };
  // Sunday noon in UTC is Monday 01:00 in Auckland; Monday 02:00 in UTC is Sunday 16:00 in
  // Honolulu.
  const Row row = GENERATE(Row{"wait: {time: '09:00', days: Mon}", "Pacific/Auckland",
                               "2026-03-01T12:00:00Z", "2026-03-01T20:00:00Z"},
                           Row{"wait: {window: '00:30-02:00', days: Mon}", "Pacific/Auckland",
                               "2026-03-01T12:00:00Z", nullptr},
                           Row{"wait: {window: '00:30-02:00', days: Sun}", "Pacific/Auckland",
                               "2026-03-01T12:00:00Z", "2026-03-07T11:30:00Z"},
                           Row{"wait: {time: '17:00', days: Sun}", "Pacific/Honolulu",
                               "2026-03-09T02:00:00Z", "2026-03-09T03:00:00Z"},
                           Row{"wait: {time: '17:00', days: Mon}", "Pacific/Honolulu",
                               "2026-03-09T02:00:00Z", "2026-03-10T03:00:00Z"},
                           Row{"wait: {window: '22:00-04:00', days: Sun}", "Europe/Warsaw",
                               "2026-03-09T02:00:00Z", nullptr});
  CAPTURE(row.fields, row.zone);
  Host host(waiting(row.fields), shop, {}, "2026-03-01T00:00:00Z");
  host.identify({{"zone", row.zone}}).at(row.from).event("join");
  CHECK(host.take() == (row.due == nullptr ? Lines{"a", "b"} : Lines{}));
  if (row.due != nullptr) CHECK(host.next_deadline() == instant(row.due));
}

TEST_CASE("months: a day that a month lacks is its last", "[engine][S11]") {
  struct Row {
    const char* wait;
    const char* from;
    const char* due;
  };
  const Row row = GENERATE(Row{"P1M", "2026-01-31T11:00:00Z", "2026-02-28T11:00:00Z"},
                           Row{"P1M", "2028-01-31T11:00:00Z", "2028-02-29T11:00:00Z"},
                           Row{"P1Y", "2028-02-29T11:00:00Z", "2029-02-28T11:00:00Z"},
                           Row{"P1M1D", "2026-01-31T11:00:00Z", "2026-03-01T11:00:00Z"},
                           Row{"P2M", "2026-01-31T11:00:00Z", "2026-03-31T10:00:00Z"});
  CAPTURE(row.wait, row.from);
  Host host(waiting(fmt::format("wait: {}", row.wait)), shop, {}, "2026-01-01T00:00:00Z");
  host.at(row.from).event("join").take();
  CHECK(host.next_deadline() == instant(row.due));
}

TEST_CASE("zones: the wait's own, then contact, campaign, workspace; the decision says which",
          "[engine][S12]") {
  struct Row {
    const char* wait;
    const char* campaign;
    Value contact;
    const char* due;
    std::uint8_t from;
    std::uint64_t invalid;
  };
  // Workspace: Europe/Warsaw.
  const Row row = GENERATE(
      Row{"", "", {}, "2026-03-03T08:00:00Z", of_workspace, 0},
      Row{"", "zone: Asia/Tokyo\n", {}, "2026-03-03T00:00:00Z", of_campaign, 0},
      Row{"", "zone: Asia/Tokyo\n", "America/New_York", "2026-03-02T14:00:00Z", of_contact, 0},
      Row{"", "zone: Asia/Tokyo\n", "Nowhere/Land", "2026-03-03T00:00:00Z", of_campaign, 1},
      Row{"", "", "Nowhere/Land", "2026-03-03T08:00:00Z", of_workspace, 1},
      Row{"", "", "", "2026-03-03T08:00:00Z", of_workspace, 1},
      Row{"", "", 7, "2026-03-03T08:00:00Z", of_workspace, 1},
      Row{", zone: Europe/London", "zone: Asia/Tokyo\n", "America/New_York", "2026-03-02T09:00:00Z",
          none, 0});
  CAPTURE(row.wait, row.campaign, row.contact);
  Host host(waiting(fmt::format("wait: {{time: '09:00'}}{}", row.wait), row.campaign), shop, {},
            "2026-03-02T08:59:00Z");
  host.identify({{"zone", row.contact}}).event("join").take();
  CHECK(host.next_deadline() == instant(row.due));
  CHECK((newest_wait(host.journal()).zone_from & 0x7F) == row.from);
  CHECK(host.statistics().invalid_zones == row.invalid);
}

TEST_CASE("zones: a hostile zone id is an invalid one, and nothing more", "[engine][S12]") {
  const auto zone = GENERATE(Value("../../etc/passwd"), Value(std::string(100'000, 'x')),
                             Value(std::string("Europe/Warsaw\0x", 15)), Value("/dev/zero"));
  Host host(waiting("wait: {time: '09:00'}"));
  host.identify({{"zone", zone}}).event("join").take();
  CHECK(host.next_deadline() == instant("2026-03-03T08:00:00Z"));
  CHECK(host.statistics().invalid_zones == 1);
}

TEST_CASE("zones: an exact duration needs none, and counts none", "[engine][S12]") {
  Host host(waiting("wait: 1h"));
  host.identify({{"zone", "Nowhere/Land"}}).event("join").take();
  CHECK(newest_wait(host.journal()).zone_from == none);
  CHECK(host.statistics().invalid_zones == 0);
}

TEST_CASE(
    "anchor: after a skipped step a wait counts from the skip, the last emission, or the "
    "entry",
    "[engine][S20]") {
  struct Row {
    const char* anchor;
    std::int64_t due;  // after entry
  };
  const Row row =
      GENERATE(Row{"", 5 * hour_ms}, Row{", anchor: step", 5 * hour_ms},
               Row{", anchor: last_emitted", 4 * hour_ms}, Row{", anchor: entry", 3 * hour_ms});
  Host host(fmt::format(R"(
campaign: c
entry: [{{event: join}}]
steps:
  - wait: 1h
  - {{send: id, id: sent}}
  - wait: 1h
  - {{send: id, id: skipped, when: 'false'}}
  - {{wait: 3h, id: last{}}}
)",
                        row.anchor));
  const Instant entered = host.clock();
  host.event("join").after(2 * hour_ms).advance().take();
  CHECK(host.due_of("last") == entered + row.due);
}

TEST_CASE("anchor: `last_emitted` is the entry where nothing was emitted", "[engine][S20]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait: 1h
  - {wait: 3h, id: last, anchor: last_emitted}
)");
  const Instant entered = host.clock();
  host.event("join").after(hour_ms).advance();
  CHECK(host.due_of("last") == entered + 3 * hour_ms);
}

TEST_CASE("anchor: an anchored wait is measured on the calendar of its anchor", "[engine][S20]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait: 1h
  - {wait: 1d, id: last, anchor: entry}
)",
            shop, {}, "2026-03-28T11:00:00Z");
  host.event("join").after(hour_ms).advance();
  CHECK(host.due_of("last") == instant("2026-03-29T10:00:00Z"));
}

}  // namespace itinera::test
