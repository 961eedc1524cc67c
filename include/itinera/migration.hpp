// SPDX-License-Identifier: Apache-2.0
// What becomes of journeys in flight when a newer version of their campaign is published (S21 to
// S23). Without a Migration they keep to the version that they entered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace itinera {

// Of a journey that stands at a wait which the newer version says otherwise: its deadline stays
// (`keep`), is reckoned anew from when it came there, yet never before now (`recompute`), or is now
// (`release`). A wait that says the same is left alone.
enum class WaitChange : std::uint8_t { keep, recompute, release };

// Where journeys go that stand at a step. Needed for every step with a journey at it that the newer
// version does not have: by id, and of the same kind. A step without an id of its own it has only
// where there are as many steps of that kind as there were.
struct StepAnswer {
  enum class Kind : std::uint8_t {
    to,    // to the step `to` of the newer version: where that is of the same kind, it is the same
           // step by another name, and they go on where they stand; else they come to it anew
    exit,  // they end: exited, for the reason `removed`
    pin    // they keep to their version
  };
  std::string step;
  Kind kind = Kind::to;
  std::string to = {};
};

// All journeys in flight of a campaign move to the version that is published. Where the publication
// no longer has the campaign, none of its steps is left to go on at: journeys end or are pinned.
struct Migration {
  std::string campaign;
  WaitChange waits = WaitChange::keep;
  std::vector<StepAnswer> steps = {};
  // What is said of every step that has no answer of its own and needs one.
  enum class Rest : std::uint8_t { refuse, exit, pin };
  Rest rest = Rest::refuse;
};

// So many journeys, or strands of journeys, stand at a step of an older version, and would come to
// this.
struct MigrationRow {
  enum class Fate : std::uint8_t {
    goes_on,  // where it stands, at `to`
    moves,    // it comes to `to`
    exits,
    pinned,
    unanswered  // publishing is refused
  };
  std::string campaign;
  std::uint32_t version = 0;  // that they are on
  std::string step;           // where they stand; empty: before the first
  Fate fate = Fate::goes_on;
  std::string to = {};  // a step of the newer version; empty: before its first, or none
  std::uint64_t journeys = 0;
  bool edited = false;  // goes_on: what the step does is not what it did
};

}  // namespace itinera
