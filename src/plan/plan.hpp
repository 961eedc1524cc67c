// SPDX-License-Identifier: Apache-2.0
// Campaigns, compiled: what the engine runs. Immutable once made, but for the few marked members
// that a later publication sets anew.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/buckets.hpp"
#include "base/bytes.hpp"
#include "base/zone_table.hpp"
#include "calendar/recurrence.hpp"
#include "expr/program.hpp"
#include "itinera/campaign.hpp"
#include "itinera/limits.hpp"
#include "itinera/result.hpp"
#include "model/data_schema.hpp"
#include "model/graph.hpp"
#include "model/receipts.hpp"
#include "plan/names.hpp"

namespace itinera::engine {

using model::NodeIndex;

inline constexpr std::uint16_t no_version = 0xFFFF;

// Where a slot of a program finds its datum.
struct Binding {
  enum class Source : std::uint8_t {
    attribute,
    entry,
    variable,
    key,
    event,
    now,
    segment,
    consent,  // `name`: the channel, topic_mark and the topic, if there is one
    address,  // whether the channel `name` reaches the contact
    outcome   // of the step at `node`
  };
  Source source = Source::now;
  NameId name = no_name;
  NodeIndex node = model::end_node;
};

// What a history function looks at. `need` is its place in Plans::needs.
struct HistoryBinding {
  NameId event = no_name;
  std::vector<NameId> filter;  // names of the filter's slots
  std::uint32_t need = 0;
  NameId attribute = no_name;  // of since_changed()
};

// What is kept of a contact beside events, each under a name that no event has.
enum class Trace : std::uint8_t {
  engaged,  // somebody opened, clicked or answered a message: `of` is its channel
  changed   // an attribute has another value: `of` is its name
};
std::string name_of(Trace trace, std::string_view of);
inline constexpr char trace_mark = '\x1F';  // what such names begin with

// A program with its slots and history calls bound. Never moves.
struct Condition {
  expr::Program program;
  std::vector<Binding> slots;
  std::vector<HistoryBinding> history;
  bool has_moments = false;  // time alone may change it: it reads the time, or asks for a segment
};

// What must be kept of an event type, for a condition to look back at it.
struct HistoryNeed {
  NameId event = no_name;
  std::vector<NameId> properties;  // sorted
  bool all_properties = false;
  std::optional<std::int64_t> window_ms;  // empty: as far back as there is
  bool newest_only = false;               // the newest event is enough
  Instant since;                          // kept from here on
  friend bool operator==(const HistoryNeed&, const HistoryNeed&) = default;
};

// One thing that a goal, an exit or a wait listens to.
struct TriggerPlan {
  Trigger::Kind kind = Trigger::Kind::event;
  std::uint8_t receipt = 0;  // its number in Plans::receipts
  NameId event = no_name;
  NodeIndex step = model::end_node;      // of a receipt; end_node: any
  NameId segment = no_name;              // of a segment
  bool leaves = false;                   // of a segment
  const Condition* condition = nullptr;  // of a condition
  const Condition* when = nullptr;
  NameId as = no_name;       // of a wait's case: the variable that takes it
  bool of_account = false;   // of an event or a receipt: whoever in the account it is of
  bool any_attempt = false;  // of a call's answer: whichever attempt of this visit it is of
  bool any_leg = false;      // of a send's own: by whichever channel of this visit it went
};

struct EntryPlan {
  Entry::Kind kind = Entry::Kind::event;
  NameId event = no_name;    // of an event entry
  NameId segment = no_name;  // of a segment entry or a schedule; no_name: everybody
  const Condition* when = nullptr;
  const Condition* key = nullptr;
  const Condition* date = nullptr;     // of a date entry
  std::optional<ZoneIndex> zone;       // of a date entry or a schedule; empty: each contact's
  calendar::Recurrence recurrence;     // of a schedule
  std::optional<calendar::Date> from;  // of a schedule
  Instant since;                       // of one without: the publication whose day stands for it
  std::int32_t at_ms = 0;              // of a date entry or a schedule
  const Entry* entry = nullptr;
};

struct GoalPlan {
  std::optional<TriggerPlan> trigger;
  const Condition* value = nullptr;
  std::optional<std::int64_t> within_ms;
  bool exits = false;
};

// One datum of `data` or `set`.
struct DatumPlan {
  std::string name;     // of a variable without "journey."
  NameId id = no_name;  // of `name`
  bool variable = false;
  base::Bytes literal;                    // packed
  const Condition* expression = nullptr;  // null: the literal
};

// In the order of Step::Kind.
enum class StepKind : std::uint8_t {
  send,
  wait,
  wait_for,
  branch,
  split,
  set,
  goal,
  go_to,
  exit,
  audience,
  emit,
  start,
  stop,
  call,
  task,
  consent,
  parallel,
  digest
};

// Where a journey goes on from a send.
struct WayPlan {
  Way::Kind kind = Way::Kind::go_on;
  NodeIndex to = model::end_node;  // of go_to
};

// A sender keeps its number for good; those that the current workspace does not have send nothing.
struct SenderPlan {
  Sender rules;
  ZoneIndex zone = ZoneIndex::utc;
  bool current = false;
};

// One of the channels of a send.
struct LegPlan {
  std::string name;
  std::uint64_t key = 0;  // channel_key() of it
  // By the current workspace. Set at publication.
  std::uint16_t channel = 0xFFFF;      // its place in Plans::channels
  std::uint64_t quiet = 0;             // the quiet hours that are about it, a bit each
  std::uint64_t caps = 0;              // the caps that count it, a bit each
  std::vector<std::uint16_t> senders;  // places in Plans::senders; empty: the host's affair
  // What is reported of it after the journey bears on other messages: its channel has a consent
  // rule, some cap counts it, or somebody asks who engages there.
  bool heeds_late = false;
};

// What stands in the way of a send, and what becomes of the journey then.
struct SendPlan {
  WayPlan on_skip;
  WayPlan on_expire;
  WayPlan on_fail;
  bool marketing = true;
  std::string topic;                  // the step's, else the campaign's; may be empty
  std::optional<std::int32_t> at_ms;  // the time of day to wait for
  std::vector<LegPlan> legs;          // at least one: the channels, in the order written
  [[nodiscard]] const LegPlan& leg(std::uint8_t number) const {
    return legs[number < legs.size() ? number : 0];
  }
};

// Of a wait for a recurrence.
struct RecurrencePlan {
  calendar::Recurrence rule;
  std::optional<calendar::Date> from;  // its anchor; empty: the date of arrival
};

struct NodePlan {
  StepKind kind = StepKind::exit;
  bool on_cycle = false;
  bool leads_in = false;  // a goto leads here: max_visits counts
  NodeIndex next = model::end_node;
  std::uint32_t visits_max = 0;
  const Condition* when = nullptr;
  const Step* step = nullptr;
  std::vector<NodeIndex> targets;  // as model::Node
  // Of wait_for; call, task: completed, failed; send with on_fail or retry: sent, delivered,
  // failed, bounced; with escalate: what says that the contact has reacted, failed, bounced.
  std::vector<TriggerPlan> cases;
  const Retry* retry = nullptr;         // call, send: how often what has failed is tried once more
  std::uint8_t failed_case = 0;         // the same: which of the cases says that it has failed
  std::optional<std::int64_t> within;   // call, task
  bool hears_conditions = false;        // wait_for: some case is a condition
  std::vector<const Condition*> whens;  // branch
  std::vector<DatumPlan> data;          // send, set, emit, start, call, task
  std::optional<SendPlan> send;         // send
  const Condition* value = nullptr;     // wait until; goal
  std::int64_t plain_ms = 0;            // wait: so long from arrival, whatever the zone; or 0
  std::optional<ZoneIndex> zone;        // wait
  std::optional<RecurrencePlan> recurrence;  // wait
  std::optional<TriggerPlan> reset;          // wait_for: what arms it anew
  bool follows = false;                      // wait: `until` is evaluated anew
  std::vector<base::BucketRange> ranges;     // split: the buckets of each variant
  std::string seed;                          // split
  std::uint16_t goal = 0;                    // goal
  NameId name = no_name;                     // emit: the event; start, stop: the campaign
  const Condition* key = nullptr;            // start, stop, digest
  NameId as = no_name;                       // digest: the variable that takes the list
};

// One published version of a campaign.
struct CampaignPlan {
  Campaign campaign;
  std::uint16_t version = 0;         // its place in Plans::versions
  std::uint16_t family = 0;          // of all versions of one name
  std::uint32_t rank = 0;            // S0: by priority, then name. Set at publication
  std::uint64_t content = 0;         // a hash of all that it says
  base::Bytes id_head;               // what the ids of its journeys begin with
  bool keeps_ended = false;          // reentry asks for ended ones. Set at publication
  bool hears_conditions = false;     // some goal or exit is a condition
  bool hears_any_condition = false;  // or some wait, or one follows its date
  bool follows = false;              // some wait follows its date
  bool has_moments = false;          // time alone may change some of these
  bool looks_back = false;           // some wait_for has `since`
  bool tells_story = false;          // some step is a task: what receipts bring is kept for it
  bool hears_account = false;        // some goal or exit hears of colleagues
  bool gathers = false;              // some step is a digest
  bool asks_group = false;           // some digest has a key
  std::uint32_t keeps_receipts = 0;  // what they bring: some wait asks for it; a bit each
  std::optional<ZoneIndex> zone;
  std::optional<std::uint8_t> host_entry;  // by which `enter` and `start` come in
  // The exclusive group that it is of by the current policy, and what becomes of an entry that
  // meets another journey of that. Set at publication.
  NameId group = no_name;
  std::optional<ExclusiveGroup::Meeting> meeting;
  std::vector<NodePlan> nodes;
  std::vector<bool> asked;  // nodes whose outcome some condition asks for; empty: none
  std::vector<EntryPlan> entries;
  std::vector<GoalPlan> goals;
  std::vector<TriggerPlan> exits;
  std::vector<NameId> entry_properties;                // that some condition asks for; sorted
  std::vector<std::unique_ptr<Condition>> conditions;  // owns all of the above

