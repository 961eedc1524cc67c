// SPDX-License-Identifier: Apache-2.0
#include "snapshot/sound.hpp"

#include <algorithm>
#include <bit>
#include <set>
#include <vector>

#include "model/walk.hpp"
#include "state/chains.hpp"
#include "state/verify.hpp"

namespace itinera::engine {
namespace {

bool is_instant(Instant t) { return t >= earliest_instant && t <= latest_instant + 1; }

bool is_entry(const State& state, EntryRef ref) {
  return ref.version < state.plans.versions.size() &&
         ref.entry < state.plans.versions[ref.version]->entries.size();
}

// Whether an action of that step, which is one that emits, may have gone out from it.
bool is_sender(const State& state, std::uint16_t sender, std::uint16_t version, NodeIndex node) {
  if (sender == no_sender) return true;
  return sender < state.plans.senders.size() && state.plans.versions[version]->nodes[node].send;
}

// Whether a deadline of such a one means something: at it the journey goes on, or is closed.
bool may_be_due(Phase phase) {
  return phase == Phase::waiting || phase == Phase::awaiting || phase == Phase::held ||
         phase == Phase::open_goals;
}

// Goes through everything once, and marks what it has come by.
class Inspection {
 public:
  explicit Inspection(const State& state)
      : state_(state), journeys_(state.journeys.size()), actions_(state.actions.size()) {}

  bool people() {
    const std::uint32_t size = state_.contacts.size();
    for (std::uint32_t at = 0; at < size; ++at) {
      if (state_.contacts[at].id_size != 0 && !contact(at)) return false;
    }
    return links() && asides() && seen_journeys_ == state_.journeys.used() &&
           seen_actions_ == state_.actions.used();
  }

 private:
  // Who is linked to somebody stands among the ids of that one, once.
  [[nodiscard]] bool links() const {
    std::vector<bool> linked(state_.contacts.size());
    for (std::uint32_t at = 0; at < linked.size(); ++at) {
      linked[at] = state_.contacts[at].id_size != 0 && state_.contacts[at].linked != no_place;
    }
    for (const auto& [contact, ids] : state_.ids) {
      if (!is_contact(state_, contact)) return false;
      for (const std::uint32_t id : ids) {
        if (id >= linked.size() || !linked[id] || state_.contacts[id].linked != contact) {
          return false;
        }
        linked[id] = false;
      }
    }
    return std::find(linked.begin(), linked.end(), true) == linked.end();
  }

  bool contact(std::uint32_t place) {
    const Contact& contact = state_.contacts[place];
    if (contact.is_away && !is_empty(place)) return false;
    if (!leads_to_an_end(place) || !is_history(state_, state_.blobs.view(contact.history)) ||
        !are_counted(state_, state_.blobs.view(contact.counted))) {
      return false;
    }
    std::uint32_t before = no_place;
    for (std::uint32_t at = contact.journeys; at != no_place; at = state_.journeys[at].next) {
      if (at >= state_.journeys.size() || journeys_[at]) return false;
      journeys_[at] = true;
      ++seen_journeys_;
      if (state_.journeys[at].contact != place || !journey(at) || !stands_behind(at, before)) {
        return false;
      }
      before = at;
    }
    return true;
  }

  // Of one that is away nothing is left but the id.
  [[nodiscard]] bool is_empty(std::uint32_t place) const {
    const Contact& contact = state_.contacts[place];
    return contact.linked == no_place && contact.journeys == no_place && contact.attributes == 0 &&
           contact.history == 0 && contact.counted == 0 && !state_.ids.contains(place);
  }

  // Links are few and short.
  bool leads_to_an_end(std::uint32_t place) const {
    for (std::uint32_t links = 0; state_.contacts[place].linked != no_place; ++links) {
      place = state_.contacts[place].linked;
      if (!is_contact(state_, place) || links > state_.limits.identities) return false;
    }
    return true;
  }

  // A strand stands right behind its head, or behind another strand of it: what walks along the
  // strands, or frees them, ends where something else stands.
  bool stands_behind(std::uint32_t place, std::uint32_t before) const {
    const Journey& j = state_.journeys[place];
    if (!j.is_strand()) return true;
    return before == j.head || (before != no_place && state_.is_within(before, j.head));
  }

