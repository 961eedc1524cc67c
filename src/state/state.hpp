// SPDX-License-Identifier: Apache-2.0
// All that an engine knows. Only apply() changes it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/blobs.hpp"
#include "base/hash_index.hpp"
#include "base/pool.hpp"
#include "itinera/ids.hpp"
#include "itinera/limits.hpp"
#include "itinera/statistics.hpp"
#include "plan/plan.hpp"
#include "record/frame.hpp"
#include "state/arrivals.hpp"
#include "state/halts.hpp"
#include "state/membership.hpp"
#include "state/migrations.hpp"
#include "state/ready_queue.hpp"
#include "state/watches.hpp"
#include "state/zone_rules.hpp"
#include "tables/accounts.hpp"
#include "tables/by_contact.hpp"
#include "tables/handles.hpp"
#include "tables/keyed.hpp"
#include "tables/open_actions.hpp"
#include "tables/sent_messages.hpp"
#include "tables/short_runs.hpp"
#include "tables/timers.hpp"

namespace itinera::engine {

using base::Blob;
using record::no_place;

// A person; one without an id is none, and its place is free. One cache line; what a contact rarely
// has lies elsewhere.
struct Contact {
  static constexpr std::size_t id_inline = 24;
  std::uint64_t hash = 0;             // upper half of the stable hash of the id
  Instant first_seen;                 // of an id that is linked: when the link occurred
  std::uint32_t journeys = no_place;  // the first, in S33's order
  Blob attributes = 0;                // facts.hpp, AttributeList
  Blob history = 0;                   // facts.hpp, HistoryList
  Blob counted = 0;                   // lists.hpp: messages that a frequency cap counts
  std::uint32_t linked = no_place;    // of an id of another contact: that one
  std::uint16_t id_size = 0;
  bool history_unknown : 1 = false;  // the host said so
  bool is_away : 1 = false;          // in another shard: of it nothing is left here but the id
  bool was_written_to : 1 = false;   // some of State::sent or State::open may be its
  std::array<char, id_inline> id{};  // the id, or in its first bytes the Blob that holds it
};
static_assert(sizeof(Contact) == 64);

enum class Phase : std::uint8_t {
  gone,       // the place is free
  moving,     // between two steps, inside a frame
  waiting,    // at a wait, until `due`
  awaiting,   // at a wait_for, until an input or `due`
  ready,      // at a send, in the queue before the gate
  held,       // at a send that a gate holds back, until `due`
  parked,     // before its first step, until another of its exclusive group has ended
  forked,     // at a parallel, until its strands have come to their ends
  done,       // a strand that is no longer waited for, until its parallel is resolved
  stalled,    // between two steps, until its campaign, which is paused, goes on
  lingering,  // without steps left, until its sends aside are done
  open_goals  // ended; goals may still be reached until `due`
};

// One contact's run through one campaign version, or a strand of one: that has a way of its own,
// and shares the contact, the version and the key with its head. Context, actions and goals are the
// journey's alone. A send that has stepped aside is a strand of the journey, too: it stands at its
// step until it is done, and in no list of the contact's (State::asides). One cache line.
struct Journey {
  Instant due = record::no_deadline;
  Instant entered;
  std::uint32_t contact = no_place;
  std::uint32_t next = no_place;  // journey of the same contact, in S33's order
  Blob key = 0;
  Blob context = 0;                  // facts.hpp, Context
  std::uint32_t actions = no_place;  // the newest
  std::uint32_t goals = 0;           // reached, a bit each; of a send aside: which visit it is of
  std::uint32_t entered_in = 0;      // frame in which it entered
  std::uint32_t armed_in = 0;        // frame in which it came to its wait
  std::uint16_t version = 0;
  NodeIndex node = model::end_node;
  std::uint16_t ordinal = 0;
  Phase phase = Phase::gone;
  bool has_key = false;
  bool of_wall_time = false;  // `due` is a time on the wall of a zone that may change (S13)
  std::uint8_t strand = 0;    // of its parallel; aside_strand: a send aside; of none: chains.hpp
  enum class HeldFor : std::uint8_t { time, slot, presence, resume };
  HeldFor held_for = HeldFor::time;  // held: what else lets it go on; of a cap a free slot
  bool holdout = false;              // gets no marketing
  std::uint32_t head = no_place;     // of a strand: the journey or the strand that forked
  static constexpr std::uint8_t aside_strand = 0xFF;
  [[nodiscard]] bool is_strand() const { return head != no_place; }
  [[nodiscard]] bool is_aside() const { return strand == aside_strand; }
};
static_assert(sizeof(Journey) <= 64);

// An action of a journey that has not been closed: what its receipts refer to. Of a send, `address`
// is what state.suppressed knows its address by.
struct ActionState {
  Hash128 id;
  Instant emitted;
  std::uint32_t journey = no_place;
  std::uint32_t next = no_place;  // older action of the same journey
  std::uint32_t sequence = 0;     // of all emissions, from 0, modulo 2^32
  NodeIndex node = 0;
  std::uint8_t leg = 0;        // by which of the send's channels
  bool freed_slot = false;     // its slots in caps have been given back
  std::uint32_t receipts = 0;  // a bit each
  std::uint32_t used = 0;      // of the receipts, those that a wait has taken
  std::uint64_t address = 0;
};
static_assert(sizeof(ActionState) == 56);

// An action that was emitted and not yet taken. Self-contained: its journey may be gone.
struct OutboxEntry {
  Hash128 id;
  Instant at;
  std::size_t address_at = 0;       // in Outbox::bytes: key, address, data in turn
  std::uint32_t action = no_place;  // its state, if `id` still stands there
  std::uint32_t contact = 0;
  std::uint32_t iteration = 0;
  std::uint32_t attempt = 0;
  std::uint32_t key_size = 0;
  std::uint32_t address_size = 0;
  std::uint32_t data_size = 0;
  std::uint32_t data_place = 0;  // once handed out: of the unpacked data
  std::uint16_t version = 0;
  NodeIndex node = 0;
  std::uint8_t leg = 0;
  std::uint16_t sender = no_sender;
  bool has_key = false;
  bool withdrawn = false;
  bool maybe_executed = false;  // it was taken before
};

struct Outbox {
  std::vector<OutboxEntry> entries;
  base::ByteBuffer bytes;
  std::uint32_t first_sequence = 0;  // of entries.front()
  std::uint32_t withdrawn = 0;       // among the entries
  bool refused_since = false;        // somebody has refused messages since the first of them
};

// S4: message ids seen within the window, oldest first.
struct Dedupe {
  struct Seen {
    Hash128 id;
    std::uint64_t content = 0;
    Instant at;
    template <class V>
    void fields(V& v) {
      v(id, content, at);
    }
  };
  std::deque<Seen> window;
  std::uint32_t first = 0;  // number of window.front()
  base::HashIndex index;    // by id: number, modulo 2^32
  [[nodiscard]] const Seen* find(const Hash128& id) const;
  // For snapshots.
  template <class V, class Self>
  static void walk(V& v, Self& dedupe) {
    const std::uint64_t count = v.count(dedupe.window.size());
    if constexpr (V::loads) {
      for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
        v.seam();
        Seen& seen = dedupe.window.emplace_back();
        v(seen);
        dedupe.index.insert(seen.id.high, static_cast<std::uint32_t>(i));
      }
    } else {
      for (const Seen& seen : dedupe.window) {
        v.seam();
        v(seen);
      }
    }
  }
};

