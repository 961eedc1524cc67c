// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/model_codec.hpp"
#include "plan/plan_compiler.hpp"

namespace itinera::engine {
namespace {

void insert_sorted(std::vector<NameId>& names, NameId name) {
  const auto at = std::lower_bound(names.begin(), names.end(), name);
  if (at == names.end() || *at != name) names.insert(at, name);
}

EventPlan& event_plan(Plans& plans, NameId name) {
  if (plans.event_of_name.size() <= name) plans.event_of_name.resize(name + 1, no_name);
  std::uint32_t& place = plans.event_of_name[name];
  if (place == no_name) {
    place = static_cast<std::uint32_t>(plans.events.size());
    plans.events.emplace_back();
  }
  return plans.events[place];
}

// S0: priority first, then the name. Versions alike in both share a rank.
void rank_versions(Plans& plans) {
  std::vector<CampaignPlan*> order;
  for (const auto& plan : plans.versions) order.push_back(plan.get());
  std::sort(order.begin(), order.end(), [](const CampaignPlan* a, const CampaignPlan* b) {
    if (a->campaign.priority != b->campaign.priority) {
      return a->campaign.priority > b->campaign.priority;
    }
    return a->campaign.name < b->campaign.name;
  });
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool differs = i > 0 && (order[i]->campaign.name != order[i - 1]->campaign.name ||
                                   order[i]->campaign.priority != order[i - 1]->campaign.priority);
    if (differs) ++rank;
    order[i]->rank = rank;
  }
}

// Into S0's order.
void sort_by_rank(const Plans& plans, std::vector<EntryRef>& refs) {
  std::stable_sort(refs.begin(), refs.end(), [&](const EntryRef& a, const EntryRef& b) {
    return plans.versions[a.version]->rank < plans.versions[b.version]->rank;
  });
}

// Properties of the event that `condition` asks for, as `event.x`.
void keep_slots(EventPlan& event, const Condition* condition) {
  if (condition == nullptr) return;
  for (const Binding& binding : condition->slots) {
    if (binding.source == Binding::Source::event)
      insert_sorted(event.kept_properties, binding.name);
  }
}

void keep_for_trigger(Plans& plans, const TriggerPlan& trigger, const Condition* value = nullptr) {
  if (trigger.kind != Trigger::Kind::event) return;
  EventPlan& event = event_plan(plans, trigger.event);
  keep_slots(event, trigger.when);
  keep_slots(event, value);
  if (trigger.as != no_name) event.all_kept = true;
}

void want_attribute(Plans& plans, NameId name) {
  if (plans.wanted_attributes.size() <= name) {
    plans.wanted_attributes.resize(std::size_t{name} + 1);
  }
  plans.wanted_attributes[name] = true;
}

void want_attributes(Plans& plans, const Condition& condition) {
  for (const HistoryBinding& history : condition.history) {
    if (history.attribute != no_name) want_attribute(plans, history.attribute);
  }
  for (const Binding& binding : condition.slots) {
    if (binding.source == Binding::Source::attribute) want_attribute(plans, binding.name);
  }
}

void keep_for_campaign(Plans& plans, const CampaignPlan& plan) {
  for (const EntryPlan& entry : plan.entries) {
    if (entry.kind != Entry::Kind::event) continue;
    EventPlan& event = event_plan(plans, entry.event);
    keep_slots(event, entry.when);
    keep_slots(event, entry.key);
    for (const NameId name : plan.entry_properties) insert_sorted(event.kept_properties, name);
  }
  for (const GoalPlan& goal : plan.goals) {
    if (goal.trigger) keep_for_trigger(plans, *goal.trigger, goal.value);
  }
  for (const TriggerPlan& trigger : plan.exits) keep_for_trigger(plans, trigger);
  for (const NodePlan& node : plan.nodes) {
    for (const TriggerPlan& trigger : node.cases) keep_for_trigger(plans, trigger);
    if (node.reset) keep_for_trigger(plans, *node.reset);
  }
  for (const auto& condition : plan.conditions) want_attributes(plans, *condition);
}

void keep_for_history(Plans& plans) {
  for (const HistoryNeed& need : plans.needs) {
    EventPlan& event = event_plan(plans, need.event);
    event.remembered = true;
    event.is_trace = plans.names.text(need.event).starts_with(trace_mark);
    event.all_remembered = event.all_remembered || need.all_properties;
    event.all_kept = event.all_kept || need.all_properties;
    for (const NameId name : need.properties) {
      insert_sorted(event.remembered_properties, name);
      insert_sorted(event.kept_properties, name);
    }
    event.newest_only = event.newest_only && need.newest_only;
    if (!need.window_ms) {
      event.window_ms.reset();
    } else if (event.window_ms) {
      event.window_ms = std::max(*event.window_ms, *need.window_ms);
    }
  }
}

// What the segments listen to, who listens to them, and who enters by them.
class Listeners {
 public:
  explicit Listeners(Plans& plans) : plans_(plans) {}

