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

}  // namespace itinera::test
