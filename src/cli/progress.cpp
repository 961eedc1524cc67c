// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <fmt/format.h>

#include <cmath>

#include "cli/streams.hpp"

namespace itinera::cli {

std::string grouped(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string progress_text(std::uint64_t lines, std::uint64_t bytes,
                          std::optional<std::uint64_t> size, double seconds) {
  const double rate = seconds > 0.0 ? static_cast<double>(lines) / seconds : 0.0;
  std::string text = fmt::format("{} lines", grouped(lines));
  if (size && *size > 0) text += fmt::format(", {}%", 100 * bytes / *size);
  text += fmt::format(", {} lines/s", grouped(static_cast<std::uint64_t>(rate)));
  if (size && bytes > 0 && bytes <= *size) {
    const double left = seconds * static_cast<double>(*size - bytes) / static_cast<double>(bytes);
    text += fmt::format(", {} s left", grouped(static_cast<std::uint64_t>(std::ceil(left))));
  }
  return text;
}

void Progress::show(std::uint64_t lines, std::uint64_t bytes, std::optional<std::uint64_t> size) {
  constexpr std::chrono::milliseconds pause{200};
  if (!shown_) return;
  const Clock::time_point now = Clock::now();
  if (now - last_ < pause) return;
  last_ = now;
  visible_ = true;
  show_on_terminal(fmt::format("\r{}\033[K", progress_text(lines, bytes, size, seconds())));
}

void Progress::clear() {
  if (visible_) show_on_terminal("\r\033[K");
  visible_ = false;
}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

}  // namespace itinera::cli
