// SPDX-License-Identifier: Apache-2.0
// S6, S10, S20: what is past in a loop, far from UTC, and after several sends.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {

TEST_CASE("past: a duration that ends right now is due, not past", "[engine][S6][S20]") {
  const std::string_view if_past = GENERATE("skip", "exit", "continue");
  Host host(
      fmt::format("campaign: c\nentry: [{{event: join}}]\nsteps:\n  - wait: 1h\n"
                  "  - {{wait: 1h, anchor: entry, if_past: {}}}\n  - {{send: id, id: a}}\n"
                  "  - {{send: id, id: b}}\n",
                  if_past));
  host.event("join").after(hour_ms).advance();
  CHECK(host.take() == Lines{"a", "b"});
}

TEST_CASE("past: the decision says that the time had passed", "[engine][S6]") {
  Host host(
      "campaign: c\nentry: [{event: join}]\nsteps: [{wait: {until: contact.due}}, {send: id}]\n");
  host.identify({{"due", "2026-03-02T08:59:59.999Z"}}).event("join");
  host.identify({{"due", "2026-03-02T09:00:00Z"}}).event("join");
  CHECK(host.told({"waited"}) == Lines{"waited (past) wait-1", "waited wait-1"});
}

TEST_CASE("past: a time of day that a loop has taken is not past again on its own date",
          "[engine][S6][S25]") {
  const std::string_view if_past = GENERATE("exit", "skip", "continue", "next");
  Host host(fmt::format(R"(
campaign: c
entry: [{{event: join}}]
steps:
  - {{wait: {{time: "12:00"}}, if_past: {}, id: noon}}
  - wait: 1h
  - {{send: id, id: hello}}
  - {{goto: noon}}
)",
                        if_past));
  host.event("join").after(5 * day_ms).advance();
  CHECK(host.take().size() == 5);
  CHECK(host.told({"exited"}).empty());
}

TEST_CASE("local: a loop's date is the contact's own, far from UTC too", "[engine][S10][S25][S9]") {
  const std::string_view wait = GENERATE("{time: '09:00'}", "{window: '09:00-17:00'}");
  const char* zone = GENERATE("Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati");
  CAPTURE(wait, zone);
  Host host(fmt::format(R"(
campaign: c
entry: [{{event: join}}]
steps:
  - {{wait: {}, id: morning}}
  - {{send: id, id: hello}}
  - {{goto: morning}}
)",
                        wait),
            shop, {}, "2026-03-01T10:30:00Z");
  // 23:30, 00:30 and 00:30 there.
  host.identify({{"zone", zone}}).event("join").after(4 * day_ms).advance();
  CHECK(host.take().size() == 4);
}

TEST_CASE("anchor: `last_emitted` is the newest emission of this journey", "[engine][S20]") {
  Host host(R"(
campaign: c
entry: [{event: join, key: event.k}]
steps:
  - {send: id, id: one}
  - wait: 1h
  - {send: id, id: two}
  - wait: 1h
  - {wait: 3h, id: last, anchor: last_emitted}
)");
  const Instant entered = host.clock();
  host.event("join", {{"k", "1"}}).after(hour_ms + minute_ms).event("join", {{"k", "2"}});
  host.at(entered + 2 * hour_ms).advance();
  CHECK(host.due_of("last") == entered + 4 * hour_ms);
}

}  // namespace itinera::test
