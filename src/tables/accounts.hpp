// SPDX-License-Identifier: Apache-2.0
// Sender accounts: what each has sent, when it may send next, and what waits for it. They are few,
// and what one contact's message takes, another's does not find: among the things that contacts
// share (design.md 10).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/zone_table.hpp"
#include "itinera/time.hpp"
#include "plan/plan.hpp"
#include "record/records.hpp"

namespace itinera::engine {

inline constexpr std::uint16_t no_sender = 0xFFFF;

struct Account {
  // Every so many turns it is the oldest's, whatever its priority: nobody waits for ever.
  static constexpr std::uint32_t turns_by_priority = 3;

  // What waits, and its place in line: by when it came, and in S0's order of one instant.
  struct Waiter {
    std::uint32_t priority = 0;
    Instant came;
    std::uint32_t rank = 0;  // of the campaign
    std::uint64_t contact_hash = 0;
    std::uint64_t number = 0;  // of all that ever came to wait for an account
    std::uint32_t journey = 0;
    template <class V>
    void fields(V& v) {
      v(priority, came, rank, contact_hash, number, journey);
    }
    [[nodiscard]] auto age() const { return std::tuple(came, rank, contact_hash, number); }
    [[nodiscard]] auto by_priority() const { return std::tuple_cat(std::tuple(~priority), age()); }
  };
  struct ByPriority {
    bool operator()(const Waiter& a, const Waiter& b) const {
      return a.by_priority() < b.by_priority();
    }
  };
  struct ByAge {
    bool operator()(const Waiter& a, const Waiter& b) const { return a.age() < b.age(); }
  };
  // The same waiters in both orders, so that whose turn it is costs the same however many wait.
  class Queue {
   public:
    [[nodiscard]] bool empty() const { return by_age_.empty(); }
    [[nodiscard]] bool has(const Waiter& waiter) const { return by_age_.contains(waiter); }
    [[nodiscard]] const Waiter& oldest() const { return *by_age_.begin(); }
    [[nodiscard]] const Waiter& foremost() const { return *by_priority_.begin(); }
    void insert(const Waiter& waiter) {
      by_age_.insert(waiter);
      by_priority_.insert(waiter);
    }
    std::size_t erase(const Waiter& waiter) {
      by_priority_.erase(waiter);
      return by_age_.erase(waiter);
    }

   private:
    std::set<Waiter, ByAge> by_age_;
    std::set<Waiter, ByPriority> by_priority_;
  };

  // Today, by the calendar of its zone.
  Instant day_began = earliest_instant;  // with the first message of it
  Instant day_ends = earliest_instant;
  std::uint32_t sent = 0;
  std::map<std::string, std::uint32_t, std::less<>> by_operation;
  std::uint32_t days = 0;  // on which it has sent, before today
  std::uint64_t sent_ever = 0;
  Instant paced_until = earliest_instant;   // it sends nothing before that
  Instant rested_until = earliest_instant;  // the same, because the provider said so
  std::deque<Instant> recent;               // as many as its rate speaks of, oldest first
  // A line for each operation, so that what its quota holds back stands in nobody else's way.
  std::map<std::string, Queue, std::less<>> lines;
  std::uint32_t waiting = 0;
  std::uint32_t turns = 0;
  Instant due = record::no_deadline;

  [[nodiscard]] bool has_in_line(const std::string& operation, const Waiter& waiter) const {
    const auto line = lines.find(operation);
    return line != lines.end() && line->second.has(waiter);
  }
  void line_up(const std::string& operation, const Waiter& waiter) {
    lines[operation].insert(waiter);
    ++waiting;
  }
};

struct Accounts {
  struct Place {
    std::uint16_t sender = no_sender;
    std::string operation;
    Account::Waiter waiter;
    bool called = false;  // has left the line, since it is its turn
  };
  std::vector<Account> all;               // as Plans::senders
  std::map<std::uint32_t, Place> places;  // by journey: of those that wait
  std::uint64_t came = 0;
};

// When an account may send one more message, and what it waits for until then.
struct Turn {
  Instant at;
  record::Decision because = record::Decision::held_quota;
};
Turn next_turn(const ZoneTable& zones, const SenderPlan& sender, const Account& account,
               std::string_view operation, Instant now);

// Of those that wait, whose turn it is at `now`; null if nobody's.
const Account::Waiter* first_in_line(const ZoneTable& zones, const SenderPlan& sender,
                                     const Account& account, Instant now);
// The first instant from now on at which somebody has a turn; no_deadline if nobody waits.
Instant next_service(const ZoneTable& zones, const SenderPlan& sender, const Account& account,
                     Instant now);

// When the account's next day begins.
Instant next_day(const ZoneTable& zones, const SenderPlan& sender, Instant now);

// It has sent a message.
void note_sent(const ZoneTable& zones, const SenderPlan& sender, Account& account,
               std::string_view operation, Instant now);
// A message of today was not sent after all.
void note_unsent(Account& account, std::string_view operation, Instant emitted);

}  // namespace itinera::engine
