// SPDX-License-Identifier: Apache-2.0
#include "diff/field_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/percent.hpp"
#include "calendar/text.hpp"
#include "itinera/time.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

// Whether a file must quote the text, lest it be read as another kind of value.
bool reads_as_another_kind(std::string_view text) {
  constexpr std::array<std::string_view, 5> words{"", "~", "null", "true", "false"};
  if (std::find(words.begin(), words.end(), text) != words.end()) return true;
  if (std::string_view("=[{\"'").find(text.front()) != std::string_view::npos) return true;
  text.remove_prefix(text.front() == '+' ? 1 : 0);
  double number = 0;
  const char* const end = text.data() + text.size();
  return std::from_chars(text.data(), end, number).ptr == end && !text.empty();
}

std::string literal_text(const Value& literal) {
  const auto* const text = literal.get<std::string>();
  return text != nullptr && !reads_as_another_kind(*text) ? *text : to_json(literal);
}

// Gathers fields; what has no text has its default.
class FieldList {
 public:
  void must(std::string key, std::string text) {
    fields_.push_back({std::move(key), std::move(text)});
  }
  void put(std::string key, std::string text) {
    if (!text.empty()) must(std::move(key), std::move(text));
  }
  void put(std::string key, const Expression& expression) { put(std::move(key), expression.text); }
  void elapsed(std::string key, std::optional<std::int64_t> ms) {
    if (ms) must(std::move(key), elapsed_text(*ms));
  }
  void time(std::string key, std::optional<std::int32_t> ms_of_day) {
    if (ms_of_day) must(std::move(key), calendar::time_of_day_text(*ms_of_day));
  }
  void period(std::string key, const Period& period) {
    if (!period.is_zero()) must(std::move(key), calendar::to_text(period));
  }
  template <class Number>
  void number(std::string key, const std::optional<Number>& number) {
    if (number) must(std::move(key), fmt::format("{}", *number));
  }
  void flag(std::string key, bool value) {
    if (value) must(std::move(key), "true");
  }
  // `words` by number, the default's empty.
  template <class Choice>
  void word(std::string key, Choice choice, std::span<const std::string_view> words) {
    const auto index = static_cast<std::size_t>(choice);
    if (index < words.size()) put(std::move(key), std::string(words[index]));
  }
  void data(std::string_view key, const std::vector<Datum>& data) {
    for (const Datum& datum : data) {
      must(fmt::format("{}.{}", key, datum.name),
           !datum.expression.empty() ? "=" + datum.expression.text : literal_text(datum.literal));
    }
  }
  void retry(const Retry& retry) {
    if (retry.times == 0) return;
    must("retry",
         fmt::format("{} times, the first after {}", retry.times, elapsed_text(retry.after_ms)));
  }
  void holdout(const Holdout& holdout) {
    if (holdout.share > 0) must("holdout", base::percent_text(holdout.share));
    put("holdout.seed", holdout.seed);
  }
  Fields take() { return std::move(fields_); }

 private:
  Fields fields_;
};

