// SPDX-License-Identifier: Apache-2.0
// One function per input of the host, each in S33's order: what is known of the contact first,
// then its journeys, then entries, then what all of that has made ready.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "engine/migration_plan.hpp"
#include "engine/process.hpp"
#include "model/model_codec.hpp"

namespace itinera::engine {
namespace {

using record::Counter;

// What a workspace says of when a message may go: in bytes, to be compared.
base::Bytes rules_of(const Workspace& workspace) {
  Workspace rules;
  rules.zone = workspace.zone;
  rules.holidays = workspace.holidays;
  rules.policy.quiet_hours = workspace.policy.quiet_hours;
  rules.policy.caps = workspace.policy.caps;
  base::Bytes bytes;
  model::encode(rules, {}, bytes);
  return bytes;
}

// What the beginning of a frame changes, to be put back where the frame is taken back.
class Before {
 public:
  explicit Before(State& state)
      : state_(state),
        now_(state.now),
        frame_(state.frame),
        unfinished_(state.instant_unfinished),
        at_gates_(state.at_gates),
        input_(state.input),
        short_runs_(state.short_runs),
        forgotten_runs_(state.forgotten_runs),
        chains_(state.chains) {
    for (const std::uint32_t place : chains_.journeys)
      depths_.push_back(state.journeys[place].strand);
  }
  Before(const Before&) = delete;
  Before& operator=(const Before&) = delete;
  // Nothing of who was forgotten stays in memory.
  ~Before() { forgotten_runs_.clear(); }

  void restore() {
    state_.now = now_;
    state_.frame = frame_;
    state_.instant_unfinished = unfinished_;
    state_.at_gates = at_gates_;
    state_.input = input_;
    std::swap(state_.short_runs, short_runs_);
    std::swap(state_.forgotten_runs, forgotten_runs_);
    state_.chains = chains_;
    for (std::size_t i = 0; i < depths_.size(); ++i) {
      state_.journeys[chains_.journeys[i]].strand = depths_[i];
    }
  }

