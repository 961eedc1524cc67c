// SPDX-License-Identifier: Apache-2.0
// The first half of the engine: looks at one input or one due instant and at the state, and writes
// records. Every change goes through commit(): written into the frame, then applied.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/input_checks.hpp"
#include "engine/matters.hpp"
#include "itinera/input.hpp"
#include "itinera/migration.hpp"
#include "record/frame.hpp"
#include "state/apply.hpp"
#include "state/facts.hpp"
#include "state/governance.hpp"
#include "state/state.hpp"

namespace itinera::engine {

struct Target;       // wait_targets.hpp
struct WaitOutcome;  // there, too
class VersionMove;   // migration_plan.hpp
struct PartMove;
struct Movement;  // migrations.cpp

class Process {
 public:
  Process(State& state, base::ByteBuffer& journal, std::uint8_t shard)
      : state_(state), frame_(journal, shard), facts_(state) {}

  // Each writes one frame, or refuses the input and changes nothing. `at` is the instant it is
  // taken at; timers before it have fired.
  struct Taken {
    Instant at;
    std::uint8_t flags = 0;
    std::uint64_t contact_hash = 0;  // upper half of the stable hash of the contact's id
    NameId event = no_name;          // of an event
  };
  std::optional<Error> refuses(const Input& input) const;
  void take(const Input& input, const Taken& taken);
  // With what becomes of journeys in flight.
  Result<void> publish(base::ByteView model, const Taken& taken,
                       std::span<const VersionMove> moves);
  void adopt_zone_data(const Taken& taken);
  // Something was reported to another engine; null: it said nothing of an address.
  void hear_of_report(const record::Suppressed* told, std::uint8_t from, const Taken& taken);
  // A contact goes to another shard, or comes from one (merges.cpp): no instant is unfinished.
  void depart(std::uint32_t contact, std::uint8_t to, const Taken& taken);
  void account_left(std::string_view account, std::uint8_t to, const Taken& taken);
  void come(const State& from, std::uint32_t contact, std::uint8_t shard, const Taken& taken);
  void count_begun(const State* from, std::uint8_t shard, const Taken& taken);

  // Runs all that is due at `t`: one frame, or for a large instant several. `resumed`: some of its
  // frames were written before a restart.
  void run_instant(Instant t, const Timers::Live& live, bool resumed);

  // The `count` actions of the outbox leave it: one frame.
  void hand_over(std::uint32_t count);

 private:
  [[nodiscard]] Listener listener(std::uint32_t journey) const {
    const Journey& j = state_.journeys[journey];
    return {journey, j.armed_in, j.node};
  }
  template <class Record>
  void commit(const Record& r) {
    frame_.record(r);
    apply(state_, r);
  }
  // With how deep in a chain that is which makes it ready.
  void commit(const record::Ready& r);
  template <class In>
  void begin(In input, const Taken& taken) {
    if constexpr (requires { input.message; }) empty_repeat(state_, taken.at, input);
    frame_.begin(taken.at, input, taken.flags);
    begin_frame(state_, In::kind, taken.at, taken.flags);
    if constexpr (std::is_same_v<In, record::EventInput>) {
      take_event(state_, input, taken.event);
    } else if constexpr (!std::is_same_v<In, record::PublishInput>) {
      apply(state_, input);
    }
    taken_.clear();
    depth_ = 0;
    input_frame_ = state_.frame;
  }
  void end_frame() {
    if (!touched_.empty()) watch_touched();
    frame_.end();
  }

  // inputs.cpp
  void regulate(base::ByteView rules_before);
  [[nodiscard]] Who find(std::string_view id, std::uint64_t hash) const;
  [[nodiscard]] Who find(std::string_view id) const;
  void take(const Event& event, const Taken& taken);
  void take(const Identify& identify, const Taken& taken);
  void take(const Report& report, const Taken& taken);
  void set_attribute(const record::AttributeSet& set, NameId name);
  void set_zone(const record::AttributeSet& set);
  void take_late(const record::ReportInput& input, std::string_view message_id);
  void heed(const Told& told);
  void note_engagement(const Told& told);
  void note_last_channel(const Told& told, std::string_view channel);
  [[nodiscard]] bool traces(Trace trace, std::string_view of) const;
  void keep_receipt(std::uint32_t journey, std::uint32_t action, std::uint8_t receipt);
  void take(const Enter& enter, const Taken& taken);
  void take(const Stop& stop, const Taken& taken);
  void take(const Suppress& suppress, const Taken& taken);
  void take(const Reassign& reassign, const Taken& taken);
  void take(const TakeOver& input, const Taken& taken);