// Of the messages on a channel, to one contact or to all.
struct Rate {
  std::uint32_t sent = 0;
  std::uint32_t engaged = 0;  // those that were opened, clicked, answered, or led to a connection
  template <class V>
  void fields(V& v) {
    v(sent, engaged);
  }
};

// The same of all contacts. What an instant brings counts from the next one on: the order in which
// contacts are fed changes nothing.
struct CommonRate {
  Rate before;
  Rate within;  // the instant
  Instant instant;
  template <class V>
  void fields(V& v) {
    v(before, within, instant);
  }
};

// The newest journey of a contact, campaign and key that ended.
struct LastRun {
  Instant entered;
  Instant ended;
  template <class V>
  void fields(V& v) {
    v(entered, ended);
  }
};

// The variant of a split that a contact was given first.
struct KeptVariant {
  std::uint64_t name = 0;  // upper half of its stable hash
  Instant assigned;
  template <class V>
  void fields(V& v) {
    v(name, assigned);
  }
};

// The input of the frame at hand, as its records refer to it.
struct CurrentInput {
  record::InputKind kind = record::InputKind::opened;
  Instant at;
  Instant occurred;
  NameId event = no_name;
  base::ByteView properties;  // name and packed value in turn
  bool hard = false;          // of a report of `bounced`
};

