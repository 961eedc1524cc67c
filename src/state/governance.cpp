// SPDX-License-Identifier: Apache-2.0
#include "state/governance.hpp"

#include <algorithm>
#include <vector>

#include "base/stable_hash.hpp"
#include "calendar/civil.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

using calendar::Date;
using record::Decision;
using record::Reason;

constexpr std::int32_t day_ms = 86'400'000;

// The instant at which a day begins on the wall, the first one after `t`. In an overlap at midnight
// it begins twice.
Instant day_begins(const ZoneTable& zones, ZoneIndex zone, Date date, Instant t) {
  const calendar::Resolved resolved = calendar::resolve(zones, zone, {date, 0});
  if (resolved.earlier > t) return resolved.earlier;
  return std::max(resolved.later, t + 1);
}

// Of a window that is open at `t`: the first instant after it at which the wall shows its end, or
// the clock is changed.
Instant window_ends(const ZoneTable& zones, ZoneIndex zone, Instant t, const Window& window) {
  calendar::LocalTime end = calendar::to_local(zones, zone, t);
  const bool over_midnight = window.from_ms > window.to_ms && end.ms_of_day >= window.from_ms;
  if (over_midnight || window.to_ms >= day_ms) ++end.date.days;
  end.ms_of_day = window.to_ms % day_ms;
  const calendar::Resolved resolved = calendar::resolve(zones, zone, end);
  const Instant by_wall = resolved.earlier > t ? resolved.earlier : std::max(resolved.later, t + 1);
  return std::min(by_wall, calendar::next_change(zones, zone, t).value_or(by_wall));
}

// When the quiet hours that hold at `t` are over, or may be; empty if none hold.
std::optional<Instant> quiet_ends(const State& state, const QuietHours& quiet, ZoneIndex zone,
                                  Instant t) {
  const ZoneTable& zones = *state.zones;
  if (calendar::inside(zones, zone, t, quiet.window)) {
    return window_ends(zones, zone, t, quiet.window);
  }
  const Date date = calendar::to_local(zones, zone, t).date;
  const std::vector<Date>& holidays = state.plans.holidays;
  if (!quiet.holidays || !std::binary_search(holidays.begin(), holidays.end(), date)) return {};
  return day_begins(zones, zone, {date.days + 1}, t);
}

// The first date of the calendar period that a date is in, `later` periods on.
Date period_begins(FrequencyCap::Per per, Date date, int later) {
  if (per == FrequencyCap::Per::day) return {date.days + later};
  if (per == FrequencyCap::Per::week) {
    return {date.days - static_cast<std::int32_t>(calendar::weekday_of(date)) + 7 * later};
  }
  calendar::YearMonthDay parts = calendar::parts_of(date);
  parts.day = 1;
  return later == 0 ? calendar::date_of(parts.year, parts.month, 1) : calendar::next_month(parts);
}

bool counts(const State& state, const CountedItem& item, std::size_t cap) {
  const SendPlan& send = *state.plans.versions[item.version]->nodes[item.node].send;
  return (send.leg(item.leg).caps >> cap & 1) != 0;
}

// The newest `max` messages that the cap counts lie within its length as long as the oldest of them
// does.
Instant rolling_frees(const State& state, base::ByteView all, std::size_t number) {
  const FrequencyCap& cap = state.plans.workspace.policy.caps[number];
  std::vector<Instant> within;  // oldest first
  for (base::ByteView rest = all; !rest.empty();) {
    const CountedItem item = take_counted(rest);
    const bool in = item.emitted > state.now - cap.per_ms;
    if (in && counts(state, item, number)) within.push_back(item.emitted);
  }
  return within.size() < cap.max ? state.now : within[within.size() - cap.max] + cap.per_ms;
}

Instant calendar_frees(const State& state, const Facts& facts, base::ByteView all,
                       std::size_t number) {
  const FrequencyCap& cap = state.plans.workspace.policy.caps[number];
  const ZoneTable& zones = *state.zones;
  const ZoneIndex zone = facts.zone_for({}).zone;
  const Date today = calendar::to_local(zones, zone, state.now).date;
  const Date begin = period_begins(cap.per, today, 0);
  std::uint32_t within = 0;
  for (base::ByteView rest = all; !rest.empty();) {
    const CountedItem item = take_counted(rest);
    const bool in = calendar::to_local(zones, zone, item.emitted).date >= begin;
    if (in && counts(state, item, number)) ++within;
  }
  if (within < cap.max) return state.now;
  return day_begins(zones, zone, period_begins(cap.per, today, 1), state.now);
}

// When one more message is within the cap; now if it is.
Instant cap_frees(const State& state, const Facts& facts, std::uint32_t contact,
                  std::size_t number) {
  const FrequencyCap& cap = state.plans.workspace.policy.caps[number];
  if (cap.max == 0) return record::no_deadline;
  base::ByteBuffer together;
  base::ByteView all = state.blobs.view(state.contacts[contact].counted);
  if (cap.account) {
    counted_together(state, state.colleagues_of(contact), together);
    all = together.view();
  }
  if (all.size() / CountedItem::size < cap.max) return state.now;
  const bool rolling = cap.per == FrequencyCap::Per::rolling;
  return rolling ? rolling_frees(state, all, number) : calendar_frees(state, facts, all, number);
}

}  // namespace

