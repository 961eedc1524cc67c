// SPDX-License-Identifier: Apache-2.0
// The only file that knows yaml-cpp. Its event interface gives every node once, with tags, anchors
// and places, and keeps duplicate keys apart, which its Node interface does not.
#include "yaml/tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <deque>
#include <istream>
#include <stdexcept>
#include <streambuf>
#include <utility>

#include "expr/utf8.hpp"
#include "yaml/quoting.hpp"

namespace itinera::yaml {

const Node* Node::find(std::string_view key) const {
  const auto same = [&](const Member& member) { return member.key == key; };
  const auto found = std::find_if(members.begin(), members.end(), same);
  return found == members.end() ? nullptr : &found->value;
}

namespace {

using YamlStyle = YAML::EmitterStyle::value;

// yaml-cpp reads from streams only; this one is a view of memory.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string text) : text_(std::move(text)) {
    setg(text_.data(), text_.data(), text_.data() + text_.size());
  }

 private:
  std::string text_;
};

Mark mark_at(std::string_view source, std::size_t offset) {
  const std::string_view before = source.substr(0, offset);
  const std::size_t line_break = before.rfind('\n');
  const std::size_t begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(offset - begin + 1),
          offset};
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Whether the bytes are text that YAML may hold; yaml-cpp itself stops silently at some of them.
bool is_text(Report& report) {
  const std::string_view source = report.source();
  // yaml-cpp strips one more by itself, and all its places were wrong.
  if (source.starts_with(byte_order_mark)) {
    report.error(ErrorCode::yaml_syntax, {1, 1, 0}, "a second byte order mark",
                 "save the file as UTF-8 without a mark");
    return false;
  }
  if (const auto invalid = expr::invalid_utf8_at(source)) {
    report.error(ErrorCode::yaml_syntax, mark_at(source, *invalid), "not UTF-8",
                 "save the file as UTF-8");
    return false;
  }
  for (std::size_t i = 0; i < source.size(); ++i) {
    const auto c = static_cast<unsigned char>(source[i]);
    const bool line_end = c == '\r' && i + 1 < source.size() && source[i + 1] == '\n';
    if ((c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t' || line_end) continue;
    report.error(ErrorCode::yaml_syntax, mark_at(source, i),
                 fmt::format("the control character 0x{:02X}", c),
                 "in a text in double quotes write it as an escape, such as \"\\t\"");
    return false;
  }
  return true;
}

class Builder : public YAML::EventHandler {
 public:
  Builder(const Limits& limits, Report& report) : limits_(limits), report_(report) {}

  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] Mark last() const { return last_; }

  std::vector<Node> take() {
    documents_.resize(whole_);
    std::erase_if(documents_, [](const Node& node) { return node.is(Node::Kind::empty); });
    return std::move(documents_);
  }

  [[nodiscard]] Mark mark_of(const YAML::Mark& mark) const {
    if (mark.is_null()) return {};
    const auto offset = std::min(static_cast<std::size_t>(mark.pos), report_.source().size());
    return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1),
            offset};
  }

  // A tag, an anchor or an alias at `at`, once.
  void refuse(Mark at) {
    if (refused_at_ == at.offset) return;
    refused_at_ = at.offset;
    const std::string_view source = report_.source();
    const char first = at.offset < source.size() ? source[at.offset] : ' ';
    const std::string_view what = first == '!' ? "a tag" : first == '&' ? "an anchor" : "an alias";
    const std::string_view written = written_value(source, at.offset);
    if (const std::string* key = open_key();
        key != nullptr && (holds_condition(*key) || names_segment())) {
      report_.error(ErrorCode::condition_quoting, at,
                    fmt::format("YAML takes `{}` for {}: the condition of `{}` is lost",
                                shown(written), what, *key),
                    quoting_hint(*key, source, at.offset));
      return;
    }
    report_.error(ErrorCode::yaml_feature, at,
                  fmt::format("`{}` is {}, which this format does not use", shown(written), what),
                  first == '!' ? fmt::format("quote it if it is a text: {}", quoted(written))
                               : "write the value out wherever it is needed");
  }

  // What is reported only of text that is YAML to its end: before a syntax error it is an echo.
  void report_bad_keys() {
    for (const Mark at : bad_keys_) {
      report_.error(ErrorCode::yaml_feature, at, "a key must be a text that is not empty",
                    "write `name: value`");
    }
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    const Mark at = mark_of(mark);
    // Also what keeps the parser moving: it consumes nothing of a stray `,`.
    if (documents_begun_ > 0 && !report_.source().substr(at.offset).starts_with("---")) {
      stop(ErrorCode::yaml_syntax, at, "text behind the end of a document",
           "documents of one file are divided by a line `---`");
    }
    ++documents_begun_;
  }
  void OnDocumentEnd() override {
    if (!stopped_) whole_ = documents_.size();
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (stopped_) return;
    Node node;
    node.at = mark_of(mark);
    node.text = null_word(node.at);
    if (!node.text.empty()) node.kind = Node::Kind::scalar;
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    if (stopped_) return;
    refuse(mark_of(mark));
    Node node;
    node.kind = Node::Kind::refused;
    node.at = mark_of(mark);
    add(std::move(node));
  }

  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    if (!stopped_) refuse(mark_of(mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& value) override {
    if (stopped_) return;
    Node node;
    node.kind = Node::Kind::scalar;
    node.at = mark_of(mark);
    node.text = value;
    const std::string_view source = report_.source();
    const char first = node.at.offset < source.size() ? source[node.at.offset] : ' ';
    if (first == '"' || first == '\'') {
      node.style = Node::Style::quoted;
      if (!closing_quote(source, node.at.offset)) {
        stop(ErrorCode::yaml_syntax, node.at, "this quote is never closed",
             fmt::format("close it with {}", first));
        return;
      }
    } else if (first == '|' || first == '>') {
      node.style = Node::Style::block;
    }
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YamlStyle) override {
    begin(Node::Kind::sequence, mark);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YamlStyle) override {
    begin(Node::Kind::mapping, mark);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Frame {
    Node* node = nullptr;  // stays where it is: its parent does not grow before it is complete
    bool refused = false;
    bool has_key = false;  // of a mapping: the next node is the value of `key`
    std::string key;       // empty: refused
    Mark key_at;
  };

  void stop(ErrorCode code, Mark at, std::string message, std::string hint) {
    if (!stopped_) report_.error(code, at, std::move(message), std::move(hint));
    stopped_ = true;
  }

  // The key whose value comes next, if that is so.
  [[nodiscard]] const std::string* open_key() const {
    return !stack_.empty() && stack_.back().has_key ? &stack_.back().key : nullptr;
  }

  // Whether the open key is one of the workspace's `segments`, whose values are CEL.
  [[nodiscard]] bool names_segment() const {
    if (stack_.size() != 2 || stack_.front().node->members.empty()) return false;
    return stack_.front().node->members.back().key == "segments";
  }

  // What stands at `at` for null; nothing where a value is missing and the next thing begins.
  [[nodiscard]] std::string_view null_word(Mark at) const {
    const std::string_view rest = report_.source().substr(at.offset);
    const std::string_view enders = open_key() != nullptr ? " \t\r\n,]}" : " \t\r\n,]}:";
    for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
      if (!rest.starts_with(word)) continue;
      const bool ends =
          rest.size() == word.size() || enders.find(rest[word.size()]) != std::string_view::npos;
      return ends ? rest.substr(0, word.size()) : std::string_view();
    }
    return {};
  }

  [[nodiscard]] bool is_marked(Mark at) const {
    const std::string_view source = report_.source();
    return at.offset < source.size() && (source[at.offset] == '!' || source[at.offset] == '&');
  }

  Node* add(Node node) {
    last_ = node.at;
    if (++nodes_ > limits_.yaml_nodes) {
      stop(ErrorCode::too_large, node.at,
           fmt::format("more than {} values in one file", limits_.yaml_nodes),
           "divide the file, or raise Limits::yaml_nodes");
      return nullptr;
    }
    const bool leaf = node.is(Node::Kind::scalar) || node.is(Node::Kind::empty);
    if (leaf && is_marked(node.at)) {
      refuse(node.at);
      node.kind = Node::Kind::refused;
    }
    if (stack_.empty()) return &documents_.emplace_back(std::move(node));
    Frame& frame = stack_.back();
    if (frame.node->is(Node::Kind::sequence)) {
      return &frame.node->items.emplace_back(std::move(node));
    }
    if (!frame.has_key) return add_key(frame, std::move(node));
    frame.has_key = false;
    if (node.is(Node::Kind::empty)) node.at = frame.key_at;
    frame.node->members.push_back({std::move(frame.key), frame.key_at, std::move(node)});
    return &frame.node->members.back().value;
  }

  Node* add_key(Frame& frame, Node node) {
    frame.has_key = true;
    frame.key_at = node.at;
    frame.key = node.is(Node::Kind::scalar) ? std::move(node.text) : std::string();
    if (node.is_plain() && frame.key == "<<") {
      report_.error(ErrorCode::yaml_feature, node.at,
                    "`<<` is a merge key, which this format does not use",
                    "write its keys out wherever they are needed");
      frame.key.clear();
      node.kind = Node::Kind::refused;
    }
    if (frame.key.empty() && !node.is(Node::Kind::refused)) bad_keys_.push_back(node.at);
    return &trash_.emplace_back(std::move(node));
  }

  void begin(Node::Kind kind, const YAML::Mark& mark) {
    if (stopped_) return;
    const Mark at = mark_of(mark);
    if (stack_.size() >= limits_.yaml_depth) {
      stop(ErrorCode::too_large, at, fmt::format("nested deeper than {}", limits_.yaml_depth),
           "use goto instead of nesting steps");
      return;
    }
    const bool refused = is_marked(at);
    if (refused) refuse(at);
    Node node;
    node.kind = kind;
    node.at = at;
    Node* const added = add(std::move(node));
    if (added == nullptr) return;
    added->text.clear();
    stack_.push_back({added, refused, false, {}, {}});
  }

  void end() {
    if (stopped_) return;
    Frame& frame = stack_.back();
    if (frame.node->is(Node::Kind::mapping)) drop_duplicates(*frame.node);
    if (frame.refused) refuse_content(*frame.node);
    stack_.pop_back();
    if (stack_.empty()) trash_.clear();
  }

  static void refuse_content(Node& node) {
    Node refused;
    refused.kind = Node::Kind::refused;
    refused.at = node.at;
    node = std::move(refused);
  }

  void drop_duplicates(Node& mapping) {
    std::vector<Member>& members = mapping.members;
    std::vector<const Member*> order;
    for (const Member& member : members) order.push_back(&member);
    std::sort(order.begin(), order.end(), [](const Member* a, const Member* b) {
      return a->key != b->key ? a->key < b->key : a->key_at.offset < b->key_at.offset;
    });
    std::vector<std::size_t> dropped;
    for (std::size_t i = 1; i < order.size(); ++i) {
      const Member& member = *order[i];
      if (member.key.empty() || order[i - 1]->key != member.key) continue;
      report_.error(ErrorCode::duplicate_key, member.key_at,
                    fmt::format("the key `{}` is written twice", shown(member.key)),
                    fmt::format("the one before it is in line {}", order[i - 1]->key_at.line));
      dropped.push_back(member.key_at.offset);
    }
    std::sort(dropped.begin(), dropped.end());
    const auto is_dropped = [&](const Member& member) {
      return member.key.empty() ||
             std::binary_search(dropped.begin(), dropped.end(), member.key_at.offset);
    };
    mapping.torn = std::any_of(members.begin(), members.end(), [&](const Member& member) {
      return is_dropped(member) && !member.value.is(Node::Kind::scalar) &&
             !member.value.is(Node::Kind::empty);
    });
    std::erase_if(members, is_dropped);
  }

  const Limits& limits_;
  Report& report_;
  std::vector<Node> documents_;
  std::size_t whole_ = 0;  // how many of them have ended
  std::size_t documents_begun_ = 0;
  std::vector<Frame> stack_;
  std::deque<Node> trash_;  // keys
  std::vector<Mark> bad_keys_;
  std::size_t nodes_ = 0;
  std::size_t refused_at_ = std::string_view::npos;
  Mark last_;
  bool stopped_ = false;
};

