// SPDX-License-Identifier: Apache-2.0
// S23: a journey follows the version that it entered; re-entry takes the newest.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string version(int number, std::string_view step, std::string_view more = "") {
  return fmt::format(R"(
campaign: c
version: {}
{}
entry: [{{event: join}}]
exits: [{{event: leave}}]
steps: [{{wait: 1h}}, {{send: id, id: {}}}]
)",
                     number, more, step);
}

}  // namespace

TEST_CASE("publish: two versions in flight each follow their own, re-entry takes the newest",
          "[engine][S23]") {
  Host host(version(1, "one"));
  host.event("join").after(minute_ms).publish(version(2, "two"));
  host.event("join", {}, "bob").after(minute_ms);
  const bool restarted = GENERATE(true, false);
  if (restarted) host.crash();
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"one", "two@bob"});
  CHECK(host.action("one").version == 1);
  CHECK(host.action("two").version == 2);
  host.event("join").after(hour_ms + 1).advance();
  CHECK(host.take() == Lines{"two"});
}

TEST_CASE("publish: a journey in flight on an old version stands in the way of the newest",
          "[engine][S23][S26]") {
  Host host(version(1, "one"));
  host.event("join").publish(version(2, "two")).event("join");
  CHECK(host.told({"refused_reentry"}) == Lines{"refused_reentry (while_running)"});
  // The newest version's rule is asked, of journeys on whatever version.
  host.publish(version(3, "three", "reentry: never")).event("leave").event("join");
  CHECK(host.told({"entered", "refused_reentry"}) == Lines{"refused_reentry (never)"});
}

TEST_CASE("publish: what an old version listens to goes on being heard", "[engine][S23]") {
  Host host(R"(
campaign: c
version: 1
entry: [{event: join}]
steps:
  - wait_for: {event: paid, when: event.total > 5}
  - {send: id, id: thanks, data: {plan: =contact.plan}}
)");
  host.event("join").publish(version(2, "two"));
  host.identify({{"plan", "gold"}}).event("paid", {{"total", 9}});
  CHECK(host.take() == Lines{"thanks"});
  CHECK(host.action("thanks").data == Properties{{"plan", "gold"}});
}

TEST_CASE("publish: a campaign left out takes no entries; its journeys go on", "[engine][S23]") {
  Host host(version(1, "one"));
  host.event("join").publish("campaign: other\nentry: [{event: unrelated}]\nsteps: [{wait: 1h}]\n");
  host.event("join", {}, "bob").after(hour_ms).advance();
  CHECK(host.take() == Lines{"one"});
  CHECK(host.statistics().journeys_entered == 1);
  host.publish(version(1, "one")).event("join", {}, "bob");
  CHECK(host.statistics().journeys_entered == 2);
}

TEST_CASE("publish: of several versions at once the highest takes entries", "[engine][S23]") {
  Host host(version(3, "three") + "---\n" + version(1, "one"));
  host.event("join").after(hour_ms).advance();
  CHECK(host.take() == Lines{"three"});
}

TEST_CASE("publish: what is published already changes nothing", "[engine][S23]") {
  Host host(version(1, "one"));
  const std::size_t bytes = host.journal().size();
  host.after(hour_ms).publish(version(1, "one"));
  CHECK(host.journal().size() == bytes);
}

TEST_CASE("publish: a published version with other content, and another workspace, are conflicts",
          "[engine][S23]") {
  Host host(version(1, "one"));
  const std::size_t bytes = host.journal().size();
  const LoadedWorkspace changed = host.load(version(1, "changed"));
  const Result<void> done =
      host.engine().publish(changed.workspace, changed.campaigns, host.clock());
  REQUIRE(!done);
  CHECK(done.error().code == ErrorCode::conflict);
  LoadedWorkspace other = host.load(version(2, "two"));
  other.workspace.name = "other";
  const Result<void> refused =
      host.engine().publish(other.workspace, other.campaigns, host.clock());
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(host.journal().size() == bytes);
}

TEST_CASE("publish: what cannot be compiled is refused every time, and changes nothing",
          "[engine][S23][limits]") {
  Host host(version(1, "one"));
  host.event("join");
  LoadedWorkspace loaded = host.load(version(2, "two") + "goals: {g: {event: paid}}\n");
  std::vector<Goal>& goals = loaded.campaigns.front().goals;
  while (goals.size() < 33) {
    goals.push_back(goals.front());
    goals.back().name = fmt::format("g{}", goals.size());
  }
  const std::size_t bytes = host.journal().size();
  const std::uint64_t inputs = host.statistics().inputs;
  for (int i = 0; i < 2; ++i) {
    const Result<void> done =
        host.engine().publish(loaded.workspace, loaded.campaigns, host.clock());
    REQUIRE(!done);
    CHECK(done.error().code == ErrorCode::invalid_argument);
  }
  CHECK(host.journal().size() == bytes);
  CHECK(host.statistics().inputs == inputs);
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"one"});
}

TEST_CASE("publish: a zone that the zone data do not know is refused", "[engine][S12]") {
  Host host(version(1, "one"));
  const std::size_t bytes = host.journal().size();
  const auto message = [&](std::string_view campaign) {
    const LoadedWorkspace loaded = host.load(campaign);  // without zones: it is not found here
    const Result<void> done =
        host.engine().publish(loaded.workspace, loaded.campaigns, host.clock());
    return done ? std::string() : done.error().message;
  };
  CHECK_THAT(message(version(2, "two", "zone: Europe/Warsow")),
             Catch::Contains("there is no zone 'Europe/Warsow'"));
  host.workspace(
      "workspace: shop\nzone: Mars\nchannels:\n"
      "  id: {address: contact.id, consent: none}\n");
  CHECK_THAT(message(version(2, "two")), Catch::Contains("there is no zone 'Mars'"));
  CHECK(host.journal().size() == bytes);
}

TEST_CASE("publish: fires what is due before it, and stands at its own instant",
          "[engine][S23][S0]") {
  Host host(version(1, "one"));
  host.event("join").after(hour_ms + 5).publish(version(2, "two"));
  CHECK(host.take() == Lines{"one"});
  CHECK(host.action("one").at == host.clock() - 5);
  CHECK(host.engine().now() == host.clock());
}

TEST_CASE("publish: a channel's address is read as published last", "[engine][S23]") {
  Host host(version(1, "one"));
  host.identify({{"phone", "+48"}}).event("join");
  host.workspace("workspace: shop\nchannels:\n  id: {address: contact.phone, consent: none}\n");
  host.publish(version(1, "one")).identify({{"phone", "+49"}}).after(hour_ms).advance().take();
  CHECK(host.action("one").address == "+49");
}

TEST_CASE("publish: before anything is published inputs are unheard, not errors", "[engine][S23]") {
  Result<Engine> engine = Engine::create({{}, system_zones()});
  REQUIRE(engine);
  Event event;
  event.name = "join";
  event.contact = "ola";
  event.envelope.received = instant(Host::start);
  const Input input = event;
  CHECK(engine->feed({&input, 1}).empty());
  CHECK(engine->statistics().events_unheard == 1);
  engine->advance_to(latest_instant);
  CHECK(engine->take_output().actions.empty());
  CHECK(!Engine::create({}));
}

}  // namespace itinera::test
