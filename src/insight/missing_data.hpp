// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/story.hpp"

namespace itinera::insight {

// Which data a `missing_datum` speaks of. Its record names the step, not the datum; but what had a
// value is in records beside it, in the order of the step's data, and the rest is what was
// missing. Where that does not come out even, a datum stays without a name.
//
// It is shown the records of one frame in their order. Points into `happenings`, the published
// campaigns and the frame; the work is linear in the frame's bytes.
class MissingData {
 public:
  explicit MissingData(std::vector<Happening>& happenings) : happenings_(happenings) {}

  void begin_frame();
  void end_step();  // or the frame

  // The newest happening says that a datum of `step` is missing.
  void note(std::uint32_t journey, std::uint16_t node, const Step& step);
  void variable_set(std::uint32_t journey, std::string_view name);
  // `data`: names and packed values in turn. False: they are damaged.
  bool emitted(std::uint32_t journey, std::uint16_t node, base::ByteView data);
  // The step was left before all of its data had their turn.
  void cut();

  // The newest happening says that the value of a goal is missing; which goal, the record of the
  // conversion says, which is the next.
  void note_goal() { goal_noted_ = happenings_.size() - 1; }
  void converted(std::string_view goal);

 private:
  [[nodiscard]] bool has_value(const Datum& datum) const;

  std::vector<Happening>& happenings_;
  std::vector<std::size_t> noted_;  // places of happenings, all of one visit of one step
  std::uint32_t journey_ = Happening::no_journey;
  std::uint16_t node_ = Happening::no_node;
  std::span<const Datum> data_;
  bool complete_ = false;                     // of a send only its emission tells all
  std::vector<std::string_view> attributes_;  // in the emission
  std::uint32_t set_by_ = Happening::no_journey;
  std::vector<std::string_view> variables_;  // that journey set_by_ set of late
  std::size_t set_before_ = 0;               // how many of them before the newest note
  std::size_t goal_noted_ = SIZE_MAX;
};

}  // namespace itinera::insight
