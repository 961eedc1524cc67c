// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace itinera::engine {

// A journey with the first parts of its place in S0's order.
struct ReadySend {
  std::uint64_t contact_hash = 0;
  std::uint32_t rank = 0;  // of the campaign version
  std::uint32_t journey = 0;
  [[nodiscard]] auto parts() const { return std::pair(rank, contact_hash); }
};

// The sends that wait for the gate at one instant, in S0's order, which `before` knows in full.
// Journeys mostly come in order, so that an append serves; the few others stand in a tree. Whatever
// leaves, from wherever it stood, costs no more than to find it.
class ReadyQueue {
 public:
  [[nodiscard]] bool empty() const { return run_at_ == run_.size() && late_.empty(); }
  [[nodiscard]] std::size_t size() const { return run_.size() - run_at_ - gone_ + late_.size(); }

  template <class Before>
  void push(const ReadySend& send, Before before) {
    if (empty()) {
      run_.clear();
      run_at_ = 0;
    }
    if (run_at_ == run_.size() || before(run_.back(), send)) {
      run_.push_back(send);
      return;
    }
    auto [at, end] = late_.equal_range(send.parts());
    while (at != end && before(of(*at), send)) ++at;
    late_.emplace_hint(at, send.parts(), send.journey);
  }
  template <class Before>
  [[nodiscard]] ReadySend front(Before before) const {
    if (late_.empty()) return run_[run_at_];
    const ReadySend late = of(*late_.begin());
    return run_at_ == run_.size() || before(late, run_[run_at_]) ? late : run_[run_at_];
  }
  // Takes it out, wherever it stands. It must be there.
  void remove(const ReadySend& send) {
    auto at = run_.begin() + static_cast<std::ptrdiff_t>(run_at_);
    if (at != run_.end() && at->journey != send.journey) {
      at = std::lower_bound(at, run_.end(), send, [](const ReadySend& a, const ReadySend& b) {
        return a.parts() < b.parts();
      });
    }
    for (; at != run_.end() && at->parts() == send.parts(); ++at) {
      if (at->journey != send.journey) continue;
      at->journey = nobody;
      ++gone_;
      return drop_gone();
    }
    auto [late, end] = late_.equal_range(send.parts());
    while (late != end && late->second != send.journey) ++late;
    if (late != end) late_.erase(late);
  }
  // The journeys that come next but not at once, to be fetched ahead.
  [[nodiscard]] const ReadySend* ahead(std::size_t distance) const {
    if (run_at_ + distance >= run_.size()) return nullptr;
    const ReadySend& send = run_[run_at_ + distance];
    return send.journey == nobody ? nullptr : &send;
  }

  // In no order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = run_at_; i < run_.size(); ++i) {
      if (run_[i].journey != nobody) visit(run_[i]);
    }
    for (const auto& each : late_) visit(of(each));
  }
  // Calls visit(object) for all that lies here, or has lain.
  template <class Visit>
  void for_each_part(Visit visit) const {
    for (const ReadySend& each : run_) visit(each);
    for (const auto& each : late_) visit(of(each));
  }

 private:
  using Late = std::multimap<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t>;
  static constexpr std::uint32_t nobody = 0xFFFF'FFFF;

  static ReadySend of(const Late::value_type& late) {
    return {late.first.second, late.first.first, late.second};
  }
  // What left from within keeps its place until it is the first or the last: so both of these are
  // always there.
  void drop_gone() {
    while (run_at_ < run_.size() && run_[run_at_].journey == nobody) {
      run_[run_at_++] = {};
      --gone_;
    }
    while (run_at_ < run_.size() && run_.back().journey == nobody) {
      run_.back() = {};
      run_.pop_back();
      --gone_;
    }
  }

  std::vector<ReadySend> run_;
  std::size_t run_at_ = 0;
  std::size_t gone_ = 0;  // of the run, behind run_at_
  Late late_;             // by parts(); what is alike there, in S0's order
};

}  // namespace itinera::engine
