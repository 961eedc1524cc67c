// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "calendar/scanner.hpp"
#include "calendar/text.hpp"

namespace itinera::calendar {
namespace {

constexpr std::array<std::string_view, 7> day_names{"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};

// What is wrong, or nullptr.
const char* scan_days(std::string_view text, Weekdays& out) {
  constexpr const char* names = "the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun";
  Scanner in(text);
  out.bits = 0;
  do {
    in.skip_spaces();
    const auto first = index_of(in.letters(), day_names);
    if (!first) return names;
    in.skip_spaces();
    auto last = first;
    if (in.take('-')) {
      in.skip_spaces();
      last = index_of(in.letters(), day_names);
      if (!last) return names;
      in.skip_spaces();
    }
    for (unsigned day = *first;; day = (day + 1) % 7) {
      out.bits = static_cast<std::uint8_t>(out.bits | 1u << day);
      if (day == *last) break;
    }
  } while (in.take(','));
  return in.at_end() ? nullptr : "between two days only - or , may stand";
}

constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Error no_window(std::string_view text, std::string_view problem) {
  return bad_text(text, "window", problem, "14:00-16:00 or Mon-Fri 09:00-17:00");
}

}  // namespace

Result<Weekdays> parse_weekdays(std::string_view text) {
  Weekdays days;
  if (const char* problem = scan_days(text, days)) {
    return bad_text(text, "list of weekdays", problem, "Mon-Fri or Wed,Fri");
  }
  return days;
}

Result<std::int32_t> parse_end_of_window(std::string_view text) {
  constexpr std::int32_t day_end_ms = 86'400'000;
  return text == "24:00" ? day_end_ms : parse_time_of_day(text);
}

Result<Window> parse_window(std::string_view text) {
  Window window;
  std::size_t digit = 0;
  while (digit < text.size() && !is_digit(text[digit])) ++digit;
  const std::string_view days = trimmed(text.substr(0, digit));
  const std::string_view times = text.substr(digit);
  if (!days.empty()) {
    if (const char* problem = scan_days(days, window.days)) return no_window(text, problem);
  }
  const std::size_t dash = times.find('-');
  if (dash == std::string_view::npos) {
    return no_window(text, "it must have two times of day with a - between them");
  }
  const auto from = parse_time_of_day(trimmed(times.substr(0, dash)));
  const auto to = parse_end_of_window(trimmed(times.substr(dash + 1)));
  if (!from || !to) {
    return no_window(
        text, "its times must be two digits, a : and two digits; only its end goes up to 24:00");
  }
  if (*from == *to) return no_window(text, "it begins and ends at the same time");
  window.from_ms = *from;
  window.to_ms = *to;
  return window;
}

std::string to_text(Weekdays days) {
  if ((days.bits & 0x7Fu) == 0x7Fu) return "";
  std::string out;
  for (unsigned first = 0; first < 7; ++first) {
    // A run begins where the day before is not in it; it may go on past Sunday.
    if (!days.contains(first) || days.contains((first + 6) % 7)) continue;
    unsigned length = 1;
    while (days.contains((first + length) % 7)) ++length;
    if (!out.empty()) out += ',';
    out += day_names[first];
    if (length == 1) continue;
    out += length == 2 ? ',' : '-';
    out += day_names[(first + length - 1) % 7];
  }
  return out.empty() ? "none" : out;
}

std::string to_text(const Window& window) {
  const std::string days = to_text(window.days);
  return fmt::format("{}{}{}-{}", days, days.empty() ? "" : " ", time_of_day_text(window.from_ms),
                     time_of_day_text(window.to_ms));
}

}  // namespace itinera::calendar
