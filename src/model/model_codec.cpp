// SPDX-License-Identifier: Apache-2.0
// Each type of the model lists its fields once, in fields(), for both directions: Encoder appends
// them, Decoder fills them in. The order of the lines is the layout (docs/durability.md). A field
// that a later version brought stands behind `if (archive.has(version))`: what was published before
// stays readable.
#include "model/model_codec.hpp"

#include <fmt/format.h>

#include <concepts>
#include <type_traits>
#include <utility>

#include "base/packed_value.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

template <class T, class U>
concept Of = std::same_as<std::remove_const_t<T>, U>;

class Encoder {
 public:
  explicit Encoder(base::Bytes& out) : out_(out), writer_(out) {}

  [[nodiscard]] bool ok() const { return true; }
  [[nodiscard]] bool has(std::uint16_t) const { return true; }  // the newest version is written
  void fail() {}
  bool enter() { return true; }
  void leave() {}

  void field(bool value) { writer_.number(static_cast<std::uint8_t>(value ? 1 : 0)); }
  template <base::Number T>
  void field(T value) {
    writer_.number(value);
  }
  void field(const std::string& value) { writer_.text(value); }
  void field(const Value& value) { base::pack(value, out_); }

  template <class T>
  void choice(T value, T) {
    writer_.number(value);
  }

  template <class T, class Each>
  void list(const std::vector<T>& items, Each each) {
    writer_.number(static_cast<std::uint32_t>(items.size()));
    for (const T& item : items) each(item);
  }

  template <class T, class Each>
  void optional(const std::optional<T>& value, Each each) {
    field(value.has_value());
    if (value) each(*value);
  }

  template <class V, class Each>
  void alternative(const V& variant, Each each) {
    writer_.number(static_cast<std::uint8_t>(variant.index()));
    std::visit(each, variant);
  }

 private:
  base::Bytes& out_;
  base::Writer writer_;
};

// Stops at the first thing that is wrong: from then on ok() is false and every list ends.
class Decoder {
 public:
  explicit Decoder(base::ByteView in) : in_(in) {}

  [[nodiscard]] bool ok() const { return in_.ok(); }
  // Whether what is read has the fields that a version of the model brought.
  [[nodiscard]] bool has(std::uint16_t version) const { return version_ >= version; }
  void read_version() { version_ = in_.number<std::uint16_t>(); }
  [[nodiscard]] std::uint16_t version() const { return version_; }
  [[nodiscard]] bool at_end() const { return in_.at_end(); }
  void fail() { in_.fail(); }

  // One list of steps deeper; false where that is too deep.
  bool enter() {
    if (++depth_ > nesting_max) fail();
    return ok();
  }
  void leave() { --depth_; }

  void field(bool& value) {
    const auto byte = in_.number<std::uint8_t>();
    if (byte > 1) fail();
    value = byte == 1;
  }
  template <base::Number T>
  void field(T& value) {
    value = in_.number<T>();
  }
  void field(std::string& value) { value = in_.text(); }
  void field(Value& value) { value = base::unpack(in_); }

  // An enumerator, of which `last` is the last.
  template <class T>
  void choice(T& value, T last) {
    value = in_.number<T>();
    if (value > last) {
      fail();
      value = T{};
    }
  }

  // The stated count is not believed: the list grows as its members are found.
  template <class T, class Each>
  void list(std::vector<T>& items, Each each) {
    const auto count = in_.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && ok(); ++i) each(items.emplace_back());
  }

  template <class T, class Each>
  void optional(std::optional<T>& value, Each each) {
    bool present = false;
    field(present);
    if (present) each(value.emplace());
  }

  template <class V, class Each>
  void alternative(V& variant, Each each) {
    const auto index = in_.number<std::uint8_t>();
    if (index >= std::variant_size_v<V>) return fail();
    emplace(variant, index, std::make_index_sequence<std::variant_size_v<V>>{});
    std::visit(each, variant);
  }

 private:
  template <class V, std::size_t... I>
  static void emplace(V& variant, std::size_t index, std::index_sequence<I...>) {
    ((index == I ? static_cast<void>(variant.template emplace<I>()) : void()), ...);
  }

  base::Reader in_;
  std::uint16_t version_ = 0;
  std::uint32_t depth_ = 0;
};

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
    case Trigger::Kind::event: archive.field(trigger.event); break;
    case Trigger::Kind::receipt:
      archive.choice(trigger.receipt, Receipt::declared);
      if (trigger.receipt == Receipt::declared) archive.field(trigger.declared);
      archive.field(trigger.step);
      break;
    case Trigger::Kind::condition: fields(archive, trigger.condition); break;
    case Trigger::Kind::segment:
      archive.field(trigger.segment);
      archive.field(trigger.leaves);
      break;
  }
}

void steps(auto& archive, auto& list);

void fields(auto& archive, Of<Send> auto& send) {
  archive.field(send.channel);
  archive.field(send.template_name);
  data(archive, send.data);
  if (archive.has(2)) archive.optional(send.at_ms, [&](auto& at_ms) { archive.field(at_ms); });
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
  archive.field(call.retry.times);
  archive.field(call.retry.after_ms);
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
  archive.list(retain.attributes, [&](auto& attribute) { archive.field(attribute); });
}

void fields(auto& archive, Of<Workspace> auto& workspace) {
  archive.field(workspace.name);
  archive.field(workspace.zone);
  archive.list(workspace.channels, [&](auto& channel) {
    archive.field(channel.name);
    fields(archive, channel.address);
    if (archive.has(2)) {
      archive.list(channel.receipts, [&](auto& receipt) { archive.field(receipt); });
    }
  });
  archive.list(workspace.topics, [&](auto& topic) { archive.field(topic); });
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
    archive.list(workspace.holidays, [&](auto& date) { archive.field(date); });
  }
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

}  // namespace itinera::model
