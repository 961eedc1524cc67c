// SPDX-License-Identifier: Apache-2.0
// Digests: what would enter a campaign again joins the journey that stands at one.
#include "state/digest_lists.hpp"

#include <algorithm>
#include <vector>

#include "base/packed_value.hpp"
#include "engine/process.hpp"
#include "state/apply.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Reason;

}  // namespace

// It begins with what the journey entered by, if this is its first. What has no room is not
// gathered, and ends it.
std::optional<NodeIndex> Process::digest(std::uint32_t journey, const NodePlan& node,
                                         NodeIndex at) {
  const Digest& digest = std::get<Digest>(node.step->kind);
  const bool has_first = !begins_digest(state_, journey).empty();
  const Instant due = state_.after(digest.window_ms);
  commit(record::Waited{journey, at, Reason::none, 0, due});
  const std::uint32_t count = gathered_at(context_of(journey), at);
  const bool is_full = count >= digest.max || (has_first && count == 0);
  if (!is_full && due > state_.now) return std::nullopt;
  commit(record::Resolved{journey, at, static_cast<std::uint16_t>(is_full ? 0 : record::no_case)});
  return node.next;
}

bool Process::is_gathering(std::uint32_t journey, const Admission& admission) const {
  const Journey& j = state_.journeys[journey];
  if (j.phase != Phase::waiting || state_.now >= j.due || j.armed_in == state_.frame) return false;
  const CampaignPlan& plan = state_.plan_of(j);
  return plan.nodes[j.node].kind == StepKind::digest &&
         plan.family == state_.plans.versions[admission.version]->family &&
         j.has_key == admission.has_key && state_.key_of(j) == admission.key;
}

// The key of a digest, by the properties of an event.
std::optional<std::string> Process::group_of(const Condition& key, std::uint32_t journey,
                                             base::ByteView packed) {
  base::Reader in(packed);
  const Value properties = base::unpack(in);
  expr::Arena arena;
  std::vector<EventProperty> seen;
  if (const auto* const map = properties.get<Value::Map>()) {
    for (const MapEntry& entry : *map) {
      const std::string& name = *entry.key.get<std::string>();
      seen.push_back({state_.plans.names.find(name), name, expr::view_of(entry.value, arena)});
    }
  }
  const std::span<const EventProperty> heard = facts_.event();
  facts_.hears(seen);
  std::optional<std::string> group = key_by(key, state_.journeys[journey].contact, journey);
  facts_.hears(heard);
  return group;
}

bool Process::join_digest(const Admission& admission, std::uint32_t but) {
  const std::uint16_t family = state_.plans.versions[admission.version]->family;
  if (admission.who.place == no_place || !state_.plans.families[family].gathers) return false;
  const base::Bytes properties = packed_properties(state_.input.properties);
  std::vector<Listener> gathering;  // of the oldest journey that has any
  for (std::uint32_t at = state_.contacts[admission.who.place].journeys; at != no_place;
       at = state_.journeys[at].next) {
    const std::uint32_t whole = state_.whole(at);
    if (whole == but || !is_gathering(at, admission)) continue;
    if (!gathering.empty() && state_.whole(gathering.front().journey) != whole) break;
    const Journey& j = state_.journeys[at];
    const Condition* const key = state_.plan_of(j).nodes[j.node].key;
    if (key != nullptr &&
        group_of(*key, at, kept_entry(context_of(at))) != group_of(*key, at, properties)) {
      continue;
    }
    gathering.push_back(listener(at));
  }
  bool gathered = false;
  for (const Listener& each : gathering) {
    const bool stands =
        listener(each.journey) == each && state_.journeys[each.journey].phase == Phase::waiting;
    if (stands && gather(each.journey, properties)) gathered = true;
  }
  return gathered;
}

// What hangs on the list of a digest: goals, exits, and the waits of other strands.
void Process::hear_list(std::uint32_t journey) {
  const std::uint32_t whole = state_.whole(journey);
  hear_goals(whole, {});
  if (state_.journeys[journey].phase == Phase::waiting) hear_exits(whole, {});
  if (state_.journeys[whole].phase != Phase::forked) return;
  std::vector<Listener> strands;
  for (std::uint32_t at = state_.next_strand(whole, whole); at != no_place;
       at = state_.next_strand(at, whole)) {
    strands.push_back(listener(at));
  }
  for (const Listener& strand : strands) {
    if (listener(strand.journey) != strand) continue;
    if (state_.journeys[strand.journey].phase == Phase::waiting) {
      follow(strand.journey);
    } else {
      hear_wait(strand.journey, {});
    }
  }
}

bool Process::gather(std::uint32_t journey, base::ByteView properties) {
  const Journey& j = state_.journeys[journey];
  const NodeIndex at = j.node;
  const CampaignPlan& plan = state_.plan_of(j);
  const NodePlan& node = plan.nodes[at];
  const Digest& digest = std::get<Digest>(node.step->kind);
  const Listener here = listener(journey);
  touch(j.contact);
  const bool is_full = gathered_at(context_of(journey), at) >= digest.max;
  const bool fits = !is_full && (node.as == no_name || state_.has_room(journey, properties));
  if (fits) {
    note_taken(journey);
    const Instant due = digest.sliding ? state_.after(digest.window_ms) : j.due;
    commit(record::Gathered{journey, at, due});
    Came came;
    if (state_.input.event != no_name) came.event_frame = state_.frame;
    note_used(journey, 0, came);
    if (plan.hears_any_condition) hear_list(journey);
    if (listener(journey) != here || j.phase != Phase::waiting) return true;
    if (gathered_at(context_of(journey), at) < digest.max) return true;
  }
  commit(record::Resolved{journey, at, 0});
  walk(journey, node.next);
  return fits;
}

}  // namespace itinera::engine
