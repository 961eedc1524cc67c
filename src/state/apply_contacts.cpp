// SPDX-License-Identifier: Apache-2.0
// What is known of contacts: attributes, history, links; segments, watches, lines and schedules.
#include <algorithm>
#include <cstring>
#include <tuple>
#include <vector>

#include "base/stable_hash.hpp"
#include "expr/operations.hpp"
#include "state/apply.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

base::Bytes history_item(const State& state) {
  const EventPlan* const plan = state.plans.event(state.input.event);
  base::Bytes item(HistoryItem::head);
  base::Writer out(item);
  for (base::ByteView rest = state.input.properties; !rest.empty();) {
    const PropertyItem property = take_property(rest);
    const bool wanted =
        plan->all_remembered ||
        std::binary_search(plan->remembered_properties.begin(), plan->remembered_properties.end(),
                           state.plans.names.find(property.name));
    if (!wanted) continue;
    out.text(property.name);
    out.bytes(property.value);
  }
  base::store_le(item.data(), static_cast<std::uint32_t>(item.size()));
  base::store_le(item.data() + 4, state.input.event);
  base::store_le(item.data() + 8, state.input.occurred.ms);
  base::store_le(item.data() + 16, state.now.ms);
  base::store_le(item.data() + 24, state.frame);
  return item;
}

// Copies a history, newest first, with `added` at its place; drops what no condition can ask for
// any more, and the oldest beyond the bound. Returns how many the bound dropped.
std::uint32_t merge_history(const State& state, base::ByteView old, base::ByteView added,
                            base::Bytes& out) {
  const HistoryItem fresh = take_event(added);
  const EventPlan& plan = *state.plans.event(fresh.event);
  std::uint32_t same_type = 0;
  std::uint32_t dropped = 0;
  const auto keep = [&](const HistoryItem& item) {
    if (item.event == fresh.event) {
      if (is_stale(state, plan, item, same_type)) return;
      if (same_type == state.limits.history_events) {
        ++dropped;
        return;
      }
      ++same_type;
    }
    out.insert(out.end(), item.whole.begin(), item.whole.end());
  };
  bool placed = false;
  while (!old.empty()) {
    const HistoryItem item = take_event(old);
    if (!placed && item.occurred <= fresh.occurred) {
      keep(fresh);
      placed = true;
    }
    keep(item);
  }
  if (!placed) keep(fresh);
  return dropped;
}

void arm(State& state, std::uint32_t timer, Instant due) {
  if (due != record::no_deadline) state.timers.arm(timer, due, state.now);
}

bool has_frame(base::ByteView history, std::uint32_t frame) {
  while (!history.empty()) {
    if (take_event(history).frame == frame) return true;
  }
  return false;
}

}  // namespace

bool is_stale(const State& state, const EventPlan& plan, const HistoryItem& item,
              std::uint32_t newer) {
  if (plan.newest_only) return newer > 0;
  // Conditions look back by occurred, waits with `since` by received.
  const Instant newest = std::max(item.occurred, item.received);
  return plan.window_ms && newest <= state.now - *plan.window_ms;
}

void remember(State& state, Contact& contact, base::ByteView item) {
  base::Bytes history;
  state.statistics.history_dropped +=
      merge_history(state, state.blobs.view(contact.history), item, history);
  contact.history = state.blobs.replace(contact.history, history);
}

// Joins the history of a contact, if some condition asks for it.
void leave_trace(State& state, Contact& contact, Trace trace, std::string_view of,
                 Instant occurred) {
  const NameId name = state.plans.names.find(name_of(trace, of));
  const EventPlan* const plan = state.plans.event(name);
  if (plan == nullptr || !plan->remembered) return;
  base::Bytes item(HistoryItem::head);
  base::store_le(item.data(), static_cast<std::uint32_t>(item.size()));
  base::store_le(item.data() + 4, name);
  base::store_le(item.data() + 8, occurred.ms);
  base::store_le(item.data() + 16, state.now.ms);
  base::store_le(item.data() + 24, state.frame);
  remember(state, contact, item);
}

