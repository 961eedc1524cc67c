// SPDX-License-Identifier: Apache-2.0
// S23: a journey follows the version that it entered; re-entry takes the newest.
#include <fmt/format.h>

#include "engine/loss.hpp"
#include "plan/plan.hpp"
#include "support/host.hpp"
#include "support/pieces.hpp"

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

TEST_CASE("publish: what journals cannot say is refused, and time stays where it is",
          "[engine][S23][S0]") {
  Host host(version(1, "one"));
  host.event("join");
  LoadedWorkspace loaded = host.load(version(2, "two"));
  loaded.campaigns.front().reentry.kind = static_cast<Reentry::Kind>(99);
  const std::size_t bytes = host.journal().size();
  const Pieces before = pieces_of(host.engine());
  for (int i = 0; i < 2; ++i) {
    REQUIRE(!host.engine().publish(loaded.workspace, loaded.campaigns, host.clock() + minute_ms));
  }
  CHECK(pieces_of(host.engine()) == before);
  CHECK(host.journal().size() == bytes);
}

TEST_CASE("publish: where one campaign does not compile, all stands as it stood",
          "[engine][S23][limits]") {
  const auto read = [](std::string_view text) {
    const std::vector<SourceFile> files{{"all.yaml", std::string(text)}};
    LoadedWorkspace loaded = load_workspace(files);
    CHECK(loaded.diagnostics.empty());
    return loaded;
  };
  const LoadedWorkspace first = read(R"(
workspace: shop
channels:
  sms: {address: contact.phone, consent: none}
  email: {address: contact.email, consent: none}
---
campaign: c
entry: [{event: join, when: ever("paid")}]
steps: [{send: email}]
)");
  LoadedWorkspace second = read(R"(
workspace: shop
zone: Europe/Warsaw
holidays: [2026-12-24]
channels:
  email: {address: contact.mail, consent: none, receipts: [seen]}
segments:
  gold: contact.tier == "gold"
retain: {events: {opened_app: 30d}}
---
campaign: d
entry: [{event: join, when: ever("left")}]
steps: [{send: email}]
---
campaign: e
entry: [{segment: gold}]
steps: [{send: email}]
)");
  engine::Plans plans;
  const auto publish = [&](const LoadedWorkspace& loaded) {
    return engine::install(plans, loaded.workspace, loaded.campaigns, instant(Host::start),
                           *system_zones(), {});
  };
  REQUIRE(publish(first));
  Goal goal;
  for (std::size_t i = 0; i <= goals_max; ++i) second.campaigns.back().goals.push_back(goal);
  const Result<void> refused = publish(second);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::invalid_argument);
  REQUIRE(plans.channels.size() == 2);
  REQUIRE(plans.versions.size() == 1);
  const engine::SendPlan& send = *plans.versions[0]->nodes[0].send;
  CHECK(plans.channels[send.legs[0].channel].name == "email");
  CHECK(plans.workspace.zone == "UTC");
  CHECK(plans.zone == ZoneIndex::utc);
  CHECK(plans.holidays.empty());
  CHECK(plans.segments.empty());
  CHECK(plans.needs.size() == 1);
  CHECK(!plans.receipts.find(Receipt::declared, "seen"));
  CHECK(plans.families.size() == 1);
  CHECK(plans.publications.size() == 1);
  second.campaigns.back().goals.clear();
  REQUIRE(publish(second));
  CHECK(plans.needs.size() == 3);
  CHECK(plans.segments.size() == 1);
}