  [[nodiscard]] bool is_asked_of(NodeIndex node) const {
    return node < asked.size() && asked[node];
  }
};

// Calls `visit(trigger)` for all that goals, exits and waits of the plan listen to, and for what
// arms a wait anew.
template <class Visit>
void for_each_trigger(const CampaignPlan& plan, Visit visit) {
  for (const GoalPlan& goal : plan.goals) {
    if (goal.trigger) visit(*goal.trigger);
  }
  for (const TriggerPlan& exit : plan.exits) visit(exit);
  for (const NodePlan& node : plan.nodes) {
    for (const TriggerPlan& each : node.cases) visit(each);
    if (node.reset) visit(*node.reset);
  }
}

struct EntryRef {
  std::uint16_t version = 0;
  std::uint8_t entry = 0;
};

// A segment keeps its number for good. Campaigns that were pinned ask for it by name, whatever a
// later publication makes of it.
struct SegmentPlan {
  std::string name;
  NameId id = no_name;
  const Condition* condition = nullptr;  // null: the current workspace has none of that name
  bool heard = false;                    // who is in it is kept, since somebody listens
  Hash128 meaning;                       // of its condition, and of what that asks for
  // Of the versions that take entries, in S0's order: who enter on coming in, and on leaving.
  std::vector<EntryRef> enters;
  std::vector<EntryRef> leaves;
};

// All that hangs on one event type.
struct EventPlan {
  std::vector<EntryRef> entries;              // of the versions that take entries, in S0's order
  std::vector<std::uint16_t> segments;        // heard ones that look at its history
  bool is_trace = false;                      // nobody tells of it: see Trace
  bool remembered = false;                    // some history looks at it
  bool all_remembered = false;                // with all its properties
  std::vector<NameId> remembered_properties;  // sorted
  bool newest_only = true;                    // only the newest can be asked for
  std::optional<std::int64_t> window_ms = 0;  // the longest window; empty: as far back as there is
  bool all_kept = false;                      // an input carries all properties
  std::vector<NameId> kept_properties;        // that any loaded condition asks for; sorted
  [[nodiscard]] bool keeps(NameId property) const {
    return all_kept || (property != no_name && std::binary_search(kept_properties.begin(),
                                                                  kept_properties.end(), property));
  }
};

// Stands for a channel whatever else is published: a hash of its name.
std::uint64_t channel_key(std::string_view name);

struct ChannelPlan {
  std::string name;
  std::uint64_t key = 0;  // channel_key() of it
  const Condition* address = nullptr;
  Channel::ConsentRule consent = Channel::ConsentRule::none;
  double cost = 0;
  std::vector<std::string> devices = {};
  bool rated = false;   // some send prefers the channel on which a contact engages
  bool pulled = false;  // a message waits until the contact is present
};

struct Family {
  std::string name;
  std::uint16_t current = no_version;  // that takes entries
  std::uint16_t newest = no_version;   // that was published last
  bool gathers = false;                // some version has a digest
};

// One publication, from which it can be compiled again. Both models are encoded (model_codec.hpp).
struct Publication {
  Instant at;
  base::Bytes workspace;                // a model without campaigns
  base::Bytes campaigns;                // a model of those that were new, without a workspace
  std::vector<std::uint16_t> versions;  // all of them, as places in Plans::versions
};

// Everything published so far.
struct Plans {
  Names names;
  NameId id_name = names.add("id");                        // the attribute that every contact has
  NameId consents_name = names.add(expr::consent_slot);    // for what changes with a consent
  NameId zone_name = names.add("zone");                    // the one that wall times ask for
  NameId preferred_name = names.add("preferred_channel");  // what `prefer: preference` asks for
  NameId device_name = names.add("device");                // what `prefer: device` asks for
  NameId last_channel_name = names.add(model::last_channel);  // what reactions write
  Workspace workspace;
  bool published = false;
  std::optional<ZoneIndex> zone;         // the workspace's
  std::vector<calendar::Date> holidays;  // the workspace's, in rising order
  model::ReceiptNumbers receipts;
  std::vector<ChannelPlan> channels;
  std::vector<SenderPlan> senders;
  std::vector<std::optional<ZoneIndex>> quiet_zones;  // of the quiet hours; empty: the contact's
  std::int64_t caps_look_back_ms = 0;                 // as far as any cap can
  std::vector<std::unique_ptr<Condition>> channel_conditions;
  std::vector<std::unique_ptr<CampaignPlan>> versions;
  std::vector<Family> families;  // by first publication
  std::vector<HistoryNeed> needs;
  std::vector<std::uint32_t> event_of_name;  // by NameId: place in `events`, or none
  std::vector<EventPlan> events;
  std::vector<bool> wanted_attributes;  // by NameId

