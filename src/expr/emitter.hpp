// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "expr/ast.hpp"
#include "expr/checker.hpp"
#include "expr/code.hpp"
#include "expr/time_use.hpp"

namespace itinera::expr {

// Turns a checked tree into a Program. What can be computed without data is computed here, once.
class Emitter {
 public:
  static Program emit(const Tree& tree, NodeIndex root, Unit unit, const TimeUse& time,
                      const Limits& limits);

 private:
  Emitter(const Tree& tree, const Limits& limits);
  void node(NodeIndex index);
  std::uint32_t apart(NodeIndex index);
  void plain(const Node& node);
  void chain(const Node& node);
  void conditional(const Node& node);
  void arithmetic(const Node& node);
  void relation(const Node& node);
  void call(const Node& node);
  void macro(const Node& node);
  bool fold(NodeIndex index);
  void children(const Node& node);
  void constant(const Cell& cell);
  std::uint32_t intern(const Cell& cell);
  Cell text(std::string_view text);

  // Appends an instruction after which the stack is `growth` cells higher; returns its index.
  std::uint32_t put(Op op, std::int32_t growth, std::uint32_t a = 0, std::uint32_t b = 0);
  [[nodiscard]] std::uint32_t here() const;
  Instruction& at(std::uint32_t index);

  const Tree& tree_;
  std::unique_ptr<Code> code_;
  std::uint32_t height_ = 0;
  // Of the macros around, by their numbers: code that runs by itself may begin within some.
  std::vector<std::uint32_t> macro_heights_;
  std::uint32_t fold_steps_;  // left for computing constants
};

}  // namespace itinera::expr
