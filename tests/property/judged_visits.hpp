// SPDX-License-Identifier: Apache-2.0
// What the judge knows of messages, and of the visits of sends: whether the contact has reacted to
// a message of one.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "itinera/ids.hpp"
#include "record/message_records.hpp"
#include "record/records.hpp"

namespace itinera::property {

// One visit of a send, at the place of a journey, a strand or a send aside.
struct Visit {
  std::uint32_t journey = 0;
  std::uint16_t node = 0;
  std::uint32_t number = 0;
  friend auto operator<=>(const Visit&, const Visit&) = default;
};

struct Message {
  Hash128 id;
  Visit visit;
  Instant at;
  std::uint32_t contact = 0;
  std::string campaign;
  std::string channel;
  std::string topic;
  std::string address;
  std::string sender;
  std::string operation;
  bool marketing = true;
  bool counts = true;  // has not been withdrawn, and has not failed
  bool failed = false;
  bool told_failed = false;  // by a report
};

class Visits {
 public:
  // The place is another's from now on.
  void begin(std::uint32_t journey) {
    awaiting_.erase(journey);
    if (sent_ == journey) sent_ = record::no_place;
  }

  // What is held is of the same visit still, and so is another attempt.
  void ready(std::uint32_t journey, std::uint16_t node, bool was_held) {
    if (!was_held && !awaiting_.contains(journey)) ++numbers_[{journey, node}];
    awaiting_.erase(journey);
  }
  // The steps are those of another version from now on, and what was sent is no visit of theirs.
  void moves(std::uint32_t journey) {
    constexpr std::uint32_t many = 1'000;
    for (auto at = numbers_.lower_bound({journey, 0});
         at != numbers_.end() && at->first.first == journey; ++at) {
      at->second += many;
    }
  }
  void visited() { sent_ = record::no_place; }
  Visit sent(std::uint32_t journey, std::uint16_t node) {
    sent_ = journey;
    sent_at_ = node;
    return {journey, node, numbers_[{journey, node}]};
  }
  // Behind the message that has just been sent: until then.
  void waits(std::uint32_t journey, std::uint16_t node, Instant due) {
    if (sent_ == journey && sent_at_ == node) awaiting_[journey] = due;
  }
  void waits_anew(std::uint32_t journey, Instant due) {
    if (const auto at = awaiting_.find(journey); at != awaiting_.end()) at->second = due;
  }
  void leaves(std::uint32_t journey) { awaiting_.erase(journey); }

  // Exactly when its time is over it is too late (S1); while the next message is held it is not.
  void react(const Visit& visit, Instant now) {
    const auto due = awaiting_.find(visit.journey);
    if (due == awaiting_.end() || now < due->second) reacted_.insert(visit);
  }
  [[nodiscard]] bool has_reaction(const Visit& visit) const { return reacted_.contains(visit); }

 private:
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint32_t> numbers_;  // journey, node
  std::map<std::uint32_t, Instant> awaiting_;  // a reaction to the newest message, until then
  std::uint32_t sent_ = record::no_place;      // the journey that has sent just now
  std::uint16_t sent_at_ = 0;
  std::set<Visit> reacted_;
};

}  // namespace itinera::property
