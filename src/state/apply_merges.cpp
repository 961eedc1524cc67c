// SPDX-License-Identifier: Apache-2.0
// Two contacts that turn out to be one (S30): what either was, the one that stays is.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "state/apply.hpp"
#include "state/governance.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

// What was sent to either counts for the one that both are.
void unite_counted(State& state, std::uint32_t into, std::uint32_t from) {
  if (state.contacts[from].counted == 0) return;
  counted_together(state, std::array{into, from}, state.room);
  Blob& counted = state.contacts[into].counted;
  counted = state.blobs.replace(counted, state.room.view());
}

// Rates add up; of two variants of a split the one that was given first is kept, of the runs of a
// campaign the newest entry and the newest end.
void unite_tables(State& state, std::uint32_t into, std::uint32_t from) {
  state.rates.take_all(from, [&](std::uint64_t channel, const Rate& rate) {
    Rate& own = state.rates.of(into, channel);
    own.sent += rate.sent;
    own.engaged += rate.engaged;
  });
  state.handles.move(from, into);
  state.variants.take_all(from, [&](std::uint64_t split, const KeptVariant& variant) {
    const KeptVariant* const own = state.variants.find(into, split);
    const auto order = [](const KeptVariant& each) { return std::tie(each.assigned, each.name); };
    if (own == nullptr || order(variant) < order(*own)) state.variants.put(into, split, variant);
  });
  state.last_runs.take_all(from, [&](std::uint64_t campaign, const LastRun& run) {
    LastRun newest = run;
    if (const LastRun* const own = state.last_runs.find(into, campaign)) {
      newest = {std::max(own->entered, run.entered), std::max(own->ended, run.ended)};
    }
    state.last_runs.put(into, campaign, newest);
  });
}

// Since when `from` has had what is news of the other; if that one has said something else in
// between, since it was said again.
Instant changed_at(const State& state, std::uint32_t into, std::uint32_t from,
                   const AttributeItem& item) {
  const NameId trace =
      state.plans.names.find(name_of(Trace::changed, state.plans.names.text(item.name)));
  for (base::ByteView rest = state.blobs.view(state.contacts[from].history); !rest.empty();) {
    const HistoryItem change = take_event(rest);
    if (change.event != trace) continue;
    const bool holds = attribute_occurred(state, into, item.name) <= change.occurred;
    return holds ? change.occurred : item.occurred;
  }
  return item.occurred;
}

std::uint32_t consents_of(const State& state, const Contact& contact) {
  std::uint32_t count = 0;
  base::ByteView rest = consents_in(state.blobs.view(contact.attributes));
  for (; !rest.empty(); ++count) take_consent(rest);
  return count;
}

// The newer word counts; of two at one instant the refusal. A refusal is kept beyond what one
// contact may have.
void unite_consent(State& state, std::uint32_t into, const AttributeItem& item) {
  const ConsentItem consent = consent_of(item);
  Contact& contact = state.contacts[into];
  const auto known =
      find_consent(state.blobs.view(contact.attributes), consent.channel, consent.topic);
  const bool full = consents_of(state, contact) >= state.limits.consents;
  if (!known && full && consent.granted) return;
  const auto order = [](const ConsentItem& each) {
    return std::tuple(each.item.occurred, !each.granted, each.item.message_id);
  };
  if (known && order(consent) <= order(*known)) return;
  const auto granted = static_cast<std::uint8_t>(consent.granted ? 1 : 0);
  write_consent(state, contact,
                {into, consent.channel, consent.topic, granted, item.occurred, item.message_id,
                 consent.source});
}

// S5: the last writer by (occurred, message id); of two at once the greater value, so that the
// order of merges is nothing.
bool is_newer(const AttributeItem& item, const std::optional<AttributeItem>& known) {
  if (!known) return true;
  const auto written = [](const AttributeItem& each) {
    return std::tie(each.occurred, each.message_id);
  };
  if (written(item) != written(*known)) return written(*known) < written(item);
  return std::lexicographical_compare(known->value.begin(), known->value.end(), item.value.begin(),
                                      item.value.end());
}

std::optional<AttributeItem> find_attribute(base::ByteView list, NameId name) {
  while (!list.empty()) {
    const AttributeItem item = take_attribute(list);
    if (item.name == name) return item;
  }
  return std::nullopt;
}

