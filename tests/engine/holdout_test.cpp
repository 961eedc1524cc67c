// SPDX-License-Identifier: Apache-2.0
// Holdouts, and groups of campaigns of which a contact is in one at a time.
#include <fmt/format.h>

#include "engine/migrating.hpp"

namespace itinera::test {
namespace {

std::string workspace(std::string_view policy) {
  return fmt::format("workspace: shop\nchannels: {{id: {{address: contact.id}}}}\npolicy: {}\n",
                     policy);
}

constexpr std::string_view held_out = "{holdout: {percent: 100%}}";

}  // namespace

TEST_CASE("holdout: the journey walks the graph, and what the contact would see stays away",
          "[engine][holdout]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - {send: id, id: mail, on_skip: exit}\n"
      "  - {audience: {add: list}, id: list}\n"
      "  - set: {tier: gold}\n    id: set\n"
      "  - {send: id, id: receipt, class: transactional}\n"
      "  - {task: phone, id: phone}\n"
      "  - {call: code, id: code}\n",
      workspace(held_out));
  host.event("go");
  CHECK(host.take() == Lines{"set", "receipt", "code"});
  CHECK(host.told({"entered", "skipped_holdout", "exited"}) ==
        Lines{"entered (holdout)", "skipped_holdout mail", "skipped_holdout list",
              "skipped_holdout phone"});
}

TEST_CASE("holdout: a task that nobody was asked takes its timeout", "[engine][holdout]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - {task: phone, within: 2h, then: [{call: yes_}], else: [{call: no_, id: no_}]}\n",
      workspace(held_out));
  host.event("go").crash();
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00Z no_"});
}

TEST_CASE("holdout: the share of a seed, the same contacts each time", "[engine][holdout]") {
  const std::string campaign =
      "campaign: c\nreentry: always\nentry: [{event: go}]\nsteps: [{send: id, id: mail}]\n";
  Host host(campaign, workspace("{holdout: {percent: 20%, seed: h1}}"));
  Host other(campaign, workspace("{holdout: {percent: 20%, seed: h2}}"));
  const auto run = [](Host& each) {
    for (int i = 0; i < 1000; ++i) each.event("go", {}, fmt::format("u{}", i));
    return each.take();
  };
  const Lines first = run(host);
  CHECK(first.size() > 760);
  CHECK(first.size() < 840);
  CHECK(run(host.after(1)) == first);
  CHECK(run(other) != first);
}

TEST_CASE("holdout: of a campaign, beside that of the workspace", "[engine][holdout]") {
  Host host(
      "campaign: c\nholdout: {percent: 100%}\nentry: [{event: go}]\nsteps: [{send: id, id: c}]\n"
      "---\ncampaign: d\nentry: [{event: go}]\nsteps: [{send: id, id: d}]\n",
      workspace("{}"));
  host.event("go");
  CHECK(host.take() == Lines{"d"});
}

TEST_CASE("holdout: what such a journey starts or tells of is held out too", "[engine][holdout]") {
  Host host(
      "campaign: a\nholdout: {percent: 100%}\nentry: [{event: go}]\n"
      "steps: [{start: b}, {emit: told}]\n---\n"
      "campaign: b\nentry: [host: true]\nsteps: [{send: id, id: b}]\n---\n"
      "campaign: c\nentry: [{event: told}]\nsteps: [{send: id, id: c}]\n---\n"
      "campaign: d\nentry: [{event: go}]\nsteps: [{send: id, id: d}]\n",
      workspace("{}"));
  host.event("go");
  CHECK(host.take() == Lines{"d"});
  CHECK(host.told({"skipped_holdout"}).size() == 2);
}

namespace {

std::string member(std::string_view name, int priority, std::string_view event) {
  return fmt::format(
      "campaign: {0}\npriority: {1}\nexclusive: g\nentry: [{{event: {2}}}]\nsteps:\n"
      "  - {{send: id, id: {0}-1}}\n  - wait: 1h\n  - {{send: id, id: {0}-2}}\n",
      name, priority, event);
}
const std::string group =
    member("low", 10, "x") + "---\n" + member("mid", 50, "y") + "---\n" + member("high", 90, "z");

}  // namespace

