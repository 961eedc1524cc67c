// SPDX-License-Identifier: Apache-2.0
#include "simulator/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <tuple>
#include <vector>

#include "property/host.hpp"
#include "support/pieces.hpp"

namespace itinera::simulator {
namespace {

// Of a piece of a snapshot: what it holds begins there.
constexpr std::size_t header_size = 12;

std::map<JourneyId, JourneyView> all_journeys(const Engine& engine,
                                              std::span<const std::string> contacts) {
  std::map<JourneyId, JourneyView> all;
  for (const std::string& contact : contacts) {
    Result<std::vector<JourneyView>> some = engine.journeys_of(contact);
    if (!some) continue;
    for (JourneyView& each : *some) all.insert_or_assign(each.id, std::move(each));
  }
  return all;
}

std::string same_engine(const Engine& expected, const Engine& found) {
  const test::Pieces a = test::pieces_of(expected);
  const test::Pieces b = test::pieces_of(found);
  if (a == b) return {};
  std::string bytes;
  const std::size_t size = std::min(a.front().size(), b.front().size());
  for (std::size_t at = header_size; at < size && bytes.size() < 100; ++at) {
    if (a.front()[at] == b.front()[at]) continue;
    fmt::format_to(std::back_inserter(bytes), " {}: {:02x}, not {:02x};", at,
                   static_cast<int>(b.front()[at]), static_cast<int>(a.front()[at]));
  }
  return fmt::format("states of {} and {} bytes differ: byte{}", a.front().size(), b.front().size(),
                     bytes);
}

std::string one_follows(const Engine& follower, const Engine& live, std::uint32_t shard) {
  EngineOptions options = property::engine_options();
  options.shard = static_cast<std::uint8_t>(shard);
  Result<Engine> copy = test::load_pieces(test::pieces_of(follower), options);
  if (!copy) return copy.error().message;
  // Events that nothing hears stand in no frame, and are counted all the same. The first of them
  // may come to the next millisecond.
  Event unheard;
  unheard.name = "a type that nothing names";
  unheard.contact = "somebody";
  unheard.envelope.received = copy->now();
  const Input input = unheard;
  const std::uint64_t count = live.statistics().events_unheard;
  if (copy->statistics().events_unheard < count && copy->now() >= live.now()) return {};
  while (copy->statistics().events_unheard < count) copy->feed({&input, 1});
  copy->advance_to(live.now());
  if (!copy->take_journal().empty()) return "what reads the journal finds something due";
  return same_engine(*copy, live);
}

}  // namespace

std::string views_agree(const Engine& engine, std::span<const std::string> contacts) {
  const std::map<JourneyId, JourneyView> journeys = all_journeys(engine, contacts);
  const std::uint64_t in_flight = engine.statistics().journeys_in_flight;
  if (journeys.size() != in_flight) {
    return fmt::format("{} journeys are found by contact, and {} are counted", journeys.size(),
                       in_flight);
  }
  using Place = std::tuple<std::string, std::uint32_t, std::string>;
  std::map<Place, std::uint64_t> standing;
  for (const auto& [id, journey] : journeys) {
    for (const Standing& each : journey.standings) {
      ++standing[{journey.campaign, journey.version, each.step}];
    }
  }
  std::map<Place, std::uint64_t> occupied;
  for (const StepOccupancy& each : engine.occupancy()) {
    occupied[{each.campaign, each.version, each.step}] =
        each.waiting + each.held + each.asked + each.stopped;
  }
  for (const auto& [place, count] : standing) {
    if (occupied[place] == count) continue;
    return fmt::format("{} stand at {} v{} {}, and its occupancy is {}", count, std::get<0>(place),
                       std::get<1>(place), std::get<2>(place), occupied[place]);
  }
  if (occupied.size() != standing.size()) return "a step is occupied by nobody";
  return {};
}

std::string nobody_is_stranded(const Engine& engine, std::span<const std::string> contacts,
                               const Steps& steps) {
  std::set<JourneyId> stuck;
  for (const JourneyView& each : engine.stuck(0, SIZE_MAX).journeys) stuck.insert(each.id);
  for (const auto& [id, journey] : all_journeys(engine, contacts)) {
    const auto told = [&, &of = journey](const char* what) {
      return fmt::format("{}'s journey in {} v{} {}", of.contact, of.campaign, of.version, what);
    };
    if (journey.standings.empty()) return told("stands nowhere");
    const auto version = steps.find({journey.campaign, journey.version});
    if (version == steps.end()) return told("is of a version that nobody published");
    for (const Standing& each : journey.standings) {
      if (!each.step.empty() && !version->second.contains(each.step)) {
        return told("stands at a step that there is not");
      }
      const bool is_moved = each.until || !each.triggers.empty() || stuck.contains(id) ||
                            each.awaited == Awaited::gate || each.awaited == Awaited::resume;
      if (!is_moved) return told(("stands at " + each.step + " for ever").c_str());
    }
  }
  return {};
}

std::string nothing_is_overdue(const Engine& engine) {
  const std::optional<Instant> next = engine.next_deadline();
  if (!next || *next >= engine.now()) return {};
  return fmt::format("{} is due, and it is {}", to_text(*next), to_text(engine.now()));
}

std::string same_state(const runtime::Shards& expected, const runtime::Shards& found) {
  std::string differs;
  for (std::size_t shard = 0; shard < expected.size() && differs.empty(); ++shard) {
    differs = same_engine(expected.engines()[shard], found.engines()[shard]);
  }
  return differs;
}

std::string same_state(const runtime::Shards& expected, const Runtime& found) {
  std::string differs;
  for (std::uint32_t shard = 0; shard < expected.size() && differs.empty(); ++shard) {
    differs = same_engine(expected.engines()[shard], found.engine(shard));
  }
  return differs;
}

std::string follows(const runtime::Shards& follower, const Runtime& live) {
  std::string differs;
  for (std::uint32_t shard = 0; shard < follower.size() && differs.empty(); ++shard) {
    differs = one_follows(follower.engines()[shard], live.engine(shard), shard);
  }
  return differs;
}

}  // namespace itinera::simulator
