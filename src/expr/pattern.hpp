// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace itinera::expr {

// A pattern of matches(), in RE2's syntax, ready to run. Time is linear in the text. Immutable;
// may be used by several threads.
class Pattern {
 public:
  // nullptr if RE2 refuses the pattern: bad syntax, or too large when compiled.
  static std::unique_ptr<const Pattern> compile(std::string_view pattern);
  virtual ~Pattern() = default;
  // Whether it is found anywhere in `text`.
  [[nodiscard]] virtual bool found_in(std::string_view text) const = 0;
  // Bytes of its compiled form, roughly.
  [[nodiscard]] virtual std::size_t size() const = 0;
};

}  // namespace itinera::expr