TEST_CASE("exclusive: who is in a campaign of the group does not enter one of no higher priority",
          "[engine][exclusive]") {
  const std::string_view meeting = GENERATE("replace", "wait", "refuse");
  Host host(group, workspace(fmt::format("{{exclusive: {{g: {}}}}}", meeting)));
  host.event("y").event("x");
  CHECK(host.take() == Lines{"mid-1"});
  CHECK(host.told({"refused_entry"}) == Lines{"refused_entry (exclusive)"});
  host.event("x", {}, "jan");
  CHECK(host.take() == Lines{"low-1@jan"});
}

TEST_CASE("exclusive: an entry of higher priority replaces", "[engine][exclusive]") {
  Host host(group, workspace("{exclusive: {g: replace}}"));
  host.event("x").event("y");
  CHECK(host.take() == Lines{"mid-1"});  // low-1 was not taken yet
  CHECK(host.told({"exited"}) == Lines{"exited (replaced)"});
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:00:00Z mid-2"});
}

TEST_CASE("exclusive: an entry of higher priority waits for the end of the other",
          "[engine][exclusive]") {
  Host host(group, workspace("{exclusive: {g: wait}}"));
  host.event("x").after(minute_ms).event("y").after(minute_ms).event("z").crash();
  CHECK(host.told({"held_exclusive"}).size() == 2);
  CHECK(run_to(host, "2026-03-03T00:00:00Z") ==
        Lines{"2026-03-02T10:00:00Z low-2", "2026-03-02T10:00:00Z high-1",
              "2026-03-02T11:00:00Z high-2", "2026-03-02T11:00:00Z mid-1",
              "2026-03-02T12:00:00Z mid-2"});
  CHECK(host.told({"released"}).size() == 2);
}

TEST_CASE("exclusive: what waits may be ended before its turn", "[engine][exclusive]") {
  Host host(group, workspace("{exclusive: {g: wait}}"));
  host.event("x").event("y").stop("mid");
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:00:00Z low-2"});
}

TEST_CASE("exclusive: who waits is not overtaken by a lower priority at the input that makes room",
          "[engine][exclusive]") {
  const bool stops = GENERATE(true, false);
  Host host(group + "---\n" + member("late", 20, "over") + "---\n" +
                "campaign: first\npriority: 5\nexclusive: g\nentry: [{event: w}]\n"
                "exits: [{event: over}]\nsteps: [{wait: 2h}]\n",
            workspace("{exclusive: {g: wait}}"));
  host.event("w").event("y").after(minute_ms);
  if (stops) {
    host.stop("first").event("over");
    CHECK(host.told({"refused_entry"}) == Lines{"refused_entry (exclusive)"});
    CHECK(host.take() == Lines{"mid-1"});
    return;
  }
  host.event("over").crash();  // `first` ends, `late` would begin, and `mid` has waited
  CHECK(host.told({"held_exclusive"}).size() == 2);
  CHECK(host.take() == Lines{"mid-1"});
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:01:00Z mid-2",
                                                      "2026-03-02T10:01:00Z late-1",
                                                      "2026-03-02T11:01:00Z late-2"});
}

TEST_CASE("exclusive: a campaign that begins anew stands behind who waits for its end",
          "[engine][exclusive]") {
  Host host(group +
                "---\ncampaign: again\npriority: 20\nexclusive: g\nwhile_running: restart\n"
                "entry: [{event: a}]\nsteps: [{send: id, id: again-1}, {wait: 1h}]\n",
            workspace("{exclusive: {g: wait}}"));
  host.event("a").after(minute_ms).take();
  host.event("z").after(minute_ms).event("a").crash();
  CHECK(host.take() == Lines{"high-1"});
  CHECK(run_to(host, "2026-03-03T00:00:00Z") ==
        Lines{"2026-03-02T10:02:00Z high-2", "2026-03-02T10:02:00Z again-1"});
}

TEST_CASE("exclusive: a higher priority overtakes who waits", "[engine][exclusive]") {
  Host host(group +
                "---\ncampaign: first\npriority: 5\nexclusive: g\nentry: [{event: w}]\n"
                "exits: [{event: z}]\nsteps: [{wait: 2h}]\n",
            workspace("{exclusive: {g: wait}}"));
  host.event("w").event("y").after(minute_ms).event("z");
  CHECK(host.take() == Lines{"high-1"});
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:01:00Z high-2",
                                                      "2026-03-02T10:01:00Z mid-1",
                                                      "2026-03-02T11:01:00Z mid-2"});
}

