// SPDX-License-Identifier: Apache-2.0
#include "expr/history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.hpp"
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
    case HistoryCall::Function::engaged: return "for example `engaged(\"email\", \"30d\")`";
    case HistoryCall::Function::since_changed:
      return "for example `since_changed(\"tier\") < days(30)`";
    case HistoryCall::Function::ever: break;
  }
  return "for example `ever(\"purchased\")`";
}

std::string_view noun_of(HistoryCall::Function function) {
  return function == HistoryCall::Function::engaged         ? "a channel"
         : function == HistoryCall::Function::since_changed ? "an attribute"
                                                            : "an event";
}

// What engaged() or since_changed() may name; empty: anything.
std::vector<std::string> names_for(HistoryCall::Function function, const Declarations& declared) {
  if (function == HistoryCall::Function::engaged) return declared.channel_names;
  if (function != HistoryCall::Function::since_changed) return {};
  const auto contact = std::find_if(declared.variables.begin(), declared.variables.end(),
                                    [](const Variable& each) { return each.name == "contact"; });
  return contact == declared.variables.end() ? std::vector<std::string>{} : contact->fields;
}

std::optional<HistoryProblem> check_name(const HistoryCall& call, NodeIndex at,
                                         const Declarations& declared) {
  const std::vector<std::string> known = names_for(call.function, declared);
  if (known.empty() || std::find(known.begin(), known.end(), call.event) != known.end()) return {};
  std::string hint = base::did_you_mean(call.event, known);
  if (hint.empty() && known.size() <= 10) {
    hint = fmt::format("there is: {}", fmt::join(known, ", "));
  }
  const std::string_view noun = noun_of(call.function);
  return HistoryProblem{
      at, fmt::format("there is no {} {}", noun.substr(noun.find(' ') + 1), call.event),
      std::move(hint), ErrorCode::condition_unknown};
}

// Takes the first of the arguments that are left, if it is a literal text that is not empty.
bool take_text(const Tree& tree, std::span<const NodeIndex>& rest, std::string& to) {
  const std::string* const text = rest.empty() ? nullptr : literal_text(tree, rest[0]);
  if (text == nullptr || text->empty()) return false;
  to = *text;
  rest = rest.subspan(1);
  return true;
}

// Takes the window of a call that may have one, if it is the first of what is left. What is wrong
// with that one; empty: nothing.
std::string take_window(const Tree& tree, const Node& node, std::span<const NodeIndex>& rest,
                        HistoryCall& call) {
  const std::string* const window = rest.empty() ? nullptr : literal_text(tree, rest[0]);
  if (window == nullptr) {
    if (rest.size() < 2) return {};
    return fmt::format("the window of {}() must be a literal text", node.text);
  }
  call.window_ms = window_ms_of(*window);
  if (!call.window_ms) return fmt::format("`{}` is no duration such as 90d, 12h or P30D", *window);
  call.window_ms = std::min(*call.window_ms, longest_window_ms + 1);
  rest = rest.subspan(1);
  return {};
}

}  // namespace

std::variant<HistoryArguments, HistoryProblem> read_history_call(const Tree& tree, NodeIndex index,
                                                                 const Declarations& declarations) {
  using Kind = HistoryCall::Function;
  const Node& node = tree.nodes[index];
  const auto names = history_functions();
  HistoryArguments result;
  result.call.function =
      static_cast<Kind>(std::find(names.begin(), names.end(), node.text) - names.begin());
  const Kind function = result.call.function;
  const bool of_events = function != Kind::engaged && function != Kind::since_changed;
  const bool sums = function == Kind::sum;
  const bool has_window = sums || function == Kind::count || function == Kind::engaged;
  const auto problem = [&](NodeIndex at, std::string message) {
    return HistoryProblem{at, std::move(message), std::string(example_of(function)),
                          ErrorCode::condition_type};
  };

  std::span<const NodeIndex> rest = node.children;
  if (!take_text(tree, rest, result.call.event)) {
    return problem(
        rest.empty() ? index : rest[0],
        fmt::format("{}() needs the name of {}, a literal text", node.text, noun_of(function)));
  }
  if (auto unknown = check_name(result.call, node.children[0], declarations)) return *unknown;
  if (sums && !take_text(tree, rest, result.call.property)) {
    return problem(rest.empty() ? index : rest[0],
                   "sum() needs the name of a property, a literal text");
  }
  if (has_window) {
    if (std::string wrong = take_window(tree, node, rest, result.call); !wrong.empty()) {
      return problem(rest[0], std::move(wrong));
    }
    if (function == Kind::engaged && !result.call.window_ms) {
      return problem(index, "engaged() needs a window, a literal text");
    }
  }
  if (of_events && !rest.empty()) {
    if (!has_window && literal_text(tree, rest[0]) != nullptr) {
      return problem(rest[0], fmt::format("{}() has no window", node.text));
    }
    result.filter = rest[0];
    rest = rest.subspan(1);
  }
  if (!rest.empty()) {
    return problem(rest[0], fmt::format("{}() has too many arguments", node.text));
  }
  return result;
}

