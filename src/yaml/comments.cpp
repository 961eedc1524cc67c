// SPDX-License-Identifier: Apache-2.0
#include "yaml/comments.hpp"

#include <algorithm>
#include <utility>

#include "yaml/quoting.hpp"

namespace itinera::yaml {
namespace {

bool is_gap(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A piece of the source in which `#` is no comment.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// A key or an item.
struct Anchor {
  std::size_t offset = 0;
  std::uint32_t line = 0;
  bool is_item = false;
  bool is_block = false;  // an item whose value is a mapping of several lines
  std::size_t document = 0;
};

struct Found {
  std::size_t offset = 0;
  std::uint32_t line = 0;
  bool own_line = false;
  bool apart = false;  // a blank line before it
  std::string text;
};

class Scanner {
 public:
  Scanner(const std::vector<Node>& documents, std::string_view source) : source_(source) {
    for (std::size_t i = 0; i < documents.size(); ++i) {
      document_ = i;
      visit(documents[i]);
    }
    const auto by_place = [](const Anchor& a, const Anchor& b) {
      return a.offset != b.offset ? a.offset < b.offset : a.is_item && !b.is_item;
    };
    std::sort(anchors.begin(), anchors.end(), by_place);
    std::sort(spans_.begin(), spans_.end(),
              [](const Span& a, const Span& b) { return a.begin < b.begin; });
    scan();
  }

  std::vector<Anchor> anchors;
  std::vector<Found> comments;
  std::vector<std::size_t> separators;  // offsets of lines `---`
  std::vector<std::uint32_t> blank_lines;

 private:
  void visit(const Node& node) {
    if (node.is(Node::Kind::scalar)) {
      // A comment may stand behind the mark of a block.
      const bool block = node.style == Node::Style::block;
      const std::size_t begin =
          block ? std::min(source_.find('\n', node.at.offset), source_.size()) : node.at.offset;
      spans_.push_back({begin, scalar_end(node, source_)});
    }
    for (const Node& item : node.items) {
      const bool flow = item.at.offset < source_.size() &&
                        (source_[item.at.offset] == '{' || source_[item.at.offset] == '[');
      anchors.push_back({item.at.offset, item.at.line, true,
                         item.is(Node::Kind::mapping) && !flow && !item.members.empty(),
                         document_});
      visit(item);
    }
    for (const Member& member : node.members) {
      const std::size_t at = member.key_at.offset;
      anchors.push_back({at, member.key_at.line, false, false, document_});
      const bool quoted = source_[at] == '"' || source_[at] == '\'';
      const std::size_t end =
          quoted ? closing_quote(source_, at).value_or(at) + 1 : at + member.key.size();
      spans_.push_back({at, end});
      visit(member.value);
    }
  }

  void scan() {
    auto span = spans_.begin();
    std::uint32_t line = 1;
    std::size_t line_begin = 0;
    for (std::size_t at = 0; at < source_.size();) {
      while (span != spans_.end() && span->end <= at) ++span;
      if (at == line_begin && source_.substr(at, 3) == "---") separators.push_back(at);
      if (span != spans_.end() && span->begin <= at) {
        for (; at < span->end && at < source_.size(); ++at) count_line(at, line, line_begin);
        continue;
      }
      if (source_[at] == '#' && (at == line_begin || is_gap(source_[at - 1]))) {
        at = take(at, line, line_begin);
        continue;
      }
      count_line(at, line, line_begin);
      ++at;
    }
  }

  void count_line(std::size_t at, std::uint32_t& line, std::size_t& line_begin) {
    if (source_[at] != '\n') return;
    if (is_blank(source_.substr(line_begin, at - line_begin))) blank_lines.push_back(line);
    ++line;
    line_begin = at + 1;
  }

  static bool is_blank(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_gap);
  }

  // Takes the comment at `at`, and returns the end of its line.
  std::size_t take(std::size_t at, std::uint32_t line, std::size_t line_begin) {
    const std::size_t end = std::min(source_.find('\n', at), source_.size());
    std::string_view text = source_.substr(at, end - at);
    while (is_gap(text.back())) text.remove_suffix(1);
    const std::string_view before = source_.substr(line_begin, at - line_begin);
    const bool own =
        std::all_of(before.begin(), before.end(), [](char c) { return is_gap(c) || c == '-'; }) &&
        !before.starts_with("---");
    const bool apart = !blank_lines.empty() && blank_lines.back() + 1 == line;
    comments.push_back({at, line, own, apart, std::string(text)});
    return end;
  }

  std::string_view source_;
  std::vector<Span> spans_;
  std::size_t document_ = 0;
};

// Puts what the scanner has found to its anchors.
class Placer {
 public:
  Placer(const Scanner& scanner, std::size_t documents) : scanner_(scanner) {
    result_.at_end.resize(documents);
  }

