// SPDX-License-Identifier: Apache-2.0
// The deadlines of all journeys: a calendar of append-only buckets, each sorted when time enters
// it (performance.md D.1). Arming costs an append, cancelling nothing: an entry is a hint, and is
// dropped when its journey is no longer due at that instant.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/pool.hpp"
#include "itinera/time.hpp"

namespace itinera::engine {

class Timers {
 public:
  // Whether `journey` is still due at `due`.
  class Live {
   public:
    virtual ~Live() = default;
    [[nodiscard]] virtual bool live(std::uint32_t journey, Instant due) const = 0;
    // The journey fires soon: fetch it; very soon: fetch what it refers to.
    virtual void prefetch(std::uint32_t journey) const = 0;
    virtual void prefetch_deeply(std::uint32_t) const {}
  };

  // `due` >= `now`, the engine's time.
  void arm(std::uint32_t journey, Instant due, Instant now);

  // The earliest live deadline at or before `limit`, if any. Moves the calendar on: nothing may be
  // armed before the returned instant afterwards, nor before `limit` if there is none.
  std::optional<Instant> next_until(Instant limit, const Live& live);
  // `journeys` becomes all that were armed for `t`, which next_until() returned: in no order, with
  // those that are not live any more, and twice where one was armed twice.
  void take(Instant t, std::vector<std::uint32_t>& journeys);

  // No timer is due before this: a cheap answer for most inputs.
  [[nodiscard]] Instant idle_until() const { return idle_until_; }

  // The earliest live deadline. Drops what is not live on the way to it, but does not move the
  // calendar: however many wait, asking again after one of them has gone costs little.
  std::optional<Instant> earliest(const Live& live);

  // Entries that are kept, live or not.
  [[nodiscard]] std::uint64_t waiting() const { return waiting_; }
  // Lets go of all that are not live. Looks at every entry: worth it where most of them are dead.
  void drop_dead(const Live& live);

 private:
  // Due within its epoch: the lower epoch_bits of the instant.
  struct Entry {
    std::uint32_t journey = 0;
    std::uint32_t low = 0;
  };
  // For heaps whose front is the earliest.
  static bool is_later(const Entry& a, const Entry& b) { return a.low > b.low; }
  struct Chunk {
    static constexpr std::uint32_t capacity = 63;
    std::uint32_t next = no_chunk;
    std::uint32_t count = 0;
    std::array<Entry, capacity> entries{};  // the first `count`
  };
  // As it was armed, in chunks; once it has been asked for its earliest, in a heap instead.
  struct Bucket {
    std::uint32_t first = no_chunk;
    std::uint32_t last = no_chunk;
    std::uint32_t heap = no_heap;  // place in heaps_
  };
  struct Far {
    Instant due;
    std::uint32_t journey = 0;
  };
  // A bucket is 65.5 s, an epoch 8,192 of them (6.2 days), the second ring 1,024 epochs (17 years).
  static constexpr unsigned bucket_bits = 16;
  static constexpr unsigned epoch_bits = 29;
  static constexpr std::uint32_t buckets = 1u << (epoch_bits - bucket_bits);
  static constexpr std::uint32_t epochs = 1024;
  static constexpr std::uint32_t no_chunk = 0xFFFF'FFFF;
  static constexpr std::uint32_t no_heap = 0xFFFF'FFFF;

  static std::int64_t epoch_of(Instant t) { return t.ms >> epoch_bits; }
  // In the second ring; epochs before 1970 are negative.
  static std::uint32_t slot_of(std::int64_t epoch) {
    return static_cast<std::uint32_t>(epoch & (epochs - 1));
  }
  static std::uint32_t bucket_of(std::uint32_t low) { return low >> bucket_bits; }
  static std::uint32_t low_of(Instant t) {
    return static_cast<std::uint32_t>(t.ms & ((std::int64_t{1} << epoch_bits) - 1));
  }
  [[nodiscard]] Instant instant_of(std::int64_t epoch, std::uint32_t low) const {
    return {(epoch << epoch_bits) | low};
  }

  void place(std::uint32_t journey, Instant due);
  void append(Bucket& bucket, Entry entry);
  template <class Visit>
  void visit(const Bucket& bucket, Visit visit) const;
  void drain_into_current(Bucket& bucket);
  bool enter_next_bucket(Instant limit);
  bool enter_next_epoch(Instant limit);
  void enter_epoch(std::int64_t epoch);
  void drop_dead_fronts(const Live& live);
  [[nodiscard]] std::optional<Instant> front() const;
  [[nodiscard]] Instant next_bucket_begin() const;
  void make_heap(Bucket& bucket);
  void give_back(Bucket& bucket);
  void drop_dead_of(Bucket& bucket, std::int64_t epoch, const Live& live);
  std::optional<Instant> earliest_in(Bucket& bucket, std::int64_t epoch, const Live& live);

  base::Pool<Chunk> chunks_;
  std::array<Bucket, buckets> fine_;  // of the current epoch, after the current bucket
  std::array<std::uint64_t, buckets / 64> fine_used_{};
  std::array<Bucket, epochs> coarse_;  // of later epochs
  std::array<std::uint64_t, epochs / 64> coarse_used_{};
  std::vector<Far> far_;        // beyond the second ring
  std::vector<Entry> current_;  // of the current bucket, sorted by low
  std::size_t taken_ = 0;       // of current_
  std::vector<Entry> near_;     // armed into the current bucket: a min-heap by low
  std::int64_t epoch_ = 0;
  std::uint32_t bucket_ = 0;               // current bucket in epoch_
  std::vector<std::vector<Entry>> heaps_;  // by low, the earliest in front
  std::vector<std::uint32_t> free_heaps_;
  Instant idle_until_{INT64_MAX};
  std::uint64_t waiting_ = 0;  // entries anywhere
};

}  // namespace itinera::engine