void unite_attributes(State& state, std::uint32_t into, std::uint32_t from) {
  // Writing to the one may move what the other's list lies in.
  const base::ByteView view = state.blobs.view(state.contacts[from].attributes);
  const base::Bytes list(view.begin(), view.end());
  Contact& contact = state.contacts[into];
  for (base::ByteView rest(list); !rest.empty();) {
    const AttributeItem item = take_attribute(rest);
    if (item.name == consent_name) {
      unite_consent(state, into, item);
      continue;
    }
    if (!is_newer(item, find_attribute(state.blobs.view(contact.attributes), item.name))) continue;
    const bool has_name = item.name != account_name;
    if (has_name && attribute_differs(state, into, item.name, item.value)) {
      const std::string_view name = state.plans.names.text(item.name);
      leave_trace(state, contact, Trace::changed, name, changed_at(state, into, from, item));
    }
    write_attribute(state, contact, item.name, item.occurred, item.message_id, item.value);
  }
}

// The frames that tell what a contact did, and its journeys, apart and in order, each as how many
// frames ago it was.
template <class Visit>
void each_frame(State& state, std::uint32_t contact, Visit visit) {
  const auto at = [&](std::byte* frame) {
    base::store_le(frame, state.frame - visit(state.frame - base::load_le<std::uint32_t>(frame)));
  };
  const auto in_journey = [&](std::uint32_t journey) {
    Journey& j = state.journeys[journey];
    j.entered_in = state.frame - visit(state.frame - j.entered_in);
    const base::ByteView view = state.blobs.view(j.context);
    base::Bytes context(view.begin(), view.end());
    for (base::ByteView rest(context); !rest.empty();) {
      const std::size_t begin = context.size() - rest.size();
      if (take_context(rest).tag == ContextTag::used_event) at(context.data() + begin + 1);
    }
    j.context = state.blobs.replace(j.context, context);
  };
  const base::ByteView view = state.blobs.view(state.contacts[contact].history);
  base::Bytes history(view.begin(), view.end());
  for (base::ByteView rest(history); !rest.empty(); take_event(rest)) {
    at(history.data() + (history.size() - rest.size()) + 24);
  }
  state.contacts[contact].history = state.blobs.replace(state.contacts[contact].history, history);
  for (std::uint32_t journey = state.contacts[contact].journeys; journey != no_place;
       journey = state.journeys[journey].next) {
    in_journey(journey);
    for (const std::uint32_t aside : state.asides_of(journey)) in_journey(aside);
  }
}

// S0: of what two contacts did in one millisecond the order does not hang on who was fed first. All
// that `from` did comes before what the other one did, where nothing else tells.
void order_frames(State& state, std::uint32_t into, std::uint32_t from) {
  std::uint32_t rank = 0;
  for (const std::uint32_t contact : {into, from}) {
    std::map<std::uint32_t, std::uint32_t> ranks;
    each_frame(state, contact, [&ranks](std::uint32_t ago) {
      ranks.emplace(ago, 0);
      return ago;
    });
    // What is of this very frame stays so.
    for (auto& [ago, now] : ranks) now = ago == 0 && contact == into ? 0 : ++rank;
    each_frame(state, contact, [&ranks](std::uint32_t ago) { return ranks.at(ago); });
  }
}

// Both histories as one, newest first, but for how the attributes of the other one changed.
void unite_histories(State& state, Contact& into, const Contact& from) {
  if (from.history == 0) return;
  const std::string changes = name_of(Trace::changed, {});
  std::vector<HistoryItem> items;
  for (base::ByteView rest = state.blobs.view(into.history); !rest.empty();) {
    items.push_back(take_event(rest));
  }
  for (base::ByteView rest = state.blobs.view(from.history); !rest.empty();) {
    const HistoryItem item = take_event(rest);
    if (!state.plans.names.text(item.event).starts_with(changes)) items.push_back(item);
  }
  std::stable_sort(items.begin(), items.end(), [](const HistoryItem& a, const HistoryItem& b) {
    if (a.occurred != b.occurred) return a.occurred > b.occurred;
    if (a.received != b.received) return a.received > b.received;
    return static_cast<std::int32_t>(a.frame - b.frame) > 0;
  });
  base::Bytes history;
  std::map<NameId, std::uint32_t> kept;
  for (const HistoryItem& item : items) {
    const EventPlan* const plan = state.plans.event(item.event);
    std::uint32_t& newer = kept[item.event];
    if (plan == nullptr || is_stale(state, *plan, item, newer)) continue;
    if (newer == state.limits.history_events) {
      ++state.statistics.history_dropped;
      continue;
    }
    ++newer;
    history.insert(history.end(), item.whole.begin(), item.whole.end());
  }
  into.history = state.blobs.replace(into.history, history);
}

// From when on nothing is missing of what is known of both.
void unite_first_seen(Contact& into, const Contact& from) {
  if (into.history_unknown == from.history_unknown) {
    into.first_seen = into.history_unknown ? std::max(into.first_seen, from.first_seen)
                                           : std::min(into.first_seen, from.first_seen);
  } else if (from.history_unknown) {
    into.first_seen = from.first_seen;
    into.history_unknown = true;
  }
}

