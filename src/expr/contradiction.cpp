// SPDX-License-Identifier: Apache-2.0
#include "expr/contradiction.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "expr/lexer.hpp"

namespace itinera::expr {
namespace {

// `slot op value`.
struct Bound {
  std::uint32_t slot = 0;
  Operator op = Operator::equal;
  Value value;
};

// Beyond it a double cannot tell neighbours apart.
constexpr double exact_max = 0x1p53;

std::optional<double> number(const Value& value) {
  std::optional<double> result;
  if (const auto* integer = value.get<std::int64_t>()) result = static_cast<double>(*integer);
  if (const auto* real = value.get<double>()) result = *real;
  if (result && !(std::abs(*result) < exact_max)) result.reset();
  return result;
}

// Whether a datum equal to `value` meets the bound; what cannot be compared is taken to.
bool meets(const Value& value, const Bound& bound) {
  const auto left = number(value);
  const auto right = number(bound.value);
  const bool comparable = left ? right.has_value() : value.kind() == bound.value.kind();
  if (!comparable) return true;
  const bool same = left ? *left == *right : value == bound.value;
  switch (bound.op) {
    case Operator::equal: return same;
    case Operator::not_equal: return !same;
    default: break;
  }
  if (!left) return true;
  switch (bound.op) {
    case Operator::less: return *left < *right;
    case Operator::less_equal: return *left <= *right;
    case Operator::greater: return *left > *right;
    case Operator::greater_equal: return *left >= *right;
    default: return true;
  }
}

bool is_upper(Operator op) { return op == Operator::less || op == Operator::less_equal; }
bool is_lower(Operator op) { return op == Operator::greater || op == Operator::greater_equal; }

// Whether nothing meets both.
bool exclude(const Bound& a, const Bound& b) {
  if (a.slot != b.slot) return false;
  if (a.op == Operator::equal) return !meets(a.value, b);
  if (b.op == Operator::equal) return !meets(b.value, a);
  const bool between = (is_upper(a.op) && is_lower(b.op)) || (is_lower(a.op) && is_upper(b.op));
  const auto left = number(a.value);
  const auto right = number(b.value);
  if (!between || !left || !right) return false;
  if (*left == *right)
    return a.op == Operator::less || a.op == Operator::greater || b.op == Operator::less ||
           b.op == Operator::greater;
  return is_upper(a.op) ? *left < *right : *right < *left;
}

Operator mirrored(Operator op) {
  switch (op) {
    case Operator::less: return Operator::greater;
    case Operator::less_equal: return Operator::greater_equal;
    case Operator::greater: return Operator::less;
    case Operator::greater_equal: return Operator::less_equal;
    default: return op;
  }
}

class Search {
 public:
  Search(const Tree& tree, std::string_view source, const Unit& unit, std::vector<Issue>& issues)
      : tree_(tree), source_(source), unit_(unit), issues_(issues) {}

  void run(NodeIndex index) {
    const Node& node = tree_.nodes[index];
    if (node.kind != NodeKind::all_of) {
      for (const NodeIndex child : node.children) run(child);
      return;
    }
    std::vector<Bound> bounds;
    gather(index, bounds);
    for (std::size_t b = 1; b < bounds.size(); ++b) {
      for (std::size_t a = 0; a < b; ++a) {
        if (exclude(bounds[a], bounds[b])) return warn(node, bounds[a].slot);
      }
    }
  }

 private:
  // Work grows with the square of it.
  static constexpr std::size_t bounds_max = 64;

  void gather(NodeIndex index, std::vector<Bound>& bounds) {
    for (const NodeIndex child : tree_.nodes[index].children) {
      if (tree_.nodes[child].kind == NodeKind::all_of) {
        gather(child, bounds);
        continue;
      }
      auto bound = bound_of(tree_.nodes[child]);
      if (!bound) {
        run(child);
      } else if (bounds.size() < bounds_max) {
        bounds.push_back(*std::move(bound));
      }
    }
  }

  std::optional<Bound> bound_of(const Node& node) const {
    if (node.kind == NodeKind::slot) return Bound{node.index, Operator::equal, true};
    if (node.kind == NodeKind::not_ && tree_.nodes[node.children[0]].kind == NodeKind::slot) {
      return Bound{tree_.nodes[node.children[0]].index, Operator::equal, false};
    }
    if (node.kind != NodeKind::relation || node.operators[0] == Operator::in) return std::nullopt;
    const Node& left = tree_.nodes[node.children[0]];
    const Node& right = tree_.nodes[node.children[1]];
    if (left.kind == NodeKind::slot && right.kind == NodeKind::literal) {
      return Bound{left.index, node.operators[0], right.value};
    }
    if (right.kind == NodeKind::slot && left.kind == NodeKind::literal) {
      return Bound{right.index, mirrored(node.operators[0]), left.value};
    }
    return std::nullopt;
  }

  void warn(const Node& node, std::uint32_t slot) {
    const Slot& datum = unit_.slots[slot];
    const std::string name =
        datum.field.empty() ? datum.variable : fmt::format("{}.{}", datum.variable, datum.field);
    Issue issue = issue_at(source_, node.at, ErrorCode::suspicious,
                           fmt::format("what is asked of {} never holds together", name),
                           "join what excludes each other by `||`");
    issue.severity = Severity::warning;
    issues_.push_back(std::move(issue));
  }

  const Tree& tree_;
  std::string_view source_;
  const Unit& unit_;
  std::vector<Issue>& issues_;
};

}  // namespace

void warn_of_contradictions(const Tree& tree, std::string_view source, const Unit& unit,
                            std::vector<Issue>& issues) {
  Search(tree, source, unit, issues).run(tree.root);
}

}  // namespace itinera::expr
