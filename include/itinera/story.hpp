// SPDX-License-Identifier: Apache-2.0
// The journal, told again: what happened to whom, and why. Every fold (funnel.hpp) and every
// explanation reads this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/ids.hpp"
#include "itinera/result.hpp"
#include "itinera/time.hpp"
#include "itinera/value.hpp"

namespace itinera {

// One record of the journal, in words. What does not apply is empty.
struct Happening {
  static constexpr std::size_t no_definition = SIZE_MAX;
  static constexpr std::uint32_t no_journey = 0xFFFF'FFFF;
  static constexpr std::uint16_t no_node = 0xFFFF;
  static constexpr std::uint16_t no_case = 0xFFFF;

  Instant at = {};
  // What happened: a decision ("entered", "skipped_when": docs/reasons.md), "receipt", the name of
  // a counter, or a plain change of state ("contact_created", "attribute_set", "variable_set").
  std::string_view what = {};
  // Of a journey that an `exit` step ended: its author's text. Of "linked": "anonymous" if nobody
  // was known by the anonymous id so far, "relinked" if another contact was; empty where the same
  // contact's claim to it is older than was known.
  std::string_view reason = {};
  std::string_view contact = {};
  // Of a receipt and of an action that was withdrawn: the version that it went out by, and its step
  // there, wherever its journey has moved since.
  std::string_view campaign = {};
  std::uint32_t version = 0;
  bool has_key = false;
  std::string_view key = {};
  std::string_view step = {};
  std::string_view channel = {};  // of a send
  std::uint32_t iteration = 0;    // of an action
  std::string_view choice = {};   // the case of a wait or a branch, the variant of a split
  std::string_view goal = {};
  std::string_view receipt = {};  // "opened"
  // Of an attribute, a variable, an id that was linked or merged, or was not for a limit; of
  // "set_off" and "caused" the event or the campaign; of "segment_entered", "segment_left",
  // "redefined" the segment; and, where that can be told, of the datum that a "missing_datum"
  // speaks of. The `goal` of one is that of a value that is missing.
  std::string_view name = {};
  ActionId action = {};
  std::optional<Instant> due = {};  // of a wait; empty: only an input can end it
  // Of a wait by wall time that went by neither a zone of its own nor the contact's: whose it was,
  // "campaign", "workspace" or "UTC" (S12).
  std::string_view zone_of = {};
  std::optional<Instant> emitted = {};  // of an action that was withdrawn
  std::optional<Value> value = {};      // of a goal

  // For folds: numbers that stand for the names above.
  std::size_t definition = no_definition;  // place in Story::definitions()
  std::uint32_t journey = no_journey;      // used again once the journey is over
  std::uint32_t strand = no_journey;  // of a parallel, or a send aside: where in it it happened
  std::uint16_t node = no_node;       // the step's place in document order
  std::uint16_t which = no_case;  // of `choice`, and of "entered": which; no_case: else, or none
};

// A frame of the journal: one input, or the timers of one instant, and what came of it.
struct Chapter {
  Instant at = {};
  // Which of the journal's shards it is about (runtime.hpp): each has numbers of its own for
  // journeys, and who goes from one to another has others there. 0 where there is one.
  std::uint8_t shard = 0;
  std::string_view input = {};    // "event", "timers", "taken" ...
  std::string_view event = {};    // of an event: its name
  std::string_view contact = {};  // whom the input is about, if it says so
  std::span<const Happening> happenings = {};
};

// Reads a journal from its beginning, frame by frame, and remembers what later frames refer to:
// ids of contacts, published campaigns, journeys in flight. Decides nothing.
//
// Not thread-safe. Every text and span that it hands out dies with its next non-const call.
// Hostile bytes give an Error, never a crash; after an Error it must not be asked again.
class Story {
 public:
  Story();
  Story(Story&&) noexcept;
  Story& operator=(Story&&) noexcept;
  ~Story();

  // Takes the first frame off `journal`, which continues where the last call's ended. A torn last
  // frame is dropped: `journal` is then empty and so is the chapter, as it is where nothing is
  // left. Errors: damaged_journal, unsupported_version.
  Result<Chapter> next(std::span<const std::byte>& journal);

  // Every campaign version that was published, in the order of publication.
  [[nodiscard]] std::size_t definitions() const;
  [[nodiscard]] const Campaign& definition(std::size_t place) const;

 private:
  friend class Funnel;  // which asks it how many there are, too
  struct State;
  State& state_of(std::uint8_t shard);
  std::vector<std::unique_ptr<State>> states_;  // by shard; the first is there always
};

// "2026-03-02T10:00:00Z exited (goal), cart-recovery v3, ola, key c9", one line for people.
std::string to_text(const Happening& happening);

}  // namespace itinera
