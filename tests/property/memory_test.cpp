// SPDX-License-Identifier: Apache-2.0
// What journeys took is given back when they are over.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "property/host.hpp"
#include "property/random_world.hpp"
#include "record/frame.hpp"
#include "support/catch.hpp"
#include "support/counting_new.hpp"

namespace itinera::property {
namespace {

// The highest places that a journal names. A place is used again once it is free, so these are the
// most journeys and actions that there were at once.
struct Places {
  std::uint32_t journey = 0;
  std::uint32_t action = 0;
  std::uint32_t contact = 0;

  void see(base::ByteView journal) {
    record::FrameReader reader(journal);
    record::Frame frame;
    while (reader.next(frame) == record::FrameReader::Outcome::frame) {
      base::ByteView rest = frame.records;
      while (const auto raw = record::Frame::next(rest)) {
        if (const auto entered = decoded<record::Entered>(*raw)) {
          journey = std::max(journey, entered->journey);
        } else if (const auto emitted = decoded<record::Emitted>(*raw)) {
          action = std::max(action, emitted->action);
        } else if (const auto created = decoded<record::ContactCreated>(*raw)) {
          contact = std::max(contact, created->contact);
        }
      }
    }
  }

 private:
  template <class T>
  static std::optional<T> decoded(const record::RawRecord& raw) {
    return raw.kind == T::kind ? record::decode<T>(raw.fields) : std::nullopt;
  }
};

// A few days of the same people's life, again and again: feeds the commands `shift` later.
Places live_through(Engine& engine, const World& world, std::int64_t shift) {
  std::vector<ActionId> taken;
  Places places;
  const auto take = [&] {
    const Output output = engine.take_output();
    places.see(output.journal);
    for (const Action& action : output.actions) taken.push_back(action.id);
    return output.next_deadline;
  };
  const auto come_to = [&](Instant t) {
    for (auto due = take(); due && *due <= t; due = take()) engine.advance_to(*due);
  };
  for (Command command : world.commands) {
    command.received = command.received + shift;
    if (command.occurred) command.occurred = *command.occurred + shift;
    if (!command.message_id.empty()) command.message_id += std::to_string(shift);
    come_to(command.received - 1);
    if (command.kind == Command::Kind::publish) {
      const Publication& publication = world.publications[command.publication];
      (void)engine.publish(publication.workspace, publication.campaigns, command.received,
                           publication.migrations);
    } else if (command.kind == Command::Kind::advance) {
      engine.advance_to(command.received);
    } else {
      if (!taken.empty()) command.action = taken[command.pick % taken.size()];
      const Input input = input_of(command);
      engine.feed({&input, 1});
    }
  }
  come_to(engine.now());
  // Whoever waits for an input that never comes is stopped, and who comes in by a line after that;
  // goals that are open run out.
  for (int round = 0; round < 2; ++round) {
    for (const char* campaign : {"alpha", "beta", "gamma", "echo"}) {
      const Input goes_on = Resume{campaign, {engine.now(), std::nullopt, {}, {}}};
      engine.feed({&goes_on, 1});
      for (const Command& command : world.commands) {
        Stop stop;
        stop.campaign = campaign;
        const std::string visitor = "anonymous:" + command.anonymous;
        stop.contact = command.contact.empty() ? visitor : command.contact;
        stop.envelope.received = engine.now();
        const Input input = stop;
        engine.feed({&input, 1});
      }
    }
    come_to(engine.now() + 60 * day_ms);
  }
  engine.advance_to(engine.now() + 30 * day_ms);
  take();
  // What is kept because nothing was reported of it.
  const Input done = Acknowledge{UINT64_MAX, true, {engine.now(), std::nullopt, {}, {}}};
  engine.feed({&done, 1});
  return places;
}

// Dates and schedules come for ever, so that a life would never end.
void let_nobody_come_by_time(World& world) {
  for (Publication& publication : world.publications) {
    for (Campaign& campaign : publication.campaigns) {
      for (Entry& entry : campaign.entries) {
        if (entry.kind != Entry::Kind::date && entry.kind != Entry::Kind::schedule) continue;
        entry = {};
        entry.event = "visit";
      }
    }
  }
}

}  // namespace

TEST_CASE("memory: later lives of the same people take no more than the first ones",
          "[property][memory]") {
  constexpr std::int64_t lives = 16;
  constexpr std::int64_t first_lives = 8;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    INFO(seed);
    Choices choices(seed);
    World world = random_world(choices, {3, 6, 60});
    let_nobody_come_by_time(world);
    auto engine = Engine::create(engine_options());
    REQUIRE(engine);
    Places first;
    std::int64_t first_bytes = 0;
    for (std::int64_t life = 0; life < lives; ++life) {
      const Places places = live_through(*engine, world, life * 400 * day_ms);
      const Statistics& counts = engine->statistics();
      REQUIRE(counts.journeys_in_flight == 0);
      REQUIRE(counts.actions_waiting == 0);
      REQUIRE(counts.actions_open == 0);
      REQUIRE(counts.journeys_ended == counts.journeys_entered);
      REQUIRE_FALSE(engine->take_output().next_deadline);
      if (life < first_lives) {
        first.journey = std::max(first.journey, places.journey);
        first.action = std::max(first.action, places.action);
        first.contact = std::max(first.contact, places.contact);
        first_bytes = test::live_bytes;
      } else {
        // The calendar differs a little from year to year; a leak grows with every life.
        CHECK(places.journey <= first.journey + 3);
        CHECK(places.action <= first.action + 3);
        CHECK(places.contact <= first.contact);
      }
    }
    // Segments of a hash index keep the most that they ever held.
    CHECK(test::live_bytes <= first_bytes + 64 * 1'024);
  }
}

}  // namespace itinera::property
