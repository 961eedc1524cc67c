// SPDX-License-Identifier: Apache-2.0
// Ways into a campaign, and the one rule of re-entry that stands on all of them (S26, S27).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/buckets.hpp"
#include "engine/process.hpp"
#include "engine/tokens.hpp"
#include "state/chains.hpp"

namespace itinera::engine {
namespace {

using record::Decision;
using record::Reason;

// A journey's key is text: ints and bools in decimal, a double only if it is integral
// (format.md). Empty: no key.
std::optional<std::string> key_from(const expr::Cell& cell) {
  switch (cell.kind) {
    case expr::Cell::Kind::text: return std::string(cell.as_text());
    case expr::Cell::Kind::integer: return fmt::format("{}", cell.integer);
    case expr::Cell::Kind::boolean: return cell.boolean ? "true" : "false";
    case expr::Cell::Kind::real:
      if (std::trunc(cell.real) != cell.real || std::abs(cell.real) >= 0x1p63) return std::nullopt;
      return fmt::format("{}", static_cast<std::int64_t>(cell.real));
    default: return std::nullopt;
  }
}

// Of the journey that would enter: one from elsewhere has its own.
std::uint16_t ordinal_of(const State& state, const Admission& admission, std::uint16_t family) {
  if (admission.start != nullptr) return admission.start->came->ordinal;
  if (admission.who.place == no_place) return state.entries_before(admission.who.hash, family);
  return state.entries_now(admission.who.place, family);
}

}  // namespace

void Process::enter_by_event(Who who, const EventPlan& event, std::uint32_t but) {
  std::uint16_t settled = no_version;  // a version of which one entry has decided already
  for (const EntryRef& ref : event.entries) {
    if (ref.version == settled) continue;
    if (!admit_by(who, ref, but)) continue;
    settled = ref.version;
    // The first that enters brings the contact into being.
    if (who.place == no_place) who.place = entered_contact_;
  }
}

bool Process::admit_by(Who who, const EntryRef& ref, std::uint32_t but) {
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  facts_.about(who.place, no_place);
  if (!holds(entry.when, no_place, model::end_node)) return false;
  Admission admission;
  admission.who = who;
  admission.version = ref.version;
  admission.entry = ref.entry;
  std::optional<std::string> key;
  if (entry.key != nullptr) {
    key = key_by(*entry.key, who.place, no_place);
    if (!key) {
      refuse(admission, Decision::missing_key, Reason::none);
      return false;
    }
    admission.has_key = true;
    admission.key = *key;
  }
  const bool by_event = entry.kind == Entry::Kind::event;
  if (!by_event || !join_digest(admission, but)) admit(admission);
  return true;
}

bool Process::enter_by(Who who, const EntryRef& ref) {
  const EntryPlan& entry = state_.plans.versions[ref.version]->entries[ref.entry];
  // It has no properties, whatever the input at hand brought.
  if (!state_.input.properties.empty()) commit(record::Caused{who.place, {}, {}});
  if (!entry.entry->ramp) return admit_by(who, ref);
  facts_.about(who.place, no_place);
  if (!holds(entry.when, no_place, model::end_node)) return false;
  std::vector<std::uint32_t> one{who.place};
  queue_up(ref, one);
  return true;
}

void Process::enter_by_host(Who who, const CampaignPlan& plan, std::optional<std::string_view> key,
                            std::uint32_t but) {
  Admission admission;
  admission.who = who;
  admission.version = plan.version;
  admission.entry = *plan.host_entry;
  admission.has_key = key.has_value();
  admission.key = key.value_or(std::string_view{});
  if (!join_digest(admission, but)) admit(admission);
}

std::optional<std::string> Process::key_by(const Condition& key, std::uint32_t contact,
                                           std::uint32_t by) {
  facts_.about(contact, by);
  std::optional<std::string> found = key_from(facts_.value_of(key));
  if (found && found->size() > state_.limits.id_bytes) found.reset();
  return found;
}

bool Process::admit(const Admission& admission) {
  const CampaignPlan& plan = *state_.plans.versions[admission.version];
  const auto is_it = [&](const CampaignKey& taken) {
    return taken.family == plan.family && taken.has_key == admission.has_key &&
           taken.key == admission.key;
  };
  if (std::any_of(taken_.begin(), taken_.end(), is_it)) {
    refuse(admission, Decision::refused_reentry, Reason::same_input);
    return false;
  }
  entered_contact_ = admission.who.place;
  const auto halt = state_.halts.paused.find(plan.family);
  if (halt != state_.halts.paused.end() && !halt->second.entries) {
    refuse(admission, Decision::refused_paused, Reason::none);
    return false;
  }
  std::uint32_t running = no_place;
  std::uint32_t closes = no_place;
  if (admission.who.place != no_place) {
    if (const std::optional<Reason> reason = reentry_refusal(admission, &running, &closes)) {
      const bool full = *reason == Reason::limit;
      refuse(admission, full ? Decision::refused_entry : Decision::refused_reentry, *reason);
      return false;
    }
  }
  const std::uint16_t ordinal = ordinal_of(state_, admission, plan.family);
  if (admission.start == nullptr && ordinal == entries_at_once_max) {
    refuse(admission, Decision::refused_entry, Reason::limit);
    return false;
  }
  if (admission.start == nullptr && is_capped(plan)) {
    refuse(admission, Decision::refused_entry, Reason::cap);
    return false;
  }
  bool parks = false;
  if (plan.meeting && !meet_group(admission, running, &parks)) {
    refuse(admission, Decision::refused_entry, Reason::exclusive);
    return false;
  }
  if (admission.succeeds != no_place) commit(record::Closed{admission.succeeds});
  if (running != no_place) {
    end(running, Decision::exited, Reason::replaced);
    if (state_.journeys[running].phase != Phase::open_goals) closes = no_place;
  }
  if (closes != no_place) commit(record::Closed{closes});
  entered_contact_ = contact_of(admission.who);
  const std::uint32_t journey = state_.journeys.next_place();
  const auto flags = static_cast<std::uint8_t>(
      (admission.has_key ? record::Entered::has_key : 0) |
      (is_held_out(admission) ? record::Entered::holdout : 0) | chain_flags(depth_));
  commit(record::Entered{journey, entered_contact_, admission.version, ordinal, admission.entry,
                         flags, admission.key});
  if (admission.start != nullptr) unpack_journey(journey, *admission.start, parks);
  if (parks) {
    commit(record::Parked{journey, Decision::held_exclusive});
    return true;
  }
  if (admission.start != nullptr) {
    walk_from(journey, admission.start->node, admission.start->came->due);
    return true;
  }
  walk(journey, plan.nodes.empty() ? model::end_node : NodeIndex{0});
  return true;
}

// By the workspace's holdout, the campaign's, or because a journey that is held out has set it off.
bool Process::is_held_out(const Admission& admission) const {
  if (holdout_) return true;
  const CampaignPlan& plan = *state_.plans.versions[admission.version];
  const std::string_view id = admission.who.place != no_place
                                  ? state_.id_of(state_.contacts[admission.who.place])
                                  : admission.who.id;
  const auto in = [&](const Holdout& holdout, const std::string& name) {
    return holdout.share > 0 &&
           base::bucket_of(holdout.seed.empty() ? name : holdout.seed, id) < holdout.share;
  };
  const Workspace& workspace = state_.plans.workspace;
  return in(workspace.policy.holdout, workspace.name) ||
         in(plan.campaign.holdout, plan.campaign.name);
}

// Whether `journey` keeps others of that group from running.
bool Process::runs_in(std::uint32_t journey, NameId group) const {
  const Journey& j = state_.journeys[journey];
  return !j.is_strand() && j.phase != Phase::open_goals && j.phase != Phase::parked &&
         state_.plan_of(j).group == group;
}

bool Process::is_parked_in(std::uint32_t journey, NameId group) const {
  const Journey& j = state_.journeys[journey];
  return j.phase == Phase::parked && state_.plan_of(j).group == group;
}

// A contact is in one campaign of the group at a time, and nobody overtakes who waits there for a
// turn: that may come only after the input at hand. `running` is about to be replaced anyway.
bool Process::meet_group(const Admission& admission, std::uint32_t running, bool* parks) {
  if (admission.who.place == no_place) return true;
  const CampaignPlan& plan = *state_.plans.versions[admission.version];
  const bool waits = plan.meeting == ExclusiveGroup::Meeting::wait;
  bool behind = false;  // somebody who waits
  std::vector<std::uint32_t> met;
  for (std::uint32_t at = state_.contacts[admission.who.place].journeys; at != no_place;
       at = state_.journeys[at].next) {
    const bool runs = runs_in(at, plan.group);
    if (at == running || !(runs || is_parked_in(at, plan.group))) continue;
    const bool lower =
        state_.plan_of(state_.journeys[at]).campaign.priority < plan.campaign.priority;
    if (!runs) {
      behind = behind || !lower;
      continue;
    }
    if (!lower || plan.meeting == ExclusiveGroup::Meeting::refuse) return false;
    met.push_back(at);
  }
  if (behind && !waits) return false;
  *parks = waits && (behind || !met.empty());
  if (*parks) return true;
  for (const std::uint32_t journey : met) end(journey, Decision::exited, Reason::replaced);
  return true;
}

// Whoever waits in that group looks whether its turn has come, once the input at hand is done.
void Process::pass_turn(std::uint32_t contact, NameId group) {
  Cascade& next = cascades_.emplace_back();
  next.kind = Cascade::Kind::release;
  next.contact = contact;
  next.depth = depth_;
  next.name = group;
}

// A journey of an exclusive group has ended, or come to another: the one that waits with the
// highest priority has its turn, the oldest of several. Who is of no group any more waits for
// nobody.
void Process::release_next(const Cascade& cascade) {
  std::uint32_t best = no_place;
  for (std::uint32_t at = state_.contacts[cascade.contact].journeys; at != no_place;
       at = state_.journeys[at].next) {
    if (cascade.name != no_name && runs_in(at, cascade.name)) return;
    if (!is_parked_in(at, cascade.name)) continue;
    const bool better =
        best == no_place || state_.plan_of(state_.journeys[at]).campaign.priority >
                                state_.plan_of(state_.journeys[best]).campaign.priority;
    if (better) best = at;
  }
  if (best != no_place) release_parked(best);
}

void Process::release_parked(std::uint32_t journey) {
  const Instant due = wait_ends(context_of(journey));
  commit(record::Parked{journey, Decision::released});
  const Journey& j = state_.journeys[journey];
  const NodeIndex first = state_.plan_of(j).nodes.empty() ? model::end_node : NodeIndex{0};
  if (j.node == model::end_node) return walk(journey, first);
  walk_from(journey, j.node, due);  // it has come from elsewhere
}

// The policy has dropped the group that these wait in: nobody's end would give them a turn.
void Process::release_ungrouped() {
  std::vector<std::uint32_t> parked;
  for (std::uint32_t at = 0; at < state_.journeys.size(); ++at) {
    if (is_parked_in(at, no_name)) parked.push_back(at);
  }
  std::sort(parked.begin(), parked.end(),
            [this](std::uint32_t a, std::uint32_t b) { return state_.before(a, b); });
  for (const std::uint32_t journey : parked) {
    // What one sets off may have ended another.
    if (is_parked_in(journey, no_name)) release_parked(journey);
  }
}

// `running` receives the journey that `restart` replaces, `closes` the one that has ended and whose
// open goals make room.
std::optional<Reason> Process::reentry_refusal(const Admission& admission, std::uint32_t* running,
                                               std::uint32_t* closes) const {
  const CampaignPlan& plan = *state_.plans.versions[admission.version];
  std::uint32_t in_flight = 0;
  std::uint32_t open = 0;  // ended, with goals that may still be reached
  std::uint32_t oldest_open = no_place;
  std::uint32_t same = no_place;
  for (std::uint32_t at = state_.contacts[admission.who.place].journeys; at != no_place;
       at = state_.journeys[at].next) {
    const Journey& j = state_.journeys[at];
    if (j.is_strand() || at == admission.succeeds) continue;
    if (j.phase == Phase::open_goals) {
      if (open++ == 0) oldest_open = at;
      continue;
    }
    ++in_flight;
    if (state_.plan_of(j).family == plan.family && j.has_key == admission.has_key &&
        state_.key_of(j) == admission.key) {
      same = at;
    }
  }
  if (same != no_place) {
    if (admission.start != nullptr) return Reason::while_running;
    switch (plan.campaign.while_running) {
      case WhileRunning::ignore: return Reason::while_running;
      case WhileRunning::restart:
        *running = same;
        // Its goals may stay open. The oldest that are make room, its own where there are no
        // others.
        if (in_flight + open >= state_.limits.journeys_per_contact) {
          *closes = open == 0 ? same : oldest_open;
        }
        return std::nullopt;
      case WhileRunning::another: break;
    }
  }
  if (in_flight >= state_.limits.journeys_per_contact) return Reason::limit;
  const auto let_in = [&]() -> std::optional<Reason> {
    if (in_flight + open >= state_.limits.journeys_per_contact) {
      *closes = oldest_open;
    }
    return std::nullopt;
  };
  const Reentry& rule = plan.campaign.reentry;
  if (admission.start != nullptr || rule.kind == Reentry::Kind::always) return let_in();
  const LastRun* const last = state_.last_runs.find(
      admission.who.place, run_key(plan.family, admission.has_key, admission.key));
  if (last == nullptr) return let_in();
  if (rule.kind == Reentry::Kind::never) return Reason::never;
  const Instant since = rule.since_entry ? last->entered : last->ended;
  if (state_.now - since < rule.after_ms) return Reason::too_soon;
  return let_in();
}

void Process::refuse(const Admission& admission, Decision decision, Reason reason) {
  commit(record::Refused{admission.who.place, admission.version, decision, reason, admission.key});
}

}  // namespace itinera::engine