void counted_together(const State& state, std::span<const std::uint32_t> contacts,
                      base::ByteBuffer& list) {
  std::vector<CountedItem> items;
  for (const std::uint32_t contact : contacts) {
    for (base::ByteView rest = state.blobs.view(state.contacts[contact].counted); !rest.empty();) {
      items.push_back(take_counted(rest));
    }
  }
  std::stable_sort(items.begin(), items.end(), [](const CountedItem& a, const CountedItem& b) {
    return a.emitted < b.emitted;
  });
  list.clear();
  for (const CountedItem& item : items) put_counted(item, list);
}

Word word_of(base::ByteView attributes, std::string_view channel, std::string_view topic) {
  base::ByteView all;  // empty: nothing was said
  base::ByteView one;
  for (base::ByteView rest = consents_in(attributes); !rest.empty();) {
    const ConsentItem consent = take_consent(rest);
    if (consent.channel != channel) continue;
    if (consent.topic.empty()) all = consent.item.whole;
    if (!topic.empty() && consent.topic == topic) one = consent.item.whole;
  }
  if (all.empty() && one.empty()) return {};
  const auto word = [](const ConsentItem& said) { return Word{true, said.granted, said.source}; };
  if (one.empty() || all.empty()) return word(take_consent(one.empty() ? all : one));
  const ConsentItem whole = take_consent(all);
  const ConsentItem of_topic = take_consent(one);
  if (whole.granted || !of_topic.granted) return word(of_topic);
  const Instant said = of_topic.item.occurred;
  // Two words without an id may be of two messages: the refusal is the safe reading.
  const bool same_message =
      !whole.item.message_id.empty() && whole.item.message_id == of_topic.item.message_id;
  const bool refused_since =
      whole.item.occurred > said || (whole.item.occurred == said && !same_message);
  return word(refused_since ? whole : of_topic);
}

std::optional<Objection> objection_to(const State& state, std::uint32_t contact,
                                      const SendPlan& send, const LegPlan& leg,
                                      std::uint64_t address) {
  if (const Reason* const reason = state.suppressed.find(suppression_key(address));
      reason != nullptr && *reason != Reason::none) {
    return Objection{Decision::suppressed, *reason};
  }
  if (!send.marketing || leg.channel >= state.plans.channels.size()) return std::nullopt;
  const ChannelPlan& channel = state.plans.channels[leg.channel];
  if (channel.consent == Channel::ConsentRule::none) return std::nullopt;
  const Word word =
      word_of(state.blobs.view(state.contacts[contact].attributes), channel.name, send.topic);
  if (word.said && word.granted) return std::nullopt;
  if (!word.said && channel.consent == Channel::ConsentRule::opt_out) return std::nullopt;
  if (!word.said) return Objection{Decision::no_consent, Reason::none};
  const bool by_receipt = word.source == name_of(Reason::unsubscribed);
  return Objection{Decision::no_consent, by_receipt ? Reason::unsubscribed : Reason::denied};
}

Instant quiet_until(const State& state, const Facts& facts, const LegPlan& leg) {
  // Windows of every day that meet each other leave no moment: a week of them is enough to know.
  constexpr int rounds_max = 1'000;
  const std::vector<QuietHours>& rules = state.plans.workspace.policy.quiet_hours;
  Instant t = state.now;
  for (int round = 0; round < rounds_max && t <= latest_instant; ++round) {
    const Instant before = t;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if ((leg.quiet >> i & 1) == 0) continue;
      const ZoneIndex zone = facts.zone_for(state.plans.quiet_zones[i]).zone;
      t = quiet_ends(state, rules[i], zone, t).value_or(t);
    }
    if (t == before) return t;
  }
  return record::no_deadline;
}

Instant capped_until(const State& state, const Facts& facts, std::uint32_t contact,
                     const LegPlan& leg) {
  Instant free = state.now;
  for (std::size_t i = 0; i < state.plans.workspace.policy.caps.size(); ++i) {
    if ((leg.caps >> i & 1) == 0) continue;
    free = std::max(free, cap_frees(state, facts, contact, i));
  }
  return free;
}

void count_message(State& state, std::uint32_t contact, const CountedItem& message) {
  Contact& c = state.contacts[contact];
  const Instant since = state.now - state.plans.caps_look_back_ms;
  base::ByteView kept = state.blobs.view(c.counted);  // oldest first
  for (base::ByteView rest = kept; !rest.empty() && take_counted(rest).emitted <= since;) {
    kept = rest;
  }
  state.room.clear();
  state.room.append(kept);
  put_counted(message, state.room);
  c.counted = state.blobs.replace(c.counted, state.room.view());
}

void uncount_message(State& state, std::uint32_t contact, const CountedItem& message) {
  Contact& c = state.contacts[contact];
  state.room.clear();
  bool found = false;
  for (base::ByteView rest = state.blobs.view(c.counted); !rest.empty();) {
    const CountedItem item = take_counted(rest);
    const bool is_it = !found && item == message;
    if (!is_it) put_counted(item, state.room);
    found = found || is_it;
  }
  if (found) c.counted = state.blobs.replace(c.counted, state.room.view());
}

double engagement(const State& state, std::uint32_t contact, std::uint64_t channel) {
  constexpr double weight_of_all = 5;
  const Rate* const found = state.rates.find(contact, channel);
  const Rate own = found == nullptr ? Rate{} : *found;
  Rate all;
  if (const CommonRate* const common = state.common_rates.find({channel, 0})) {
    all = common->before;
    if (common->instant < state.now) {
      all.sent += common->within.sent;
      all.engaged += common->within.engaged;
    }
  }
  const double average = (all.engaged + 1.0) / (all.sent + 2.0);
  return (own.engaged + weight_of_all * average) / (own.sent + weight_of_all);
}

}  // namespace itinera::engine