std::string listed_names(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string exit_way(const Way& way) {
  if (way.kind == Way::Kind::exit) return "exit";
  return way.kind == Way::Kind::go_to ? way.step : std::string();
}

void tell(FieldList& out, const Send& send) {
  constexpr std::array<std::string_view, 5> prefer{"", "preference", "engaged", "device", "cost"};
  constexpr std::array<std::string_view, 2> classes{"", "transactional"};
  constexpr std::array<std::string_view, 3> on_cap{"", "hold", "exit"};
  constexpr std::array<std::string_view, 2> while_held{"", "aside"};
  out.must("send", fmt::format("{}", fmt::join(channels_of(send), ", ")));
  out.put("template", send.template_name);
  out.word("prefer", send.prefer, prefer);
  if (send.escalate) {
    const Escalate& down = *send.escalate;
    const std::string_view unless =
        down.unless == Receipt::declared ? std::string_view(down.declared) : name_of(down.unless);
    out.must("escalate", fmt::format("after {} unless {}", elapsed_text(down.after_ms), unless));
  }
  out.data("data", send.data);
  out.time("at", send.at_ms);
  out.put("sender", listed_names(send.senders));
  out.put("operation", send.operation);
  out.put("topic", send.topic);
  out.word("class", send.message_class, classes);
  out.word("on_cap", send.on_cap, on_cap);
  out.elapsed("expires", send.expires_ms);
  out.word("while_held", send.while_held, while_held);
  for (const auto& [key, way] : ways_of(send)) out.put(std::string(key), exit_way(*way));
  out.elapsed("confirm_within", send.confirm_within_ms);
  out.retry(send.retry);
}

std::string days_before(Weekdays days, std::string_view text) {
  const std::string names = calendar::to_text(days);
  return names.empty() ? std::string(text) : fmt::format("{} {}", names, text);
}

std::string form_text(const Wait::For& form) { return calendar::to_text(form.period); }
std::string form_text(const Wait::Until& form) { return "until " + form.instant.text; }
std::string form_text(const Wait::TimeOfDay& form) {
  return "until " + days_before(form.days, calendar::time_of_day_text(form.ms_of_day));
}
std::string form_text(const Wait::Inside& form) { return "for " + calendar::to_text(form.window); }
std::string form_text(const Wait::BusinessDays& form) {
  const std::string text = fmt::format("{} business days", form.count);
  if (form.days == Wait::BusinessDays().days) return text;
  return fmt::format("{} ({})", text,
                     form.days == Weekdays() ? "Mon-Sun" : calendar::to_text(form.days));
}
std::string form_text(const Wait::Recurrence& form) { return "until the next of " + form.rule; }

void tell(FieldList& out, const Wait& wait) {
  constexpr std::array<std::string_view, 5> if_past{"", "continue", "next", "skip", "exit"};
  constexpr std::array<std::string_view, 3> on_missing{"", "continue", "skip"};
  constexpr std::array<std::string_view, 3> anchors{"", "last_emitted", "entry"};
  out.must("wait", std::visit([](const auto& form) { return form_text(form); }, wait.form));
  out.period("offset", wait.offset);
  out.put("zone", wait.zone);
  out.time("at", wait.at_ms);
  if (const auto* next = std::get_if<Wait::Recurrence>(&wait.form)) out.put("from", next->from);
  if (const auto* until = std::get_if<Wait::Until>(&wait.form)) out.flag("follow", until->follow);
  out.word("if_past", wait.if_past, if_past);
  out.word("on_missing", wait.on_missing, on_missing);
  out.word("anchor", wait.anchor, anchors);
}

void tell(FieldList& out, const WaitFor& wait) {
  out.elapsed("within", wait.within_ms);
  if (wait.since == WaitFor::Since::journey) out.must("since", "journey");
  if (wait.since == WaitFor::Since::duration) out.elapsed("since", wait.since_ms);
  if (wait.reset_on) {
    std::string text = source_text(*wait.reset_on);
    if (!wait.reset_when.empty()) text += " when " + wait.reset_when.text;
    out.must("reset_on", std::move(text));
  }
  std::vector<std::string> cases;
  for (const WaitCase& each : wait.cases) cases.push_back(case_text(each));
  cases = told_apart(std::move(cases));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    out.put(std::string(variable_of_case) + cases[i], wait.cases[i].as);
  }
}

void tell(FieldList&, const Branch&) {}

void tell(FieldList& out, const Split& split) {
  for (const Variant& variant : split.variants) {
    out.must(fmt::format("weight of {}", variant.name), fmt::format("{}", variant.weight));
  }
  out.put("seed", split.seed);
  if (split.hash != Split::Hash::growthbook) out.must("hash", std::string(name_of(split.hash)));
  if (split.coverage != Split().coverage) {
    out.must("coverage", base::percent_text(split.coverage));
  }
  if (split.space) {
    out.must("namespace", fmt::format("{} to {} of {}", base::percent_text(split.space->from),
                                      base::percent_text(split.space->to), split.space->id));
  }
}

void tell(FieldList& out, const Parallel& parallel) {
  if (parallel.join == Parallel::Join::any) out.must("join", "any");
}
void tell(FieldList& out, const Set& set) { out.data("set", set.values); }
void tell(FieldList& out, const ReachGoal& goal) {
  out.must("goal", goal.goal);
  out.put("value", goal.value);
}
void tell(FieldList& out, const Goto& jump) { out.must("goto", jump.step); }
void tell(FieldList& out, const Exit& exit) { out.must("exit", exit.reason); }
void tell(FieldList& out, const ChangeAudience& audience) {
  const bool adds = audience.change == ChangeAudience::Change::add;
  out.must("audience", fmt::format("{} {}", adds ? "add" : "remove", audience.list));
}
void tell(FieldList& out, const EmitEvent& emit) {
  out.must("emit", emit.event);
  out.data("data", emit.data);
}
void tell(FieldList& out, const StartCampaign& start) {
  out.must("start", start.campaign);
  out.put("key", start.key);
  out.data("data", start.data);
}
void tell(FieldList& out, const StopCampaign& stop) {
  out.must("stop", stop.campaign);
  out.put("key", stop.key);
}
void tell(FieldList& out, const ChangeConsent& consent) {
  const bool granted = consent.state == ChangeConsent::State::granted;
  out.must("consent", fmt::format("{} {}{}{}", consent.channel, granted ? "granted" : "denied",
                                  consent.topic.empty() ? "" : " for ", consent.topic));
  out.put("source", consent.source);
}
void tell_answer(FieldList& out, const Answer& answer, const std::vector<Datum>& data) {
  out.elapsed("within", answer.within_ms);
  out.put("as", answer.as);
  out.data("data", data);
}
void tell(FieldList& out, const Call& call) {
  out.must("call", call.name);
  tell_answer(out, call.answer, call.data);
  out.retry(call.retry);
}
void tell(FieldList& out, const Task& task) {
  out.must("task", task.ask);
  out.put("team", task.team);
  tell_answer(out, task.answer, task.data);
}
void tell(FieldList& out, const Digest& digest) {
  out.must("digest", (digest.sliding ? "sliding " : "") + elapsed_text(digest.window_ms));
  out.put("key", digest.key);
  if (digest.max != Digest().max) out.must("max", fmt::format("{}", digest.max));
  out.put("as", digest.as);
}