  // reoffers.cpp
  void take(const Reoffer& reoffer, const Taken& taken);
  void take(const Acknowledge& acknowledge, const Taken& taken);
  bool recall_again();
  bool repeats(const record::MessageKey& message);
  // Begins the frame of an input that says when it occurred. False: the message is a repeat, and
  // nothing more is done.
  template <class In, class Message>
  bool begin_message(In& input, const Message& message, const Taken& taken) {
    bool clamped = false;
    input.occurred = occurred_of(message.envelope, taken, clamped);
    if constexpr (requires { input.message_id; }) input.message_id = message.envelope.message_id;
    input.message = message_key(message);
    begin(input, taken);
    if (repeats(input.message)) return false;
    count_clamped(clamped);
    return true;
  }
  // What an input said of the contact is told to segments and journeys.
  void settle_about(std::uint32_t contact);
  void gather(const EventPlan& plan, std::span<const Property> properties);
  std::uint32_t contact_of(const Who& who);
  Instant occurred_of(const Envelope& envelope, const Taken& taken, bool& clamped) const;
  void count_clamped(bool clamped);

  // migrations.cpp
  void migrate(const VersionMove& move);
  void migrate(const VersionMove& move, std::uint32_t journey, std::uint16_t to);
  void take(const Move& input, const Taken& taken);
  [[nodiscard]] std::vector<std::uint32_t> journeys_of(const VersionMove& move) const;
  std::optional<Instant> arrival_of(std::uint32_t journey);
  Movement movement_of(const VersionMove& move, const PartMove& part, std::uint16_t to);
  void remap(const VersionMove& move, std::uint16_t to);
  void go_over(std::span<const Movement> movements, WaitChange waits);
  void refit(const Movement& movement, WaitChange waits);
  void recompute(const Movement& movement);
  void rejoin(std::uint32_t journey);

  // merges.cpp
  void take(const Alias& alias, const Taken& taken);
  void take(const Merge& merging, const Taken& taken);
  void take(const Forget& forget, const Taken& taken);
  void take(const Group& group, const Taken& taken);
  void link(std::uint32_t contact, std::string_view anonymous);
  void merge(std::uint32_t contact, std::string_view other);
  std::uint32_t verify(std::uint32_t contact, const Handle& handle);
  void refuse_link(std::uint32_t contact, std::string_view id);
  bool may_unite(std::uint32_t contact, std::uint32_t from, std::string_view id);
  template <class Record>
  void unite(const Record& r);
  void share_segments(std::uint32_t contact, std::uint32_t from);
  void end_doubles(const std::vector<std::uint32_t>& own, const std::vector<std::uint32_t>& came);
  [[nodiscard]] std::optional<std::uint32_t> lesser_of(std::uint32_t one,
                                                       std::uint32_t other) const;

  // react.cpp
  // `but`: a journey that does not hear it.
  void react(std::uint32_t contact, const Stimulus& stimulus, std::uint32_t but = no_place);
  void hear_receipt(std::uint32_t journey, const Stimulus& stimulus);
  void tell_account(std::uint32_t contact, const Stimulus& stimulus, std::uint32_t but = no_place);
  [[nodiscard]] bool is_own(const Stimulus& stimulus, std::uint32_t journey) const {
    return stimulus.teller == no_place || stimulus.teller == state_.journeys[journey].contact;
  }
  void hear_goals(std::uint32_t journey, const Stimulus& stimulus);
  void hear_exits(std::uint32_t journey, const Stimulus& stimulus);
  [[nodiscard]] bool listens(std::uint32_t journey, const Stimulus& stimulus) const;
  void hear_wait(std::uint32_t journey, const Stimulus& stimulus);
  [[nodiscard]] Came came_of(const TriggerPlan& trigger, const Stimulus& stimulus) const;
  [[nodiscard]] bool is_receipt_of(const TriggerPlan& trigger, const Stimulus& stimulus,
                                   std::uint32_t journey) const;
  bool heard(const TriggerPlan& trigger, const Stimulus& stimulus, std::uint32_t journey);
  void pack_event(base::Bytes& out) const;
  void convert(std::uint32_t journey, std::uint16_t goal, const Condition* value);
  void note_taken(std::uint32_t journey);
  bool holds(const Condition* condition, std::uint32_t journey, NodeIndex node);

