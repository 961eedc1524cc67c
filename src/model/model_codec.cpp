// SPDX-License-Identifier: Apache-2.0
// Each type of the model lists its fields once, in fields(), for both directions: Encoder appends
// them, Decoder fills them in. The order of the lines is the layout (docs/durability.md). A field
// that a later version brought stands behind `if (archive.has(version))`: what was published before
// stays readable.
#include "model/model_codec.hpp"

#include <fmt/format.h>

#include "base/stable_hash.hpp"
#include "model/archive.hpp"

namespace itinera::model {
namespace {

void fields(auto& archive, Of<Expression> auto& expression) { archive.field(expression.text); }

void fields(auto& archive, Of<Period> auto& period) {
  archive.field(period.months);
  archive.field(period.days);
  archive.field(period.ms);
}

void fields(auto& archive, Of<Weekdays> auto& days) {
  archive.field(days.bits);
  if (days.bits > 0x7F) archive.fail();
}

void fields(auto& archive, Of<Window> auto& window) {
  archive.field(window.from_ms);
  archive.field(window.to_ms);
  fields(archive, window.days);
}

void fields(auto& archive, Of<Datum> auto& datum) {
  archive.field(datum.name);
  archive.field(datum.literal);
  fields(archive, datum.expression);
}

void data(auto& archive, auto& list) {
  archive.list(list, [&](auto& datum) { fields(archive, datum); });
}

void fields(auto& archive, Of<Trigger> auto& trigger) {
  archive.choice(trigger.kind, Trigger::Kind::segment);
  switch (trigger.kind) {
    case Trigger::Kind::event:
      archive.field(trigger.event);
      if (archive.has(3)) archive.field(trigger.account);
      break;
    case Trigger::Kind::receipt:
      archive.choice(trigger.receipt, Receipt::declared);
      if (trigger.receipt == Receipt::declared) archive.field(trigger.declared);
      archive.field(trigger.step);
      if (archive.has(3)) archive.field(trigger.account);
      break;
    case Trigger::Kind::condition: fields(archive, trigger.condition); break;
    case Trigger::Kind::segment:
      archive.field(trigger.segment);
      archive.field(trigger.leaves);
      break;
  }
}

void steps(auto& archive, auto& list);

void names(auto& archive, auto& list) {
  archive.list(list, [&](auto& name) { archive.field(name); });
}

void fields(auto& archive, Of<Way> auto& way) {
  archive.choice(way.kind, Way::Kind::go_to);
  archive.field(way.step);
}

void fields(auto& archive, Of<Retry> auto& retry) {
  archive.field(retry.times);
  archive.field(retry.after_ms);
}

void fields(auto& archive, Of<Send> auto& send) {
  archive.field(send.channel);
  archive.field(send.template_name);
  data(archive, send.data);
  if (archive.has(2)) archive.optional(send.at_ms, [&](auto& at_ms) { archive.field(at_ms); });
  if (!archive.has(3)) return;
  archive.field(send.topic);
  archive.choice(send.message_class, MessageClass::transactional);
  archive.choice(send.on_cap, Send::OnCap::exit);
  archive.optional(send.expires_ms, [&](auto& ms) { archive.field(ms); });
  archive.choice(send.while_held, Send::WhileHeld::aside);
  for (auto* way : {&send.on_skip, &send.on_expire, &send.on_fail}) fields(archive, *way);
  archive.optional(send.confirm_within_ms, [&](auto& ms) { archive.field(ms); });
  names(archive, send.senders);
  archive.field(send.operation);
  names(archive, send.alternatives);
  archive.choice(send.prefer, Send::Prefer::cost);
  archive.optional(send.escalate, [&](auto& escalate) {
    archive.field(escalate.after_ms);
    archive.choice(escalate.unless, Receipt::declared);
    if (escalate.unless == Receipt::declared) archive.field(escalate.declared);
  });
  fields(archive, send.retry);
}

void fields(auto& archive, Of<Wait::For> auto& form) { fields(archive, form.period); }
void fields(auto& archive, Of<Wait::Until> auto& form) {
  fields(archive, form.instant);
  if (archive.has(2)) archive.field(form.follow);
}
void fields(auto& archive, Of<Wait::TimeOfDay> auto& form) {
  archive.field(form.ms_of_day);
  fields(archive, form.days);
}
void fields(auto& archive, Of<Wait::Inside> auto& form) { fields(archive, form.window); }
void fields(auto& archive, Of<Wait::BusinessDays> auto& form) {
  archive.field(form.count);
  fields(archive, form.days);
}
void fields(auto& archive, Of<Wait::Recurrence> auto& form) {
  archive.field(form.rule);
  archive.field(form.from);
}

void fields(auto& archive, Of<Wait> auto& wait) {
  archive.alternative(wait.form, [&](auto& form) { fields(archive, form); });
  fields(archive, wait.offset);
  archive.field(wait.zone);
  archive.optional(wait.at_ms, [&](auto& at_ms) { archive.field(at_ms); });
  archive.choice(wait.if_past, Wait::IfPast::exit);
  archive.choice(wait.on_missing, Wait::OnMissing::skip);
  archive.choice(wait.anchor, Wait::Anchor::entry);
}

void fields(auto& archive, Of<WaitFor> auto& wait) {
  archive.list(wait.cases, [&](auto& wait_case) {
    fields(archive, wait_case.trigger);
    fields(archive, wait_case.when);
    archive.field(wait_case.as);
    steps(archive, wait_case.steps);
  });
  archive.optional(wait.within_ms, [&](auto& within_ms) { archive.field(within_ms); });
  archive.choice(wait.since, WaitFor::Since::duration);
  archive.field(wait.since_ms);
  if (archive.has(2)) {
    archive.optional(wait.reset_on, [&](auto& trigger) { fields(archive, trigger); });
    fields(archive, wait.reset_when);
  }
  steps(archive, wait.then);
  steps(archive, wait.otherwise);
}

void fields(auto& archive, Of<Branch> auto& branch) {
  archive.list(branch.cases, [&](auto& branch_case) {
    fields(archive, branch_case.when);
    steps(archive, branch_case.steps);
  });
  steps(archive, branch.otherwise);
}

void fields(auto& archive, Of<Split> auto& split) {
  archive.list(split.variants, [&](auto& variant) {
    archive.field(variant.name);
    archive.field(variant.weight);
    steps(archive, variant.steps);
  });
  archive.field(split.seed);
  if (!archive.has(3)) return;
  archive.choice(split.hash, Split::Hash::growthbook_v1);
  archive.field(split.coverage);
  archive.optional(split.space, [&](auto& space) {
    archive.field(space.id);
    archive.field(space.from);
    archive.field(space.to);
  });
}

void fields(auto& archive, Of<Set> auto& set) { data(archive, set.values); }
void fields(auto& archive, Of<ReachGoal> auto& goal) {
  archive.field(goal.goal);
  fields(archive, goal.value);
}
void fields(auto& archive, Of<Goto> auto& jump) { archive.field(jump.step); }
void fields(auto& archive, Of<Exit> auto& exit) { archive.field(exit.reason); }
void fields(auto& archive, Of<ChangeAudience> auto& audience) {
  archive.choice(audience.change, ChangeAudience::Change::remove);
  archive.field(audience.list);
}
void fields(auto& archive, Of<EmitEvent> auto& emit) {
  archive.field(emit.event);
  data(archive, emit.data);
}
void fields(auto& archive, Of<StartCampaign> auto& start) {
  archive.field(start.campaign);
  fields(archive, start.key);
  data(archive, start.data);
}
void fields(auto& archive, Of<StopCampaign> auto& stop) {
  archive.field(stop.campaign);
  fields(archive, stop.key);
}

void fields(auto& archive, Of<Answer> auto& answer) {
  archive.optional(answer.within_ms, [&](auto& within_ms) { archive.field(within_ms); });
  archive.field(answer.as);
  steps(archive, answer.then);
  steps(archive, answer.otherwise);
}
void fields(auto& archive, Of<Call> auto& call) {
  archive.field(call.name);
  data(archive, call.data);
  fields(archive, call.answer);
  fields(archive, call.retry);
}
void fields(auto& archive, Of<Task> auto& task) {
  archive.field(task.ask);
  archive.field(task.team);
  data(archive, task.data);
  fields(archive, task.answer);
}

void fields(auto& archive, Of<ChangeConsent> auto& consent) {
  archive.field(consent.channel);
  archive.field(consent.topic);
  archive.choice(consent.state, ChangeConsent::State::denied);
  archive.field(consent.source);
}

void fields(auto& archive, Of<Parallel> auto& parallel) {
  archive.choice(parallel.join, Parallel::Join::any);
  archive.list(parallel.strands, [&](auto& strand) { steps(archive, strand.steps); });
}

void fields(auto& archive, Of<Digest> auto& digest) {
  archive.field(digest.window_ms);
  archive.field(digest.sliding);
  fields(archive, digest.key);
  archive.field(digest.max);
  archive.field(digest.as);
}

void fields(auto& archive, Of<Step> auto& step) {
  archive.field(step.id);
  archive.field(step.named);
  fields(archive, step.when);
  archive.field(step.note);
  archive.optional(step.max_visits, [&](auto& max_visits) { archive.field(max_visits); });
  archive.alternative(step.kind, [&](auto& kind) { fields(archive, kind); });
}

void steps(auto& archive, auto& list) {
  if (archive.enter()) archive.list(list, [&](auto& step) { fields(archive, step); });
  archive.leave();
}

void fields(auto& archive, Of<Entry> auto& entry) {
  archive.choice(entry.kind, Entry::Kind::schedule);
  archive.field(entry.event);
  fields(archive, entry.when);
  fields(archive, entry.key);
  if (!archive.has(2)) return;
  archive.field(entry.segment);
  archive.choice(entry.change, Entry::Change::leaves);
  archive.choice(entry.existing, Entry::Existing::enter);
  archive.optional(entry.ramp, [&](auto& ramp) {
    archive.field(ramp.per_ms);
    archive.field(ramp.max);
  });
  fields(archive, entry.date);
  archive.field(entry.yearly);
  fields(archive, entry.offset);
  archive.field(entry.schedule);
  archive.field(entry.from);
  archive.optional(entry.at_ms, [&](auto& at_ms) { archive.field(at_ms); });
  archive.field(entry.zone);
}

void fields(auto& archive, Of<Goal> auto& goal) {
  archive.field(goal.name);
  archive.optional(goal.trigger, [&](auto& trigger) { fields(archive, trigger); });
  fields(archive, goal.when);
  fields(archive, goal.value);
  archive.optional(goal.within_ms, [&](auto& within_ms) { archive.field(within_ms); });
  archive.field(goal.exits);
}

void fields(auto& archive, Of<MessageFilter> auto& filter) {
  names(archive, filter.channels);
  names(archive, filter.topics);
  names(archive, filter.campaigns);
}

void fields(auto& archive, Of<Holdout> auto& holdout) {
  archive.field(holdout.share);
  archive.field(holdout.seed);
}

void fields(auto& archive, Of<Policy> auto& policy) {
  archive.list(policy.quiet_hours, [&](auto& quiet) {
    fields(archive, quiet.window);
    fields(archive, quiet.about);
    archive.field(quiet.holidays);
    archive.field(quiet.zone);
  });
  archive.list(policy.caps, [&](auto& cap) {
    archive.field(cap.max);
    archive.choice(cap.per, FrequencyCap::Per::month);
    archive.field(cap.per_ms);
    fields(archive, cap.about);
    archive.field(cap.transactional);
    archive.field(cap.account);
  });
  fields(archive, policy.holdout);
  archive.list(policy.exclusive, [&](auto& group) {
    archive.field(group.name);
    archive.choice(group.meeting, ExclusiveGroup::Meeting::refuse);
  });
}

void fields(auto& archive, Of<Sender> auto& sender) {
  archive.field(sender.name);
  archive.field(sender.channel);
  archive.list(sender.quotas, [&](auto& quota) {
    archive.field(quota.operation);
    archive.field(quota.max);
  });
  archive.optional(sender.hours, [&](auto& hours) { fields(archive, hours); });
  archive.field(sender.zone);
  archive.field(sender.rate);
  archive.field(sender.rate_per_ms);
  archive.list(sender.warm_up, [&](auto& max) { archive.field(max); });
  archive.field(sender.pace_from_ms);
  archive.field(sender.pace_to_ms);
}

void fields(auto& archive, Of<Campaign> auto& campaign) {
  archive.field(campaign.name);
  archive.field(campaign.version);
  archive.field(campaign.topic);
  archive.field(campaign.priority);
  archive.field(campaign.zone);
  archive.field(campaign.note);
  archive.list(campaign.entries, [&](auto& entry) { fields(archive, entry); });
  archive.choice(campaign.reentry.kind, Reentry::Kind::after);
  archive.field(campaign.reentry.after_ms);
  archive.field(campaign.reentry.since_entry);
  archive.choice(campaign.while_running, WhileRunning::another);
  if (archive.has(2)) {
    archive.optional(campaign.entry_cap.total, [&](auto& total) { archive.field(total); });
    archive.optional(campaign.entry_cap.day, [&](auto& day) { archive.field(day); });
  }
  if (archive.has(3)) {
    fields(archive, campaign.holdout);
    archive.field(campaign.exclusive);
    archive.optional(campaign.brake, [&](auto& brake) {
      archive.field(brake.failed);
      archive.field(brake.of);
    });
  }
  archive.list(campaign.goals, [&](auto& goal) { fields(archive, goal); });
  archive.list(campaign.exits, [&](auto& exit) {
    fields(archive, exit.trigger);
    fields(archive, exit.when);
  });
  steps(archive, campaign.steps);
}

void schema_fields(auto& archive, auto& list) {
  archive.list(list, [&](auto& field) {
    archive.field(field.name);
    archive.choice(field.type.kind, FieldType::Kind::dyn);
    archive.choice(field.type.element, FieldType::Kind::dyn);
    archive.field(field.may_be_absent);
  });
}

void fields(auto& archive, Of<Schema> auto& schema) {
  archive.optional(schema.attributes, [&](auto& list) { schema_fields(archive, list); });
  archive.list(schema.events, [&](auto& event) {
    archive.field(event.name);
    schema_fields(archive, event.properties);
  });
}

void fields(auto& archive, Of<Retain> auto& retain) {
  archive.list(retain.events, [&](auto& event) {
    archive.field(event.name);
    archive.field(event.window_ms);
  });
  names(archive, retain.attributes);
}

void fields(auto& archive, Of<Workspace> auto& workspace) {
  archive.field(workspace.name);
  archive.field(workspace.zone);
  archive.list(workspace.channels, [&](auto& channel) {
    archive.field(channel.name);
    fields(archive, channel.address);
    if (archive.has(2)) {
      names(archive, channel.receipts);
    }
    if (!archive.has(3)) return;
    archive.choice(channel.consent, Channel::ConsentRule::opt_out);
    archive.field(channel.cost);
    names(archive, channel.devices);
    archive.choice(channel.delivery, Channel::Delivery::pull);
  });
  names(archive, workspace.topics);
  if (archive.has(2)) {
    archive.list(workspace.segments, [&](auto& segment) {
      archive.field(segment.name);
      fields(archive, segment.condition);
    });
    fields(archive, workspace.schema);
    fields(archive, workspace.retain);
  }
  archive.field(workspace.min_loop_wait_ms);
  archive.field(workspace.dedupe_ms);
  archive.field(workspace.note);
  if (archive.has(2)) {
    names(archive, workspace.holidays);
  }
  if (!archive.has(3)) return;
  fields(archive, workspace.policy);
  archive.list(workspace.senders, [&](auto& sender) { fields(archive, sender); });
}

}  // namespace

void encode(const Workspace& workspace, std::span<const Campaign> campaigns, base::Bytes& out) {
  base::Writer writer(out);
  writer.number(model_version);
  Encoder archive(out);
  fields(archive, workspace);
  writer.number(static_cast<std::uint32_t>(campaigns.size()));
  for (const Campaign& campaign : campaigns) fields(archive, campaign);
}

Result<Model> decode(base::ByteView bytes) {
  Decoder archive(bytes);
  archive.read_version();
  const std::uint16_t version = archive.version();
  if (archive.ok() && version > model_version) {
    return Error{ErrorCode::unsupported_version,
                 fmt::format("the model has version {}, this library reads up to {}: use a newer "
                             "library",
                             version, model_version)};
  }
  if (version == 0) archive.fail();
  Model model;
  fields(archive, model.workspace);
  archive.list(model.campaigns, [&](Campaign& campaign) { fields(archive, campaign); });
  if (!archive.ok() || !archive.at_end()) {
    return Error{ErrorCode::damaged_journal,
                 "the published model is damaged: docs/durability.md, The model, has its bytes"};
  }
  return model;
}

base::Bytes content_of(const Step& step) {
  Step bare = step;
  bare.id.clear();
  bare.named = false;
  bare.note.clear();
  for_each_list(bare, [](Steps& list) { list.clear(); });
  base::Bytes bytes;
  Encoder archive(bytes);
  fields(archive, bare);
  return bytes;
}

bool same_content(const Campaign& a, const Campaign& b) {
  base::Bytes bytes[2];
  Encoder archive_a(bytes[0]);
  Encoder archive_b(bytes[1]);
  fields(archive_a, a);
  fields(archive_b, b);
  return bytes[0] == bytes[1];
}

std::uint64_t hash_of(const Campaign& campaign) {
  base::Bytes bytes;
  Encoder archive(bytes);
  fields(archive, campaign);
  return base::stable_hash_of_bytes(bytes).low;
}

}  // namespace itinera::model