  // One that stands behind its head in the list of their contact, or in none.
  bool journey(std::uint32_t place) {
    const Journey& j = state_.journeys[place];
    if (j.phase == Phase::gone || j.version >= state_.plans.versions.size() ||
        j.held_for > Journey::HeldFor::resume) {
      return false;
    }
    if ((j.due != record::no_deadline && !may_be_due(j.phase)) ||
        !can_stand(state_.plan_of(j), j.node, j.phase, j.is_strand()) ||
        !is_context(state_, j, state_.blobs.view(j.context)))
      return false;
    if (j.is_strand()) {
      const bool behind_head = j.head < journeys_.size() && j.head != place && journeys_[j.head];
      return behind_head && j.actions == no_place && is_strand(j);
    }
    const bool goals = std::bit_width(j.goals) <= state_.plan_of(j).goals.size();
    return goals && j.strand <= (chain_is_now | chain_depth_max) && actions_of(place);
  }

  bool is_strand(const Journey& strand) const {
    const Journey& head = state_.journeys[strand.head];
    if (head.contact != strand.contact || head.version != strand.version) return false;
    std::uint32_t depth = 1;
    for (std::uint32_t at = strand.head; state_.journeys[at].is_strand(); ++depth) {
      at = state_.journeys[at].head;
    }
    if (depth > model::nesting_max) return false;
    if (strand.is_aside()) return !head.is_strand();
    // Its head has been looked at before: that one is at a parallel.
    if (head.phase != Phase::forked) return false;
    const bool is_there = strand.strand < state_.plan_of(head).nodes[head.node].targets.size();
    return is_there || strand.phase == Phase::done;
  }

  bool actions_of(std::uint32_t journey) {
    const Journey& j = state_.journeys[journey];
    for (std::uint32_t at = j.actions; at != no_place; at = state_.actions[at].next) {
      if (at >= actions_.size() || actions_[at]) return false;
      actions_[at] = true;
      ++seen_actions_;
      const ActionState& action = state_.actions[at];
      if (action.journey != journey || action.id == Hash128{} || !is_origin(at) ||
          !is_emitter(state_, state_.version_of(at), action.node, action.leg) ||
          !is_sender(state_, state_.sender_of(at), state_.version_of(at), action.node)) {
        return false;
      }
    }
    return true;
  }

  // An action that its journey has moved away from since.
  bool is_origin(std::uint32_t action) const {
    if (action >= state_.migrations.actions.size()) return true;
    const Migrations::Origin& origin = state_.migrations.actions[action];
    if (origin.version == no_version) return true;
    const CampaignPlan& plan = state_.plan_of(state_.journeys[state_.actions[action].journey]);
    return origin.version < state_.plans.versions.size() &&
           state_.plans.versions[origin.version]->family == plan.family &&
           (origin.node == model::end_node || origin.node < plan.nodes.size());
  }

  bool asides() {
    for (const auto& [head, asides] : state_.asides) {
      if (head >= journeys_.size() || !journeys_[head]) return false;
      for (const std::uint32_t at : asides) {
        if (journeys_[at] || !journey(at)) return false;
        ++seen_journeys_;
      }
    }
    return true;
  }

