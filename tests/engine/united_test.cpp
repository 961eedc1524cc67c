// SPDX-License-Identifier: Apache-2.0
// S30: what of two contacts in segments, lines, groups and ended runs is that of the one they are.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

const std::string vips = std::string(shop) + "segments: {vip: contact.tier == \"gold\"}\n";

Host& merge(Host& host, std::string_view from, std::string_view into) {
  return host.take_in(Merge{from, into, {host.clock(), std::nullopt, {}, {}}});
}

Properties tier(std::string_view text) { return {{"tier", std::string(text)}}; }

}  // namespace

TEST_CASE("united: who was in a segment, and as both is not, leaves it", "[engine][S28][S30]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
exits: [{segment: vip, change: leaves}]
steps: [{wait: 5d}, {send: id, id: late}]
---
campaign: bye
entry: [{segment: vip, change: leaves}]
steps: [{send: id, id: bye}]
)",
            vips);
  host.identify(tier("gold"), "jan").event("join", {}, "jan");
  host.after(hour_ms).identify(tier("none"), "ola").after(hour_ms);
  const bool into_ola = GENERATE(true, false);
  into_ola ? merge(host, "jan", "ola") : merge(host, "ola", "jan");
  CHECK(host.crash().told({"exited", "segment_left"}) == Lines{"segment_left", "exited (exit)"});
  CHECK(host.take() == Lines{into_ola ? "bye" : "bye@jan"});
  CHECK(run_to(host, "2026-04-01T00:00:00Z").empty());
}

TEST_CASE("united: who is in a segment does not enter it once more by a link",
          "[engine][S30][segment]") {
  Host host(R"(
campaign: c
entry: [{segment: lookers}]
steps: [{send: id, id: look}]
)",
            std::string(shop) + "segments: {lookers: 'count(\"viewed\", \"7d\") >= 2'}\n");
  const bool known = GENERATE(true, false);
  if (known) host.identify(tier("none"));
  host.anonymous_event("viewed", "a1").anonymous_event("viewed", "a1");
  CHECK(host.take() == Lines{"look@anonymous:a1"});
  host.after(hour_ms).alias("a1");
  CHECK(host.take().empty());
  // Whom only both together bring into it enters.
  host.event("viewed", {}, "eva").after(1).anonymous_event("viewed", "a2");
  CHECK(host.alias("a2", "eva").take() == Lines{"look@eva"});
}

TEST_CASE("united: who stands in line stands there once", "[engine][S30][ramp]") {
  Host host(R"(
campaign: c
while_running: another
entry: [{segment: vip, ramp: {per: hour, max: 1}}]
steps: [{send: id, id: hello}]
)",
            vips);
  host.identify(tier("gold"), "eva").advance().take();
  host.after(minute_ms).identify(tier("none"));
  host.after(minute_ms).identify(tier("gold"), "jan").after(minute_ms);
  merge(host, "jan", "ola");
  CHECK(run_to(host.crash(), "2026-03-05T00:00:00Z") == Lines{"2026-03-02T10:00:00Z hello"});
}

TEST_CASE("united: `since entry` counts from the newest entry of both", "[engine][S30][S26]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
reentry: after 7d since entry
steps: [{wait_for: {event: leave}}]
)",
            shop);
  host.event("join", {}, "jan").after(5 * day_ms).event("join").event("leave");
  host.after(day_ms).event("leave", {}, "jan");
  const bool into_ola = GENERATE(true, false);
  into_ola ? merge(host, "jan", "ola") : merge(host, "ola", "jan");
  host.after(2 * day_ms).event("join");
  CHECK(host.told({"refused_reentry"}) == Lines{"refused_reentry (too_soon)"});
  CHECK(host.crash().after(4 * day_ms).event("join").told({"refused_reentry"}).empty());
}

}  // namespace itinera::test
