// SPDX-License-Identifier: Apache-2.0
// Campaigns with a bit of everything, and what happens to those in them.
#pragma once

#include <string>
#include <string_view>

#include "support/host.hpp"

namespace itinera::test {

inline constexpr std::string_view rich = R"(
campaign: rich
entry: [{event: join, key: event.k}, host]
while_running: restart
reentry: after 1h
goals: {order: {event: paid, value: event.total, within: 7d}}
exits: [{condition: contact.tier == "gold"}, {event: leave}]
steps:
  - {send: id, id: hello, data: {total: =entry.total, seen: '=count("paid", "10d")'}}
  - wait_for:
      - {opened: hello, steps: [{send: id, id: thanks}]}
      - {event: paid, when: event.total > 5, as: order}
    within: 2h
    since: journey
    else: [{set: {nudged: true, journey.tries: 1}}]
  - id: arm
    split:
      - {variant: a, weight: 50, steps: [{send: id, id: in-a}]}
      - {variant: b, weight: 50, steps: [{wait: {time: "02:30"}}]}
  - {wait: {until: contact.due}, on_missing: continue}
  - {send: id, id: round, when: contact.nudged == true, max_visits: 4}
  - wait: 1d
  - {goto: round}
---
campaign: watcher
priority: 90
entry: [{event: join}]
steps:
  - wait_for: {condition: contact.nudged == true}
  - {send: id, id: noticed}
---
campaign: beside
entry: [{event: join}]
exits: [{event: leave}]
steps:
  - parallel:
      - steps:
          - {send: id, id: left}
          - parallel:
              - steps: [{wait_for: {event: paid}, since: journey}]
              - steps: [{wait: 1d}]
            join: any
      - steps: [{wait_for: {opened: left}, within: 10h}, {send: id, id: right}]
)";

// A life with a bit of everything; `after_each` is called after every step of it. Inputs come
// later than the advance before them, and takes go with it: how far time was advanced without an
// effect, frames alone do not say.
template <class AfterEach>
void live(Host& host, AfterEach after_each) {
  const auto step = [&](auto does) {
    does();
    after_each();
  };
  step([&] { host.identify({{"zone", "Europe/Berlin"}, {"due", "2026-03-05"}}); });
  step([&] { host.event("join", {{"k", "1"}, {"total", 9.5}}); });
  step([&] { host.take(); });
  step([&] { host.after(minute_ms).report(Receipt::opened, "hello"); });
  step([&] { host.anonymous_event("paid", "a1", {{"total", 3}}); });
  step([&] { host.alias("a1"); });
  step([&] { host.event("join", {{"k", "2"}}, "a-contact-with-an-id-of-more-than-28-bytes"); });
  step([&] { host.enter("rich", "3", "bob").enter("rich", "3", "bob"); });
  step([&] { host.after(3 * hour_ms).advance().take(); });
  step([&] { host.after(minute_ms).event("paid", {{"total", 50}}); });
  step([&] { host.identify({{"zone", "Nowhere"}}, "bob"); });
  step([&] {
    host.publish(std::string(rich) +
                 "---\ncampaign: more\nentry: [{event: paid}]\n"
                 "steps: [{wait: 1h}, {send: id, id: more}]\n");
  });
  step([&] { host.event("paid", {{"total", 7}}, "bob"); });
  step([&] { host.after(2 * day_ms).advance().take(); });
  step([&] { host.after(minute_ms).stop("rich", "3", "bob"); });
  step([&] { host.take(); });
  step([&] { host.event("join", {{"k", "1"}}).event("join", {{"k", "1"}}); });
  step([&] { host.identify({{"tier", "gold"}}); });
  step([&] { host.after(30 * day_ms).advance().take(); });
}

}  // namespace itinera::test
