// SPDX-License-Identifier: Apache-2.0
// A wait by itself: its form, and what may stand beside that. Then waits that are legal and
// probably not meant: what they await may have passed by.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "calendar/text.hpp"
#include "itinera/time.hpp"
#include "model/step_voice.hpp"

namespace itinera::model {
namespace {

constexpr std::uint32_t business_days_max = 10'000;

class WaitCheck : public StepVoice {
 public:
  using StepVoice::StepVoice;

  void check(const Wait& wait) {
    std::visit([this](const auto& form) { check_form(form); }, wait.form);
    check_zone(word("zone"), wait.zone, subject_.zones, findings_);
    const bool single = std::holds_alternative<Wait::Until>(wait.form);
    const bool length = std::holds_alternative<Wait::For>(wait.form);
    check_at(wait);
    if (!single && !wait.offset.is_zero()) {
      beside("offset", "`until`", "make the duration longer or shorter, or add a `wait`");
    }
    if (!single && wait.on_missing != Wait::OnMissing::exit) {
      beside("on_missing", "`until`", "leave it out: only a date can be missing");
    }
    if (!length && wait.anchor != Wait::Anchor::step) {
      beside("anchor", "a duration", "leave it out, or wait `until` an instant");
    }
    if ((single || length || once_) && wait.if_past == Wait::IfPast::next) {
      bad("if_past", "a single date has no next occurrence",
          "use `if_past: continue`, `skip` or `exit`");
    }
    const bool never_past = std::holds_alternative<Wait::Inside>(wait.form) ||
                            (std::holds_alternative<Wait::BusinessDays>(wait.form) && !wait.at_ms);
    if (never_past && wait.if_past != Wait::IfPast::automatic) {
      bad("if_past",
          fmt::format("`if_past` has no meaning beside `{}`, which is never past", key_of(wait)),
          "leave it out: it comes at once, or the next time");
    }
  }

 private:
  void check_at(const Wait& wait) {
    if (!wait.at_ms) return;
    check_time_of_day("at", *wait.at_ms, static_cast<std::int32_t>(day_ms - 1));
    if (cron_) {
      bad("at", "a cron line names its time itself", "leave `at` out");
    } else if (std::holds_alternative<Wait::For>(wait.form) ||
               std::holds_alternative<Wait::TimeOfDay>(wait.form) ||
               std::holds_alternative<Wait::Inside>(wait.form)) {
      beside("at", "`until`, `business_days` or a recurrence",
             "use `wait: {time: \"09:00\"}` for a time of day");
    }
  }

  static std::string_view key_of(const Wait& wait) {
    return std::holds_alternative<Wait::Inside>(wait.form) ? "window" : "business_days";
  }

  void check_time_of_day(std::string_view key, std::int32_t ms, std::int32_t last) {
    if (ms >= 0 && ms <= last) return;
    bad(key, "a time of day lies outside the day", "write it as \"09:00\"");
  }
  void check_days(Weekdays days) {
    if (!days.empty() && days.bits <= 0x7F) return;
    bad("wait", "no weekday is left", "write `days: Mon-Fri`");
  }

  void beside(std::string_view key, std::string_view form, std::string hint) {
    bad(key, fmt::format("`{}` stands only beside {}", key, form), std::move(hint));
  }

  void check_form(const Wait::For& form) {
    const Period& p = form.period;
    if (p.months < 0 || p.days < 0 || p.ms < 0) {
      bad("wait", "a wait cannot be negative", "write `wait: 1h`");
    } else if (p.is_zero()) {
      odd(word("wait"), "a wait of no length changes nothing", "remove it");
    }
  }
  void check_form(const Wait::Until& form) {
    if (form.instant.empty()) missing("`until` is empty", "write `until: entry.starts_at`");
  }
  void check_form(const Wait::TimeOfDay& form) {
    check_time_of_day("wait", form.ms_of_day, static_cast<std::int32_t>(day_ms - 1));
    check_days(form.days);
  }
  void check_form(const Wait::Inside& form) {
    check_time_of_day("wait", form.window.from_ms, static_cast<std::int32_t>(day_ms - 1));
    check_time_of_day("wait", form.window.to_ms, static_cast<std::int32_t>(day_ms));
    check_days(form.window.days);
    if (form.window.from_ms == form.window.to_ms) {
      bad("wait", "a window that ends where it begins is none", "write `window: \"14:00-16:00\"`");
    }
  }
  void check_form(const Wait::BusinessDays& form) {
    check_days(form.days);
    if (form.count > business_days_max) {
      bad("wait", fmt::format("more than {} business days", business_days_max),
          "write a smaller number, or wait for a date");
    }
  }

  void check_form(const Wait::Recurrence& form) {
    const auto rule = parsed(calendar::parse_recurrence(form.rule), "wait");
    std::optional<calendar::Date> from;
    if (!form.from.empty()) {
      from = parsed(calendar::parse_date(form.from), "from");
      if (!from) return;
    }
    if (!rule) return;
    once_ = std::holds_alternative<calendar::Date>(*rule);
    cron_ = std::holds_alternative<calendar::Cron>(*rule);
    if (from && (once_ || cron_)) {
      bad("from", "`from` is the anchor of a rule, and a date or a cron line has none",
          "leave `from` out");
      return;
    }
    const auto* const counting = std::get_if<calendar::RecurrenceRule>(&*rule);
    if (!from && counting != nullptr && counting->count > 0) {
      odd(word("wait"),
          "COUNT changes nothing: it counts from `from`, and each arrival counts anew",
          "say `from`, or leave COUNT out");
    }
    if (!findings_.may_search()) return;
    if (calendar::ever_occurs(*rule, from)) {
      if (from || comes_from_any_start(*rule)) return;
      odd(word("wait"),
          fmt::format("{} never comes for some, by the day on which they arrive: "
                      "INTERVAL counts from there",
                      form.rule),
          "say `from`, or use FREQ=WEEKLY or FREQ=YEARLY");
      return;
    }
    findings_.searched_in_vain();
    bad("wait", fmt::format("{} never comes", form.rule),
        "name a day that some year has; the last of each month is BYMONTHDAY=-1");
  }