  std::vector<SegmentPlan> segments;
  std::vector<std::unique_ptr<Condition>> segment_conditions;
  std::vector<std::uint16_t> heard_segments;
  std::vector<std::uint16_t> heard_in_time;  // those that time alone may change
  std::vector<std::vector<std::uint16_t>> segments_of_attribute;  // by NameId: heard ones
  std::vector<EntryRef> dates;      // date entries of the versions that take entries, in S0's order
  std::vector<EntryRef> schedules;  // the same of schedules
  bool has_moments = false;         // time alone may change something: contacts are watched
  bool hears_account = false;       // some campaign hears of colleagues
  bool caps_account = false;        // some cap counts for an account

  [[nodiscard]] const SegmentPlan* segment(NameId name) const {
    const auto at = std::find_if(segments.begin(), segments.end(),
                                 [&](const SegmentPlan& each) { return each.id == name; });
    return at == segments.end() ? nullptr : &*at;
  }
  [[nodiscard]] std::span<const std::uint16_t> segments_of(NameId attribute) const {
    if (attribute >= segments_of_attribute.size()) return {};
    return segments_of_attribute[attribute];
  }
  [[nodiscard]] const EventPlan* event(NameId name) const {
    if (name >= event_of_name.size() || event_of_name[name] == no_name) return nullptr;
    return &events[event_of_name[name]];
  }
  // Of an event that somebody tells of.
  [[nodiscard]] const EventPlan* told_event(NameId name) const {
    const EventPlan* const plan = event(name);
    return plan == nullptr || plan->is_trace ? nullptr : plan;
  }
  [[nodiscard]] bool wants(NameId attribute) const {
    return attribute < wanted_attributes.size() && wanted_attributes[attribute];
  }
  [[nodiscard]] const Family* family(std::string_view name) const {
    return family(names.find(name));
  }
  [[nodiscard]] const Family* family(NameId name) const {
    if (name >= family_of_name.size() || family_of_name[name] == no_version) return nullptr;
    return &families[family_of_name[name]];
  }
  std::vector<std::uint16_t> family_of_name;  // by NameId: place in `families`, or no_version
  // By when they first came: one that says again what an earlier one did adds nothing.
  std::vector<Publication> publications;
  std::uint32_t newest_publication = 0;  // which of them counts
};

// The version that holds this campaign already, or no_version.
std::uint16_t find_version(const Plans& plans, const Campaign& campaign);

// Whether numbers are left for the segments and senders of one more workspace, beside those of all
// before it.
bool has_numbers_for(const Plans& plans, const Workspace& workspace);
Error too_many_names();

// What is wrong where the channels of all publications declare more receipts than there are
// numbers.
Error too_many_receipts();

// Compiles the workspace and all campaigns that are new into `plans`, and makes them the ones that
// take entries. Error: invalid_argument, where a condition does not compile; `plans` is then
// unchanged.
Result<void> install(Plans& plans, const Workspace& workspace, std::vector<Campaign> campaigns,
                     Instant at, const ZoneTable& zones, const Limits& limits);

}  // namespace itinera::engine
