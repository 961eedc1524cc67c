// SPDX-License-Identifier: Apache-2.0
// Tasks that go to somebody else, and journeys that another system began and this one goes on with.
#include <algorithm>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "engine/input_checks.hpp"
#include "engine/process.hpp"
#include "engine/tokens.hpp"

namespace itinera::engine {

using record::Counter;
using record::Decision;
using record::Reason;

namespace {

// The chapters, packed: the newest that have room; empty if none has.
base::Bytes packed_chapters(Value::List chapters, std::size_t room) {
  for (;;) {
    base::Bytes packed;
    if (chapters.empty()) return packed;
    base::pack(Value(chapters), packed);
    if (packed.size() <= room) return packed;
    chapters.erase(chapters.begin(),
                   chapters.begin() + static_cast<std::ptrdiff_t>((chapters.size() + 1) / 2));
  }
}

}  // namespace

// Where the journey, or a strand of it, still stands at the task that the action asked for.
std::uint32_t Process::asked_by(std::uint32_t action) const {
  const ActionState& asked = state_.actions[action];
  const Journey& whole = state_.journeys[asked.journey];
  const NodeIndex node = state_.node_of(action);
  if (node == model::end_node || state_.plan_of(whole).nodes[node].kind != StepKind::task) {
    return no_place;
  }
  for (std::uint32_t newer = whole.actions; newer != action; newer = state_.actions[newer].next) {
    if (state_.node_of(newer) == node) return no_place;
  }
  for (std::uint32_t at = asked.journey; at != no_place;
       at = state_.next_strand(at, asked.journey)) {
    const Journey& j = state_.journeys[at];
    if (j.phase == Phase::awaiting && j.node == node) return at;
  }
  return no_place;
}

void Process::take(const Reassign& reassign, const Taken& taken) {
  begin(record::ReassignInput{reassign.action.hash, message_key(reassign)}, taken);
  if (repeats(message_key(reassign))) return;
  const std::uint32_t action = state_.find_action(reassign.action.hash);
  const std::uint32_t journey = action == no_place ? no_place : asked_by(action);
  if (journey == no_place) {
    return commit(record::Counted{Counter::unmatched_receipt, no_place, model::end_node});
  }
  const NodeIndex at = state_.node_of(action);
  const bool ends = state_.plan_of(state_.journeys[journey]).nodes[at].within.has_value();
  const Instant due =
      reassign.within_ms && ends ? state_.after(*reassign.within_ms) : record::no_deadline;
  commit(record::Reassigned{journey, action, at, due, reassign.to, reassign.by, reassign.note});
}

void Process::take(const TakeOver& input, const Taken& taken) {
  const Result<HandOver> read = read_token(input.token, state_.limits);
  const HandOver& came = *read;
  const Who who = find(input.contact.empty() ? std::string_view(came.contact) : input.contact);
  const std::uint16_t version = version_for(state_.plans, came);
  const CampaignPlan& plan = *state_.plans.versions[version];
  properties_.clear();
  for (const MapEntry& property : came.entry) {
    const std::string& name = *property.key.get<std::string>();
    const NameId known = state_.plans.names.find(name);
    if (!std::binary_search(plan.entry_properties.begin(), plan.entry_properties.end(), known)) {
      continue;
    }
    properties_.append_text(name);
    base::pack(property.value, properties_);
  }
  record::TakeOverInput frame;
  frame.contact = who.place;
  frame.contact_id = who.id;
  frame.campaign = came.campaign;
  frame.has_key = came.has_key ? 1 : 0;
  frame.key = came.key;
  frame.message = message_key(input);
  frame.properties = properties_.view();
  begin(frame, taken);
  if (repeats(frame.message)) return;
  // A token that was refused may come once more; one that was taken over is a repeat.
  const bool has_id = frame.message.present();
  const record::MessageKey token = has_id ? record::MessageKey{} : token_key(input);
  if (!has_id && state_.knows(token.id)) return commit(record::Duplicate{});
  if (who.place != no_place) react(who.place, {});
  go_on_with(came, who, plan, token);
  settle();
}

// As an entry that was let in elsewhere.
void Process::go_on_with(const HandOver& came, const Who& who, const CampaignPlan& plan,
                         const record::MessageKey& token) {
  Admission admission;
  admission.who = who;
  admission.version = plan.version;
  admission.has_key = came.has_key;
  admission.key = came.key;
  const auto is_step = [&](const NodePlan& node) { return node.step->id == came.step; };
  const auto at = std::find_if(plan.nodes.begin(), plan.nodes.end(), is_step);
  if (at == plan.nodes.end() || plan.entries.empty()) {
    return refuse(admission, Decision::refused_entry, Reason::unknown_step);
  }
  admission.succeeds = open_run(came, who, plan.family);
  const Start start{static_cast<NodeIndex>(at - plan.nodes.begin()), &came, token};
  admission.start = &start;
  holdout_ = came.holdout;
  admit(admission);
  holdout_ = false;
}

// A run of the same journey that has ended here, with goals that are still open: those go on in the
// new one, and what is reported of its actions is told to that. no_place: there is none.
std::uint32_t Process::open_run(const HandOver& came, const Who& who, std::uint16_t family) const {
  if (who.place == no_place) return no_place;
  for (std::uint32_t at = state_.contacts[who.place].journeys; at != no_place;
       at = state_.journeys[at].next) {
    const Journey& j = state_.journeys[at];
    const bool same = !j.is_strand() && j.has_key == came.has_key && state_.key_of(j) == came.key &&
                      state_.plan_of(j).family == family;
    if (same && j.phase == Phase::open_goals && j.entered == came.entered) return at;
  }
  return no_place;
}

// What it had there: that stays in the room for variables. `parks`: it must wait for its turn, and
// then still know when its wait is over.
void Process::unpack_journey(std::uint32_t journey, const Start& start, bool parks) {
  const HandOver& came = *start.came;
  const CampaignPlan& plan = state_.plan_of(state_.journeys[journey]);
  base::Bytes visits;
  base::Writer out(visits);
  for (const HandOver::Visit& visit : came.visits) {
    const auto is_it = [&](const NodePlan& n) { return n.on_cycle && n.step->id == visit.step; };
    const auto node = std::find_if(plan.nodes.begin(), plan.nodes.end(), is_it);
    if (node == plan.nodes.end() || visit.visits == 0) continue;
    out.number(static_cast<NodeIndex>(node - plan.nodes.begin()));
    out.number(visit.visits);
    out.number(visit.last_due.ms);
  }
  const base::Bytes before = packed_chapters(came.chapters, state_.limits.variables_bytes / 2);
  std::uint32_t goals = 0;
  for (std::size_t i = 0; i < plan.goals.size(); ++i) {
    const std::string& name = plan.campaign.goals[i].name;
    const bool reached = std::find(came.goals.begin(), came.goals.end(), name) != came.goals.end();
    goals |= std::uint32_t{reached} << i;
  }
  commit(record::TakenOver{journey, start.node, std::min(came.entered, state_.now), goals, visits,
                           before, parks ? came.due : record::no_deadline, start.token});
  for (const MapEntry& variable : came.variables) {
    const std::string& name = *variable.key.get<std::string>();
    if (state_.plans.names.find(name) == no_name) continue;  // nothing here can ask for it
    base::Bytes value;
    base::pack(variable.value, value);
    if (state_.has_room(journey, value)) {
      commit(record::VariableSet{journey, name, value});
    } else {
      commit(record::Counted{Counter::missing_datum, journey, start.node});
    }
  }
}

// A wait for a length of time ends when it would have ended there, `due`; any other step begins
// anew. Like any wait it goes on while its campaign is paused.
void Process::walk_from(std::uint32_t journey, NodeIndex at, Instant due) {
  const NodePlan& node = state_.plan_of(state_.journeys[journey]).nodes[at];
  if (node.kind != StepKind::wait || due == record::no_deadline) return walk(journey, at);
  if (node.on_cycle) commit(record::Visited{journey, at});
  if (due <= state_.now) return walk(journey, node.next);
  commit(record::Waited{journey, at, Reason::none, 0, due});
}

}  // namespace itinera::engine