// Who stands in a line as both comes in once, by the better place.
void unite_lines(State& state, std::uint32_t into, std::uint32_t from) {
  for (Line& line : state.arrivals.lines) {
    const auto one = [&](std::uint32_t each) { return each == into || each == from; };
    const auto first = std::find_if(line.contacts.begin(), line.contacts.end(), one);
    if (first == line.contacts.end()) continue;
    *first = into;
    line.contacts.erase(std::remove_if(first + 1, line.contacts.end(), one), line.contacts.end());
  }
  auto& depths = state.chains.contacts;
  if (const auto chained = depths.find(from); chained != depths.end()) {
    depths[into] = std::max(depths[into], chained->second);
    depths.erase(from);
  }
}

// One input may unite more than once, and what the first has set free is ready by then: it stands
// in S0's order, which the contact's id is part of.
void order_anew(State& state) {
  if (state.ready.empty()) return;
  std::vector<std::uint32_t> journeys;
  state.ready.for_each([&](const ReadySend& send) { journeys.push_back(send.journey); });
  state.ready = {};
  for (const std::uint32_t journey : journeys) {
    state.ready.push(state.ready_key(journey), [&state](const ReadySend& a, const ReadySend& b) {
      return send_before(state, a, b);
    });
  }
}

// All that `from` is, but for its ids.
void unite(State& state, std::uint32_t into_place, std::uint32_t from_place) {
  Contact& into = state.contacts[into_place];
  Contact& from = state.contacts[from_place];
  for (const std::uint32_t each : {into_place, from_place}) leave_account(state, each);
  unite_attributes(state, into_place, from_place);
  join_account(state, into_place);
  order_frames(state, into_place, from_place);
  unite_histories(state, into, from);
  unite_counted(state, into_place, from_place);
  unite_tables(state, into_place, from_place);
  unite_first_seen(into, from);
  unite_lines(state, into_place, from_place);
  state.arrivals.passed.unite(into_place, from_place);
  move_journeys(state, from_place, into_place);
  order_anew(state);
  for (Blob* const blob : {&from.attributes, &from.history, &from.counted}) {
    state.blobs.release(std::exchange(*blob, 0));
  }
  for (const std::uint16_t segment : state.plans.heard_segments) {
    if (state.members.has(segment, from_place)) state.members.set(segment, from_place, false);
  }
  if (state.watches.of(from_place).due != record::no_deadline) {
    watch(state, from_place, record::no_deadline);
  }
  state.outbox.refused_since = true;  // by what was known of the other one
}

// `from`, and what stood for it, stands for the other one from now on.
void unite_ids(State& state, std::uint32_t into, std::uint32_t from) {
  std::vector<std::uint32_t> moved;
  if (const auto own = state.ids.extract(from)) moved = own.mapped();
  moved.push_back(from);
  for (const std::uint32_t id : moved) state.contacts[id].linked = into;
  std::vector<std::uint32_t>& ids = state.ids[into];
  ids.insert(ids.end(), moved.begin(), moved.end());
}

// What went out to `from` went out to `to`.
void readdress(State& state, std::uint32_t from, std::uint32_t to) {
  for (std::vector<OutboxEntry>* const entries : {&state.outbox.entries, &state.handed.entries}) {
    for (OutboxEntry& each : *entries) {
      if (each.contact == from) each.contact = to;
    }
  }
  state.open.readdress(from, to);
  state.sent.readdress(from, to);
  state.contacts[to].was_written_to = true;
}

// A device goes to somebody else, and what it has been stays with `contact`.
void part(State& state, std::uint32_t contact, std::uint32_t device) {
  readdress(state, device, contact);
  leave_journeys(state, contact, device);
  order_anew(state);
}

}  // namespace

// A device that two contacts share leaves with the one what it has been.
void apply(State& state, const record::Linked& r) {
  Contact& from = state.contacts[r.from];
  if (from.linked == no_place) {
    unite(state, r.contact, r.from);
  } else {
    if (from.linked != r.contact) part(state, from.linked, r.from);
    const auto before = state.ids.find(from.linked);
    std::erase(before->second, r.from);
    if (before->second.empty()) state.ids.erase(before);
  }
  unite_ids(state, r.contact, r.from);
  from.first_seen = state.input.occurred;
}

void apply(State& state, const record::Verified& r) {
  state.handles.put(r.contact, handle_hash(r.type, r.value), state.input.occurred);
}

void apply(State& state, const record::Merged& r) {
  unite(state, r.contact, r.from);
  unite_ids(state, r.contact, r.from);
  state.contacts[r.from].first_seen = state.input.occurred;
}

}  // namespace itinera::engine
