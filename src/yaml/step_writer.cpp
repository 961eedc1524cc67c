// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/percent.hpp"
#include "itinera/time.hpp"
#include "yaml/model_writer.hpp"

namespace itinera::yaml {
namespace {

Node scalar_node(std::string text, Node::Style style) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.style = style;
  node.text = std::move(text);
  return node;
}
// What no literal of the format can hold is written as the text of it; reading it back tells.
Node literal_node(const Value& value) {
  if (const auto* text = value.get<std::string>()) return text_node(*text);
  Node node;
  if (const auto* list = value.get<Value::List>()) {
    node.kind = Node::Kind::sequence;
    for (const Value& each : *list) node.items.push_back(literal_node(each));
    return node;
  }
  if (const auto* map = value.get<Value::Map>()) {
    node.kind = Node::Kind::mapping;
    for (const MapEntry& each : *map) {
      const auto* const key = each.key.get<std::string>();
      node.members.push_back(
          {key != nullptr ? *key : to_json(each.key), {}, literal_node(each.value)});
    }
    return node;
  }
  return plain_node(to_json(value));
}

// Empty: the journey goes on, which is the default.
std::string way_text(const Way& way) {
  if (way.kind == Way::Kind::exit) return "exit";
  return way.kind == Way::Kind::go_to ? way.step : std::string();
}

void put_choice(Mapping& out, const Send& send) {
  static constexpr std::array<std::string_view, 5> prefer{"", "preference", "engaged", "device",
                                                          "cost"};
  if (send.alternatives.empty()) {
    out.must("send", send.channel);
  } else {
    std::vector<std::string> channels{send.channel};
    channels.insert(channels.end(), send.alternatives.begin(), send.alternatives.end());
    out.names("send", channels);
  }
  out.word("prefer", send.prefer, prefer);
  if (send.escalate) {
    const Escalate& down = *send.escalate;
    Mapping escalate;
    escalate.elapsed("after", down.after_ms);
    if (down.unless != Receipt::opened) {
      escalate.must("unless", down.unless == Receipt::declared ? down.declared
                                                               : std::string(name_of(down.unless)));
    }
    out.node("escalate", escalate.take());
  }
  if (send.senders.size() == 1) {
    out.must("sender", send.senders.front());
  } else {
    out.names("sender", send.senders);
  }
  out.text("operation", send.operation);
}

void put_retry(Mapping& out, const Retry& source) {
  if (source.times == 0) return;
  Mapping retry;
  retry.number("times", std::optional(source.times));
  if (source.after_ms != Retry().after_ms) retry.elapsed("after", source.after_ms);
  out.node("retry", retry.take());
}

void put(Mapping& out, const Send& send) {
  static constexpr std::array<std::string_view, 2> classes{"", "transactional"};
  static constexpr std::array<std::string_view, 3> on_cap{"", "hold", "exit"};
  static constexpr std::array<std::string_view, 2> while_held{"", "aside"};
  put_choice(out, send);
  out.text("template", send.template_name);
  out.data("data", send.data);
  out.time("at", send.at_ms);
  out.text("topic", send.topic);
  out.word("class", send.message_class, classes);
  out.word("on_cap", send.on_cap, on_cap);
  out.elapsed("expires", send.expires_ms);
  out.word("while_held", send.while_held, while_held);
  out.text("on_skip", way_text(send.on_skip));
  out.text("on_expire", way_text(send.on_expire));
  out.text("on_fail", way_text(send.on_fail));
  out.elapsed("confirm_within", send.confirm_within_ms);
  put_retry(out, send.retry);
}

// The forms of a wait, behind its key.
Node form_node(const Wait::For& form) { return text_node(calendar::to_text(form.period)); }
Node form_node(const Wait::Until& form) {
  Mapping out;
  out.must("until", form.instant.text);
  return out.take();
}
Node form_node(const Wait::TimeOfDay& form) {
  Mapping out;
  out.time("time", form.ms_of_day);
  out.days("days", form.days);
  return out.take();
}
Node form_node(const Wait::Inside& form) {
  Mapping out;
  out.must("window", fmt::format("{}-{}", calendar::time_of_day_text(form.window.from_ms),
                                 calendar::time_of_day_text(form.window.to_ms)));
  out.days("days", form.window.days);
  return out.take();
}

Node form_node(const Wait::BusinessDays& form) {
  constexpr Weekdays every;
  Mapping out;
  out.number("business_days", std::optional(form.count));
  if (form.days == every) {
    out.must("days", "Mon-Sun");
  } else if (form.days != Wait::BusinessDays().days) {
    out.days("days", form.days);
  }
  return out.take();
}
Node form_node(const Wait::Recurrence& form) {
  Mapping out;
  out.must("recurrence", form.rule);
  return out.take();
}

void put(Mapping& out, const Wait& wait) {
  static constexpr std::array<std::string_view, 5> if_past{"", "continue", "next", "skip", "exit"};
  static constexpr std::array<std::string_view, 3> on_missing{"", "continue", "skip"};
  static constexpr std::array<std::string_view, 3> anchors{"", "last_emitted", "entry"};
  out.node("wait", std::visit([](const auto& form) { return form_node(form); }, wait.form));
  out.period("offset", wait.offset);
  out.text("zone", wait.zone);
  out.time("at", wait.at_ms);
  if (const auto* recurrence = std::get_if<Wait::Recurrence>(&wait.form)) {
    out.text("from", recurrence->from);
  }
  if (const auto* until = std::get_if<Wait::Until>(&wait.form)) out.flag("follow", until->follow);
  out.word("if_past", wait.if_past, if_past);
  out.word("on_missing", wait.on_missing, on_missing);
  out.word("anchor", wait.anchor, anchors);
}

Node case_node(const WaitCase& one) {
  Mapping out;
  put(out, one.trigger);
  out.cel("when", one.when);
  out.text("as", one.as);
  out.steps("steps", one.steps);
  return out.take();
}

void put(Mapping& out, const WaitFor& wait) {
  if (wait.cases.size() == 1 && wait.cases.front().steps.empty()) {
    out.node("wait_for", case_node(wait.cases.front()));
  } else {
    out.list("wait_for", wait.cases, case_node);
  }
  out.elapsed("within", wait.within_ms);
  if (wait.reset_on) {
    Mapping reset;
    put(reset, *wait.reset_on);
    reset.cel("when", wait.reset_when);
    out.node("reset_on", reset.take());
  }
  if (wait.since == WaitFor::Since::journey) out.must("since", "journey");
  if (wait.since == WaitFor::Since::duration) out.elapsed("since", wait.since_ms);
  out.steps("then", wait.then);
  out.steps("else", wait.otherwise);
}

void put(Mapping& out, const Branch& branch) {
  out.list("branch", branch.cases, [](const BranchCase& one) {
    Mapping inner;
    inner.must("when", one.when.text);
    inner.steps("steps", one.steps);
    return inner.take();
  });
  out.steps("else", branch.otherwise);
}

void put(Mapping& out, const Split& split) {
  out.list("split", split.variants, [](const Variant& variant) {
    Mapping inner;
    inner.must("variant", variant.name);
    inner.number("weight", std::optional(variant.weight));
    inner.steps("steps", variant.steps);
    return inner.take();
  });
  out.text("seed", split.seed);
  if (split.hash != Split::Hash::growthbook) out.must("hash", std::string(name_of(split.hash)));
  if (split.coverage != Split().coverage) {
    out.must("coverage", base::percent_text(split.coverage));
  }
  if (split.space) {
    Mapping space;
    space.must("id", split.space->id);
    space.must("from", base::percent_text(split.space->from));
    space.must("to", base::percent_text(split.space->to));
    out.node("namespace", space.take());
  }
}

void put(Mapping& out, const Parallel& parallel) {
  out.list("parallel", parallel.strands, [](const Strand& strand) {
    Mapping inner;
    inner.steps("steps", strand.steps);
    return inner.take();
  });
  if (parallel.join == Parallel::Join::any) out.must("join", "any");
}

void put(Mapping& out, const Set& set) { out.node("set", data_node(set.values)); }
void put(Mapping& out, const ReachGoal& goal) {
  out.must("goal", goal.goal);
  out.cel("value", goal.value);
}
void put(Mapping& out, const Goto& jump) { out.must("goto", jump.step); }
void put(Mapping& out, const Exit& exit) { out.must("exit", exit.reason); }
void put(Mapping& out, const ChangeAudience& audience) {
  Mapping inner;
  inner.must(audience.change == ChangeAudience::Change::add ? "add" : "remove", audience.list);
  out.node("audience", inner.take());
}
void put(Mapping& out, const EmitEvent& emit) {
  out.must("emit", emit.event);
  out.data("data", emit.data);
}
void put(Mapping& out, const StartCampaign& start) {
  out.must("start", start.campaign);
  out.cel("key", start.key);
  out.data("data", start.data);
}
void put(Mapping& out, const StopCampaign& stop) {
  out.must("stop", stop.campaign);
  out.cel("key", stop.key);
}

void put(Mapping& out, const ChangeConsent& consent) {
  Mapping inner;
  inner.must("channel", consent.channel);
  inner.text("topic", consent.topic);
  inner.must("state", consent.state == ChangeConsent::State::granted ? "granted" : "denied");
  inner.text("source", consent.source);
  out.node("consent", inner.take());
}
void put(Mapping& out, const std::vector<Datum>& data, const Answer& answer) {
  out.data("data", data);
  out.elapsed("within", answer.within_ms);
  out.text("as", answer.as);
  out.steps("then", answer.then);
  out.steps("else", answer.otherwise);
}
void put(Mapping& out, const Call& call) {
  out.must("call", call.name);
  put(out, call.data, call.answer);
  put_retry(out, call.retry);
}
void put(Mapping& out, const Task& task) {
  out.must("task", task.ask);
  out.text("team", task.team);
  put(out, task.data, task.answer);
}

void put(Mapping& out, const Digest& digest) {
  out.must("digest", (digest.sliding ? "sliding " : "") + elapsed_text(digest.window_ms));
  out.text("as", digest.as);
  if (digest.max != Digest().max) out.number("max", std::optional(digest.max));
  out.cel("key", digest.key);
}

}  // namespace

