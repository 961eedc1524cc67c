// SPDX-License-Identifier: Apache-2.0
#include "expr/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "expr/conversions.hpp"
#include "expr/lexer.hpp"

namespace itinera::expr {
namespace {

struct BinaryOperator {
  std::string_view symbol;
  int level;
  Operator op;
};

// Levels bind tighter as they grow. Those of || and && carry no Operator of their own.
enum Level { level_or, level_and, level_relation, level_add, level_multiply, level_unary };

constexpr std::array<BinaryOperator, 14> binary_operators{{
    {"||", level_or, Operator::add},
    {"&&", level_and, Operator::add},
    {"==", level_relation, Operator::equal},
    {"!=", level_relation, Operator::not_equal},
    {"<", level_relation, Operator::less},
    {"<=", level_relation, Operator::less_equal},
    {">", level_relation, Operator::greater},
    {">=", level_relation, Operator::greater_equal},
    {"in", level_relation, Operator::in},
    {"+", level_add, Operator::add},
    {"-", level_add, Operator::subtract},
    {"*", level_multiply, Operator::multiply},
    {"/", level_multiply, Operator::divide},
    {"%", level_multiply, Operator::modulo},
}};

constexpr std::array<std::string_view, 17> reserved_words{
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

constexpr std::array<std::string_view, 4> keywords{"true", "false", "null", "in"};

constexpr const char* shorter = "compute a part of it in a `set` step before, or leave a part out";

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string hint_for_reserved(std::string_view word) {
  if (word == "if" || word == "else") return "write `condition ? value : other`";
  if (word == "in") return "write the value to look for before it: `contact.tier in [\"gold\"]`";
  return fmt::format("a field of this name is written in quotes: `event[\"{}\"]`", word);
}

class Parser {
 public:
  Parser(std::string_view source, const Limits& limits, std::vector<Issue>& issues)
      : source_(source),
        issues_(issues),
        depth_max_(std::min(limits.condition_depth, depth_max)),
        nodes_max_(limits.condition_nodes),
        tokens_(tokens_of(source, issues)) {
    failed_ = !issues.empty();
  }

  std::optional<Tree> run() {
    if (!failed_ && peek().kind == TokenKind::end) {
      fail(peek(), "an expression is missing", "write a condition, for example `event.total > 50`");
    }
    if (failed_) return std::nullopt;
    tree_.root = expression();
    if (!failed_ && peek().kind != TokenKind::end) unexpected("an operator or the end");
    if (failed_) return std::nullopt;
    return std::move(tree_);
  }

 private:
  NodeIndex expression() {
    if (++depth_ > depth_max_) return too_deep(peek().at);
    NodeIndex node = binary(level_or);
    if (const std::uint32_t at = peek().at; accept("?")) {
      const NodeIndex then = expression();
      expect(":", "a colon and the other value");
      const NodeIndex otherwise = expression();
      node = make(NodeKind::conditional, at, {node, then, otherwise});
    }
    --depth_;
    return node;
  }

  // One level of operators from left to right. Chains of &&, ||, + and * become one node, so that
  // a long chain is no deep tree.
  NodeIndex binary(int level) {
    if (level == level_unary) return unary();
    NodeIndex left = binary(level + 1);
    std::vector<NodeIndex> operands{left};
    std::vector<Operator> operators;
    std::uint32_t first_at = 0;
    while (const BinaryOperator* found = binary_operator()) {
      if (found->level != level || failed_) break;
      const std::uint32_t at = take().at;
      const NodeIndex right = binary(level + 1);
      if (level == level_relation) {
        left = make(NodeKind::relation, at, {left, right}, {found->op});
        continue;
      }
      if (operators.empty()) first_at = at;
      operands.push_back(right);
      operators.push_back(found->op);
    }
    if (level == level_relation || operators.empty()) return left;
    if (level == level_or) return make(NodeKind::any_of, first_at, std::move(operands));
    if (level == level_and) return make(NodeKind::all_of, first_at, std::move(operands));
    return make(NodeKind::arithmetic, first_at, std::move(operands), std::move(operators));
  }

  [[nodiscard]] const BinaryOperator* binary_operator() const {
    const Token& token = peek();
    if (token.kind != TokenKind::symbol && !(token.kind == TokenKind::name && token.text == "in")) {
      return nullptr;
    }
    for (const BinaryOperator& candidate : binary_operators) {
      if (candidate.symbol == token.text) return &candidate;
    }
    return nullptr;
  }

  // Repeated signs collapse to one or two, which mean the same: the first already refuses what is
  // no bool or number, and finds the one number that has no negative.
  NodeIndex unary() {
    const std::string_view sign = is_symbol("!") ? "!" : is_symbol("-") ? "-" : "";
    if (sign.empty()) return member();
    const std::uint32_t at = peek().at;
    std::uint32_t count = 0;
    bool literal = false;
    while (is_symbol(sign) && !literal) {
      take();
      const bool number = peek().kind == TokenKind::integer || peek().kind == TokenKind::real;
      literal = sign == "-" && number;
      if (!literal) ++count;
    }
    negative_literal_ = literal;
    NodeIndex node = member();
    const NodeKind kind = sign == "!" ? NodeKind::not_ : NodeKind::negate;
    for (std::uint32_t i = count == 0 ? 0 : 2 - count % 2; i > 0; --i)
      node = make(kind, at, {node});
    return node;
  }

  NodeIndex member() {
    NodeIndex node = primary();
    while (!failed_) {
      const std::uint32_t at = peek().at;
      if (accept(".")) {
        node = select_or_call(node);
      } else if (accept("[")) {
        const NodeIndex key = expression();
        expect("]", "a closing ]");
        node = make(NodeKind::index, at, {node, key});
      } else {
        break;
      }
    }
    return node;
  }

  NodeIndex select_or_call(NodeIndex operand) {
    const Token name = take();
    const bool quoted = name.kind == TokenKind::quoted_name;
    if (!quoted && name.kind == TokenKind::name && contains(keywords, name.text)) {
      return fail(name, fmt::format("`{}` is a word of CEL, and no name of a field", name.text),
                  fmt::format("write `[\"{}\"]` in place of dot and name", name.text));
    }
    if (!quoted && name.kind != TokenKind::name) {
      return unexpected_token(name, "the name of a field or function after the dot");
    }
    if (!quoted && accept("(")) {
      std::vector<NodeIndex> arguments = elements(")");
      if (is_macro(name.text, arguments.size())) return macro(operand, name, arguments);
      arguments.insert(arguments.begin(), operand);
      const NodeIndex node = make(NodeKind::call, name.at, std::move(arguments));
      at(node).text = name.text;
      at(node).receiver = true;
      return node;
    }
    const NodeIndex node = make(NodeKind::select, name.at, {operand});
    at(node).text = name.text;
    return node;
  }

  static bool is_macro(std::string_view name, std::size_t arguments) {
    if (arguments == 3) return name == "map";
    return arguments == 2 && (name == "all" || name == "exists" || name == "exists_one" ||
                              name == "existsOne" || name == "map" || name == "filter");
  }

  NodeIndex macro(NodeIndex range, const Token& name, const std::vector<NodeIndex>& arguments) {
    const Node variable = at(arguments[0]);
    if (variable.kind != NodeKind::name) {
      return fail(variable.at,
                  fmt::format("the first argument of {}() must be a plain name", name.text),
                  fmt::format("for example `items.{}(x, x > 0)`", name.text));
    }
    std::vector<NodeIndex> children{range};
    children.insert(children.end(), arguments.begin() + 1, arguments.end());
    const NodeIndex node = make(NodeKind::macro, name.at, std::move(children));
    at(node).text = variable.text;
    if (name.text == "all") at(node).macro = Macro::all;
    if (name.text == "exists") at(node).macro = Macro::exists;
    if (name.text.starts_with("exists") && name.text.size() > 6) at(node).macro = Macro::exists_one;
    if (name.text == "map") at(node).macro = Macro::map;
    if (name.text == "filter") at(node).macro = Macro::filter;
    return node;
  }

  NodeIndex primary() {
    const bool negative = std::exchange(negative_literal_, false);
    const Token token = take();
    switch (token.kind) {
      case TokenKind::integer: return integer(token, negative);
      case TokenKind::uinteger: return uinteger(token);
      case TokenKind::real: return real(token, negative);
      case TokenKind::text: return literal(token, Value(token.text));
      case TokenKind::bytes: return bytes(token);
      case TokenKind::name: return name(token);
      case TokenKind::symbol: return bracket(token);
      case TokenKind::quoted_name:
        return fail(token, "a name in back quotes stands only after a dot",
                    "write it without back quotes");
      case TokenKind::end: break;
    }
    return unexpected_token(token, "a value");
  }

  NodeIndex bracket(const Token& token) {
    if (token.text == "(") {
      const NodeIndex node = expression();
      expect(")", "a closing )");
      return node;
    }
    if (token.text == "[") {
      std::vector<NodeIndex> children = elements("]");
      return make(NodeKind::list, token.at, std::move(children));
    }
    if (token.text == "{") return map(token);
    if (token.text == "." && peek().kind == TokenKind::name) {
      const NodeIndex node = name(take());
      at(node).absolute = true;
      return node;
    }
    return unexpected_token(token, "a value");
  }

  NodeIndex map(const Token& opening) {
    std::vector<NodeIndex> children;
    while (!failed_ && !is_symbol("}")) {
      children.push_back(expression());
      expect(":", "a colon between key and value");
      children.push_back(expression());
      if (!accept(",")) break;
    }
    expect("}", "a comma or a closing }");
    return make(NodeKind::map, opening.at, std::move(children));
  }

  // Expressions divided by commas up to `closing`, which is taken. A list may end in a comma, what
  // a call is given may not.
  std::vector<NodeIndex> elements(std::string_view closing) {
    std::vector<NodeIndex> found;
    bool more = !is_symbol(closing);
    while (!failed_ && more) {
      found.push_back(expression());
      more = accept(",") && (closing == ")" || !is_symbol(closing));
    }
    expect(closing, fmt::format("a comma or a closing {}", closing));
    return found;
  }

  NodeIndex name(const Token& token) {
    if (token.text == "true" || token.text == "false") return literal(token, token.text == "true");
    if (token.text == "null") return literal(token, Value());
    if (token.text == "in" || contains(reserved_words, token.text)) {
      return fail(token, fmt::format("`{}` is a reserved word of CEL", token.text),
                  hint_for_reserved(token.text));
    }
    if (token.text == "not" && peek().kind != TokenKind::symbol) {
      return fail(token, "`not` is no operator of CEL", "write `!` before the condition");
    }
    if (accept("(")) {
      std::vector<NodeIndex> arguments = elements(")");
      if (token.text == "has") return has(token, arguments);
      const NodeIndex node = make(NodeKind::call, token.at, std::move(arguments));
      at(node).text = token.text;
      return node;
    }
    if (is_symbol("{")) {
      return fail(token, "message literals are not supported", "write a map: `{\"key\": value}`");
    }
    const NodeIndex node = make(NodeKind::name, token.at, {});
    at(node).text = token.text;
    return node;
  }

  NodeIndex has(const Token& token, const std::vector<NodeIndex>& arguments) {
    if (failed_) return 0;
    if (arguments.size() == 1) {
      Node& argument = at(arguments[0]);
      if (argument.kind == NodeKind::index) {
        const Node& key = at(argument.children[1]);
        if (const auto* text = key.value.get<std::string>();
            key.kind == NodeKind::literal && text) {
          argument.kind = NodeKind::select;
          argument.text = *text;
          argument.children.pop_back();
        }
      }
      if (argument.kind == NodeKind::select) {
        argument.kind = NodeKind::test;
        return arguments[0];
      }
    }
    return fail(token, "has() takes one field", "for example `has(contact.tier)`");
  }

  NodeIndex integer(const Token& token, bool negative) {
    const auto value = parsed<std::int64_t>(token, negative ? "-" : "");
    return value ? literal(token, *value) : 0;
  }

  NodeIndex uinteger(const Token& token) {
    const auto value = parsed<std::uint64_t>(token, "");
    if (!value) return 0;
    const NodeIndex node = literal(token, static_cast<std::int64_t>(*value));
    at(node).kind = NodeKind::uint_literal;
    return node;
  }

  // The number of a token; says so if it does not fit.
  template <class T>
  std::optional<T> parsed(const Token& token, std::string digits) {
    const bool hexadecimal =
        token.text.size() > 2 && (token.text[1] == 'x' || token.text[1] == 'X');
    digits += hexadecimal ? token.text.substr(2) : token.text;
    T value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
    if (error == std::errc{}) return value;
    fail(token, "the number does not fit into 64 bits", "write it as a double, with `.0`");
    return std::nullopt;
  }

  NodeIndex bytes(const Token& token) {
    const NodeIndex node = make(NodeKind::bytes_literal, token.at, {});
    at(node).text = token.text;
    return node;
  }

  NodeIndex real(const Token& token, bool negative) {
    const std::optional<double> value = parse_real((negative ? "-" : "") + token.text);
    if (!value)
      return fail(token, "the number does not fit into a double", "doubles end at about `1.8e308`");
    return literal(token, *value);
  }

  NodeIndex literal(const Token& token, Value value) {
    const NodeIndex node = make(NodeKind::literal, token.at, {});
    at(node).value = std::move(value);
    return node;
  }

  NodeIndex make(NodeKind kind, std::uint32_t at_byte, std::vector<NodeIndex> children,
                 std::vector<Operator> operators = {}) {
    if (failed_) return 0;
    if (tree_.nodes.size() >= nodes_max_) {
      return fail(at_byte, fmt::format("the expression has more than {} parts", nodes_max_),
                  shorter, ErrorCode::too_large);
    }
    Node node;
    node.kind = kind;
    node.at = at_byte;
    for (const NodeIndex child : children) {
      node.depth = std::max(node.depth, at(child).depth + 1);
    }
    if (node.depth > depth_max_) return too_deep(at_byte);
    node.children = std::move(children);
    node.operators = std::move(operators);
    tree_.nodes.push_back(std::move(node));
    return static_cast<NodeIndex>(tree_.nodes.size() - 1);
  }

  // Defined also after a failure, when no node may exist.
  Node& at(NodeIndex index) {
    if (tree_.nodes.empty()) tree_.nodes.emplace_back();
    return tree_.nodes[index];
  }

  [[nodiscard]] const Token& peek() const { return failed_ ? tokens_.back() : tokens_[next_]; }
  Token take() {
    return failed_ || next_ + 1 >= tokens_.size() ? tokens_.back() : tokens_[next_++];
  }
  [[nodiscard]] bool is_symbol(std::string_view symbol) const {
    return peek().kind == TokenKind::symbol && peek().text == symbol;
  }
  bool accept(std::string_view symbol) {
    if (!is_symbol(symbol)) return false;
    take();
    return true;
  }
  void expect(std::string_view symbol, const std::string& what) {
    if (!accept(symbol)) unexpected(what);
  }

  NodeIndex too_deep(std::uint32_t at_byte) {
    return fail(at_byte, fmt::format("the expression is nested deeper than {}", depth_max_),
                shorter, ErrorCode::too_large);
  }

  NodeIndex unexpected(const std::string& what) { return unexpected_token(peek(), what); }

  NodeIndex unexpected_token(const Token& token, const std::string& what) {
    const std::string found =
        token.kind == TokenKind::end
            ? "the end"
            : fmt::format("`{}`", source_.substr(token.at, std::min<std::size_t>(token.size, 40)));
    return fail(token, fmt::format("expected {}, found {}", what, found), hint_for(token, source_));
  }

  NodeIndex fail(const Token& token, std::string message, std::string hint = {},
                 ErrorCode code = ErrorCode::condition_syntax) {
    return fail(token.at, std::move(message), std::move(hint), code);
  }

  // Only the first failure counts. Afterwards every token is the end, so that all loops leave.
  NodeIndex fail(std::uint32_t at_byte, std::string message, std::string hint = {},
                 ErrorCode code = ErrorCode::condition_syntax) {
    if (!failed_) {
      issues_.push_back(issue_at(source_, at_byte, code, std::move(message), std::move(hint)));
    }
    failed_ = true;
    return 0;
  }

  std::string_view source_;
  std::vector<Issue>& issues_;
  std::uint32_t depth_max_;
  std::uint32_t nodes_max_;
  std::vector<Token> tokens_;
  Tree tree_;
  std::size_t next_ = 0;
  std::uint32_t depth_ = 0;
  bool negative_literal_ = false;  // the sign before the next literal belongs to it
  bool failed_ = false;
};

}  // namespace

std::optional<Tree> parse(std::string_view source, const Limits& limits,
                          std::vector<Issue>& issues) {
  if (source.size() > limits.condition_bytes) {
    issues.push_back(issue_at(source, limits.condition_bytes, ErrorCode::too_large,
                              fmt::format("the expression has {} bytes, at most {} are allowed",
                                          source.size(), limits.condition_bytes),
                              shorter));
    return std::nullopt;
  }
  return Parser(source, limits, issues).run();
}

}  // namespace itinera::expr
