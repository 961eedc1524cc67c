// SPDX-License-Identifier: Apache-2.0
// What stands where: the journeys of a contact, who stands at each step, and who is stuck.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string steps(std::string_view text, std::string_view head = "") {
  return fmt::format("campaign: c\nentry: [{{event: go}}]\n{}steps:\n{}", head, text);
}

// "wait-1 time since 09:00 until 11:00": times of the day, `?` where the time is not certain.
std::string line(const Standing& s) {
  const auto time = [](Instant t) { return to_text(t).substr(8, 8); };
  std::string text = fmt::format("{} {} since {}{}", s.step, name_of(s.awaited), time(s.since),
                                 s.certain ? "" : "?");
  if (s.until) text += " until " + time(*s.until);
  if (s.strand) text += fmt::format(" strand {}", *s.strand);
  if (s.aside) text += " aside";
  return text;
}

Lines standings(Host& host, std::string_view contact = "ola") {
  const auto views = host.engine().journeys_of(contact);
  REQUIRE(views);
  Lines lines;
  for (const JourneyView& view : *views) {
    for (const Standing& each : view.standings) lines.push_back(line(each));
  }
  return lines;
}

Lines stuck(Host& host, std::int64_t older_than_ms, std::size_t max = 100) {
  Lines lines;
  for (const JourneyView& view : host.engine().stuck(older_than_ms, max).journeys) {
    REQUIRE(view.standings.size() == 1);
    lines.push_back(view.contact + " " + line(view.standings.front()));
  }
  return lines;
}

Lines occupied(Host& host) {
  Lines lines;
  for (const StepOccupancy& each : host.engine().occupancy()) {
    lines.push_back(fmt::format("{} {} {}: {} {} {} {} since {}{}", each.campaign, each.version,
                                each.step, each.waiting, each.held, each.asked, each.stopped,
                                to_text(each.since).substr(11, 5), each.certain ? "" : "?"));
  }
  return lines;
}

}  // namespace

TEST_CASE("views: a journey says what it is, where it stands and for what", "[engine][views]") {
  Host host(
      "campaign: c\nversion: 3\nentry: [{event: go, key: event.cart}]\n"
      "goals: {paid: {event: pay}, seen: {event: look}}\nsteps:\n"
      "  - split: [{variant: a, weight: 1, steps: [{wait: 2h}]}]\n    id: test\n"
      "  - {send: id, id: mail}\n"
      "  - wait_for: [{event: pay}, {opened: mail}]\n"
      "    within: 1d\n    id: answer\n");
  host.event("go", {{"cart", "c9"}}).after(hour_ms).event("look");
  auto views = host.engine().journeys_of("ola");
  REQUIRE(views);
  REQUIRE(views->size() == 1);
  const JourneyView& view = views->front();
  CHECK(view.contact == "ola");
  CHECK(view.campaign == "c");
  CHECK(view.version == 3);
  CHECK(view.key == "c9");
  CHECK(view.entered == instant(Host::start));
  CHECK_FALSE(view.holdout);
  CHECK_FALSE(view.paused);
  REQUIRE(view.variants.size() == 1);
  CHECK(view.variants.front().step == "test");
  CHECK(view.variants.front().variant == "a");
  CHECK(view.goals == Lines{"seen"});
  CHECK(standings(host) == Lines{"wait-1 time since 02T09:00 until 02T11:00"});
  CHECK(to_text(view.standings.front()) == "waits until 2026-03-02T11:00:00Z");

  const JourneyId id = view.id;
  host.after(2 * hour_ms).advance().take();
  CHECK(standings(host) == Lines{"answer trigger since 02T11:00 until 03T11:00"});
  views = host.engine().journeys_of("ola");
  CHECK(to_text(views->front().standings.front()) ==
        "waits for pay or opened: mail until 2026-03-03T11:00:00Z");
  CHECK(views->front().id == id);
  host.crash();
  CHECK(host.engine().journeys_of("ola")->front().id == id);
}

TEST_CASE("views: a contact is found by any of its ids, and one that is none is an error",
          "[engine][views]") {
  Host host(steps("  - wait: 2h\n"));
  host.anonymous_event("go", "phone").alias("phone");
  CHECK(standings(host).size() == 1);
  CHECK(standings(host, "anonymous:phone").size() == 1);
  const auto unknown = host.engine().journeys_of("ewa");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::unknown_contact);
  host.after(3 * hour_ms).advance();
  CHECK(standings(host).empty());  // known, and in no journey
}

