// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace itinera::engine {

// A journey with the first parts of its place in S0's order.
struct ReadySend {
  std::uint64_t contact_hash = 0;
  std::uint32_t rank = 0;  // of the campaign version
  std::uint32_t journey = 0;
};

// The sends that wait for the gate at one instant, in S0's order. Journeys mostly come in order,
// so that an append serves; the few others go through a heap.
class ReadyQueue {
 public:
  [[nodiscard]] bool empty() const { return run_at_ == run_.size() && heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return run_.size() - run_at_ + heap_.size(); }

  template <class Before>
  void push(const ReadySend& send, Before before) {
    if (empty()) {
      run_.clear();
      run_at_ = 0;
    }
    if (run_at_ == run_.size() || before(run_.back(), send)) {
      run_.push_back(send);
    } else {
      heap_.push_back(send);
      std::push_heap(heap_.begin(), heap_.end(), reversed(before));
    }
  }
  template <class Before>
  [[nodiscard]] const ReadySend& front(Before before) const {
    if (heap_.empty()) return run_[run_at_];
    if (run_at_ == run_.size() || before(heap_.front(), run_[run_at_])) return heap_.front();
    return run_[run_at_];
  }
  // Takes `journey` out, wherever it stands; quick at the front.
  template <class Before>
  void remove(std::uint32_t journey, Before before) {
    if (run_at_ < run_.size() && run_[run_at_].journey == journey) {
      run_[run_at_++] = {};
      return;
    }
    const auto is_it = [&](const ReadySend& send) { return send.journey == journey; };
    const auto in_heap = std::find_if(heap_.begin(), heap_.end(), is_it);
    if (in_heap != heap_.end()) {
      heap_.erase(in_heap);
      std::make_heap(heap_.begin(), heap_.end(), reversed(before));
      return;
    }
    run_.erase(
        std::find_if(run_.begin() + static_cast<std::ptrdiff_t>(run_at_), run_.end(), is_it));
  }
  // The journeys that come next but not at once, to be fetched ahead.
  [[nodiscard]] const ReadySend* ahead(std::size_t distance) const {
    return run_at_ + distance < run_.size() ? &run_[run_at_ + distance] : nullptr;
  }

  // In no order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = run_at_; i < run_.size(); ++i) visit(run_[i]);
    for (const ReadySend& each : heap_) visit(each);
  }
  // Calls visit(object) for all that lies here, or has lain.
  template <class Visit>
  void for_each_part(Visit visit) const {
    for (const ReadySend& each : run_) visit(each);
    for (const ReadySend& each : heap_) visit(each);
  }

 private:
  template <class Before>
  static auto reversed(Before before) {
    return [before](const ReadySend& a, const ReadySend& b) { return before(b, a); };
  }
  std::vector<ReadySend> run_;
  std::size_t run_at_ = 0;
  std::vector<ReadySend> heap_;
};

}  // namespace itinera::engine