  void rebuild() {
    plans_.heard_segments.clear();
    plans_.heard_in_time.clear();
    plans_.segments_of_attribute.clear();
    plans_.dates.clear();
    plans_.schedules.clear();
    plans_.has_moments = false;
    plans_.hears_account = false;
    for (SegmentPlan& segment : plans_.segments) {
      segment.heard = false;
      segment.enters.clear();
      segment.leaves.clear();
    }
    for (const auto& plan : plans_.versions) listen(*plan);
    for (const Family& family : plans_.families) {
      if (family.current != no_version) let_in(*plans_.versions[family.current]);
    }
    for (SegmentPlan& segment : plans_.segments) {
      sort_by_rank(plans_, segment.enters);
      sort_by_rank(plans_, segment.leaves);
    }
    sort_by_rank(plans_, plans_.dates);
    sort_by_rank(plans_, plans_.schedules);
    for (std::size_t i = 0; i < plans_.segments.size(); ++i) {
      depend(static_cast<std::uint16_t>(i));
    }
    plans_.has_moments =
        plans_.has_moments || !plans_.heard_in_time.empty() || !plans_.dates.empty();
  }

 private:
  void hear(NameId segment) {
    for (SegmentPlan& each : plans_.segments) each.heard = each.heard || each.id == segment;
  }

  void listen(const CampaignPlan& plan) {
    for_each_trigger(plan, [&](const TriggerPlan& trigger) {
      if (trigger.kind == Trigger::Kind::segment) hear(trigger.segment);
    });
    plans_.has_moments = plans_.has_moments || plan.has_moments;
    plans_.hears_account = plans_.hears_account || plan.hears_account;
  }

  void let_in(const CampaignPlan& plan) {
    for (std::size_t i = 0; i < plan.entries.size(); ++i) {
      const EntryPlan& entry = plan.entries[i];
      const EntryRef ref{plan.version, static_cast<std::uint8_t>(i)};
      if (entry.kind == Entry::Kind::date) plans_.dates.push_back(ref);
      if (entry.kind == Entry::Kind::schedule) plans_.schedules.push_back(ref);
      if (entry.segment == no_name) continue;
      hear(entry.segment);
      if (entry.kind != Entry::Kind::segment) continue;
      for (SegmentPlan& segment : plans_.segments) {
        if (segment.id != entry.segment) continue;
        const bool leaves = entry.entry->change == Entry::Change::leaves;
        (leaves ? segment.leaves : segment.enters).push_back(ref);
      }
    }
  }

  // Notes all that can change the segment, through the segments that it asks for.
  void depend(std::uint16_t number) {
    seen_.clear();
    events_.clear();
    attributes_.clear();
    bool in_time = false;
    base::StableHash meaning;
    gather(plans_.segments[number], in_time, meaning);
    SegmentPlan& segment = plans_.segments[number];
    segment.meaning = meaning.finish();
    if (!segment.heard) return;
    plans_.heard_segments.push_back(number);
    if (in_time) plans_.heard_in_time.push_back(number);
    for (const NameId event : events_) event_plan(plans_, event).segments.push_back(number);
    for (const NameId attribute : attributes_) {
      if (plans_.segments_of_attribute.size() <= attribute) {
        plans_.segments_of_attribute.resize(std::size_t{attribute} + 1);
      }
      plans_.segments_of_attribute[attribute].push_back(number);
    }
  }

  // Who is reached on a channel changes with what its address is.
  void depend_on_address(NameId channel, base::StableHash& meaning) {
    for (const Channel& each : plans_.workspace.channels) {
      if (each.name == plans_.names.text(channel)) meaning.text(each.name).text(each.address.text);
    }
    for (const ChannelPlan& each : plans_.channels) {
      if (each.address == nullptr || each.name != plans_.names.text(channel)) continue;
      for (const Binding& binding : each.address->slots) {
        if (binding.source == Binding::Source::attribute) insert_sorted(attributes_, binding.name);
      }
    }
  }

