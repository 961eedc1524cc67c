// SPDX-License-Identifier: Apache-2.0
#include "yaml/quoting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "expr/parser.hpp"

namespace itinera::yaml {
namespace {

constexpr std::array<std::string_view, 7> condition_keys{"when",  "key",  "value",    "address",
                                                         "until", "date", "condition"};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}
bool is_opening(char c) { return c == '(' || c == '[' || c == '{'; }
bool is_closing(char c) { return c == ')' || c == ']' || c == '}'; }

// How far a value is looked at: hints are for people, and the work must not grow with the line.
constexpr std::size_t value_bytes_max = 1'024;

// What stands from `offset` to the end of its line, or the first value_bytes_max bytes of it.
std::string_view line_from(std::string_view source, std::size_t offset) {
  const std::string_view near = source.substr(offset, value_bytes_max);
  return near.substr(0, near.find('\n'));
}

// The offset behind CEL's string that begins at `offset`; the end of `line` if it has none there.
std::size_t behind_string(std::string_view line, std::size_t offset) {
  const char quote = line[offset];
  for (std::size_t i = offset + 1; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == quote) {
      return i + 1;
    }
  }
  return line.size();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Whether `, key:` begins at `offset`.
bool next_key_at(std::string_view line, std::size_t offset) {
  if (line[offset] != ',') return false;
  std::size_t i = offset + 1;
  while (i < line.size() && is_blank(line[i])) ++i;
  const std::size_t word = i;
  while (i < line.size() && is_word(line[i])) ++i;
  return i > word && i < line.size() && line[i] == ':' &&
         (i + 1 == line.size() || is_space(line[i + 1]));
}

// Whether CEL that ends with `text` must go on.
bool is_incomplete(std::string_view text) {
  constexpr std::string_view operators = "&|=<>!+-*/%?:.,";
  int depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = behind_string(text, i);
      if (i == text.size() && (text.back() != c || text.size() == 1)) return true;
      continue;
    }
    depth += is_opening(c) ? 1 : is_closing(c) ? -1 : 0;
    ++i;
  }
  return depth > 0 || (!text.empty() && operators.find(text.back()) != std::string_view::npos);
}

// The offset behind the plain scalar `node`: its text with line breaks folded to spaces.
std::size_t plain_end(const Node& node, std::string_view source) {
  std::size_t at = node.at.offset;
  for (std::size_t i = 0; i < node.text.size() && at < source.size();) {
    if (is_space(node.text[i]) && is_space(source[at])) {
      while (i < node.text.size() && is_space(node.text[i])) ++i;
      while (at < source.size() && is_space(source[at])) ++at;
    } else {
      ++i;
      ++at;
    }
  }
  return at;
}

// Whether YAML reads the value at `offset` as one quoted scalar, complete.
bool is_quoted_whole(std::string_view source, std::size_t offset) {
  if (source[offset] != '"' && source[offset] != '\'') return false;
  const auto close = closing_quote(source.substr(0, offset + value_bytes_max), offset);
  if (!close) return false;
  std::size_t next = *close + 1;
  while (next < source.size() && is_blank(source[next])) ++next;
  constexpr std::string_view enders = ",}]#\r\n";
  return next >= source.size() || enders.find(source[next]) != std::string_view::npos;
}

// Whether YAML cannot take `value` for one plain scalar.
bool is_eaten(std::string_view value) {
  constexpr std::string_view leading = "\"'[{!&*%@`";
  if (value.empty()) return false;
  return leading.find(value.front()) != std::string_view::npos ||
         value.find(": ") != std::string_view::npos || value.find(" #") != std::string_view::npos ||
         value.find_first_of(",[]{}") != std::string_view::npos;
}

bool is_cel(std::string_view text) {
  std::vector<expr::Issue> issues;
  return expr::parse(text, Limits{}, issues).has_value();
}

// What stands in quotes that the author put around a condition which holds the same quotes:
// contact.a == 'x' of 'contact.a == 'x''. Everything else as it is.
std::string_view without_quotes(std::string_view value) {
  if (value.size() < 2 || value.front() != value.back()) return value;
  if (value.front() != '\'' && value.front() != '"') return value;
  const std::string_view inner = value.substr(1, value.size() - 2);
  return !is_cel(value) && is_cel(inner) ? inner : value;
}

}  // namespace

bool holds_condition(std::string_view key) {
  return std::find(condition_keys.begin(), condition_keys.end(), key) != condition_keys.end();
}

std::string quoted(std::string_view text) {
  const bool single = text.find('\'') != std::string_view::npos;
  const bool doubles = text.find_first_of("\"\\") != std::string_view::npos;
  if (single && !doubles) return fmt::format("\"{}\"", text);
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += c;
  }
  return result + "'";
}

std::string_view written_value(std::string_view source, std::size_t offset) {
  const std::string_view line = line_from(source, offset);
  std::size_t end = 0;
  int depth = 0;
  while (end < line.size()) {
    const char c = line[end];
    if (c == '"' || c == '\'') {
      end = behind_string(line, end);
      continue;
    }
    if (depth == 0 && (is_closing(c) || next_key_at(line, end))) break;
    if (c == '#' && end > 0 && is_blank(line[end - 1])) break;
    depth += is_opening(c) ? 1 : is_closing(c) ? -1 : 0;
    ++end;
  }
  return trimmed(line.substr(0, end));
}

