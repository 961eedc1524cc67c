// SPDX-License-Identifier: Apache-2.0
#include "model/dot_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "calendar/text.hpp"
#include "itinera/time.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

constexpr std::size_t line_max = 34;       // characters before a label goes on in the next line
constexpr std::size_t text_max = 160;      // bytes of one text of the campaign
constexpr std::size_t condition_max = 60;  // bytes from which on a note says it better

std::string counted(std::int64_t n, std::string_view unit) {
  return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s");
}

// The least numbers have no positive counterpart.
Period negated(const Period& period) {
  const auto flip = [](auto n) { return -std::max(n, -std::numeric_limits<decltype(n)>::max()); };
  return {flip(period.months), flip(period.days), flip(period.ms)};
}

bool is_long(const Expression& expression) {
  return expression.text.size() > condition_max || expression.text.find('\n') != std::string::npos;
}

// "3 days before contact.birthday"
std::string offset_text(const Period& offset, std::string_view what) {
  if (offset.is_zero()) return std::string(what);
  const bool before = offset.months < 0 || offset.days < 0 || offset.ms < 0;
  const Period length = before ? negated(offset) : offset;
  return fmt::format("{} {} {}", length_text(length), before ? "before" : "after", what);
}

// ", at 09:00" where the wait says so.
std::string at_text(const Wait& wait) {
  return wait.at_ms ? fmt::format(", at {}", calendar::time_of_day_text(*wait.at_ms)) : "";
}

// The time of an Until: of a bare date the time of day, too.
std::string date_text(const Wait& wait, std::string_view what) {
  return fmt::format("Wait until {}{}", offset_text(wait.offset, what), at_text(wait));
}

// A cron line has its own times of day.
std::string clock_text(const Entry& entry) {
  constexpr auto nine = static_cast<std::int32_t>(9 * hour_ms);
  const bool cron = entry.kind == Entry::Kind::schedule &&
                    std::count(entry.schedule.begin(), entry.schedule.end(), ' ') > 0;
  std::string text;
  if (!cron) text = "\nat " + calendar::time_of_day_text(entry.at_ms.value_or(nine));
  if (!entry.zone.empty())
    text += fmt::format("{}time of {}", cron ? "\n" : ", ", plain(entry.zone));
  return text;
}

std::string text_of(const Wait& wait, const Wait::For& form, std::string_view) {
  const std::string_view anchor = wait.anchor == Wait::Anchor::entry ? " after entry"
                                  : wait.anchor == Wait::Anchor::last_emitted
                                      ? " after the last message"
                                      : "";
  return fmt::format("Wait {}{}", length_text(form.period), anchor);
}

// A note in place of a long expression says all of it, the offset too.
std::string text_of(const Wait& wait, const Wait::Until& form, std::string_view note) {
  if (is_long(form.instant) && !note.empty()) return plain(note);
  return date_text(wait, plain(form.instant.text));
}

std::string text_of(const Wait&, const Wait::TimeOfDay& form, std::string_view) {
  return fmt::format("Wait until {}{}", calendar::time_of_day_text(form.ms_of_day),
                     days_text(form.days));
}

std::string text_of(const Wait&, const Wait::Inside& form, std::string_view) {
  return fmt::format("Wait for {}-{}{}", calendar::time_of_day_text(form.window.from_ms),
                     calendar::time_of_day_text(form.window.to_ms), days_text(form.window.days));
}

std::string text_of(const Wait& wait, const Wait::BusinessDays& form, std::string_view) {
  constexpr Wait::BusinessDays usual;
  const std::string days = form.days == usual.days ? std::string() : days_text(form.days);
  if (form.count == 0) return fmt::format("Wait for a business day{}{}", days, at_text(wait));
  return fmt::format("Wait {}{}{}", counted(form.count, "business day"), days, at_text(wait));
}

std::string text_of(const Wait& wait, const Wait::Recurrence& form, std::string_view note) {
  const bool once = calendar::parse_date(form.rule).has_value();
  if (!once && !note.empty()) return plain(note);
  const std::string from = form.from.empty() ? "" : fmt::format(", from {}", plain(form.from));
  return fmt::format("Wait until {}{}{}{}", once ? "" : "the next of ", plain(form.rule), from,
                     at_text(wait));
}

