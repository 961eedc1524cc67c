// SPDX-License-Identifier: Apache-2.0
// What a workspace says of its data, what it keeps of them, and its segments.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "expr/program.hpp"
#include "model/checks.hpp"
#include "model/data_schema.hpp"
#include "model/scope.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

class SchemaCheck {
 public:
  SchemaCheck(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
              Findings& findings)
      : workspace_(workspace), gaps_(gaps), limits_(limits), findings_(findings) {}

  void check_schema() {
    const Schema& schema = workspace_.schema;
    if (schema.attributes) {
      check_fields("attribute", *schema.attributes);
      for (const SchemaField& field : *schema.attributes) check_given(field);
    }
    std::set<std::string_view> names;
    for (const EventSchema& event : schema.events) {
      if (!findings_.name(event.at, "event", event.name, limits_.id_bytes)) continue;
      once(names, event.at, "event", event.name);
      check_fields("property", event.properties);
    }
  }

  void check_retain() {
    std::set<std::string_view> events;
    for (const Retain::Event& event : workspace_.retain.events) {
      if (!findings_.name(event.at, "event", event.name, limits_.id_bytes)) continue;
      once(events, event.at, "event", event.name);
      if (event.window_ms > 0 && event.window_ms <= expr::longest_window_ms) continue;
      findings_.error(ErrorCode::bad_value, event.at,
                      fmt::format("event '{}' is kept for {}", event.name,
                                  event.window_ms > 0 ? "longer than all time" : "no time"),
                      "write how far back it is kept, such as 365d, or leave it out");
    }
    const SourceLocation at = place_of(workspace_.words, "retain", workspace_.at);
    std::set<std::string_view> attributes;
    for (const std::string& attribute : workspace_.retain.attributes) {
      if (!findings_.name(at, "attribute", attribute, limits_.id_bytes)) continue;
      once(attributes, at, "attribute", attribute);
      const auto& known = workspace_.schema.attributes;
      if (gaps_.schema || !known || is_given(attribute)) continue;
      if (find_field(*known, attribute) == nullptr) {
        findings_.unknown_name(at, "attribute", attribute, names_of(*known));
      }
    }
  }

 private:
  void check_fields(std::string_view kind, const std::vector<SchemaField>& fields) {
    if (fields.size() > limits_.properties) {
      findings_.error(ErrorCode::too_large, fields[limits_.properties].at,
                      fmt::format("{} of one list in the schema, more than {}", fields.size(),
                                  limits_.properties),
                      "leave out what no condition asks for, or raise Limits::properties");
      return;
    }
    std::set<std::string_view> names;
    for (const SchemaField& field : fields) {
      if (findings_.name(field.at, kind, field.name, limits_.id_bytes)) {
        once(names, field.at, kind, field.name);
      }
    }
  }

  // `id` and `zone` are texts, and always there; the last channel is one, once there is any.
  void check_given(const SchemaField& field) {
    if (!is_given(field.name)) return;
    const bool is_written = field.name == last_channel;
    if (field.type.kind == FieldType::Kind::string && (is_written || !field.may_be_absent)) return;
    findings_.error(ErrorCode::bad_value, field.at,
                    fmt::format("`{}` is a string that {}", field.name,
                                is_written ? "the engine writes" : "every contact has"),
                    "leave it out");
  }

  void once(std::set<std::string_view>& names, const SourceLocation& at, std::string_view kind,
            std::string_view name) {
    if (names.insert(name).second) return;
    findings_.error(ErrorCode::duplicate_name, at,
                    fmt::format("{} '{}' is there twice", kind, name), "keep one of them");
  }

  const Workspace& workspace_;
  const WorkspaceGaps& gaps_;
  const Limits& limits_;
  Findings& findings_;
};

}  // namespace

void check_schema(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits,
                  Findings& findings) {
  SchemaCheck check(workspace, gaps, limits, findings);
  check.check_schema();
  check.check_retain();
}

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

namespace {

// The longest way along `asked` from each place, itself counted; up to `bound` + 1, so that rings,
// which are told of by themselves, end.
class Chains {
 public:
  Chains(std::span<const std::vector<std::size_t>> asked, std::size_t bound)
      : asked_(asked), bound_(bound), longest_(asked.size(), 1) {}

  // Each round carries the lengths one place on.
  const std::vector<std::size_t>& run() {
    for (std::size_t round = 0; round < bound_ && grow(); ++round) {
    }
    return longest_;
  }

 private:
  bool grow() {
    bool grown = false;
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      for (const std::size_t next : asked_[i]) {
        const std::size_t length = std::min(longest_[next] + 1, bound_ + 1);
        grown = grown || length > longest_[i];
        longest_[i] = std::max(longest_[i], length);
      }
    }
    return grown;
  }

  std::span<const std::vector<std::size_t>> asked_;
  std::size_t bound_;
  std::vector<std::size_t> longest_;
};

// Deeper than that nobody is found: one that asks such a chain would have the wrong people.
void check_segment_chains(std::span<const Segment> segments,
                          std::span<const std::vector<std::size_t>> asked, Findings& findings) {
  const std::vector<std::size_t> longest = Chains(asked, segment_depth_max).run();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto is_below = [&](std::size_t next) { return longest[next] > segment_depth_max; };
    if (longest[i] <= segment_depth_max) continue;
    if (std::any_of(asked[i].begin(), asked[i].end(), is_below)) continue;  // told of there
    findings.error(ErrorCode::too_large, segments[i].at,
                   fmt::format("segment '{}' asks a chain of segments deeper than {}",
                               segments[i].name, segment_depth_max),
                   "let one of them ask the contact, not a segment");
  }
}

}  // namespace

void check_segment_rings(std::span<const Segment> segments,
                         std::span<const std::vector<std::size_t>> asked, Findings& findings) {
  const std::vector<std::size_t> ring = strong_components(asked);
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < segments.size(); ++i) members[ring[i]].push_back(i);
  bool any_ring = false;
  for (const auto& [number, places] : members) {
    const std::size_t first = places.front();
    const bool asks_itself =
        std::find(asked[first].begin(), asked[first].end(), first) != asked[first].end();
    if (places.size() == 1 && !asks_itself) continue;
    any_ring = true;
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
  if (!any_ring) check_segment_chains(segments, asked, findings);
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
