// SPDX-License-Identifier: Apache-2.0
#include "bound.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include "bound_store.hpp"
#include "bound_timers.hpp"

namespace itinera::bench {
namespace {

// Actions wait here until the host takes them, which is when the oracle's sums are made.
class Outbox {
 public:
  void emit(std::uint64_t key, std::uint32_t at_ms, ActionKind kind) {
    actions_[size_++] = {key, at_ms, kind};
    if (size_ == actions_.size()) take();
  }
  void take() {
    for (std::size_t i = 0; i < size_; ++i) {
      totals.add(actions_[i].kind, actions_[i].at_ms, actions_[i].key);
    }
    size_ = 0;
  }

  Totals totals;

 private:
  struct Action {
    std::uint64_t key;
    std::uint32_t at_ms;
    ActionKind kind;
  };
  std::size_t size_ = 0;
  std::array<Action, 4096> actions_{};
};

// 0.706 of the contacts are in flight at the peak; timers of the cancelled stay until due.
class CartEngine {
 public:
  explicit CartEngine(std::uint64_t contacts)
      : journeys_(contacts * 85 / 100 + 1000), timers_(contacts * 3) {}

  void run(const std::vector<Event>& events) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (i + look_ahead < events.size()) {
        const Event& later = events[i + look_ahead];
        if (later.type() != EventType::page_view) journeys_.prefetch(later.key());
      }
      if (events[i].at_ms() >= timers_.next_due_ms()) advance(events[i].at_ms());
      apply(events[i]);
    }
  }

  void advance(std::uint32_t to_ms) {
    timers_.advance(
        to_ms, [this](std::uint64_t key, std::uint32_t due_ms) { fire(key, due_ms); },
        [this](std::uint64_t key) { journeys_.prefetch(key); });
  }

  Outbox outbox;
  [[nodiscard]] const JourneyTable& journeys() const { return journeys_; }
  [[nodiscard]] std::uint64_t bytes_at_peak() const {
    return journeys_.bytes_at_peak() + timers_.bytes_at_peak();
  }

 private:
  void wait(Journey* journey, State state, std::uint32_t due_ms) {
    journey->state = state;
    journey->due_ms = due_ms;
    timers_.arm(journey->key, due_ms);
  }

  void apply(const Event& event) {
    switch (event.type()) {
      case EventType::cart_abandoned:
        if (Journey* journey = journeys_.insert(event.key())) {
          wait(journey, State::waits_for_order, event.at_ms() + order_wait_ms);
        }
        break;
      case EventType::order_placed: {
        Journey* journey = journeys_.find(event.key());
        if (journey == nullptr || journey->state != State::waits_for_order) break;
        journeys_.erase(journey);
        ++outbox.totals.converted;
        break;
      }
      case EventType::email_opened: {
        Journey* journey = journeys_.find(event.key());
        if (journey == nullptr || journey->state != State::waits_for_open) break;
        outbox.emit(event.key(), event.at_ms(), ActionKind::push);
        wait(journey, State::waits_for_end, event.at_ms() + last_wait_ms);
        break;
      }
      case EventType::page_view: break;
    }
  }

  void fire(std::uint64_t key, std::uint32_t due_ms) {
    Journey* journey = journeys_.find(key);
    if (journey == nullptr || journey->due_ms != due_ms) return;
    ++outbox.totals.timers;
    switch (journey->state) {
      case State::waits_for_order:
        outbox.emit(key, due_ms, ActionKind::email);
        wait(journey, State::waits_for_open, due_ms + open_wait_ms);
        break;
      case State::waits_for_open:
        outbox.emit(key, due_ms, ActionKind::sms);
        wait(journey, State::waits_for_end, due_ms + last_wait_ms);
        break;
      case State::waits_for_end:
        journeys_.erase(journey);
        ++outbox.totals.ended;
        break;
      case State::free: break;
    }
  }

  JourneyTable journeys_;
  TimerCalendar timers_;
};

class FanoutEngine {
 public:
  explicit FanoutEngine(std::uint64_t contacts) : journeys_(contacts), timers_(contacts * 3) {}

  void enter(const std::vector<std::uint64_t>& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i + look_ahead < keys.size()) journeys_.prefetch(keys[i + look_ahead]);
      Journey* journey = journeys_.insert(keys[i]);
      if (journey == nullptr) continue;
      const auto arm = static_cast<ActionKind>(mix(keys[i]) % 3 + 1);
      journey->arm = static_cast<std::uint8_t>(arm);
      outbox.emit(keys[i], 0, arm);
      wait(journey, State::waits_for_open, order_wait_ms);
    }
  }

  void advance(std::uint32_t to_ms) {
    timers_.advance(
        to_ms, [this](std::uint64_t key, std::uint32_t due_ms) { fire(key, due_ms); },
        [this](std::uint64_t key) { journeys_.prefetch(key); });
    outbox.take();
  }

  Outbox outbox;
  [[nodiscard]] bool empty() const { return journeys_.empty(); }

 private:
  void wait(Journey* journey, State state, std::uint32_t due_ms) {
    journey->state = state;
    journey->due_ms = due_ms;
    timers_.arm(journey->key, due_ms);
  }

  void fire(std::uint64_t key, std::uint32_t due_ms) {
    Journey* journey = journeys_.find(key);
    if (journey == nullptr || journey->due_ms != due_ms) return;
    ++outbox.totals.timers;
    if (journey->state == State::waits_for_open) {
      outbox.emit(key, due_ms, static_cast<ActionKind>(journey->arm));
      wait(journey, State::waits_for_end, due_ms + open_wait_ms);
    } else {
      journeys_.erase(journey);
      ++outbox.totals.ended;
    }
  }

  JourneyTable journeys_;
  TimerCalendar timers_;
};

// Seconds since it was made or last asked.
class Stopwatch {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> passed = now - start_;
    start_ = now;
    return passed.count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The bound knows contacts by key only, so their indexes are not summed.
bool agree(Totals totals, const Totals& expected) {
  totals.sum_index = expected.sum_index;
  return totals == expected;
}

}  // namespace

CartRun run_bound(const CartRecovery& workload) {
  CartEngine engine(workload.contacts);
  CartRun run;
  Stopwatch stopwatch;
  engine.run(workload.events);
  engine.advance(cart_end_ms);
  engine.outbox.take();
  run.seconds = stopwatch.lap();
  run.totals = engine.outbox.totals;
  run.peak_journeys = engine.journeys().peak();
  run.bytes_per_journey = static_cast<double>(engine.bytes_at_peak()) /
                          static_cast<double>(std::max<std::uint64_t>(run.peak_journeys, 1));
  run.ok = agree(run.totals, workload.expected) && engine.journeys().empty();
  return run;
}

FanoutRun run_bound(const BroadcastFanout& workload) {
  std::vector<std::uint64_t> keys(workload.contacts);
  for (std::uint64_t i = 0; i < workload.contacts; ++i) keys[i] = key_of(i);
  FanoutEngine engine(workload.contacts);
  FanoutRun run;
  Stopwatch stopwatch;
  engine.enter(keys);
  run.enter_seconds = stopwatch.lap();
  engine.advance(order_wait_ms);
  run.first_wait_seconds = stopwatch.lap();
  engine.advance(order_wait_ms + open_wait_ms);
  run.second_wait_seconds = stopwatch.lap();
  run.totals = engine.outbox.totals;
  run.ok = agree(run.totals, workload.expected) && engine.empty();
  return run;
}

}  // namespace itinera::bench