TEST_CASE("views: strands and sends aside stand in places of their own", "[engine][views]") {
  Host host(steps("  - {send: sms, id: text, while_held: aside}\n"
                  "  - parallel:\n      - steps: [{wait: 24h}]\n"
                  "      - steps: [{wait_for: {event: pay}}]\n"),
            "workspace: shop\nzone: UTC\nchannels: {sms: {address: contact.id, consent: none}}\n"
            "policy: {quiet_hours: {from: \"08:00\", to: \"10:00\", channels: [sms]}}\n");
  host.event("go");
  CHECK(standings(host) == Lines{"text quiet_hours since 02T09:00? until 02T10:00 aside",
                                 "wait-1 time since 02T09:00 until 03T09:00 strand 0",
                                 "wait_for-1 trigger since 02T09:00? strand 1"});
  CHECK(occupied(host) == Lines{"c 1 text: 0 1 0 0 since 09:00?", "c 1 wait-1: 1 0 0 0 since 09:00",
                                "c 1 wait_for-1: 1 0 0 0 since 09:00?"});
  host.after(day_ms).advance().take();
  CHECK(standings(host) == Lines{"wait_for-1 trigger since 02T09:00? strand 1"});
}

TEST_CASE("views: what an account holds says which of its rules does", "[engine][views][sender]") {
  const auto held_by = [](std::string_view rules, std::string_view expected) {
    Host host(steps("  - {send: li, id: mail, sender: anna}\n"),
              fmt::format("workspace: shop\nzone: UTC\nchannels: {{li: {{address: contact.id}}}}\n"
                          "senders:\n  anna: {{channel: li, {}}}\n",
                          rules));
    host.event("go", {}, "ewa").advance().take();
    host.after(minute_ms).event("go").advance().take();
    CHECK(standings(host) == Lines{std::string(expected)});
    CHECK(host.engine().journeys_of("ola")->front().standings.front().detail == "anna");
  };
  held_by("quota: {per: day, all: 1}", "mail quota since 02T09:01 until 03T00:00");
  held_by("pace: 2m..2m", "mail pace since 02T09:01 until 02T09:02");
  held_by("hours: \"Tue-Fri 09:00-17:00\"", "mail hours since 02T09:01 until 03T09:00");
}

TEST_CASE("views: an account that rests holds what would go out from it",
          "[engine][views][sender]") {
  Host host(steps("  - {send: li, id: mail, sender: anna}\n"),
            "workspace: shop\nzone: UTC\nchannels: {li: {address: contact.id}}\n"
            "senders:\n  anna: {channel: li}\n");
  host.event("go", {}, "ewa").advance().take();
  Report limit = host.a_report(Receipt::failed, host.action("mail").id);
  const Properties why{{"reason", "limit"}};
  limit.data = why;
  host.after(minute_ms).take_in(limit).event("go").advance().take();
  CHECK(standings(host) == Lines{"mail rest since 02T09:01 until 03T00:00"});
}

TEST_CASE("views: people, hosts and caps are waited for", "[engine][views]") {
  Host host(steps("  - {task: Ring her, team: care}\n  - {call: score}\n"
                  "  - {send: id, id: one}\n  - {send: id, id: two, on_cap: hold}\n"),
            std::string(shop) + "policy: {caps: [{max: 1, per: 7d}]}\n");
  host.event("go").after(hour_ms).advance().take();
  CHECK(standings(host) == Lines{"task-1 person since 02T09:00"});
  CHECK(occupied(host) == Lines{"c 1 task-1: 0 0 1 0 since 09:00"});
  host.report(Receipt::completed, "task-1").after(hour_ms).advance().take();
  CHECK(standings(host) == Lines{"call-1 answer since 02T10:00"});
  const auto there = host.engine().journeys_of("ola");
  CHECK(to_text(there->front().standings.front()) ==
        "waits for what the host reports of call score, without a deadline");
  host.report(Receipt::completed, "call-1").after(hour_ms).advance().take();
  CHECK(standings(host) == Lines{"two cap since 02T11:00? until 09T11:00"});
}

TEST_CASE("views: steps are told of in the order written, versions apart", "[engine][views]") {
  const std::string text = steps("  - wait: 2h\n  - wait: 3h\n  - wait: 4h\n");
  Host host(text + "---\ncampaign: b\nentry: [{event: go}]\nsteps: [{wait: 9h}]\n");
  host.event("go", {}, "u1").after(2 * hour_ms).event("go", {}, "u2").event("go", {}, "u3");
  host.publish("version: 2\n" + text).after(minute_ms).event("go", {}, "u4").advance();
  CHECK(occupied(host) ==
        Lines{"b 1 wait-1: 3 0 0 0 since 09:00", "c 1 wait-1: 2 0 0 0 since 11:00",
              "c 1 wait-2: 1 0 0 0 since 11:00", "c 2 wait-1: 1 0 0 0 since 11:01"});
}

