// SPDX-License-Identifier: Apache-2.0
// The bound's memory: zeroed pages, and the table of journeys in flight.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace itinera::bench {

// A fixed array of zeros in huge pages where the system grants them. Touched when made, since the
// faults of a first touch are not the engine's cost.
template <class T>
class ZeroedArray {
 public:
  explicit ZeroedArray(std::size_t size) : bytes_(round_up(size * sizeof(T))) {
    mapped_ = mmap(nullptr, bytes_ + huge_page, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped_ == MAP_FAILED) std::abort();
    void* aligned = mapped_;
    std::size_t space = bytes_ + huge_page;
    std::align(huge_page, bytes_, aligned, space);
    madvise(aligned, bytes_, MADV_HUGEPAGE);
    std::memset(aligned, 0, bytes_);
    data_ = static_cast<T*>(aligned);
  }
  ~ZeroedArray() { munmap(mapped_, bytes_ + huge_page); }
  ZeroedArray(const ZeroedArray&) = delete;
  ZeroedArray& operator=(const ZeroedArray&) = delete;

  [[nodiscard]] T* data() const { return data_; }
  T& operator[](std::size_t i) const { return data_[i]; }

 private:
  static constexpr std::size_t huge_page = std::size_t{2} << 20U;
  static std::size_t round_up(std::size_t bytes) {
    return (bytes + huge_page - 1) / huge_page * huge_page;
  }
  std::size_t bytes_;
  void* mapped_ = nullptr;
  T* data_ = nullptr;
};

enum class State : std::uint8_t { free, waits_for_order, waits_for_open, waits_for_end };

struct Journey {
  std::uint64_t key;
  std::uint32_t due_ms;
  std::uint16_t campaign;
  State state;  // free: nobody lies here
  std::uint8_t arm;
};
static_assert(sizeof(Journey) == 16);

// Open addressing in hash order, linear probing, backward shift instead of tombstones. The record
// lies in the table, so a look-up is one cache line.
class JourneyTable {
 public:
  explicit JourneyTable(std::uint64_t most)
      : places_(most * 100 / fill_percent + 64), table_(places_ + slack) {}

  void prefetch(std::uint64_t key) const { __builtin_prefetch(table_.data() + home(key)); }

  Journey* find(std::uint64_t key) const {
    Journey* journey = probe(key);
    return journey->state == State::free ? nullptr : journey;
  }

  // Null if the key is in already. The caller gives the new record a state.
  Journey* insert(std::uint64_t key) {
    Journey* journey = probe(key);
    if (journey->state != State::free) return nullptr;
    if (journey >= table_.data() + places_ + slack - 1) std::abort();
    journey->key = key;
    journey->campaign = 1;
    peak_ = std::max(peak_, ++size_);
    return journey;
  }

  void erase(Journey* journey) {
    --size_;
    auto hole = static_cast<std::uint64_t>(journey - table_.data());
    for (std::uint64_t i = hole + 1; table_[i].state != State::free; ++i) {
      if (home(table_[i].key) > hole) continue;
      table_[hole] = table_[i];
      hole = i;
    }
    table_[hole].state = State::free;
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::uint64_t peak() const { return peak_; }
  [[nodiscard]] std::uint64_t bytes_at_peak() const {
    return peak_ * sizeof(Journey) * 100 / fill_percent;
  }

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr std::uint64_t fill_percent = 75;
  static constexpr std::uint64_t slack = 4096;  // nothing wraps around; the last home may overflow

  [[nodiscard]] std::uint64_t home(std::uint64_t key) const {
    return static_cast<std::uint64_t>((static_cast<Wide>(key) * places_) >> 64U);
  }
  // The record of `key`, or the free place where it would go.
  [[nodiscard]] Journey* probe(std::uint64_t key) const {
    Journey* journey = table_.data() + home(key);
    while (journey->state != State::free && journey->key != key) ++journey;
    return journey;
  }

  std::uint64_t places_;
  ZeroedArray<Journey> table_;
  std::uint64_t size_ = 0;
  std::uint64_t peak_ = 0;
};

}  // namespace itinera::bench
