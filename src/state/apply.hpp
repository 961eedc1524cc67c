// SPDX-License-Identifier: Apache-2.0
// The second half of the engine: one record becomes one change of state, and nothing here can
// fail. Live running decides and applies; recovery only applies.
#pragma once

#include "itinera/result.hpp"
#include "record/records.hpp"
#include "state/state.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

// Engine time moves to `t`, never back.
void move_time(State& state, Instant t);

// A frame begins: time moves on to `at`.
void begin_frame(State& state, record::InputKind kind, Instant at, std::uint8_t flags);

void apply(State& state, const record::OpenedInput& input);
void apply(State& state, const record::ZoneDataInput& input);
void apply(State& state, const record::ZoneKnown& r);
void apply(State& state, const record::EventInput& input);
// The same, where the name's number is known already.
void take_event(State& state, const record::EventInput& input, NameId name);
void apply(State& state, const record::IdentifyInput& input);
void apply(State& state, const record::AliasInput& input);
void apply(State& state, const record::MergeInput& input);
void apply(State& state, const record::ForgetInput& input);
void apply(State& state, const record::GroupInput& input);
void apply(State& state, const record::ReportInput& input);
void apply(State& state, const record::EnterInput& input);
void apply(State& state, const record::StopInput& input);
void apply(State& state, const record::MoveInput& input);
void apply(State& state, const record::SuppressInput& input);
void apply(State& state, const record::HeardInput& input);
void apply(State& state, const record::ReassignInput& input);
void apply(State& state, const record::TakeOverInput& input);
void apply(State& state, const record::PauseInput& input);
void apply(State& state, const record::ResumeInput& input);
void apply(State& state, const record::TakenInput& input);
void apply(State& state, const record::ReofferInput& input);
void apply(State& state, const record::AcknowledgeInput& input);
void apply(State& state, const record::TimersInput& input);
void apply(State& state, const record::GatesInput& input);
// The exception: a model that does not decode or compile is damage.
Result<void> apply(State& state, const record::PublishInput& input);

void apply(State& state, const record::ContactCreated& r);
// The same, where the upper half of the stable hash of the id is known already.
void create_contact(State& state, const record::ContactCreated& r, std::uint64_t hash);
void apply(State& state, const record::Linked& r);
void apply(State& state, const record::Merged& r);
void apply(State& state, const record::Verified& r);
void apply(State& state, const record::Forgotten& r);
void apply(State& state, const record::Grouped& r);
void apply(State& state, const record::AttributeSet& r);
void apply(State& state, const record::Remembered& r);
void apply(State& state, const record::HistoryMarked& r);
void apply(State& state, const record::Entered& r);
void apply(State& state, const record::Refused& r);
void apply(State& state, const record::Visited& r);
void apply(State& state, const record::Waited& r);
void apply(State& state, const record::Rearmed& r);
void apply(State& state, const record::Resolved& r);
void apply(State& state, const record::Branched& r);
void apply(State& state, const record::Assigned& r);
void apply(State& state, const record::VariableSet& r);
void apply(State& state, const record::Ready& r);
void apply(State& state, const record::Emitted& r);
void apply(State& state, const record::Skipped& r);
void apply(State& state, const record::ReceiptNoted& r);
void apply(State& state, const record::ReceiptKept& r);
void apply(State& state, const record::ReceiptUsed& r);
void apply(State& state, const record::EventUsed& r);
void apply(State& state, const record::Converted& r);
void apply(State& state, const record::Ended& r);
void apply(State& state, const record::Closed& r);
void apply(State& state, const record::Withdrawn& r);
void apply(State& state, const record::SetOff& r);
void apply(State& state, const record::Forked& r);
void apply(State& state, const record::Joined& r);
void apply(State& state, const record::Caused& r);
void apply(State& state, const record::Watched& r);
void apply(State& state, const record::WatchedAll& r);
void apply(State& state, const record::MembershipChanged& r);
void apply(State& state, const record::Redefined& r);
void apply(State& state, const record::Queued& r);
void apply(State& state, const record::Released& r);
void apply(State& state, const record::Requeued& r);
void apply(State& state, const record::Scheduled& r);
void apply(State& state, const record::CapDay& r);
void apply(State& state, const record::ConsentSet& r);
void apply(State& state, const record::Gathered& r);
void apply(State& state, const record::Retried& r);
void apply(State& state, const record::Traced& r);
void apply(State& state, const record::Held& r);
void apply(State& state, const record::Suppressed& r);
void apply(State& state, const record::LateReceipt& r);
void apply(State& state, const record::Recalled& r);
void apply(State& state, const record::Parked& r);
void apply(State& state, const record::Chose& r);
void apply(State& state, const record::Escalated& r);
void apply(State& state, const record::AccountGiven& r);
void apply(State& state, const record::Served& r);
void apply(State& state, const record::Rested& r);
void apply(State& state, const record::PassedOver& r);
void apply(State& state, const record::SetAside& r);
void apply(State& state, const record::AsideDone& r);
void apply(State& state, const record::Lingered& r);
void apply(State& state, const record::GaveUp& r);
void apply(State& state, const record::Reassigned& r);
void apply(State& state, const record::TakenOver& r);
void apply(State& state, const record::Stalled& r);
void apply(State& state, const record::Unstalled& r);
void apply(State& state, const record::Braked& r);
void apply(State& state, const record::UnknownOutcome& r);
void apply(State& state, const record::Remapped& r);
void apply(State& state, const record::Migrated& r);
void apply(State& state, const record::Duplicate& r);
void apply(State& state, const record::Chained& r);
void apply(State& state, const record::Counted& r);

