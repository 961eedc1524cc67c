// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace itinera::bench {
namespace {

constexpr std::uint32_t event_days = 4;  // unrelated events spread over so many

// One contact's draws: which of its events happen, and when.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t contact) : base_(mix(seed + contact)) {}

  // Uniform in [0, bound); `number` tells the draws of a contact apart.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound, std::uint64_t number) const {
    return static_cast<std::uint32_t>(mix(base_ + number * 0xD1B54A32D192ED03U) % bound);
  }

 private:
  std::uint64_t base_;
};

void add_contact(CartRecovery& workload, std::uint64_t contact, const Draws& draws) {
  std::vector<Event>& events = workload.events;
  Totals& expected = workload.expected;
  const auto act = [&](ActionKind kind, std::uint32_t at_ms) {
    expected.add(kind, at_ms, key_of(contact));
    expected.add_index(kind, contact);
  };

  const std::uint32_t entered = draws.below(day_ms, 0);
  events.emplace_back(contact, entered, EventType::cart_abandoned);
  events.emplace_back(contact, entered + draws.below(event_days * day_ms, 5), EventType::page_view);
  if (contact % 2 == 0) {
    const std::uint64_t stranger = workload.contacts + contact / 2;
    events.emplace_back(stranger, draws.below(event_days * day_ms, 6), EventType::order_placed);
  }
  if (draws.below(100, 1) < 30) {
    const std::uint32_t ordered = entered + minute_ms + draws.below(58 * minute_ms, 2);
    events.emplace_back(contact, ordered, EventType::order_placed);
    ++expected.converted;
    return;
  }
  const std::uint32_t mailed = entered + order_wait_ms;
  act(ActionKind::email, mailed);
  if (draws.below(100, 3) < 40) {
    const std::uint32_t opened = mailed + minute_ms + draws.below(day_ms - 2 * minute_ms, 4);
    events.emplace_back(contact, opened, EventType::email_opened);
    act(ActionKind::push, opened);
    expected.timers += 2;
  } else {
    act(ActionKind::sms, mailed + open_wait_ms);
    expected.timers += 3;
  }
  ++expected.ended;
}

// Stable radix sort by time, which has 30 bits at most.
void sort_by_time(std::vector<Event>& events) {
  constexpr std::uint32_t digit_bits = 10;
  constexpr std::size_t digits = std::size_t{1} << digit_bits;
  std::vector<Event> sorted(events.size());
  for (std::uint32_t shift = 0; shift < 3 * digit_bits; shift += digit_bits) {
    const auto digit = [shift](const Event& event) {
      return (event.at_ms() >> shift) % static_cast<std::uint32_t>(digits);
    };
    std::array<std::size_t, digits + 1> start{};
    for (const Event& event : events) ++start[digit(event) + 1];
    for (std::size_t i = 0; i < digits; ++i) start[i + 1] += start[i];
    for (const Event& event : events) sorted[start[digit(event)]++] = event;
    events.swap(sorted);
  }
}

}  // namespace

std::string contact_name(std::uint64_t contact) { return fmt::format("contact-{:06}", contact); }

void Totals::add(ActionKind kind, std::uint64_t at_ms, std::uint64_t key) {
  email += static_cast<std::uint64_t>(kind == ActionKind::email);
  push += static_cast<std::uint64_t>(kind == ActionKind::push);
  sms += static_cast<std::uint64_t>(kind == ActionKind::sms);
  sum_t += at_ms;
  sum_key += key * static_cast<std::uint64_t>(kind);
}

CartRecovery CartRecovery::make(std::uint64_t contacts, std::uint64_t seed) {
  CartRecovery workload;
  workload.contacts = contacts;
  workload.events.reserve(contacts * 31 / 10 + 64);
  for (std::uint64_t i = 0; i < contacts; ++i) add_contact(workload, i, Draws(seed, i));
  sort_by_time(workload.events);
  return workload;
}

BroadcastFanout BroadcastFanout::make(std::uint64_t contacts) {
  BroadcastFanout workload;
  workload.contacts = contacts;
  for (std::uint64_t i = 0; i < contacts; ++i) {
    const ActionKind arm = arm_of(i);
    for (const std::uint32_t at_ms : {std::uint32_t{0}, order_wait_ms}) {
      workload.expected.add(arm, at_ms, key_of(i));
      workload.expected.add_index(arm, i);
    }
  }
  workload.expected.timers = 2 * contacts;
  workload.expected.ended = contacts;
  return workload;
}

}  // namespace itinera::bench
