// SPDX-License-Identifier: Apache-2.0
// The parts of check(), each over one campaign, and where they write what they find.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/zone_table.hpp"
#include "calendar/recurrence.hpp"
#include "itinera/campaign.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/limits.hpp"
#include "model/gaps.hpp"
#include "model/graph.hpp"

namespace itinera::model {

class SegmentMoves;  // condition_check.hpp

class Findings {
 public:
  void error(ErrorCode code, const SourceLocation& at, std::string message, std::string hint = {});
  void warning(ErrorCode code, const SourceLocation& at, std::string message,
               std::string hint = {});

  // Something that must be there is empty. Silent where files have gaps: their reader has said so.
  void missing(const SourceLocation& at, std::string message, std::string hint = {});
  void files_have_gaps(bool gaps) { gaps_ = gaps; }

  // There is no `kind` ("step", "channel") called `name`; `known` are those there are.
  void unknown_name(const SourceLocation& at, std::string_view kind, std::string_view name,
                    std::span<const std::string> known);

  // "did you mean 'x'?", or nothing; of nothing but unknown names only for the first ones.
  std::string did_you_mean(std::string_view name, std::span<const std::string> known);
  [[nodiscard]] bool may_suggest() const { return suggestions_left_ > 0; }
  // Whether there is time to look for what a recurrence may never come to, up to 100 in vain.
  [[nodiscard]] bool may_search() const { return searches_left_ > 0; }
  void searched_in_vain() { --searches_left_; }

  // A name that files, messages and ids carry: not empty, at most `bytes_max`, no control
  // characters. Whether it is one; if not, says so.
  bool name(const SourceLocation& at, std::string_view kind, std::string_view name,
            std::uint32_t bytes_max);

  // Some entry, trigger or condition names this segment.
  void use_segment(std::string_view name) { segments_used_.emplace(name); }
  [[nodiscard]] bool uses_segment(const std::string& name) const {
    return segments_used_.contains(name);
  }

  [[nodiscard]] bool any_error() const { return any_error_; }

  // By file, line and column; what has no place, or the same, in the order it was found.
  Diagnostics take();

 private:
  Diagnostics found_;
  std::set<std::string> segments_used_;
  bool any_error_ = false;
  bool gaps_ = false;
  int suggestions_left_ = 100;  // a bound on the work a file of nothing but unknown names causes
  int searches_left_ = 100;     // the same of nothing but recurrences that never come
};

// What a part looks at. `graph` is that of `campaign`.
struct Subject {
  const Workspace& workspace;
  const Campaign& campaign;
  const Graph& graph;
  const Limits& limits;
  const ZoneTable* zones;  // nullptr: names of zones are not checked
  const WorkspaceGaps& workspace_gaps;
  const Gaps& gaps;
};

// There is no zone called `name`, if `zones` are given and `name` is.
void check_zone(const SourceLocation& at, std::string_view name, const ZoneTable* zones,
                Findings& findings);

// A topic, if there is one: any name is one where the workspace lists none.
void check_topic(const Subject& subject, const SourceLocation& at, const std::string& topic,
                 Findings& findings);

void check_entries(const Subject& subject, Findings& findings);
void check_steps(const Subject& subject, Findings& findings);
// A `send` by itself; `step` is the step that holds it, `channels` those there are.
void check_send(const Subject& subject, const Step& step, const Send& send,
                const std::vector<std::string>& channels, Findings& findings);
// A `split` by itself; `step` is the step that holds it.
void check_split(const Subject& subject, const Step& step, const Split& split, Findings& findings);
// Whether a rule without a `from`, which counts from the day on which somebody arrives or a
// campaign is published, comes from any day, if it can at all. INTERVAL may keep to the weekday, or
// to the months, of some, while the rule names others: FREQ=DAILY;INTERVAL=7;BYDAY=MO from a
// Tuesday.
bool comes_from_any_start(const calendar::Recurrence& recurrence);
// A `wait` by itself; `step` is the step that holds it.
void check_wait(const Subject& subject, const Step& step, const Wait& wait, Findings& findings);
void check_conditions(const Subject& subject, Findings& findings);
void check_addresses(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
                     Findings& findings);
// The `schema` and what is to be kept.
void check_schema(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
                  Findings& findings);
// `campaigns_known`: those are all there are.
void check_policy(const Workspace& workspace, const WorkspaceGaps& gaps,
                  std::span<const Campaign> campaigns, bool campaigns_known, const Limits& limits,
                  const ZoneTable* zones, Findings& findings);
// The accounts that send.
void check_senders(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
                   const ZoneTable* zones, Findings& findings);
void check_brake(const Campaign& campaign, Findings& findings);
void check_holdout(const Holdout& holdout, const SourceLocation& at, Findings& findings);
void check_segments(const Workspace& workspace, const Limits& limits, Findings& findings);
// `moves`: learns what the segments read.
void check_segment_conditions(const Workspace& workspace, const WorkspaceGaps& gaps,
                              const Limits& limits, SegmentMoves& moves, Findings& findings);
// `asked`: the segments that each asks for, by place.
void check_segment_rings(std::span<const Segment> segments,
                         std::span<const std::vector<std::size_t>> asked, Findings& findings);
// Segments that nobody names, once all conditions have been looked at.
void check_unused_segments(const Workspace& workspace, Findings& findings);
// The segments that goals, exits and waits listen to.
void check_segment_names(const Subject& subject, Findings& findings);
void check_graph(const Subject& subject, Findings& findings);
void check_missed_times(const Subject& subject, Findings& findings);
// What campaigns do to each other: all of a workspace at once, each of them once.
void check_between(std::span<const Subject> campaigns, bool all_known, const SegmentMoves& moves,
                   Findings& findings);

// Warns of steps without a name whose id means another step in `newer`, a later version.
void check_moved_steps(const Campaign& older, const Campaign& newer, Findings& findings);

// The number of the strong component of each vertex; `edges` by the vertex they leave.
std::vector<std::size_t> strong_components(std::span<const std::vector<std::size_t>> edges);

// "step 'reminder'", for messages.
std::string title_of(const Step& step);

// A wait at least this long, whatever the zone does: a calendar day may be an hour short.
std::int64_t least_ms(const Period& period);

// A trigger's name, receipt or event, is nothing the model knows; an event's name must only be one.
void check_trigger(const Trigger& trigger, const Limits& limits, Findings& findings);

}  // namespace itinera::model
