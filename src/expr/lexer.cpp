// SPDX-License-Identifier: Apache-2.0
#include "expr/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "expr/utf8.hpp"

namespace itinera::expr {

Issue issue_at(std::string_view source, std::uint32_t at, ErrorCode code, std::string message,
               std::string hint) {
  const std::string_view before = source.substr(0, at);
  const std::size_t newline = before.rfind('\n');
  Issue issue;
  issue.code = code;
  issue.line = 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  issue.column =
      1 + static_cast<std::uint32_t>(newline == std::string_view::npos ? at : at - newline - 1);
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  return issue;
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Longest first, so that a prefix never wins.
constexpr std::array<std::string_view, 25> symbols{
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/",
    "%",  "?",  ":",  ".",  ",",  "(",  ")", "[", "]", "{", "}", ";"};

// What people write by the habits of other languages, or of word processors; longest first.
struct Mistaken {
  std::string_view written;
  std::string_view hint;
};
constexpr std::string_view typographic = "use the plain quotes `\"` or `'` around a text";
constexpr std::array<Mistaken, 22> mistaken{{
    {"=>", "write `>=`"},
    {"=<", "write `<=`"},
    {"=", "write `==` to compare"},
    {"&", "write `&&` where both must hold"},
    {"|", "write `||` where one must hold"},
    {"^", "CEL has no powers: write `x * x`"},
    {"~", "write `x.matches(\"...\")` to look for a pattern"},
    {"#", "a comment begins with `//`"},
    {"@", "write the name alone, such as `contact.tier`"},
    {"$", "write the name alone, such as `contact.tier`"},
    {"\\", "a backslash may stand inside quotes only"},
    {"\xC2\xAB", typographic},      // <<
    {"\xC2\xBB", typographic},      // >>
    {"\xE2\x80\x98", typographic},  // single, opening
    {"\xE2\x80\x99", typographic},  // single, closing
    {"\xE2\x80\x9C", typographic},  // double, opening
    {"\xE2\x80\x9D", typographic},  // double, closing
    {"\xE2\x80\x9E", typographic},  // double, low
    {"\xE2\x89\xA0", "write `!=` to ask whether two differ"},
    {"\xE2\x89\xA4", "write `<=`"},
    {"\xE2\x89\xA5", "write `>=`"},
    {"\xC2\xA0", "write a plain blank in place of this no-break space"},
}};

class Lexer {
 public:
  Lexer(std::string_view source, std::vector<Issue>& issues) : source_(source), issues_(issues) {}

  std::vector<Token> run() {
    if (const auto broken = invalid_utf8_at(source_)) {
      fail(*broken, "the text is not valid UTF-8", "save the file as UTF-8");
    }
    while (!failed_ && next()) {
    }
    tokens_.push_back({TokenKind::end, static_cast<std::uint32_t>(source_.size()), 0, {}});
    return std::move(tokens_);
  }

 private:
  // Reads one token; false at the end.
  bool next() {
    skip_blank();
    if (at_ >= source_.size()) return false;
    const char c = source_[at_];
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (const std::size_t prefix = text_prefix(); prefix != std::string_view::npos) {
      text(prefix);
    } else if (is_name_start(c)) {
      std::size_t end = at_;
      while (end < source_.size() && is_name_part(source_[end])) ++end;
      push(TokenKind::name, end, std::string(source_.substr(at_, end - at_)));
    } else if (c == '`') {
      quoted_name();
    } else {
      symbol();
    }
    return true;
  }

  void skip_blank() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else if (c == '/' && peek(1) == '/') {
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else {
        return;
      }
    }
  }

  void number() {
    if (is_date()) return date();
    std::size_t end = digits(at_);
    bool real = false;
    if (source_[at_] == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      end = at_ + 2;
      while (hex_digit(char_at(end)) >= 0) ++end;
      if (end == at_ + 2)
        return fail(at_, "a hexadecimal number needs digits after 0x", "for example `0xFF`");
    } else {
      const std::size_t whole_end = end;
      if (char_at(end) == '.' && is_digit(char_at(end + 1))) end = digits(end + 1);
      if (char_at(end) == 'e' || char_at(end) == 'E') {
        const std::size_t sign = char_at(end + 1) == '+' || char_at(end + 1) == '-' ? 1 : 0;
        const std::size_t exponent = end + 1 + sign;
        if (digits(exponent) == exponent) {
          return fail(end, "the exponent of a number needs digits", "for example `1e6`");
        }
        end = digits(exponent);
      }
      real = end > whole_end;
    }
    finish_number(end, real);
  }

  // 2026-05-01, which CEL would take for a subtraction; nobody means that.
  [[nodiscard]] bool is_date() const {
    static constexpr std::string_view shape = "0000-00-00";
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == '0' ? !is_digit(peek(i)) : peek(i) != shape[i]) return false;
    }
    return !is_digit(peek(shape.size()));
  }

  void date() {
    static constexpr std::string_view date_bytes = "0000-00-00";
    std::size_t end = at_ + date_bytes.size();
    const bool with_time = char_at(end) == 'T' || char_at(end) == 't';
    while (with_time &&
           (is_name_part(char_at(end)) ||
            std::string_view(":+-.").find(char_at(end)) != std::string_view::npos) &&
           end < source_.size()) {
      ++end;
    }
    const std::string_view written = source_.substr(at_, end - at_);
    fail(at_,
         with_time ? fmt::format("{} is no instant to CEL until it stands in quotes", written)
                   : fmt::format("{} is no date to CEL, but a subtraction", written),
         with_time
             ? fmt::format("write `timestamp(\"{}\")`", written)
             : fmt::format("write `\"{}\"`, or `timestamp(\"{}T00:00:00Z\")`", written, written));
  }

  void finish_number(std::size_t end, bool real) {
    const bool is_unsigned = !real && (char_at(end) == 'u' || char_at(end) == 'U');
    if (is_name_start(char_at(end + (is_unsigned ? 1 : 0)))) {
      return fail(end, "a letter stands directly after a number",
                  "durations are texts: `duration(\"90s\")`, or `days(3)`");
    }
    std::string digits(source_.substr(at_, end - at_));
    if (is_unsigned) return push(TokenKind::uinteger, end + 1, std::move(digits));
    push(real ? TokenKind::real : TokenKind::integer, end, std::move(digits));
  }

  std::size_t digits(std::size_t from) const {
    while (is_digit(char_at(from))) ++from;
    return from;
  }

  // How many letters (r, b and both, in either case) stand before a quote; npos if there is no
  // text here.
  [[nodiscard]] std::size_t text_prefix() const {
    std::size_t end = at_;
    while (end < at_ + 2 && std::string_view("rRbB").find(char_at(end)) != std::string_view::npos &&
           end < source_.size()) {
      ++end;
    }
    return char_at(end) == '"' || char_at(end) == '\'' ? end - at_ : std::string_view::npos;
  }

  void text(std::size_t prefix_size) {
    const std::string_view prefix = source_.substr(at_, prefix_size);
    const bool bytes = prefix.find_first_of("bB") != std::string_view::npos;
    const bool raw = prefix.find_first_of("rR") != std::string_view::npos;
    std::size_t from = at_ + prefix_size;
    const char quote = source_[from];
    const bool triple = char_at(from + 1) == quote && char_at(from + 2) == quote;
    const std::string closing(triple ? 3 : 1, quote);
    from += closing.size();
    std::string decoded;
    while (source_.substr(from, closing.size()) != closing) {
      if (from >= source_.size() || (!triple && (source_[from] == '\n' || source_[from] == '\r'))) {
        return fail(at_, "this text has no closing quote",
                    fmt::format("close it with `{}`", closing));
      }
      if (source_[from] == '\\' && !raw) {
        from = escape(from, bytes, decoded);
        if (failed_) return;
      } else {
        decoded += source_[from++];
      }
    }
    push(bytes ? TokenKind::bytes : TokenKind::text, from + closing.size(), std::move(decoded));
  }

  // Decodes the escape at `from`, a backslash; returns the offset after it. In bytes a number is
  // that of a byte, in a text that of a character.
  std::size_t escape(std::size_t from, bool bytes, std::string& out) {
    static constexpr std::string_view names = "abfnrtv\\?\"'`";
    static constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\?\"'`";
    const char c = char_at(from + 1);
    if (const std::size_t i = names.find(c); i != std::string_view::npos && c != '\0') {
      out += meanings[i];
      return from + 2;
    }
    std::size_t digits_at = from + 2;
    std::size_t count = 0;
    std::uint32_t base = 16;
    if (c == 'x' || c == 'X') count = 2;
    if (c == 'u' && !bytes) count = 4;
    if (c == 'U' && !bytes) count = 8;
    if (c >= '0' && c <= '3') {
      digits_at = from + 1;
      count = 3;
      base = 8;
    }
    std::uint64_t code_point = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const int digit = hex_digit(char_at(digits_at + i));
      if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) count = 0;
      code_point = code_point * base + static_cast<std::uint32_t>(std::max(digit, 0));
    }
    if (count == 0) {
      fail(from, fmt::format("\\{} is no escape of CEL", is_name_part(c) ? std::string(1, c) : ""),
           "write `\\\\` for a backslash, or `r\"...\"` for a text without escapes");
    } else if (bytes) {
      out += static_cast<char>(code_point);
    } else if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
      fail(from, "the escape names no Unicode character",
           "characters end at `\\U0010FFFF`, and `\\uD800` to `\\uDFFF` are none");
    } else {
      append_utf8(out, static_cast<std::uint32_t>(code_point));
    }
    return digits_at + count;
  }

  void quoted_name() {
    const std::size_t end = source_.find('`', at_ + 1);
    const std::string_view name = source_.substr(at_ + 1, end - at_ - 1);
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
      return is_name_part(c) || c == '.' || c == '-' || c == '/' || c == ' ';
    });
    if (end == std::string_view::npos)
      return fail(at_, "this name has no closing back quote", "close it with another back quote");
    if (name.empty() || !plain) {
      return fail(at_, "a name in back quotes may hold letters, digits, and . - / _ and blanks",
                  "write the field as a text in brackets: `event[\"...\"]`");
    }
    push(TokenKind::quoted_name, end + 1, std::string(name));
  }

  void symbol() {
    for (const std::string_view candidate : symbols) {
      if (source_.substr(at_, candidate.size()) == candidate) {
        if (candidate == "==" && char_at(at_ + 2) == '=') {
          return fail_mistaken("===", "write `==` to compare");
        }
        return push(TokenKind::symbol, at_ + candidate.size(), std::string(candidate));
      }
    }
    for (const Mistaken& each : mistaken) {
      if (source_.substr(at_).starts_with(each.written)) {
        return fail_mistaken(each.written, std::string(each.hint));
      }
    }
    const char c = source_[at_];
    if (static_cast<unsigned char>(c) >= 0x80) {
      return fail(at_, "a character that CEL does not know stands outside a text",
                  "use the plain quotes `\"` or `'`, and put other letters inside them");
    }
    if (c >= ' ' && c < 0x7F) {
      return fail(at_, fmt::format("CEL does not know `{}`", c),
                  "put it inside quotes if it belongs to a text, or delete it");
    }
    fail(at_, "CEL does not know this control character", "delete it");
  }

  void fail_mistaken(std::string_view written, std::string hint) {
    fail(at_, fmt::format("CEL does not know `{}`", written), std::move(hint));
  }

  void push(TokenKind kind, std::size_t end, std::string text) {
    tokens_.push_back({kind, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end - at_),
                       std::move(text)});
    at_ = end;
  }

  void fail(std::size_t at, std::string message, std::string hint = {},
            ErrorCode code = ErrorCode::condition_syntax) {
    failed_ = true;
    issues_.push_back(issue_at(source_, static_cast<std::uint32_t>(at), code, std::move(message),
                               std::move(hint)));
  }

  [[nodiscard]] char char_at(std::size_t at) const {
    return at < source_.size() ? source_[at] : '\0';
  }
  [[nodiscard]] char peek(std::size_t ahead) const { return char_at(at_ + ahead); }

  std::string_view source_;
  std::vector<Issue>& issues_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source, std::vector<Issue>& issues) {
  return Lexer(source, issues).run();
}

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