// The journey's context with the item of this tag and name replaced by `item`, or added at its end.
void put_context(State& state, Journey& journey, ContextTag tag, NameId name,
                 const base::Bytes& item);
// The same of an item that is a packed value under a name or a number.
void put_item(State& state, Journey& journey, ContextTag tag, NameId name, base::ByteView value);

// The journey at `place` is due at `due` from now on; `zone_from` as in Waited.
void arm(State& state, std::uint32_t place, Instant due, std::uint8_t zone_from);

// Where its campaign's time stands still: the deadline comes no sooner than that goes on.
bool freeze(State& state, std::uint32_t place, Instant due);
// The place is free: what stood still there is nobody's.
void forget_halt(State& state, std::uint32_t place);
// What was reported of an action, for the brake of its campaign; `before`: what had been, a bit
// each.
void note_outcome(State& state, std::uint16_t version, NodeIndex node, const Hash128& action,
                  std::uint8_t receipt, std::uint32_t before);

// A send whose journey is closed, as long as what is reported of it is heeded; else null.
const SentMessage* sent_lately(const State& state, const Hash128& action);

// S5: whether a writer at (occurred, message id) comes after the one that the attribute has.
bool attribute_is_newer(const State& state, std::uint32_t contact, NameId name, Instant occurred,
                        std::string_view message_id);

// Whether it has another value than this packed one.
bool attribute_differs(const State& state, std::uint32_t contact, NameId name,
                       base::ByteView value);

// When the attribute was written by its last writer; earliest_instant if it never was.
Instant attribute_occurred(const State& state, std::uint32_t contact, NameId name);

// S0's order of two contacts: by the hash of the id, then the id.
inline bool contact_before(const State& state, std::uint32_t a, std::uint32_t b) {
  const Contact& one = state.contacts[a];
  const Contact& other = state.contacts[b];
  if (one.hash != other.hash) return one.hash < other.hash;
  return state.id_of(one) < state.id_of(other);
}

// S5: the same of a consent, where of two words at one instant the refusal comes after the grant,
// whatever their ids; and from when on another word of it counts.
bool consent_is_newer(const State& state, const record::ConsentSet& word);
Instant consent_counts_from(const State& state, std::uint32_t contact, std::string_view channel,
                            std::string_view topic);

// Of a journey that another system began and that waits for its turn: when the wait is over that it
// stands at; no_deadline: it stands at none.
Instant wait_ends(base::ByteView context);

// Shared by the units of apply(), and by snapshots.
void put_id(State& state, Contact& contact, std::string_view id);
// The account that the action at that place went out from, or no_sender.
void note_sender(State& state, std::uint32_t action, std::uint16_t sender);
// S4: a message has come; none is no message. Whether it is new stands in `message_is_new` then.
void note_message(State& state, const record::MessageKey& message);
// An input has come; `message` is known from now on.
void take_input(State& state, const record::MessageKey& message);
// Something is reported of an action; from the first time on they are known by their ids.
void index_actions(State& state);
// How often the journey was at that node, and what its wait there was last due.
void put_visits(State& state, Journey& journey, NodeIndex node, std::uint32_t visits,
                Instant last_due);
