// SPDX-License-Identifier: Apache-2.0
// The segments of a workspace, and who names them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "model/checks.hpp"
#include "model/walk.hpp"

namespace itinera::model {

void check_segments(const Workspace& workspace, const Limits& limits, Findings& findings) {
  if (workspace.segments.size() > limits.segments) {
    findings.error(ErrorCode::too_large, workspace.segments[limits.segments].at,
                   fmt::format("there are {} segments, more than {}", workspace.segments.size(),
                               limits.segments),
                   "divide the workspace, or raise Limits::segments");
  }
  std::set<std::string_view> names;
  for (const Segment& segment : workspace.segments) {
    if (!findings.name(segment.at, "segment", segment.name, limits.id_bytes)) continue;
    if (!names.insert(segment.name).second) {
      findings.error(ErrorCode::duplicate_name, segment.at,
                     fmt::format("segment '{}' is declared twice", segment.name),
                     "rename one of them");
    }
    if (segment.condition.empty()) {
      findings.missing(segment.at, fmt::format("segment '{}' has no condition", segment.name),
                       "say who is in it, such as contact.tier == \"gold\"");
    }
  }
}

void check_segment_names(const Subject& subject, Findings& findings) {
  if (subject.workspace_gaps.segments) return;
  std::vector<std::string> names;
  for (const Segment& segment : subject.workspace.segments) names.push_back(segment.name);
  for_each_trigger(subject.campaign, [&](const Trigger& trigger) {
    if (trigger.kind != Trigger::Kind::segment || trigger.segment.empty()) return;
    findings.use_segment(trigger.segment);
    if (std::find(names.begin(), names.end(), trigger.segment) != names.end()) return;
    findings.unknown_name(trigger.at, "segment", trigger.segment, names);
  });
}

void check_segment_rings(std::span<const Segment> segments,
                         std::span<const std::vector<std::size_t>> asked, Findings& findings) {
  const std::vector<std::size_t> ring = strong_components(asked);
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < segments.size(); ++i) members[ring[i]].push_back(i);
  for (const auto& [number, places] : members) {
    const std::size_t first = places.front();
    const bool asks_itself =
        std::find(asked[first].begin(), asked[first].end(), first) != asked[first].end();
    if (places.size() == 1 && !asks_itself) continue;
    constexpr std::size_t shown_max = 10;
    std::vector<std::string_view> names;
    for (const std::size_t place : places) {
      names.push_back(names.size() < shown_max ? std::string_view(segments[place].name) : "...");
      if (names.size() > shown_max) break;
    }
    findings.error(
        ErrorCode::endless_cycle, segments[first].at,
        places.size() == 1
            ? fmt::format("segment '{}' asks for itself", segments[first].name)
            : fmt::format("segments ask for each other in a ring: {}", fmt::join(names, ", ")),
        "let one of them ask the contact, not a segment");
  }
}

void check_unused_segments(const Workspace& workspace, Findings& findings) {
  if (findings.any_error()) return;  // what is wrong may be what was to name it
  for (const Segment& segment : workspace.segments) {
    if (segment.name.empty() || findings.uses_segment(segment.name)) continue;
    findings.warning(ErrorCode::suspicious, segment.at,
                     fmt::format("nothing names segment '{}'", segment.name),
                     "enter by it, ask `in_segment()` in a condition, or remove it");
  }
}

}  // namespace itinera::model