// S5: the last writer by (occurred, message id) has the attribute.
void write_attribute(State& state, Contact& contact, NameId name, Instant occurred,
                     std::string_view message_id, base::ByteView value) {
  base::Bytes list;
  base::Writer out(list);
  base::ByteView rest = state.blobs.view(contact.attributes);
  while (!rest.empty() && base::load_le<NameId>(rest.data()) != consent_name) {
    const AttributeItem item = take_attribute(rest);
    if (item.name != name) out.bytes(item.whole);
  }
  out.number(name);
  out.number(occurred.ms);
  out.text(message_id);
  out.bytes(value);
  out.bytes(rest);  // consents
  contact.attributes = state.blobs.replace(contact.attributes, list);
}

// The same of a consent.
void write_consent(State& state, Contact& contact, const record::ConsentSet& r) {
  base::Bytes list;
  base::Writer out(list);
  const base::ByteView all = state.blobs.view(contact.attributes);
  base::ByteView rest = consents_in(all);
  out.bytes(all.first(all.size() - rest.size()));
  while (!rest.empty()) {
    const ConsentItem other = take_consent(rest);
    if (other.channel != r.channel || other.topic != r.topic) out.bytes(other.item.whole);
  }
  out.number(consent_name);
  out.number(r.occurred.ms);
  out.text(r.message_id);
  out.number(Value::Kind::text);
  const std::size_t texts = r.channel.size() + r.topic.size() + r.source.size();
  out.number(static_cast<std::uint32_t>(ConsentItem::head - 5 + texts));
  out.number(r.granted);
  out.number(static_cast<std::uint16_t>(r.channel.size()));
  out.number(static_cast<std::uint16_t>(r.topic.size()));
  for (const std::string_view text : {r.channel, r.topic, r.source}) {
    out.bytes(base::as_bytes(text));
  }
  contact.attributes = state.blobs.replace(contact.attributes, list);
}

void watch(State& state, std::uint32_t contact, Instant due) {
  Watch watch = state.watches.of(contact);
  if (watch.due <= state.now) watch.looked = state.now;
  watch.due = due;
  state.watches.set(contact, watch);
  arm(state, watch_mark | contact, due);
}

bool consent_is_newer(const State& state, const record::ConsentSet& word) {
  const auto known = find_consent(state.blobs.view(state.contacts[word.contact].attributes),
                                  word.channel, word.topic);
  if (!known) return true;
  return std::tuple(word.occurred, word.granted == 0, word.message_id) >=
         std::tuple(known->item.occurred, !known->granted, known->item.message_id);
}

Instant consent_counts_from(const State& state, std::uint32_t contact, std::string_view channel,
                            std::string_view topic) {
  Instant newest = earliest_instant;
  base::ByteView rest = consents_in(state.blobs.view(state.contacts[contact].attributes));
  while (!rest.empty()) {
    const ConsentItem consent = take_consent(rest);
    if (consent.channel != channel) continue;
    const Instant occurred = consent.item.occurred;
    if (consent.topic == topic) newest = std::max(newest, occurred);
    // The channel as a whole and one of its topics: the later word counts.
    if (consent.topic.empty() != topic.empty()) newest = std::max(newest, occurred + 1);
  }
  return newest;
}

bool attribute_differs(const State& state, std::uint32_t contact, NameId name,
                       base::ByteView value) {
  base::ByteView known = base::packed_null;
  for (base::ByteView rest = state.blobs.view(state.contacts[contact].attributes); !rest.empty();) {
    const AttributeItem item = take_attribute(rest);
    if (item.name == name) known = item.value;
  }
  if (std::equal(known.begin(), known.end(), value.begin(), value.end())) return false;
  constexpr std::uint32_t steps_max = 1'000'000;
  expr::Arena arena;
  expr::Machine machine{nullptr, nullptr, arena, steps_max};
  return !expr::equal(expr::view_of_packed(known, arena), expr::view_of_packed(value, arena),
                      machine);
}

