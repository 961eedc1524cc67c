// SPDX-License-Identifier: Apache-2.0
#include "engine/wait_targets.hpp"

#include <algorithm>
#include <bit>

#include "calendar/business_days.hpp"
#include "calendar/text.hpp"
#include "engine/matters.hpp"

namespace itinera::engine {
namespace {

using calendar::Date;
using calendar::LocalTime;

LocalTime local_of(const WaitScene& scene, Instant t) {
  return calendar::to_local(scene.zones, scene.zone, t);
}
Instant instant_of(const WaitScene& scene, LocalTime local) {
  return calendar::to_instant(scene.zones, scene.zone, local);
}

// The local date for which a wait for `ms_of_day`, where it has a time of its own, is due at `due`.
// What lies in a gap that ends at midnight is due on the date after its own.
Date date_of(const WaitScene& scene, Instant due, std::optional<std::int32_t> ms_of_day) {
  const Date shown = local_of(scene, due).date;
  if (!ms_of_day) return shown;
  const Date before{shown.days - 1};
  const bool of_shown = instant_of(scene, {shown, *ms_of_day}) == due;
  const bool of_before = instant_of(scene, {before, *ms_of_day}) == due;
  return of_before && !of_shown ? before : shown;
}

// That for which a loop came through last, if it did.
std::optional<Date> last_date(const WaitScene& scene, std::optional<std::int32_t> ms_of_day) {
  if (!scene.last_due) return std::nullopt;
  return date_of(scene, *scene.last_due, ms_of_day);
}

// From when on an occurrence is taken: of a later round that stands none before its local date.
Instant from_of(const WaitScene& scene, std::optional<std::int32_t> ms_of_day) {
  if (!scene.stood) return scene.now;
  const Date date = date_of(scene, *scene.stood, ms_of_day);
  return std::max(scene.now, instant_of(scene, {date, 0}));
}

// S6: whether a time that is past today is meant, not the next one.
bool asks_for_today(const Wait& wait) {
  return wait.if_past != Wait::IfPast::automatic && wait.if_past != Wait::IfPast::next;
}

Target target_at(const WaitScene& scene, Instant due) { return {due, due < scene.now}; }

Target duration_target(const Wait::For& form, const WaitScene& scene) {
  const Instant due = calendar::add(scene.zones, scene.zone, scene.anchor, form.period);
  return target_at(scene, due);
}

Target date_target(const Wait& wait, const WaitScene& scene, const Value& value) {
  std::optional<Instant> due =
      calendar::instant_of(value, scene.zones, scene.zone, wait.at_ms.value_or(0));
  if (!due) return {};
  const auto* const text = value.get<std::string>();
  const bool of_wall_time = text != nullptr && calendar::parse_local(*text).has_value();
  due = calendar::add(scene.zones, scene.zone, *due, wait.offset);
  return {due, *due < scene.now, of_wall_time};
}

Target time_of_day_target(const Wait& wait, const Wait::TimeOfDay& form, const WaitScene& scene) {
  const std::optional<Date> not_on = last_date(scene, form.ms_of_day);
  const Instant from = from_of(scene, form.ms_of_day);
  if (asks_for_today(wait)) {
    const Date today = local_of(scene, from).date;
    const Instant target = instant_of(scene, {today, form.ms_of_day});
    const bool blocked = not_on && today <= *not_on;
    if (form.days.contains(calendar::weekday_of(today)) && !blocked && target < from) {
      return {target, true};
    }
  }
  return {calendar::next_local_time(scene.zones, scene.zone, from, form.ms_of_day, form.days, true,
                                    not_on),
          false};
}

bool is_night(const Window& window) { return window.from_ms > window.to_ms && window.to_ms > 0; }

// When the local date, or the night, of a window is over that was open at `t`: for good, where the
// clock on the wall goes back into it.
Instant end_of_slot(const WaitScene& scene, const Window& window, Instant t) {
  const LocalTime at = local_of(scene, t);
  LocalTime last{at.date, static_cast<std::int32_t>(day_ms - 1)};
  if (is_night(window)) {
    const bool ends_today = at.ms_of_day < window.to_ms;
    last = {{at.date.days + (ends_today ? 0 : 1)}, window.to_ms - 1};
  }
  const calendar::Resolved resolved = calendar::resolve(scene.zones, scene.zone, last);
  return resolved.later + (resolved.kind == calendar::Resolved::Kind::gap ? 0 : 1);
}

// When the local date, or the night, begins that `t` lies in, or the next night.
Instant begin_of_slot(const WaitScene& scene, const Window& window, Instant t) {
  const LocalTime at = local_of(scene, t);
  if (!is_night(window)) return instant_of(scene, {at.date, 0});
  const bool since_yesterday = at.ms_of_day < window.to_ms;
  return instant_of(scene, {{at.date.days - (since_yesterday ? 1 : 0)}, window.from_ms});
}

Target window_target(const Wait::Inside& form, const WaitScene& scene) {
  Instant from = scene.now;
  if (scene.last_due) from = std::max(from, end_of_slot(scene, form.window, *scene.last_due));
  if (scene.stood) from = std::max(from, begin_of_slot(scene, form.window, *scene.stood));
  return {calendar::next_in_window(scene.zones, scene.zone, from, form.window), false};
}

Target business_target(const Wait& wait, const Wait::BusinessDays& form, const WaitScene& scene) {
  const calendar::WorkingDays working{form.days, scene.holidays};
  const LocalTime here = local_of(scene, scene.now);
  std::optional<Date> date =
      calendar::add_business_days(here.date, static_cast<std::int32_t>(form.count), working);
  std::optional<Date> last = last_date(scene, wait.at_ms);
  // It may be for today only where today has had no round yet.
  if (scene.stood && date && *date == here.date) {
    last = Date{date_of(scene, *scene.stood, wait.at_ms).days - 1};
  }
  if (date && last && *date <= *last) date = calendar::add_business_days(*last, 1, working);
  if (!date) return {};
  if (!wait.at_ms) {
    return {*date == here.date ? scene.now : instant_of(scene, {*date, here.ms_of_day}), false};
  }
  const Instant due = instant_of(scene, {*date, *wait.at_ms});
  if (due >= scene.now || asks_for_today(wait)) return target_at(scene, due);
  date = calendar::add_business_days(*date, 1, working);
  if (!date) return {};
  return {instant_of(scene, {*date, *wait.at_ms}), false};
}

// Its time of day, if it comes at most once a local date.
std::optional<std::int32_t> daily_time(const RecurrencePlan& plan, LocalTime start) {
  const auto* const cron = std::get_if<calendar::Cron>(&plan.rule);
  if (cron == nullptr) return start.ms_of_day;
  if (!calendar::is_daily(*cron)) return std::nullopt;
  const std::int64_t minute = std::countr_zero(cron->hours) * 60 + std::countr_zero(cron->minutes);
  return static_cast<std::int32_t>(minute * minute_ms);
}

// The first occurrence at or after `t` that a loop has not come through yet.
std::optional<Instant> next_of(const RecurrencePlan& plan, const WaitScene& scene, LocalTime start,
                               Instant t) {
  if (const std::optional<std::int32_t> time = daily_time(plan, start)) {
    return calendar::next_occurrence(scene.zones, scene.zone, t, plan.rule, start, true,
                                     last_date(scene, time));
  }
  // It fires several times a date: each is a slot of its own.
  if (scene.stood) {
    const bool is_open = *scene.stood <= t;
    return calendar::next_occurrence(scene.zones, scene.zone, t,
                                     std::get<calendar::Cron>(plan.rule), is_open);
  }
  const bool taken = scene.last_due && *scene.last_due >= t;
  return calendar::next_occurrence(scene.zones, scene.zone, taken ? *scene.last_due : t,
                                   std::get<calendar::Cron>(plan.rule), !taken);
}

Target recurrence_target(const Wait& wait, const RecurrencePlan& plan, const WaitScene& scene) {
  const std::int32_t at_ms = wait.at_ms.value_or(0);
  if (const auto* const date = std::get_if<Date>(&plan.rule)) {
    return target_at(scene, instant_of(scene, {*date, at_ms}));
  }
  const Date now_on = local_of(scene, scene.now).date;
  const LocalTime start{plan.from.value_or(now_on), at_ms};
  const Instant from = from_of(scene, daily_time(plan, start));
  if (asks_for_today(wait)) {
    const Date today = local_of(scene, from).date;
    const auto first = next_of(plan, scene, start, instant_of(scene, {today, 0}));
    if (first && *first < from) return {first, true};
  }
  const auto next = next_of(plan, scene, start, from);
  return {next, !next};
}

}  // namespace

bool recurs(const Wait& wait) {
  return std::holds_alternative<Wait::TimeOfDay>(wait.form) ||
         std::holds_alternative<Wait::Inside>(wait.form) ||
         std::holds_alternative<Wait::Recurrence>(wait.form);
}

Target target_of(const NodePlan& node, const WaitScene& scene, Facts& facts) {
  const Wait& wait = std::get<Wait>(node.step->kind);
  if (const auto* duration = std::get_if<Wait::For>(&wait.form)) {
    return duration_target(*duration, scene);
  }
  if (const auto* time = std::get_if<Wait::TimeOfDay>(&wait.form)) {
    return time_of_day_target(wait, *time, scene);
  }
  if (const auto* inside = std::get_if<Wait::Inside>(&wait.form)) {
    return window_target(*inside, scene);
  }
  if (const auto* business = std::get_if<Wait::BusinessDays>(&wait.form)) {
    return business_target(wait, *business, scene);
  }
  if (node.recurrence) return recurrence_target(wait, *node.recurrence, scene);
  const expr::Cell value = facts.value_of(*node.value);
  return may_be_date(value) ? date_target(wait, scene, expr::to_value(value)) : Target{};
}

}  // namespace itinera::engine