// What yaml-cpp says, said to an author.
struct Wording {
  std::string_view theirs;
  std::string_view ours;
  std::string_view hint;
};
constexpr std::string_view indent_hint =
    "indent what belongs together alike; quote a text that holds quotes, ': ' or ' #' as a whole";
constexpr Wording wordings[] = {
    {"end of map not found", "this does not go on with the mapping before it", indent_hint},
    {"end of sequence not found", "this does not go on with the list before it", indent_hint},
    {"end of map flow not found", "a mapping in braces is not closed before this",
     "close it with }; quote a text that holds , [ ] { } or ': '"},
    {"end of sequence flow not found", "a list in brackets is not closed before this",
     "close it with ]; quote a text that holds , [ ] { } or ': '"},
    {"illegal map value", "a second ': ' in one line", "quote a text that holds ': '"},
    {"unknown token", "a text in braces or brackets goes on no further here",
     "quote a text that ends in ? or holds a special character"},
};

// Whether the line of `at` is indented with a tab.
bool begins_with_tab(std::string_view source, Mark at) {
  const std::size_t before = source.substr(0, at.offset).rfind('\n');
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t text = source.find_first_not_of(" \t", begin);
  return source.substr(begin, text - begin).find('\t') != std::string_view::npos;
}

void report_syntax(const Builder& builder, const YAML::Exception& problem, Report& report) {
  Mark at = builder.mark_of(problem.mark);
  if (at.line == 0) at = builder.last();
  auto eaten = eaten_condition(report.source(), at);
  if (!eaten) {
    // A brace that a comment has swallowed is missed only in some later line.
    Mark before = builder.last();
    before.offset = report.source().find('\n', before.offset);
    eaten = eaten_condition(report.source(), before);
  }
  if (eaten) {
    report.error(ErrorCode::condition_quoting, eaten->at,
                 fmt::format("YAML takes the condition of `{}` apart", eaten->key),
                 quoting_hint(eaten->key, report.source(), eaten->at.offset));
    return;
  }
  if (const auto comment = swallowing_comment(report.source(), builder.last().offset)) {
    report.error(ErrorCode::yaml_syntax, mark_at(report.source(), *comment),
                 "this comment takes the end of the mapping or list before it with it",
                 "close that before the #, or quote the text that holds ' #'");
    return;
  }
  if (begins_with_tab(report.source(), at)) {
    report.error(ErrorCode::yaml_syntax, at, "this line is indented with a tab",
                 "YAML is indented with spaces");
    return;
  }
  const auto* const found = std::find_if(std::begin(wordings), std::end(wordings),
                                         [&](const Wording& w) { return problem.msg == w.theirs; });
  if (found != std::end(wordings)) {
    report.error(ErrorCode::yaml_syntax, at, std::string(found->ours), std::string(found->hint));
  } else {
    report.error(ErrorCode::yaml_syntax, at, fmt::format("not YAML: {}", problem.msg),
                 "look at this line, and at the one above it");
  }
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

std::vector<Node> parse(const Limits& limits, Report& report) {
  if (report.source().size() > limits.file_bytes) {
    report.error(ErrorCode::too_large, {},
                 fmt::format("the file has {} bytes, more than {}", report.source().size(),
                             limits.file_bytes),
                 "divide it, or raise Limits::file_bytes");
    return {};
  }
  if (!is_text(report)) return {};
  Builder builder(limits, report);
  try {
    TextBuffer buffer{std::string(report.source())};
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (!builder.stopped() && parser.HandleNextDocument(builder)) {
    }
    builder.report_bad_keys();
  } catch (const YAML::DeepRecursion&) {
    if (!builder.stopped()) {
      report.error(ErrorCode::too_large, builder.last(), "nested too deeply",
                   "use goto instead of nesting steps");
    }
  } catch (const YAML::Exception& problem) {
    const bool alias = problem.msg.starts_with("the referenced anchor is not defined");
    if (!builder.stopped() && alias) {
      builder.refuse(builder.mark_of(problem.mark));
    } else if (!builder.stopped()) {
      report_syntax(builder, problem, report);
    }
  } catch (const std::logic_error& problem) {
    report.error(ErrorCode::yaml_syntax, builder.last(),
                 fmt::format("not YAML: {}", problem.what()),
                 "look at this line, and at the one above it");
  }
  return builder.take();
}

}  // namespace itinera::yaml