  void gather(const SegmentPlan& segment, bool& in_time, base::StableHash& meaning) {
    if (segment.condition == nullptr) return;
    const auto source =
        std::find_if(plans_.workspace.segments.begin(), plans_.workspace.segments.end(),
                     [&](const Segment& each) { return each.name == segment.name; });
    meaning.text(segment.name).text(source->condition.text);
    in_time = in_time || segment.condition->program.reads_time();
    for (const HistoryBinding& history : segment.condition->history) {
      insert_sorted(events_, history.event);
      if (history.attribute != no_name) insert_sorted(attributes_, history.attribute);
    }
    for (const Binding& binding : segment.condition->slots) {
      if (binding.source == Binding::Source::attribute) insert_sorted(attributes_, binding.name);
      if (binding.source == Binding::Source::consent) {
        insert_sorted(attributes_, plans_.consents_name);
      }
      if (binding.source == Binding::Source::address) depend_on_address(binding.name, meaning);
      if (binding.source != Binding::Source::segment) continue;
      const SegmentPlan* const asked = plans_.segment(binding.name);
      if (asked == nullptr || std::binary_search(seen_.begin(), seen_.end(), asked->id)) continue;
      insert_sorted(seen_, asked->id);
      gather(*asked, in_time, meaning);
    }
  }

  Plans& plans_;
  std::vector<NameId> seen_;
  std::vector<NameId> events_;
  std::vector<NameId> attributes_;
};

// What the choice of a channel asks for.
void want_for_sends(Plans& plans, const CampaignPlan& plan) {
  for (const NodePlan& node : plan.nodes) {
    const auto* const send = std::get_if<Send>(&node.step->kind);
    if (send == nullptr) continue;
    if (send->prefer == Send::Prefer::preference) want_attribute(plans, plans.preferred_name);
    if (send->prefer == Send::Prefer::device) want_attribute(plans, plans.device_name);
  }
}

// What each event type leads to, from all versions: journeys may be in flight on any of them.
void rebuild_events(Plans& plans) {
  plans.events.clear();
  plans.event_of_name.clear();
  plans.wanted_attributes.clear();
  plans.wanted_attributes.resize(plans.zone_name + 1);
  plans.wanted_attributes[plans.zone_name] = true;
  for (const auto& plan : plans.versions) keep_for_campaign(plans, *plan);
  for (const auto& condition : plans.channel_conditions) want_attributes(plans, *condition);
  for (const auto& condition : plans.segment_conditions) want_attributes(plans, *condition);
  for (const auto& plan : plans.versions) want_for_sends(plans, *plan);
  for (const std::string& attribute : plans.workspace.retain.attributes) {
    want_attribute(plans, plans.names.add(attribute));
  }
  keep_for_history(plans);
  for (const Family& family : plans.families) {
    if (family.current == no_version) continue;
    const CampaignPlan& plan = *plans.versions[family.current];
    for (std::size_t i = 0; i < plan.entries.size(); ++i) {
      if (plan.entries[i].kind != Entry::Kind::event) continue;
      EventPlan& event = event_plan(plans, plan.entries[i].event);
      event.entries.push_back({plan.version, static_cast<std::uint8_t>(i)});
      event.all_kept = event.all_kept || family.gathers;
    }
  }
  for (EventPlan& event : plans.events) sort_by_rank(plans, event.entries);
}

Family& family_of(Plans& plans, const std::string& name) {
  const auto at = std::find_if(plans.families.begin(), plans.families.end(),
                               [&](const Family& family) { return family.name == name; });
  if (at != plans.families.end()) return *at;
  const NameId id = plans.names.add(name);
  if (plans.family_of_name.size() <= id) plans.family_of_name.resize(id + 1, no_version);
  plans.family_of_name[id] = static_cast<std::uint16_t>(plans.families.size());
  return plans.families.emplace_back(Family{name, no_version, no_version, false});
}

// The beginning that the ids of all journeys of a campaign share.
base::Bytes id_head(const Workspace& workspace, const Campaign& campaign) {
  base::StableHash begun;
  begun.text(workspace.name).text(campaign.name);
  return {begun.given().begin(), begun.given().end()};
}

// A recurrence without `from` counts from the publication that brought it: a version that has the
// same as the one before keeps that day. `published`: how many versions there were before.
void keep_days(const Plans& plans, std::size_t published, CampaignPlan& plan) {
  const CampaignPlan* before = nullptr;  // of those the newest by its number
  for (std::size_t i = 0; i < published; ++i) {
    const CampaignPlan& each = *plans.versions[i];
    const bool newer = before == nullptr || before->campaign.version < each.campaign.version;
    if (each.campaign.name == plan.campaign.name && newer) before = &each;
  }
  if (before == nullptr) return;
  for (EntryPlan& entry : plan.entries) {
    for (const EntryPlan& old : before->entries) {
      const bool counts = entry.kind == Entry::Kind::schedule && !entry.from && !old.from;
      const bool same = old.kind == entry.kind && old.entry->schedule == entry.entry->schedule;
      if (counts && same) entry.since = old.since;
    }
  }
}

using Versions = std::vector<std::unique_ptr<CampaignPlan>>;

std::uint16_t version_in(const Versions& versions, const Campaign& campaign) {
  for (const auto& plan : versions) {
    if (plan->campaign.name == campaign.name && plan->campaign.version == campaign.version) {
      return plan->version;
    }
  }
  return no_version;
}

// The new ones, behind those there are.
void add_versions(Plans& plans, Versions made) {
  const std::size_t published = plans.versions.size();
  for (auto& plan : made) {
    plan->content = model::hash_of(plan->campaign);
    plan->id_head = id_head(plans.workspace, plan->campaign);
    keep_days(plans, published, *plan);
    Family& family = family_of(plans, plan->campaign.name);
    plan->family = static_cast<std::uint16_t>(&family - plans.families.data());
    family.newest = plan->version;
    family.gathers = family.gathers || plan->gathers;
    plans.versions.push_back(std::move(plan));
  }
}

void note_publication(Plans& plans, const Workspace& workspace, const std::vector<Campaign>& fresh,
                      Instant at, const std::vector<std::uint16_t>& versions) {
  Publication publication{at, {}, {}, versions};
  model::encode(workspace, {}, publication.workspace);
  const auto same = [&](const Publication& each) {
    return each.versions == versions && each.workspace == publication.workspace;
  };
  std::vector<Publication>& all = plans.publications;
  auto known = std::find_if(all.begin(), all.end(), same);
  if (known == all.end()) {
    model::encode({}, fresh, publication.campaigns);
    known = all.insert(all.end(), std::move(publication));
  }
  plans.newest_publication = static_cast<std::uint32_t>(known - all.begin());
}

}  // namespace

