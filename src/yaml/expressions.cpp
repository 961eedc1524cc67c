// SPDX-License-Identifier: Apache-2.0
#include "yaml/expressions.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "yaml/quoting.hpp"

namespace itinera::yaml {
namespace {

constexpr std::string_view white = " \t\r\n";

bool is_space_char(char c) { return white.find(c) != std::string_view::npos; }

// The place of the first character of the scalar's text.
Mark content_mark(const Node& node, std::string_view source) {
  Mark at = node.at;
  if (node.style == Node::Style::quoted) {
    ++at.column;
    ++at.offset;
  } else if (node.style == Node::Style::block) {
    at.offset = std::min(source.find('\n', at.offset), source.size());
    while (at.offset < source.size()) {
      const char c = source[at.offset];
      if (c != ' ' && c != '\n' && c != '\r') break;
      at.column = c == '\n' ? 1 : at.column + 1;
      at.line += c == '\n' ? 1 : 0;
      ++at.offset;
    }
  }
  return at;
}

// Walks over white of the source, which may be some lines.
void pass_blanks(std::string_view source, Mark& at) {
  while (at.offset < source.size() && is_space_char(source[at.offset])) {
    const bool ends = source[at.offset] == '\n';
    at.column = ends ? 1 : at.column + 1;
    at.line += ends ? 1 : 0;
    ++at.offset;
  }
}

// Where `text`, which begins at `at`, goes on in each line of the source: YAML has folded lines and
// taken their indentation away. Nothing where escapes hide that. `quote`: what it stands in.
std::vector<model::Piece> pieces_of(std::string_view text, std::string_view source, Mark at,
                                    char quote) {
  std::vector<model::Piece> pieces{{0, at.line, at.column}};
  for (std::size_t i = 0; i < text.size();) {
    if (at.offset >= source.size()) return {};
    const char c = source[at.offset];
    if (is_space_char(text[i]) && is_space_char(c)) {
      while (i < text.size() && is_space_char(text[i])) ++i;
      const std::uint32_t line = at.line;
      pass_blanks(source, at);
      if (at.line != line) pieces.push_back({i, at.line, at.column});
      continue;
    }
    if (text[i] != c || (quote == '"' && c == '\\')) return {};
    const bool doubled = quote == '\'' && c == quote;
    at.offset += doubled ? 2 : 1;
    at.column += doubled ? 2 : 1;
    ++i;
    if (doubled) pieces.push_back({i, at.line, at.column});
  }
  return pieces;
}

bool spans_lines(const Node& node, std::string_view source) {
  if (node.style == Node::Style::block) return true;
  const std::size_t end = std::min(scalar_end(node, source), source.size());
  return source.substr(node.at.offset, end - node.at.offset).find('\n') != std::string_view::npos;
}

// Makes the pieces count from `begin`, which is in one of them.
void cut_before(std::size_t begin, std::vector<model::Piece>& pieces) {
  const auto behind =
      std::upper_bound(pieces.begin(), pieces.end(), begin,
                       [](std::size_t at, const model::Piece& piece) { return at < piece.at; });
  pieces.erase(pieces.begin(), std::prev(behind));
  model::Piece& first = pieces.front();
  first.column += static_cast<std::uint32_t>(begin - first.at);
  first.at = begin;
  for (model::Piece& piece : pieces) piece.at -= begin;
}

}  // namespace

Expression expression_of(const Node& node, std::size_t skip, Report& report) {
  const std::string_view text = node.text;
  const std::string_view source = report.source();
  const std::size_t begin = std::min(text.find_first_not_of(white, skip), text.size());
  const std::size_t end = text.find_last_not_of(white);  // npos + 1 is 0
  Mark at = content_mark(node, source);
  // The mark of a block is behind its leading white already.
  const bool block = node.style == Node::Style::block;
  const std::size_t leading = block ? std::min(text.find_first_not_of(white), begin) : 0;
  Expression result;
  if (end != std::string_view::npos && end >= begin) {
    result.text = text.substr(begin, end + 1 - begin);
  }
  const bool quoted = node.style == Node::Style::quoted;
  std::vector<model::Piece> pieces = pieces_of(text.substr(0, end + 1).substr(leading), source, at,
                                               quoted ? source[node.at.offset] : ' ');
  if (pieces.empty()) {
    at.column += static_cast<std::uint32_t>(begin - leading);
  } else {
    cut_before(begin - leading, pieces);
    at.line = pieces.front().line;
    at.column = pieces.front().column;
  }
  if (pieces.size() > 1 || (pieces.empty() && spans_lines(node, source))) {
    report.note_pieces(at, std::move(pieces));
  }
  result.at = report.place(at);
  return result;
}

}  // namespace itinera::yaml
