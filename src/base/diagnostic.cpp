// SPDX-License-Identifier: Apache-2.0
#include "itinera/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace itinera {

bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

SourceLocation place_of(const WordPlaces& words, std::string_view key,
                        const SourceLocation& mapping) {
  const auto word =
      std::find_if(words.begin(), words.end(), [&](const WordPlace& w) { return w.key == key; });
  if (word == words.end()) return mapping;
  return {mapping.file, word->line, word->column};
}

std::string to_text(const Diagnostic& diagnostic) {
  std::string text;
  const SourceLocation& at = diagnostic.location;
  if (!at.file.empty()) text += at.file;
  if (at.line != 0) text += fmt::format("{}{}:{}", text.empty() ? "" : ":", at.line, at.column);
  if (!text.empty()) text += ": ";
  text += diagnostic.severity == Severity::error ? "error: " : "warning: ";
  text += fmt::format("{} [{}]", diagnostic.message, name_of(diagnostic.code));
  if (!diagnostic.hint.empty()) text += fmt::format("\n  hint: {}", diagnostic.hint);
  return text;
}

}  // namespace itinera
