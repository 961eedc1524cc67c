// SPDX-License-Identifier: Apache-2.0
// What journeys took is given back when they are over.
#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "property/host.hpp"
#include "property/random_world.hpp"
#include "support/catch.hpp"

namespace {
std::atomic<std::int64_t> live_bytes{0};
}

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  live_bytes += static_cast<std::int64_t>(malloc_usable_size(memory));
  return memory;
}
void operator delete(void* memory) noexcept {
  live_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace itinera::property {
namespace {

// A few days of the same people's life, again and again: feeds the commands `shift` later.
void live_through(Engine& engine, const World& world, std::int64_t shift) {
  std::vector<ActionId> taken;
  const auto take = [&] {
    const Output output = engine.take_output();
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
      (void)engine.publish(publication.workspace, publication.campaigns, command.received);
    } else if (command.kind == Command::Kind::advance) {
      engine.advance_to(command.received);
    } else {
      if (!taken.empty()) command.action = taken[command.pick % taken.size()];
      const Input input = input_of(command);
      engine.feed({&input, 1});
    }
  }
  come_to(engine.now());
  // Whoever waits for an input that never comes is stopped; goals that are open run out.
  for (const char* campaign : {"alpha", "beta", "gamma"}) {
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
  engine.advance_to(engine.now() + 30 * day_ms);
  take();
}

}  // namespace

TEST_CASE("memory: the tenth life of the same people takes no more than the fourth",
          "[property][memory]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO(seed);
    Choices choices(seed);
    const World world = random_world(choices, {3, 6, 60});
    auto engine = Engine::create(engine_options());
    REQUIRE(engine);
    std::int64_t fourth = 0;
    for (std::int64_t life = 0; life < 10; ++life) {
      live_through(*engine, world, life * 400 * day_ms);
      const Statistics& counts = engine->statistics();
      REQUIRE(counts.journeys_in_flight == 0);
      REQUIRE(counts.actions_waiting == 0);
      REQUIRE(counts.journeys_ended == counts.journeys_entered);
      REQUIRE_FALSE(engine->take_output().next_deadline);
      if (life == 3) fourth = live_bytes;
    }
    CHECK(live_bytes <= fourth + 4'096);
  }
}

}  // namespace itinera::property
