// SPDX-License-Identifier: Apache-2.0
#include "expr/syntax_hints.hpp"

#include <fmt/format.h>

namespace itinera::expr {
namespace {

std::string hint_for_symbol(const Token& token, std::string_view source) {
  const std::string_view text = token.text;
  if (text == ">" && token.at > 0 && source[token.at - 1] == '<') {
    return "write `!=` to ask whether two differ";
  }
  if (text == ")" || text == "]" || text == "}") {
    return fmt::format("complete what stands before `{0}`, or delete `{0}` if it closes nothing",
                       text);
  }
  if (text == "!") return "write `!=` to ask whether two differ";
  if (text == ",") return "commas divide the members of a list, `[1, 2]`, and arguments";
  if (text == ";") return "a condition is one expression: join two by `&&`";
  if (text == ":") return "write `condition ? value : other`, and maps in braces";
  if (text == "(" || text == "[" || text == "{") {
    return fmt::format("write an operator before `{}`, such as `&&` or `==`", text);
  }
  return "an operator stands between two values: complete its two sides";
}

}  // namespace

std::string hint_for(const Token& token, std::string_view source) {
  switch (token.kind) {
    case TokenKind::end:
      return "it ends too early: complete it, and in a file put all of it in quotes";
    case TokenKind::name:
      if (token.text == "and") return "write `&&` where both must hold";
      if (token.text == "or") return "write `||` where one must hold";
      if (token.text == "not") return "write `!` before the condition";
      break;
    case TokenKind::symbol: return hint_for_symbol(token, source);
    default: break;
  }
  return "write an operator between two values, such as `&&` or `==`, and a text in quotes";
}

}  // namespace itinera::expr
