// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/program.hpp"

namespace itinera::expr {

// A problem at a byte offset of `source`. The line and column are counted here.
Issue issue_at(std::string_view source, std::uint32_t at, ErrorCode code, std::string message,
               std::string hint = {});

enum class TokenKind : std::uint8_t {
  end,          // also everything after an error
  name,         // `text` is the name; reserved words are names, the parser refuses them
  quoted_name,  // `text` is what stands between back quotes
  integer,      // `text` as written
  uinteger,     // `text` as written, without the u
  real,         // `text` as written
  text,         // `text` is decoded
  bytes,        // `text` is decoded; any bytes
  symbol,       // `text` is the operator or bracket
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t at = 0;    // byte offset of the first character
  std::uint32_t size = 0;  // bytes as written
  std::string text;
};

// The tokens of `source`, always with an end token last. On an error it stops: one issue is added
// and the tokens so far are returned.
std::vector<Token> tokens_of(std::string_view source, std::vector<Issue>& issues);

// What was probably meant where `token` of `source` cannot stand.
std::string hint_for(const Token& token, std::string_view source);

}  // namespace itinera::expr
