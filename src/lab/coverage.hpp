// SPDX-License-Identifier: Apache-2.0
// Which ways through campaigns were taken, found from what happened. A journey is followed from
// step to step: most say in the journal where it went, the few that leave nothing there (`goto`, a
// `set` of variables, a goal that was reached before) lie between two that do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/lab.hpp"
#include "itinera/story.hpp"
#include "model/graph.hpp"

namespace itinera::lab {

class Coverage {
 public:
  // Borrows `campaign`, which is sound and stays where it is.
  void add(const Campaign& campaign);

  // What is heard from now on is another engine's.
  void begin() { cursors_.clear(); }
  void hear(const Happening& happening);

  // By name and version.
  std::vector<CampaignCoverage> take();

 private:
  static constexpr std::size_t no_way = SIZE_MAX;

  // Where the ways of a step stand among those of its campaign; no_way: it has none such.
  struct StepWays {
    std::size_t on = no_way;  // it is done, and leads to the next one
    std::size_t skipped = no_way;
    std::size_t first_target = no_way;  // the way to Node::targets[0]; the others follow
    std::size_t past_exits = no_way;
    std::size_t past_skips = no_way;
    std::size_t missing_exits = no_way;
    std::size_t missing_skips = no_way;
    // Of a send, the ways that it takes in place of going on, in the order of model::ways_of().
    std::array<std::size_t, 3> instead{no_way, no_way, no_way};
  };
  struct Covered {
    const Campaign* campaign = nullptr;
    model::Graph graph;
    std::vector<StepWays> steps;
    std::size_t exits = no_way;  // all exit rules
    CampaignCoverage result;     // entries first, then goals
  };
  // Where a journey goes next, or where it stands.
  struct Cursor {
    Covered* in = nullptr;
    model::NodeIndex at = model::end_node;
    bool stands = false;                          // in a wait, or at the gate of a send
    std::uint32_t whole = Happening::no_journey;  // of a strand: its journey
    model::NodeIndex parallel = model::end_node;  // of a strand: which
    std::uint16_t strand = 0;
    std::size_t legs = 0;  // by how many channels the send at which it stands has gone
  };

  static void add_step_ways(Covered& covered, std::size_t node);
  static void add_send_ways(Covered& covered, const Step& step, StepWays& ways);
  static void add_wait_ways(Covered& covered, const Step& step, StepWays& ways);
  static std::size_t add_way(Covered& covered, const SourceLocation& at, const std::string& step,
                             std::string what);
  static void take_way(Covered& covered, std::size_t way);
  static bool leaves_no_trace(const Step& step);
  static model::NodeIndex exiting_goal(Cursor cursor);
  static void pass(Cursor& cursor);
  static void pass_until(Cursor& cursor, model::NodeIndex node);
  Cursor* cursor_for(std::uint32_t journey, model::NodeIndex node);
  void hear_strand(const Happening& happening);
  static void hear_step(Cursor& cursor, const Happening& happening);
  static void hear_send(Cursor& cursor, const Send& send, const Happening& happening);
  static void take_instead(Cursor& cursor, const Send& send, std::size_t which);
  static void hear_waited(Cursor& cursor, const Happening& happening);
  static void hear_end(Cursor& cursor, const Happening& happening);
  static void take_target(Cursor& cursor, std::uint16_t which);

  std::map<std::pair<std::string, std::uint32_t>, std::unique_ptr<Covered>> campaigns_;
  std::map<std::uint32_t, Cursor> cursors_;  // by the number of the journey, or of the strand
};

}  // namespace itinera::lab
