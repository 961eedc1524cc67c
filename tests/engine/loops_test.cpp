// SPDX-License-Identifier: Apache-2.0
// S25: loops wait, are bounded, and give every round's actions ids of their own.
#include <fmt/format.h>

#include <set>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string loop(std::string_view wait, std::string_view more = "") {
  return fmt::format(R"(
campaign: c
entry: [{{event: join}}]
steps:
  - {{send: id, id: hello{}}}
  - wait: {}
  - {{goto: hello}}
)",
                     more, wait);
}

}  // namespace

TEST_CASE("loop: the iteration counts visits from 0 and is part of the action's id",
          "[engine][S25]") {
  Host host(loop("1h"));
  host.event("join").after(5 * hour_ms).advance().take();
  REQUIRE(host.actions().size() == 6);
  std::set<ActionId> ids;
  for (std::uint32_t i = 0; i < 6; ++i) {
    CHECK(host.actions()[i].iteration == i);
    CHECK(host.actions()[i].at == instant(Host::start) + i * hour_ms);
    ids.insert(host.actions()[i].id);
  }
  CHECK(ids.size() == 6);
}

TEST_CASE("loop: `max_visits` bounds it, then exit `loop_limit`, which unsends nothing",
          "[engine][S25]") {
  Host host(loop("1h", ", max_visits: 3"));
  host.event("join").after(10 * hour_ms).advance();
  CHECK(host.take() == Lines{"hello", "hello", "hello"});
  CHECK(host.told({"exited", "withdrawn_exit"}) == Lines{"exited (loop_limit)"});
  CHECK(host.statistics().journeys_in_flight == 0);
}

TEST_CASE("loop: the default bound is the limits'", "[engine][S25][limits]") {
  Limits limits;
  limits.max_visits = 7;
  Host host(loop("1h"), shop, limits);
  host.event("join").after(day_ms).advance();
  CHECK(host.take().size() == 7);
  CHECK(host.told({"exited"}) == Lines{"exited (loop_limit)"});
}

TEST_CASE("loop: one that waits less than the minimum is refused at publication", "[engine][S25]") {
  Host host(loop("1h"));
  const std::vector<SourceFile> files{{"w.yaml", std::string(shop)}, {"c.yaml", loop("59s")}};
  const LoadedWorkspace loaded = load_workspace(files);
  CHECK(has_errors(loaded.diagnostics));
  const Result<void> done = host.engine().publish(loaded.workspace, loaded.campaigns, host.clock());
  REQUIRE(!done);
  CHECK(done.error().code == ErrorCode::invalid_argument);
}

TEST_CASE("loop: more steps without a wait than one move may take end the journey",
          "[engine][S25][limits]") {
  const std::uint32_t bound = GENERATE(3U, 4U);
  Limits limits;
  limits.steps_per_move = bound;
  Host host(
      "campaign: c\nentry: [{event: join}]\nsteps:\n  - set: {journey.a: 1}\n"
      "  - set: {journey.b: 1}\n  - set: {journey.c: 1}\n  - set: {journey.d: 1}\n",
      shop, limits);
  host.event("join");
  CHECK(host.told({"exited", "finished"}) ==
        (bound == 3 ? Lines{"exited (loop_limit)"} : Lines{"finished"}));
}

TEST_CASE("loop: a time of day met again takes no occurrence on the same local date",
          "[engine][S25]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps:
  - wait: {window: "09:00-17:00"}
    id: open
  - {send: id, id: hello}
  - {goto: open}
)");
  host.event("join").after(3 * day_ms).advance();
  CHECK(host.take().size() == 4);
  CHECK(host.actions()[0].at == instant("2026-03-02T09:00:00Z"));
  CHECK(host.actions()[1].at == instant("2026-03-03T08:00:00Z"));
}

TEST_CASE("loop: a restart in the middle of it changes nothing", "[engine][S25]") {
  Host live(loop("1h", ", max_visits: 5"));
  Host crashed(loop("1h", ", max_visits: 5"));
  live.event("join");
  crashed.event("join");
  for (int i = 0; i < 6; ++i) {
    live.after(hour_ms).advance().take();
    crashed.after(hour_ms).crash().advance().take();
  }
  REQUIRE(live.actions().size() == crashed.actions().size());
  for (std::size_t i = 0; i < live.actions().size(); ++i) {
    CHECK(live.actions()[i].id == crashed.actions()[i].id);
  }
  CHECK(crashed.told({"exited"}) == Lines{"exited (loop_limit)"});
}

TEST_CASE("loop: a round is not run again where its campaign was frozen, or its wait is edited",
          "[engine][S25][S31][S21]") {
  struct Row {
    const char* wait;
    const char* edited;
    const char* begins;
    const char* next;
  };
  const Row row = GENERATE(
      Row{"window: '08:00-20:00'", "window: '08:00-21:00'", "2026-03-02T09:00:00Z",
          "2026-03-03T07:00:00Z"},
      Row{"window: '22:00-06:00'", "window: '22:00-07:00'", "2026-03-02T22:00:00Z",
          "2026-03-03T21:00:00Z"},
      Row{"time: '09:00'", "time: '08:30'", "2026-03-02T09:00:00Z", "2026-03-03T08:00:00Z"},
      Row{"business_days: 0", "business_days: 0, days: Mon-Sat", "2026-03-02T09:00:00Z",
          "2026-03-03T09:00:00Z"});
  CAPTURE(row.wait);
  const bool is_edited = GENERATE(false, true);
  const std::string_view wait = row.wait;
  const std::string_view if_past = wait.starts_with("time") ? ", if_past: continue" : "";
  const auto text = [&](int number, const char* form) {
    return fmt::format(
        "campaign: c\nversion: {}\nentry: [{{event: join}}]\nsteps:\n"
        "  - {{wait: {{{}}}{}, id: w}}\n  - {{send: id, id: hello}}\n  - {{goto: w}}\n",
        number, form, if_past);
  };
  Host host(text(1, row.wait), shop, {}, "2026-03-02T08:59:00Z");
  host.at(row.begins).event("join");
  CHECK(host.take() == Lines{"hello"});
  Instant due = instant(row.next);
  host.after(hour_ms);
  if (is_edited) {
    host.publish(text(2, row.edited), Migration{"c", WaitChange::recompute});
    if (wait.starts_with("time")) due = due - 30 * minute_ms;
    if (wait.starts_with("business")) due = instant("2026-03-03T10:00:00Z");
  } else {
    const Envelope now{host.clock(), std::nullopt, {}, {}};
    host.take_in(Pause{"c", PauseMode::freeze, false, now}).after(hour_ms);
    host.take_in(Resume{"c", {host.clock(), std::nullopt, {}, {}}});
  }
  host.crash().take();
  CHECK(host.engine().next_deadline() == due);
}

TEST_CASE("loop: a first round is looked up anew as it is", "[engine][S25][S21]") {
  const auto text = [](int number, const char* window) {
    return fmt::format(
        "campaign: c\nversion: {}\nentry: [{{event: join}}]\nsteps:\n"
        "  - {{wait: {{window: '{}'}}, id: w}}\n  - {{send: id, id: hello}}\n  - {{goto: w}}\n",
        number, window);
  };
  Host host(text(1, "08:00-20:00"), shop, {}, "2026-03-02T20:00:00Z");
  host.event("join").after(minute_ms);
  host.publish(text(2, "08:00-23:00"), Migration{"c", WaitChange::recompute});
  CHECK(host.advance().take() == Lines{"hello"});
}

}  // namespace itinera::test