std::string trigger_name(const Trigger& trigger) {
  if (trigger.account) {
    const bool event = trigger.kind == Trigger::Kind::event;
    return fmt::format("{} in the account", plain(event ? trigger.event : receipt_name(trigger)));
  }
  switch (trigger.kind) {
    case Trigger::Kind::event: return plain(trigger.event);
    case Trigger::Kind::receipt: {
      std::string_view done = receipt_name(trigger);
      if (done == "replied") done = "replied to";
      return trigger.step == "any" ? fmt::format("any message {}", done)
                                   : fmt::format("{} {}", done, plain(trigger.step));
    }
    case Trigger::Kind::condition: return plain(trigger.condition.text);
    case Trigger::Kind::segment:
      return fmt::format("{} {}", trigger.leaves ? "leaves" : "enters", plain(trigger.segment));
  }
  return {};
}

}  // namespace

std::string plain(std::string_view text) {
  std::string result(text.substr(0, text_max));
  if (text.size() > text_max) {
    while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0xC0) == 0x80) {
      result.pop_back();
    }
    if (!result.empty() && static_cast<unsigned char>(result.back()) >= 0xC0) result.pop_back();
    result += "...";
  }
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  const auto two_blanks = [](char a, char b) { return a == ' ' && b == ' '; };
  result.erase(std::unique(result.begin(), result.end(), two_blanks), result.end());
  return result;
}

std::string wrapped(std::string_view text) {
  std::string result;
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (width > 0 && width + 1 + word.size() > line_max) {
      result += '\n';
      width = 0;
    } else if (width > 0) {
      result += ' ';
      ++width;
    }
    result += word;
    width += word.size();
  }
  return result;
}

std::string padded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (result.empty() || result.back() == '\n') result += ' ';
    result += c;
  }
  return result;
}

std::string quoted(std::string_view text, bool left) {
  const std::string_view line_break = left ? "\\l" : "\\n";
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += line_break;
    } else {
      result += c;
    }
  }
  if (left) result += line_break;
  return result + '"';
}

std::string condition_text(const Expression& condition, std::string_view note) {
  return plain(is_long(condition) && !note.empty() ? note : condition.text);
}

std::string length_text(const Period& period) {
  constexpr std::int64_t two_days = 2 * day_ms;
  std::int64_t ms = period.ms;
  std::int64_t days = period.days;
  if (ms >= two_days && ms % day_ms == 0) days += std::exchange(ms, 0) / day_ms;
  const std::array<std::pair<std::int64_t, std::string_view>, 7> parts{{
      {period.months / 12, "year"},
      {period.months % 12, "month"},
      {days, "day"},
      {ms / hour_ms, "hour"},
      {ms % hour_ms / minute_ms, "minute"},
      {ms % minute_ms / second_ms, "second"},
      {ms % second_ms, "millisecond"},
  }};
  std::string result;
  int shown = 0;
  for (const auto& [n, unit] : parts) {
    if (n == 0 || shown == 2) continue;
    if (++shown == 2) result += ' ';
    result += counted(n, unit);
  }
  return shown == 0 ? "no time" : result;
}

std::string length_text(std::int64_t ms) { return length_text(Period{0, 0, ms}); }

std::string days_text(Weekdays days) {
  const std::string text = calendar::to_text(days);
  return text.empty() ? text : fmt::format(" ({})", text);
}

std::string channel_text(std::string_view channel) {
  if (channel == "email") return "E-mail";
  if (channel == "sms") return "SMS";
  if (channel == "linkedin") return "LinkedIn";
  if (channel == "whatsapp") return "WhatsApp";
  std::string name = plain(channel);
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') {
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
  }
  return name;
}

std::string either_of(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 < names.size() ? ", " : " or ";
    text += names[i];
  }
  return text;
}

std::string channels_text(const Send& send) {
  std::vector<std::string> names;
  for (const std::string_view channel : channels_of(send)) names.push_back(channel_text(channel));
  return either_of(std::vector<std::string_view>(names.begin(), names.end()));
}

std::string choice_text(const Send& send) {
  constexpr std::string_view prefers[] = {
      "the first that reaches them", "what the contact prefers", "where the contact reacts most",
      "what suits the contact's device", "the cheapest that reaches them"};
  if (send.alternatives.empty()) return {};
  const auto index = static_cast<std::size_t>(send.prefer);
  std::string text;
  if (index < std::size(prefers)) text = "\n" + wrapped(prefers[index]);
  if (send.escalate) {
    const Escalate& down = *send.escalate;
    const std::string_view receipt =
        down.unless == Receipt::declared ? std::string_view(down.declared) : name_of(down.unless);
    text += "\n" + wrapped(fmt::format("then the next, unless {} within {}", plain(receipt),
                                       length_text(down.after_ms)));
  }
  return text;
}