  // entry.cpp
  // `but`: a journey that told of the event or the start, and gathers none of it.
  void enter_by_event(Who who, const EventPlan& event, std::uint32_t but = no_place);
  // By an entry that no event comes with. False: its `when` does not hold.
  bool enter_by(Who who, const EntryRef& ref);
  // The same, whether its ramp would let it or not.
  bool admit_by(Who who, const EntryRef& ref, std::uint32_t but = no_place);
  // Into a campaign that has a `host` entry.
  void enter_by_host(Who who, const CampaignPlan& plan, std::optional<std::string_view> key,
                     std::uint32_t but = no_place);
  bool admit(const Admission& admission);
  [[nodiscard]] bool is_held_out(const Admission& admission) const;
  // Whether an exclusive group lets it in; `parks`: not before another of the group has ended.
  bool meet_group(const Admission& admission, std::uint32_t running, bool* parks);
  [[nodiscard]] bool runs_in(std::uint32_t journey, NameId group) const;
  [[nodiscard]] bool is_parked_in(std::uint32_t journey, NameId group) const;
  void release_next(const Cascade& cascade);
  void release_parked(std::uint32_t journey);
  void release_ungrouped();
  void pass_turn(std::uint32_t contact, NameId group);
  std::optional<record::Reason> reentry_refusal(const Admission& admission, std::uint32_t* running,
                                                std::uint32_t* closes) const;
  void refuse(const Admission& admission, record::Decision decision, record::Reason reason);
  // The key that an expression gives for a contact or a journey; empty: none, or one too long.
  std::optional<std::string> key_by(const Condition& key, std::uint32_t contact, std::uint32_t by);
  // The contact's journeys in flight in that campaign, of one key or of all.
  [[nodiscard]] std::vector<Listener> journeys_in(std::uint32_t contact, const Family& family,
                                                  std::optional<std::string_view> key) const;
  void end_journeys(std::uint32_t contact, const Family& family,
                    std::optional<std::string_view> key);

