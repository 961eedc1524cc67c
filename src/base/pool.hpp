// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace itinera::base {

// Objects at stable 32-bit places, in chunks that are never moved or given back. A freed place is
// used again, the last freed first, so the same calls give the same places.
template <class T>
class Pool {
 public:
  T& operator[](std::uint32_t place) { return chunks_[place >> bits][place & mask]; }
  const T& operator[](std::uint32_t place) const { return chunks_[place >> bits][place & mask]; }

  // The place that the next add() will use.
  [[nodiscard]] std::uint32_t next_place() const { return free_.empty() ? size_ : free_.back(); }
  std::uint32_t add(const T& value) {
    const std::uint32_t place = add();
    (*this)[place] = value;
    return place;
  }
  // A place whose content is what it held before, or a new T.
  std::uint32_t add() {
    const std::uint32_t place = next_place();
    if (!free_.empty()) {
      free_.pop_back();
    } else {
      if ((size_ & mask) == 0) chunks_.push_back(std::make_unique_for_overwrite<T[]>(chunk));
      ++size_;
    }
    return place;
  }
  // The object's content is left to the caller.
  void release(std::uint32_t place) { free_.push_back(place); }

  // Calls visit(object) for every place ever used, taken or not.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::uint32_t place = 0; place < size_; ++place) visit((*this)[place]);
  }

  // Calls visit(place) for every place that is taken, with `v` writing the pool, or, where V loads,
  // reading into one that is empty: places and the order of the free ones stay as they were. What
  // is said to be free is in bounds and there once, else v.fail().
  template <class V, class Self, class Visit>
  static void walk(V& v, Self& pool, Visit visit);

  [[nodiscard]] std::uint32_t size() const { return size_; }  // places ever used at once
  [[nodiscard]] std::uint32_t used() const {
    return size_ - static_cast<std::uint32_t>(free_.size());
  }

 private:
  // A chunk takes 64 KiB: a small engine stays small.
  static constexpr std::uint32_t bits = std::bit_width((std::size_t{64} << 10) / sizeof(T)) - 1;
  static constexpr std::uint32_t chunk = 1u << bits;
  static constexpr std::uint32_t mask = chunk - 1;
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t size_ = 0;
};

template <class T>
template <class V, class Self, class Visit>
void Pool<T>::walk(V& v, Self& pool, Visit visit) {
  std::vector<std::uint32_t> free(pool.free_);
  const std::uint64_t count = v.count(free.size());
  std::uint32_t size = pool.size_;
  if constexpr (V::loads) {
    for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
      v.seam();
      v(free.emplace_back());
    }
  } else {
    for (const std::uint32_t place : free) {
      v.seam();
      v(place);
    }
  }
  v(size);
  std::vector<std::uint32_t> sorted(free);
  std::sort(sorted.begin(), sorted.end());
  const bool twice = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  if (twice || (!sorted.empty() && sorted.back() >= size)) return v.fail();
  auto next_free = sorted.begin();
  for (std::uint32_t place = 0; place < size && v.ok(); ++place) {
    if constexpr (V::loads) pool.add();
    if (next_free != sorted.end() && *next_free == place) {
      ++next_free;
      continue;
    }
    v.seam();
    visit(place);
  }
  if constexpr (V::loads) pool.free_ = std::move(free);
}

}  // namespace itinera::base