std::string trigger_text(const Trigger& trigger, const Expression& when) {
  return when.empty() ? trigger_name(trigger)
                      : fmt::format("{} if {}", trigger_name(trigger), plain(when.text));
}

std::string datum_text(const Datum& datum) {
  const std::string value =
      datum.expression.empty() ? to_json(datum.literal) : datum.expression.text;
  return fmt::format("{} = {}", plain(datum.name), plain(value));
}

std::string share_text(const Split& split, const Variant& variant) {
  std::uint64_t total = 0;
  for (const Variant& each : split.variants) total += each.weight;
  if (total == 0) return plain(variant.name);
  const std::uint64_t tenths = (1'000ULL * variant.weight + total / 2) / total;
  return tenths % 10 == 0
             ? fmt::format("{} {} %", plain(variant.name), tenths / 10)
             : fmt::format("{} {}.{} %", plain(variant.name), tenths / 10, tenths % 10);
}

std::string wait_text(const Wait& wait, std::string_view note) {
  std::string text =
      std::visit([&](const auto& form) { return text_of(wait, form, note); }, wait.form);
  if (!wait.zone.empty()) text += fmt::format(", time of {}", plain(wait.zone));
  if (wait.if_past == Wait::IfPast::go_on) text += "; if past, on at once";
  if (wait.if_past == Wait::IfPast::next) text += "; if past, until the next";
  const bool of_date = std::holds_alternative<Wait::Until>(wait.form);
  const auto* const until = std::get_if<Wait::Until>(&wait.form);
  if (until != nullptr && until->follow) text += "; moves with it";
  if (of_date && wait.on_missing == Wait::OnMissing::go_on) text += "; without a date, on at once";
  return text;
}

std::string entry_text(const Entry& entry) {
  std::string text;
  switch (entry.kind) {
    case Entry::Kind::event: return plain(entry.event);
    case Entry::Kind::host: return "Started by the application";
    case Entry::Kind::segment:
      text = fmt::format("{} {}", entry.change == Entry::Change::leaves ? "Leaves" : "Enters",
                         plain(entry.segment));
      if (entry.existing == Entry::Existing::enter) text += "\nor is in it from the beginning";
      break;
    case Entry::Kind::date:
      text = wrapped(fmt::format("{}{}", entry.yearly ? "Every year, " : "On the day, ",
                                 offset_text(entry.offset, plain(entry.date.text))));
      text += clock_text(entry);
      break;
    case Entry::Kind::schedule:
      text = fmt::format("{}\n{}",
                         entry.segment.empty() ? "Everybody" : "All of " + plain(entry.segment),
                         wrapped(plain(entry.schedule)));
      if (!entry.from.empty()) text += "\nfrom " + plain(entry.from);
      text += clock_text(entry);
      break;
  }
  if (entry.ramp) {
    text += fmt::format("\nat most {} in {}", entry.ramp->max, length_text(entry.ramp->per_ms));
  }
  return text;
}

std::string cap_text(const EntryCap& cap) {
  std::string text;
  if (cap.total) text += fmt::format("{} in all", *cap.total);
  if (cap.day) text += fmt::format("{}{} a day", text.empty() ? "" : ", ", *cap.day);
  return text.empty() ? text : "\nAt most: " + text;
}

std::string reentry_text(const Campaign& campaign) {
  const bool keyed = std::any_of(campaign.entries.begin(), campaign.entries.end(),
                                 [](const Entry& entry) { return !entry.key.empty(); });
  const std::string_view of_key = keyed ? " (same key)" : "";
  std::string text = fmt::format("Enters again{}: ", of_key);
  switch (campaign.reentry.kind) {
    case Reentry::Kind::always: text += "whenever it happens again"; break;
    case Reentry::Kind::never: text += "never"; break;
    case Reentry::Kind::after:
      text += fmt::format("{} after the {}", length_text(campaign.reentry.after_ms),
                          campaign.reentry.since_entry ? "entry" : "end");
      break;
  }
  text += fmt::format("\nWhile under way{}: ", of_key);
  switch (campaign.while_running) {
    case WhileRunning::ignore: return text + "does not enter";
    case WhileRunning::restart: return text + "starts anew";
    case WhileRunning::another: return text + "starts a second journey";
  }
  return text;
}

}  // namespace itinera::model