std::string name_of(Trace trace, std::string_view of) {
  std::string name(1, trace_mark);
  name += trace == Trace::engaged ? "engaged" : "changed";
  name += trace_mark;
  return name.append(of);
}

bool has_numbers_for(const Plans& plans, const Workspace& workspace) {
  const auto fits = [](const auto& numbered, const auto& named, auto name_of_numbered) {
    if (numbered.size() + named.size() < no_version) return true;
    std::set<std::string_view> names;
    for (const auto& each : numbered) names.insert(name_of_numbered(each));
    for (const auto& each : named) names.insert(each.name);
    return names.size() < no_version;
  };
  return fits(plans.segments, workspace.segments,
              [](const SegmentPlan& each) { return std::string_view(each.name); }) &&
         fits(plans.senders, workspace.senders,
              [](const SenderPlan& each) { return std::string_view(each.rules.name); });
}

Error too_many_names() {
  return {ErrorCode::limit_reached,
          fmt::format("the workspaces of all publications have {} segments or senders together",
                      no_version)};
}

std::uint16_t find_version(const Plans& plans, const Campaign& campaign) {
  return version_in(plans.versions, campaign);
}

Result<void> install(Plans& plans, const Workspace& workspace, std::vector<Campaign> campaigns,
                     Instant at, const ZoneTable& zones, const Limits& limits) {
  // All of it compiles, or nothing is changed: journeys go on by what counted before.
  PlanCompiler compiler(plans, at, zones, limits);
  if (Result<void> done = compiler.workspace(workspace); !done) return done;
  std::vector<std::uint16_t> current;
  std::vector<Campaign> fresh;
  Versions made;
  for (Campaign& campaign : campaigns) {
    std::uint16_t version = find_version(plans, campaign);
    if (version == no_version) version = version_in(made, campaign);
    if (version == no_version) {
      fresh.push_back(campaign);
      Result<std::unique_ptr<CampaignPlan>> plan = compiler.campaign(std::move(campaign));
      if (!plan) return plan.error();
      version = static_cast<std::uint16_t>(plans.versions.size() + made.size());
      (*plan)->version = version;
      made.push_back(std::move(*plan));
    }
    current.push_back(version);
  }
  compiler.keep(workspace);
  add_versions(plans, std::move(made));
  plans.published = true;
  note_publication(plans, workspace, fresh, at, current);
  for (Family& family : plans.families) family.current = no_version;
  for (const std::uint16_t version : current) {
    Family& family = plans.families[plans.versions[version]->family];
    // Of several versions in one publication the highest takes entries.
    if (family.current == no_version || plans.versions[family.current]->campaign.version <
                                            plans.versions[version]->campaign.version) {
      family.current = version;
    }
  }
  // Journeys on older versions that end from now on count for the newest one's `reentry`.
  for (const auto& plan : plans.versions) {
    const std::uint16_t newest = plans.families[plan->family].current;
    if (newest != no_version && plans.versions[newest]->keeps_ended) plan->keeps_ended = true;
  }
  rank_versions(plans);
  rebuild_events(plans);
  Listeners(plans).rebuild();
  lay_down_policy(plans, zones);
  return {};
}

}  // namespace itinera::engine