// What chains of what steps set off have reached at this very instant (chains.hpp).
struct Chains {
  std::vector<std::uint32_t> journeys;             // whose `strand` says how deep
  std::map<std::uint32_t, std::uint8_t> contacts;  // that joined a line: how deep
};

struct State {
  State(Limits limits_given, std::shared_ptr<const ZoneTable> zones_given)
      : limits(limits_given), zones(std::move(zones_given)) {}

  Limits limits;
  std::shared_ptr<const ZoneTable> zones;
  ZoneRules zone_rules;
  Instant now = earliest_instant;
  Instant closed{earliest_instant.ms - 1};
  std::uint32_t frame = 0;          // counts frames and `caused` records, modulo 2^32
  bool instant_unfinished = false;  // the newest frame was part of a large instant
  bool at_gates = false;            // only its ready sends are left of that
  CurrentInput input;

  Plans plans;
  base::Blobs blobs;
  base::Pool<Contact> contacts;
  base::HashIndex contact_index;
  base::Pool<Journey> journeys;
  std::uint32_t moving = 0;  // journeys between two steps
  std::uint32_t absent = 0;  // sends that are held until their contact is present
  std::map<std::uint32_t, std::set<std::uint32_t>> asides;  // sends aside, by their journey
  base::Pool<ActionState> actions;
  // By the place of an action: the account that it went out from. As far as any went out from one:
  // a host without accounts pays nothing.
  std::vector<std::uint16_t> action_senders;
  Migrations migrations;
  // Of the taken ones, by id, once a first report has come: a host that never reports pays nothing.
  base::HashIndex action_index;
  bool reports_come = false;
  std::uint32_t next_sequence = 0;  // of actions
  Timers timers;
  ReadyQueue ready;
  Outbox outbox;
  Outbox handed;     // what was taken last, without what was withdrawn: actions point into it
  OpenActions open;  // taken, and nothing was reported of them
  std::uint64_t takes = 0;  // since the journal began
  Watches watches;
  Membership members;
  Arrivals arrivals;
  Accounts accounts;
  Halts halts;
  Dedupe dedupe;
  bool message_is_new = true;  // of the input at hand
  Hash128 published;           // of the newest model
  SentMessages sent;
  FewByContact<Rate> rates;          // by channel_key(), of rated channels
  Keyed<CommonRate> common_rates;    // by channel_key()
  std::uint8_t chosen_leg = 0;       // of the send at the gate
  std::uint32_t passed_legs = 0;     // the same: those liked better, that do not reach; a bit each
  Keyed<record::Reason> suppressed;  // by suppression_key(): why nothing is sent there
  Handles handles;                   // that are verified, by handle_hash()
  ByContact<LastRun> last_runs;      // by run_key()
  ByContact<KeptVariant> variants;   // S24: by variant_key()
  // What stands for a contact beside its own id: of most there is nothing. Oldest link first.
  std::map<std::uint32_t, std::vector<std::uint32_t>> ids;
  // Who belongs to an account (B2B), in S0's order.
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> members_of;
  Chains chains;
  ShortRuns short_runs;
  ForgottenRuns forgotten_runs;
  Statistics statistics;
  base::ByteBuffer room;  // of apply(), for the list at hand

