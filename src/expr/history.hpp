// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "expr/ast.hpp"
#include "expr/program.hpp"

namespace itinera::expr {

// The arguments of count(), sum(), last(), since_last(), ever(), engaged() or since_changed().
struct HistoryArguments {
  HistoryCall call;  // `filter` still empty
  std::optional<NodeIndex> filter;
};

// What is wrong with them, and at which node.
struct HistoryProblem {
  NodeIndex at = 0;
  std::string message;
  std::string hint;
  ErrorCode code = ErrorCode::condition_type;
};

// Reads the call `index`, a node of the name of a history function.
std::variant<HistoryArguments, HistoryProblem> read_history_call(const Tree& tree, NodeIndex index,
                                                                 const Declarations& declarations);

// in_segment("lapsed"), consented("email", "news"), reachable("sms") and outcome("reminder"): data
// of the Activation, by literal names.
struct NamedDatum {
  Slot slot;
  Type type;
};
struct NamedProblem {
  ErrorCode code = ErrorCode::condition_type;
  std::string message;
  std::string hint;
};

// Reads the call `node`; nothing where it is of another function, or of one that is not declared.
std::optional<std::variant<NamedDatum, NamedProblem>> read_named_call(
    const Tree& tree, const Node& node, const Declarations& declarations);

Type result_type_of(HistoryCall::Function function);

// Whether the answer changes by time alone.
bool reads_time(const HistoryCall& call);

}  // namespace itinera::expr
