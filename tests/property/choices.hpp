// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace itinera::property {

// A source of choices for what is made at random. Either endless, from a seed; or a tape, after
// whose end every choice is the first one, so that rapidcheck shrinks a world by shortening its
// tape. The same seed or tape gives the same choices on every machine.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : endless_(true), engine_(seed) {}
  explicit Choices(std::vector<std::uint16_t> tape) : tape_(std::move(tape)) {}

  // 0 .. count-1; the first is the plainest.
  std::uint32_t below(std::uint32_t count) {
    if (endless_) return static_cast<std::uint32_t>(engine_() % count);
    return at_ < tape_.size() ? tape_[at_++] % count : 0;
  }
  // True in `parts` of `of` cases; false on an empty tape.
  bool chance(std::uint32_t parts, std::uint32_t of) { return below(of) >= of - parts; }

  template <class T>
  const T& one_of(std::span<const T> all) {
    return all[below(static_cast<std::uint32_t>(all.size()))];
  }
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return all.begin()[below(static_cast<std::uint32_t>(all.size()))];
  }
  template <class T, std::size_t n>
  const T& one_of(const T (&all)[n]) {
    return all[below(static_cast<std::uint32_t>(n))];
  }

  // Whether a tape has run out: what is made from here on is as plain as can be.
  [[nodiscard]] bool exhausted() const { return !endless_ && at_ >= tape_.size(); }

 private:
  bool endless_ = false;
  std::mt19937_64 engine_{0};
  std::vector<std::uint16_t> tape_;
  std::size_t at_ = 0;
};

}  // namespace itinera::property
