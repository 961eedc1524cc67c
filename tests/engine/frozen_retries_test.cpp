// SPDX-License-Identifier: Apache-2.0
// What has failed and is to be tried once more, while its campaign's time stands still.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

// An answer within four hours; what fails is asked for again after an hour, then after two.
const std::string calling =
    "campaign: c\nentry: [{event: go}]\nsteps:\n"
    "  - {call: x, id: x, within: 4h, retry: {times: 3, after: 1h},\n"
    "     then: [{send: id, id: good}], else: [{send: id, id: bad}]}\n";

std::string sending(std::string_view fields) {
  return fmt::format(
      "campaign: c\nentry: [{{event: go}}]\nsteps:\n"
      "  - {{send: id, id: mail, {}}}\n  - exit: done\n  - {{send: id, id: other}}\n",
      fields);
}

void freeze_at(Host& host, std::string_view at) {
  host.at(at).take_in(Pause{"c", PauseMode::freeze, false, {host.clock(), std::nullopt, {}, {}}});
}
void resume_at(Host& host, std::string_view at) {
  host.at(at).take_in(Resume{"c", {host.clock(), std::nullopt, {}, {}}}).crash();
}
void fails_at(Host& host, std::string_view at, std::string_view step = "x") {
  host.at(at).report(Receipt::failed, step).crash();
}

// When the newest failure is to be tried again.
Instant next_attempt(Host& host) {
  std::optional<Instant> due;
  for (const Told& each : host.story()) {
    if (each.what == "retried") due = each.due;
  }
  REQUIRE(due);
  return *due;
}

std::string line(Instant at, std::string_view step) {
  return fmt::format("{} {}", to_text(at), step);
}

}  // namespace

TEST_CASE("freeze: a call that failed before it has its answer's deadline moved too",
          "[engine][S31][retry]") {
  Host host(calling);
  host.event("go").take();  // 09:00: an answer by 13:00
  fails_at(host, "2026-03-02T09:10:00Z");
  const Instant next = next_attempt(host);
  freeze_at(host, "2026-03-02T09:30:00Z");
  resume_at(host, "2026-03-02T19:30:00Z");
  CHECK(host.told({"retried"}) == Lines{"retried x", "retried x"});  // it failed; it is later
  SECTION("no answer") {
    CHECK(run_to(host, "2026-03-04T00:00:00Z") ==
          Lines{line(next + 10 * hour_ms, "x"), "2026-03-02T23:00:00Z bad"});
  }
  SECTION("an answer just in time") {
    CHECK(run_to(host, "2026-03-02T22:59:59.998Z") == Lines{line(next + 10 * hour_ms, "x")});
    host.after(1).report(Receipt::completed, "x");
    CHECK(host.take() == Lines{"good"});
  }
  SECTION("a failure just before the end") {  // has no attempt left in time
    CHECK(run_to(host, "2026-03-02T22:50:00Z").size() == 1);
    host.report(Receipt::failed, "x");
    CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-02T23:00:00Z bad"});
  }
}

TEST_CASE("freeze: a call that fails meanwhile keeps its answer's deadline, and that moves",
          "[engine][S31][retry]") {
  Host host(calling);
  host.event("go").take();
  freeze_at(host, "2026-03-02T09:30:00Z");
  fails_at(host, "2026-03-02T12:00:00Z");
  const Instant next = next_attempt(host);
  host.advance().take();
  CHECK_FALSE(host.next_deadline());
  SECTION("goes on") {
    resume_at(host, "2026-03-02T19:30:00Z");
    CHECK(run_to(host, "2026-03-04T00:00:00Z") ==
          Lines{line(next + 450 * minute_ms, "x"), "2026-03-02T23:00:00Z bad"});
  }
  SECTION("is answered after all") {
    host.at("2026-03-02T18:00:00Z").report(Receipt::completed, "x");
    resume_at(host, "2026-03-02T19:30:00Z");
    CHECK(run_to(host, "2026-03-04T00:00:00Z").empty());
    CHECK(host.action("good").at == instant("2026-03-02T19:30:00Z"));
  }
}

TEST_CASE("freeze: a failure late in a pause has the time that was left before it",
          "[engine][S31][retry]") {
  Host host(calling);
  host.event("go").take();
  freeze_at(host, "2026-03-02T12:30:00Z");  // half an hour is left
  fails_at(host, "2026-03-02T20:00:00Z");
  CHECK(next_attempt(host) == instant("2026-03-02T20:30:00Z"));  // an answer is due sooner
  resume_at(host, "2026-03-02T21:00:00Z");
  CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-02T21:30:00Z bad"});
}