bool attribute_is_newer(const State& state, std::uint32_t contact, NameId name, Instant occurred,
                        std::string_view message_id) {
  for (base::ByteView rest = state.blobs.view(state.contacts[contact].attributes); !rest.empty();) {
    const AttributeItem item = take_attribute(rest);
    if (item.name != name) continue;
    return std::pair(occurred, message_id) >= std::pair(item.occurred, item.message_id);
  }
  return true;
}

void put_id(State& state, Contact& contact, std::string_view id) {
  contact.id_size = static_cast<std::uint16_t>(id.size());
  if (id.size() <= Contact::id_inline) {
    std::memcpy(contact.id.data(), id.data(), id.size());
  } else {
    const Blob blob = state.blobs.add(base::as_bytes(id));
    std::memcpy(contact.id.data(), &blob, sizeof blob);
  }
}

void create_contact(State& state, const record::ContactCreated& r, std::uint64_t hash) {
  Contact contact;
  contact.hash = hash;
  contact.first_seen = state.now;
  put_id(state, contact, r.id);
  state.contact_index.insert(contact.hash, state.contacts.add(contact));
  ++state.statistics.contacts;
}

void apply(State& state, const record::ContactCreated& r) {
  create_contact(state, r, base::stable_hash(r.id).high);
}

Instant attribute_occurred(const State& state, std::uint32_t contact, NameId name) {
  for (base::ByteView rest = state.blobs.view(state.contacts[contact].attributes); !rest.empty();) {
    const AttributeItem item = take_attribute(rest);
    if (item.name == name) return item.occurred;
  }
  return earliest_instant;
}

void apply(State& state, const record::AttributeSet& r) {
  write_attribute(state, state.contacts[r.contact], state.plans.names.add(r.name), r.occurred,
                  r.message_id, r.value);
}

void join_account(State& state, std::uint32_t contact) {
  const std::string_view account = state.account_of(contact);
  if (account.empty()) return;
  std::vector<std::uint32_t>& members = state.members_of[std::string(account)];
  const auto at = std::find_if(members.begin(), members.end(), [&](std::uint32_t each) {
    return contact_before(state, contact, each);
  });
  members.insert(at, contact);
}

void leave_account(State& state, std::uint32_t contact) {
  const auto account = state.members_of.find(state.account_of(contact));
  if (account == state.members_of.end()) return;
  std::erase(account->second, contact);
  if (account->second.empty()) state.members_of.erase(account);
}

void apply(State& state, const record::Grouped& r) {
  leave_account(state, r.contact);
  base::Bytes value;
  base::pack(Value(r.account), value);
  write_attribute(state, state.contacts[r.contact], account_name, r.occurred, r.message_id, value);
  join_account(state, r.contact);
}

void apply(State& state, const record::ConsentSet& r) {
  write_consent(state, state.contacts[r.contact], r);
  if (r.granted == 0) state.outbox.refused_since = true;
}

void apply(State& state, const record::Remembered& r) {
  const base::Bytes item = history_item(state);
  remember(state, state.contacts[r.contact], item);
}

void apply(State& state, const record::Traced& r) {
  leave_trace(state, state.contacts[r.contact], Trace{r.trace}, r.of, r.occurred);
}

void apply(State& state, const record::HistoryMarked& r) {
  Contact& contact = state.contacts[r.contact];
  contact.history_unknown = r.complete == 0;
  contact.first_seen = state.now;  // complete: new for every condition that is published by now
}

bool is_awaited(const State& state, std::uint32_t timer, Instant due) {
  const std::uint32_t number = timer & timer_mask;
  const Arrivals& arrivals = state.arrivals;
  if (timer >= account_mark) {
    const std::vector<Account>& accounts = state.accounts.all;
    return timer - account_mark < accounts.size() && accounts[timer - account_mark].due == due;
  }
  if (timer >= schedule_mark) {
    return number < arrivals.schedules.size() && arrivals.schedules[number].due == due;
  }
  if (timer >= line_mark) return arrivals.lines[number].due == due;
  return state.watches.of(number).due == due;
}