  const State& state_;
  std::vector<bool> journeys_;
  std::vector<bool> actions_;
  std::uint32_t seen_journeys_ = 0;
  std::uint32_t seen_actions_ = 0;
};

// An action's content: key, address, data in turn.
template <class A>
bool is_content(base::ByteView content, const A& action) {
  const std::size_t before = std::size_t{action.key_size} + action.address_size;
  return content.size() == before + action.data_size && are_properties(content.subspan(before));
}

bool is_outbox(const State& state) {
  for (const OutboxEntry& entry : state.outbox.entries) {
    if (entry.id == Hash128{}) {  // of somebody who was forgotten
      if (!entry.withdrawn || entry.key_size + entry.address_size + entry.data_size != 0) {
        return false;
      }
      continue;
    }
    const std::size_t size = std::size_t{entry.key_size} + entry.address_size + entry.data_size;
    if (!is_contact(state, entry.contact) ||
        !is_emitter(state, entry.version, entry.node, entry.leg) ||
        !is_sender(state, entry.sender, entry.version, entry.node) ||
        (entry.action != no_place && entry.action >= state.actions.size()) ||
        !is_content(state.outbox.bytes.view().subspan(entry.address_at, size), entry)) {
      return false;
    }
  }
  return true;
}

bool are_open_actions(const State& state) {
  for (std::uint32_t at = state.open.first(); at != OpenAction::none; at = state.open.after(at)) {
    const OpenAction& action = state.open[at];
    if (action.id == Hash128{} || state.open.find(action.id) != at ||
        !is_contact(state, action.contact) ||
        !is_emitter(state, action.version, action.node, action.leg) ||
        !is_sender(state, action.sender, action.version, action.node) ||
        action.unwanted > static_cast<std::uint8_t>(record::Reason::removed) ||
        !is_content(state.blobs.view(action.content), action)) {
      return false;
    }
  }
  return true;
}

bool are_sent_messages(const State& state) {
  return std::all_of(state.sent.all().begin(), state.sent.all().end(), [&](const SentMessage& m) {
    return m.id == Hash128{} ||
           (is_contact(state, m.contact) && is_emitter(state, m.version, m.node, m.leg) &&
            state.plans.versions[m.version]->nodes[m.node].send &&
            is_sender(state, m.sender, m.version, m.node));
  });
}

bool are_runs(const State& state) {
  const std::size_t families = state.plans.families.size();
  bool are = true;
  state.short_runs.for_each([&](const ShortRun& run) {
    are = are && is_contact(state, run.contact) && run.family < families;
  });
  state.forgotten_runs.for_each(
      [&](const ForgottenRun& run) { are = are && run.family < families; });
  return are;
}

bool are_arrivals(const State& state) {
  const Arrivals& arrivals = state.arrivals;
  if (arrivals.begun.size() != state.plans.families.size() || arrivals.lines.size() >= timer_mask ||
      arrivals.schedules.size() > schedules_max) {
    return false;
  }
  for (const Line& line : arrivals.lines) {
    if (line.ref.version != no_version && !is_entry(state, line.ref)) return false;
    for (const std::uint32_t contact : line.contacts) {
      if (!is_contact(state, contact)) return false;
    }
    if (!is_instant(line.period)) return false;
  }
  return std::all_of(arrivals.schedules.begin(), arrivals.schedules.end(), [&](const Schedule& s) {
    return is_entry(state, s.ref) &&
           state.plans.versions[s.ref.version]->entries[s.ref.entry].kind == Entry::Kind::schedule;
  });
}

bool are_accounts(const State& state) {
  if (state.accounts.all.size() != state.plans.senders.size()) return false;
  for (const Account& account : state.accounts.all) {
    const bool instants = is_instant(account.day_began) && is_instant(account.day_ends) &&
                          is_instant(account.paced_until) && is_instant(account.rested_until) &&
                          std::all_of(account.recent.begin(), account.recent.end(), is_instant);
    if (!instants) return false;
  }
  std::set<std::uint64_t> numbers;  // by which waiters of one age are told apart
  for (const auto& [journey, place] : state.accounts.places) {
    const Account::Waiter& waiter = place.waiter;
    if (journey >= state.journeys.size() || waiter.journey != journey ||
        waiter.number >= state.accounts.came || !numbers.insert(waiter.number).second) {
      return false;
    }
    const Phase phase = state.journeys[journey].phase;
    const bool in_line = state.accounts.all[place.sender].has_in_line(place.operation, waiter);
    if (phase != Phase::held && (phase != Phase::ready || in_line)) return false;
  }
  return true;
}

bool are_halts(const State& state) {
  const Halts& halts = state.halts;
  for (const auto& [family, halt] : halts.paused) {
    if (family >= state.plans.families.size() || halt.mode > PauseMode::drop ||
        !is_instant(halt.since)) {
      return false;
    }
  }
  for (const auto& [journey, fell_due] : halts.stopped) {
    if (journey >= state.journeys.size()) return false;
  }
  for (const auto& [journey, frozen] : halts.frozen) {
    if (journey >= state.journeys.size() || !is_instant(frozen.due) || !is_instant(frozen.from)) {
      return false;
    }
  }
  return std::all_of(halts.outcomes.begin(), halts.outcomes.end(), [&](const auto& each) {
    const auto [version, node] = each.first;
    return version < state.plans.versions.size() &&
           node < state.plans.versions[version]->nodes.size();
  });
}

}  // namespace

bool is_emitter(const State& state, std::uint16_t version, NodeIndex node, std::uint8_t leg) {
  if (version >= state.plans.versions.size()) return false;
  const std::vector<NodePlan>& nodes = state.plans.versions[version]->nodes;
  if (node >= nodes.size() || !emits(nodes[node].kind)) return false;
  return !nodes[node].send || leg < nodes[node].send->legs.size();
}

bool is_sound(const State& state) {
  return is_instant(state.now) && state.contacts.size() <= timer_mask &&
         Inspection(state).people() && is_outbox(state) && are_open_actions(state) &&
         are_sent_messages(state) && are_runs(state) && are_arrivals(state) &&
         are_accounts(state) && are_halts(state);
}

}  // namespace itinera::engine
