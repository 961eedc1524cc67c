// SPDX-License-Identifier: Apache-2.0
#include "expr/program.hpp"

#include <algorithm>
#include <utility>

#include "expr/civil_text.hpp"
#include "expr/code.hpp"
#include "expr/contradiction.hpp"
#include "expr/emitter.hpp"
#include "expr/lexer.hpp"
#include "expr/operations.hpp"
#include "expr/parser.hpp"
#include "expr/time_use.hpp"

namespace itinera::expr {

const ZoneTable& Activation::zones() const { return utc_only(); }

void* Arena::allocate(std::size_t bytes) {
  constexpr std::size_t alignment = 16;
  constexpr std::size_t first_block_bytes = 512;
  if (bytes > bytes_max_ - used_) return nullptr;
  bytes = std::max<std::size_t>((bytes + alignment - 1) / alignment * alignment, alignment);
  if (blocks_.empty() || blocks_.back().size - used_in_last_ < bytes) {
    const std::size_t grown = blocks_.empty() ? first_block_bytes : blocks_.back().size * 2;
    Block block;
    block.size = std::max(bytes, grown);
    block.bytes = std::make_unique_for_overwrite<std::byte[]>(block.size);
    blocks_.push_back(std::move(block));
    used_in_last_ = 0;
  }
  void* memory = blocks_.back().bytes.get() + used_in_last_;
  used_in_last_ += bytes;
  used_ = std::min<std::size_t>(used_ + bytes, bytes_max_);
  return memory;
}

void Arena::release() {
  if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
  used_in_last_ = 0;
  used_ = 0;
}

Program::Program(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Program::Compiled Program::compile(std::string_view source, const Declarations& declarations,
                                   const Limits& limits) {
  Compiled compiled;
  std::optional<Tree> tree = parse(source, limits, compiled.issues);
  if (!tree) return compiled;
  Unit unit = check(*tree, source, declarations, limits, compiled.issues);
  const bool sound =
      std::none_of(compiled.issues.begin(), compiled.issues.end(),
                   [](const Issue& issue) { return issue.severity == Severity::error; });
  if (!sound) return compiled;
  warn_of_contradictions(*tree, source, unit, compiled.issues);
  const TimeUse time = time_use(*tree, tree->root, unit);
  if (time.culprit) {
    compiled.unsolvable =
        issue_at(source, tree->nodes[*time.culprit].at, ErrorCode::time_not_solvable,
                 "the moment at which time changes this cannot be computed",
                 "compare `now` or since_last() by themselves, such as `now - contact.since >= "
                 "days(3)`, or count() within a window");
  }
  compiled.program = Emitter::emit(*tree, tree->root, std::move(unit), time, limits);
  return compiled;
}

const Type& Program::result_type() const { return code_->result_type; }
const std::vector<Slot>& Program::slots() const { return code_->slots; }
const std::vector<HistoryCall>& Program::history_calls() const { return code_->history_calls; }
bool Program::reads_time() const { return code_->reads_time; }

// The value if it needs no data and is no error, else nullptr.
const Cell* Program::constant_cell() const {
  const Instruction& first = code_->instructions[0];
  if (first.op != Op::constant || code_->instructions[1].op != Op::halt) return nullptr;
  const Cell& value = code_->constants[first.a];
  return value.is_error() ? nullptr : &value;
}

std::optional<Value> Program::constant() const {
  constexpr ValueBounds bounds{65'536, 1u << 20};
  const Cell* const value = constant_cell();
  if (value == nullptr || !is_within(*value, bounds)) return std::nullopt;
  return to_value(*value);
}

std::optional<bool> Program::constant_truth() const {
  const Cell* const value = constant_cell();
  if (value == nullptr || value->kind != Cell::Kind::boolean) return std::nullopt;
  return value->boolean;
}

Cell Program::evaluate(Activation& activation, Arena& arena) const {
  if (code_->form != Form::general) {  // what the instructions come to, without the machine
    const Cell value = activation.slot(*this, code_->instructions[0].a, arena);
    if (code_->form == Form::slot || value.is_error()) return value;
    const Cell& text = code_->constants[code_->instructions[1].a];
    return Cell::of(value.kind == Cell::Kind::text &&
                    base::same_text(value.as_text(), text.as_text()));
  }
  Machine machine{this, &activation, arena, code_->steps_max};
  return run(*code_, 0, machine);
}

Cell Program::evaluate(Activation& activation, Arena& arena, std::uint32_t& steps) const {
  if (steps == 0) return Cell::of(EvalError::budget);
  if (code_->form != Form::general) {
    --steps;
    return evaluate(activation, arena);
  }
  const std::uint32_t given = std::min(steps, code_->steps_max);
  Machine machine{this, &activation, arena, given};
  const Cell value = run(*code_, 0, machine);
  // What was set off meanwhile has taken its own from `steps`.
  steps -= std::min(steps, given - machine.steps_left);
  return value;
}

namespace {

// Between two timestamps or two durations, rounded down; else 0.
std::int64_t apart_ms(const Cell& left, const Cell& right) {
  if (left.kind != right.kind) return 0;
  if (left.kind != Cell::Kind::timestamp && left.kind != Cell::Kind::duration) return 0;
  constexpr std::int64_t second_ns = 1'000'000'000;
  std::int64_t seconds = left.integer - right.integer;
  std::int64_t nanos =
      std::int64_t{static_cast<std::int32_t>(left.size)} - static_cast<std::int32_t>(right.size);
  if (seconds < 0 || (seconds == 0 && nanos < 0)) {
    seconds = -seconds;
    nanos = -nanos;
  }
  if (nanos < 0) {
    --seconds;
    nanos += second_ns;
  }
  return seconds * 1000 + nanos / 1'000'000;
}

}  // namespace

std::size_t Program::timed_comparisons() const { return code_->comparisons.size(); }

Program::Stand Program::standing(std::size_t index, Activation& activation, Arena& arena) const {
  const TimedComparison& comparison = code_->comparisons[index];
  Machine machine{this, &activation, arena, code_->steps_max};
  const Cell left = run(*code_, comparison.left, machine);
  const Cell right = run(*code_, comparison.right, machine);
  if (left.is_error() || right.is_error()) return {};
  const auto is = [&](Operator asked) {
    const Cell cell = compared(asked, left, right, machine);
    return cell.kind == Cell::Kind::boolean && cell.boolean;
  };
  // Where `equal` goes with one of the others, there is one moment instead of two.
  const Operator op = comparison.op;
  const bool with_less = op == Operator::less_equal || op == Operator::greater;
  const bool with_greater = op == Operator::less || op == Operator::greater_equal;
  const std::int64_t apart = apart_ms(left, right);
  if (is(Operator::less)) return {Standing::less, apart};
  if (is(Operator::greater)) return {Standing::greater, apart};
  if (!is(Operator::less_equal)) return {};
  return {with_less ? Standing::less : with_greater ? Standing::greater : Standing::equal, apart};
}

Truth truth_of(const Cell& cell) {
  if (cell.kind != Cell::Kind::boolean) return Truth::unknown;
  return cell.boolean ? Truth::yes : Truth::no;
}

}  // namespace itinera::expr