TEST_CASE("views: stuck is what nothing but an input moves, the longest there first",
          "[engine][views]") {
  Host host(steps("  - wait_for: {event: pay}\n") +
            "---\ncampaign: timed\nentry: [{event: tick}]\n"
            "steps: [{wait_for: {event: pay}, within: 90d}, {wait: 90d}]\n");
  host.event("tick", {}, "u0").event("go", {}, "u1").after(hour_ms).event("go", {}, "u2");
  host.after(day_ms).event("go", {}, "u3");
  CHECK(stuck(host, 2 * day_ms).empty());
  CHECK(stuck(host, day_ms) ==
        Lines{"u1 wait_for-1 trigger since 02T09:00?", "u2 wait_for-1 trigger since 02T10:00?"});
  CHECK(stuck(host, day_ms + 1) == Lines{"u1 wait_for-1 trigger since 02T09:00?"});
  const StuckReport report = host.engine().stuck(0, 2);
  CHECK(report.total == 3);
  CHECK(stuck(host, 0, 2) ==
        Lines{"u1 wait_for-1 trigger since 02T09:00?", "u2 wait_for-1 trigger since 02T10:00?"});
  CHECK(host.engine().stuck(0, 0).total == 3);
  CHECK(stuck(host, 0, 0).empty());
  host.event("pay", {}, "u1");
  CHECK(host.engine().stuck(0, 9).total == 2);
  host.event("go", {}, "u4");  // where u1's was in memory
  CHECK(stuck(host, 0, 1) == Lines{"u2 wait_for-1 trigger since 02T10:00?"});
}

TEST_CASE("views: a pause stops journeys, and says since when", "[engine][views][S31]") {
  const PauseMode mode = GENERATE(PauseMode::queue, PauseMode::freeze);
  Host host(steps("  - wait: 2h\n  - {send: id, id: mail}\n"));
  host.event("go").after(hour_ms).take_in(
      Pause{"c", mode, false, {host.clock(), std::nullopt, {}, {}}});
  CHECK(host.engine().journeys_of("ola")->front().paused);
  host.after(day_ms).advance();
  const bool freezes = mode == PauseMode::freeze;
  CHECK(standings(host) ==
        Lines{freezes ? "wait-1 resume since 02T09:00" : "mail resume since 02T10:00?"});
  CHECK(host.engine().stuck(day_ms, 9).total == 1);
  CHECK(occupied(host) ==
        Lines{freezes ? "c 1 wait-1: 0 0 0 1 since 09:00" : "c 1 mail: 0 0 0 1 since 10:00?"});
  host.take_in(Resume{"c", {host.clock(), std::nullopt, {}, {}}});
  CHECK(host.engine().stuck(0, 9).total == 0);
}

TEST_CASE("views: who waits for the end of another journey of the group says so",
          "[engine][views]") {
  Host host(
      "campaign: first\nexclusive: onboarding\nentry: [{event: go}]\n"
      "steps: [{wait: 72h}]\n"
      "---\ncampaign: second\npriority: 90\nexclusive: onboarding\nentry: [{event: come}]\n"
      "steps: [{wait: 1h}]\n",
      std::string(shop) + "policy: {exclusive: {onboarding: wait}}\n");
  host.event("go").event("come");
  CHECK(standings(host) ==
        Lines{"wait-1 time since 02T09:00 until 05T09:00", "wait-1 group since 02T09:00"});
  CHECK(host.engine().journeys_of("ola")->back().standings.front().detail == "onboarding");
  host.after(day_ms).advance();
  CHECK(stuck(host, day_ms) == Lines{"ola wait-1 group since 02T09:00"});
}

TEST_CASE("views: the next deadline is that of the output, and asking changes nothing",
          "[engine][views]") {
  Host host(steps("  - wait: 2h\n  - {send: id, id: mail}\n"));
  CHECK_FALSE(host.engine().next_deadline());
  host.event("go").event("go", {}, "ewa");
  CHECK(host.engine().next_deadline() == host.clock() + 2 * hour_ms);
  host.take();
  CHECK(host.engine().next_deadline() == host.next_deadline());
  host.stop("c");
  CHECK(host.engine().next_deadline() == host.clock() + 2 * hour_ms);
  host.stop("c", {}, "ewa");
  CHECK_FALSE(host.engine().next_deadline());
  CHECK(host.take().empty());
}

}  // namespace itinera::test
