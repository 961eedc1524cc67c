// SPDX-License-Identifier: Apache-2.0
#include "calendar/scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "itinera/value.hpp"

namespace itinera::calendar {

std::optional<unsigned> index_of(std::string_view name, std::span<const std::string_view> names) {
  const auto found = std::find_if(names.begin(), names.end(), [&](std::string_view known) {
    return std::equal(name.begin(), name.end(), known.begin(), known.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
  });
  if (found == names.end()) return std::nullopt;
  return static_cast<unsigned>(found - names.begin());
}

Error bad_text(std::string_view text, std::string_view thing, std::string_view problem,
               std::string_view example) {
  constexpr std::size_t shown_max = 40;
  std::string_view shown = text;
  if (shown.size() > shown_max) {
    std::size_t end = shown_max;
    // Not within a UTF-8 sequence.
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0u) == 0x80u) --end;
    shown = shown.substr(0, end);
  }
  std::string quoted;
  append_json_text(quoted, shown);
  return {ErrorCode::bad_value,
          fmt::format("{}{} is no {}: {}; write {}", quoted,
                      shown.size() < text.size() ? "..." : "", thing, problem, example)};
}

}  // namespace itinera::calendar
