// SPDX-License-Identifier: Apache-2.0
#include "tables/accounts.hpp"

#include <algorithm>

#include "base/stable_hash.hpp"
#include "calendar/civil.hpp"

namespace itinera::engine {
namespace {

using record::Decision;

// The first instant of the day after that of `t`, by the account's clock.
Instant day_after(const ZoneTable& zones, ZoneIndex zone, Instant t) {
  const calendar::Date today = calendar::to_local(zones, zone, t).date;
  const calendar::Resolved midnight = calendar::resolve(zones, zone, {{today.days + 1}, 0});
  return midnight.earlier > t ? midnight.earlier : std::max(midnight.later, t + 1);
}

// What it may send on the day of its `days`th one, before quotas.
std::optional<std::uint32_t> warming(const Sender& sender, std::uint32_t days) {
  if (days >= sender.warm_up.size()) return std::nullopt;
  return sender.warm_up[days];
}

bool counts(const Quota& quota, std::string_view operation) {
  return quota.operation.empty() || quota.operation == operation;
}

// Whether quota and warm-up leave room for one more: today, or on the first day after it on which
// the account sends.
bool has_quota(const Sender& sender, const Account& account, std::string_view operation,
               bool today) {
  const std::uint32_t sent = today ? account.sent : 0;
  const auto warm = warming(sender, account.days + (!today && account.sent > 0 ? 1 : 0));
  if (warm && sent >= *warm) return false;
  return std::none_of(sender.quotas.begin(), sender.quotas.end(), [&](const Quota& quota) {
    if (!counts(quota, operation)) return false;
    if (quota.operation.empty() || !today) return (today ? sent : 0) >= quota.max;
    const auto used = account.by_operation.find(quota.operation);
    return (used == account.by_operation.end() ? 0 : used->second) >= quota.max;
  });
}

}  // namespace

Turn next_turn(const ZoneTable& zones, const SenderPlan& sender, const Account& account,
               std::string_view operation, Instant now) {
  // Each round moves to a later day at least, or past what is fixed; a quota of nothing never ends.
  constexpr int rounds_max = 800;
  Turn turn{now, Decision::held_quota};
  const Sender& rules = sender.rules;
  for (int round = 0; round < rounds_max && turn.at <= latest_instant; ++round) {
    const Instant before = turn.at;
    // What holds it back now is told; what comes in the way on a later day is not.
    const auto wait = [&](Instant until, Decision because) {
      if (until > turn.at) turn = {until, turn.at == now ? because : turn.because};
    };
    wait(account.rested_until, Decision::held_quota);
    wait(account.paced_until, Decision::held_pace);
    if (rules.rate > 0 && account.recent.size() >= rules.rate) {
      // More are kept than that where a publication has lowered the rate.
      wait(account.recent[account.recent.size() - rules.rate] + rules.rate_per_ms,
           Decision::held_pace);
    }
    if (rules.hours) {
      wait(calendar::next_in_window(zones, sender.zone, turn.at, *rules.hours)
               .value_or(record::no_deadline),
           Decision::held_hours);
    }
    if (turn.at > latest_instant) break;
    if (!has_quota(rules, account, operation, turn.at < account.day_ends)) {
      wait(turn.at < account.day_ends ? account.day_ends : record::no_deadline,
           Decision::held_quota);
    }
    if (turn.at == before) return turn;
  }
  return {record::no_deadline, turn.because};
}

Instant next_day(const ZoneTable& zones, const SenderPlan& sender, Instant now) {
  return day_after(zones, sender.zone, now);
}

const Account::Waiter* first_in_line(const ZoneTable& zones, const SenderPlan& sender,
                                     const Account& account, Instant now) {
  const bool by_age =
      account.turns % (Account::turns_by_priority + 1) == Account::turns_by_priority;
  const Account::Waiter* best = nullptr;
  for (const auto& [operation, line] : account.lines) {
    if (line.empty() || next_turn(zones, sender, account, operation, now).at > now) continue;
    const Account::Waiter& first = by_age ? line.oldest() : line.foremost();
    const bool better = best == nullptr || (by_age ? first.age() < best->age()
                                                   : first.by_priority() < best->by_priority());
    if (better) best = &first;
  }
  return best;
}

Instant next_service(const ZoneTable& zones, const SenderPlan& sender, const Account& account,
                     Instant now) {
  Instant next = record::no_deadline;
  for (const auto& [operation, line] : account.lines) {
    if (!line.empty()) next = std::min(next, next_turn(zones, sender, account, operation, now).at);
  }
  return next;
}

void note_sent(const ZoneTable& zones, const SenderPlan& sender, Account& account,
               std::string_view operation, Instant now) {
  const Sender& rules = sender.rules;
  if (now >= account.day_ends) {
    if (account.sent > 0) ++account.days;
    account.sent = 0;
    account.by_operation.clear();
    account.day_began = now;
    account.day_ends = day_after(zones, sender.zone, now);
  }
  ++account.sent;
  const bool has_own = std::any_of(
      rules.quotas.begin(), rules.quotas.end(),
      [&](const Quota& each) { return !each.operation.empty() && each.operation == operation; });
  if (has_own) ++account.by_operation[std::string(operation)];
  account.recent.push_back(now);
  while (account.recent.size() > rules.rate) account.recent.pop_front();
  if (rules.pace_to_ms > 0) {
    const auto width = static_cast<std::uint64_t>(rules.pace_to_ms - rules.pace_from_ms) + 1;
    const std::uint64_t drawn = base::stable_hash_of(std::string_view(rules.name),
                                                     static_cast<std::int64_t>(account.sent_ever))
                                    .high;
    account.paced_until = now + rules.pace_from_ms + static_cast<std::int64_t>(drawn % width);
  }
  ++account.sent_ever;
}

void note_unsent(Account& account, std::string_view operation, Instant emitted) {
  const bool of_today = emitted >= account.day_began && emitted < account.day_ends;
  if (!of_today || account.sent == 0) return;
  --account.sent;
  const auto used = account.by_operation.find(operation);
  if (used != account.by_operation.end() && used->second > 0) --used->second;
}

}  // namespace itinera::engine