// The journey, without strands yet, began at an earlier instant, elsewhere.
void enter_before(State& state, std::uint32_t place, Instant entered);
// A strand at the head's place, with all that it shares with that.
Journey strand_of(const Journey& head, std::uint32_t head_place, NodeIndex node);
// The strands of a parallel that `head` stands at, and those of their parallels.
void free_strands(State& state, std::uint32_t head);
// The same where a parallel is over: what its waits have taken stays taken.
void dissolve(State& state, std::uint32_t head);
// The sends of a journey that have stepped aside never go out.
void free_asides(State& state, std::uint32_t journey);
// What is known of contacts; `item` is one of a history. Whether no condition can ask for one any
// more, of which there are so many `newer` ones of its type.
bool is_stale(const State& state, const EventPlan& plan, const HistoryItem& item,
              std::uint32_t newer);
void write_attribute(State& state, Contact& contact, NameId name, Instant occurred,
                     std::string_view message_id, base::ByteView value);
void write_consent(State& state, Contact& contact, const record::ConsentSet& r);
void remember(State& state, Contact& contact, base::ByteView item);
void leave_trace(State& state, Contact& contact, Trace trace, std::string_view of,
                 Instant occurred);
void watch(State& state, std::uint32_t contact, Instant due);
// It stands among those of its account, or no longer.
void join_account(State& state, std::uint32_t contact);
void leave_account(State& state, std::uint32_t contact);
// An action of the outbox that does not go out: what it took is free again.
void give_back(State& state, const OutboxEntry& entry);
// What was handed over just now is one take, with what was offered again before it; where that is
// asked for, all of it is kept.
void keep_taken(State& state);
// Before one of that id is kept: the oldest gives way where they are too many. False: none is kept.
bool make_room_for_open(State& state, const Hash128& id);
// Something has come of the action, or nobody is to know of it any more.
void close_open(State& state, const Hash128& id);
void forget_open(State& state, std::uint32_t contact);
// The bytes of an action that stands in an outbox, or is handed out.
void wipe_content(Outbox& outbox, const OutboxEntry& entry);
// All that tables say of who has that place.
void forget_tables(State& state, std::uint32_t place);
// The journey ends by what is written: nobody may want what it asked for.
void note_unwanted(State& state, const record::Ended& r);
// All journeys of `from`, with all that is theirs, are those of `to` from now on.
void move_journeys(State& state, std::uint32_t from, std::uint32_t to);
// The contact's journeys that came in by a device which now goes to somebody else keep their ids.
void leave_journeys(State& state, std::uint32_t contact, std::uint32_t device);
void set_phase(State& state, Journey& journey, Phase phase);
void leave_queue(State& state, std::uint32_t place);
// It waits for no account any more.
void leave_line(State& state, std::uint32_t place);
// A wait of the journey, or of the strand, has taken these receipts of the action, a bit each; the
// event that came in that frame.
void note_receipt_used(State& state, std::uint32_t journey, std::uint32_t action,
                       std::uint32_t receipts);
void note_event_used(State& state, std::uint32_t place, std::uint32_t frame);

// The journey, or the strand, has come to that send and stays there.
void note_arrival(State& state, std::uint32_t place, NodeIndex node);
// Whether the send has gone out by one of its channels in this visit.
bool has_gone_out(const State& state, std::uint32_t place, NodeIndex node);
// The journey, or the strand, has left that send: how long it stood there and by which channels it
// went is forgotten.
void forget_send(State& state, std::uint32_t place, NodeIndex node);

// Whether a receipt says that a message has not been sent, or will not arrive. A soft bounce does
// not.
bool frees_slot(const State& state, std::uint8_t receipt);
// Whether it says, for the first time, that the contact has reacted.
bool engages(const State& state, std::uint8_t receipt);

// S0's order of two sends at one instant.
inline bool send_before(const State& state, const ReadySend& a, const ReadySend& b) {
  if (a.rank != b.rank) return a.rank < b.rank;
  if (a.contact_hash != b.contact_hash) return a.contact_hash < b.contact_hash;
  return state.before(a.journey, b.journey);
}

}  // namespace itinera::engine