  // digests.cpp
  std::optional<NodeIndex> digest(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  // Whether a journey that stands at a digest takes what would enter. `but`: one that does not.
  bool join_digest(const Admission& admission, std::uint32_t but);
  [[nodiscard]] bool is_gathering(std::uint32_t journey, const Admission& admission) const;
  std::optional<std::string> group_of(const Condition& key, std::uint32_t journey,
                                      base::ByteView packed);
  bool gather(std::uint32_t journey, base::ByteView properties);
  void hear_list(std::uint32_t journey);

  // watches.cpp: segments
  void sort_out(std::uint32_t contact, std::span<const std::uint16_t> segments);
  // The contact is to be asked for all segments by the next sort_out().
  void all_anew(std::uint32_t contact);
  // An attribute has been set.
  void changed(std::uint32_t contact, NameId attribute);
  bool is_in(std::uint32_t contact, const SegmentPlan& segment);
  void tell_change(const Cascade& cascade);
  void redefine(std::span<const SegmentPlan> before);

  // watches.cpp
  void touch(std::uint32_t contact);
  void watch_touched();
  Instant next_date(std::uint32_t contact, const EntryRef& ref, Instant from);
  Instant date_in(std::uint32_t contact, const EntryRef& ref, ZoneIndex zone, Instant from);
  // From when on a date of the contact can come: it has not been looked at for it yet.
  [[nodiscard]] Instant dates_from(std::uint32_t contact) const {
    return state_.watches.of(contact).looked < state_.now ? state_.now : state_.now + 1;
  }
  Instant next_moment_of(std::uint32_t journey);
  void look(std::uint32_t contact);

  // arrivals.cpp
  void queue_up(const EntryRef& ref, std::vector<std::uint32_t>& contacts);
  [[nodiscard]] Instant moves_next(std::uint32_t line, const EntryRef& ref) const;
  void move_line(std::uint32_t number);
  void let_in(std::uint32_t contact, const EntryRef& ref);
  void occur(std::uint32_t number);
  [[nodiscard]] Instant occurs_next(const EntryRef& ref, ZoneIndex zone, Instant from) const;
  void schedule_in(const EntryRef& ref, ZoneIndex zone);
  void note_zone(std::uint32_t contact);
  [[nodiscard]] std::optional<ZoneIndex> own_zone(std::uint32_t contact);
  void note_move(std::uint32_t contact, std::optional<ZoneIndex> own);
  void settle_move(const Cascade& cascade);
  void move_clock(std::uint32_t contact, const EntryRef& ref, ZoneIndex was, ZoneIndex is);
  Coming comes_next(std::uint32_t contact, const EntryRef& ref, ZoneIndex zone, Instant over);
  void catch_up(std::uint32_t contact, const EntryRef& ref);
  [[nodiscard]] Instant passed_until(std::uint32_t contact, const EntryRef& ref) const;
  void welcome(std::uint16_t versions_before);
  void requeue(std::uint32_t number);
  void invite(std::uint16_t segment, const EntryRef& ref);
  bool is_capped(const CampaignPlan& plan);

  // process.cpp: one function per step kind. Each returns where the journey goes on; empty: it
  // stays, or has ended.
  void walk(std::uint32_t journey, NodeIndex at);
  std::optional<NodeIndex> step(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  std::optional<NodeIndex> branch(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  std::optional<NodeIndex> split(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  [[nodiscard]] std::optional<std::uint16_t> kept_variant(std::uint32_t journey, const Step& step,
                                                          const Split& split) const;
  std::optional<NodeIndex> set(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  // A holdout walks the graph, and what a person would see of marketing stays away.
  [[nodiscard]] bool is_silent(std::uint32_t journey) const {
    return state_.journeys[state_.whole(journey)].holdout;
  }
  std::optional<NodeIndex> pass_silently(std::uint32_t journey, const NodePlan& node,
                                         NodeIndex at) {
    commit(record::Skipped{journey, at, record::Decision::skipped_holdout, record::Reason::none});
    return node.next;
  }
  std::optional<NodeIndex> fork(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  // Whether a strand that goes on at `at` has come to its end.
  [[nodiscard]] bool ends_strand(std::uint32_t strand, NodeIndex at) const;
  void join(std::uint32_t strand);
  void come_together(std::uint32_t journey, std::uint16_t which);
  void change_consent(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  void tell_of_profile(std::uint32_t contact, NameId attribute);
  std::optional<NodeIndex> reach_goal(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  bool withdraw_untaken(std::uint32_t journey, record::Reason reason);
  void end(std::uint32_t journey, record::Decision decision, record::Reason reason,
           NodeIndex node = model::end_node);
  [[nodiscard]] bool has_been_at(std::uint32_t journey, NodeIndex at) const;
  std::uint32_t iteration_of(std::uint32_t journey, const NodePlan& node, NodeIndex at) const;
  [[nodiscard]] base::ByteView context_of(std::uint32_t journey) const {
    return state_.blobs.view(state_.journeys[state_.whole(journey)].context);
  }
  void emit(std::uint32_t journey, const NodePlan& node, NodeIndex at, std::string_view address,
            base::ByteView data);
  // What the expression gives, packed; empty if that is an error, nests too deep, is larger than
  // an input may be or has no room in the frame, which is counted.
  base::ByteView packed_value_of(const Condition& expression, std::uint32_t journey, NodeIndex at,
                                 base::Bytes& room);
  // The packed value of a datum; empty as above.
  base::ByteView value_of(const DatumPlan& datum, std::uint32_t journey, NodeIndex at,
                          base::Bytes& room);
  // The values of all data, name and packed value in turn.
  base::Bytes values_of(const NodePlan& node, std::uint32_t journey, NodeIndex at);
  // Whether the datum has room in the action's data, and in the frame; if not, that is counted.
  bool fits_action(const base::Bytes& data, const DatumPlan& datum, base::ByteView value,
                   std::uint32_t journey, NodeIndex at);

  // waits.cpp
  // `arrived`: when the journey came to the wait, where that is not now.
  WaitOutcome outcome_of(std::uint32_t journey, const NodePlan& node, NodeIndex at,
                         std::optional<Instant> arrived = {});
  [[nodiscard]] WaitOutcome outcome_at(const Wait& wait, const Target& target) const;
  std::optional<NodeIndex> wait(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  std::optional<NodeIndex> leave_wait(std::uint32_t journey, const NodePlan& node,
                                      const WaitOutcome& outcome);
  std::optional<NodeIndex> send(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  void follow(std::uint32_t journey);
  void wait_for_date(std::uint32_t journey, const WaitOutcome& outcome, record::Decision decision);
  void reset(std::uint32_t journey, const NodePlan& node);
  [[nodiscard]] std::vector<WallTime> wall_times_of(std::uint32_t contact);
  void keep_wall_times(std::uint32_t contact);
  void settle_zones();
  void rezone(const WallTime& wall);
  // zone_data.cpp
  using ChangedClocks = std::map<ZoneIndex, ClockRules>;  // what they showed
  [[nodiscard]] std::vector<WallTime> wall_times_of(std::uint32_t contact,
                                                    const ChangedClocks& changed);
  void reschedule(const ChangedClocks& changed);
  void keep_rules(ZoneIndex zone);
  std::optional<NodeIndex> wait_for(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  std::optional<NodeIndex> resolve(std::uint32_t journey, const NodePlan& node, NodeIndex at,
                                   std::uint16_t which, base::ByteView taken);
  bool came_before(const TriggerPlan& trigger, const WaitFor& wait, std::uint32_t journey,
                   Came& came);
  bool reported_before(const TriggerPlan& trigger, std::uint32_t journey, Came& came);
  bool happened_before(const TriggerPlan& trigger, const WaitFor& wait, std::uint32_t journey,
                       Came& came);
  void note_used(std::uint32_t journey, std::uint8_t receipt, const Came& came);
  void fire(std::uint32_t journey);

  // instants.cpp
  void run_due(Instant t, const Timers::Live& live, bool resumed);
  bool end_due(Instant t, const Timers::Live& live);
  bool join_due(Instant t, const Timers::Live& live);
  bool has_due(Instant t, const Timers::Live& live);
  bool fire_part(Instant t, const Timers::Live& live, bool large);
  std::size_t fire_batch(Instant t, std::span<const std::uint32_t> contacts,
                         std::span<const std::uint32_t> journeys, const Timers::Live& live,
                         bool large);
  void pass_in_parts(Instant t);
  void run_arrivals(Instant t);
  [[nodiscard]] bool arrivals_due(Instant t) const;
  [[nodiscard]] std::optional<std::uint32_t> first_line_due(Instant t) const;
  void end_part(bool last);
  void end_input();
  // What the frame holds, and what it is still to hold of events that were emitted.
  [[nodiscard]] std::size_t frame_bytes() const { return frame_.size() + untold_bytes_; }
  [[nodiscard]] bool is_part_full() const { return frame_bytes() >= instant_part_bytes; }
  void recall();

  // gate.cpp
  // Cascades and gates, until nothing is left, or what is left is for other frames.
  void settle();
  std::size_t pass_gates(std::size_t count, std::size_t bytes);
  void gate(std::uint32_t journey);
  void pass(std::uint32_t journey);
  // The address may live until the next evaluation only.
  expr::Cell address_on(const LegPlan& leg);
  [[nodiscard]] std::optional<Objection> objection_on(std::uint32_t contact, const SendPlan& send,
                                                      const LegPlan& leg,
                                                      const expr::Cell& address) const;
  void await_reaction(std::uint32_t journey, NodeIndex at);
  void skip_send(std::uint32_t journey, NodeIndex at, record::Decision decision,
                 record::Reason reason);
  void leave_send(std::uint32_t journey, NodeIndex at, const WayPlan& way, record::Reason reason);
  [[nodiscard]] Instant stale_after(std::uint32_t journey, NodeIndex at) const;
  void hold(std::uint32_t journey, NodeIndex at, record::Decision decision, Instant due);
  void stay(std::uint32_t journey, NodeIndex at, record::Decision decision, Instant due);
  void meet_cap(std::uint32_t journey, NodeIndex at, Instant free);
  void await_presence(std::uint32_t journey, NodeIndex at);
  bool is_present(std::uint32_t journey);
  void meet(std::uint32_t contact);
  void release_held(std::uint32_t contact, bool only_for_slot);
  void release_slot(std::uint32_t contact);
  [[nodiscard]] std::vector<std::uint32_t> counted_with(std::uint32_t contact) const;
  [[nodiscard]] std::vector<std::uint32_t> left_behind_by(std::uint32_t contact) const;
  void confirm(std::uint32_t journey, NodeIndex at, std::uint16_t which);

  // pauses.cpp
  void take(const Pause& pause, const Taken& taken);
  void take(const Resume& resume, const Taken& taken);
  [[nodiscard]] std::vector<Standing> standing_in(std::uint16_t family) const;
  void go_on(const Standing& standing, PauseMode mode);
  void thaw(std::uint32_t journey, const FrozenDue& frozen, PauseMode mode);
  Instant after_working(const Wait& wait, ZoneIndex zone, const FrozenDue& frozen) const;
  bool stalls(std::uint32_t journey, NodeIndex at, bool fell_due);
  void await_resume(std::uint32_t journey, NodeIndex at);
  void brake(std::uint16_t version, NodeIndex node);

  // asides.cpp
  std::uint32_t held_at(std::uint32_t journey, NodeIndex at);
  void end_aside(std::uint32_t aside);
  void finish(std::uint32_t journey, NodeIndex at);

  // choice.cpp: which of its channels a send takes; empty: none, and the journey has gone on.
  std::optional<std::uint8_t> choose(std::uint32_t journey, NodeIndex at);
  LegList by_liking(std::uint32_t journey, const Send& send, const SendPlan& plan,
                    std::uint32_t tried);
  std::vector<std::string> attribute_texts(NameId name);
  // The same of its accounts. False: none has room now, and the send stays or has been passed over.
  bool take_turn(std::uint32_t journey, NodeIndex at, const LegPlan& leg);
  std::uint16_t account_for(std::uint32_t journey, NodeIndex at, const LegPlan& leg);
  // Gives a turn to whoever has it now, or says when that is; the other only if it is sooner.
  void serve(std::uint16_t sender);
  void offer(std::uint16_t sender);
  // Whose turn it is at that account; no_sender: at none.
  [[nodiscard]] std::uint16_t turn_of(std::uint32_t journey) const;
  // Of the journey and of all its strands, but for sends aside.
  [[nodiscard]] std::vector<std::uint16_t> turns_of(std::uint32_t journey) const;
  void rest(const Told& told);
  // Whether a send that went by one channel has others to go by.
  [[nodiscard]] bool may_escalate(std::uint32_t journey, NodeIndex at) const;

  // asks.cpp: calls and tasks; whether a call or a message that has failed is tried once more, or
  // is going to be.
  bool retries(std::uint32_t journey, const NodePlan& node, const Stimulus& stimulus,
               std::size_t which);
  void ask_again(std::uint32_t journey, const NodePlan& node);
  // The answer has come: what was not taken yet need not be asked.
  void withdraw_attempts(std::uint32_t journey);
  std::optional<NodeIndex> ask(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  void add_to_task(base::Bytes& data, const Value& value, std::string_view name,
                   std::uint32_t journey, NodeIndex at);

  // handover.cpp: tasks that go to somebody else, journeys that another system began.
  [[nodiscard]] std::uint32_t asked_by(std::uint32_t action) const;
  void go_on_with(const HandOver& came, const Who& who, const CampaignPlan& plan,
                  const record::MessageKey& token);
  [[nodiscard]] std::uint32_t open_run(const HandOver& came, const Who& who,
                                       std::uint16_t family) const;
  void unpack_journey(std::uint32_t journey, const Start& start, bool parks);
  void walk_from(std::uint32_t journey, NodeIndex at, Instant due);

  // cascades.cpp: what steps set off beyond their journey.
  std::optional<NodeIndex> set_off(std::uint32_t journey, const NodePlan& node, NodeIndex at);
  void run_cascades() {
    settle_zones();
    for (; !cascades_.empty(); settle_zones()) run_next_cascade();
  }
  void run_next_cascade();
  void tell_event(const Cascade& cascade);
  void start_campaign(const Cascade& cascade);
  void stop_campaign(const Cascade& cascade);

  State& state_;
  record::FrameWriter frame_;
  Facts facts_;
  std::deque<Cascade> cascades_;
  std::size_t untold_bytes_ = 0;      // of the data of these
  std::uint32_t depth_ = 0;           // of the cascade at hand
  bool fell_due_ = false;             // what walks next comes from a wait whose time came
  bool holdout_ = false;              // of the cascade at hand: a journey without marketing told
  std::vector<CampaignKey> taken_;    // what took the input at hand
  std::vector<EventProperty> event_;  // of the input at hand, what is kept of it
  base::ByteBuffer properties_;       // the same, packed
  base::ByteBuffer caused_;           // the same of the cascade at hand
  expr::Arena event_arena_;
  std::vector<std::uint32_t> due_;
  DueNow coming_;
  std::vector<std::uint32_t> batch_;    // of one frame of a due instant
  std::vector<std::uint32_t> looking_;  // the same, of contacts
  std::vector<Listener> reacting_;
  std::uint32_t input_frame_ = 0;             // number of the frame at hand, when it began
  std::uint32_t newcomer_ = no_place;         // was created, and is in no segment yet
  std::vector<std::uint32_t> touched_;        // contacts about whom something has changed
  std::vector<WallTime> moving_;              // waits whose clock the input at hand may change
  std::vector<std::uint32_t> forking_;        // journeys whose strands are on their first move
  std::uint32_t entered_contact_ = no_place;  // of the newest entry
};

}  // namespace itinera::engine