  Comments place() {
    for (const Found& comment : scanner_.comments) {
      if (comment.own_line || scanner_.anchors.empty()) {
        put_before(comment);
      } else {
        put_beside(comment);
      }
    }
    for (const Anchor& anchor : scanner_.anchors) {
      const Anchor& first = first_on_line(anchor.line);
      if (&first != &anchor) continue;
      if (is_blank_line(first_line_of(anchor) - 1)) trivia(anchor).apart = true;
      const bool set_apart = first_line_of(anchor) < anchor.line && is_blank_line(anchor.line - 1);
      if (set_apart) trivia(anchor).before.emplace_back();
    }
    return std::move(result_);
  }

 private:
  Trivia& trivia(const Anchor& anchor) {
    return (anchor.is_item ? result_.of_item : result_.of_member)[anchor.offset];
  }

  [[nodiscard]] bool is_blank_line(std::uint32_t line) const {
    return std::binary_search(scanner_.blank_lines.begin(), scanner_.blank_lines.end(), line);
  }

  // Of the anchor, or of the first comment before it.
  std::uint32_t first_line_of(const Anchor& anchor) {
    const auto found = comments_from_.find({anchor.offset, anchor.is_item});
    return found == comments_from_.end() ? anchor.line : found->second;
  }

  [[nodiscard]] const Anchor& first_on_line(std::uint32_t line) const {
    return *std::partition_point(scanner_.anchors.begin(), scanner_.anchors.end(),
                                 [&](const Anchor& each) { return each.line < line; });
  }

  // The first anchor behind `comment`.
  [[nodiscard]] std::vector<Anchor>::const_iterator behind(const Found& comment) const {
    return std::partition_point(scanner_.anchors.begin(), scanner_.anchors.end(),
                                [&](const Anchor& a) { return a.offset < comment.offset; });
  }

  void put_before(const Found& comment) {
    const auto next = behind(comment);
    const auto separator =
        std::upper_bound(scanner_.separators.begin(), scanner_.separators.end(), comment.offset);
    const bool at_end = next == scanner_.anchors.end();
    const bool divided =
        separator != scanner_.separators.end() && (at_end || *separator < next->offset);
    if (at_end || (divided && next != scanner_.anchors.begin())) {
      if (result_.at_end.empty()) result_.at_end.emplace_back();
      const bool any = next != scanner_.anchors.begin();
      add(result_.at_end[any ? std::prev(next)->document : 0], comment, false);
      return;
    }
    const bool first =
        comments_from_.try_emplace({next->offset, next->is_item}, comment.line).second;
    add(trivia(*next).before, comment, first);
  }

  static void add(std::vector<std::string>& list, const Found& comment, bool first) {
    if (comment.apart && !first) list.emplace_back();
    list.push_back(comment.text);
  }

  void put_beside(const Found& comment) {
    const auto next = behind(comment);
    if (next == scanner_.anchors.begin()) return put_before(comment);
    auto chosen = std::prev(next);
    const auto first = std::partition_point(scanner_.anchors.begin(), next,
                                            [&](const Anchor& a) { return a.line < comment.line; });
    if (first != next) chosen = first->is_block && first + 1 != next ? first + 1 : first;
    Trivia& place = trivia(*chosen);
    if (place.beside.empty()) {
      place.beside = comment.text;
    } else {
      place.before.push_back(comment.text);
    }
  }

  const Scanner& scanner_;
  std::map<std::pair<std::size_t, bool>, std::uint32_t> comments_from_;  // lines, by anchor
  Comments result_;
};

}  // namespace

const Trivia* Comments::of(const Member& member) const {
  const auto found = of_member.find(member.key_at.offset);
  return found == of_member.end() ? nullptr : &found->second;
}

const Trivia* Comments::of(const Node& item) const {
  const auto found = of_item.find(item.at.offset);
  return found == of_item.end() ? nullptr : &found->second;
}

bool Comments::within(const Node& node) const {
  const auto item_has = [&](const Node& item) {
    const Trivia* const trivia = of(item);
    return (trivia != nullptr && trivia->comments()) || within(item);
  };
  const auto member_has = [&](const Member& member) {
    const Trivia* const trivia = of(member);
    return (trivia != nullptr && trivia->comments()) || within(member.value);
  };
  return std::any_of(node.items.begin(), node.items.end(), item_has) ||
         std::any_of(node.members.begin(), node.members.end(), member_has);
}

Comments comments_of(const std::vector<Node>& documents, std::string_view source) {
  const Scanner scanner(documents, source);
  return Placer(scanner, documents.size()).place();
}

std::vector<std::string> comment_texts(const std::vector<Node>& documents,
                                       std::string_view source) {
  const Scanner scanner(documents, source);
  std::vector<std::string> texts;
  for (const Found& comment : scanner.comments) texts.push_back(comment.text);
  return texts;
}

}  // namespace itinera::yaml
