// SPDX-License-Identifier: Apache-2.0
#include "expr/emitter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "expr/conversions.hpp"

namespace itinera::expr {

Emitter::Emitter(const Tree& tree, const Limits& limits)
    : tree_(tree), code_(std::make_unique<Code>()), fold_steps_(limits.condition_steps) {
  code_->built = Arena(limits.condition_memory);
  code_->steps_max = limits.condition_steps;
}

namespace {

Form form_of(const Code& code) {
  const std::vector<Instruction>& all = code.instructions;
  if (code.steps_max < all.size() || all[0].op != Op::slot) return Form::general;
  if (all[1].op == Op::halt) return Form::slot;
  const bool compares = all[1].op == Op::constant && all[2].op == Op::equal &&
                        code.constants[all[1].a].kind == Cell::Kind::text;
  return compares && all[3].op == Op::halt ? Form::slot_equals_text : Form::general;
}

}  // namespace

Program Emitter::emit(const Tree& tree, NodeIndex root, Unit unit, const TimeUse& time,
                      const Limits& limits) {
  Emitter emitter(tree, limits);
  Code& code = *emitter.code_;
  code.slots = std::move(unit.slots);
  code.reads_time = unit.reads_time;
  for (Unit::Call& call : unit.calls) {
    if (call.filter != nullptr) {
      call.call.filter = std::make_shared<const Program>(
          emit(tree, call.filter_root, std::move(*call.filter), {}, limits));
    }
    code.history_calls.push_back(std::move(call.call));
  }
  emitter.apart(root);
  for (const NodeIndex index : time.comparisons) {
    const Node& comparison = tree.nodes[index];
    code.comparisons.push_back({comparison.operators[0], emitter.apart(comparison.children[0]),
                                emitter.apart(comparison.children[1])});
  }
  code.result_type = tree.nodes[root].type;
  code.form = form_of(code);
  return Program(std::move(emitter.code_));
}

// Code that runs by itself, up to its `halt`; where it begins.
std::uint32_t Emitter::apart(NodeIndex index) {
  height_ = 0;
  const std::uint32_t begin = here();
  node(index);
  put(Op::halt, 0);
  return begin;
}

void Emitter::node(NodeIndex index) {
  const Node& node = tree_.nodes[index];
  if (node.pure && node.lowest_local == no_local && node.kind != NodeKind::literal && fold(index)) {
    return;
  }
  plain(node);
}

// Runs a subtree that reads nothing, and keeps its value in its stead.
bool Emitter::fold(NodeIndex index) {
  if (fold_steps_ == 0) return false;
  const std::uint32_t from = here();
  const std::uint32_t height = std::exchange(height_, 0);
  const std::uint32_t steps = std::exchange(fold_steps_, 0);  // nothing within is folded by itself
  plain(tree_.nodes[index]);
  put(Op::halt, 0);
  Machine machine{nullptr, nullptr, code_->built, steps};
  const Cell value = run(*code_, from, machine);
  fold_steps_ = machine.steps_left;
  code_->instructions.resize(from);
  height_ = height;
  if (value.is_error() && value.error_code == EvalError::budget) return false;
  constant(value);
  return true;
}

void Emitter::plain(const Node& node) {
  switch (node.kind) {
    case NodeKind::literal:
      if (const auto* literal = node.value.get<std::string>()) {
        constant(text(*literal));
      } else {
        constant(view_of(node.value, code_->texts));
      }
      break;
    case NodeKind::uint_literal:
      constant(Cell::of_uinteger(static_cast<std::uint64_t>(*node.value.get<std::int64_t>())));
      break;
    case NodeKind::bytes_literal: constant(Cell::of_bytes(text(node.text).as_text())); break;
    case NodeKind::type_name: constant(*type_named(node.text)); break;
    case NodeKind::slot: put(Op::slot, 1, node.index); break;
    case NodeKind::slot_test: put(Op::slot_test, 1, node.index); break;
    case NodeKind::history: put(Op::history, 1, node.index); break;
    case NodeKind::local: put(Op::local, 1, macro_heights_[node.index] + 2); break;
    case NodeKind::select:
    case NodeKind::test:
      children(node);
      put(node.kind == NodeKind::test ? Op::test : Op::select, 0, intern(text(node.text)));
      break;
    case NodeKind::index:
      children(node);
      put(Op::index, -1);
      break;
    case NodeKind::list:
    case NodeKind::map: {
      children(node);
      const auto count = static_cast<std::uint32_t>(node.children.size());
      const bool list = node.kind == NodeKind::list;
      put(list ? Op::list : Op::map, 1 - static_cast<std::int32_t>(count),
          list ? count : count / 2);
      break;
    }
    case NodeKind::not_:
    case NodeKind::negate:
      children(node);
      put(node.kind == NodeKind::not_ ? Op::not_ : Op::negate, 0);
      break;
    case NodeKind::all_of:
    case NodeKind::any_of: chain(node); break;
    case NodeKind::conditional: conditional(node); break;
    case NodeKind::arithmetic: arithmetic(node); break;
    case NodeKind::relation: relation(node); break;
    case NodeKind::call: call(node); break;
    case NodeKind::macro: macro(node); break;
    case NodeKind::name:
    case NodeKind::failure: constant(Cell::of(EvalError::no_such_overload)); break;
  }
}

void Emitter::children(const Node& node) {
  for (const NodeIndex child : node.children) this->node(child);
}

void Emitter::chain(const Node& node) {
  const bool all = node.kind == NodeKind::all_of;
  std::vector<std::uint32_t> exits;
  this->node(node.children[0]);
  exits.push_back(put(all ? Op::and_first : Op::or_first, 0));
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    this->node(node.children[i]);
    exits.push_back(put(all ? Op::and_next : Op::or_next, -1));
  }
  for (const std::uint32_t exit : exits) at(exit).a = here();
}

