// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace itinera::expr {

// A pattern of matches(), in RE2's syntax, ready to run. Time is linear in the text, but at worst
// in the pattern as well. Immutable; may be used by several threads.
class Pattern {
 public:
  // nullptr if RE2 refuses the pattern: bad syntax, or too large when compiled.
  static std::unique_ptr<const Pattern> compile(std::string_view pattern);
  virtual ~Pattern() = default;
  // Whether it is found anywhere in `text`.
  [[nodiscard]] virtual bool found_in(std::string_view text) const = 0;
  // Instructions of its compiled form.
  [[nodiscard]] virtual std::size_t size() const = 0;
  // What found_in() of so many bytes is paid with: most searches cost far less than the worst, and
  // nobody knows beforehand.
  [[nodiscard]] std::uint64_t steps_for(std::size_t bytes) const {
    constexpr std::uint64_t work_per_step = 32;  // at worst some 70 ns for a byte and instruction
    return std::uint64_t{bytes} * size() / work_per_step;
  }
};

}  // namespace itinera::expr
