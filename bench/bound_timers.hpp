// SPDX-License-Identifier: Apache-2.0
// The bound's timers: a calendar of buckets over a pool of chunks.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "bound_store.hpp"

namespace itinera::bench {

// How many inputs ahead a record's cache line is asked for.
constexpr std::size_t look_ahead = 14;

// 12 bytes, hence the key in halves.
struct Timer {
  Timer() = default;
  Timer(std::uint64_t key, std::uint32_t due)
      : low(static_cast<std::uint32_t>(key)),
        high(static_cast<std::uint32_t>(key >> 32U)),
        due_ms(due) {}
  [[nodiscard]] std::uint64_t key() const { return std::uint64_t{high} << 32U | low; }

  std::uint32_t low;
  std::uint32_t high;
  std::uint32_t due_ms;
};
static_assert(sizeof(Timer) == 12);

// Lists of timers, appended to and emptied as a whole, in 512-byte chunks of one pool.
class TimerPool {
 public:
  struct List {
    std::uint32_t head = 0;  // chunk 0 is nobody's
    std::uint32_t tail = 0;
  };

  explicit TimerPool(std::size_t chunks) : most_(chunks), chunks_(chunks) {}

  void append(List& list, Timer timer) {
    if (list.tail == 0 || chunks_[list.tail].size == chunk_timers) grow(list);
    Chunk& chunk = chunks_[list.tail];
    chunk.timers[chunk.size++] = timer;
  }

  void move_to(std::vector<Timer>& timers, List& list) {
    for (std::uint32_t id = list.head; id != 0;) {
      Chunk& chunk = chunks_[id];
      const std::uint32_t next = chunk.next;
      __builtin_prefetch(chunks_.data() + next);
      timers.insert(timers.end(), chunk.timers.begin(), chunk.timers.begin() + chunk.size);
      chunk.next = free_;
      free_ = id;
      --live_;
      id = next;
    }
    list = {};
  }

  static constexpr std::size_t chunk_timers = 42;
  [[nodiscard]] std::uint64_t bytes_at_peak() const { return peak_ * sizeof(Chunk); }

 private:
  struct Chunk {
    std::uint32_t next;
    std::uint32_t size;
    std::array<Timer, chunk_timers> timers;
  };
  static_assert(sizeof(Chunk) == 512);

  [[gnu::noinline]] void grow(List& list) {
    const std::uint32_t id = free_ != 0 ? free_ : used_++;
    if (id >= most_) std::abort();
    if (id == free_) free_ = chunks_[id].next;
    chunks_[id].next = 0;
    chunks_[id].size = 0;
    (list.tail == 0 ? list.head : chunks_[list.tail].next) = id;
    list.tail = id;
    peak_ = std::max(peak_, ++live_);
  }

  std::size_t most_;
  ZeroedArray<Chunk> chunks_;
  std::uint32_t used_ = 1;
  std::uint32_t free_ = 0;
  std::uint64_t live_ = 0;
  std::uint64_t peak_ = 0;
};

// A bucket of 65.5 s is appended to until the clock enters it, and then sorted by radix. Order:
// (due, order of arming). A timer is a hint, compared with its record when it fires, so cancelling
// costs nothing. Times lie less than `buckets` buckets ahead.
class TimerCalendar {
 public:
  // `most` timers are armed and not yet fired at any time, cancelled ones included.
  explicit TimerCalendar(std::uint64_t most)
      : pool_(most / TimerPool::chunk_timers + 3 * buckets), lists_(buckets) {}

  // No timer is due before this; there may be none at it.
  [[nodiscard]] std::uint32_t next_due_ms() const { return next_due_ms_; }

  void arm(std::uint64_t key, std::uint32_t due_ms) {
    if (bucket_of(due_ms) > current_) {
      pool_.append(lists_[bucket_of(due_ms) % buckets], {key, due_ms});
      return;
    }
    near_.push_back({{key, due_ms}, near_armed_++});
    std::push_heap(near_.begin(), near_.end(), fires_later);
    next_due_ms_ = std::min(next_due_ms_, due_ms);
  }