TEST_CASE("publish: segments and senders of all publications have a number each",
          "[engine][S23][limits]") {
  const auto refuses = [](Workspace more, std::size_t segments, std::size_t senders) {
    engine::Plans plans;
    plans.segments.resize(segments);
    plans.senders.resize(senders);
    for (std::size_t i = 0; i < segments; ++i) {
      plans.segments[i].name = fmt::format("s{}", i);
      plans.segments[i].id = plans.names.add(plans.segments[i].name);
    }
    for (std::size_t i = 0; i < senders; ++i) plans.senders[i].rules.name = fmt::format("s{}", i);
    more.name = "shop";
    const Result<void> done =
        engine::install(plans, more, {}, instant(Host::start), *system_zones(), {});
    if (!done) CHECK(done.error().code == ErrorCode::limit_reached);
    const bool has_more = done && more.segments.size() == 2;
    CHECK(plans.segments.size() == segments + (has_more ? 1U : 0U));
    return !done;
  };
  Workspace segments;
  segments.segments.resize(2);
  segments.segments[0].name = "s7";
  segments.segments[1].name = "new";
  for (Segment& each : segments.segments) each.condition.text = "contact.a";
  CHECK(!refuses(segments, 65'533, 0));
  CHECK(refuses(segments, 65'534, 0));
  Workspace senders;
  senders.senders.resize(2);
  senders.senders[0].name = "s7";
  senders.senders[1].name = "new";
  CHECK(!refuses(senders, 0, 65'533));
  CHECK(refuses(senders, 0, 65'534));
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

TEST_CASE("publish: a policy that holds back less frees what it held",
          "[engine][S14][S16][S18][sender]") {
  const auto policy = [](int quota, int max, std::string_view quiet) {
    return fmt::format(
        "workspace: shop\nzone: UTC\n"
        "channels:\n  li: {{address: contact.id}}\n  sms: {{address: contact.id}}\n"
        "  push: {{address: contact.id}}\n"
        "senders:\n  anna: {{channel: li, quota: {{per: day, all: {}}}}}\n"
        "policy:\n  quiet_hours: {{{}, channels: [push]}}\n"
        "  caps: [{{max: {}, per: 7d, channel: sms}}]\n",
        quota, quiet, max);
  };
  constexpr const char* by_day = "from: '08:00', to: '20:00'";
  constexpr const char* by_night = "from: '20:00', to: '08:00'";
  constexpr const char* sends =
      "campaign: low\npriority: 10\nentry: [{event: go}]\n"
      "steps: [{send: sms, id: low, on_cap: hold}]\n"
      "---\ncampaign: high\npriority: 90\nentry: [{event: go}]\n"
      "steps: [{send: sms, id: high, on_cap: hold}]\n"
      "---\ncampaign: other\npriority: 50\nentry: [{event: go}]\nsteps:\n"
      "  - {send: push, id: pushed, while_held: aside}\n  - {send: li, id: asked, sender: anna}\n";
  Host host(sends, policy(0, 0, by_day));
  host.event("go").advance();
  CHECK(host.take().empty());
  host.told({"held_cap", "held_quota", "held_quiet_hours"});
  const auto publish = [&](const std::string& workspace) {
    host.after(hour_ms).workspace(workspace).publish(sends);
    lose(host, GENERATE(Loss::none, Loss::journal, Loss::snapshot));
    return host.advance().take();
  };
  SECTION("quotas") {
    CHECK(publish(policy(5, 0, by_day)) == Lines{"asked"});
    CHECK(host.told({"held_cap", "held_quiet_hours"}).empty());
  }
  SECTION("caps, in S0's order") {
    CHECK(publish(policy(0, 1, by_day)) == Lines{"high"});
    CHECK(host.told({"held_cap"}) == Lines{"held_cap low"});
  }
  SECTION("quiet hours") { CHECK(publish(policy(0, 0, by_night)) == Lines{"pushed"}); }
  SECTION("all of them") {
    CHECK(publish(policy(1, 2, by_night)) == Lines{"high", "pushed", "low", "asked"});
  }
}

TEST_CASE("publish: who waits for an account that is no more waits for it no longer",
          "[engine][sender]") {
  const auto workspace = [](std::string_view sender) {
    return fmt::format(
        "workspace: shop\nzone: UTC\nchannels: {{li: {{address: contact.id}}}}\n"
        "senders:\n  {}: {{channel: li, quota: {{per: day, all: 0}}}}\n",
        sender);
  };
  const auto campaign = [](int number, std::string_view sender) {
    return fmt::format(
        "campaign: c\nversion: {}\nentry: [{{event: go}}]\n"
        "steps: [{{send: li, id: hi, sender: {}}}]\n",
        number, sender);
  };
  Host host(campaign(1, "anna"), workspace("anna"));
  host.event("go").advance();
  CHECK(host.take().empty());
  host.after(hour_ms).workspace(workspace("ben")).publish(campaign(2, "ben")).crash();
  CHECK(host.advance().take() == Lines{"hi"});
}

}  // namespace itinera::test
