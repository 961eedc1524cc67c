// SPDX-License-Identifier: Apache-2.0
// Hosts that run a world in different manners. Whatever the manner, the engine must write the same
// bytes and hand out the same actions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/engine.hpp"
#include "property/choices.hpp"
#include "property/world.hpp"

namespace itinera::property {

// With the system's zones, read once.
const EngineOptions& engine_options();

// A call of the host.
struct Call {
  enum class Kind : std::uint8_t {
    feed,     // commands[command]
    publish,  // commands[command]
    take,     // advance to `at`, where something was emitted, and take
    advance,  // advance to `at`; nothing is emitted there
  };
  Kind kind = Kind::feed;
  std::size_t command = 0;
  Instant at;            // of feed and publish: engine time after it
  bool refused = false;  // of feed and publish: it changed nothing, and moved no time
};

// A world with its actions known: reports name real ones, and every take stands where a host that
// stops at each instant that emits something makes it.
struct Script {
  std::vector<Publication> publications;
  std::vector<Command> commands;
  std::vector<Call> calls;
};

struct Played {
  base::Bytes journal;
  std::vector<std::size_t> journal_after;         // its size after each call
  std::vector<std::vector<std::string>> actions;  // in words, of each call
  Statistics statistics;
  std::optional<Instant> next_deadline;
};

// Everything the engine counts that a journal can know: events that nothing hears leave no trace.
bool same_counts(const Statistics& a, const Statistics& b);

// An action in words, all of its fields. They end by `again_word` where it may have been executed.
inline constexpr std::string_view again_word = " perhaps";
std::string to_words(const Action& action);

// Runs `world` with a host that stops at every deadline, for `days` after its last command.
Script rehearse(World world, std::int64_t days = 40);

// How a script is played.
struct Manner {
  Choices* steps = nullptr;  // small advances strictly between inputs, as it chooses
  bool batches = false;      // feeds that follow one another are one call
};

// Plays calls[from], calls[from + 1] ... on `engine`.
Played play(Engine engine, const Script& script, const Manner& manner = {}, std::size_t from = 0);
Played play(const Script& script, const Manner& manner = {});

// Where a host goes on that has only the first `size` bytes of `played`'s journal: at the first
// call that may have had an effect which those bytes do not show.
std::size_t resume_at(const Script& script, const Played& played, std::size_t size);

// Restores an engine from the first `size` bytes of `played`'s journal (which may be torn), repeats
// the last advance, and plays the rest. The result's journal begins with those bytes.
Played restore_and_play(const Script& script, const Played& played, std::size_t size);

// Where the frames of a journal end.
std::vector<std::size_t> frame_ends(base::ByteView journal);

// Each contact's actions, in order.
std::map<std::string, std::vector<std::string>> actions_by_contact(const Played& played);

// The same script, where feeds with equal `received` that follow one another come in another
// order. What concerns one person, all of its ids together, keeps its order.
Script shuffled(const Script& script, Choices& choices);

}  // namespace itinera::property