std::string entry_source(const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::event: return "event " + entry.event;
    case Entry::Kind::host: return "host";
    case Entry::Kind::segment:
      return fmt::format("{}segment {}", entry.change == Entry::Change::leaves ? "leaving " : "",
                         entry.segment);
    case Entry::Kind::date: return "date " + entry.date.text;
    case Entry::Kind::schedule: return "schedule " + entry.schedule;
  }
  return {};
}

std::string reentry_rule(const Reentry& reentry) {
  if (reentry.kind == Reentry::Kind::never) return "never";
  if (reentry.kind == Reentry::Kind::always) return "always";
  return fmt::format("after {}{}", elapsed_text(reentry.after_ms),
                     reentry.since_entry ? " since entry" : "");
}

}  // namespace

// A day of 24 hours and more is told in days.
std::string elapsed_text(std::int64_t ms) {
  const bool days = ms > day_ms && ms % day_ms == 0 && ms / day_ms <= 1'000'000;
  return days ? calendar::to_text(Period{0, static_cast<std::int32_t>(ms / day_ms), 0})
              : calendar::to_text(Period{0, 0, ms});
}

std::string source_text(const Trigger& trigger) {
  if (trigger.account) {
    const bool event = trigger.kind == Trigger::Kind::event;
    return fmt::format("{} in the account", event ? trigger.event : receipt_name(trigger));
  }
  switch (trigger.kind) {
    case Trigger::Kind::event: return "event " + trigger.event;
    case Trigger::Kind::receipt: return fmt::format("{} {}", receipt_name(trigger), trigger.step);
    case Trigger::Kind::condition: return trigger.condition.text;
    case Trigger::Kind::segment:
      return fmt::format("{} segment {}", trigger.leaves ? "leaving" : "entering", trigger.segment);
  }
  return {};
}

std::string case_text(const WaitCase& wait_case) {
  const std::string source = source_text(wait_case.trigger);
  return wait_case.when.empty() ? source : fmt::format("{} when {}", source, wait_case.when.text);
}

std::vector<std::string> told_apart(std::vector<std::string> names) {
  std::map<std::string, std::size_t, std::less<>> times;
  for (std::string& name : names) {
    const std::size_t number = ++times[name];
    if (number > 1) name += fmt::format(" ({})", number);
  }
  return names;
}

Fields fields_of(const Step& step) {
  FieldList out;
  std::visit([&](const auto& kind) { tell(out, kind); }, step.kind);
  out.put("when", step.when);
  out.number("max_visits", step.max_visits);
  out.put("note", step.note);
  return out.take();
}

Fields fields_of(const Entry& entry) {
  FieldList out;
  out.must("entry", entry_source(entry));
  out.put("when", entry.when);
  out.put("key", entry.key);
  if (entry.kind == Entry::Kind::schedule) {
    out.put("segment", entry.segment);
    out.put("from", entry.from);
  }
  if (entry.existing == Entry::Existing::enter) out.must("existing", "enter");
  if (entry.ramp) {
    out.must("ramp", fmt::format("{} in {}", entry.ramp->max, elapsed_text(entry.ramp->per_ms)));
  }
  if (entry.yearly) out.must("every", "year");
  out.period("offset", entry.offset);
  out.time("at", entry.at_ms);
  out.put("zone", entry.zone);
  return out.take();
}

Fields fields_of(const Goal& goal) {
  FieldList out;
  if (goal.trigger) out.must("reached by", source_text(*goal.trigger));
  out.put("when", goal.when);
  out.put("value", goal.value);
  out.elapsed("within", goal.within_ms);
  out.flag("exits", goal.exits);
  return out.take();
}

Fields fields_of(const ExitRule& exit) {
  FieldList out;
  out.must("exit", source_text(exit.trigger));
  out.put("when", exit.when);
  return out.take();
}

Fields fields_of(const Campaign& campaign) {
  constexpr std::array<std::string_view, 3> running{"ignore", "restart", "another"};
  FieldList out;
  out.must("campaign", campaign.name);
  out.must("version", fmt::format("{}", campaign.version));
  out.put("topic", campaign.topic);
  out.must("priority", fmt::format("{}", campaign.priority));
  out.put("zone", campaign.zone);
  out.must("reentry", reentry_rule(campaign.reentry));
  out.word("while_running", campaign.while_running, running);
  out.number("entry_cap.total", campaign.entry_cap.total);
  out.number("entry_cap.day", campaign.entry_cap.day);
  out.holdout(campaign.holdout);
  out.put("exclusive", campaign.exclusive);
  if (campaign.brake) {
    out.must("brake", fmt::format("{} of {} failed", base::percent_text(campaign.brake->failed),
                                  campaign.brake->of));
  }
  out.put("note", campaign.note);
  return out.take();
}

}  // namespace itinera::model
