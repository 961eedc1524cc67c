// SPDX-License-Identifier: Apache-2.0
// How much of a journal is kept behind what its snapshots need.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>

#include "itinera/runtime.hpp"
#include "itinera/store.hpp"
#include "itinera/time.hpp"

namespace itinera::runtime {

// Knows how large and how old each part of a journal is, of a mebibyte or an hour each, since it
// has looked at each once.
class Retention {
 public:
  // The groups behind those that it has seen.
  void see(std::span<const JournalGroup> groups);
  [[nodiscard]] Position seen() const { return parts_.empty() ? forgotten_ : parts_.back().end; }

  // Up to where the journal may be forgotten by these settings; what the store still needs is not
  // asked. 0: nothing may be.
  [[nodiscard]] Position cut(const Upkeep& upkeep) const;
  // The end of the oldest part, or `up_to`, whichever comes first; 0: nothing lies before that.
  [[nodiscard]] Position next(Position up_to) const;
  // The journal begins behind that position.
  void forget(Position up_to);

 private:
  struct Part {
    Position after = 0;  // begins behind it
    Position end = 0;
    std::uint64_t bytes = 0;
    Instant began;
    Instant newest;  // time of its last frame
  };
  std::deque<Part> parts_;
  std::uint64_t bytes_ = 0;  // of all parts
  Position forgotten_ = 0;
};

}  // namespace itinera::runtime
