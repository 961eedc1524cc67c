// SPDX-License-Identifier: Apache-2.0
#include "yaml/report.hpp"

#include <utility>

#include "base/nearest.hpp"

namespace itinera::yaml {

void Report::error(ErrorCode code, Mark at, std::string message, std::string hint) {
  complete_ = false;
  blemish(code, at, std::move(message), std::move(hint));
}

void Report::blemish(ErrorCode code, Mark at, std::string message, std::string hint) {
  ++errors_;
  out_.push_back({Severity::error, code, place(at), std::move(message), std::move(hint)});
}

void Report::warning(Mark at, std::string message, std::string hint) {
  out_.push_back(
      {Severity::warning, ErrorCode::suspicious, place(at), std::move(message), std::move(hint)});
}

std::string Report::did_you_mean(std::string_view name, std::span<const std::string> names) {
  if (suggestions_left_ == 0) return {};
  --suggestions_left_;
  return base::did_you_mean(name, names);
}

SourceLocation Report::place(Mark at) const { return {std::string(path_), at.line, at.column}; }

std::string shown(std::string_view text) {
  constexpr std::size_t bytes_max = 60;
  std::size_t end = text.size();
  if (end > bytes_max) {
    end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80) --end;
  }
  std::string result;
  for (const char c : text.substr(0, end)) {
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  if (end < text.size()) result += "...";
  return result;
}

}  // namespace itinera::yaml