 private:
  State& state_;
  Instant now_;
  std::uint32_t frame_;
  bool unfinished_;
  bool at_gates_;
  CurrentInput input_;
  ShortRuns short_runs_;
  ForgottenRuns forgotten_runs_;
  Chains chains_;
  std::vector<std::uint8_t> depths_;  // of its journeys, as they are kept
};

// Whether all channels of the send that it is held at are pulled ones.
bool awaits_presence(const State& state, const Journey& journey) {
  const std::vector<LegPlan>& legs = state.plan_of(journey).nodes[journey.node].send->legs;
  const std::vector<ChannelPlan>& channels = state.plans.channels;
  return std::all_of(legs.begin(), legs.end(), [&](const LegPlan& leg) {
    return leg.channel < channels.size() && channels[leg.channel].pulled;
  });
}

}  // namespace

Who Process::find(std::string_view id, std::uint64_t hash) const {
  const std::uint32_t place = state_.find_contact(id, hash);
  return place == no_place ? Who{no_place, id, hash} : Who{place, {}, hash};
}
Who Process::find(std::string_view id) const { return find(id, base::stable_hash(id).high); }

std::optional<Error> Process::refuses(const Input& input) const {
  return check_input(state_, input);
}

void Process::take(const Input& input, const Taken& taken) {
  std::visit([&](const auto& each) { take(each, taken); }, input);
  event_.clear();  // its properties are the host's, and of this input alone
  facts_.hears({});
  end_input();
}

Result<void> Process::publish(base::ByteView model, const Taken& taken,
                              std::span<const VersionMove> moves) {
  const record::PublishInput input{model};
  const std::vector<SegmentPlan> segments = state_.plans.segments;
  const auto versions = static_cast<std::uint16_t>(state_.plans.versions.size());
  const base::Bytes rules = rules_of(state_.plans.workspace);
  Before before(state_);
  begin(input, taken);
  if (Result<void> done = apply(state_, input); !done) {
    frame_.abandon();
    before.restore();
    return done;
  }
  for (const VersionMove& move : moves) migrate(move);
  redefine(segments);
  welcome(versions);
  if (state_.plans.has_moments) commit(record::WatchedAll{});
  release_ungrouped();
  regulate(rules);
  settle();
  end_input();
  return {};
}

// The policy may hold back less than before. Accounts say anew when somebody has a turn; what quiet
// hours or caps hold passes the gates again where these say something else, and so does what waits
// for an account that there is no more, or for presence on a channel that is pushed by now.
void Process::regulate(base::ByteView rules_before) {
  const bool changed = !std::ranges::equal(rules_of(state_.plans.workspace), rules_before);
  const auto is_freed = [&](std::uint32_t journey) {
    const Journey& j = state_.journeys[journey];
    if (j.phase != Phase::held) return false;
    const auto found = state_.accounts.places.find(journey);
    if (found != state_.accounts.places.end()) {
      const Accounts::Place& place = found->second;
      const bool in_line =
          state_.accounts.all[place.sender].has_in_line(place.operation, place.waiter);
      if (in_line) return !state_.plans.senders[place.sender].current;
    }
    using HeldFor = Journey::HeldFor;
    if (j.held_for == HeldFor::presence) return !awaits_presence(state_, j);
    return changed && (j.held_for == HeldFor::slot || j.held_for == HeldFor::time);
  };
  std::vector<std::uint32_t> freed;
  for (std::uint32_t at = 0; at < state_.journeys.size(); ++at) {
    if (is_freed(at)) freed.push_back(at);
  }
  std::sort(freed.begin(), freed.end(), [this](std::uint32_t a, std::uint32_t b) {
    return send_before(state_, state_.ready_key(a), state_.ready_key(b));
  });
  for (const std::uint32_t journey : freed) {
    commit(record::Ready{journey, state_.journeys[journey].node});
  }
  for (std::size_t i = 0; i < state_.accounts.all.size(); ++i) {
    offer(static_cast<std::uint16_t>(i));
  }
}

Instant Process::occurred_of(const Envelope& envelope, const Taken& taken, bool& clamped) const {
  const Instant occurred = envelope.occurred.value_or(envelope.received);
  clamped = occurred > taken.at + state_.limits.occurred_ahead_ms;
  return clamped ? taken.at : occurred;
}

void Process::count_clamped(bool clamped) {
  if (clamped) commit(record::Counted{Counter::occurred_clamped, no_place, model::end_node});
}

// S4. The input's frame has just noted the message; a repeat was known before it.
bool Process::repeats(const record::MessageKey& message) {
  if (!message.present()) return false;
  if (state_.message_is_new) return false;
  commit(record::Duplicate{});
  return true;
}

// Takes what the loaded campaigns may ask of the event's properties.
void Process::gather(const EventPlan& plan, std::span<const Property> properties) {
  event_.clear();
  properties_.clear();
  event_arena_.reset();
  for (const Property& property : properties) {
    const NameId name = state_.plans.names.find(property.name);
    if (!plan.keeps(name)) continue;
    event_.push_back({name, property.name, expr::view_of(property.value, event_arena_)});
    properties_.append_text(property.name);
    base::pack(property.value, properties_);
  }
}

std::uint32_t Process::contact_of(const Who& who) {
  if (who.place != no_place) return who.place;
  const record::ContactCreated created{state_.contacts.next_place(), who.id};
  frame_.record(created);
  create_contact(state_, created, who.hash);
  all_anew(created.contact);
  touch(created.contact);
  return created.contact;
}

void Process::take(const Event& event, const Taken& taken) {
  const std::string anonymous = event.contact.empty() ? anonymous_contact_id(event.anonymous) : "";
  const Who who = event.contact.empty() ? find(anonymous) : find(event.contact, taken.contact_hash);
  const NameId name = taken.event;
  const EventPlan& plan = *state_.plans.event(name);
  gather(plan, event.properties);
  record::EventInput input;
  input.contact = who.place;
  input.contact_id = who.id;
  input.name = event.name;
  input.properties = properties_.view();
  if (!begin_message(input, event, taken)) return;

  Who contact = who;
  if (plan.remembered) {
    contact.place = contact_of(who);
    commit(record::Remembered{contact.place});
  }
  if (contact.place != no_place) sort_out(contact.place, plan.segments);
  facts_.hears(event_);
  if (contact.place != no_place) {
    Stimulus stimulus;
    stimulus.kind = Stimulus::Kind::event;
    stimulus.event = name;
    react(contact.place, stimulus);
    tell_account(contact.place, stimulus);
  }
  if (!plan.entries.empty()) enter_by_event(contact, plan);
  facts_.hears({});
  event_.clear();
  settle();
}

void Process::take(const Identify& identify, const Taken& taken) {
  const std::string anonymous = anonymous_contact_id(identify.anonymous);
  const bool known = !identify.contact.empty();
  const Who who = find(known ? identify.contact : std::string_view(anonymous));
  properties_.clear();
  for (const Property& attribute : identify.attributes) {
    if (!state_.plans.wants(state_.plans.names.find(attribute.name))) continue;
    properties_.append_text(attribute.name);
    base::pack(attribute.value, properties_);
  }
  record::IdentifyInput input;
  input.contact = who.place;
  input.contact_id = who.id;
  input.anonymous = identify.anonymous;
  input.attributes = properties_.view();
  if (!begin_message(input, identify, taken)) return;

  const bool links = known && !identify.anonymous.empty();
  std::uint32_t contact = who.place;
  if (!properties_.empty() || !identify.consents.empty() || links ||
      identify.history != HistoryKnown::unchanged || known) {
    contact = contact_of(who);
  }
  if (links) link(contact, identify.anonymous);
  for (const Handle& handle : identify.verified) contact = verify(contact, handle);
  if (identify.history != HistoryKnown::unchanged) {
    const bool complete = identify.history == HistoryKnown::complete;
    commit(record::HistoryMarked{contact, static_cast<std::uint8_t>(complete ? 1 : 0)});
    all_anew(contact);
  }
  for (base::Reader in(properties_.view()); !in.at_end();) {
    const std::string_view name = in.text();
    const base::ByteView value = base::skip_packed(in);
    const NameId id = state_.plans.names.find(name);
    if (!attribute_is_newer(state_, contact, id, input.occurred, input.message_id)) continue;
    set_attribute({contact, name, input.occurred, input.message_id, value}, id);
    changed(contact, id);
  }
  for (const Consent& consent : identify.consents) {
    const record::ConsentSet word{
        contact,        consent.channel,
        consent.topic,  static_cast<std::uint8_t>(consent.granted ? 1 : 0),
        input.occurred, input.message_id,
        consent.source};
    if (!consent_is_newer(state_, word)) continue;
    commit(word);
    changed(contact, state_.plans.consents_name);
  }
  if (contact == no_place) return settle();
  settle_about(contact);
}

void Process::settle_about(std::uint32_t contact) {
  settle_zones();
  sort_out(contact, {});
  react(contact, {});
  settle();
}

bool Process::traces(Trace trace, std::string_view of) const {
  const EventPlan* const plan = state_.plans.event(state_.plans.names.find(name_of(trace, of)));
  return plan != nullptr && plan->remembered;
}

void Process::set_attribute(const record::AttributeSet& set, NameId name) {
  const bool differs =
      traces(Trace::changed, set.name) && attribute_differs(state_, set.contact, name, set.value);
  if (name == state_.plans.zone_name) {
    set_zone(set);
  } else {
    commit(set);
  }
  if (!differs) return;
  commit(record::Traced{set.contact, static_cast<std::uint8_t>(Trace::changed), set.name,
                        set.occurred});
}

// What waits for a time on the wall of it is resolved anew when all that the input says is known
// (S13).
void Process::set_zone(const record::AttributeSet& set) {
  keep_wall_times(set.contact);
  const bool was_there = state_.contacts[set.contact].first_seen < state_.now;
  const std::optional<ZoneIndex> zone = own_zone(set.contact);
  commit(set);
  release_held(set.contact, false);
  if (was_there) note_move(set.contact, zone);
}

void Process::take(const Enter& enter, const Taken& taken) {
  const Who who = find(enter.contact, taken.contact_hash);
  properties_.clear();
  const Family& family = *state_.plans.family(enter.campaign);
  const CampaignPlan& plan = *state_.plans.versions[family.current];
  for (const Property& property : enter.properties) {
    const NameId name = state_.plans.names.find(property.name);
    if (!family.gathers &&
        !std::binary_search(plan.entry_properties.begin(), plan.entry_properties.end(), name)) {
      continue;
    }
    properties_.append_text(property.name);
    base::pack(property.value, properties_);
  }
  record::EnterInput input;
  input.contact = who.place;
  input.contact_id = who.id;
  input.campaign = enter.campaign;
  input.has_key = enter.key ? 1 : 0;
  input.key = enter.key.value_or(std::string_view{});
  input.message = message_key(enter);
  input.properties = properties_.view();
  begin(input, taken);
  if (repeats(input.message)) return;
  if (who.place != no_place) react(who.place, {});
  enter_by_host(who, plan, enter.key);
  settle();
}

void Process::take(const Stop& stop, const Taken& taken) {
  const Who who = find(stop.contact);
  record::StopInput input;
  input.contact = who.place;
  input.contact_id = who.id;
  input.campaign = stop.campaign;
  input.has_key = stop.key ? 1 : 0;
  input.key = stop.key.value_or(std::string_view{});
  begin(input, taken);
  if (who.place == no_place) return;
  end_journeys(who.place, *state_.plans.family(stop.campaign), stop.key);
  settle();
}

std::vector<Listener> Process::journeys_in(std::uint32_t contact, const Family& family,
                                           std::optional<std::string_view> key) const {
  std::vector<Listener> found;
  for (std::uint32_t at = state_.contacts[contact].journeys; at != no_place;
       at = state_.journeys[at].next) {
    const Journey& j = state_.journeys[at];
    const bool same_key = !key || (j.has_key && state_.key_of(j) == *key);
    const bool ended = j.is_strand() || j.phase == Phase::open_goals;
    const bool is_of = &state_.plans.families[state_.plan_of(j).family] == &family;
    if (!ended && same_key && is_of) found.push_back(listener(at));
  }
  return found;
}

void Process::end_journeys(std::uint32_t contact, const Family& family,
                           std::optional<std::string_view> key) {
  for (const Listener& each : journeys_in(contact, family, key)) {
    end(each.journey, record::Decision::exited, record::Reason::stopped);
  }
}

}  // namespace itinera::engine
