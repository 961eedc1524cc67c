// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace itinera::expr {

// Where `text` stops being valid UTF-8 (RFC 3629); empty if it never does.
inline std::optional<std::size_t> invalid_utf8_at(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) {
      ++at;
      continue;
    }
    const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || at + more >= text.size()) return at;
    std::uint32_t code_point = first & (0x3Fu >> more);
    for (std::size_t i = 1; i <= more; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xC0u) != 0x80) return at;
      code_point = code_point << 6 | (next & 0x3Fu);
    }
    const bool overlong = (more == 2 && code_point < 0x800) || (more == 3 && code_point < 0x10000);
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (overlong || surrogate || code_point > 0x10FFFF) return at;
    at += more + 1;
  }
  return std::nullopt;
}

// `code_point` must be a Unicode scalar value.
inline void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

// Characters (code points) of valid UTF-8.
inline std::int64_t utf8_length(std::string_view text) {
  std::int64_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0u) != 0x80 ? 1 : 0;
  return count;
}

// Where the character after that at `at` begins: at most the end.
inline std::size_t utf8_next(std::string_view text, std::size_t at) {
  if (at < text.size()) ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80) ++at;
  return at;
}

// Where the character before `at` begins: at least 0.
inline std::size_t utf8_previous(std::string_view text, std::size_t at) {
  if (at > 0) --at;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80) --at;
  return at;
}

// Where character `index` begins; that behind the last is the end; empty beyond.
inline std::optional<std::size_t> utf8_offset(std::string_view text, std::uint64_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at = utf8_next(text, at);
  if (index > 0) return std::nullopt;
  return at;
}

}  // namespace itinera::expr
