// SPDX-License-Identifier: Apache-2.0
#include "state/digest_lists.hpp"

#include "base/packed_value.hpp"
#include "state/apply.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

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

}  // namespace itinera::engine
