// SPDX-License-Identifier: Apache-2.0
// What steps set off beyond their journey: a changed profile, an event, the start or the end of
// another campaign. It waits until the input at hand is done, first in, first out (S33).
#include <utility>

#include "engine/process.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

using record::Decision;
using record::Reason;

std::optional<NodeIndex> Process::set_off(std::uint32_t journey, const NodePlan& node,
                                          NodeIndex at) {
  const std::uint32_t contact = state_.journeys[journey].contact;
  Cascade cascade;
  cascade.kind = node.kind == StepKind::emit    ? Cascade::Kind::event
                 : node.kind == StepKind::start ? Cascade::Kind::start
                                                : Cascade::Kind::stop;
  cascade.contact = contact;
  cascade.depth = depth_ + 1;
  cascade.journey = state_.whole(journey);
  cascade.name = node.name;
  cascade.holdout = state_.journeys[cascade.journey].holdout;
  if (node.key != nullptr) {
    cascade.key = key_by(*node.key, contact, journey);
    if (!cascade.key) {
      commit(record::Skipped{journey, at, Decision::missing_key, Reason::none});
      return node.next;
    }
  }
  cascade.data = values_of(node, journey, at);
  commit(record::SetOff{journey, at});
  untold_bytes_ += cascade.data.size();
  cascades_.push_back(std::move(cascade));
  return node.next;
}

void Process::run_next_cascade() {
  const Cascade cascade = std::move(cascades_.front());
  cascades_.pop_front();
  untold_bytes_ -= cascade.data.size();
  depth_ = cascade.depth;
  taken_.clear();
  // Whoever waits for a turn gets it, however long the chain: none waits twice.
  const bool is_bounded = cascade.kind != Cascade::Kind::release;
  if (is_bounded && depth_ > state_.limits.chain_depth) {
    commit(record::Refused{
        cascade.contact, no_version, Decision::chain_limit, Reason::chain_limit, {}});
    depth_ = 0;
    return;
  }
  holdout_ = cascade.holdout;
  switch (cascade.kind) {
    case Cascade::Kind::profile: {
      changed(cascade.contact, cascade.name);
      Stimulus stimulus;
      stimulus.cascades = true;
      react(cascade.contact, stimulus);
      break;
    }
    case Cascade::Kind::event: tell_event(cascade); break;
    case Cascade::Kind::start: start_campaign(cascade); break;
    case Cascade::Kind::stop: stop_campaign(cascade); break;
    case Cascade::Kind::moved: settle_move(cascade); break;
    case Cascade::Kind::came:
    case Cascade::Kind::went: tell_change(cascade); break;
    case Cascade::Kind::release: release_next(cascade); break;
  }
  depth_ = 0;
  holdout_ = false;
}

// As an event of the host is taken, but for the journey that told of it.
void Process::tell_event(const Cascade& cascade) {
  const EventPlan* const plan = state_.plans.told_event(cascade.name);
  if (plan == nullptr) return;  // nothing loaded names it
  event_.clear();
  event_arena_.reset();
  caused_.clear();
  for (base::ByteView rest = cascade.data; !rest.empty();) {
    const PropertyItem property = take_property(rest);
    const NameId name = state_.plans.names.find(property.name);
    if (!plan->keeps(name)) continue;
    event_.push_back({name, property.name, expr::view_of_packed(property.value, event_arena_)});
    caused_.append_text(property.name);
    caused_.append(property.value);
  }
  commit(record::Caused{cascade.contact, state_.plans.names.text(cascade.name), caused_.view()});
  if (plan->remembered) commit(record::Remembered{cascade.contact});
  sort_out(cascade.contact, plan->segments);
  facts_.hears(event_);
  Stimulus stimulus;
  stimulus.kind = Stimulus::Kind::event;
  stimulus.event = cascade.name;
  react(cascade.contact, stimulus, cascade.journey);
  tell_account(cascade.contact, stimulus);
  if (!plan->entries.empty()) enter_by_event({cascade.contact, {}, 0}, *plan, cascade.journey);
  facts_.hears({});
  event_.clear();
}

// A campaign that no publication has named is none: a journal may hold what no check has seen.
void Process::start_campaign(const Cascade& cascade) {
  const Family* const family = state_.plans.family(cascade.name);
  if (family == nullptr) return;
  const bool enters = family->current != no_version;
  const CampaignPlan& plan = *state_.plans.versions[enters ? family->current : family->newest];
  if (!enters || !plan.host_entry) {  // it was withdrawn since, or lets nobody be started
    Admission admission;
    admission.who.place = cascade.contact;
    admission.version = plan.version;
    return refuse(admission, Decision::refused_entry, Reason::unknown);
  }
  commit(record::Caused{cascade.contact, {}, cascade.data});
  enter_by_host({cascade.contact, {}, 0}, plan, cascade.key, cascade.journey);
}

void Process::stop_campaign(const Cascade& cascade) {
  const Family* const family = state_.plans.family(cascade.name);
  if (family != nullptr) end_journeys(cascade.contact, *family, cascade.key);
}

}  // namespace itinera::engine
