// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "expr/ast.hpp"
#include "expr/program.hpp"

namespace itinera::expr {

// What one program asks for: found by the checker, becomes part of the program.
struct Unit {
  // A history call, and the program that its filter will become.
  struct Call {
    HistoryCall call;  // `filter` still empty
    NodeIndex filter_root = 0;
    std::unique_ptr<Unit> filter;  // or nullptr
  };

  std::vector<Slot> slots;
  std::vector<Call> calls;
  bool reads_time = false;
};

// Resolves names in `tree`, notes the types of its nodes, and reports everything that is wrong.
Unit check(Tree& tree, std::string_view source, const Declarations& declarations,
           const Limits& limits, std::vector<Issue>& issues);

}  // namespace itinera::expr
