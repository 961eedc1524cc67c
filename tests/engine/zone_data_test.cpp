// SPDX-License-Identifier: Apache-2.0
// S13: the engine is opened again with other zone data. The Host's clock begins on Monday 2 March
// 2026 at 09:00 UTC, 10:00 in Warsaw, where summer time begins on 29 March. By the other data it
// never does.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view warsaw =
    "workspace: shop\n"
    "zone: Europe/Warsaw\n"
    "channels:\n"
    "  id: {address: contact.id, consent: none}\n"
    "  night: {address: contact.id, consent: none}\n"
    "policy: {quiet_hours: {from: '21:00', to: '08:00', channels: [night]}}\n";

// The system's zones, but for clocks that stay as they were at the beginning of 2026.
std::shared_ptr<const ZoneTable> without_summer_time(std::span<const std::string_view> names) {
  const ZoneTable& system = *system_zones();
  std::vector<ZoneTable::Zone> zones;
  for (std::size_t i = 0; i < system.size(); ++i) {
    const auto index = static_cast<ZoneIndex>(i);
    ZoneTable::Zone zone{system.name(index), {}};
    const bool stays = std::ranges::find(names, zone.name) != names.end();
    for (const ZoneTransition& each : system.transitions(index)) {
      if (!stays || each.from < instant("2026-01-01T00:00:00Z")) zone.transitions.push_back(each);
    }
    zones.push_back(std::move(zone));
  }
  return std::make_shared<const ZoneTable>("2026z", std::move(zones));
}

constexpr std::string_view poland[] = {"Europe/Warsaw"};

// Opened again by those data, as a runtime does.
Host& reopen(Host& host, std::span<const std::string_view> staying = poland) {
  host.options().zones = without_summer_time(staying);
  host.crash();
  host.engine().adopt_zone_data();
  return host;
}

std::string staying(std::string_view wait) {
  return fmt::format(
      "campaign: c\nentry: [{{event: join}}]\nsteps:\n  - {{{}}}\n  - {{send: id, id: a}}\n", wait);
}

}  // namespace

TEST_CASE("zone data: a wait for a wall time keeps it where other data make it another instant",
          "[engine][S13]") {
  struct Row {
    const char* wait;
    const char* due;    // with summer time
    const char* moved;  // without
  };
  const Row row = GENERATE(
      Row{"wait: 30d", "2026-04-01T08:00:00Z", "2026-04-01T09:00:00Z"},
      Row{"wait: {until: contact.due}", "2026-04-09T22:00:00Z", "2026-04-09T23:00:00Z"},
      Row{"wait: 2026-04-10, at: '12:00'", "2026-04-10T10:00:00Z", "2026-04-10T11:00:00Z"},
      Row{"wait: '0 9 1 4 *'", "2026-04-01T07:00:00Z", "2026-04-01T08:00:00Z"},
      Row{"wait: 30d, zone: Europe/Warsaw", "2026-04-01T08:00:00Z", "2026-04-01T09:00:00Z"},
      // Before anything changes; in another zone; an instant; an exact length.
      Row{"wait: 2d", "2026-03-04T09:00:00Z", "2026-03-04T09:00:00Z"},
      Row{"wait: 30d, zone: Europe/Berlin", "2026-04-01T08:00:00Z", "2026-04-01T08:00:00Z"},
      Row{"wait: {until: contact.start}", "2026-04-09T18:00:00Z", "2026-04-09T18:00:00Z"},
      Row{"wait: {until: contact.start}, zone: Europe/Warsaw", "2026-04-09T18:00:00Z",
          "2026-04-09T18:00:00Z"},
      Row{"wait: P30DT0S", "2026-04-01T08:00:00Z", "2026-04-01T09:00:00Z"},
      Row{"wait: 720h", "2026-04-01T09:00:00Z", "2026-04-01T09:00:00Z"});
  CAPTURE(row.wait);
  Host host(staying(row.wait), warsaw);
  host.identify({{"due", "2026-04-10"}, {"start", "2026-04-09T18:00:00Z"}}).event("join").take();
  CHECK(host.engine().next_deadline() == instant(row.due));
  reopen(host);
  CHECK(host.engine().next_deadline() == instant(row.moved));
  const bool moves = std::string_view(row.due) != row.moved;
  CHECK(host.told({"resolved_zone"}) == (moves ? Lines{"resolved_zone wait-1"} : Lines{}));
  // It is journaled: neither a restart nor the same data once more move anything.
  const std::size_t size = host.journal().size();
  host.crash().engine().adopt_zone_data();
  CHECK(host.journal().size() == size);
  CHECK(host.engine().next_deadline() == instant(row.moved));
  CHECK(host.at(instant(row.moved) - 1).advance().take().empty());
  CHECK(host.at(instant(row.moved)).advance().take() == Lines{"a"});
}

