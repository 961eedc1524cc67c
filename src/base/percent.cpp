// SPDX-License-Identifier: Apache-2.0
#include "base/percent.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace itinera::base {
namespace {

// Digits at the head of `text`, `count_max` at most, which are taken off; -1: none, or too many.
int take_digits(std::string_view& text, std::size_t count_max) {
  const auto end =
      std::find_if_not(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto count = static_cast<std::size_t>(end - text.begin());
  if (count == 0 || count > count_max) return -1;
  int number = 0;
  for (const char c : text.substr(0, count)) number = number * 10 + (c - '0');
  text.remove_prefix(count);
  return number;
}

}  // namespace

Result<std::uint32_t> parse_percent(std::string_view text) {
  constexpr std::size_t digits_max = 6;
  std::string_view rest = text;
  const int whole = take_digits(rest, digits_max);
  int hundredths = 0;
  if (whole >= 0 && rest.starts_with('.')) {
    rest.remove_prefix(1);
    const std::size_t before = rest.size();
    hundredths = take_digits(rest, 2);
    if (before - rest.size() == 1) hundredths *= 10;
  }
  if (whole < 0 || hundredths < 0 || rest != "%") {
    return Error{ErrorCode::bad_value,
                 fmt::format("'{}' is no percentage; write 5% or 2.5%", text.substr(0, 60))};
  }
  return static_cast<std::uint32_t>(whole * 100 + hundredths);
}

std::string percent_text(std::uint32_t parts_of_ten_thousand) {
  const std::uint32_t whole = parts_of_ten_thousand / 100;
  const std::uint32_t hundredths = parts_of_ten_thousand % 100;
  if (hundredths == 0) return fmt::format("{}%", whole);
  return hundredths % 10 == 0 ? fmt::format("{}.{}%", whole, hundredths / 10)
                              : fmt::format("{}.{:02}%", whole, hundredths);
}

}  // namespace itinera::base
