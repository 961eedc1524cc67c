// SPDX-License-Identifier: Apache-2.0
// The segments of a workspace, and who names them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/checks.hpp"
#include "model/walk.hpp"

namespace itinera::model {

void check_segments(const Workspace& workspace, const Limits& limits, Findings& findings) {
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
    if (std::find(names.begin(), names.end(), trigger.segment) != names.end()) return;
    findings.unknown_name(trigger.at, "segment", trigger.segment, names);
  });
}

}  // namespace itinera::model
