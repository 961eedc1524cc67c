// SPDX-License-Identifier: Apache-2.0
#include "expr/history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "expr/civil_text.hpp"

namespace itinera::expr {
namespace {

const std::string* literal_text(const Tree& tree, NodeIndex index) {
  const Node& node = tree.nodes[index];
  return node.kind == NodeKind::literal ? node.value.get<std::string>() : nullptr;
}

std::string_view example_of(HistoryCall::Function function) {
  switch (function) {
    case HistoryCall::Function::count:
      return "for example `count(\"purchased\", \"90d\", e.brand == \"Fender\")`";
    case HistoryCall::Function::sum: return "for example `sum(\"purchased\", \"total\", \"90d\")`";
    case HistoryCall::Function::last: return "for example `last(\"purchased\")`";
    case HistoryCall::Function::since_last:
      return "for example `since_last(\"purchased\") >= days(45)`";
    case HistoryCall::Function::ever: break;
  }
  return "for example `ever(\"purchased\")`";
}

}  // namespace

std::variant<HistoryArguments, HistoryProblem> read_history_call(const Tree& tree,
                                                                 NodeIndex index) {
  using Kind = HistoryCall::Function;
  const Node& node = tree.nodes[index];
  const auto names = history_functions();
  HistoryArguments result;
  result.call.function =
      static_cast<Kind>(std::find(names.begin(), names.end(), node.text) - names.begin());
  const Kind function = result.call.function;
  const bool sums = function == Kind::sum;
  const bool has_window = sums || function == Kind::count;
  const auto problem = [&](NodeIndex at, std::string message) {
    return HistoryProblem{at, std::move(message), std::string(example_of(function))};
  };

  const std::vector<NodeIndex>& arguments = node.children;
  std::size_t next = 0;
  const auto take_text = [&](std::string& to) {
    const std::string* text =
        next < arguments.size() ? literal_text(tree, arguments[next]) : nullptr;
    if (text == nullptr || text->empty()) return false;
    to = *text;
    ++next;
    return true;
  };
  if (!take_text(result.call.event)) {
    return problem(arguments.empty() ? index : arguments[0],
                   fmt::format("{}() needs the name of an event, a literal text", node.text));
  }
  if (sums && !take_text(result.call.property)) {
    return problem(arguments.size() < 2 ? index : arguments[1],
                   "sum() needs the name of a property, a literal text");
  }
  const std::string* window =
      has_window && next < arguments.size() ? literal_text(tree, arguments[next]) : nullptr;
  if (window != nullptr) {
    result.call.window_ms = window_ms_of(*window);
    if (!result.call.window_ms) {
      return problem(arguments[next],
                     fmt::format("`{}` is no duration such as 90d, 12h or P30D", *window));
    }
    ++next;
  } else if (has_window && arguments.size() - next > 1) {
    return problem(arguments[next],
                   fmt::format("the window of {}() must be a literal text", node.text));
  }
  if (next < arguments.size()) {
    if (!has_window && literal_text(tree, arguments[next]) != nullptr) {
      return problem(arguments[next], fmt::format("{}() has no window", node.text));
    }
    result.filter = arguments[next++];
  }
  if (next < arguments.size()) {
    return problem(arguments[next], fmt::format("{}() has too many arguments", node.text));
  }
  return result;
}

Type result_type_of(HistoryCall::Function function) {
  switch (function) {
    case HistoryCall::Function::count: return {Type::Kind::integer, {}};
    case HistoryCall::Function::sum: return {Type::Kind::real, {}};
    case HistoryCall::Function::last: return {Type::Kind::timestamp, {}};
    case HistoryCall::Function::since_last: return {Type::Kind::duration, {}};
    case HistoryCall::Function::ever: break;
  }
  return {Type::Kind::boolean, {}};
}

bool reads_time(const HistoryCall& call) {
  return call.window_ms.has_value() || call.function == HistoryCall::Function::since_last;
}

}  // namespace itinera::expr