std::optional<std::variant<NamedDatum, NamedProblem>> read_named_call(
    const Tree& tree, const Node& node, const Declarations& declarations) {
  struct Named {
    bool declared;
    const std::vector<std::string>& known;
    std::string_view name;
    std::string_view slot;
    std::string_view noun;
    std::string_view example;
    Type::Kind result = Type::Kind::boolean;
    std::size_t arguments_max = 1;
  };
  const Declarations& d = declarations;
  const Named all[] = {
      {d.segments, d.segment_names, "in_segment", segment_slot, "segment",
       "`in_segment(\"lapsed\")`"},
      {d.channels, d.channel_names, "reachable", address_slot, "channel", "`reachable(\"sms\")`"},
      {d.channels, d.channel_names, "consented", consent_slot, "channel",
       "`consented(\"email\", \"news\")`", Type::Kind::boolean, 2},
      {d.outcomes, d.step_names, "outcome", outcome_slot, "step",
       "`outcome(\"reminder\") == \"opened\"`", Type::Kind::text},
  };
  const auto function = std::find_if(std::begin(all), std::end(all), [&](const Named& each) {
    return each.declared && !node.receiver && each.name == node.text;
  });
  if (function == std::end(all)) return std::nullopt;
  const std::size_t count = node.children.size();
  bool literal = count >= 1 && count <= function->arguments_max;
  std::string field;
  for (std::size_t i = 0; literal && i < count; ++i) {
    const std::string* const text = literal_text(tree, node.children[i]);
    literal = text != nullptr && text->find(topic_mark) == std::string::npos;
    if (literal) field += (i > 0 ? std::string(1, topic_mark) : std::string()) + *text;
  }
  if (!literal) {
    return NamedProblem{
        ErrorCode::condition_type,
        fmt::format("{}() needs the name of a {}, a literal text", function->name, function->noun),
        fmt::format("for example {}", function->example)};
  }
  const std::string& name = *literal_text(tree, node.children[0]);
  const std::vector<std::string>& known = function->known;
  if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) {
    return NamedDatum{{std::string(function->slot), std::move(field)}, {function->result, {}}};
  }
  std::string hint = base::did_you_mean(name, known);
  if (hint.empty() && known.size() <= 10)
    hint = fmt::format("there is: {}", fmt::join(known, ", "));
  return NamedProblem{ErrorCode::condition_unknown,
                      fmt::format("there is no {} {}", function->noun, name), std::move(hint)};
}

Type result_type_of(HistoryCall::Function function) {
  switch (function) {
    case HistoryCall::Function::count: return {Type::Kind::integer, {}};
    case HistoryCall::Function::sum: return {Type::Kind::real, {}};
    case HistoryCall::Function::last: return {Type::Kind::timestamp, {}};
    case HistoryCall::Function::since_last:
    case HistoryCall::Function::since_changed: return {Type::Kind::duration, {}};
    case HistoryCall::Function::engaged:
    case HistoryCall::Function::ever: break;
  }
  return {Type::Kind::boolean, {}};
}

bool reads_time(const HistoryCall& call) {
  return call.window_ms.has_value() || call.function == HistoryCall::Function::since_last ||
         call.function == HistoryCall::Function::since_changed;
}

}  // namespace itinera::expr
