// SPDX-License-Identifier: Apache-2.0
// What the readers of this room share: a cursor over a text, and the shape of their errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "itinera/result.hpp"

namespace itinera::calendar {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// ASCII only, whatever the locale.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Goes through a text that outlives it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  // The character ahead; NUL at the end.
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void skip() {
    if (!at_end()) ++at_;
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ') skip();
  }
  std::string_view letters() {
    const std::size_t from = at_;
    while (is_letter(peek())) skip();
    return text_.substr(from, at_ - from);
  }
  // 1 to `digits_max` digits (at most 18). Empty, and nothing taken, if there are none or more.
  std::optional<std::int64_t> number(std::size_t digits_max) { return take_digits(1, digits_max); }
  // Exactly `count` digits.
  std::optional<std::int32_t> digits(std::size_t count) {
    const auto number = take_digits(count, count);
    if (!number) return std::nullopt;
    return static_cast<std::int32_t>(*number);
  }

 private:
  std::optional<std::int64_t> take_digits(std::size_t least, std::size_t most) {
    std::int64_t value = 0;
    std::size_t end = at_;
    while (end < text_.size() && is_digit(text_[end])) {
      if (end - at_ == most) return std::nullopt;
      value = value * 10 + (text_[end++] - '0');
    }
    if (end - at_ < least) return std::nullopt;
    at_ = end;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// The index of `name` in `names`; ASCII case counts for nothing.
std::optional<unsigned> index_of(std::string_view name, std::span<const std::string_view> names);

// bad_value: `"<text>" is no <thing>: <problem>; write <example>`. Of a long text the beginning.
Error bad_text(std::string_view text, std::string_view thing, std::string_view problem,
               std::string_view example);

}  // namespace itinera::calendar