std::string quoting_hint(std::string_view key, std::string_view source, std::size_t offset) {
  std::string_view value = written_value(source, offset);
  // Where CEL must go on, what follows the `#` belongs to it.
  if (is_incomplete(value)) value = trimmed(line_from(source, offset));
  if (value.size() + 1 >= value_bytes_max) {
    return "quote all of it: write ' before and behind it, and '' for each ' in it";
  }
  return fmt::format("write `{}: {}`", key, quoted(without_quotes(value)));
}

// Whether the line that begins at `line_begin` stands in, or is, the workspace's `segments`, whose
// values are CEL under any key.
bool in_segments(std::string_view source, std::size_t line_begin) {
  while (true) {
    const std::string_view line = source.substr(line_begin);
    const bool outermost =
        !line.empty() && line[0] != ' ' && line[0] != '\n' && line[0] != '\r' && line[0] != '#';
    if (outermost) return line.starts_with("segments:");
    if (line_begin == 0) return false;
    const std::size_t before = source.substr(0, line_begin - 1).rfind('\n');
    line_begin = before == std::string_view::npos ? 0 : before + 1;
  }
}

std::optional<EatenCondition> eaten_condition(std::string_view source, Mark error_at) {
  const std::size_t stop = std::min(error_at.offset, source.size());
  const std::size_t before = source.substr(0, stop).rfind('\n');
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t begin = std::max(line_begin, stop - std::min(stop, value_bytes_max));
  std::optional<EatenCondition> found;
  for (std::size_t colon = begin; colon < stop; ++colon) {
    if (source[colon] != ':' || colon + 1 >= source.size() || !is_blank(source[colon + 1]))
      continue;
    std::size_t word = colon;
    while (word > begin && is_word(source[word - 1])) --word;
    std::size_t value = colon + 1;
    while (value < source.size() && is_blank(source[value])) ++value;
    if (word == colon || value >= source.size() || value > stop) continue;
    const std::string_view key = source.substr(word, colon - word);
    if (!holds_condition(key) && source[value] != '=' &&
        (key == "segments" || !in_segments(source, line_begin))) {
      continue;
    }
    if (is_quoted_whole(source, value) || !is_eaten(written_value(source, value))) continue;
    const auto column = static_cast<std::uint32_t>(value - line_begin + 1);
    found = EatenCondition{std::string(key), {error_at.line, column, value}};
  }
  return found;
}

std::optional<std::size_t> swallowing_comment(std::string_view source, std::size_t offset) {
  const std::size_t before = source.substr(0, offset).rfind('\n');
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view line = line_from(source, begin);
  int depth = 0;
  for (std::size_t i = 0; i < line.size();) {
    const char c = line[i];
    const bool begins = i == 0 || is_blank(line[i - 1]) || is_opening(line[i - 1]);
    if (begins && (c == '"' || c == '\'')) {
      i = behind_string(line, i);
      continue;
    }
    const bool closes = line.find_first_of("]}", i) != std::string_view::npos;
    if (c == '#' && begins && depth > 0) return closes ? std::optional(begin + i) : std::nullopt;
    depth += is_opening(c) ? 1 : is_closing(c) ? -1 : 0;
    ++i;
  }
  return std::nullopt;
}

std::optional<std::size_t> closing_quote(std::string_view source, std::size_t offset) {
  const char quote = source[offset];
  for (std::size_t i = offset + 1; i < source.size(); ++i) {
    if (quote == '"' && source[i] == '\\') {
      ++i;
    } else if (source[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < source.size() && source[i + 1] == quote;
      if (!doubled) return i;
      ++i;
    }
  }
  return std::nullopt;
}

namespace {

std::size_t indentation_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// A block goes on while its lines are empty or indented as its first one is.
std::size_t block_end(const Node& node, std::string_view source) {
  const std::size_t header = std::min(source.find('\n', node.at.offset), source.size());
  std::size_t end = header;
  std::optional<std::size_t> indentation;
  while (end < source.size()) {
    const std::size_t begin = end + 1;
    const std::size_t next = std::min(source.find('\n', begin), source.size());
    const std::string_view line = trimmed(source.substr(begin, next - begin));
    if (!line.empty()) {
      if (!indentation) {
        const std::string_view first = std::string_view(node.text).substr(
            std::min(node.text.find_first_not_of('\n'), node.text.size()));
        indentation = indentation_of(line) - std::min(indentation_of(line), indentation_of(first));
      }
      if (node.text.empty() || indentation_of(line) < *indentation) return begin;
    }
    if (next == source.size()) return next;
    end = next;
  }
  return end;
}

}  // namespace

std::size_t scalar_end(const Node& node, std::string_view source) {
  switch (node.style) {
    case Node::Style::plain: return plain_end(node, source);
    case Node::Style::quoted: return closing_quote(source, node.at.offset).value_or(source.size());
    case Node::Style::block: break;
  }
  return block_end(node, source);
}

bool is_cut_short(const Node& node, std::string_view source) {
  if (!node.is_plain()) return false;
  std::size_t next = plain_end(node, source);
  while (next < source.size() && is_blank(source[next])) ++next;
  if (next >= source.size() || (source[next] != '#' && source[next] != ',')) return false;
  // A comma that another key follows ends the value as it should; the CEL itself is unfinished.
  const bool next_key = next_key_at(source.substr(next, value_bytes_max), 0);
  return !next_key && is_incomplete(node.text);
}

}  // namespace itinera::yaml