TEST_CASE("exclusive: who waits in a group that the policy drops begins at that publication",
          "[engine][exclusive]") {
  Host host(group, workspace("{exclusive: {g: wait}}"));
  host.event("x").after(minute_ms).event("y").event("z").take();
  host.after(minute_ms).workspace(workspace("{}"));
  host.publish("campaign: other\nentry: [{event: o}]\nsteps: [{wait: 1h}]\n").crash();
  CHECK(host.told({"released"}).size() == 2);
  CHECK(host.take() == Lines{"high-1", "mid-1"});
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:00:00Z low-2",
                                                      "2026-03-02T10:02:00Z high-2",
                                                      "2026-03-02T10:02:00Z mid-2"});
}

namespace {

Envelope at_clock(const Host& host) { return {host.clock(), std::nullopt, {}, {}}; }

// A newer version, of another group or of none.
std::string second(std::string_view name, int priority, std::string_view event,
                   std::string_view other) {
  std::string text = member(name, priority, event);
  const std::string of_group = "exclusive: g\n";
  return text.replace(text.find(of_group), of_group.size(), fmt::format("version: 2\n{}", other));
}

}  // namespace

TEST_CASE("exclusive: who waits has its turn where the journey before it leaves the group",
          "[engine][exclusive][S22]") {
  const std::string_view other = GENERATE("", "exclusive: other\n");
  Host host(group, workspace("{exclusive: {g: wait, other: wait}}"));
  host.event("x").after(minute_ms).event("y").take();
  const std::string next = second("low", 10, "x", other) + "---\n" + member("mid", 50, "y");
  host.after(minute_ms);
  SECTION("by a migration") {
    host.publish(next, Migration{"low"});
    CHECK(reopened(host).take() == Lines{"mid-1"});
  }
  SECTION("by a move") {
    host.publish(next).take_in(Move{"low", "ola", std::nullopt, "wait-1", at_clock(host)});
    CHECK(reopened(host).take() == Lines{"mid-1"});
  }
  CHECK(host.told({"released"}) == Lines{"released"});
}

TEST_CASE("exclusive: who waits and comes to another group waits for that, if for anybody",
          "[engine][exclusive][S22]") {
  const std::string_view other = GENERATE("", "exclusive: other\n");
  const bool by_move = GENERATE(false, true);
  const std::string far =
      "---\ncampaign: far\npriority: 90\nexclusive: other\nentry: [{event: o}]\n"
      "steps: [{wait: 3h}]\n";
  Host host(group + far, workspace("{exclusive: {g: wait, other: wait}}"));
  host.event("x").after(minute_ms).event("y").take();
  const std::string next = member("low", 10, "x") + "---\n" + second("mid", 50, "y", other) + far;
  const auto change = [&] {
    host.after(minute_ms);
    if (!by_move) host.publish(next, Migration{"mid"});
    if (by_move)
      host.publish(next).take_in(Move{"mid", "ola", std::nullopt, "mid-1", at_clock(host)});
    reopened(host);
  };
  SECTION("nobody") {
    change();
    CHECK(host.take() == Lines{"mid-1"});
  }
  SECTION("somebody") {
    host.event("o");
    change();
    const Lines own = host.take();
    CHECK(own == (other.empty() ? Lines{"mid-1"} : Lines{}));
    const Lines came = run_to(host, "2026-03-02T12:30:00Z");
    CHECK((std::ranges::count(came, "2026-03-02T12:01:00Z mid-1") == 1) == own.empty());
  }
}

TEST_CASE("exclusive: who waits is not overtaken where the policy lets nobody wait any more",
          "[engine][exclusive]") {
  const std::string_view meeting = GENERATE("replace", "refuse");
  Host host(group +
                "---\ncampaign: first\npriority: 5\nexclusive: g\nentry: [{event: w}]\n"
                "exits: [{event: x}]\nsteps: [{wait: 2h}]\n",
            workspace("{exclusive: {g: wait}}"));
  host.event("w").event("y").after(minute_ms);
  host.workspace(workspace(fmt::format("{{exclusive: {{g: {}}}}}", meeting))).publish(group);
  host.after(minute_ms).event("x");
  CHECK(host.told({"refused_entry"}) == Lines{"refused_entry (exclusive)"});
  CHECK(host.take() == Lines{"mid-1"});
}

TEST_CASE("exclusive: an entry of higher priority is refused", "[engine][exclusive]") {
  Host host(group, workspace("{exclusive: {g: refuse}}"));
  host.event("x").event("z");
  CHECK(host.take() == Lines{"low-1"});
  CHECK(host.told({"refused_entry"}) == Lines{"refused_entry (exclusive)"});
}

}  // namespace itinera::test