  // The value of `read`; where there is none, says why.
  template <class T>
  std::optional<T> parsed(const Result<T>& read, std::string_view key) {
    if (read) return *read;
    const calendar::Complaint complaint = calendar::parts_of(read.error().message);
    bad(key, complaint.problem, std::string(complaint.remedy));
    return std::nullopt;
  }

  bool once_ = false;  // the recurrence is a single date
  bool cron_ = false;  // it is a cron line
};

// Whether a journey goes on at once where the time that the step waits for is past.
bool goes_on_if_past(const Step& step) {
  const auto* wait = std::get_if<Wait>(&step.kind);
  if (wait == nullptr || std::holds_alternative<Wait::For>(wait->form)) return false;
  if (wait->if_past != Wait::IfPast::automatic) return wait->if_past == Wait::IfPast::go_on;
  if (const auto* recurrence = std::get_if<Wait::Recurrence>(&wait->form)) {
    return calendar::parse_date(recurrence->rule).has_value();
  }
  return std::holds_alternative<Wait::Until>(wait->form);
}

template <class... Kind>
bool is_one_of(const Step& step) {
  return (std::holds_alternative<Kind>(step.kind) || ...);
}

bool passes_at_once(const Step& step) {
  return is_one_of<Send, Set, ReachGoal, ChangeAudience, EmitEvent, StartCampaign, StopCampaign,
                   ChangeConsent>(step);
}

// S6: date, send, date: who comes when both are past gets everything at once.
void check_burst(const Subject& subject, const Node& node, Findings& findings) {
  const Graph& graph = subject.graph;
  if (!goes_on_if_past(*node.step)) return;
  NodeIndex next = node.next;
  while (next != end_node && passes_at_once(*graph.nodes[next].step)) next = graph.nodes[next].next;
  if (next == end_node || !goes_on_if_past(*graph.nodes[next].step)) return;
  const Step& second = *graph.nodes[next].step;
  if (subject.gaps.in(node.step->at) || subject.gaps.in(second.at)) return;
  findings.warning(ErrorCode::suspicious, second.at,
                   fmt::format("{} and {} both go on at once where their time is past: who comes "
                               "late gets everything between and behind them at one moment",
                               title_of(*node.step), title_of(second)),
                   "say `if_past: skip` or `if_past: exit` on one of them");
}

// S2: send, wait, wait_for an event: what the message provokes during the wait is missed. Receipts
// and conditions are not: those count from the emission, and are tested on arrival.
void check_missed_event(const Subject& subject, const Node& node, Findings& findings) {
  const Graph& graph = subject.graph;
  if (!std::holds_alternative<Send>(node.step->kind) || node.next == end_node) return;
  const Node& pause = graph.nodes[node.next];
  if (!std::holds_alternative<Wait>(pause.step->kind) || pause.next == end_node) return;
  const Step& step = *graph.nodes[pause.next].step;
  const auto* wait = std::get_if<WaitFor>(&step.kind);
  if (wait == nullptr || wait->since != WaitFor::Since::arrival) return;
  if (subject.gaps.in(pause.step->at) || subject.gaps.in(step.at)) return;
  const auto on_event = [](const WaitCase& wait_case) {
    return wait_case.trigger.kind == Trigger::Kind::event;
  };
  const auto first = std::find_if(wait->cases.begin(), wait->cases.end(), on_event);
  if (first == wait->cases.end()) return;
  findings.warning(ErrorCode::suspicious, step.at,
                   fmt::format("{} counts '{}' from its arrival on: what {} provokes during {} is "
                               "missed",
                               title_of(step), first->trigger.event, title_of(*node.step),
                               title_of(*pause.step)),
                   "say `since: journey` or `since: <duration>`, or use `within` instead of the "
                   "wait before");
}

}  // namespace

bool comes_from_any_start(const calendar::Recurrence& recurrence) {
  using Frequency = calendar::RecurrenceRule::Frequency;
  const auto* const rule = std::get_if<calendar::RecurrenceRule>(&recurrence);
  if (rule == nullptr) return true;
  const bool daily = rule->frequency == Frequency::daily;
  if (!daily && rule->frequency != Frequency::monthly) return true;
  calendar::RecurrenceRule endless = *rule;
  endless.count = 0;
  endless.until.reset();
  endless.until_local.reset();
  for (unsigned i = 1; i <= (daily ? 7U : 12U); ++i) {
    const unsigned month = daily ? 1 : i;
    if (!calendar::ever_occurs(endless, calendar::date_of(2001, month, daily ? i : 1)))
      return false;
  }
  return true;
}

void check_wait(const Subject& subject, const Step& step, const Wait& wait, Findings& findings) {
  WaitCheck check(subject, findings);
  check.speak_of(step);
  check.check(wait);
}

void check_missed_times(const Subject& subject, Findings& findings) {
  for (const Node& node : subject.graph.nodes) {
    check_burst(subject, node, findings);
    check_missed_event(subject, node, findings);
  }
}

}  // namespace itinera::model