  // Fires what is due at or before `to_ms`: fire(key, due_ms), told ahead by prefetch(key).
  template <class Fire, class Prefetch>
  void advance(std::uint32_t to_ms, const Fire& fire, const Prefetch& prefetch) {
    while (true) {
      fire_bucket(to_ms, fire, prefetch);
      if (position_ < count_ || bucket_of(to_ms) <= current_) break;
      enter_next_bucket();
    }
    next_due_ms_ = position_ < count_ ? sorted_[position_].due_ms : (current_ + 1) << bucket_bits;
    if (!near_.empty()) next_due_ms_ = std::min(next_due_ms_, near_.front().timer.due_ms);
  }

  [[nodiscard]] std::uint64_t bytes_at_peak() const {
    return pool_.bytes_at_peak() + lists_.size() * sizeof(TimerPool::List);
  }

 private:
  static constexpr std::uint32_t bucket_bits = 16;
  static constexpr std::uint32_t buckets = 8192;
  static constexpr std::size_t insertion_sort_most = 32;

  // Armed for the bucket that the clock is in already.
  struct NearTimer {
    Timer timer;
    std::uint64_t armed;
  };
  static bool fires_later(const NearTimer& a, const NearTimer& b) {
    return a.timer.due_ms != b.timer.due_ms ? a.timer.due_ms > b.timer.due_ms : a.armed > b.armed;
  }
  static std::uint32_t bucket_of(std::uint32_t due_ms) { return due_ms >> bucket_bits; }

  template <class Fire, class Prefetch>
  void fire_bucket(std::uint32_t to_ms, const Fire& fire, const Prefetch& prefetch) {
    while (true) {
      const bool here = position_ < count_ && sorted_[position_].due_ms <= to_ms;
      const bool near = !near_.empty() && near_.front().timer.due_ms <= to_ms;
      if (here && (!near || sorted_[position_].due_ms <= near_.front().timer.due_ms)) {
        if (position_ + look_ahead < count_) prefetch(sorted_[position_ + look_ahead].key());
        const Timer timer = sorted_[position_++];
        fire(timer.key(), timer.due_ms);
      } else if (near) {
        std::pop_heap(near_.begin(), near_.end(), fires_later);
        const Timer timer = near_.back().timer;
        near_.pop_back();
        fire(timer.key(), timer.due_ms);
      } else {
        return;
      }
    }
  }

  void enter_next_bucket() {
    ++current_;
    sorted_.clear();
    position_ = 0;
    pool_.move_to(sorted_, lists_[current_ % buckets]);
    count_ = sorted_.size();
    if (count_ <= insertion_sort_most) {
      insertion_sort();
    } else if (std::any_of(sorted_.begin(), sorted_.end(), [this](const Timer& timer) {
                 return timer.due_ms != sorted_.front().due_ms;
               })) {
      radix_sort();
    }
  }

  void insertion_sort() {
    for (std::size_t i = 1; i < sorted_.size(); ++i) {
      const Timer timer = sorted_[i];
      std::size_t place = i;
      for (; place > 0 && sorted_[place - 1].due_ms > timer.due_ms; --place) {
        sorted_[place] = sorted_[place - 1];
      }
      sorted_[place] = timer;
    }
  }

  // The bucket's own bits are the same in all, so the low 16 decide.
  void radix_sort() {
    scratch_.resize(sorted_.size());
    for (std::uint32_t shift = 0; shift < bucket_bits; shift += 8) {
      std::array<std::uint32_t, 257> start{};
      for (const Timer& timer : sorted_) ++start[((timer.due_ms >> shift) & 255U) + 1];
      for (std::size_t i = 0; i < 256; ++i) start[i + 1] += start[i];
      for (const Timer& timer : sorted_) {
        scratch_[start[(timer.due_ms >> shift) & 255U]++] = timer;
      }
      sorted_.swap(scratch_);
    }
  }

  TimerPool pool_;
  std::vector<TimerPool::List> lists_;
  std::vector<Timer> sorted_;  // the current bucket's; fired before `position_`
  std::vector<Timer> scratch_;
  std::vector<NearTimer> near_;  // a heap, the soonest at the front
  std::uint64_t near_armed_ = 0;
  std::size_t position_ = 0;
  std::size_t count_ = 0;  // of `sorted_`
  std::uint32_t current_ = 0;
  std::uint32_t next_due_ms_ = std::uint32_t{1} << bucket_bits;
};

}  // namespace itinera::bench