TEST_CASE("freeze: two pauses and two failures add up", "[engine][S31][retry]") {
  Host host(calling);
  host.event("go").take();
  fails_at(host, "2026-03-02T09:10:00Z");
  freeze_at(host, "2026-03-02T09:30:00Z");
  resume_at(host, "2026-03-02T19:30:00Z");
  CHECK(run_to(host, "2026-03-02T20:20:00Z").size() == 1);
  SECTION("the second during the second") {
    freeze_at(host, "2026-03-02T20:30:00Z");
    fails_at(host, "2026-03-02T21:00:00Z");
    const Instant next = next_attempt(host);
    resume_at(host, "2026-03-02T22:30:00Z");
    CHECK(run_to(host, "2026-03-04T00:00:00Z") ==
          Lines{line(next + 90 * minute_ms, "x"), "2026-03-03T01:00:00Z bad"});
  }
  SECTION("the second between both") {
    fails_at(host, "2026-03-02T20:25:00Z");
    const Instant next = next_attempt(host);
    freeze_at(host, "2026-03-02T20:30:00Z");
    resume_at(host, "2026-03-02T22:30:00Z");
    CHECK(run_to(host, "2026-03-04T00:00:00Z") ==
          Lines{line(next + 2 * hour_ms, "x"), "2026-03-03T01:00:00Z bad"});
  }
}

TEST_CASE("pause: of a queue the answer's deadline does not move", "[engine][S31][retry]") {
  const bool before = GENERATE(true, false);
  Host host(calling);
  host.event("go").take();
  const auto pauses = [&] {
    host.at("2026-03-02T09:30:00Z");
    host.take_in(Pause{"c", PauseMode::queue, false, {host.clock(), std::nullopt, {}, {}}});
  };
  if (!before) pauses();
  fails_at(host, before ? "2026-03-02T09:10:00Z" : "2026-03-02T09:40:00Z");
  if (before) pauses();
  resume_at(host, "2026-03-02T12:00:00Z");
  CHECK(run_to(host, "2026-03-04T00:00:00Z").back() == "2026-03-02T13:00:00Z bad");
}

TEST_CASE("freeze: a message is tried again later by the pause", "[engine][S31][retry]") {
  const bool before = GENERATE(true, false);
  Host host(sending("retry: {times: 3, after: 1h}"));
  host.event("go").take();
  if (before) fails_at(host, "2026-03-02T09:05:00Z", "mail");
  freeze_at(host, "2026-03-02T09:10:00Z");
  if (!before) fails_at(host, "2026-03-02T10:00:00Z", "mail");
  const Instant next = next_attempt(host);
  resume_at(host, "2026-03-02T19:10:00Z");
  const Instant then = next + (before ? 10 * hour_ms : 550 * minute_ms);
  CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{line(then, "mail")});
}

TEST_CASE("freeze: a message goes stale meanwhile all the same", "[engine][S31][S15]") {
  SECTION("before another attempt") {
    Host host(sending("retry: {times: 3, after: 1h}, expires: 3h, on_expire: other"));
    host.event("go").take();
    fails_at(host, "2026-03-02T09:05:00Z", "mail");
    freeze_at(host, "2026-03-02T09:10:00Z");
    const std::string_view end = GENERATE("2026-03-02T11:00:00Z", "2026-03-02T19:10:00Z");
    resume_at(host, end);
    const bool in_time = end < std::string_view("2026-03-02T12:00:00Z");
    CHECK(run_to(host, "2026-03-04T00:00:00Z").size() == 1);
    CHECK(host.told({"expired"}) == (in_time ? Lines{} : Lines{"expired (paused) mail"}));
    CHECK(host.actions().back().step == (in_time ? "mail" : "other"));
  }
  SECTION("before its time of day") {
    Host host(sending("at: \"12:00\", expires: 12h, on_expire: other"));
    host.event("go").take();
    freeze_at(host, "2026-03-02T09:10:00Z");
    resume_at(host, "2026-03-04T09:00:00Z");
    CHECK(run_to(host, "2026-03-09T00:00:00Z") == Lines{"2026-03-04T11:00:00Z other"});
    CHECK(host.told({"expired"}) == Lines{"expired (paused) mail"});
  }
}

}  // namespace itinera::test