TEST_CASE("zone data: what is over by the new clock is due now", "[engine][S13]") {
  Host host(staying("wait: {until: contact.due}"), warsaw);
  host.identify({{"due", "2026-04-10"}}).event("join").take();
  reopen(host);  // without summer time it is later
  CHECK(host.engine().next_deadline() == instant("2026-04-09T23:00:00Z"));
  host.at("2026-04-09T22:30:00Z").event("join", {}, "ada").take();
  host.options().zones = system_zones();  // and now with summer time after all
  host.crash();
  host.engine().adopt_zone_data();
  CHECK(host.engine().next_deadline() == instant("2026-04-09T22:30:00Z"));
  CHECK(host.at("2026-04-09T22:31:00Z").advance().take() == Lines{"a"});
}

TEST_CASE("zone data: a send with a time of day, and one that quiet hours hold, keep to the wall",
          "[engine][S13]") {
  Host host(
      "campaign: c\nentry: [{event: join}]\nsteps:\n  - {send: id, id: a, at: '09:00'}\n"
      "---\ncampaign: d\nentry: [{event: late}]\nsteps:\n  - {send: night, id: b}\n",
      warsaw);
  host.at("2026-03-29T20:00:00Z").event("join").event("late").take();       // 22:00 in summer
  CHECK(host.engine().next_deadline() == instant("2026-03-30T06:00:00Z"));  // the end of the night
  reopen(host);
  CHECK(host.engine().next_deadline() == instant("2026-03-30T07:00:00Z"));
  CHECK(host.at("2026-03-30T07:30:00Z").advance().take() == Lines{"b"});
  CHECK(host.at("2026-03-30T08:00:00Z").advance().take() == Lines{"a"});
}

TEST_CASE(
    "zone data: a send with a time of day keeps to the wall of a zone that its pause has brought",
    "[engine][S13][S31]") {
  constexpr std::string_view new_york[] = {"America/New_York"};  // summer time from 8 March on
  Host host("campaign: c\nentry: [{event: join}]\nsteps:\n  - {send: id, id: a, at: '09:00'}\n",
            warsaw);
  const auto now = [&] { return Envelope{host.clock(), std::nullopt, {}, {}}; };
  host.event("join").take_in(Pause{"c", PauseMode::freeze, false, now()});
  host.after(hour_ms).identify({{"zone", "America/New_York"}});
  host.at("2026-03-07T20:00:00Z").take_in(Resume{"c", now()}).take();
  CHECK(host.engine().next_deadline() == instant("2026-03-08T13:00:00Z"));
  reopen(host, new_york);
  CHECK(host.engine().next_deadline() == instant("2026-03-08T14:00:00Z"));
}

TEST_CASE("zone data: schedules and dates of entries keep to the wall", "[engine][S13]") {
  Host host(
      "campaign: c\nentry: [{schedule: 'FREQ=DAILY', at: '09:00', segment: all}]\n"
      "steps: [{send: id, id: a}]\n"
      "---\ncampaign: d\nentry: [{date: contact.day, at: '10:00'}]\nsteps: [{send: id, id: b}]\n",
      std::string(warsaw) + "segments: {all: contact.vip == true}\n");
  host.identify({{"vip", true}, {"day", "2026-03-30"}}).take();
  host.at("2026-03-29T12:00:00Z").advance().take();
  CHECK(host.engine().next_deadline() == instant("2026-03-30T07:00:00Z"));
  reopen(host);
  host.at("2026-03-29T12:30:00Z").advance().take();
  CHECK(host.engine().next_deadline() == instant("2026-03-30T08:00:00Z"));
  CHECK(host.at("2026-03-30T08:00:00Z").advance().take() == Lines{"a"});
  CHECK(host.at("2026-03-30T08:30:00Z").advance().take().empty());
  CHECK(host.at("2026-03-30T09:00:00Z").advance().take() == Lines{"b"});
}

TEST_CASE("zone data: what a snapshot was made by is known after it", "[engine][S13][snapshot]") {
  Host host(staying("wait: 30d"), warsaw);
  host.event("join").take();
  EngineOptions others = host.options();
  others.zones = without_summer_time(poland);
  Result<Engine> loaded = load_pieces(pieces_of(host.engine()), others);
  REQUIRE(loaded);
  CHECK(loaded->next_deadline() == instant("2026-04-01T08:00:00Z"));
  loaded->adopt_zone_data();
  CHECK(loaded->next_deadline() == instant("2026-04-01T09:00:00Z"));
}

TEST_CASE("zone data: the same zones by another name of the data move nothing", "[engine][S13]") {
  Host host(staying("wait: 30d"), warsaw);
  host.event("join").take();
  reopen(host, {});
  CHECK(host.engine().next_deadline() == instant("2026-04-01T08:00:00Z"));
  CHECK(host.told({"resolved_zone"}).empty());
}

}  // namespace itinera::test
