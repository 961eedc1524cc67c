// SPDX-License-Identifier: Apache-2.0
#include "yaml/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "yaml/quoting.hpp"
#include "yaml/values.hpp"

namespace itinera::yaml {
namespace {

constexpr std::size_t width_max = 100;
constexpr int flow_depth_max = 3;  // mappings and lists within each other on one line
constexpr std::string_view blanks(std::size_t count) {
  constexpr std::string_view many =
      "                                                                                        "
      "                                                                                        ";
  return many.substr(0, std::min(count, many.size()));
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// Whether YAML's grammar takes `text` whole without quotes, in a list or mapping on one line too.
bool is_plain_syntax(std::string_view text, bool flow) {
  constexpr std::string_view indicators = "-?:,[]{}#&*!|>'\"%@`";
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::any_of(text.begin(), text.end(), is_control)) return false;
  const bool dash = text.front() == '-' && text.size() > 1 && text[1] != ' ' && text[1] != '-';
  if (!dash && indicators.find(text.front()) != std::string_view::npos) return false;
  if (text.starts_with("...")) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) {
    return false;
  }
  return !flow || text.find_first_of(",[]{}?") == std::string_view::npos;
}

// What would make a byte order mark, or a line break, of a text in the eyes of some reader.
bool holds_odd_break(std::string_view text) {
  for (const std::string_view odd : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF"}) {
    if (text.find(odd) != std::string_view::npos) return true;
  }
  return false;
}

// In double quotes, with escapes.
std::string escaped(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (is_control(c)) {
      fmt::format_to(std::back_inserter(result), "\\x{:02X}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

// A text in the quotes that need the fewest escapes.
std::string in_quotes(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) return escaped(text);
  const bool doubles = text.find_first_of("\"\\") != std::string_view::npos;
  return doubles ? quoted(text) : escaped(text);
}

// A scalar on one line. What is no text for sure (true, 7, null) stays as it was read.
std::string scalar_text(const Node& node, bool flow) {
  const std::string& text = node.text;
  const bool plain = is_plain_syntax(text, flow) && !holds_odd_break(text);
  const bool kept = node.is_plain() || is_plain_text(text);
  return plain && kept ? text : in_quotes(text);
}

std::string key_text(const std::string& key, bool flow) {
  return is_plain_syntax(key, flow) && !holds_odd_break(key) ? key : in_quotes(key);
}

// A text of several lines that a block holds as it is: no blanks before its first line, at most one
// line break at its end, nothing that must be escaped.
bool is_block_text(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.ends_with("\n\n")) return false;
  if (text.front() == ' ' || text.front() == '\n' || holds_odd_break(text)) return false;
  return std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\n'; });
}

bool is_block_scalar(const Node& node) {
  return node.is(Node::Kind::scalar) && is_block_text(node.text);
}

class Writer {
 public:
  explicit Writer(const Comments& comments) : comments_(comments) {}

  std::string write(const std::vector<Node>& documents) {
    for (std::size_t i = 0; i < documents.size(); ++i) {
      if (i > 0) out_ += "---\n";
      is_first_ = true;
      mapping(documents[i], 0, false);
      if (i < comments_.at_end.size()) lines(comments_.at_end[i], 0);
    }
    return std::move(out_);
  }

 private:
  // One line, if it fits: nothing of it is spread, deep or has a comment.
  [[nodiscard]] std::optional<std::string> flow(const Node& node, int depth) const {
    if (node.is(Node::Kind::scalar)) {
      if (is_block_scalar(node)) return std::nullopt;
      return scalar_text(node, depth < flow_depth_max);
    }
    if (node.is(Node::Kind::empty) || depth == 0) return std::nullopt;
    if (node.spread && !(node.items.empty() && node.members.empty())) return std::nullopt;
    if (depth == flow_depth_max && comments_.within(node)) return std::nullopt;
    const bool is_list = node.is(Node::Kind::sequence);
    std::string text(is_list ? "[" : "{");
    const auto add = [&](std::string_view key, const Node& value) {
      const auto inner = flow(value, depth - 1);
      if (!inner || text.size() > width_max) return false;
      if (text.size() > 1) text += ", ";
      text += key;
      text += *inner;
      return true;
    };
    for (const Node& item : node.items) {
      if (!add({}, item)) return std::nullopt;
    }
    for (const Member& member : node.members) {
      if (!add(key_text(member.key, true) + ": ", member.value)) return std::nullopt;
    }
    return text + (is_list ? "]" : "}");
  }

  // The same behind `column` characters.
  [[nodiscard]] std::optional<std::string> fitting(const Node& node, std::size_t column) const {
    auto text = flow(node, flow_depth_max);
    const bool leaf = node.is(Node::Kind::scalar);
    if (text && !leaf && column + text->size() > width_max) return std::nullopt;
    return text;
  }

  void lines(const std::vector<std::string>& comments, std::size_t indent) {
    for (const std::string& comment : comments) {
      if (!comment.empty()) out_ += blanks(indent);
      out_ += comment;
      out_ += '\n';
    }
  }

  // What stands before a key or an item on lines of its own.
  void before(const Trivia* trivia, std::size_t indent) {
    const bool apart = trivia != nullptr && trivia->apart && !is_first_;
    is_first_ = false;
    if (apart) out_ += '\n';
    if (trivia != nullptr) lines(trivia->before, indent);
  }

  void end_line(const Trivia* trivia) {
    if (trivia != nullptr && !trivia->beside.empty()) {
      out_ += ' ';
      out_ += trivia->beside;
    }
    out_ += '\n';
  }

  void block_scalar(std::string_view text, const Trivia* trivia, std::size_t indent) {
    out_ += text.ends_with('\n') ? "|" : "|-";
    end_line(trivia);
    if (text.ends_with('\n')) text.remove_suffix(1);
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (end > at) out_ += blanks(indent);
      out_ += text.substr(at, end - at);
      out_ += '\n';
      at = end + 1;
    }
  }

  // Behind `key:` or `-`, of which the caller has written `column` characters, to the line's end.
  void value(const Node& node, const Trivia* trivia, std::size_t column, std::size_t indent) {
    if (node.is(Node::Kind::empty)) return end_line(trivia);
    if (is_block_scalar(node)) {
      out_ += ' ';
      return block_scalar(node.text, trivia, indent);
    }
    if (const auto text = fitting(node, column + 1)) {
      out_ += ' ';
      out_ += *text;
      return end_line(trivia);
    }
    end_line(trivia);
    if (node.is(Node::Kind::sequence)) {
      list(node, indent);
    } else {
      mapping(node, indent, false);
    }
  }

  // `open`: the line of its first member is begun already.
  void mapping(const Node& node, std::size_t indent, bool open) {
    for (const Member& member : node.members) {
      const Trivia* const trivia = comments_.of(member);
      if (!open) {
        before(trivia, indent);
        out_ += blanks(indent);
      }
      open = false;
      const std::string key = key_text(member.key, false);
      out_ += key;
      out_ += ':';
      value(member.value, trivia, indent + key.size() + 1, indent + 2);
    }
  }

  void list(const Node& node, std::size_t indent) {
    for (const Node& item : node.items) {
      const Trivia* const trivia = comments_.of(item);
      const bool opens =
          item.is(Node::Kind::mapping) && !item.members.empty() && !fitting(item, indent + 2);
      before(trivia, indent);
      if (opens) {
        // What stands before the first key stands before the dash.
        const Trivia* const first = comments_.of(item.members.front());
        if (trivia != nullptr && !trivia->beside.empty()) lines({trivia->beside}, indent);
        if (first != nullptr) lines(first->before, indent);
        out_ += blanks(indent);
        out_ += "- ";
        mapping(item, indent + 2, true);
      } else {
        out_ += blanks(indent);
        out_ += '-';
        value(item, trivia, indent + 1, indent + 2);
      }
    }
  }

  const Comments& comments_;
  std::string out_;
  bool is_first_ = true;  // of its document
};

}  // namespace

std::string write(const std::vector<Node>& documents, const Comments& comments) {
  return Writer(comments).write(documents);
}

}  // namespace itinera::yaml
