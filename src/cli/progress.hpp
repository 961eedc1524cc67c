// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace itinera::cli {

// "25,900".
std::string grouped(std::uint64_t number);

// One line on standard error that says how far a run is, written anew a few times a second; nothing
// at all where nobody looks.
class Progress {
 public:
  explicit Progress(bool shown) : shown_(shown) {}

  // `size`: of the whole input, in bytes, if known.
  void show(std::uint64_t lines, std::uint64_t bytes, std::optional<std::uint64_t> size);
  // Takes the line away, so that something else can be printed.
  void clear();
  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool visible_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
};

// "1,234 lines, 42%, 250,000 lines/s, 3 s left".
std::string progress_text(std::uint64_t lines, std::uint64_t bytes,
                          std::optional<std::uint64_t> size, double seconds);

}  // namespace itinera::cli