  [[nodiscard]] std::string_view id_of(const Contact& contact) const {
    return contact.id_size <= Contact::id_inline
               ? std::string_view(contact.id.data(), contact.id_size)
               : long_id_of(contact);
  }
  [[nodiscard]] std::string_view long_id_of(const Contact& contact) const;
  // The place of the contact of that id, following a link; no_place if there is none.
  [[nodiscard]] std::uint32_t find_contact(std::string_view id, std::uint64_t hash) const;
  [[nodiscard]] std::uint32_t find_linked(std::uint32_t contact) const;
  // The place of a taken action of a journey that is not closed; no_place if there is none. Knows
  // all of them from the first report on.
  [[nodiscard]] std::uint32_t find_action(const Hash128& id) const;
  // Whether an action of that id was taken, as far as that is known; until a report comes it is
  // looked for among all.
  [[nodiscard]] bool knows_taken(const Hash128& id) const;
  [[nodiscard]] bool is_taken(const ActionState& action) const {
    return action.sequence - outbox.first_sequence >= outbox.entries.size();
  }
  // Whether it is in the outbox, and will be taken from there.
  [[nodiscard]] bool is_offered(const ActionState& action) const {
    return !is_taken(action) && !outbox.entries[action.sequence - outbox.first_sequence].withdrawn;
  }
  // The journey that a strand is part of; of a journey itself.
  [[nodiscard]] std::uint32_t whole(std::uint32_t journey) const {
    while (journeys[journey].is_strand()) journey = journeys[journey].head;
    return journey;
  }
  // Strands stand behind their head in the contact's list, each followed by its own.
  [[nodiscard]] bool has_strands(std::uint32_t journey) const {
    const std::uint32_t next = journeys[journey].next;
    return next != no_place && journeys[next].head == journey;
  }
  // The first strand of the parallel that `journey` stands at that is not done; no_place if all
  // are.
  [[nodiscard]] std::uint32_t open_strand(std::uint32_t journey) const;
  // The strand behind `at` among those of `head` and theirs, beginning with `head` itself; no_place
  // behind the last.
  [[nodiscard]] std::uint32_t next_strand(std::uint32_t at, std::uint32_t head) const {
    const std::uint32_t next = journeys[at].next;
    return next != no_place && is_within(next, head) ? next : no_place;
  }
  // The pause of a journey's campaign; null: it is not paused.
  [[nodiscard]] const Halt* halt_of(const Journey& journey) const {
    if (halts.paused.empty()) return nullptr;
    const auto found = halts.paused.find(plan_of(journey).family);
    return found == halts.paused.end() ? nullptr : &found->second;
  }
  // When the deadline of a journey that waits comes; of one that stands still because of a pause:
  // when it would come if its campaign went on now.
  [[nodiscard]] Instant due_of(std::uint32_t journey) const;
  // The sends of the journey that have stepped aside, by place.
  [[nodiscard]] const std::set<std::uint32_t>& asides_of(std::uint32_t journey) const {
    static const std::set<std::uint32_t> none;
    const auto found = asides.find(journey);
    return found == asides.end() ? none : found->second;
  }
  // Whether it is a strand of `head`, or of one of its strands.
  [[nodiscard]] bool is_within(std::uint32_t journey, std::uint32_t head) const;
  // Whether a journey may come to a parallel: never from within it, and not too deep.
  [[nodiscard]] bool may_fork(std::uint32_t journey, NodeIndex parallel) const;
  // The receipts of the action that waits on the way of `journey`, a strand perhaps, have taken.
  [[nodiscard]] std::uint32_t receipts_used(std::uint32_t journey, std::uint32_t action) const;
  // The account that an action went out from; no_sender: none.
  [[nodiscard]] std::uint16_t sender_of(std::uint32_t action) const {
    return action < action_senders.size() ? action_senders[action] : no_sender;
  }
  // The version of a campaign that an action went out by, and its step there.
  [[nodiscard]] std::uint16_t version_of(std::uint32_t action) const {
    const std::vector<Migrations::Origin>& moved = migrations.actions;
    if (action < moved.size() && moved[action].version != no_version) return moved[action].version;
    return journeys[actions[action].journey].version;
  }
  [[nodiscard]] const NodePlan& step_of(std::uint32_t action) const {
    return plans.versions[version_of(action)]->nodes[actions[action].node];
  }
  // Where that step stands in the version that the journey is on now; end_node: nowhere.
  [[nodiscard]] NodeIndex node_of(std::uint32_t action) const {
    const std::vector<Migrations::Origin>& moved = migrations.actions;
    const bool has_moved = action < moved.size() && moved[action].version != no_version;
    return has_moved ? moved[action].node : actions[action].node;
  }
  // The account that the journey's messages on that channel are sent from; no_sender: none yet.
  [[nodiscard]] std::uint16_t account_of(std::uint32_t journey, std::string_view channel) const;
  // Whether it is at a send by which something has gone out in this visit, and more is held or
  // about to meet the gate: the next channel, or another attempt.
  [[nodiscard]] bool sends_on(std::uint32_t journey) const;
  // By how many of its channels a send went in this visit, before the newest.
  [[nodiscard]] std::uint32_t legs_before(std::uint32_t journey, NodeIndex node) const;
  // Whether there is room among the variables of the journey, or of the strand's, for one more.
  [[nodiscard]] bool has_room(std::uint32_t journey, base::ByteView more) const {
    const Blob context = journeys[whole(journey)].context;
    return blobs.view(context).size() + more.size() <= limits.variables_bytes;
  }
  // So long after now, and in the years there are: a model that nobody has checked may say
  // anything.
  [[nodiscard]] Instant after(std::int64_t ms) const {
    if (ms <= 0) return now;
    return ms < latest_instant - now ? now + ms : latest_instant;
  }
  [[nodiscard]] const CampaignPlan& plan_of(const Journey& journey) const {
    return *plans.versions[journey.version];
  }
  [[nodiscard]] std::string_view key_of(const Journey& journey) const {
    return base::as_text(blobs.view(journey.key));
  }
  [[nodiscard]] ReadySend ready_key(std::uint32_t journey) const {
    const Journey& j = journeys[journey];
    return {contacts[j.contact].hash, plan_of(j).rank, journey};
  }
  // By what the journey goes: the contact that entered, whoever that has become since. Where that
  // has gone to somebody else, the journey's own id stands for it.
  struct Origin {
    std::uint32_t contact = no_place;
    std::string_view id;
    bool is_journey = false;  // whose id it is, as to_text() gives it
  };
  [[nodiscard]] Origin origin_of(std::uint32_t journey) const;
  // How many ids stand for the contact beside its own.
  [[nodiscard]] std::size_t ids_of(std::uint32_t contact) const {
    const auto found = ids.find(contact);
    return found == ids.end() ? 0 : found->second.size();
  }
  // The account that the contact belongs to; empty: none.
  [[nodiscard]] std::string_view account_of(std::uint32_t contact) const;
  // The contacts of its account, itself among them, in S0's order.
  [[nodiscard]] std::vector<std::uint32_t> colleagues_of(std::uint32_t contact) const;
  // How often the contact entered the campaign at this very instant, as far as that is counted.
  [[nodiscard]] std::uint16_t entries_now(std::uint32_t contact, std::uint16_t family) const;
  // Of one that does not exist (any more), by the upper half of its id's stable hash.
  [[nodiscard]] std::uint16_t entries_before(std::uint64_t hash, std::uint16_t family) const;
  // Whether a message of that id has come, within the window of repeats.
  [[nodiscard]] bool knows(const Hash128& message) const {
    const Dedupe::Seen* const seen = dedupe.find(message);
    return seen != nullptr && seen->at > now - plans.workspace.dedupe_ms;
  }
  // Whether at that place there is a contact, and none that stands for another or is away.
  [[nodiscard]] bool is_person(std::uint32_t contact) const {
    const Contact& it = contacts[contact];
    return it.id_size != 0 && it.linked == no_place && !it.is_away;
  }
  // S0's order of two journeys at one instant.
  [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const;
};

// Whether a timer that is no journey's, a watch, a line or a schedule, is due then.
bool is_awaited(const State& state, std::uint32_t timer, Instant due);

// Of State::handles.
inline Hash128 handle_hash(std::string_view kind, std::string_view value) {
  return base::stable_hash_of(kind, value);
}

// Of State::suppressed. What an action and a record keep of a channel's address.
std::uint64_t address_hash(std::string_view channel, std::string_view address);
inline Hash128 suppression_key(std::uint64_t address) { return {address, 0}; }

// Keys of State::last_runs and State::variants.
std::uint64_t run_key(std::uint16_t family, bool has_key, std::string_view key);
std::uint64_t variant_key(std::uint16_t family, std::string_view step);

}  // namespace itinera::engine
