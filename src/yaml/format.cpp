// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "itinera/yaml.hpp"
#include "yaml/arrange.hpp"
#include "yaml/values.hpp"
#include "yaml/writer.hpp"

namespace itinera {
namespace {

using yaml::Member;
using yaml::Node;
using yaml::Report;

bool is_refused(const Node& node) {
  return node.is(Node::Kind::refused) ||
         std::any_of(node.items.begin(), node.items.end(), is_refused) ||
         std::any_of(node.members.begin(), node.members.end(),
                     [](const Member& member) { return is_refused(member.value); });
}

// Whether a scalar is a text whatever its quotes.
bool is_text(const Node& node) { return !node.is_plain() || yaml::is_plain_text(node.text); }

// The same content, whatever the order of keys and the manner of writing.
bool same(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.items.size() != b.items.size() ||
      a.members.size() != b.members.size()) {
    return false;
  }
  if (a.is(Node::Kind::scalar)) {
    return a.text == b.text && (a.is_plain() == b.is_plain() || (is_text(a) && is_text(b)));
  }
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  const auto by_key = [](const Node& node) {
    std::vector<const Member*> members;
    for (const Member& member : node.members) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const Member* x, const Member* y) { return x->key < y->key; });
    return members;
  };
  const auto of_a = by_key(a);
  const auto of_b = by_key(b);
  return std::equal(of_a.begin(), of_a.end(), of_b.begin(), [](const Member* x, const Member* y) {
    return x->key == y->key && same(x->value, y->value);
  });
}

class Formatter {
 public:
  Formatter(const SourceFile& file, const Limits& limits)
      : source_(yaml::without_byte_order_mark(file.text)),
        limits_(limits),
        report_(file.path, source_, result_.diagnostics) {}

  FormattedFile format() {
    std::vector<Node> documents = parse(limits_, report_);
    if (report_.errors() > 0 || std::any_of(documents.begin(), documents.end(), is_refused)) {
      return std::move(result_);
    }
    if (documents.empty()) {
      report_.error(ErrorCode::missing_key, {1, 1, 0}, "this file says nothing",
                    "begin it with `workspace:`, `campaign:` or `test:`");
      return std::move(result_);
    }
    yaml::Comments comments = comments_of(documents, source_);
    const std::vector<std::string> texts = sorted_comments(documents, source_);
    const std::vector<Node> before = documents;
    for (Node& document : documents) {
      if (!arrange(document, comments)) return std::move(result_);
    }
    std::string text = write(documents, comments);
    if (is_kept(before, texts, text)) result_.text = std::move(text);
    return std::move(result_);
  }

 private:
  bool arrange(Node& document, yaml::Comments& comments) {
    const yaml::Table* const table = yaml::table_of_document(document);
    if (table == nullptr || document.members.empty()) {
      report_.error(ErrorCode::missing_key, document.at,
                    "this is neither a workspace nor a campaign nor a test",
                    "begin it with `workspace:`, `campaign:` or `test:`");
      return false;
    }
    const std::size_t first = document.members.front().key_at.offset;
    yaml::arrange(document, *table);
    // What a file begins with belongs to the file, whichever key comes first.
    const std::size_t now_first = document.members.front().key_at.offset;
    const auto head = comments.of_member.find(first);
    if (now_first == first || head == comments.of_member.end()) return true;
    std::vector<std::string> lines = std::exchange(head->second.before, {});
    std::vector<std::string>& to = comments.of_member[now_first].before;
    to.insert(to.begin(), lines.begin(), lines.end());
    return true;
  }

  static std::vector<std::string> sorted_comments(const std::vector<Node>& documents,
                                                  std::string_view source) {
    std::vector<std::string> texts = comment_texts(documents, source);
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  // Reads what was written once more: nothing may be lost, a comment least of all.
  bool is_kept(const std::vector<Node>& before, const std::vector<std::string>& comments,
               const std::string& text) {
    Diagnostics found;
    Report report({}, text, found);
    const std::vector<Node> after = parse(limits_, report);
    const bool same_content = report.errors() == 0 && std::equal(before.begin(), before.end(),
                                                                 after.begin(), after.end(), same);
    if (!same_content) {
      report_.error(ErrorCode::yaml_feature, before.front().at,
                    "this file cannot be written in the usual form without changing it",
                    "write unusual texts in double quotes");
      return false;
    }
    if (sorted_comments(after, text) == comments) return true;
    report_.error(ErrorCode::yaml_feature, before.front().at,
                  "a comment of this file has no place in the usual form",
                  "put comments on lines of their own, before the key that they speak of");
    return false;
  }

  std::string_view source_;
  const Limits& limits_;
  FormattedFile result_;
  Report report_;
};

}  // namespace

FormattedFile format_yaml(const SourceFile& file, const Limits& limits) {
  return Formatter(file, limits).format();
}

}  // namespace itinera