Node text_node(std::string text) { return scalar_node(std::move(text), Node::Style::quoted); }
Node plain_node(std::string text) { return scalar_node(std::move(text), Node::Style::plain); }

// A day of 24 hours and more is told in days.
std::string elapsed_text(std::int64_t ms) {
  const bool days = ms > day_ms && ms % day_ms == 0 && ms / day_ms <= 1'000'000;
  return days ? calendar::to_text(Period{0, static_cast<std::int32_t>(ms / day_ms), 0})
              : calendar::to_text(Period{0, 0, ms});
}

Node data_node(const std::vector<Datum>& data) {
  Node node;
  node.kind = Node::Kind::mapping;
  for (const Datum& datum : data) {
    const bool cel = !datum.expression.empty();
    node.members.push_back(
        {datum.name,
         {},
         cel ? text_node("=" + datum.expression.text) : literal_node(datum.literal)});
  }
  return node;
}

void put(Mapping& out, const Trigger& trigger) {
  if (trigger.account) {
    const bool event = trigger.kind == Trigger::Kind::event;
    return out.must("account", event ? trigger.event : std::string(receipt_name(trigger)));
  }
  switch (trigger.kind) {
    case Trigger::Kind::event: out.must("event", trigger.event); break;
    case Trigger::Kind::receipt: out.must(receipt_name(trigger), trigger.step); break;
    case Trigger::Kind::condition: out.must("condition", trigger.condition.text); break;
    case Trigger::Kind::segment:
      out.must("segment", trigger.segment);
      if (trigger.leaves) out.must("change", "leaves");
      break;
  }
}

Node step_node(const Step& step) {
  Mapping out;
  if (step.named) out.must("id", step.id);
  out.cel("when", step.when);
  out.text("note", step.note);
  out.number("max_visits", step.max_visits);
  std::visit([&](const auto& kind) { put(out, kind); }, step.kind);
  return out.take();
}

void Mapping::steps(std::string_view key, const Steps& steps) { list(key, steps, step_node); }

}  // namespace itinera::yaml