void Emitter::conditional(const Node& node) {
  this->node(node.children[0]);
  const std::uint32_t branch = put(Op::branch, -1);
  this->node(node.children[1]);
  const std::uint32_t jump = put(Op::jump, -1);
  at(branch).a = here();
  this->node(node.children[2]);
  at(branch).b = here();
  at(jump).a = here();
}

void Emitter::arithmetic(const Node& node) {
  this->node(node.children[0]);
  for (std::size_t i = 0; i < node.operators.size(); ++i) {
    this->node(node.children[i + 1]);
    put(Op::arithmetic, -1, static_cast<std::uint32_t>(node.operators[i]));
  }
}

void Emitter::relation(const Node& node) {
  children(node);
  switch (node.operators[0]) {
    case Operator::equal: put(Op::equal, -1); break;
    case Operator::not_equal: put(Op::not_equal, -1); break;
    case Operator::less: put(Op::less, -1); break;
    case Operator::less_equal: put(Op::less_equal, -1); break;
    case Operator::greater: put(Op::greater, -1); break;
    case Operator::greater_equal: put(Op::greater_equal, -1); break;
    default: put(Op::in, -1);
  }
}

void Emitter::call(const Node& node) {
  if (node.function == Function::matches) {
    if (const auto& pattern = tree_.nodes[node.children[1]].pattern) {
      this->node(node.children[0]);
      put(Op::matches, 0, static_cast<std::uint32_t>(code_->patterns.size()));
      code_->patterns.push_back(pattern);
      return;
    }
  }
  children(node);
  const auto count = static_cast<std::uint32_t>(node.children.size());
  put(Op::call, 1 - static_cast<std::int32_t>(count), static_cast<std::uint32_t>(node.function),
      count);
}

void Emitter::macro(const Node& node) {
  this->node(node.children[0]);
  const std::uint32_t height = height_ - 1;
  const auto macro = static_cast<std::uint32_t>(node.macro);
  if (macro_heights_.size() <= node.index) macro_heights_.resize(std::size_t{node.index} + 1);
  macro_heights_[node.index] = height;
  put(Op::begin, 3, macro);
  const std::uint32_t next = put(Op::next, 0, 0, height);
  std::vector<std::uint32_t> skips;
  if (node.macro == Macro::map && node.children.size() == 3) {
    this->node(node.children[1]);
    put(Op::skip, -1, next, height);
  }
  this->node(node.children.back());
  if (node.macro == Macro::filter) {
    put(Op::skip, -1, next, height);
    put(Op::local, 1, height + 2);
  }
  const bool builds = node.macro == Macro::map || node.macro == Macro::filter;
  put(builds ? Op::append : Op::fold, -1, macro, height);
  put(Op::jump, 0, next);
  at(next).a = here();
  put(Op::fold_end, -3, 0, height);
}

void Emitter::constant(const Cell& cell) { put(Op::constant, 1, intern(cell)); }

std::uint32_t Emitter::intern(const Cell& cell) {
  const auto same = [&](const Cell& other) {
    return other.kind == cell.kind && other.size == cell.size &&
           (cell.kind == Cell::Kind::text
                ? other.as_text() == cell.as_text()
                : other.integer == cell.integer && other.error_code == cell.error_code);
  };
  auto& constants = code_->constants;
  constexpr std::ptrdiff_t searched = 64;  // keeps compiling linear
  const auto from = constants.end() - std::min<std::ptrdiff_t>(searched, std::ssize(constants));
  const auto found = std::find_if(from, constants.end(), same);
  const auto index = static_cast<std::uint32_t>(found - constants.begin());
  if (found == constants.end()) constants.push_back(cell);
  return index;
}

Cell Emitter::text(std::string_view text) {
  Machine machine{nullptr, nullptr, code_->texts, 1};
  return copy_text(text, machine);
}

std::uint32_t Emitter::put(Op op, std::int32_t growth, std::uint32_t a, std::uint32_t b) {
  height_ = static_cast<std::uint32_t>(static_cast<std::int32_t>(height_) + growth);
  code_->height_max = std::max(code_->height_max, height_);
  code_->instructions.push_back({op, a, b});
  return here() - 1;
}

std::uint32_t Emitter::here() const {
  return static_cast<std::uint32_t>(code_->instructions.size());
}

Instruction& Emitter::at(std::uint32_t index) { return code_->instructions[index]; }

}  // namespace itinera::expr
