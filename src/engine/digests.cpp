// SPDX-License-Identifier: Apache-2.0
// Digests: what would enter a campaign again joins the journey that stands at one.
#include "engine/digests.hpp"

#include <algorithm>
#include <vector>

#include "base/packed_value.hpp"
#include "engine/apply.hpp"
#include "engine/process.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using record::Reason;

// A packed list or map of `count` members.
base::Bytes packed_members(Value::Kind kind, std::uint32_t count, base::ByteView members) {
  base::Bytes packed;
  base::Writer out(packed);
  out.number(kind);
  out.number(count);
  out.number(static_cast<std::uint32_t>(members.size()));
  out.bytes(members);
  return packed;
}

// The packed list with one more at its end; what is no list becomes one of that alone.
base::Bytes with_one_more(base::ByteView list, base::ByteView element) {
  constexpr std::size_t head = 9;
  const bool is_list =
      !list.empty() && base::load_le<Value::Kind>(list.data()) == Value::Kind::list;
  base::Bytes members;
  base::Writer out(members);
  std::uint32_t count = 1;
  if (is_list) {
    count += base::load_le<std::uint32_t>(list.data() + 1);
    out.bytes(list.subspan(head, base::packed_size(list) - head));
  }
  out.bytes(element);
  return packed_members(Value::Kind::list, count, members);
}

void put_list(State& state, Journey& journey, NodeIndex node, std::uint32_t count,
              base::ByteView list) {
  base::Bytes number;
  base::pack(Value(static_cast<std::int64_t>(count)), number);
  put_item(state, journey, ContextTag::gathered, node, number);
  const NameId as = state.plan_of(journey).nodes[node].as;
  if (as != no_name) put_item(state, journey, ContextTag::variable, as, list);
}

}  // namespace

base::Bytes packed_properties(base::ByteView properties) {
  base::Bytes members;
  base::Writer out(members);
  std::uint32_t count = 0;
  for (; !properties.empty(); ++count) {
    const PropertyItem property = take_property(properties);
    out.number(Value::Kind::text);
    out.text(property.name);
    out.bytes(property.value);
  }
  return packed_members(Value::Kind::map, count, members);
}

base::ByteView kept_entry(base::ByteView context) {
  const auto item = find_context(context, ContextTag::whole_entry, no_name);
  return item ? item->value : base::ByteView{};
}

base::ByteView begins_digest(const State& state, std::uint32_t journey) {
  for (;; journey = state.journeys[journey].head) {
    const base::ByteView context = state.blobs.view(state.journeys[journey].context);
    if (find_context(context, ContextTag::gathered, no_name)) return {};
    if (!state.journeys[journey].is_strand()) return kept_entry(context);
  }
}

std::uint32_t gathered_at(base::ByteView context, NodeIndex node) {
  const auto item = find_context(context, ContextTag::gathered, node);
  return item ? static_cast<std::uint32_t>(base::load_le<std::int64_t>(item->value.data() + 1)) : 0;
}

void keep_entry(const State& state, const CampaignPlan& plan, const record::Entered& r,
                base::ByteBuffer& context) {
  const Entry::Kind kind = plan.entries[r.entry].kind;
  if (!plan.gathers || (kind != Entry::Kind::event && kind != Entry::Kind::host)) return;
  context.append(ContextTag::whole_entry);
  context.append(no_name);
  context.append(base::ByteView(packed_properties(state.input.properties)));
}

void begin_digest(State& state, std::uint32_t place, NodeIndex node) {
  const base::ByteView first = begins_digest(state, place);
  const base::Bytes kept(first.begin(), first.end());
  note_digest(state, place);
  Journey& journey = state.journeys[state.whole(place)];
  const bool keeps_list = state.plan_of(journey).nodes[node].as != no_name;
  const bool takes = !kept.empty() && (!keeps_list || state.has_room(place, kept));
  const base::Bytes list =
      takes ? with_one_more({}, kept) : packed_members(Value::Kind::list, 0, {});
  put_list(state, journey, node, takes ? 1 : 0, list);
}

// Another strand may still come to a first digest of its own, which begins with the entry too.
void note_digest(State& state, std::uint32_t place) {
  Journey& journey = state.journeys[place];
  put_item(state, journey, ContextTag::gathered, no_name, base::packed_null);
  if (journey.is_strand() || state.plan_of(journey).asks_group) return;
  if (!kept_entry(state.blobs.view(journey.context)).empty()) {
    put_context(state, journey, ContextTag::whole_entry, no_name, {});
  }
}

void apply(State& state, const record::Gathered& r) {
  Journey& journey = state.journeys[state.whole(r.journey)];
  const NameId as = state.plan_of(journey).nodes[r.node].as;
  const base::ByteView context = state.blobs.view(journey.context);
  const std::uint32_t count = gathered_at(context, r.node) + 1;
  base::Bytes list;
  if (as != no_name) {
    list = with_one_more(find_value(context, ContextTag::variable, as),
                         packed_properties(state.input.properties));
  }
  put_list(state, journey, r.node, count, list);
  if (r.due != state.journeys[r.journey].due) arm(state, r.journey, r.due, 0);
}

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
  facts_.hears(seen);
  std::optional<std::string> group = key_by(key, state_.journeys[journey].contact, journey);
  facts_.hears(event_);
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
  const bool fits = node.as == no_name || state_.has_room(journey, properties);
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
