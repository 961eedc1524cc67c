// SPDX-License-Identifier: Apache-2.0
// The two standard workloads, made from (N, seed) alone, with the totals that any right engine must
// reach. A measurement counts only if its totals agree.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace itinera::bench {

inline constexpr std::uint64_t default_seed = 20'261'121;
inline constexpr std::uint32_t minute_ms = 60'000;
inline constexpr std::uint32_t hour_ms = 60 * minute_ms;
inline constexpr std::uint32_t day_ms = 24 * hour_ms;

// The waits of cart-recovery. Broadcast-fanout has the same first two.
inline constexpr std::uint32_t order_wait_ms = hour_ms;
inline constexpr std::uint32_t open_wait_ms = day_ms;
inline constexpr std::uint32_t last_wait_ms = 3 * day_ms;

// No journey of cart-recovery is in flight at or after this instant.
inline constexpr std::uint32_t cart_end_ms =
    day_ms + order_wait_ms + open_wait_ms + last_wait_ms + minute_ms;

enum class EventType : std::uint32_t { cart_abandoned, order_placed, email_opened, page_view };

// The numbers weigh in the expected sums: never renumber.
enum class ActionKind : std::uint32_t { email = 1, push = 2, sms = 3 };

// The mixing function of splitmix64.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

// A contact's 64-bit handle, as if its id had been hashed.
constexpr std::uint64_t key_of(std::uint64_t contact) { return mix(contact ^ 0xC0FFEEU); }

// The arm of broadcast-fanout that a contact falls into.
constexpr ActionKind arm_of(std::uint64_t contact) {
  return static_cast<ActionKind>(mix(key_of(contact)) % 3 + 1);
}

// "contact-000123": the id for engines that take text. At least six digits.
std::string contact_name(std::uint64_t contact);

// 16 bytes, so that the stream itself stays out of the measurement. Up to 2^30 contacts.
class Event {
 public:
  Event() = default;
  Event(std::uint64_t contact, std::uint32_t at_ms, EventType type)
      : key_(key_of(contact)),
        at_ms_(at_ms),
        packed_(static_cast<std::uint32_t>(contact << 2U) | static_cast<std::uint32_t>(type)) {}

  [[nodiscard]] std::uint64_t key() const { return key_; }
  [[nodiscard]] std::uint32_t at_ms() const { return at_ms_; }
  [[nodiscard]] std::uint32_t contact() const { return packed_ >> 2U; }
  [[nodiscard]] EventType type() const { return static_cast<EventType>(packed_ & 3U); }

 private:
  std::uint64_t key_ = 0;
  std::uint32_t at_ms_ = 0;
  std::uint32_t packed_ = 0;
};

// What a run did, or must have done. Sums wrap.
struct Totals {
  std::uint64_t timers = 0;  // fired
  std::uint64_t email = 0;
  std::uint64_t push = 0;
  std::uint64_t sms = 0;
  std::uint64_t converted = 0;
  std::uint64_t ended = 0;
  std::uint64_t sum_t = 0;      // of the actions' times in milliseconds
  std::uint64_t sum_key = 0;    // of key * kind over the actions
  std::uint64_t sum_index = 0;  // of contact * kind over the actions

  void add(ActionKind kind, std::uint64_t at_ms, std::uint64_t key);
  void add_index(ActionKind kind, std::uint64_t contact) {
    sum_index += contact * static_cast<std::uint64_t>(kind);
  }
  [[nodiscard]] std::uint64_t actions() const { return email + push + sms; }
  bool operator==(const Totals&) const = default;
};

// cart_abandoned enters a contact that is not in -> wait 1 h for order_placed, which ends it
// (converted) -> email -> wait 24 h for email_opened -> push if it came, else sms -> wait 3 d ->
// end. A timer due at or before an event's time fires first. Two inputs of one contact lie at least
// a minute apart.
struct CartRecovery {
  std::uint64_t contacts = 0;  // that enter; further ids up to contacts * 3 / 2 only order
  std::vector<Event> events;   // by time; those of one instant in the order made
  Totals expected;

  static CartRecovery make(std::uint64_t contacts, std::uint64_t seed = default_seed);
  [[nodiscard]] std::uint64_t inputs() const { return events.size() + expected.timers; }
};

// All contacts enter at 0 ms: the arm's action -> wait 1 h -> the arm's action -> wait 24 h -> end.
struct BroadcastFanout {
  std::uint64_t contacts = 0;
  Totals expected;

  static BroadcastFanout make(std::uint64_t contacts);
};

}  // namespace itinera::bench
