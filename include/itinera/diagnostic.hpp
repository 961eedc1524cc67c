// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/error_code.hpp"

namespace itinera {

enum class Severity : std::uint8_t { error, warning };

// A place in a file. Line and column count from 1, columns in bytes; 0 means unknown (a campaign
// built in C++ has no file).
struct SourceLocation {
  std::string file = {};
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend bool operator==(const SourceLocation&, const SourceLocation&) = default;
};

// Where the values of a mapping stand, by key, in the file of the place of the mapping itself.
// Empty for what was built in C++.
struct WordPlace {
  std::string key = {};
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};
using WordPlaces = std::vector<WordPlace>;

// The place of the value of `key`; `mapping`, where its keys have no such place.
SourceLocation place_of(const WordPlaces& words, std::string_view key,
                        const SourceLocation& mapping);

// One thing that is wrong, or probably not meant, in a file or a built campaign. All findings are
// reported at once. `hint` says what to do and may be empty.
struct Diagnostic {
  Severity severity = Severity::error;
  ErrorCode code = ErrorCode::bad_value;
  SourceLocation location = {};
  std::string message = {};
  std::string hint = {};

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

using Diagnostics = std::vector<Diagnostic>;

// Whether any of them is an error, not a warning.
bool has_errors(const Diagnostics& diagnostics);

// "file:line:column: error: message [code]\n  hint: ...", one text per diagnostic, without a
// trailing newline. Parts that are unknown or empty are left out.
std::string to_text(const Diagnostic& diagnostic);

}  // namespace itinera