void apply(State& state, const record::Watched& r) { watch(state, r.contact, r.due); }

// What comes at this very instant has not been looked at: that is done after the inputs.
void apply(State& state, const record::WatchedAll&) {
  for (std::uint32_t contact = 0; contact < state.contacts.size(); ++contact) {
    if (!state.is_person(contact)) continue;
    Watch watch = state.watches.of(contact);
    watch.due = state.now;
    state.watches.set(contact, watch);
    arm(state, watch_mark | contact, state.now);
  }
}

void apply(State& state, const record::MembershipChanged& r) {
  state.members.set(r.segment, r.contact, r.in != 0);
}

void apply(State& state, const record::Redefined& r) {
  for (std::uint32_t contact = 0; contact < state.contacts.size(); ++contact) {
    const auto byte = static_cast<unsigned>(r.members[contact / 8]);
    state.members.set(r.segment, contact, (byte >> contact % 8 & 1) != 0);
  }
}

void apply(State& state, const record::Queued& r) {
  std::vector<Line>& lines = state.arrivals.lines;
  if (r.line == lines.size()) lines.emplace_back().ref = {r.version, r.entry};
  Line& line = lines[r.line];
  for (std::size_t at = 0; at < r.contacts.size(); at += 4) {
    line.contacts.push_back(base::load_le<std::uint32_t>(r.contacts.data() + at));
  }
  if (line.due == r.due) return;
  line.due = r.due;
  arm(state, line_mark | r.line, r.due);
}

void apply(State& state, const record::Released& r) {
  Line& line = state.arrivals.lines[r.line];
  line.contacts.erase(line.contacts.begin(), line.contacts.begin() + r.count);
  line.let_in = r.let_in;
  line.period = r.period;
  line.due = r.due;
  arm(state, line_mark | r.line, r.due);
}

void apply(State& state, const record::Requeued& r) {
  state.arrivals.lines[r.line].ref = {r.version, r.entry};
}

void apply(State& state, const record::Scheduled& r) {
  std::vector<Schedule>& schedules = state.arrivals.schedules;
  if (r.schedule == schedules.size()) schedules.emplace_back();
  const ZoneIndex zone = state.zones->find(r.zone).value_or(ZoneIndex::utc);
  schedules[r.schedule] = {{r.version, r.entry}, zone, r.due};
  arm(state, schedule_mark | r.schedule, r.due);
}

void apply(State& state, const record::PassedOver& r) {
  const CampaignPlan& plan = *state.plans.versions[r.version];
  state.arrivals.passed.put(r.contact, way_of(plan, plan.entries[r.entry]), r.until, state.now);
}

void apply(State& state, const record::CapDay& r) {
  Begun& begun = state.arrivals.begun[state.plans.versions[r.version]->family];
  begun.today = 0;
  begun.day_ends = r.ends;
}

void apply(State& state, const record::EventUsed& r) { note_event_used(state, r.journey, r.frame); }

void note_event_used(State& state, std::uint32_t place, std::uint32_t frame) {
  Journey& journey = state.journeys[place];
  const base::ByteView history = state.blobs.view(state.contacts[journey.contact].history);
  base::Bytes context;
  base::Writer out(context);
  for (base::ByteView rest = state.blobs.view(journey.context); !rest.empty();) {
    const ContextItem item = take_context(rest);
    // What the history has forgotten cannot be taken again anyway.
    if (item.tag == ContextTag::used_event && !has_frame(history, item.name)) continue;
    out.bytes(item.whole);
  }
  out.number(ContextTag::used_event);
  out.number(frame);
  journey.context = state.blobs.replace(journey.context, context);
}

}  // namespace itinera::engine
